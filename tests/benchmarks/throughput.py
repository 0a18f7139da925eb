"""Updates a second, delay, processor time and memory of `serve`, beside a bare aiogram echo bot, in one run.

    python tests/benchmarks/throughput.py [--updates 3000] [--distinct] [--rate 200] [--only NAME]

The updates wait at the stand-in of the Bot API before a bot starts; the time is from its first call to its last send.
For the delay, 200 updates a second are written, and the time is from then to the send. Without `--distinct`, every merchant
writes the same few messages, whose answers are remembered; with it, no message has been written before.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import chain, cycle, islice
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from bot.assistant import Assistant
from bot.channels.telegram.replies import calls
from bot.knowledge.knowledge import Knowledge
from bot.model import Address, Message
from bot.store import MemoryStore
from tests import postgres
from tests.benchmarks.distinct import distinct
from tests.crash import MESSAGES, PATIENCE, BotApiProcess, Serve, WholeServe
from tests.started import PAUSE, Whole

MERCHANTS = 300
RATE, SECONDS = 200, 10
SEND = "sendMessage"
TICKS = os.sysconf("SC_CLK_TCK")
CASES = {
    "bare aiogram echo bot": (None, 1),
    "sqlite": ("sqlite", 1),
    "postgresql": ("postgresql", 1),
    "postgresql, three processes": ("postgresql", 3),
    "bare aiogram echo bot, again": (None, 1),
}


@dataclass(frozen=True)
class Load:
    """What is written, one message of each merchant after the other: first `waiting` ones, then the rest at a steady rate; and
    how many sends answer each."""

    texts: Sequence[str]
    sends: Sequence[int]
    waiting: int
    rate: int

    @classmethod
    def of(cls, updates: int, rate: int = RATE, every: Iterable[str] | None = None) -> Load:
        waiting = updates // MERCHANTS * MERCHANTS
        again = chain.from_iterable([text] * MERCHANTS for text in cycle(MESSAGES))
        texts = list(islice(every or again, waiting + rate * SECONDS))
        if len(texts) < waiting + rate * SECONDS:
            raise SystemExit(f"there are only {len(texts)} distinct messages: ask for fewer updates, or a lower rate")
        return cls(texts, sends_of(texts) if every else [1] * len(texts), waiting, rate)


def sends_of(texts: Sequence[str]) -> list[int]:
    """How many sends answer each message, each merchant's in order."""
    assistant = Assistant(Knowledge.open(), MemoryStore())
    addresses = (Address("telegram", str(number % MERCHANTS), "1") for number in range(len(texts)))
    turns = (
        assistant.receive_now(Message(address, text, hint="en")) for address, text in zip(addresses, texts, strict=True)
    )
    return [sum(call.method == SEND for call in calls({}, "1", turn.replies)) for turn in turns]


class Echo(Serve):
    """A framework's bare bot, in its own process."""

    async def start(self) -> None:
        self.process = Whole(["--echo"], self.environment, module="tests.benchmarks.throughput")
        while not self.process.told():
            await asyncio.sleep(PAUSE)


async def echo() -> None:
    """Echo through TELEGRAM_LIBRARY until stopped."""
    await (ptb_echo() if os.environ["TELEGRAM_LIBRARY"] == "ptb" else aiogram_echo())


async def ptb_echo() -> None:
    from telegram import Update
    from telegram.ext import Application, ContextTypes, MessageHandler

    async def answer(update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
        if update.message:
            await update.message.reply_text(update.message.text or "")

    url = f"{os.environ['TELEGRAM_API_URL']}/bot"
    made = Application.builder().token(os.environ["TELEGRAM_TOKEN"]).base_url(url).concurrent_updates(True)
    async with made.build() as application:
        application.add_handler(MessageHandler(None, answer))
        assert application.updater
        await application.start()
        print("echoing", flush=True)
        await application.updater.start_polling()
        await asyncio.Event().wait()


async def aiogram_echo() -> None:
    from aiogram import Bot, Dispatcher
    from aiogram.client.session.aiohttp import AiohttpSession
    from aiogram.client.telegram import TelegramAPIServer
    from aiogram.types import Message as Written

    api = TelegramAPIServer.from_base(os.environ["TELEGRAM_API_URL"])
    dispatcher = Dispatcher()

    @dispatcher.message()
    async def answer(message: Written) -> None:
        await message.answer(message.text or "")

    async with Bot(os.environ["TELEGRAM_TOKEN"], AiohttpSession(api=api)) as bot:
        print("echoing", flush=True)
        await dispatcher.start_polling(bot, handle_signals=True)


def spent(processes: Sequence[Any]) -> float:
    """Processor seconds so far."""
    fields = [Path(f"/proc/{one.process.pid}/stat").read_text().rpartition(")")[2].split() for one in processes]
    return sum(int(one[11]) + int(one[12]) for one in fields) / TICKS


def memory(processes: list[Serve]) -> str:
    """The most that the processes held, and what they hold now: of their own, and pages of mapped files, which they share."""
    lines = [Path(f"/proc/{one.process.pid}/status").read_text() for one in processes]
    most, own, mapped = (
        sum(int(text.partition(f"{name}:")[2].split()[0]) for text in lines) / 1024
        for name in ("VmHWM", "RssAnon", "RssFile")
    )
    return f"at most {most:.0f} MB, now {own:.0f} MB and {mapped:.0f} MB of files"


async def so_far(api: BotApiProcess) -> tuple[int, int]:
    """How many calls there were, and how many of them sends."""
    state = await api.control("state")
    return state["calls"], state["methods"].get(SEND, 0)


async def sent(api: BotApiProcess, count: int, since: tuple[int, int] = (0, 0)) -> list[dict[str, Any]]:
    """The sends, once there are so many more. They are asked for but once: the stand-in answers nobody meanwhile."""
    await api.control("until", {"method": SEND, "calls": since[1] + count, "timeout": PATIENCE})
    return await api.sends(since[0])


async def measure(name: str, database: str | None, count: int, load: Load, library: str = "aiogram") -> float:
    """Print what so many processes of `serve` do, or a bare bot where there is no database. Returns updates a second."""
    async with BotApiProcess() as api:
        people = await api.people(MERCHANTS)
        total = load.waiting
        sends = load.sends if database else [1] * len(load.texts)
        for start in range(0, total, MERCHANTS):
            await api.write(list(zip(people, load.texts[start : start + MERCHANTS], strict=True)))
        processes: list[Serve] = [
            (WholeServe if database else Echo)(api, database or "", TELEGRAM_LIBRARY=library) for _ in range(count)
        ]
        await asyncio.gather(*(one.start() for one in processes))
        before = spent(processes)
        made = await sent(api, sum(sends[:total]))
        polls = await api.control("calls", method="getUpdates")
        first = min(call["time"] for call in polls)
        seconds = max(call["time"] for call in made) - first
        processor = (spent(processes) - before) / total
        delays = await delay(api, people, load, sends)
        print(
            f"{name}: {total / seconds:.0f} updates a second, {processor * 1000:.2f} ms of processor each; "
            f"at {load.rate} a second p50 {statistics.median(delays) * 1000:.0f} ms, "
            f"p99 {statistics.quantiles(delays, n=100)[98] * 1000:.0f} ms; {memory(processes)}",
            flush=True,
        )
        for one in processes:
            await one.stop()
        return float(total / seconds)


async def delay(api: BotApiProcess, people: list[dict[str, Any]], load: Load, sends: Sequence[int]) -> list[float]:
    """Seconds from an update to each of its answer's sends, at a steady rate."""
    since = await so_far(api)
    written: dict[int, list[float]] = defaultdict(list)
    begun = time.time()
    for number in range(load.waiting, len(load.texts)):
        await asyncio.sleep(max(0.0, begun + (number - load.waiting) / load.rate - time.time()))
        person = people[number % len(people)]
        written[person["id"]] += [time.time()] * sends[number]
        await api.write([(person, load.texts[number])])
    delays = []
    for call in await sent(api, sum(sends[load.waiting :]), since):
        delays.append(call["time"] - written[call["params"]["chat_id"]].pop(0))
    return delays


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--updates", type=int, default=3000)
    parser.add_argument("--distinct", action="store_true", help="messages that nobody has written before")
    parser.add_argument("--rate", type=int, default=RATE, help="updates a second for the delay")
    parser.add_argument("--only", choices=CASES, action="append")
    parser.add_argument("--echo", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.echo:
        asyncio.run(echo())
        return
    Knowledge.open()  # trained and cached before anything is timed
    load = Load.of(asked.updates, asked.rate, distinct() if asked.distinct else None)
    for name, (kind, count) in CASES.items():
        if asked.only and name not in asked.only:
            continue
        with ExitStack() as stack:
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            database = None if kind is None else f"sqlite:///{folder}/assistant.db"
            if kind == "postgresql":
                database = stack.enter_context(postgres.cluster(fsync=True)).url
            asyncio.run(measure(name, database, count, load))


if __name__ == "__main__":
    main()
