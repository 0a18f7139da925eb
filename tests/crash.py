"""Processes under load that are killed: the service and the stand-in of the Bot API, each a process of its own.

Every merchant writes the same messages in the same order, so that what each must be answered is known beforehand.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import socket
import time
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any

import aiohttp

from bot.assistant import Assistant
from bot.channels.telegram.replies import calls
from bot.knowledge.knowledge import Knowledge
from bot.model import Address, Message
from bot.store import MemoryStore
from tests.started import PAUSE, Started, Whole

PATIENCE = 180.0  # seconds for a start, and for the last answers; only a fault takes so long
# No two in a row are answered alike.
MESSAGES = (
    "how much is the deposit",
    "commission rate",
    "thanks",
    "registration steps",
    "/help",
    "保证金多少钱",
    "/topics",
)
FAILED = ("429", "502", "drop_before")


def expected(knowledge: Knowledge, count: int, messages: Sequence[str] = MESSAGES) -> list[str]:
    """The texts that answer the first `count` messages of a merchant, who writes these again and again."""
    assistant = Assistant(knowledge, MemoryStore(), date.today)
    texts: list[str] = []
    for number in range(count):
        message = Message(Address("telegram", "1", "1"), messages[number % len(messages)], hint="en")
        made = [call.params["text"] for call in calls({}, "1", assistant.receive_now(message).replies)]
        assert len(made) == 1
        assert made != texts[-1:]
        texts += made
    return texts


class BotApiProcess:
    """The stand-in in its own process, steered over HTTP. `keep_calls` bounds its record, None: all of them."""

    def __init__(self, keep_calls: int | None = None) -> None:
        self.options = [] if keep_calls is None else ["--keep-calls", str(keep_calls)]

    async def __aenter__(self) -> BotApiProcess:
        self.process = Started(self.options, os.environ, module="tests.botapi.__main__")
        while not (line := self.process.told()).endswith("\n"):
            await asyncio.sleep(PAUSE)
        told = json.loads(line)
        self.url, self.token = told["url"], told["token"]
        self.session = aiohttp.ClientSession()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.session.close()
        self.process.send_signal(signal.SIGKILL)
        await asyncio.to_thread(self.process.wait, PATIENCE)

    async def control(self, what: str, asked: Any = None, **query: Any) -> Any:
        """A POST with something asked, else a GET."""
        url = f"{self.url}/control/{what}"
        request = self.session.get(url, params=query) if asked is None else self.session.post(url, json=asked)
        async with request as answer:
            told = await answer.json()
        if answer.status != 200:
            raise RuntimeError(told["error"])
        return told

    async def people(self, count: int) -> list[dict[str, Any]]:
        made = await self.control("do", [{"name": "user", "args": [f"P{number}"]} for number in range(count)])
        await self.control(
            "do", [{"name": "message", "args": [one, "/start"], "options": {"deliver": False}} for one in made]
        )
        return list(made)

    async def write(self, written: list[tuple[dict[str, Any], str]]) -> None:
        await self.control("do", [{"name": "message", "args": [person, text]} for person, text in written])

    async def sends(self, since: int = 0) -> list[dict[str, Any]]:
        """The sends that took effect, in order."""
        made = await self.control("calls", since=since, method="sendMessage")
        return [one for one in made if one["error"] is None and one["fault"] not in FAILED]


class Serve:
    """`merchant-bot serve` in its own process."""

    whole = False

    def __init__(self, api: BotApiProcess, database: str, **settings: str) -> None:
        self.environment = {
            **os.environ,
            "TELEGRAM_TOKEN": api.token,
            "TELEGRAM_API_URL": api.url,
            "DATABASE_URL": database,
            "SENDS_PER_SECOND": "0",
            "SENDS_PER_CHAT_PER_SECOND": "0",
            "MESSAGES_PER_MINUTE": "0",
            "OPENBLAS_NUM_THREADS": "1",
            "LOG_LEVEL": "error",
            **settings,
        }

    async def start(self) -> None:
        """Returns when it answers."""
        self.process = (
            Whole(["serve"], self.environment, module="bot") if self.whole else Started(["serve"], self.environment)
        )
        async with asyncio.timeout(PATIENCE):
            while not (line := self.process.told()).endswith("\n") and self.process.returncode is None:
                await asyncio.sleep(PAUSE)
        if not line.startswith("Answering"):
            raise RuntimeError(self.process.told("stderr"))

    async def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        await asyncio.to_thread(self.process.wait, PATIENCE)

    async def stop(self) -> tuple[int, float, str]:
        """Stop gracefully: the exit code, the seconds it took, and what was said on standard error."""
        begun = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        _, said = await asyncio.to_thread(self.process.wait, PATIENCE)
        return self.process.returncode or 0, time.monotonic() - begun, said


class WholeServe(Serve):
    """One with an interpreter of its own, for measuring what it holds and spends."""

    whole = True


@dataclass(frozen=True)
class Report:
    """What merchants got: updates, answers missing, answers that came twice, answers out of order."""

    updates: int
    lost: int
    twice: int
    out_of_order: int
    seconds: float


async def crash(
    api: BotApiProcess,
    processes: list[Serve],
    texts: list[str],
    *,
    kills: int,
    merchants: int,
    seed: int,
    pace: float = 0.2,
    least: int = 60,
) -> Report:
    """Kill one process after another at random moments while merchants write; each is started anew. They write `least`
    messages, however soon the last one is killed."""
    chance = random.Random(seed)
    people = await api.people(merchants)
    written: dict[int, int] = defaultdict(int)
    begun = time.monotonic()
    await asyncio.gather(*(one.start() for one in processes))
    writing = asyncio.create_task(write(api, people, written, len(texts), pace))
    for _ in range(kills):
        # Something must be under way when the axe falls.
        before = (await api.control("state"))["calls"]
        await api.control("until", {"calls": before + chance.randrange(1, 60), "timeout": PATIENCE})
        await asyncio.sleep(chance.random() * 0.1)
        victim = chance.choice(processes)
        await victim.kill()
        await victim.start()
    async with asyncio.timeout(PATIENCE):
        while sum(written.values()) < least:
            await asyncio.sleep(PAUSE)
    writing.cancel()
    with suppress(asyncio.CancelledError):
        await writing
    total = sum(written.values())
    report = await all_answered(api, written, texts, begun)
    assert report.updates == total
    return report


async def write(
    api: BotApiProcess, people: list[dict[str, Any]], written: dict[int, int], most: int, pace: float
) -> None:
    """Everybody writes his next message, again and again, a few at a time."""
    chance = random.Random(7)
    while True:
        who = [one for one in chance.sample(people, min(8, len(people))) if written[one["id"]] < most]
        batch = [(one, MESSAGES[written[one["id"]] % len(MESSAGES)]) for one in who]
        for one in who:
            written[one["id"]] += 1
        await asyncio.shield(asyncio.ensure_future(api.write(batch)))
        await asyncio.sleep(pace)


async def all_answered(api: BotApiProcess, written: dict[int, int], texts: list[str], begun: float) -> Report:
    """What merchants got, when all of them were answered or have waited for long enough."""
    deadline = time.monotonic() + PATIENCE
    while True:
        asked = time.monotonic()
        report = await answered(api, written, texts, asked - begun)
        told = time.monotonic()
        if not report.lost or told > deadline:
            return report
        # The stand-in, which hands over all that was ever sent, answers no bot meanwhile.
        await asyncio.sleep(max(0.1, 3 * (told - asked)))


async def answered(api: BotApiProcess, written: dict[int, int], texts: list[str], seconds: float) -> Report:
    got: dict[int, list[str]] = defaultdict(list)
    for call in await api.sends():
        got[call["params"]["chat_id"]].append(call["params"]["text"])
    lost = twice = wrong = 0
    for person, count in written.items():
        done = 0
        for text in got[person]:
            if done < count and text == texts[done]:
                done += 1
            elif done and text == texts[done - 1]:
                twice += 1
            else:
                wrong += 1
        lost += count - done
    return Report(sum(written.values()), lost, twice, wrong, round(seconds, 1))


def free_port() -> int:
    """Return a port below those that systems give to connections, which another one could take meanwhile."""
    for port in random.sample(range(20_000, 32_000), 100):
        with socket.socket() as free, suppress(OSError):
            free.bind(("127.0.0.1", port))
            return port
    raise AssertionError("a hundred ports are taken")


def webhook(port: int) -> dict[str, str]:
    return {
        "TELEGRAM_WEBHOOK_URL": f"http://127.0.0.1:{port}/telegram",
        "TELEGRAM_WEBHOOK_SECRET": "a-word_that-Telegram-sends",
        "PORT": str(port),
    }
