"""The console served over a folder, and how long its pages take: for the benchmarks of the console and of its reports."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from bot import app
from bot.assistant import Assistant
from bot.console import access
from bot.knowledge.last_good import LastGood
from bot.settings import Settings
from bot.store import Store
from tests.console import Browser
from tests.crash import free_port
from tests.visitors import SECRET, ready

ROUNDS = 5
MOST = 0.5  # seconds of a page
START = 300.0  # seconds until the service answers


@asynccontextmanager
async def served(store: Store, ours: Path, content: LastGood) -> AsyncIterator[Browser]:
    """Serve the console over a folder of the agency, and yield its owner's browser."""
    chosen: dict[str, Any] = {
        "_env_file": None,
        "port": free_port(),
        "secret": SecretStr(SECRET),
        "knowledge": str(ours),
        "messages_per_minute": 0,
    }
    settings, stop = Settings(**chosen), asyncio.Event()

    async def opening() -> Assistant:
        return Assistant(await asyncio.to_thread(content.open), store)

    task = asyncio.create_task(app.answer(settings, opening, store, stop, content))
    url = f"http://127.0.0.1:{settings.port}"
    await ready(url, task, START)
    async with Browser(url) as browser:
        await browser.sign_in(await owners_link(store))
        yield browser
    stop.set()
    await task
    await store.close()


async def owners_link(store: Store) -> str:
    """Return the path of a link that signs an owner in, once."""
    made = await access.invite(store, "bench", "owner")
    assert made
    return f"/console/in/{made[1]}"


async def timed(browser: Browser, pages: Iterable[tuple[str, float]]) -> None:
    """Print the time of each page, and which take longer than the seconds that they may."""
    slow = []
    for path, most in pages:
        took, spent = [], []
        for _ in range(ROUNDS):
            begun, used = time.monotonic(), time.process_time()
            async with browser.session.get(f"{browser.url}/console{path}") as response:
                await response.read()
                assert response.status == 200, path
            took.append(time.monotonic() - begun)
            spent.append(time.process_time() - used)
        print(
            f"{path or '/':36} median {statistics.median(took) * 1000:5.0f} ms, most {max(took) * 1000:5.0f} ms, "
            f"processor {statistics.median(spent) * 1000:5.0f} ms"
        )
        slow += [path] if statistics.median(took) > most else []
    print(f"too slow: {', '.join(slow) or 'none'}")
