"""Broadcasts over both databases: everybody gets it once, whatever is stopped or refused, and questions are answered meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bot import app
from bot.assistant import Assistant, Context
from bot.channels import broadcasting
from bot.channels.broadcasting import Broadcast
from bot.knowledge.knowledge import Knowledge
from bot.model import Address, Conversation, InGroup, Language, Message, Subscribing
from bot.settings import Settings
from bot.store import Handled, Sent, Store, open_store
from tests.botapi import BotApi
from tests.conftest import TODAY

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

PATIENCE = 30
WAYS = app.news()
NEWS = Broadcast({"en": "**Spring** is here", "zh": "**春天**来了"})


@pytest.fixture
async def store(database: str) -> AsyncIterator[Store]:
    opened = await open_store(database)
    yield opened
    await opened.close()


@contextlib.asynccontextmanager
async def serving(api: BotApi, knowledge: Knowledge, database: str, per_second: float = 0) -> AsyncIterator[None]:
    settings = Settings(
        telegram_token=SecretStr(api.token),
        telegram_api_url=api.url,
        sends_per_second=per_second,
        sends_per_chat_per_second=0,
    )
    store, stop = await open_store(database), asyncio.Event()

    async def opening() -> Assistant:
        return Assistant(knowledge, store, lambda: TODAY)

    polls = len(api.called("getUpdates"))
    task = asyncio.create_task(app.answer(settings, opening, store, stop))
    try:
        await api.until(lambda: task.done() or len(api.called("getUpdates")) > polls, PATIENCE)
        yield
    finally:
        stop.set()
        await task
        await store.close()


async def subscribe(store: Store, user: int | str, subject: str = "news", lang: Language = "en") -> None:
    address = Address("telegram", str(user), str(user))
    talk = Conversation(lang=lang)
    await store.finish(Handled(address, conversation=talk, subscribing=Subscribing(subject, True)))


async def send(store: Store, knowledge: Knowledge, what: Broadcast, subject: str | None = None) -> int:
    plan = await broadcasting.plan(store, what, subject, None, WAYS)
    return await broadcasting.enqueue(store, what, plan.receivers, subject, knowledge, WAYS, lambda count: None)


async def ended(store: Store, what: Broadcast) -> Sent:
    async with asyncio.timeout(2 * PATIENCE):
        return await broadcasting.watch(store, what, lambda now: None, lambda: None)


def texts(api: BotApi, person: dict[str, Any]) -> list[str]:
    return [message["text"] for message in api.sent(person)]


async def test_merchants_subscribe_get_it_in_their_language_and_end_it_below_it(
    store: Store, database: str, knowledge: Knowledge
) -> None:
    async with BotApi() as api, serving(api, knowledge, database):
        ann, wei, tom = api.user("Ann"), api.user("Wei", language="zh-hans"), api.user("Tom")
        api.message(ann, "/subscribe")
        await api.until(lambda: api.sent(ann), PATIENCE)
        api.press(ann, api.sent(ann)[0], "News and rule changes")
        api.message(wei, "/subscribe news")
        api.message(tom, "/subscribe courses")
        await api.until(lambda: len(api.sent(ann)) == 2 and api.sent(wei) and api.sent(tom), PATIENCE)
        assert await send(store, knowledge, NEWS, "news") == 2
        assert await ended(store, NEWS) == Sent(sent=2)
        assert texts(api, ann)[-1] == "Spring is here"
        assert texts(api, wei)[-1] == "春天来了"
        api.press(ann, api.sent(ann)[-1], "No more of this")
        await api.until(lambda: "no more of" in texts(api, ann)[-1], PATIENCE)
        api.message(wei, "/unsubscribe")
        await api.until(lambda: len(api.sent(wei)) == 3, PATIENCE)
    assert [one.address.user for one in await store.subscribers(None)] == [str(tom["id"])]


async def test_who_blocks_the_bot_gets_nothing_more_even_if_he_comes_back(
    store: Store, database: str, knowledge: Knowledge
) -> None:
    async with BotApi() as api, serving(api, knowledge, database):
        ann, wei = api.user("Ann"), api.user("Wei")
        for person in (ann, wei):
            api.message(person, "/subscribe news")
        await api.until(lambda: api.sent(ann) and api.sent(wei), PATIENCE)
        api.block(ann)
        api.unblock(ann)
        api.message(ann, "/help")
        await api.until(lambda: len(api.sent(ann)) == 2, PATIENCE)
        assert "Ask in your own words" in texts(api, ann)[1]
    assert [one.address.user for one in await store.subscribers(None)] == [str(wei["id"])]


async def test_nobody_is_missed_or_gets_it_twice_and_questions_are_answered_meanwhile(
    store: Store, database: str, knowledge: Knowledge
) -> None:
    async with BotApi() as api:
        people = [api.user(f"M{number}") for number in range(300)]
        for person in people:
            api.message(person, "hello", deliver=False)
            await subscribe(store, person["id"])
        gone = people[::50]
        for person in gone:
            api.room(person).blocked = True
        ann = api.user("Ann")
        api.fault("429", "sendMessage", probability=0.05, retry_after=1, seed=3)
        half = (await store.subscribers("news"))[:150]
        async with serving(api, knowledge, database, per_second=100):
            # Stopped in the middle, and begun again.
            await broadcasting.enqueue(store, NEWS, half, "news", knowledge, WAYS, lambda count: None)
            await api.until(lambda: len(brought(api)) > 20, PATIENCE)
            assert await send(store, knowledge, NEWS) == 150
            assert await send(store, knowledge, NEWS, "news") == 0
            api.message(ann, "how much is the deposit")
            await api.until(lambda: api.sent(ann), PATIENCE)
            before_the_answer = len(brought(api))
            report = await ended(store, NEWS)
    assert report == Sent(sent=294, gone=6)
    assert Counter(brought(api)) == Counter(person["id"] for person in people if person not in gone)
    assert before_the_answer < 200
    assert len(await store.subscribers(None)) == 294
    assert [call for call in api.calls if call.early] == []


def brought(api: BotApi) -> list[int]:
    """Who got it, in order."""
    calls = [call for call in api.called("sendMessage") if call.done]
    return [call.params["chat_id"] for call in calls if "Spring" in call.params["text"]]


async def test_two_commands_at_once_give_it_to_everybody_once(
    database: str, store: Store, knowledge: Knowledge
) -> None:
    for number in range(1, 401):
        await subscribe(store, number)
    other = await open_store(database)
    try:
        assert sum(await asyncio.gather(send(store, knowledge, NEWS), send(other, knowledge, NEWS))) == 400
    finally:
        await other.close()
    assert await store.broadcast_sent(NEWS.name) == Sent(waiting=400)


async def test_who_has_everything_erased_is_sent_nothing_more(store: Store, knowledge: Knowledge) -> None:
    await subscribe(store, 1)
    assert (await store.belongings(Address("telegram", "1", "1"))).subscriptions == ("news",)
    await send(store, knowledge, NEWS)
    await store.finish(Handled(Address("telegram", "1", "1"), erase=True))
    assert await store.subscribers(None) == []
    assert await store.broadcast_sent(NEWS.name) == Sent()


async def test_the_language_is_the_one_spoken_now(store: Store) -> None:
    await subscribe(store, 1, lang="en")
    await store.finish(Handled(Address("telegram", "1", "1"), conversation=Conversation(lang="zh")))
    await subscribe(store, 1, "courses", lang="zh")
    plan = await broadcasting.plan(store, NEWS, None, "zh", WAYS)
    assert plan.languages == {"zh": 1}


def test_a_group_cannot_subscribe(assistant: Assistant) -> None:
    alone = Message(Address("telegram", "1", "1"), "/subscribe news")
    assert assistant.turn(alone, Context()).subscribing == Subscribing("news", True)
    before_all = replace(alone, address=Address("telegram", "-1", "1"), group=InGroup("called", 0.0))
    assert assistant.turn(before_all, Context()).subscribing is None


GOOD = "# English\nSpring\n\n# 中文\n春天\n"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("# English\nSpring\n", "the Chinese text is missing"),
        ("Spring\n" + GOOD, ":1: this text has no language"),
        (GOOD + "# Français\nPrintemps\n", ":6: no language is called “Français”"),
        (GOOD + "# English\nAgain\n", ":6: this language begins on line 1 already"),
        ("# English\n\n# 中文\n春天\n", ":1: there is no text below this heading"),
        ("# English\nSpring\n# 中文\nSpring\n", ":3: there is no Chinese below this heading"),
        (f"# English\n{'Spring ' * 900}\n# 中文\n春天\n", ":1: this is too long for one message"),
        ("", "the English text is missing"),
    ],
)
def test_a_file_that_cannot_be_sent_says_where_and_what_would_be_right(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "news.md"
    file.write_text(text, "utf-8")
    with pytest.raises(broadcasting.BadBroadcast, match=r"news\.md") as refused:
        broadcasting.read(file, WAYS)
    assert says in str(refused.value)


def test_a_file_is_read_however_its_headings_are_written(tmp_path: Path) -> None:
    file = tmp_path / "news.md"
    file.write_text("\ufeff\n#  EN \nSpring\n\n- one\n\n# 中文 #\n春天\n", "utf-8")
    assert broadcasting.read(file, WAYS).text == {"en": "Spring\n\n- one", "zh": "春天"}
