"""What the reading of one message costs at the most: hostile texts of many kinds and lengths, outside and inside every check.

    python tests/benchmarks/hostile.py [--kinds NAME…] [--places NAME…] [--lengths 100 400 1600 4000] [--best 3]
    python tests/benchmarks/hostile.py --wait 60          # another visitor's wait while one sends the worst of it
    python tests/benchmarks/hostile.py --revision HEAD~1  # either, with the code of another revision

Milliseconds of processor for one whole turn without a database, the best of several texts that differ, so that no cache
answers; for each kind and length the worst of all places. Growth is that from the last length but one to the last, divided by
that of the length: 1.0 is as fast as the text, 0.0 not at all. A text that takes seconds is not made longer. "plain" is what an
ordinary question cost at the same time, since processors are slower when others use them too.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT))  # at the end: with --revision another one's `bot` and `handlers` stand before

import bot
from bot.assistant import Assistant
from bot.knowledge.knowledge import Knowledge
from bot.model import Conversation, Message
from bot.store import MemoryStore
from tests import visitors
from tests.benchmarks.web import QUESTIONS, SECRET, started
from tests.crash import free_port
from tests.hostile import HERE, WHENEVER, kinds, places

LENGTHS = (100, 400, 1600, 4000)
TOO_LONG = 3.0  # seconds, from which on nothing longer of the kind is tried in a place
WORST = 5  # kinds that are sent while another visitor waits
A_MINUTE = 20  # messages of the one who sends them
PLAIN = "how much must we pay as a deposit for a shop of"
BETWEEN = 0.05  # seconds between the questions of the visitor who waits
visitors.PATIENCE = 600.0  # for whoever waits longest


@dataclass(frozen=True)
class Cost:
    """The processor time of one turn, in milliseconds, and where it was the worst."""

    ms: float
    place: str


crashed: Counter[str] = Counter()


def turn(loop: asyncio.AbstractEventLoop, assistant: Assistant, conversation: Conversation, text: str) -> float:
    """Milliseconds of processor for one turn."""
    assert isinstance(assistant.store, MemoryStore)
    assistant.store.save(HERE, conversation)
    before = time.process_time()
    try:
        loop.run_until_complete(assistant.receive(Message(HERE, text, id=text[:40])))
    except Exception as error:
        crashed[repr(error)] += 1  # another fault, but no end of the measuring
    return (time.process_time() - before) * 1000


def measured(given: argparse.Namespace) -> dict[str, dict[int, Cost]]:
    """For each kind and length the worst of all places."""
    knowledge = Knowledge.open()
    assistant, loop = Assistant(knowledge, MemoryStore(), lambda: WHENEVER), asyncio.new_event_loop()
    assistant.warm_up()
    everywhere = {name: one for name, one in places(knowledge).items() if wanted(name, given.places)}
    table: dict[str, dict[int, Cost]] = {}
    for kind, make in kinds(knowledge).items():
        if not wanted(kind, given.kinds):
            continue
        worst = dict.fromkeys(given.lengths, Cost(0.0, ""))
        plain = min(turn(loop, assistant, Conversation(lang="en"), f"{PLAIN} {kind} {n}") for n in range(5))
        for place, conversation in everywhere.items():
            for length in given.lengths:
                texts = [make(length, random.Random(f"{kind} {place} {length} {n}")) for n in range(given.best)]
                costs = []
                for text in texts:
                    costs.append(turn(loop, assistant, conversation, text))
                    if costs[-1] > TOO_LONG * 1000:
                        break
                worst[length] = max(worst[length], Cost(min(costs), place), key=lambda cost: cost.ms)
                if min(costs) > TOO_LONG * 1000:
                    break
        table[kind] = worst
        print(row(kind, worst, plain), flush=True)
    loop.close()
    return table


def wanted(name: str, parts: Sequence[str]) -> bool:
    return not parts or any(part in name for part in parts)


def row(kind: str, costs: dict[int, Cost], plain: float) -> str:
    *_, (shorter, before), (longer, last) = [(0, Cost(0.0, "")), *costs.items()]
    growth = f"{last.ms / before.ms / (longer / shorter):6.2f}" if shorter and before.ms else "     –"
    worst = max(costs.values(), key=lambda cost: cost.ms)
    return (
        f"{kind:24}" + "".join(f"{cost.ms:9.1f}" for cost in costs.values()) + f"  {growth}{plain:8.1f}  {worst.place}"
    )


def report(given: argparse.Namespace) -> None:
    print(f"{'ms of processor':24}" + "".join(f"{length:9}" for length in given.lengths) + "  growth   plain  worst at")
    table = measured(given)
    ms, kind, place, length = max(
        (cost.ms, kind, cost.place, length) for kind, costs in table.items() for length, cost in costs.items()
    )
    print(f"\nworst: {ms:.1f} ms, {kind}, {length} characters, {place}")
    if crashed:
        print("crashed: " + ", ".join(f"{error} ({times} times)" for error, times in crashed.items()))


# --- another visitor's wait


async def waited(seconds: float) -> None:
    knowledge = Knowledge.open()
    texts = await asyncio.to_thread(worst_texts, knowledge)
    url = f"http://127.0.0.1:{(port := free_port())}"
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            **os.environ,
            "DATABASE_URL": f"sqlite:///{folder}/hostile.db",
            "PORT": str(port),
            "SECRET": SECRET,
            "MESSAGES_PER_MINUTE": "0",
        }
        environment.pop("TELEGRAM_TOKEN", None)
        serve = [sys.executable, "-m", "bot", "serve"]
        process = subprocess.Popen(serve, cwd=Path(bot.__file__).parents[1], env=environment, stdout=subprocess.DEVNULL)  # noqa: ASYNC220 - it begins once
        try:
            await started(url, process)
            await visited(url, 5, [])
            for name, sent in (("alone", []), ("beside the worst texts", texts)):
                times = sorted(await visited(url, seconds, sent))
                print(
                    f"{name:24} {len(times):5} questions   median {statistics.median(times) * 1000:6.1f} ms   "
                    f"p99 {times[len(times) * 99 // 100] * 1000:6.1f}   worst {times[-1] * 1000:6.1f}",
                    flush=True,
                )
        finally:
            process.terminate()
            process.wait(60)


def worst_texts(knowledge: Knowledge) -> list[str]:
    """Texts of 4,000 characters of the kinds that cost most, by what shorter ones of them cost outside of checks."""
    assistant, loop = Assistant(knowledge, MemoryStore(), lambda: WHENEVER), asyncio.new_event_loop()
    assistant.warm_up()
    costs = {}
    for kind, make in kinds(knowledge).items():
        texts = [make(400, random.Random(f"{kind} {n}")) for n in range(3)]
        costs[kind] = min(turn(loop, assistant, Conversation(lang="en"), text) for text in texts)
    worst = sorted(costs, key=lambda kind: -costs[kind])[:WORST]
    print("the worst: " + ", ".join(worst))
    return [kinds(knowledge)[kind](4000, random.Random(kind)) for kind in worst]


async def visited(url: str, seconds: float, hostile: Sequence[str]) -> list[float]:
    """The waits of one visitor for so many seconds, while another one sends the texts."""
    times = []
    async with visitors.Visitor(url) as visitor, visitors.Visitor(url) as other:
        sending = asyncio.create_task(send(other, hostile)) if hostile else None
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            await asyncio.sleep(random.uniform(0, 2 * BETWEEN))
            before = time.monotonic()
            await visitor.say(random.choice(QUESTIONS).format(n=f"{random.random():.6f}"))
            times.append(time.monotonic() - before)
        if sending:
            sending.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await sending
    return times


async def send(visitor: visitors.Visitor, texts: Sequence[str]) -> None:
    """Send the texts in turn, each time a little different, and wait for no answer."""
    for number in itertools.count():
        await visitor.send(f"{number} {texts[number % len(texts)]}"[:4000])
        await asyncio.sleep(60 / A_MINUTE)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kinds", nargs="+", default=[], help="parts of names; all kinds by default")
    parser.add_argument("--places", nargs="+", default=[], help="parts of names; everywhere by default")
    parser.add_argument("--lengths", nargs="+", type=int, default=list(LENGTHS))
    parser.add_argument("--best", type=int, default=3, help="texts of each kind, length and place")
    parser.add_argument("--wait", type=float, metavar="SECONDS", help="measure another visitor's wait instead")
    parser.add_argument("--revision", help="measure the code of this revision")
    given = parser.parse_args()
    if given.revision:
        at = sys.argv.index("--revision")
        sys.exit(at_revision(given.revision, [*sys.argv[1:at], *sys.argv[at + 2 :]]))
    if given.wait:
        asyncio.run(waited(given.wait))
    else:
        report(given)


def at_revision(revision: str, arguments: Sequence[str]) -> int:
    """Run with the code and the content of a revision, of which nothing else is taken."""
    with tempfile.TemporaryDirectory() as folder:
        packed = subprocess.run(
            ["git", "archive", revision, "bot", "handlers", "knowledge"], cwd=ROOT, check=True, capture_output=True
        )
        subprocess.run(["tar", "-x", "-C", folder], input=packed.stdout, check=True)
        environment = {**os.environ, "PYTHONPATH": folder}
        return subprocess.run([sys.executable, __file__, *arguments], env=environment).returncode


if __name__ == "__main__":
    main()
