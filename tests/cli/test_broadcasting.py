"""`merchant-bot broadcast` as a process beside one that serves."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.model import Address, Conversation, Subscribing
from bot.store import Delivery, Handled, open_store

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
async def served(database: str, tmp_path: Path) -> str:
    """A database with two subscribers, and a file to send."""
    (tmp_path / "news.md").write_text("# English\nSpring\n\n# 中文\n春天\n", "utf-8")
    store = await open_store(database)
    for user, lang in (("1", "en"), ("2", "zh")):
        talk = Conversation(lang="zh" if lang == "zh" else "en")
        await store.finish(
            Handled(Address("telegram", user, user), conversation=talk, subscribing=Subscribing("news", True))
        )
    await store.close()
    return database


def test_a_dry_run_shows_it_and_sends_nothing(served: str, run: Run) -> None:
    shown = run("broadcast", "news.md", "--dry-run", DATABASE_URL=served)
    assert shown.returncode == 0, shown.stderr
    assert "Spring" in shown.stdout
    assert "2 receivers; nothing is sent" in shown.stdout
    english = run("broadcast", "news.md", "--dry-run", "--language", "en", DATABASE_URL=served)
    assert "1 receivers" in english.stdout
    assert "春天" not in english.stdout


async def test_it_is_stored_watched_and_reported(served: str, run: Run) -> None:
    store = await open_store(served)
    await store.claim(tuple)
    task = asyncio.create_task(asyncio.to_thread(run, "broadcast", "news.md", "--yes", DATABASE_URL=served))
    async with asyncio.timeout(60):
        while len(calls := await store.outbox(["telegram"], (), 10)) < 2:
            await asyncio.sleep(0.05)
    await store.mark(Delivery(calls[0], "sent"))
    await store.mark(Delivery(calls[1], "gone", error="blocked"))
    finished = await task
    assert finished.returncode == 0, finished.stderr
    assert "1 sent, 1 have blocked" in " ".join(finished.stdout.split())
    assert len(await store.subscribers(None)) == 1
    again = await asyncio.to_thread(run, "broadcast", "news.md", "--yes", DATABASE_URL=served)
    assert "begun before" in again.stdout
    assert await store.outbox(["telegram"], (), 10) == []
    await store.close()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("nowhere.md",), "cannot be read"),
        (("news.md", "--subject", "new"), 'did you mean "news"?'),
        (("news.md",), "give --yes"),
        (("bad.md",), "bad.md:1: this text has no language"),
    ],
)
def test_wrong_use_is_told(served: str, run: Run, tmp_path: Path, arguments: tuple[str, ...], says: str) -> None:
    (tmp_path / "bad.md").write_text("Spring", "utf-8")
    told = run("broadcast", *arguments, DATABASE_URL=served)
    assert told.returncode == 2
    assert says in told.stderr
