"""The service over both databases: the outbox against a channel that fails as told, and Telegram's faults on the wire."""

from __future__ import annotations

import asyncio
import contextlib
import io
import itertools
import json
import threading
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import aiohttp
import pytest
from pydantic import SecretStr

from bot import app
from bot.assistant import Assistant
from bot.channels.channel import CallRefused, Channel, Rate, RecipientGone, RetryLater
from bot.knowledge.knowledge import Knowledge
from bot.model import UNLIMITED, Address, Allowed, Message, Reply
from bot.search.matching import meaning
from bot.search.matching.features import Floats
from bot.search.matching.recent import Recent
from bot.service import Service
from bot.service.dispatcher import MOST_QUEUED
from bot.service.lanes import MOST
from bot.service.metrics import Metrics
from bot.service.sender import CONCURRENT_CALLS, Sender
from bot.settings import Settings
from bot.store import Arrival, Handled, MemoryStore, Outgoing, Store, open_store
from tests.botapi import BotApi
from tests.conftest import TODAY
from tests.crash import free_port, webhook

PATIENCE = 20


class Platform(Channel):
    """A channel whose every call meets what is told of it in `fails`, in turn, and then succeeds."""

    name = "platform"

    def __init__(self) -> None:
        self.rate = self.each = Rate(0.0)
        self.fails: dict[str, list[Exception]] = defaultdict(list)
        self.sent: list[tuple[str, float]] = []
        self.under_way = self.most = 0
        self.open = asyncio.Event()
        self.open.set()
        self.changed = asyncio.Condition()

    def chat_rate(self, chat: str) -> Rate:
        return self.each

    def read(self, payload: str) -> Message | None:
        if payload == "broken":
            raise ValueError("this cannot be read")
        chat, _, text = payload.partition(":")
        return Message(Address(self.name, chat, chat), text, hint="en") if text else None

    def write(self, payload: str, message: Message, replies: Sequence[Reply]) -> list[str]:
        if message.text == "cannot be written":
            raise ValueError("this cannot be written")
        return [payload] if replies else []

    def tell(self, chat: str, replies: Sequence[Reply], about: str = "") -> list[str]:
        return [f"{chat}:told"]

    async def send(self, payload: str, chat: str) -> str | None:
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        try:
            await self.open.wait()
            if self.fails[payload]:
                raise self.fails[payload].pop(0)
            self.sent.append((payload, asyncio.get_running_loop().time()))
            return "1"
        finally:
            self.under_way -= 1
            async with self.changed:
                self.changed.notify_all()

    async def until_sent(self, count: int) -> list[str]:
        async with asyncio.timeout(PATIENCE), self.changed:
            await self.changed.wait_for(lambda: len(self.sent) >= count)
        return [payload for payload, _ in self.sent]


@pytest.fixture
async def store(database: str) -> AsyncIterator[Store]:
    opened = await open_store(database)
    yield opened
    await opened.close()


@contextlib.asynccontextmanager
async def running(
    store: Store,
    assistant: Assistant,
    platform: Platform,
    allowed: Allowed = UNLIMITED,
    metrics: Metrics | None = None,
) -> AsyncIterator[None]:
    stop = asyncio.Event()
    answering = Assistant(assistant.knowledge, store, lambda: TODAY)
    service = Service(store, answering, {platform.name: platform}, allowed=allowed, metrics=metrics)
    task = asyncio.create_task(service.run([], stop))
    try:
        yield
    finally:
        stop.set()
        await task


async def arrive(store: Store, *payloads: str) -> None:
    await store.accept([Arrival(one, "platform", one.partition(":")[0], one) for one in payloads])


async def test_answers_go_before_what_may_wait(store: Store, assistant: Assistant) -> None:
    platform = Platform()
    platform.rate = Rate(0.005)
    bulk = tuple(Outgoing("platform", str(number), f"{number}:news", 1) for number in range(200))
    await store.finish(Handled(Address("platform", "", ""), outgoing=bulk))
    async with running(store, assistant, platform):
        await platform.until_sent(20)
        await arrive(store, "150:hello", "somebody:hello")
        sent = await platform.until_sent(202)
    assert sorted(sent) == sorted({*(one.payload for one in bulk), "150:hello", "somebody:hello"})
    assert max(sent.index("150:hello"), sent.index("somebody:hello")) < 120
    assert sent.index("150:hello") < sent.index("150:news")


async def test_what_is_urgent_does_not_break_a_pause_that_its_chat_was_told(store: Store) -> None:
    platform = Platform()
    platform.fails["1:news"] = [RetryLater("slow down", 0.5)]
    sender = Sender(store, {"platform": platform})
    await store.claim(tuple)
    await store.finish(Handled(Address("platform", "1", "1"), outgoing=(Outgoing("platform", "1", "1:news", 1),)))
    task = asyncio.create_task(sender.run())
    await sender.fetch()
    async with asyncio.timeout(PATIENCE):
        while platform.fails["1:news"] or sender.lanes.busy:
            await asyncio.sleep(0.01)
    begun = asyncio.get_running_loop().time()
    await store.finish(Handled(Address("platform", "1", "1"), outgoing=(Outgoing("platform", "1", "1:answer"),)))
    await sender.fetch()
    assert await platform.until_sent(2) == ["1:answer", "1:news"]
    task.cancel()
    assert platform.sent[0][1] - begun > 0.3


async def test_each_chat_is_answered_in_order_and_not_more_at_once_than_may_be_doubled(
    store: Store, assistant: Assistant
) -> None:
    platform = Platform()
    platform.open.clear()
    payloads = [f"{chat}:{number}" for number in range(3) for chat in range(40)]
    async with running(store, assistant, platform):
        await arrive(store, *payloads)
        async with asyncio.timeout(PATIENCE), platform.changed:
            while platform.under_way < CONCURRENT_CALLS:
                await asyncio.sleep(0.01)
        platform.open.set()
        sent = await platform.until_sent(len(payloads))
    assert sorted(sent) == sorted(payloads)
    for chat in range(40):
        assert [one for one in sent if one.startswith(f"{chat}:")] == [f"{chat}:{number}" for number in range(3)]
    assert platform.most == CONCURRENT_CALLS


async def test_a_chat_whose_call_is_chosen_is_not_chosen_again(store: Store) -> None:
    platform = Platform()
    await store.claim(tuple)
    sender = Sender(store, {platform.name: platform})
    for payload in ("a:1", "a:2"):
        await store.finish(Handled(Address("platform", "a", "a"), outgoing=(Outgoing("platform", "a", payload),)))
        await sender.fetch()
        if payload == "a:1":
            assert await sender.next() == ("platform", "a")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await sender.next()


async def test_a_failed_call_holds_back_its_chat_alone_until_it_succeeds(store: Store, assistant: Assistant) -> None:
    platform = Platform()
    platform.fails["a:1"] = [RetryLater("502"), RetryLater("429", 0.2)]
    async with running(store, assistant, platform):
        await arrive(store, "a:1", "a:2", "b:1", "b:2")
        sent = await platform.until_sent(4)
    assert [one for one in sent if one[0] == "a"] == ["a:1", "a:2"]
    assert sent.index("b:2") < sent.index("a:1")


async def test_what_is_refused_is_given_up_and_what_follows_is_sent(store: Store, assistant: Assistant) -> None:
    platform = Platform()
    platform.fails["a:1"] = [CallRefused("Bad Request: nonsense")]
    async with running(store, assistant, platform):
        await arrive(store, "a:1", "a:2")
        assert await platform.until_sent(1) == ["a:2"]
        (letter,) = await store.letters()
        assert (letter.state, letter.payload, letter.error) == ("dead", "a:1", "CallRefused: Bad Request: nonsense")
        await store.retry([letter.id])
        assert await platform.until_sent(2) == ["a:2", "a:1"]


async def test_a_chat_that_is_gone_ends_alone(store: Store, assistant: Assistant) -> None:
    platform = Platform()
    platform.open.clear()
    platform.fails["a:1"] = [RecipientGone("blocked")]
    async with running(store, assistant, platform):
        await arrive(store, "a:1", "a:2", "b:1")
        async with asyncio.timeout(PATIENCE):
            while await store.inbox((), 10):
                await asyncio.sleep(0.01)
        platform.open.set()
        assert await platform.until_sent(1) == ["b:1"]
    assert {(one.payload, one.state) for one in await store.letters()} == {("a:1", "gone"), ("a:2", "gone")}


async def test_a_message_that_fails_is_told_sorry_for_and_blocks_nobody(store: Store, assistant: Assistant) -> None:
    platform = Platform()
    await arrive(store, "broken", "a:cannot be written", "a:2", "no message")
    async with running(store, assistant, platform):
        sent = await platform.until_sent(1)
        async with asyncio.timeout(PATIENCE):
            while await store.inbox((), 10):
                await asyncio.sleep(0.01)
    assert sent == ["a:2"]


async def test_who_writes_too_much_is_told_once_and_the_rest_is_dropped(store: Store, assistant: Assistant) -> None:
    platform = Platform()
    async with running(store, assistant, platform, Allowed(3)):
        await arrive(store, *(f"a:{number}" for number in range(MOST * 2)), "b:1", "b:2")
        await platform.until_sent(6)
        async with asyncio.timeout(PATIENCE):
            while await store.inbox((), 10):
                await asyncio.sleep(0.01)
    sent = [payload for payload, _ in platform.sent]
    # Three are answered, the fourth is told so.
    assert [one for one in sent if one[0] == "a"] == ["a:0", "a:1", "a:2", "a:3"]
    assert [one for one in sent if one[0] == "b"] == ["b:1", "b:2"]


async def test_what_is_too_much_waits_if_so_wished_and_nobody_else_does(store: Store, assistant: Assistant) -> None:
    platform = Platform()
    async with running(store, assistant, platform, Allowed(3, "queue")):
        await arrive(store, *(f"a:{number}" for number in range(MOST * 2)))
        assert await platform.until_sent(4) == ["a:0", "a:1", "a:2", "a:told"]
        await arrive(store, *(f"{chat}:1" for chat in range(200)))
        await platform.until_sent(204)
        async with asyncio.timeout(PATIENCE):
            while len(await store.inbox((), MOST * 3)) > MOST_QUEUED:
                await asyncio.sleep(0.01)
    assert [payload for payload, _ in platform.sent if payload[0] == "a"] == ["a:0", "a:1", "a:2", "a:told"]


async def test_what_waited_is_answered_in_its_order(store: Store, assistant: Assistant) -> None:
    platform = Platform()
    async with running(store, assistant, platform, Allowed(20, "queue")):  # the next one after three seconds
        await arrive(store, *(f"a:{number}" for number in range(21)))
        sent = await platform.until_sent(22)
    assert [one for one in sent if one != "a:told"] == [f"a:{number}" for number in range(21)]


async def test_a_chat_is_sent_to_no_faster_than_the_platform_allows(store: Store, assistant: Assistant) -> None:
    platform = Platform()
    platform.each = Rate(0.2)
    async with running(store, assistant, platform):
        await arrive(store, "a:1", "a:2", "a:3", "b:1")
        await platform.until_sent(4)
    times = [time for payload, time in platform.sent if payload.startswith("a:")]
    assert all(after - before >= 0.19 for before, after in itertools.pairwise(times))


async def test_all_chats_together_are_sent_to_no_faster_than_the_platform_allows(
    store: Store, assistant: Assistant
) -> None:
    platform = Platform()
    platform.rate = Rate(0.05)
    async with running(store, assistant, platform):
        await arrive(store, *(f"{chat}:1" for chat in range(10)))
        await platform.until_sent(10)
    assert platform.sent[-1][1] - platform.sent[0][1] >= 9 * 0.05 - 0.01


async def test_what_waits_at_the_end_is_sent_after_the_next_start(database: str, assistant: Assistant) -> None:
    first = await open_store(database)
    platform = Platform()
    platform.fails["a:1"] = [RetryLater("502")] * 9
    async with running(first, assistant, platform):
        await arrive(first, "a:1", "a:2")
        async with asyncio.timeout(PATIENCE):
            while len(platform.fails["a:1"]) == 9:
                await asyncio.sleep(0.01)
    await first.close()
    platform.fails.clear()
    second = await open_store(database)
    async with running(second, assistant, platform):
        assert await platform.until_sent(2) == ["a:1", "a:2"]
    await second.close()


# --- Telegram on the wire ---


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with BotApi() as served:
        yield served


@contextlib.asynccontextmanager
async def on_telegram(
    api: BotApi, knowledge: Knowledge, store: Store, monkeypatch: pytest.MonkeyPatch, **settings: str
) -> AsyncIterator[None]:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    chosen = Settings(
        telegram_token=SecretStr(api.token),
        telegram_api_url=api.url,
        sends_per_second=0,
        sends_per_chat_per_second=0,
    )
    stop = asyncio.Event()

    async def opening() -> Assistant:
        return Assistant(knowledge, store, lambda: TODAY)

    task = asyncio.create_task(app.answer(chosen, opening, store, stop))
    try:
        started = "setWebhook" if chosen.telegram_webhook_url else "getUpdates"
        await api.until(lambda: task.done() or api.called(started), 3 * PATIENCE)  # the libraries load
        yield
    finally:
        stop.set()
        await task


@pytest.mark.parametrize("kind", ["429", "502", "drop_before", "drop_after"])
async def test_faults_of_telegram_lose_nothing_and_double_nothing_that_they_must_not(
    api: BotApi, knowledge: Knowledge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    store = await open_store(f"sqlite:///{tmp_path / 'assistant.db'}")
    people = [api.user(f"P{number}") for number in range(20)]
    async with on_telegram(api, knowledge, store, monkeypatch):
        api.fault(kind, probability=0.1, seed=3)  # type: ignore[arg-type]
        api.fault(kind, "getUpdates", probability=0.1, seed=4)  # type: ignore[arg-type]
        for text in ("how much is the deposit", "commission rate", "/help"):
            for person in people:
                api.message(person, text)
        await api.until(lambda: all(len(told(api, one)) >= 3 for one in people), PATIENCE)
    await store.close()
    for person in people:
        texts = told(api, person)
        assert len(set(texts)) == 3
        assert kind == "drop_after" or len(texts) == 3
        assert ["CNY 10,000" in texts[0], texts[-1].startswith("Ask in your own")] == [True, True]
    assert not [call for call in api.calls if call.early]


def told(api: BotApi, person: dict[str, int]) -> list[str]:
    return [message["text"] for message in api.sent(person["id"])]


async def test_an_update_delivered_three_times_is_answered_once(
    api: BotApi, knowledge: Knowledge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = await open_store(f"sqlite:///{tmp_path / 'assistant.db'}")
    port = free_port()
    ann = api.user("Ann")
    async with on_telegram(api, knowledge, store, monkeypatch, **webhook(port)), aiohttp.ClientSession() as session:
        update = api.message(ann, "/help")
        await api.until(lambda: told(api, ann), PATIENCE)
        for _ in range(2):
            assert await post(session, port, update) == 200
        await post(session, port, api.message(ann, "thanks", deliver=False) | {"update_id": 1})
        api.message(ann, "commission rate")
        await api.until(lambda: len(told(api, ann)) >= 2, PATIENCE)
    await store.close()
    assert len([one for one in told(api, ann) if one.startswith("Ask in your own")]) == 1


async def test_a_press_is_acknowledged_in_the_response_to_the_webhook_and_answered_by_a_call(
    api: BotApi, knowledge: Knowledge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = await open_store(f"sqlite:///{tmp_path / 'assistant.db'}")
    ann = api.user("Ann")
    async with on_telegram(api, knowledge, store, monkeypatch, **webhook(free_port())):
        api.message(ann, "/topics")
        await api.until(lambda: api.sent(ann["id"]), PATIENCE)
        buttons = api.sent(ann["id"])[0]
        api.press(ann, buttons, buttons["reply_markup"]["inline_keyboard"][0][0]["callback_data"])
        await api.until(lambda: len(told(api, ann)) == 2, PATIENCE)
    await store.close()
    assert [call.via for call in api.called("answerCallbackQuery")] == ["webhook"]
    assert {call.via for call in api.called("sendMessage")} == {"http"}


async def post(session: aiohttp.ClientSession, port: int, body: object, secret: str | None = None) -> int:
    headers = {
        "X-Telegram-Bot-Api-Secret-Token": webhook(port)["TELEGRAM_WEBHOOK_SECRET"] if secret is None else secret
    }
    url = webhook(port)["TELEGRAM_WEBHOOK_URL"]
    data = io.BytesIO(body if isinstance(body, bytes) else json.dumps(body).encode())
    async with session.post(url, headers=headers, data=data) as answer:
        return answer.status


async def test_bad_requests_to_the_webhook_are_refused_and_it_goes_on(
    api: BotApi, knowledge: Knowledge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = await open_store(f"sqlite:///{tmp_path / 'assistant.db'}")
    port = free_port()
    ann = api.user("Ann")
    async with on_telegram(api, knowledge, store, monkeypatch, **webhook(port)), aiohttp.ClientSession() as session:
        good = {"update_id": 5, "poll": {}}
        assert await post(session, port, good, secret="") == 401
        assert await post(session, port, good, secret="wrong") == 401
        assert await post(session, port, b"no JSON") == 400
        assert await post(session, port, b"[" * 100_000) == 400
        assert await post(session, port, [1]) == 400
        assert await post(session, port, b"x" * (20 << 20)) == 413
        assert await post(session, port, good) == 200
        assert await post(session, port, {"update_id": 6, "message": {"chat": 7}}) == 200
        assert await post(session, port, {"update_id": 7, "message": None}) == 200
        for path, status in (("healthz", 200), ("readyz", 200), ("elsewhere", 404)):
            async with session.get(f"http://127.0.0.1:{port}/{path}") as answer:
                assert answer.status == status
        api.message(ann, "/help")
        await api.until(lambda: told(api, ann), PATIENCE)
    await store.close()


async def test_a_poller_takes_over_from_one_that_ends(
    api: BotApi, knowledge: Knowledge, postgres_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = await open_store(postgres_database), await open_store(postgres_database)
    ann = api.user("Ann")
    async with on_telegram(api, knowledge, second, monkeypatch):
        async with on_telegram(api, knowledge, first, monkeypatch):
            api.message(ann, "/help")
            await api.until(lambda: told(api, ann), PATIENCE)
            assert api.conflicts == 0
        await first.close()
        api.message(ann, "commission rate")
        await api.until(lambda: len(told(api, ann)) == 2, 10)
    await second.close()
    assert api.conflicts == 0


WAITING = (  # read together: no phrasing of the content, in both languages, one of them in two sentences
    "What would we have to deposit with you before our new shop opens?",
    "我们公司刚注册的商标能不能拿来开店呀",
    "My boss asks. How long would such a review of ours take, roughly?",
    "手机壳这个类目大概要扣多少佣金给平台",
)


class Noting:
    """The encoder, which notes in which thread it is given which texts."""

    def __init__(self, encoder: meaning._Encoder) -> None:
        self.encoder = encoder
        self.calls: list[tuple[int, list[str]]] = []

    def encode(self, texts: list[str]) -> Floats:
        self.calls.append((threading.get_ident(), texts))
        return self.encoder.encode(texts)


async def test_messages_that_wait_are_read_together_and_answered_as_alone(
    store: Store, knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = Assistant(knowledge, MemoryStore(), lambda: TODAY)
    expected = [
        alone.receive_now(Message(Address("platform", f"alone {number}", "1"), text)).outcome
        for number, text in enumerate(WAITING)
    ]
    knowledge.finder.remember()
    for matcher in knowledge.finder.matchers.values():
        matcher.remember()
    monkeypatch.setattr(meaning, "_recent", Recent(meaning.RECENT))
    noted = Noting(meaning._encoder())
    monkeypatch.setattr(meaning, "_encoder", lambda: noted)
    platform = Platform()
    assistant = Assistant(knowledge, store, lambda: TODAY)
    await arrive(store, *(f"{number}:{text}" for number, text in enumerate(WAITING)))
    async with running(store, assistant, platform):
        await platform.until_sent(len(WAITING))
        assert [threads for threads, _ in noted.calls].count(threading.get_ident()) == 0
        assert [len(texts) for _, texts in noted.calls] == [2, 2]  # English and Chinese
        noted.calls.clear()
        await arrive(store, "alone:And how might a painter of ours be insured?")
        await platform.until_sent(len(WAITING) + 1)
        assert [(thread, len(texts)) for thread, texts in noted.calls] == [(threading.get_ident(), 1)]
    kept = [await store.conversation(Address("platform", str(number), str(number))) for number in range(len(WAITING))]
    assert [one.topic for one in kept] == [one.topics[-1] if one.topics else None for one in expected]
