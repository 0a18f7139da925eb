"""Long use in a short time: memory and file of `serve` while messages come and old ones are deleted; lost, doubled.

    python tests/benchmarks/soak.py [--messages 200000] [--merchants 5000] [--keep 20]

`--keep` is the retention in seconds (KEEP_DAYS is set to it), short enough that most of what is written is deleted within the run.
The keys of the inbox stay for three days whatever the retention, since by them an update that comes again is recognised.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sqlite3
import sys
import tempfile
import time
from collections import defaultdict
from contextlib import closing
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from bot.knowledge.knowledge import Knowledge
from tests.crash import MESSAGES, PATIENCE, BotApiProcess, Serve, WholeServe, expected

# In one language: a merchant of whom nothing is known any more is answered in that of his device.
SAID = tuple(text for text in MESSAGES if text.isascii())
DAY = 24 * 3600
BATCH, MOST_WAITING = 100, 1000
RECORD = 5 * MOST_WAITING  # calls that the stand-in remembers; they are counted long before they are forgotten


class Soak:
    """Merchants who write in any order, and the count of what each was answered."""

    def __init__(self, api: BotApiProcess, people: list[dict[str, Any]], texts: list[str]) -> None:
        self.api, self.people, self.texts = api, people, texts
        self.written: dict[int, int] = defaultdict(int)
        self.done: dict[int, int] = defaultdict(int)
        self.seen = self.twice = self.wrong = self.total = self.answered = 0
        self.chance = random.Random(1)

    async def write(self, count: int) -> None:
        chosen = self.chance.sample(self.people, min(count, len(self.people)))
        await self.api.write([(one, SAID[self.written[one["id"]] % len(SAID)]) for one in chosen])
        for one in chosen:
            self.written[one["id"]] += 1
        self.total += len(chosen)

    async def count(self) -> None:
        """Compare the new answers with those that are right."""
        for call in await self.api.sends(self.seen):
            self.seen = call["number"]
            chat, text = call["params"]["chat_id"], call["params"]["text"]
            done = self.done[chat]
            if done < self.written[chat] and text == self.texts[done % len(self.texts)]:
                self.done[chat] += 1
                self.answered += 1
            elif done and text == self.texts[(done - 1) % len(self.texts)]:
                self.twice += 1
            else:
                self.wrong += 1

    async def until_waiting(self, most: int) -> None:
        """Until no more than so many messages wait for an answer, or none has come for long."""
        last, since = self.answered, time.monotonic()
        while self.total - self.answered > most and time.monotonic() - since < PATIENCE:
            await self.count()
            if self.answered > last:
                last, since = self.answered, time.monotonic()
            await asyncio.sleep(0.05)


def resident(serve: Serve) -> float:
    """Megabytes that a process holds."""
    text = Path(f"/proc/{serve.process.pid}/status").read_text()
    return int(text.partition("VmRSS:")[2].split()[0]) / 1024


def kept(file: Path) -> str:
    """What is in the file: its megabytes with those of its log, and its rows."""
    size = sum(one.stat().st_size for one in file.parent.glob(f"{file.name}*")) / 1e6
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as look:
        rows = {
            table: look.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("inbox", "outbox", "events", "conversations")
        }
    return f"file {size:.1f} MB; rows: " + ", ".join(f"{name} {count:,}" for name, count in rows.items())


async def soak(messages: int, merchants: int, keep: float, file: Path) -> None:
    texts = expected(Knowledge.open(), len(SAID), SAID)
    async with BotApiProcess(RECORD) as api:
        people = await api.people(merchants)
        serve = WholeServe(api, f"sqlite:///{file}", KEEP_DAYS=f"{keep / DAY:.9f}")
        await serve.start()
        made, begun = Soak(api, people, texts), time.monotonic()
        for tenth in range(11):
            while made.total < messages * tenth // 10:
                await made.write(min(BATCH, messages - made.total))
                await made.until_waiting(MOST_WAITING)
            seconds = time.monotonic() - begun
            print(f"{made.total:,} messages, {seconds:.0f} s: {resident(serve):.0f} MB; {kept(file)}", flush=True)
        await made.until_waiting(0)
        seconds = time.monotonic() - begun
        await asyncio.sleep(1.3 * keep)
        await made.count()
        print(f"{1.3 * keep:.0f} s later: {resident(serve):.0f} MB; {kept(file)}")
        code, _, said = await serve.stop()
        print(
            f"{made.total:,} messages over {merchants:,} chats, {made.total / seconds:.0f} a second: "
            f"{made.total - made.answered} lost, {made.twice} twice, {made.wrong} wrong or out of order; ended with {code}"
        )
        print(said, end="")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=200_000)
    parser.add_argument("--merchants", type=int, default=5000)
    parser.add_argument("--keep", type=float, default=20)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(soak(asked.messages, asked.merchants, asked.keep, Path(folder) / "assistant.db"))


if __name__ == "__main__":
    main()
