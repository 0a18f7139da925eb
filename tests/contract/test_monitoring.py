"""Monitoring: logs without words or secrets, and metrics."""

from __future__ import annotations

import asyncio
import gc
import io
import json
import logging
import sys
from base64 import b64encode
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from bot.assistant import Assistant
from bot.channels.channel import CallRefused, RecipientGone, RetryLater
from bot.knowledge.knowledge import Knowledge
from bot.model import Address, Message
from bot.service.logs import log_to
from bot.service.metrics import Metrics
from bot.service.server import CannotListen, serve_web
from bot.settings import Settings
from bot.store import Handled, Outgoing, Store, StoreError, open_store
from tests.contract.test_service import PATIENCE, Platform, arrive, running
from tests.crash import MESSAGES, BotApiProcess, Serve, free_port

TOKEN = "123456789:AAExampleTokenFromBotFather-xyz12345"
WORDS = "quokka"


@pytest.fixture
def logs() -> Iterator[io.StringIO]:
    """What is logged, at every level."""
    root, stream = logging.getLogger(), io.StringIO()
    before = root.handlers, root.level, [logging.getLogger(name).level for name in ("bot", "handlers")]
    unraisable = sys.unraisablehook
    log_to(stream, "debug", ["hush-hush"])
    yield stream
    logging.captureWarnings(False)
    sys.unraisablehook = unraisable
    root.handlers, level, others = before
    root.setLevel(level)
    for name, of_it in zip(("bot", "handlers"), others, strict=True):
        logging.getLogger(name).setLevel(of_it)


@pytest.fixture
async def store(database: str) -> AsyncIterator[Store]:
    opened = await open_store(database)
    yield opened
    await opened.close()


def lines(stream: io.StringIO) -> list[dict[str, str]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_is_json_with_its_time_level_and_place(logs: io.StringIO) -> None:
    logging.getLogger("bot.service").warning("%d 条", 3, extra={"chat": "1"})
    (line,) = lines(logs)
    assert line.pop("timestamp").endswith("Z")
    assert line == {"event": "3 条", "level": "warning", "logger": "bot.service", "chat": "1"}


def test_a_line_is_words_on_a_terminal() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    root, stream = logging.getLogger(), Terminal()
    before = root.handlers, root.level
    log_to(stream, "info")
    logging.getLogger("bot.service").warning("%d 条 for %s", 3, TOKEN)
    root.handlers, level = before
    root.setLevel(level)
    logging.captureWarnings(False)
    (line,) = stream.getvalue().splitlines()
    assert "3 条 for 123456789:…" in line
    assert "warning" in line
    assert not line.startswith("{")


def test_no_secret_gets_into_a_line(logs: io.StringIO) -> None:
    logging.getLogger("bot").error("GET https://api.telegram.org/bot%s/getMe, word %s", TOKEN, "hush-hush")
    assert lines(logs)[0]["event"] == "GET https://api.telegram.org/bot123456789:…/getMe, word …"


def test_an_error_is_told_by_its_way_and_not_by_its_words(logs: io.StringIO) -> None:
    try:
        try:
            int(WORDS)
        except ValueError as error:
            raise KeyError(WORDS) from error
    except KeyError:
        logging.getLogger("bot").exception("it failed")
    told = lines(logs)[0]["exception"]
    assert "ValueError" in told
    assert "KeyError" in told
    assert "test_monitoring.py" in told
    assert WORDS not in told


async def test_an_error_that_nobody_caught_is_told_without_its_words(logs: io.StringIO) -> None:
    class Unready:
        def __del__(self) -> None:
            raise ValueError(WORDS)

    async def fails() -> None:
        raise KeyError(WORDS)

    Unready()
    tasks = {asyncio.create_task(fails())}
    await asyncio.wait(tasks)
    tasks.clear()
    gc.collect()
    ignored, never_retrieved = lines(logs)
    assert "ValueError" in ignored["exception"]
    assert never_retrieved["event"] == "Task exception was never retrieved"
    assert "KeyError" in never_retrieved["exception"]
    assert WORDS not in logs.getvalue()


def test_other_libraries_are_heard_from_warnings_on(logs: io.StringIO) -> None:
    logging.getLogger("telegram.Bot").info("sendMessage with %s", WORDS)
    logging.getLogger("httpx").warning("slow")
    assert [line["event"] for line in lines(logs)] == ["slow"]


class Talkative(Platform):
    """A platform whose failures repeat the words of a message."""

    def read(self, payload: str) -> Message | None:
        if payload.startswith("unreadable"):
            raise ValueError(payload)
        return super().read(payload)


async def test_failures_of_all_sorts_tell_no_words(store: Store, assistant: Assistant, logs: io.StringIO) -> None:
    platform = Talkative()
    platform.fails[f"b:{WORDS}"] = [RetryLater("502"), RuntimeError(WORDS)]
    platform.fails[f"c:{WORDS}"] = [RecipientGone("blocked")]
    async with running(store, assistant, platform):
        await arrive(store, f"unreadable:{WORDS}", f"a:{WORDS}", f"b:{WORDS}", f"c:{WORDS}")
        await platform.until_sent(1)
        async with asyncio.timeout(PATIENCE):
            while len(await store.letters()) < 2 or len(await store.failures()) < 1:
                await asyncio.sleep(0.01)
    (failure,) = await store.failures()
    assert WORDS in failure.error
    events = "\n".join(line["event"] for line in lines(logs))
    assert "merchant-bot inbox show" in events
    assert "is a dead letter: RuntimeError" in events
    assert WORDS not in logs.getvalue()


async def test_what_cannot_be_stored_tells_no_words(store: Store, logs: io.StringIO) -> None:
    with pytest.raises(StoreError) as caught:
        await store.finish(Handled(Address("a", "b", "c"), outgoing=(Outgoing("a", "b", "x", WORDS),)))  # type: ignore[arg-type]
    assert WORDS not in str(caught.value)


@pytest.mark.timeout(300)
@pytest.mark.usefixtures("knowledge")  # compiles the content, so that the process need not
@pytest.mark.parametrize("library", ["aiogram", "ptb"])
async def test_a_process_at_its_most_talkative_tells_no_words_and_no_token(tmp_path: Path, library: str) -> None:
    async with BotApiProcess() as api:
        url = f"sqlite:///{tmp_path / 'assistant.db'}"
        serve = Serve(api, url, LOG_LEVEL="debug", SECRET="sixteen-characters-secret", TELEGRAM_LIBRARY=library)
        people = await api.people(5)
        await serve.start()
        for kind in ("429", "502", "drop_before"):
            await api.control("fault", {"kind": kind, "probability": 0.2, "seed": 3})
        await api.write([(one, f"{WORDS} {text}") for one in people for text in MESSAGES])
        await api.control("until", {"calls": 40, "timeout": PATIENCE})
        code, _, said = await serve.stop()
    assert code == 0
    assert "answering on telegram" in said
    assert all(json.loads(line)["timestamp"] for line in said.splitlines())
    for secret in (WORDS, api.token, api.token.partition(":")[2], "sixteen-characters-secret", "CNY"):
        assert secret not in said


# --- metrics


def read(text: str) -> dict[tuple[str, ...], float]:
    """Samples by name and the values of their labels."""
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@pytest.fixture
def watched() -> Settings:
    """Settings of a service whose metrics are on a port of their own."""
    return Settings(port=free_port(), metrics_port=free_port())


def metrics_at(settings: Settings) -> str:
    return f"http://127.0.0.1:{settings.metrics_port}"


async def scrape(url: str, **headers: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.get(f"{url}/metrics", headers=headers) as answer:
        return answer.status, await answer.text()


async def test_an_operator_reads_what_is_done_and_what_waits(
    store: Store, assistant: Assistant, knowledge: Knowledge, watched: Settings
) -> None:
    platform, metrics = Platform(), Metrics()
    platform.fails["a:how much is the deposit"] = [RetryLater("502")]
    platform.fails["b:weather"] = [CallRefused("no")]
    async with serve_web(watched, store, [], asyncio.Event(), metrics):
        async with running(store, assistant, platform, metrics=metrics):
            await arrive(store, "a:how much is the deposit", "b:weather", "broken", "nothing")
            await platform.until_sent(1)
            async with asyncio.timeout(PATIENCE):
                while not await store.letters() or await store.inbox((), 10):
                    await asyncio.sleep(0.01)
        await arrive(store, "c:waits")
        status, text = await scrape(metrics_at(watched))
        assert status == 200
    found = read(text)
    assert found["merchant_bot_updates_total", "platform"] == 4
    assert found["merchant_bot_answers_total", "answer"] == 1
    assert found["merchant_bot_answers_total", "unknown"] == 1
    assert found["merchant_bot_answers_total", "failed"] == 1
    assert found["merchant_bot_turn_seconds_count",] == 4
    assert found["merchant_bot_sends_total", "platform", "sent"] == 1
    assert found["merchant_bot_sends_total", "platform", "again"] == 1
    assert found["merchant_bot_sends_total", "platform", "dead"] == 1
    assert found["merchant_bot_waiting", "inbox"] == 1
    assert 0 <= found["merchant_bot_oldest_seconds", "inbox"] < 60
    assert found["merchant_bot_waiting", "outbox"] == 0
    assert found["merchant_bot_dead_letters", "inbox"] == 1
    assert found["merchant_bot_dead_letters", "outbox"] == 1
    assert found["merchant_bot_content_info", knowledge.version] == 1
    assert found["merchant_bot_store_up",] == 1
    assert found["process_resident_memory_bytes",] > 0


async def test_nobody_reads_metrics_from_the_open_port_without_the_token(store: Store, watched: Settings) -> None:
    token = "a-token-of-the-operator"
    by_token = Settings(port=free_port(), metrics_token=SecretStr(token))
    right, wrong = {"Authorization": f"Bearer {token}"}, {"Authorization": "Bearer \u6ca1\u6709"}
    forged = {
        "Forwarded": "for=127.0.0.1",
        "X-Forwarded-For": "127.0.0.1",
        "Host": "127.0.0.1",
        "X-Real-IP": "127.0.0.1",
    }
    async with (
        serve_web(watched, store, [], asyncio.Event(), Metrics()) as url,
        serve_web(by_token, store, [], asyncio.Event(), Metrics()) as with_token,
    ):
        assert [(await scrape(url, **headers))[0] for headers in ({}, forged, right)] == [403] * 3
        assert [(await scrape(with_token, **headers))[0] for headers in ({}, forged, wrong)] == [403] * 3
        assert (await scrape(with_token, **right))[0] == 200
        assert (await scrape(metrics_at(watched)))[0] == 200
        async with aiohttp.ClientSession() as session, session.get(f"{url}/robots.txt") as answer:
            rules = await answer.text()
    assert "Disallow: /console" in rules
    assert "/r/" not in rules  # a crawler has to read that a result is not to be listed


async def test_metrics_need_no_web_server(store: Store) -> None:
    alone = Settings(metrics_port=free_port())
    async with serve_web(alone, store, [], asyncio.Event(), Metrics()) as url:
        assert url == ""
        assert (await scrape(metrics_at(alone)))[0] == 200
        async with aiohttp.ClientSession() as session, session.get(f"{metrics_at(alone)}/readyz") as answer:
            assert answer.status == 503
    with pytest.raises(aiohttp.ClientConnectorError):
        await scrape(metrics_at(alone))


async def test_a_taken_metrics_port_is_told(store: Store) -> None:
    alone = Settings(metrics_port=free_port())
    async with serve_web(alone, store, [], asyncio.Event(), Metrics()):
        with pytest.raises(CannotListen, match=r"METRICS_PORT: cannot listen on 127\.0\.0\.1:"):
            async with serve_web(alone, store, [], asyncio.Event(), Metrics()):
                pass


async def test_a_scrape_says_that_the_database_is_away(
    tmp_path: Path, watched: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = await open_store(f"sqlite:///{tmp_path / 'assistant.db'}")
    monkeypatch.setattr("bot.service.metrics.PATIENCE", 0.1)
    store.reader.execute("PRAGMA busy_timeout = 0")  # type: ignore[attr-defined]
    blocking = asyncio.Event()
    loop = asyncio.get_running_loop()
    store.reading.submit(lambda: asyncio.run_coroutine_threadsafe(blocking.wait(), loop).result())  # type: ignore[attr-defined]
    async with serve_web(watched, store, [], asyncio.Event(), Metrics()):
        found = read((await scrape(metrics_at(watched)))[1])
        blocking.set()
    assert found["merchant_bot_store_up",] == 0
    assert ("merchant_bot_waiting", "inbox") not in found
    await store.close()


def test_settings_say_what_no_log_may_show() -> None:
    chosen = Settings(
        telegram_token=SecretStr(TOKEN), secret=SecretStr("s" * 16), database_url="postgresql://me:p%40ss@host/db"
    )
    assert set(chosen.secrets) == {TOKEN, "s" * 16, "p%40ss", b64encode(b"me:p@ss").decode()}
