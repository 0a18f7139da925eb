"""Connections that bring no request, floods of them, and refusals that are logged in sums: a real server, real sockets."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.app import run
from bot.channels.tally import RefusalTally
from bot.channels.telegram import webhook
from bot.channels.telegram.fields import Me
from bot.channels.telegram.inlet import Inlet
from bot.channels.telegram.webhook import SECRET_HEADER, Webhook
from bot.service import door
from bot.service.metrics import Metrics
from bot.service.server import serve_web
from bot.settings import Settings
from bot.store import open_store

HALF = b"POST /telegram HTTP/1.1\r\nHost: example.com\r\nX-Half: "
Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@contextlib.asynccontextmanager
async def server(tmp_path: Path, **settings: Any) -> AsyncIterator[int]:
    """A web server with a webhook; gives its port."""
    chosen = Settings(**{"_env_file": None, "port": 0, **settings})
    store = await open_store(f"sqlite:///{tmp_path / 'a.db'}")
    add = Webhook(Inlet(store, Me(7)), "the-secret", "https://example.com/telegram").add_to
    try:
        async with serve_web(chosen, store, [add], asyncio.Event(), Metrics()) as url:
            yield int(url.rpartition(":")[2])
    finally:
        await store.close()


async def half(port: int, sent: bytes = HALF) -> Connection:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)
    return reader, writer


async def ended(connection: Connection) -> bool:
    """Whether the server has ended a connection, waiting for it for a while."""
    with contextlib.suppress(ConnectionError, TimeoutError):
        async with asyncio.timeout(5):
            await connection[0].read()
    return connection[0].at_eof() or connection[0].exception() is not None


async def alive(port: int) -> None:
    url = f"http://127.0.0.1:{port}/healthz"
    async with asyncio.timeout(5), aiohttp.ClientSession() as session, session.get(url) as response:
        assert await response.text() == "alive\n"


def close(*connections: Connection) -> None:
    for _, writer in connections:
        writer.transport.abort()


def test_the_health_check_answers_while_very_many_requests_are_half_sent(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "MOST_WAITING", 400)

    async def flooded() -> None:
        async with server(tmp_path) as port:
            flood = [await half(port) for _ in range(650)]
            await alive(port)
            assert await ended(flood[0])
            assert not flood[-1][0].at_eof()
            close(*flood)

    run(flooded())  # on uvloop, as `serve` does
    lines = [record.getMessage() for record in caplog.records if record.name == "bot.service.door"]
    assert len(lines) == 2  # the first at once, the others in a sum at the end
    assert sum(int(found) for line in lines for found in re.findall(r"without a request: (\d+)", line)) >= 250


async def test_a_request_has_so_much_time_to_come_and_so_has_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "FIRST", 0.3)
    monkeypatch.setattr(door, "BETWEEN", 0.6)
    whole = b"GET /healthz HTTP/1.1\r\nHost: example.com\r\n\r\n"
    async with server(tmp_path) as port:
        silent, begun, answered, next_begun = [await half(port, sent) for sent in (b"", HALF, whole, whole)]
        await asyncio.gather(*(one[0].readuntil(b"alive\n") for one in (answered, next_begun)))
        next_begun[1].write(HALF)

        async def trickle() -> None:
            with contextlib.suppress(ConnectionError):
                while True:
                    for _, writer in (begun, next_begun):
                        writer.write(b"x")
                        await writer.drain()
                    await asyncio.sleep(0.05)

        trickling = asyncio.create_task(trickle())
        assert await asyncio.gather(*map(ended, (silent, begun, answered, next_begun))) == [True] * 4
        trickling.cancel()
        close(silent, begun, answered, next_begun)


async def test_one_address_takes_so_many_connections_and_a_proxy_any_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "MOST_OF_ADDRESS", 5)
    async with server(tmp_path, trusted_proxies="192.0.2.1") as port:
        flood = [await half(port) for _ in range(8)]
        assert await asyncio.gather(*map(ended, flood[:3])) == [True] * 3
        assert not any(one[0].at_eof() for one in flood[3:])
        await alive(port)
        close(*flood)
    async with server(tmp_path, trusted_proxies="192.0.2.1") as port, aiohttp.ClientSession() as session:
        url = f"http://127.0.0.1:{port}/healthz"
        async with session.get(url):  # its connection is kept, and rests until it has to go
            pass
        flood = [await half(port) for _ in range(4)]
        assert not any(one[0].at_eof() for one in flood)
        flood += [await half(port) for _ in range(2)]
        assert await ended(flood[0])
        async with session.get(url) as response:
            assert response.status == 200
        close(*flood)
    async with server(tmp_path, trusted_proxies="127.0.0.1") as port:
        flood = [await half(port) for _ in range(8)]
        await alive(port)
        assert not any(one[0].at_eof() for one in flood)
        close(*flood)


async def test_a_body_has_so_much_time_to_come(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook, "BODY_PATIENCE", 0.2)
    monkeypatch.setattr("bot.service.server.LINGER", 0.1)
    async with server(tmp_path) as port:
        head = f"POST /telegram HTTP/1.1\r\nHost: a\r\n{SECRET_HEADER}: the-secret\r\nContent-Length: 100\r\n\r\n{{"
        slow = await half(port, head.encode())
        assert (await slow[0].readline()).startswith(b"HTTP/1.1 408 ")
        close(slow)


async def test_wrong_secrets_and_rubbish_are_logged_in_sums(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with server(tmp_path) as port, aiohttp.ClientSession() as session:
        for number in range(30):
            wrong = {SECRET_HEADER: f"guess{number}"}
            async with session.post(f"http://127.0.0.1:{port}/telegram", headers=wrong, data="{}") as response:
                assert response.status == 401
        for _ in range(20):
            rubbish = await half(port, b"GET / HTTP/1.1\r\nno header\r\n\r\n")
            assert await ended(rubbish)
            close(rubbish)
    lines = [record.getMessage() for record in caplog.records]
    secrets = [line for line in lines if line.startswith("webhook: refused: the secret is missing or wrong")]
    assert [line.rpartition(": ")[2] for line in secrets] == ["1", "29"]
    assert [line for line in lines if "no HTTP" in line] == [
        "web server: refused: requests that are no HTTP: 1",
        "web server: refused: requests that are no HTTP: 19",
    ]
    assert len(lines) == 4 + sum("schema" in line for line in lines)


async def test_a_sum_is_logged_once_in_a_while_with_the_count_of_each_kind(caplog: pytest.LogCaptureFixture) -> None:
    sums = RefusalTally(logging.getLogger("bot.sums"), "web chat", every=0.1)
    for kind, count in (("one", 1), ("two", 1000), ("one", 3)):
        for _ in range(count):
            sums.count(kind)
    async with asyncio.timeout(5):
        while len(caplog.records) < 2:
            await asyncio.sleep(0.01)
    assert [record.getMessage() for record in caplog.records] == [
        "web chat: refused: one: 1",
        "web chat: refused: two: 1,000, one: 3",
    ]
    sums.close()
    assert len(caplog.records) == 2
