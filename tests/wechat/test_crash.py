"""Killed while merchants wait: whoever wrote is answered, and once, by the process that the platform asks next."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.wechat.crash import WeChatServe, crash
from tests.wechat_platform import Account, WeChatPlatform

pytestmark = pytest.mark.timeout(240)


@pytest.mark.parametrize("verified", [True, False])
async def test_with_two_processes_on_postgresql(
    verified: bool, knowledge: object, postgres_database: str, tmp_path: Path
) -> None:
    async with WeChatPlatform(Account(verified=verified), patience=5.0) as platform:
        serving = [WeChatServe(platform, postgres_database) for _ in range(2)]
        try:
            report = await crash(platform, serving, messages=60, senders=25, kills=2, rate=6.0)
            print(report)
            print(
                {one.text for one in platform.shown if one.by == "unavailable"},
                *(one.process.told("stderr") for one in serving),
            )
            assert report.late > 3
            assert report.requests > report.messages
            assert (report.lost, report.twice, report.unavailable) == (0, 0, 0)
            assert [await one.stop() for one in serving] == [0, 0]
        finally:
            for one in serving:
                await one.kill()
