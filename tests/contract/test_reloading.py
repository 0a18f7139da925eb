"""Content that changes while the service runs: real files, a real service, a real store."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path

import pytest

from bot.assistant import Assistant
from bot.knowledge.knowledge import Knowledge
from bot.model import Address, Message
from bot.service import Service
from bot.service.metrics import Metrics
from bot.service.reloading import Reloading
from bot.store import open_store

TOPIC = """title: {{en: Parking, zh: 停车}}
instead: {{en: Parking costs {fee} coins., zh: 停车费{fee}币。}}
phrasings: {{en: [parking fee, cost of parking], zh: [停车费, 停车多少钱]}}
"""
PATIENCE = 60


async def test_changed_content_is_taken_up_unless_it_has_mistakes(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "bot")
    folder = tmp_path / "own"
    topic = folder / "topics" / "parking" / "parking-fee.yaml"
    topic.parent.mkdir(parents=True)
    topic.write_text(TOPIC.format(fee=3), "utf-8")
    load = partial(Knowledge.open, [folder], only=True, cache=False)
    store = await open_store(f"sqlite:///{tmp_path / 'a.db'}")
    metrics, stop = Metrics(), asyncio.Event()
    assistant = Assistant(load(), store)
    reloading = Reloading(assistant, metrics, [folder], load)
    topic.write_text(TOPIC.format(fee=3) + " ", "utf-8")  # before anybody watches
    running = asyncio.create_task(Service(store, assistant, {}, metrics=metrics).run([reloading.run], stop))

    async def answer() -> str:
        turn = await assistant.receive(Message(Address("platform", "1", "1"), "parking fee", hint="en"))
        return turn.replies[0].text

    async def until(outcome: str, count: int) -> None:
        async with asyncio.timeout(PATIENCE):
            while metrics.registry.get_sample_value("merchant_bot_reloads_total", {"outcome": outcome}) != count:
                assert not running.done()
                await asyncio.sleep(0.05)

    try:
        assert "3 coins" in await answer()
        await until("taken", 1)
        await reloading.watching.wait()
        topic.write_text(TOPIC.format(fee=4), "utf-8")
        await until("taken", 2)
        assert "4 coins" in await answer()
        topic.write_text(TOPIC.format(fee=5) + "colour: red\n", "utf-8")
        await until("refused", 1)
        assert "4 coins" in await answer()
        assert "parking-fee.yaml:4: " in caplog.text
        topic.write_text(TOPIC.format(fee=6), "utf-8")
        await until("taken", 3)
        assert "6 coins" in await answer()
    finally:
        stop.set()
        await running
        await store.close()
