"""Killed while merchants wait: whoever wrote is answered by the process that the platform asks next, and only what
customer service was sending comes twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.service.sender import CONCURRENT_CALLS
from tests.wechat.crash import WeChatServe, crash
from tests.wechat_platform import Account, WeChatPlatform

pytestmark = pytest.mark.timeout(240)

KILLS = 1


@pytest.mark.parametrize("verified", [True, False])
async def test_with_two_processes_on_postgresql(
    verified: bool, knowledge: object, postgres_database: str, tmp_path: Path
) -> None:
    async with WeChatPlatform(Account(verified=verified), patience=5.0) as platform:
        serving = [WeChatServe(platform, postgres_database) for _ in range(2)]
        try:
            report = await crash(platform, serving, messages=60, senders=20, kills=KILLS, rate=15.0)
            print(report)
            assert report.late > 2
            assert report.requests > report.messages
            assert (report.lost, report.twice, report.unavailable) == (0, 0, 0)
            assert report.resent <= CONCURRENT_CALLS * KILLS
            assert [await one.stop() for one in serving] == [0, 0]
        finally:
            for one in serving:
                await one.kill()
