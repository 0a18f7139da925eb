"""Health tells the truth: what the database no longer keeps ends the service, what passes is told, and so is a platform's trouble."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.assistant import Assistant
from bot.channels.telegram import connection
from bot.knowledge.knowledge import Knowledge
from bot.service import Service
from bot.service.metrics import Metrics
from bot.service.server import serve_web
from bot.settings import Settings
from bot.store import StoreError, open_store
from bot.store.sqlite import SqliteStore
from tests import started
from tests.botapi import BotApi
from tests.contract.test_monitoring import metrics_at, read, scrape
from tests.contract.test_service import Platform, arrive, on_telegram
from tests.crash import PATIENCE, free_port


def delete(path: Path) -> None:
    path.unlink()


def replace(path: Path) -> None:
    shutil.copy(path, path.with_suffix(".copy"))
    path.with_suffix(".copy").replace(path)


def delete_log(path: Path) -> None:
    path.with_name(f"{path.name}-wal").unlink()


def damage(path: Path) -> None:
    """Overwrite the second half of the pages, as a failing disk does."""
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(size // 2)
        file.write(b"\x5a" * (size // 2))


async def get(url: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return answer.status, await answer.text()


@pytest.mark.parametrize(
    ("harm", "told"),
    [(delete, "was deleted while"), (replace, "was replaced while"), (delete_log, "-wal: this file was")],
)
async def test_a_file_that_is_gone_ends_the_service(
    tmp_path: Path, assistant: Assistant, harm: Callable[[Path], None], told: str
) -> None:
    path = tmp_path / "a.db"
    store = await open_store(f"sqlite:///{path}")
    service = Service(store, assistant, {"platform": Platform()})
    running = asyncio.create_task(service.run([], asyncio.Event()))
    assert isinstance(store, SqliteStore)
    async with asyncio.timeout(PATIENCE):
        while not store.files:
            await asyncio.sleep(0.01)
        harm(path)
        with pytest.raises(StoreError, match=told):
            await running
    with pytest.raises(StoreError, match=told):
        await store.probe()
    await store.close()


async def test_damaged_pages_end_the_service(tmp_path: Path, assistant: Assistant) -> None:
    path = tmp_path / "a.db"
    store = await open_store(f"sqlite:///{path}")
    await arrive(store, *(f"{number}:how much is the deposit" for number in range(500)))
    await store.close()
    store = await open_store(f"sqlite:///{path}")
    damage(path)
    service = Service(store, assistant, {"platform": Platform()})
    async with asyncio.timeout(PATIENCE):
        with pytest.raises(StoreError, match=f"{path}: this database is damaged: .*restore a backup"):
            await service.run([], asyncio.Event())
    await store.close()
    path.write_bytes(path.read_bytes()[:100] + b"\x5a" * 100_000)
    with pytest.raises(StoreError, match="this database is damaged"):
        await open_store(f"sqlite:///{path}")


async def test_a_table_that_is_gone_ends_the_service(postgres_database: str, assistant: Assistant) -> None:
    store = await open_store(postgres_database)
    await store.change("DROP TABLE kept")  # type: ignore[attr-defined]
    async with asyncio.timeout(PATIENCE):
        with pytest.raises(StoreError, match='relation "kept" does not exist'):
            await Service(store, assistant, {"platform": Platform()}).run([], asyncio.Event())
    await store.close()


@pytest.mark.timeout(300)
async def test_a_process_ends_with_a_line_that_says_why(tmp_path: Path, knowledge: Knowledge) -> None:
    path = tmp_path / "a.db"
    environment = {**os.environ, "DATABASE_URL": f"sqlite:///{path}", "PORT": str(free_port()), "HOME": str(tmp_path)}
    process = started.Started(["serve"], environment, cwd=tmp_path)
    async with asyncio.timeout(PATIENCE):
        while "answering on web" not in process.told("stderr"):
            await asyncio.sleep(0.02)
        delete(path)
        _, said = await asyncio.to_thread(process.wait, PATIENCE)
    assert process.returncode == 1
    assert f"{path}: this file was deleted while it was served" in said.splitlines()[-1]
    assert "Traceback" not in said


async def test_a_lasting_lock_fails_readiness_until_it_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.db"
    store = await open_store(f"sqlite:///{path}")
    settings = Settings(port=free_port(), metrics_port=free_port())
    ready = asyncio.Event()
    ready.set()

    async def until(status: int, up: float) -> None:
        async with asyncio.timeout(PATIENCE):
            while (await get(f"{url}/readyz"))[0] != status:
                await asyncio.sleep(0.05)
            while read((await scrape(metrics_at(settings)))[1])["merchant_bot_store_up",] != up:
                await asyncio.sleep(0.05)

    async with serve_web(settings, store, [], ready, Metrics()) as url:
        await until(200, 1)
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            monkeypatch.setattr("bot.service.pulse.PATIENCE", 0.1)
            await until(503, 0)
            assert (await get(f"{url}/readyz"))[1] == "the database keeps nothing\n"
            assert re.match("the database keeps nothing: .+", (await get(f"{metrics_at(settings)}/readyz"))[1])
        monkeypatch.undo()
        await until(200, 1)
    await store.close()


@pytest.mark.parametrize("hook", [False, True], ids=["polling", "webhook"])
async def test_a_revoked_token_is_told_and_does_not_fail_readiness(
    knowledge: Knowledge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hook: bool
) -> None:
    monkeypatch.setattr(connection, "WATCH_POLLS", 0.02)
    monkeypatch.setattr(connection, "WATCH_CALLS", 0.02)
    store = await open_store(f"sqlite:///{tmp_path / 'a.db'}")
    own, told = free_port(), free_port()
    settings: dict[str, Any] = {"METRICS_PORT": str(told), "PORT": str(own)}
    if hook:
        settings |= {
            "TELEGRAM_WEBHOOK_URL": f"http://127.0.0.1:{own}/telegram",
            "TELEGRAM_WEBHOOK_SECRET": "a-word_that-Telegram-sends",
        }
    up = ("merchant_bot_channel_up", "telegram")

    async def until(value: float) -> str:
        async with asyncio.timeout(PATIENCE):
            while read((await scrape(f"http://127.0.0.1:{told}"))[1]).get(up) != value:
                await asyncio.sleep(0.05)
            while bool(note := await store.recall("telegram-trouble")) == bool(value):
                await asyncio.sleep(0.02)
        return note or ""

    async with BotApi() as api, on_telegram(api, knowledge, store, monkeypatch, **settings):
        await until(1)
        token, api.token = api.token, f"{api.token[:-1]}x"
        api.message(api.user("Ann"), "/help")  # ends the poll under way
        assert "(since 20" in await until(0)
        assert (await get(f"http://127.0.0.1:{own}/readyz"))[0] == 200
        api.token = token
        await until(1)
    await store.close()
