"""The web chat under load, in one run: the first page, many visitors at once, and more connections than there is room for.

python tests/benchmarks/web.py [--visitors 500] [--questions 20] [--connections 10000] [--pages-only]

The pages' times are the browser's own performance entries, the medians of several first visits: at full speed, and with the
network and the processor of a slow phone, as Lighthouse imitates them.

The server is a process of its own. Visitors ask one question after another, each when the last is answered, so that the time of
an answer is mostly the time in which all others are answered too; then with pauses between the questions, as people make them.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import json
import os
import random
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from playwright.async_api import Browser, async_playwright

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from bot.channels.web.visitor import Visitors
from tests.browser.conftest import ARGUMENTS, chromium
from tests.crash import free_port

SECRET = "a secret of the benchmark"
PAUSE = 10.0  # seconds, on average, that a visitor reads and types
PATIENCE = 300.0  # seconds for the first start, which trains
VISITS = 7  # first visits to a page
# Lighthouse's "slow 4G", and a processor four times slower.
SLOW_NETWORK = {"offline": False, "latency": 150, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 750e3 / 8}
SLOW_PROCESSOR = {"rate": 4}
# Times are milliseconds since the navigation; `shifted` is the sum of layout shifts, `blocked` that of long tasks beyond 50 ms.
TIMES = """() => new Promise((done) => {
  const kinds = ["largest-contentful-paint", "layout-shift", "longtask"], heard = Object.fromEntries(kinds.map((kind) => [kind, []]));
  for (const type of kinds) new PerformanceObserver((list) => heard[type].push(...list.getEntries())).observe({ type, buffered: true });
  setTimeout(() => {
    const [page] = performance.getEntriesByType("navigation"), all = performance.getEntriesByType("resource");
    const sum = (entries, of) => entries.reduce((before, one) => before + of(one), 0);
    done({
      first_byte: page.responseStart,
      first_paint: performance.getEntriesByName("first-contentful-paint")[0].startTime,
      largest_paint: heard["largest-contentful-paint"].at(-1).startTime,
      usable: page.domContentLoadedEventEnd,
      loaded: page.loadEventEnd,
      blocked: sum(heard.longtask, (one) => one.duration - 50),
      shifted: sum(heard["layout-shift"], (one) => one.value),
      requests: 1 + all.length,
      bytes: sum([page, ...all], (one) => one.transferSize),
    });
  }, 500);
})"""
# In words that the content does not have, so that each is really looked for; the number makes it a new text.
QUESTIONS = (
    "what do I have to deposit for my shop {n}",
    "my company wants to open a store, how does it go {n}",
    "which percentage does the platform keep of a sale {n}",
    "how long until I get the deposit back {n}",
    "what is a gold merchant good for {n}",
    "我要交多少押金呢 {n}",
    "平台抽多少佣金啊 {n}",
    "开店要走哪些步骤 {n}",
    "金牌商家有什么好处 {n}",
    "押金什么时候退给我 {n}",
)


@dataclass
class Tally:
    """What the visitors saw. Times are seconds."""

    times: list[float] = field(default_factory=list)
    lost: int = 0
    wrong: int = 0
    answers: dict[str, str] = field(default_factory=dict)


async def started(url: str, process: subprocess.Popen[bytes]) -> None:
    async with asyncio.timeout(PATIENCE), aiohttp.ClientSession() as session:
        while process.poll() is None:
            try:
                async with session.get(f"{url}/readyz") as response:
                    if response.status == 200:
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.2)
    raise SystemExit("the server has ended; what it said stands above")


async def first_page(url: str) -> dict[str, Any]:
    """Requests and bytes of the bodies, as they are and as they travel."""
    plain = zipped = 0
    names = ["/"]
    async with aiohttp.ClientSession(headers={"Accept-Encoding": "gzip"}, auto_decompress=False) as session:
        for name in names:
            async with session.get(url + name) as response:
                body = await response.read()
            zipped += len(body)
            text = gzip.decompress(body) if response.headers.get("Content-Encoding") == "gzip" else body
            plain += len(text)
            if name == "/":
                names += [f"/{one}" for one in dict.fromkeys(re.findall(r'(?:src|href)="([^"]+)"', text.decode()))]
    return {"requests": len(names), "bytes": plain, "bytes_compressed": zipped}


async def page_times(url: str) -> dict[str, dict[str, Any]]:
    """The times of the chat and of a check's page, at full speed and on a slow phone."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        pages = {"chat": "/", "check": "/checks/store-entry"}
        times = {
            f"{name}, {speed}": await first_visits(browser, url + path, slow=speed == "slow phone")
            for name, path in pages.items()
            for speed in ("full speed", "slow phone")
        }
        await browser.close()
    return times


async def first_visits(browser: Browser, url: str, *, slow: bool) -> dict[str, float]:
    """The medians of several visits, each by a browser that has nothing of the page yet."""
    visits: list[dict[str, float]] = []
    for _ in range(VISITS):
        context = await browser.new_context(viewport={"width": 390, "height": 844})
        page = await context.new_page()
        if slow:
            tools = await context.new_cdp_session(page)
            await tools.send("Network.emulateNetworkConditions", SLOW_NETWORK)
            await tools.send("Emulation.setCPUThrottlingRate", SLOW_PROCESSOR)
        await page.goto(url, wait_until="load")
        visits.append(await page.evaluate(TIMES))
        await context.close()
    return {
        name: round(statistics.median(one[name] for one in visits), 3 if name == "shifted" else 0) for name in visits[0]
    }


def memory(process: int) -> dict[str, int]:
    """Megabytes of a process now and at most."""
    status = Path(f"/proc/{process}/status").read_text()
    return {
        name: int(re.findall(rf"{field}:\s+(\d+)", status)[0]) // 1024
        for name, field in (("now", "VmRSS"), ("peak", "VmHWM"))
    }


class Client:
    """A visitor without a page."""

    def __init__(self, session: aiohttp.ClientSession, url: str, number: int) -> None:
        self.session, self.url, self.number = session, url, number
        visitors = Visitors(SECRET)
        self.headers = {
            "Origin": url,
            "Cookie": f"merchant_chat={visitors.sign(visitors.new())}",
            "X-Forwarded-For": f"203.0.{number // 50 % 256}.{number // 50 // 256 + 1}",
        }

    async def connect(self) -> int | None:
        """None, or the code with which the server closed."""
        self.socket = await self.session.ws_connect(f"{self.url}/socket", headers=self.headers, compress=0)
        await self.socket.send_str('{"type":"hello","after":null}')
        message = await self.socket.receive()
        return None if message.type is aiohttp.WSMsgType.TEXT else self.socket.close_code

    async def ask(self, count: int, tally: Tally, pause: float = 0.0) -> None:
        """Ask so many questions, each after a pause in seconds, or around it."""
        for place in range(count):
            await asyncio.sleep(random.uniform(0, 2 * pause))
            question = QUESTIONS[(self.number + place) % len(QUESTIONS)]
            id = f"{self.number}-{place}"
            before = time.perf_counter()
            said = {"type": "say", "id": id, "text": question.format(n=place), "lang": "en"}
            await self.socket.send_str(json.dumps(said))
            turn = await self.turn(tally)
            tally.times.append(time.perf_counter() - before)
            if turn is None:
                tally.lost += 1
                continue
            reply = turn["replies"][0]["html"]
            if turn["said"]["id"] != id or tally.answers.setdefault(said["text"], reply) != reply:
                tally.wrong += 1

    async def turn(self, tally: Tally) -> dict[str, Any] | None:
        try:
            async with asyncio.timeout(120):
                while True:
                    frame = await self.socket.receive_json()
                    if frame["type"] == "turns":
                        tally.wrong += len(frame["turns"]) - 1
                        turn: dict[str, Any] = frame["turns"][0]
                        return turn
        except (TimeoutError, TypeError):
            return None


async def conversations(url: str, visitors: int, questions: int, process: int, pause: float = 0.0) -> dict[str, Any]:
    tally = Tally()
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        clients = [Client(session, url, number) for number in range(visitors)]
        await asyncio.gather(*(client.connect() for client in clients))
        connected = memory(process)["now"]
        begun = time.perf_counter()
        await asyncio.gather(*(client.ask(questions, tally, pause) for client in clients))
        seconds = time.perf_counter() - begun
    times = sorted(tally.times)
    return {
        "visitors": visitors,
        "questions": len(times),
        "lost": tally.lost,
        "wrong_window_or_answer": tally.wrong,
        "seconds": round(seconds, 1),
        "answers_a_second": round(len(times) / seconds),
        "p50_ms": round(statistics.median(times) * 1000),
        "p99_ms": round(times[int(len(times) * 0.99)] * 1000),
        "mb_connected": connected,
        "mb_after": memory(process),
    }


async def one_alone(url: str, count: int) -> dict[str, Any]:
    """The times of one visitor while nobody else asks."""
    tally = Tally()
    async with aiohttp.ClientSession() as session:
        client = Client(session, url, 1_000_000)
        await client.connect()
        await client.ask(count, tally)
    times = sorted(tally.times)
    return {
        "p50_ms": round(statistics.median(times) * 1000, 1),
        "p99_ms": round(times[int(len(times) * 0.99)] * 1000, 1),
    }


async def crowd(url: str, connections: int, process: int) -> dict[str, Any]:
    """Try so many connections, half of them from one address, while one visitor goes on asking."""
    outcomes: Counter[str] = Counter()
    tally = Tally()
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        regular = Client(session, url, 2_000_000)
        await regular.connect()
        asking = asyncio.create_task(regular.ask(100, tally))
        slots = asyncio.Semaphore(200)
        clients = [Client(session, url, number) for number in range(connections)]
        for client in clients[::2]:
            client.headers["X-Forwarded-For"] = "198.51.100.1"

        async def attempt(client: Client) -> None:
            async with slots:
                try:
                    code = await client.connect()
                    outcomes["open" if code is None else f"closed {code}"] += 1
                except (aiohttp.ClientError, OSError) as error:
                    outcomes[type(error).__name__] += 1

        begun = time.perf_counter()
        await asyncio.gather(*(attempt(client) for client in clients))
        seconds = time.perf_counter() - begun
        at_most = memory(process)["now"]
        await asking
    times = sorted(tally.times)
    return {
        "tried": connections,
        "outcomes": dict(outcomes),
        "seconds": round(seconds, 1),
        "mb": at_most,
        "meanwhile": {"questions": len(times), "lost": tally.lost, "p50_ms": round(statistics.median(times) * 1000)},
    }


async def run(visitors: int, questions: int, connections: int, *, pages_only: bool) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            **os.environ,
            "DATABASE_URL": f"sqlite:///{folder}/web.db",
            "PORT": str(port),
            "SECRET": SECRET,
            "MESSAGES_PER_MINUTE": "0",
        }
        environment.pop("TELEGRAM_TOKEN", None)
        process = subprocess.Popen(  # noqa: ASYNC220 - it begins once
            [sys.executable, "-m", "bot", "serve"], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL
        )
        try:
            await started(url, process)
            report: dict[str, Any] = {"first_page": await first_page(url), "mb_idle": memory(process.pid)["now"]}
            report["pages"] = await page_times(url)
            if pages_only:
                print(json.dumps(report, indent=2))
                return
            report["one_alone"] = await one_alone(url, 100)
            report["conversations"] = await conversations(url, visitors, questions, process.pid)
            report["with_pauses"] = await conversations(url, visitors, max(1, questions // 4), process.pid, PAUSE)
            report["connections"] = await crowd(url, connections, process.pid)
            print(json.dumps(report, indent=2))
        finally:
            process.terminate()
            process.wait(30)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--visitors", type=int, default=500)
    parser.add_argument("--questions", type=int, default=20)
    parser.add_argument("--connections", type=int, default=10_000)
    parser.add_argument("--pages-only", action="store_true")
    chosen = parser.parse_args()
    asyncio.run(run(chosen.visitors, chosen.questions, chosen.connections, pages_only=chosen.pages_only))


if __name__ == "__main__":
    main()
