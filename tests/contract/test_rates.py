"""How much is taken of one person and answered in one group, wherever they write, and how much waits for one chat."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.assistant import Assistant
from bot.channels.channel import Rate
from bot.channels.limits import Rates
from bot.knowledge.knowledge import Knowledge
from bot.model import Address, Allowed, InBusiness, InGroup, Message, Terms, Way
from bot.service.dispatcher import MOST_QUEUED
from bot.service.lanes import MOST
from bot.service.sender import MOST_WAITING, Sender
from bot.store import Handled, Outgoing, Store, open_store
from tests.botapi import BotApi
from tests.conftest import TODAY
from tests.contract.frameworks import PATIENCE, WAYS
from tests.contract.test_handoff import Office
from tests.contract.test_service import Platform, arrive, running

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

Json = dict[str, Any]
NOBODY = Address("platform", "", "")


# --- what counts

PRIVATE = Message(Address("telegram", "7", "7"), "deposit")


def in_group(chat: str = "-1", way: Way = "called", user: str = "7", **more: Any) -> Message:
    return Message(Address("telegram", chat, user), "deposit", group=InGroup(way, 0.0, **more))


def in_business(writer: str) -> Message:
    return Message(Address("telegram", "7@c1", "7"), "deposit", business=InBusiness("c1", writer=writer))


def handled(rates: Rates, message: Message) -> bool:
    """Whether a message is answered, as a dispatcher decides it."""
    return not rates.wait(message) and not rates.exceeds_group_limit(message) and not rates.suppresses(message)


def test_a_person_has_one_share_for_all_chats_and_others_have_theirs() -> None:
    rates = Rates(Allowed(6), lambda: 0.0)
    said = (PRIVATE, in_group(), in_group("-2"), in_business("7"), in_group("-2", "overheard"), PRIVATE)
    assert all(handled(rates, one) for one in said)
    assert not any(handled(rates, one) for one in said)
    assert handled(rates, in_group(user="8"))


def test_what_nobody_says_and_what_the_owner_of_an_account_says_does_not_count() -> None:
    rates = Rates(Allowed(1, group_per_minute=1), lambda: 0.0)
    gone = Message(Address("telegram", "7", "7"), kind="gone")
    ways: tuple[Way, ...] = ("joined", "left", "moved")
    for one in (gone, in_business("9"), *(in_group(way=way) for way in ways)):
        assert all(handled(rates, one) for _ in range(3))
    assert [handled(rates, PRIVATE) for _ in range(2)] == [True, False]
    assert handled(rates, in_business("9"))


def test_a_groups_administrators_set_it_however_much_is_said() -> None:
    rates = Rates(Allowed(group_per_minute=2), lambda: 0.0)
    assert [handled(rates, in_group(user=user)) for user in "789"] == [True, True, False]
    assert handled(rates, in_group("-2"))
    assert handled(rates, in_group(way="command", administrator=True))


def test_a_share_comes_back_with_time() -> None:
    now = 0.0
    rates = Rates(Allowed(2, group_per_minute=60), lambda: now)
    assert [handled(rates, in_group()) for _ in range(3)] == [True, True, False]
    now = 31.0
    assert [handled(rates, PRIVATE) for _ in range(2)] == [True, False]


# --- on Telegram

ME = "@merchant_test_bot"


@asynccontextmanager
async def on_telegram(way: str, allowed: Allowed, knowledge: Knowledge, file: Path) -> AsyncIterator[BotApi]:
    store = await open_store(f"sqlite:///{file}")
    async with (
        BotApi(privacy=False) as api,
        WAYS[way](api, Assistant(knowledge, store, lambda: TODAY, terms=Terms(allowed=allowed))),
    ):
        yield api
        assert [call for call in api.calls if call.error and call.method != "getUpdates"] == []
    await store.close()


async def answered_all(api: BotApi, last: Json) -> None:
    """Somebody else, who writes last, is answered: what came before in other chats is handled too."""
    api.message(last, "/help")
    await api.until(lambda: api.sent(last), PATIENCE)
    await api.until(lambda: not api.pending, PATIENCE)


@pytest.mark.parametrize("way", WAYS)
async def test_one_person_gets_one_share_in_groups_in_private_and_of_a_business_account(
    way: str, knowledge: Knowledge, tmp_path: Path
) -> None:
    async with on_telegram(way, Allowed(8), knowledge, tmp_path / "a.db") as api:
        ann, wei, owner, other = api.user("Ann"), api.user("Wei"), api.user("Owner"), api.user("Other")
        groups = [api.group(members=[ann, wei]) for _ in range(2)]
        account = api.business(owner)
        await answered_all(api, other)
        for _ in range(6):
            for group in groups:
                api.message(ann, f"{ME} deposit", chat=group)
            api.business_message(account, ann, "deposit")
        for group in groups:
            api.message(wei, f"{ME} deposit", chat=group)
        rooms = [api.room(group) for group in groups]

        def answers(to: Json) -> int:
            made = [room.messages[one] for room in rooms for one in room.sent]
            return sum(one["reply_to_message"]["from"]["id"] == to["id"] for one in made)

        await api.until(lambda: answers(wei) == 2, PATIENCE)
        api.message(ann, "deposit")
        await api.until(lambda: api.sent(ann), PATIENCE)
        business = api.business_room(account["id"], ann["id"])
        assert answers(ann) + len(business.sent) == 8
        assert "That was a lot at once" in api.sent(ann)[0]["text"]
        assert not any("a lot" in str(room.messages[one]) for room in (*rooms, business) for one in room.sent)


@pytest.mark.parametrize("way", ["served by aiogram", "in a python-telegram-bot application"])
async def test_beyond_its_share_a_group_gets_silence_and_its_administrators_are_heard(
    way: str, knowledge: Knowledge, tmp_path: Path
) -> None:
    async with on_telegram(way, Allowed(group_per_minute=3), knowledge, tmp_path / "a.db") as api:
        people, boss = [api.user(f"P{number}") for number in range(6)], api.user("Boss")
        group, quiet = api.group(members=people, admins=[boss]), api.group(members=people, admins=[boss])
        for one in people:
            api.message(one, "they talk to each other", chat=quiet)
            api.message(one, "/weather", chat=quiet)
            api.message(one, f"{ME} deposit", chat=group)
        api.message(people[0], "Deposit", chat=group)
        api.message(people[1], "/help", chat=group)
        api.message(boss, "/assistant off", chat=group)
        await api.until(lambda: any("My settings in this group" in one["text"] for one in api.sent(group)), PATIENCE)
        assert len(api.sent(group)) == 3 + 1
        for _ in range(3):
            api.message(people[0], f"{ME} deposit", chat=quiet)
        await api.until(lambda: len(api.sent(quiet)) == 3, PATIENCE)
        api.message(people[0], "deposit")
        await api.until(lambda: api.sent(people[0]), PATIENCE)
        assert "CNY 10,000" in api.sent(people[0])[0]["text"]


async def test_a_member_may_write_to_others_as_much_as_they_like(knowledge: Knowledge, tmp_path: Path) -> None:
    async with on_telegram("served by aiogram", Allowed(2), knowledge, tmp_path / "a.db") as api:
        ann = api.user("Ann")
        group = api.group(members=[ann])
        for number in range(20):
            api.message(ann, f"number {number}", chat=group)
        for _ in range(3):
            api.message(ann, f"{ME} deposit", chat=group)
        await answered_all(api, api.user("Other"))
        await api.until(lambda: len(api.sent(group)) == 2, PATIENCE)


# --- what waits


async def waiting(store: Store, chat: str) -> int:
    return await store.waiting_count("platform", chat)


async def test_a_hundred_replies_wait_for_one_chat_and_what_it_writes_meanwhile_is_answered_later(
    database: str, assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.service.dispatcher.FULL_PAUSE", 0.02)
    store, platform = await open_store(database), Platform()
    platform.open.clear()
    written = [f"a:{number}" for number in range(MOST_WAITING + MOST_QUEUED // 2)]
    async with running(store, assistant, platform):
        await arrive(store, *written)
        async with asyncio.timeout(PATIENCE):
            while await waiting(store, "a") < MOST_WAITING or not platform.under_way:
                await asyncio.sleep(0.01)
        # Another chat's message, written last, is handled: nothing more is made for the first.
        await arrive(store, "b:1")
        async with asyncio.timeout(PATIENCE):
            while not await waiting(store, "b"):
                await asyncio.sleep(0.01)
        assert await waiting(store, "a") == MOST_WAITING
        platform.open.set()
        await platform.until_sent(len(written) + 1)
    assert [payload for payload, _ in platform.sent if payload != "b:1"] == written
    await store.close()


async def test_what_waits_from_before_a_start_counts(database: str, assistant: Assistant) -> None:
    store, platform = await open_store(database), Platform()
    waits = tuple(Outgoing("platform", "a", f"a:old {number}") for number in range(MOST_WAITING))
    await store.finish(Handled(NOBODY, outgoing=waits))
    await arrive(store, "a:new", "b:new")
    platform.open.clear()
    async with running(store, assistant, platform):
        async with asyncio.timeout(PATIENCE):
            while not await waiting(store, "b"):
                await asyncio.sleep(0.01)
        assert await waiting(store, "a") == MOST_WAITING
        assert (await store.queues()).inbox == 1
        platform.open.set()
        await platform.until_sent(MOST_WAITING + 1)
    await store.close()


async def test_chats_for_which_much_waits_keep_nobody_elses_replies_out(database: str) -> None:
    store, platform = await open_store(database), Platform()
    platform.each = Rate(60.0)
    await store.claim(tuple)
    slow = [Outgoing("platform", f"slow{chat}", "x") for chat in range(MOST // 90) for _ in range(MOST_WAITING)]
    await store.finish(Handled(NOBODY, outgoing=tuple(slow)))
    sender = Sender(store, {"platform": platform})
    task = asyncio.create_task(sender.run())
    await sender.fetch()
    await store.finish(Handled(NOBODY, outgoing=(Outgoing("platform", "b", "b:1"),)))
    async with asyncio.timeout(PATIENCE):
        while "b:1" not in [payload for payload, _ in platform.sent]:
            await sender.fetch()
            await asyncio.sleep(0.01)
    task.cancel()
    await store.close()


async def test_what_merchants_say_to_consultants_waits_while_a_hundred_messages_wait_for_them(
    knowledge: Knowledge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.service.dispatcher.FULL_PAUSE", 0.02)
    async with BotApi() as api:
        office = Office(api, f"sqlite:///{tmp_path / 'a.db'}", knowledge)
        async with office.open():
            await office.asked()
            busy = api.fault("502", "sendMessage")
            calls = tuple(
                Outgoing(
                    "telegram",
                    office.desk,
                    f'{{"method":"sendMessage","params":{{"chat_id":{office.desk},"text":"{n}"}}}}',
                )
                for n in range(MOST_WAITING)
            )
            await office.store.finish(Handled(NOBODY, outgoing=calls))
            api.message(office.ann, "are you there")
            other = api.user("Other")
            api.message(other, "/help")
            async with asyncio.timeout(PATIENCE):
                while not await office.store.waiting_count("telegram", str(other["id"])):
                    await asyncio.sleep(0.01)
            assert await office.store.waiting_count("telegram", office.desk) == MOST_WAITING
            busy.times = 0
            await office.until(lambda: office.at_desk()[-1]["text"].endswith("are you there"))
