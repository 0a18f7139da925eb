"""A start of `serve`, and edits while it answers: seconds (also of the processor, where others use it
too) until a page, a first answer and an edited phrasing, and memory.

    python tests/benchmarks/edits.py [--edits 5] [--core 0] [--program .venv/bin/merchant-bot]

Starts in an empty folder, first with an empty cache, then again; `--core` keeps the server and what it starts on one core. A
visitor asks a question every 200 ms, before the edits and while they are taken up: the difference of the delays is their cost.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import aiohttp

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tests.crash import free_port
from tests.visitors import Visitor, words

TOPIC = """title: {{en: Parking, zh: 停车}}
instead: {{en: Parking costs {fee} coins., zh: 停车费{fee}币。}}
phrasings: {{en: [parking fee, "cost of parking {word}"], zh: [停车费, 停车多少钱]}}
"""
QUESTIONS = (
    "what do I have to deposit {n}",
    "which percentage is kept of a sale {n}",
    "我要交多少押金呢 {n}",
    "开店要走哪些步骤 {n}",
)
EVERY = 0.2  # seconds between questions, and between looks at memory
PATIENCE = 180.0


class Memory:
    """Megabytes of a process and of those that it started."""

    def __init__(self, process: int) -> None:
        self.process, self.most, self.most_alone = process, 0, 0

    def look(self) -> dict[str, int]:
        own = sizes(self.process)
        children = [sizes(child) for child in started_by(self.process)]
        together = own["pss"] + sum(one["pss"] for one in children)
        self.most, self.most_alone = max(self.most, together), max(self.most_alone, own["rss"])
        return {**own, "peak": self.most, "peak_alone": self.most_alone}

    async def watch(self) -> None:
        while True:
            self.look()
            await asyncio.sleep(EVERY)


def sizes(process: int) -> dict[str, int]:
    with suppress(OSError):
        text = Path(f"/proc/{process}/smaps_rollup").read_text()
        return {name: int(re.findall(rf"\n{name.title()}:\s+(\d+)", text)[0]) // 1024 for name in ("rss", "pss")}
    return {"rss": 0, "pss": 0}


def processor(process: int) -> float:
    """Seconds of processor that a process and the ended ones that it started have used."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def started_by(process: int) -> list[int]:
    with suppress(OSError):
        return [int(one) for one in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    return []


def delays(times: list[float]) -> dict[str, float]:
    ordered = sorted(times)
    found = statistics.median(ordered), ordered[int(len(ordered) * 0.99)], ordered[-1]
    return {name: round(one * 1000, 1) for name, one in zip(("p50_ms", "p99_ms", "max_ms"), found, strict=True)}


async def answered(url: str) -> Visitor:
    """The first visitor whose page shows the chat."""
    async with asyncio.timeout(PATIENCE):
        while True:
            with suppress(aiohttp.ClientError, OSError, KeyError):
                return await Visitor(url).__aenter__()
            await asyncio.sleep(0.05)


async def page(url: str) -> None:
    async with asyncio.timeout(PATIENCE), aiohttp.ClientSession() as session:
        while True:
            with suppress(aiohttp.ClientError):
                async with session.get(url) as response:
                    if "<html" in await response.text():
                        return
            await asyncio.sleep(0.02)


async def asking(visitor: Visitor, times: list[float]) -> None:
    """Ask at even intervals, whether the last question is answered or not."""
    number, waiting = 0, set()

    async def one(id: str, begun: float) -> None:
        while not any(turn["said"] and turn["said"]["id"] == id for turn in visitor.turns):
            await asyncio.sleep(0.001)
        times.append(time.perf_counter() - begun)

    async def hearing() -> None:
        while True:
            await visitor.hear()

    listener = asyncio.create_task(hearing())
    try:
        while True:
            begun = time.perf_counter()
            id = await visitor.send(QUESTIONS[number % len(QUESTIONS)].format(n=time.time_ns() % 100_000))
            task = asyncio.create_task(one(id, begun))
            waiting.add(task)
            task.add_done_callback(waiting.discard)
            number += 1
            await asyncio.sleep(EVERY)
    finally:
        listener.cancel()


@contextmanager
def serving(command: list[str], environment: dict[str, str], folder: str) -> Iterator[subprocess.Popen[bytes]]:
    log = Path(folder, "log")
    with log.open("wb") as file:
        process = subprocess.Popen(command, env=environment, cwd=folder, stderr=file, stdout=file)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)
        for line in log.read_text().splitlines():
            if '"level": "info"' not in line:
                print(line, file=sys.stderr)


async def measure(chosen: argparse.Namespace, folder: str) -> dict[str, Any]:
    own = Path(folder, "own")
    phrasing = own / "topics" / "parking" / "parking-fee.yaml"
    phrasing.parent.mkdir(parents=True)
    phrasing.write_text(TOPIC.format(fee=0, word="lots"), "utf-8")
    port = free_port()
    environment = {
        **os.environ,
        "MERCHANT_BOT_CACHE": f"{folder}/cache",
        "PORT": str(port),
        "MESSAGES_PER_MINUTE": "100000",
        **({"KNOWLEDGE": str(own)} if chosen.edits else {}),
    }
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    if chosen.program == f"{sys.executable} -m bot":
        environment["PYTHONPATH"] = str(ROOT)
    command = [*(["taskset", "-c", chosen.core] if chosen.core else []), *shlex.split(chosen.program), "serve"]
    url = f"http://127.0.0.1:{port}"
    made: dict[str, Any] = {}
    for name in ("first", "cached"):
        begun = time.perf_counter()
        with serving(command, environment, folder) as process:
            memory = Memory(process.pid)
            watching = asyncio.create_task(memory.watch())
            await page(url)
            seen = time.perf_counter() - begun
            visitor = await answered(url)
            await visitor.say("what is the deposit")
            made[f"{name}_start"] = {
                "page_s": round(seen, 2),
                "answer_s": round(time.perf_counter() - begun, 2),
                "processor_s": round(processor(process.pid), 2),
                "memory_mb": memory.look(),
            }
            if name == "cached" and chosen.edits:
                made["edits"] = await edited(chosen.edits, phrasing, url, visitor, process.pid)
                await asyncio.sleep(2)  # until what the last edit replaced is freed
                made["edits"]["memory_mb"] = memory.look()
            await visitor.__aexit__()
            watching.cancel()
    cache = Path(folder, "cache")
    made["cache_mb"] = sum(one.stat().st_size for one in cache.iterdir()) >> 20
    return made


async def edited(edits: int, phrasing: Path, url: str, visitor: Visitor, process: int) -> dict[str, Any]:
    other = await Visitor(url).__aenter__()
    quiet: list[float] = []
    busy: list[float] = []
    asked = asyncio.create_task(asking(other, quiet))
    before = processor(process)
    await asyncio.sleep(5)
    answers_alone = (processor(process) - before) / 5
    asked.cancel()
    await asyncio.sleep(0.2)
    asked = asyncio.create_task(asking(other, busy))
    seconds, used = [], []
    for number in range(1, edits + 1):
        begun, before = time.perf_counter(), processor(process)
        phrasing.write_text(TOPIC.format(fee=number, word=f"bay number {number}"), "utf-8")
        while f"costs {number} coins" not in words(await visitor.say(f"cost of parking bay number {number}")):
            if time.perf_counter() - begun > PATIENCE:
                raise SystemExit("the edited phrasing was not answered")
            await asyncio.sleep(0.25)
        seconds.append(round(time.perf_counter() - begun, 2))
        used.append(round(processor(process) - before - answers_alone * seconds[-1], 2))
    asked.cancel()
    await other.__aexit__()
    return {
        "seconds": seconds,
        "processor_s": used,  # without that of the other visitor's answers
        "delays_before": delays(quiet),
        "delays_meanwhile": delays(busy),
    }


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--edits", type=int, default=5)
    arguments.add_argument("--core", default="")
    arguments.add_argument("--program", default=f"{sys.executable} -m bot")
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(asyncio.run(measure(chosen, folder)), indent=2))


if __name__ == "__main__":
    main()
