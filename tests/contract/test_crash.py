"""Killed at random moments under load: every update answered, in order, none twice but what was being sent."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.knowledge.knowledge import Knowledge
from bot.service.sender import CONCURRENT_CALLS
from tests.crash import BotApiProcess, Serve, crash, expected, free_port, webhook

pytestmark = pytest.mark.timeout(240)

KILLS = 2


async def holds(
    knowledge: Knowledge, database: str, processes: int = 1, settings: dict[str, str] | None = None
) -> None:
    async with BotApiProcess() as api:
        serving = [Serve(api, database, **settings or {}) for _ in range(processes)]
        try:
            report = await crash(api, serving, expected(knowledge, 100), kills=KILLS, merchants=20, seed=1)
            print(report)
            assert report.updates > 50
            assert (report.lost, report.out_of_order) == (0, 0)
            assert report.twice <= CONCURRENT_CALLS * KILLS
            for one in serving:
                code, seconds, said = await one.stop()
                assert (code, said) == (0, "")
                assert seconds < 20
        finally:
            for one in serving:
                if one.process.returncode is None:
                    await one.kill()


async def test_with_sqlite_by_polling(knowledge: Knowledge, tmp_path: Path) -> None:
    await holds(knowledge, f"sqlite:///{tmp_path / 'assistant.db'}")


async def test_with_sqlite_by_webhook(knowledge: Knowledge, tmp_path: Path) -> None:
    await holds(knowledge, f"sqlite:///{tmp_path / 'assistant.db'}", settings=webhook(free_port()))


async def test_with_three_processes_on_postgresql(knowledge: Knowledge, postgres_database: str) -> None:
    await holds(knowledge, postgres_database, 3)
