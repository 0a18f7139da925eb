"""Processes that serve an official account and are killed while merchants write, some of whom are answered late."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from tests.crash import PATIENCE as START
from tests.crash import free_port
from tests.started import PAUSE, Started, Whole
from tests.wechat_platform import WeChatPlatform

QUESTIONS = ("how much is the deposit", "commission rate", "保证金多少钱", "registration steps", "佣金多少")


class WeChatServe:
    """`merchant-bot serve` for an official account, in its own process; `whole`: with an interpreter of its own."""

    def __init__(self, platform: WeChatPlatform, database: str, *, whole: bool = False, **settings: str) -> None:
        account, self.port, self.whole = platform.account, free_port(), whole
        self.environment = {
            **os.environ,
            "WECHAT_APP_ID": account.app_id,
            "WECHAT_TOKEN": account.token,
            "WECHAT_SECRET": account.secret,
            "WECHAT_API_URL": platform.url,
            "WECHAT_VERIFIED": "yes" if account.verified else "no",
            **({"WECHAT_AES_KEY": account.aes_key} if account.mode != "plain" else {}),
            "WECHAT_PATIENCE": str(platform.patience),
            "PORT": str(self.port),
            "DATABASE_URL": database,
            "MESSAGES_PER_MINUTE": "0",
            "OPENBLAS_NUM_THREADS": "1",
            "LOG_LEVEL": "error",
            **settings,
        }
        platform.servers.append(f"http://127.0.0.1:{self.port}/wechat")

    async def start(self) -> None:
        """Returns when it answers."""
        started = Whole if self.whole else Started
        self.process = started(["serve"], self.environment, module="tests.wechat.late_serve")
        async with asyncio.timeout(START):
            while not self.process.told().endswith("\n") and self.process.returncode is None:
                await asyncio.sleep(PAUSE)
        if not self.process.told().startswith("Answering"):
            raise RuntimeError(self.process.told("stderr"))

    async def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        await asyncio.to_thread(self.process.wait, START)

    async def stop(self) -> int | None:
        self.process.send_signal(signal.SIGTERM)
        await asyncio.to_thread(self.process.wait, START)
        return self.process.returncode


@dataclass(frozen=True)
class Report:
    """What merchants got: messages, answers missing, answers that came twice, notices that the service is not available.

    `resent`: of customer service, in whose calls a kill falls between the platform's acceptance and its mark.
    """

    messages: int
    requests: int
    late: int
    lost: int
    twice: int
    resent: int
    unavailable: int
    by: dict[str, int]
    seconds: float


async def crash(
    platform: WeChatPlatform,
    processes: Sequence[WeChatServe],
    *,
    messages: int,
    senders: int,
    kills: int,
    rate: float,
    seed: int = 1,
) -> Report:
    """Write messages at a rate, one in ten answered late, and kill one process after another; each is started anew."""
    chance, begun = random.Random(seed), time.monotonic()
    await asyncio.gather(*(one.start() for one in processes))
    names: dict[str, str] = {}
    late = 0
    asking: list[asyncio.Task[object]] = []

    async def write() -> None:
        nonlocal late
        first = asyncio.get_running_loop().time()
        for number in range(messages):
            await asyncio.sleep(max(0.0, first + number / rate - asyncio.get_running_loop().time()))
            # Later than one, two or all three requests.
            slow = chance.choice((1.3, 2.3, 3.6)) * platform.patience if chance.random() < 0.1 else 0.0
            late += slow > 0
            who = f"o{chance.randrange(senders)}"
            name = f"m{number}x"
            names[name] = who
            text = f"late-{slow:.2f}-{name} {chance.choice(QUESTIONS)}"
            asking.append(asyncio.create_task(platform.say(who, text)))

    async def end() -> None:
        for _ in range(kills):
            await asyncio.sleep(messages / rate / (kills + 1) * chance.uniform(0.6, 1.2))
            victim = chance.choice(processes)
            await victim.kill()
            await victim.start()

    async with asyncio.TaskGroup() as both:
        both.create_task(write())
        both.create_task(end())
    await asyncio.gather(*asking)
    found = await counted(platform, names)
    kinds = Counter(one.by for one in platform.shown)
    return Report(
        messages,
        platform.requests,
        late,
        sum(not by for by in found.values()),
        sum(len(by) > 1 and set(by) != {"service"} for by in found.values()),
        sum(len(by) > 1 and set(by) == {"service"} for by in found.values()),
        kinds.pop("unavailable", 0),
        dict(kinds),
        round(time.monotonic() - begun, 1),
    )


async def counted(platform: WeChatPlatform, names: dict[str, str]) -> dict[str, list[str]]:
    """By what each message was answered, when all were or have waited for long enough; what waits is asked for."""
    deadline = time.monotonic() + 12 * platform.patience
    while True:
        found: dict[str, list[str]] = {name: [] for name in names}
        for one in platform.shown:
            for part in one.text.split("answers ")[1:]:
                found[part.partition(".")[0]].append(one.by)
        missing = [name for name in names if not found[name]]
        if not missing or time.monotonic() > deadline:
            return found
        await asyncio.sleep(platform.patience)
        await asyncio.gather(*(platform.say(who, "继续") for who in {names[name] for name in missing}))
