"""The official account's channel against the platform's stand-in: one answer for each message, by whatever way is left."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.assistant import Assistant
from bot.channels.wechat import channel
from bot.knowledge.knowledge import Knowledge
from bot.model import Message, Reply, Turn
from tests.contract.channels import MORE, WeChat, serving_wechat
from tests.wechat_platform import Account, WeChatPlatform

VERIFIED, UNVERIFIED = Account(), Account(verified=False)
PATIENCE = 1.0  # seconds for which the platform waits here


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channel, "PATIENCE", PATIENCE)


class Gated(Assistant):
    """An assistant that answers when it may; long answers are asked for by "long", pieces of them by number."""

    gate: asyncio.Event

    async def receive(self, *args: Any, **kwargs: Any) -> Turn:
        await self.gate.wait()
        return await super().receive(*args, **kwargs)

    def turn(self, message: Message, context: Any) -> Turn:
        made = super().turn(message, context)
        if message.text.startswith("long"):
            count = int(message.text.removeprefix("long") or 3)
            words = tuple(Reply(f"part {n} of {message.text}: " + "x" * 450) for n in range(count))
            return replace(made, replies=words)
        return made


@pytest.fixture
def gate() -> Iterator[asyncio.Event]:
    Gated.gate = asyncio.Event()
    Gated.gate.set()
    yield Gated.gate
    del Gated.gate


@pytest.fixture
def knowing(knowledge: Knowledge, gate: asyncio.Event, tmp_path: Path) -> Callable[..., Any]:
    """Opens a platform with an account, and a process that serves it."""

    @contextlib.asynccontextmanager
    async def opened(
        account: Account = VERIFIED, database: str = "", processes: int = 1, **settings: Any
    ) -> AsyncIterator[WeChatPlatform]:
        async with WeChatPlatform(account, patience=PATIENCE) as platform, contextlib.AsyncExitStack() as stack:
            for _ in range(processes):
                file = database or f"sqlite:///{tmp_path / 'wechat.db'}"
                served = await stack.enter_async_context(serving_wechat(platform, knowledge, file, Gated, **settings))
                SERVED[id(platform)] = served
            yield platform

    return opened


SERVED: dict[int, WeChat] = {}


async def idle(platform: WeChatPlatform, who: str = "oAnn") -> None:
    """Wait until the outbox has nothing that could still be sent to a merchant."""
    store = SERVED[id(platform)].store
    async with asyncio.timeout(10):
        while (await store.queues()).outbox and await store.waiting_count("wechat", who):
            if await store.is_parked("wechat", who):
                return
            await asyncio.sleep(0.01)


def texts(platform: WeChatPlatform, who: str = "oAnn") -> list[tuple[str, str]]:
    return [(one.by, one.text.partition("\n")[0]) for one in platform.shown if one.who == who]


# --- three tries


async def test_what_the_first_request_does_not_get_the_second_gets(
    knowing: Callable[..., Any], gate: asyncio.Event
) -> None:
    async with knowing() as platform:
        gate.clear()
        asking = asyncio.create_task(platform.say("oAnn", "谢谢"))
        await platform.until(lambda: platform.requests == 2)
        gate.set()
        shown = await asking
        assert (shown.by, platform.requests) == ("reply", 2)
        assert len(platform.shown) == 1
        await idle(platform)
        assert len(platform.shown) == 1


async def test_a_response_that_got_lost_comes_again_to_the_letter(knowing: Callable[..., Any]) -> None:
    for account in (Account(), UNVERIFIED):
        async with knowing(account) as platform:
            made = platform.message("oAnn", {"MsgType": "text", "Content": "谢谢"})
            for lost in (2, 0, 0):
                platform.loses = lost
                await platform.deliver(made)
            await idle(platform)
            assert len({one.text for one in platform.shown}) == 1
            assert [one.by for one in platform.shown] == ["reply"] * 3
            assert len(set(platform.answers)) == 1


async def test_an_answer_later_than_all_requests_goes_by_customer_service_once(
    knowing: Callable[..., Any], gate: asyncio.Event
) -> None:
    async with knowing() as platform:
        gate.clear()
        assert await platform.say("oAnn", "谢谢") is None  # and no notice that the service is not available
        assert platform.requests == 3
        gate.set()
        await platform.until(lambda: bool(platform.shown))
        await platform.say("oAnn", "保证金多少钱")
        await idle(platform)
    assert [by for by, _ in texts(platform)] == ["service", "reply"]
    assert not {one.text for one in platform.shown[:1]} & {one.text for one in platform.shown[1:]}


async def test_without_customer_service_a_late_answer_stands_first_in_the_next(
    knowing: Callable[..., Any], gate: asyncio.Event
) -> None:
    async with knowing(UNVERIFIED) as platform:
        gate.clear()
        assert await platform.say("oAnn", "谢谢") is None
        gate.set()
        await asyncio.sleep(0)
        store = SERVED[id(platform)].store
        async with asyncio.timeout(10):
            while not await store.is_parked("wechat", "oAnn"):
                await asyncio.sleep(0.01)
        shown = await platform.say("oAnn", "保证金多少钱")
        first, _, rest = shown.text.partition("\n\n")
        assert "不客气" in first
        assert "1万元至5万元" in rest
        await platform.say("oAnn", "佣金多少")
    assert "".join(platform.seen("oAnn")).count("不客气") == 1
    assert platform.called("message/custom/send") == []


async def test_two_messages_at_once_have_an_answer_each(knowing: Callable[..., Any], gate: asyncio.Event) -> None:
    async with knowing(UNVERIFIED) as platform:
        gate.clear()
        asking = [asyncio.create_task(platform.say("oAnn", text)) for text in ("谢谢", "保证金多少钱")]
        await platform.until(lambda: platform.requests == 4)
        gate.set()
        one, other = await asyncio.gather(*asking)
        assert "不客气" in one.text
        assert "1万元至5万元" in other.text
        assert "不客气" not in other.text


@pytest.mark.parametrize("mode", ["plain", "compatible", "safe"])
async def test_each_mode_is_served(mode: str, knowing: Callable[..., Any]) -> None:
    async with knowing(Account(mode=mode)) as platform:
        shown = await platform.say("oAnn", "emoji 😀 and ]]> 谢谢")
        assert shown.by == "reply"


async def test_any_process_answers_whichever_handles_the_message(
    knowing: Callable[..., Any], postgres_database: str
) -> None:
    async with knowing(UNVERIFIED, postgres_database, processes=2) as platform:
        people = [f"o{number}" for number in range(12)]
        shown = await asyncio.gather(*(platform.say(who, "谢谢") for who in people))
        assert [one.by for one in shown] == ["reply"] * 12
        platform.loses = 6  # these come again at the other process
        again = await asyncio.gather(*(platform.say(who, "保证金多少钱") for who in people))
        assert all("1万元至5万元" in one.text for one in again)
        assert all(len(platform.seen(who)) == 2 for who in people)


# --- the budget


async def test_a_long_answer_is_one_reply_and_at_most_five_messages(knowing: Callable[..., Any]) -> None:
    async with knowing() as platform:
        await platform.say("oAnn", "long9")
        await platform.until(lambda: len(platform.shown) == 6)
        await idle(platform)
        assert [by for by, _ in texts(platform)] == ["reply", *["service"] * 5]
        rest = await platform.say("oAnn", "继续")
        assert rest.text.startswith("part 6 of long9")
        assert any(hint in rest.text for hint in MORE)
        await platform.say("oAnn", "继续")
        last = await platform.say("oAnn", "继续")
        whole = "".join(platform.seen("oAnn"))
        assert [whole.count(f"part {n} of") for n in range(9)] == [1] * 9
        assert not any(hint in last.text for hint in MORE)
        assert {one.code for one in platform.called("message/custom/send")} == {0}  # none was tried in vain


async def test_without_customer_service_what_does_not_fit_waits_for_more(knowing: Callable[..., Any]) -> None:
    async with knowing(UNVERIFIED) as platform:
        shown = await platform.say("oAnn", "long3")
        assert shown.text.startswith("part 0")
        assert shown.text.endswith(MORE[0])
        more = await platform.say("oAnn", " More ")
        assert more.text.startswith("part 1")
        other = await platform.say("oAnn", "谢谢")
        assert "不客气" in other.text  # a question of its own is answered first
        assert "part" not in other.text
        assert not any(hint in other.text for hint in MORE)
        last = await platform.say("oAnn", "继续")
        assert last.text.startswith("part 2")
        nothing = await platform.say("oAnn", "继续")
        assert nothing.by == "reply"  # now it is a question like any other
    assert "".join(platform.seen("oAnn")).count("part ") == 3


async def test_whether_the_account_is_verified_is_learnt_from_the_platform_and_kept(
    knowing: Callable[..., Any], gate: asyncio.Event
) -> None:
    for account, known in ((UNVERIFIED, "no"), (Account(), "yes")):
        async with knowing(account, wechat_verified=None) as platform:
            await platform.say("oAnn", "long2")
            await platform.until(lambda: bool(platform.called("message/custom/send")))
            store = SERVED[id(platform)].store
            async with asyncio.timeout(10):
                while await store.recall(f"wechat-verified:{account.app_id}") != known:
                    await asyncio.sleep(0.01)
            await idle(platform)
            await platform.say("oAnn", "谢谢")
            whole = "".join(platform.seen("oAnn"))
            assert [whole.count(f"part {n} of") for n in range(2)] == [1, 1]
            assert any(words in whole for words in ("不客气", "不用谢"))
        async with knowing(account, wechat_verified=None) as again:  # the next process knows it
            await again.say(f"o-{known}", "long2")
            await again.until(lambda again=again, known=known: known == "no" or len(again.seen("o-yes")) == 2)
            sent = [one.code for one in again.called("message/custom/send") if one.code != 40001]  # an old token
            assert sent == ([0] if known == "yes" else [])
            await store_forgets(again, account)


async def store_forgets(platform: WeChatPlatform, account: Account) -> None:
    await SERVED[id(platform)].store.remember(f"wechat-verified:{account.app_id}", "")


async def test_a_message_that_the_platform_refuses_for_now_waits_for_the_next_answer(
    knowing: Callable[..., Any], gate: asyncio.Event
) -> None:
    async with knowing() as platform:
        gate.clear()
        assert await platform.say("oAnn", "谢谢") is None
        platform.windows["oAnn"]["message"] = [0, 0]  # the platform counts otherwise than we do
        gate.set()
        await platform.until(lambda: bool(platform.called("message/custom/send")))
        await idle(platform)
        shown = await platform.say("oAnn", "保证金多少钱")
        assert "不客气" in shown.text
        assert "1万元至5万元" in shown.text
        assert [one.code for one in platform.called("message/custom/send")] == [45015]


# --- events and choices


async def test_a_follow_is_welcomed_with_what_its_code_asks_for(knowing: Callable[..., Any]) -> None:
    async with knowing() as platform:
        plain = await platform.event("oAnn", "subscribe")
        coded = await platform.event("oWei", "subscribe", "qrscene_t-deposit-amount")
        scanned = await platform.event("oAnn", "SCAN", "t-deposit-amount")
        tapped = await platform.event("oAnn", "CLICK", "c-authentication")
        await idle(platform)
        welcome = plain.text.split("\n")[0]
        assert coded.text.startswith(welcome)
        answer = "".join(platform.seen("oWei")).removeprefix(welcome)
        assert "1万元至5万元" in answer
        assert "1万元至5万元" in scanned.text
        assert welcome not in scanned.text
        assert "支付宝" in tapped.text
        before = len(platform.shown)
        assert await platform.event("oAnn", "LOCATION", Latitude="1") is None
        assert await platform.event("oAnn", "unsubscribe") is None
        assert len(platform.shown) == before


async def test_several_events_of_one_second_are_each_answered_once(knowing: Callable[..., Any]) -> None:
    async with knowing() as platform:
        now = platform.clock()
        platform.clock = lambda: now
        made = [platform.message("oAnn", {"MsgType": "event", "Event": "CLICK", "EventKey": key})
                for key in ("t-deposit-amount", "t-commission", "t-deposit-amount")]  # fmt: skip
        shown = [await platform.deliver(one) for one in made]
        assert shown[0].text == shown[2].text != shown[1].text


async def test_pictures_voice_and_files_are_answered_and_a_recognised_voice_is_read(
    knowing: Callable[..., Any],
) -> None:
    async with knowing() as platform:
        for kind in ("image", "voice", "video", "file", "location", "link", "hologram"):
            shown = await platform.bring("oAnn", {"MsgType": kind})
            assert shown.by == "reply", kind
        heard = await platform.bring("oAnn", {"MsgType": "voice", "Recognition": "保证金多少钱？"})
        assert "1万元至5万元" in heard.text


async def test_a_tap_and_a_number_choose_the_same_and_links_are_only_where_they_work(
    knowing: Callable[..., Any],
) -> None:
    async with knowing() as platform:
        listed = await platform.say("oAnn", "/topics")
        link = listed.text.split('<a href="')[2].partition('"')[0]
        tapped = await platform.tap("oAnn", link)
        await platform.say("oAnn", "/topics")
        assert (await platform.say("oAnn", "2")).text == tapped.text
    async with knowing(UNVERIFIED) as platform:
        assert "<a " not in (await platform.say("oWei", "/topics")).text


async def test_a_result_brings_the_address_of_its_page(knowing: Callable[..., Any]) -> None:
    async with knowing(public_url="http://127.0.0.1:1/chat") as platform:
        await platform.say("oAnn", "/check authentication")
        await platform.say("oAnn", "1")
        result = await platform.say("oAnn", "2")
        await idle(platform)
        whole = "\n\n".join(platform.seen("oAnn")[2:])
        code = whole.partition("结果码：")[2][:17]
        assert f"http://127.0.0.1:1/chat/r/{code}" in whole, result
