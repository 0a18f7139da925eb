"""A new channel is one module: what its platform cannot do has a default."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

from bot.channels.channel import Platform
from bot.commands import broadcasting
from bot.commands.broadcasting import Broadcast
from bot.knowledge.knowledge import Knowledge
from bot.store import Sent, open_store
from tests.contract.channels import LinesPerson, running
from tests.contract.lines import NAME, Folder
from tests.visitors import PATIENCE

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
