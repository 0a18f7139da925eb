"""A new channel is one module: what its platform cannot do has a default, and an answer may go out in the response to a request."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.assistant import Assistant
from bot.channels import broadcasting, responses
from bot.channels.broadcasting import Broadcast
from bot.channels.channel import Platform
from bot.knowledge.knowledge import Knowledge
from bot.model import Turn
from bot.store import Sent, open_store
from tests.contract.channels import LinesPerson, running
from tests.contract.lines import NAME, Folder
from tests.crash import free_port
from tests.visitors import PATIENCE, ready

METRICS_TOKEN = "a-token-of-the-operator"
NEWS = Broadcast({"en": "**Spring** is here", "zh": "**春天**来了"})


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not condition():
            await asyncio.sleep(0.02)


# --- what it cannot do


async def test_what_is_kept_of_a_merchant_comes_as_a_text_and_waits_nowhere(
    tmp_path: Path, knowledge: Knowledge
) -> None:
    database, folder = f"sqlite:///{tmp_path / 'a.db'}", Folder(tmp_path)
    async with running(knowledge, database, folder) as task:
        ann = LinesPerson(folder, "Ann", "en", task)
        await ann.say("how much is the deposit")
        await ann.say("/mydata")
        await until(lambda: len(folder.said("Ann")) == 3)
    kept = json.loads(folder.said("Ann")[-1])
    assert kept["conversation"]["lang"] == "en"
    store = await open_store(database, existing=True)
    assert (await store.history(NAME, "Ann", None, 1))[0].payload == '{"data":"lines:Ann:Ann"}'
    await store.close()


async def test_news_come_once_as_text_and_end_by_their_number(tmp_path: Path, knowledge: Knowledge) -> None:
    database, folder = f"sqlite:///{tmp_path / 'a.db'}", Folder(tmp_path)
    async with running(knowledge, database, folder) as task:
        ann = LinesPerson(folder, "Ann", "en", task)
        await ann.say("/subscribe")
        await ann.press("News and rule changes")
        assert await brought(database, knowledge, folder.platform) == Sent(sent=1)
        assert await brought(database, knowledge, folder.platform) == Sent(sent=1)
        assert [text for text in folder.said("Ann") if "Spring" in text] == ["Spring is here\n\n  1. No more of this"]
        assert "no more of" in (await ann.say("No more of this")).text
        store = await open_store(database, existing=True)
        assert await store.subscribers(None) == []
        await store.close()


async def brought(database: str, knowledge: Knowledge, platform: Platform) -> Sent:
    """How a broadcast stands once it was put into the outbox and sent."""
    ways = {platform.name: platform.news()} if platform.news else {}
    store = await open_store(database, existing=True)
    try:
        plan = await broadcasting.plan(store, NEWS, None, None, ways)
        await broadcasting.enqueue(store, NEWS, plan.receivers, None, knowledge, ways, lambda count: None)
        async with asyncio.timeout(PATIENCE):
            return await broadcasting.watch(store, NEWS, lambda now: None, lambda: None)
    finally:
        await store.close()


async def test_without_news_who_subscribes_is_told_so_and_nobody_is_counted(
    tmp_path: Path, knowledge: Knowledge
) -> None:
    database, folder = f"sqlite:///{tmp_path / 'a.db'}", Folder(tmp_path, news=False)
    async with running(knowledge, database, folder) as task:
        ann = LinesPerson(folder, "Ann", "en", task)
        assert "News cannot be sent to you in this chat" in (await ann.say("/subscribe")).text
        assert "News cannot be sent to you in this chat" in (await ann.say("/subscribe news")).text
    async with running(knowledge, database, Folder(tmp_path)) as task:
        await LinesPerson(folder, "Ann", "en", task).say("/subscribe news")
    store = await open_store(database, existing=True)
    plan = await broadcasting.plan(store, NEWS, None, None, {})
    await store.close()
    assert (plan.receivers, plan.unreached) == ([], 1)


async def test_lines_read_again_after_a_start_are_not_answered_again(tmp_path: Path, knowledge: Knowledge) -> None:
    database, folder = f"sqlite:///{tmp_path / 'a.db'}", Folder(tmp_path)
    async with running(knowledge, database, folder) as task:
        await LinesPerson(folder, "Ann", "en", task).say_all(["thanks", "/help"])
    async with running(knowledge, database, folder) as task:
        await LinesPerson(folder, "Ann", "en", task).say("commission rate")
    assert len(folder.said("Ann")) == 3


# --- in the response to a request


class Gated(Assistant):
    """An assistant that answers when it may."""

    gate: asyncio.Event

    async def receive(self, *args: Any, **kwargs: Any) -> Turn:
        await self.gate.wait()
        return await super().receive(*args, **kwargs)


@pytest.fixture
def gate() -> Iterator[asyncio.Event]:
    Gated.gate = asyncio.Event()
    yield Gated.gate
    del Gated.gate


class Client:
    """A platform that posts messages and reads the responses."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self.session, self.url = session, f"{url}/lines"

    async def post(self, id: str, text: str, who: str = "Ann") -> Any:
        message = json.dumps({"who": who, "text": text, "lang": "en"})
        while True:
            async with self.session.post(self.url, data=message, headers={"Id": id}) as response:
                if response.status != HTTPStatus.SERVICE_UNAVAILABLE:
                    return await response.json()

    async def metrics(self) -> str:
        with_token = {"Authorization": f"Bearer {METRICS_TOKEN}"}
        async with self.session.get(self.url.replace("/lines", "/metrics"), headers=with_token) as response:
            return await response.text()


@contextlib.asynccontextmanager
async def posting(
    knowledge: Knowledge, database: str, folder: Folder, made: Callable[..., Assistant] = Assistant
) -> AsyncIterator[Client]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    told = {"port": port, "metrics_token": METRICS_TOKEN}
    async with running(knowledge, database, folder, made, **told) as task, aiohttp.ClientSession() as session:
        await ready(url, task)
        yield Client(session, url)


async def nothing_waits(database: str) -> None:
    """Wait until nothing is left in the outbox, which is known shortly after a response was read."""
    store = await open_store(database, existing=True)
    try:
        async with asyncio.timeout(PATIENCE):
            while (await store.queues()).outbox:
                await asyncio.sleep(0.02)
    finally:
        await store.close()


async def test_an_answer_made_in_time_goes_into_the_response_and_nowhere_else(
    tmp_path: Path, database: str, knowledge: Knowledge
) -> None:
    folder = Folder(tmp_path, within=PATIENCE)
    async with posting(knowledge, database, folder) as client:
        (first,) = await client.post("1", "how much is the deposit")
        assert "CNY 10,000 to CNY 50,000" in first
        assert await client.post("1", "how much is the deposit") == [first]  # repeated, since the response got lost
        await client.post("2", "/forget")
        (erased,) = await client.post("3", "1")
        assert await client.post("3", "1") == [erased]
        await nothing_waits(database)
        assert 'merchant_bot_sends_total{channel="lines",outcome="sent"} 5.0' in await client.metrics()
    assert folder.said("Ann") == []


async def test_an_answer_made_too_late_goes_by_the_outbox_and_into_no_response(
    tmp_path: Path, database: str, knowledge: Knowledge, gate: asyncio.Event
) -> None:
    folder = Folder(tmp_path, within=0.2)
    async with posting(knowledge, database, folder, Gated) as client:
        assert await client.post("1", "thanks") == "later"
        gate.set()
        await until(lambda: bool(folder.said("Ann")))
        assert await client.post("1", "thanks") == []  # repeated, though it was told
        await nothing_waits(database)
    assert len(folder.said("Ann")) == 1


async def test_a_repeated_request_takes_what_the_first_one_did_not_wait_for(
    tmp_path: Path, database: str, knowledge: Knowledge, gate: asyncio.Event
) -> None:
    folder = Folder(tmp_path, within=1.0)
    async with posting(knowledge, database, folder, Gated) as client:
        assert await client.post("1", "thanks") == "later"
        again = asyncio.create_task(client.post("1", "thanks"))
        gate.set()
        assert "welcome" in (await again)[0]
        await nothing_waits(database)
    assert folder.said("Ann") == []


async def test_what_does_not_fit_into_the_response_follows_it_at_once_and_in_order(
    tmp_path: Path, database: str, knowledge: Knowledge
) -> None:
    folder = Folder(tmp_path, within=PATIENCE, limit=120)
    async with posting(knowledge, database, folder) as client:
        (first,) = await client.post("1", "how much is the deposit")
        await until(lambda: "opens" in "".join(folder.said("Ann")) and "Source" in "".join(folder.said("Ann")))
        rest = folder.said("Ann")
    whole = " ".join([first, *rest])
    assert all(len(text) <= 120 for text in (first, *rest))
    assert whole.index("10,000 to CNY 50,000") < whole.index("Source")
    assert first not in rest


async def test_a_response_that_nobody_reads_any_more_leaves_its_answer_to_the_outbox(
    tmp_path: Path, database: str, knowledge: Knowledge, gate: asyncio.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(responses, "LEASE", 0.1)
    folder = Folder(tmp_path, within=PATIENCE)
    async with posting(knowledge, database, folder, Gated) as client:
        request = asyncio.create_task(client.post("1", "thanks"))
        await until(lambda: bool(gate._waiters))
        request.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await request
        gate.set()
        await until(lambda: bool(folder.said("Ann")))
        await nothing_waits(database)
    assert len(folder.said("Ann")) == 1


class Slow(Assistant):
    """Whose answers to many at once are spread over half a second: 16 turns are under way."""

    async def receive(self, *args: Any, **kwargs: Any) -> Turn:
        await asyncio.sleep(0.1)
        return await super().receive(*args, **kwargs)


async def test_of_answers_just_in_time_and_just_too_late_each_goes_one_way(
    tmp_path: Path, database: str, knowledge: Knowledge
) -> None:
    folder, people = Folder(tmp_path, within=0.3), [f"P{number}" for number in range(80)]
    async with posting(knowledge, database, folder, Slow) as client:
        told = await asyncio.gather(*(client.post(who, "thanks", who) for who in people))
        late = {who for who, answer in zip(people, told, strict=True) if answer == "later"}
        await until(lambda: all(folder.said(who) for who in late))
        await nothing_waits(database)
    assert late
    assert {who: len(folder.said(who)) for who in people} == {who: int(who in late) for who in people}
    assert all("welcome" in answer[0] for who, answer in zip(people, told, strict=True) if who not in late)


async def test_a_request_is_answered_whichever_process_handles_its_message(
    tmp_path: Path, postgres_database: str, knowledge: Knowledge
) -> None:
    folder = Folder(tmp_path, within=PATIENCE)
    async with (
        posting(knowledge, postgres_database, folder) as one,
        posting(knowledge, postgres_database, folder) as other,
    ):
        people = [f"P{number}" for number in range(16)]
        async with asyncio.timeout(PATIENCE):
            told = await asyncio.gather(*((one, other)[n % 2].post(who, "thanks", who) for n, who in enumerate(people)))
        assert all("welcome" in answer[0] for answer in told)
        await nothing_waits(postgres_database)
    assert not (tmp_path / "out.jsonl").exists()
