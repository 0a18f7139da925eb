"""The official account under load, against the platform's stand-in, with its patience of five seconds.

    python tests/benchmarks/wechat.py [--messages 2000] [--kills 5] [--not-verified] [--only crash|rate|beside]

- crash: two processes on PostgreSQL, one killed again and again, one message in ten answered later than one, two or three
  requests: answers lost, answers that came twice (`resent`: of customer service, in whose calls a kill fell), notices that
  the service is not available.
- rate: the time of responses at 100 messages a second.
- beside: messages a second and processor time of each, beside Telegram's webhook in the same run, no message written before.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import replace
from itertools import islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from bot.knowledge.knowledge import Knowledge
from tests import postgres
from tests.benchmarks.distinct import distinct
from tests.benchmarks.throughput import MERCHANTS, sends_of, sent, so_far, spent
from tests.crash import BotApiProcess, WholeServe, free_port, webhook
from tests.wechat.crash import QUESTIONS, WeChatServe, crash
from tests.wechat_platform import Account, WeChatPlatform

SENDERS = 500
TOGETHER = 64  # requests under way
RATE = 100


async def crashes(database: str, messages: int, kills: int, account: Account) -> None:
    async with WeChatPlatform(account) as platform:
        serving = [WeChatServe(platform, database, whole=True) for _ in range(2)]
        report = await crash(platform, serving, messages=messages, senders=SENDERS, kills=kills, rate=25.0)
        print(f"crash: {kills} kills: {report}; ended with {[await one.stop() for one in serving]}", flush=True)


async def at_a_rate(database: str, messages: int, account: Account) -> None:
    async with WeChatPlatform(account) as platform:
        serve = WeChatServe(platform, database, whole=True)
        await serve.start()
        times: list[float] = []

        async def ask(number: int) -> None:
            begun = time.perf_counter()
            await platform.say(f"o{number % SENDERS}", QUESTIONS[number % len(QUESTIONS)])
            times.append(time.perf_counter() - begun)

        await asyncio.gather(*(ask(number) for number in range(TOGETHER)))  # everything is loaded
        times.clear()
        before, first, asking = spent([serve]), time.perf_counter(), []
        for number in range(messages):
            await asyncio.sleep(max(0.0, first + number / RATE - time.perf_counter()))
            asking.append(asyncio.create_task(ask(number)))
        await asyncio.gather(*asking)
        rate = messages / (time.perf_counter() - first)
        processor = (spent([serve]) - before) / messages * 1000
        print(
            f"rate: {rate:.0f} a second, responses p50 {statistics.median(times) * 1000:.0f} ms, "
            f"p99 {statistics.quantiles(times, n=100)[98] * 1000:.0f} ms, {processor:.2f} ms of processor each; "
            f"{platform.requests - messages - TOGETHER} repeated",
            flush=True,
        )
        await serve.stop()


async def wechat(database: str, texts: list[str], account: Account) -> tuple[float, float]:
    """Messages a second, and processor seconds of each."""
    async with WeChatPlatform(account) as platform:
        serve = WeChatServe(platform, database, whole=True)
        await serve.start()
        waiting = iter(enumerate(texts))

        async def ask() -> None:
            for number, text in waiting:
                await platform.say(f"o{number % MERCHANTS}", text)

        before, begun = spent([serve]), time.perf_counter()
        await asyncio.gather(*(ask() for _ in range(TOGETHER)))
        seconds, processor = time.perf_counter() - begun, spent([serve]) - before
        await serve.stop()
        return len(texts) / seconds, processor / len(texts)


async def telegram(database: str, texts: list[str], sends: int) -> tuple[float, float]:
    """The same by Telegram's webhook; `sends` answer the texts."""
    async with BotApiProcess() as api:
        people = await api.people(MERCHANTS)
        serve = WholeServe(api, database, **webhook(free_port()))
        await serve.start()
        since = await so_far(api)
        before, begun = spent([serve]), time.perf_counter()
        for start in range(0, len(texts), MERCHANTS):
            batch = texts[start : start + MERCHANTS]
            await api.write(list(zip(people[: len(batch)], batch, strict=True)))
        await sent(api, sends, since)
        seconds, processor = time.perf_counter() - begun, spent([serve]) - before
        await serve.stop()
        return len(texts) / seconds, processor / len(texts)


def beside(folder: str, messages: int, account: Account) -> None:
    texts = list(islice(distinct(), messages // MERCHANTS * MERCHANTS))
    sends = sum(sends_of(texts))
    ours = asyncio.run(wechat(f"sqlite:///{folder}/wechat.db", texts, account))
    theirs = asyncio.run(telegram(f"sqlite:///{folder}/telegram.db", texts, sends))
    print(
        f"beside: WeChat {ours[0]:.0f} a second, {ours[1] * 1000:.2f} ms of processor each; "
        f"Telegram's webhook {theirs[0]:.0f} a second, {theirs[1] * 1000:.2f} ms each; "
        f"{ours[0] / theirs[0]:.0%} of its messages a second, {theirs[1] / ours[1]:.0%} by processor time",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=2000)
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--not-verified", action="store_true")
    parser.add_argument("--only", choices=("crash", "rate", "beside"))
    asked = parser.parse_args()
    account = replace(Account(mode="safe"), verified=not asked.not_verified)
    Knowledge.open()  # learned and cached before anything is timed
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        if asked.only in (None, "crash"):
            database = stack.enter_context(postgres.cluster(fsync=True)).url
            asyncio.run(crashes(database, asked.messages, asked.kills, account))
        if asked.only in (None, "rate"):
            asyncio.run(at_a_rate(f"sqlite:///{folder}/rate.db", asked.messages, account))
        if asked.only in (None, "beside"):
            beside(folder, min(asked.messages, 1800), account)


if __name__ == "__main__":
    main()
