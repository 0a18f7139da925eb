"""The console with 10,000 questions asked in vain: the first grouping, and the time of every page.

python tests/benchmarks/console.py [DATABASE_URL]    (default: a SQLite file of its own)
"""

from __future__ import annotations

import asyncio
import json
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from pydantic import SecretStr

from bot import app
from bot.assistant import Assistant
from bot.console import access
from bot.knowledge.last_good import LastGood
from bot.model import Address, Language
from bot.settings import Settings
from bot.store import Handled, Question, open_store
from tests.console import Browser
from tests.crash import free_port
from tests.visitors import SECRET, ready

COUNT, MERCHANTS, ROUNDS = 10_000, 500, 5
MOST = 0.5  # seconds of a page
PAGES = (
    "",
    "/questions",
    "/questions?page=20",
    "/answers",
    "/answers?q=deposit",
    "/figures",
    "/keywords",
    "/agency",
    "/draft",
    "/history",
)


def wordings() -> list[tuple[str, Language]]:
    """Different questions, each with one word left out."""
    chosen = random.Random(22)
    lines = (ROOT / "tests" / "questions" / "strangers.jsonl").read_text("utf-8").splitlines()
    own = [json.loads(line) for line in lines]
    made = []
    for number in range(COUNT):
        one = own[number % len(own)]
        parts = one["text"].split() if one["lang"] == "en" else list(one["text"])
        if number >= len(own) and len(parts) > 3:
            del parts[chosen.randrange(len(parts))]
        lang: Language = "zh" if one["lang"] == "zh" else "en"
        made.append(((" " if lang == "en" else "").join(parts)[:400], lang))
    return made


async def main() -> None:
    folder = Path(tempfile.mkdtemp(prefix="merchant-bot-console-"))
    ours = folder / "ours"
    ours.mkdir()
    database = sys.argv[1] if len(sys.argv) > 1 else f"sqlite:///{folder / 'assistant.db'}"
    chosen: dict[str, Any] = {
        "_env_file": None,
        "port": free_port(),
        "secret": SecretStr(SECRET),
        "knowledge": str(ours),
    }
    settings = Settings(**chosen)
    store, stop = await open_store(database), asyncio.Event()
    until = time.time() + 3600
    writes = (
        store.finish(
            Handled(Address("web", str(number % MERCHANTS), ""), question=Question(lang, words, "unknown", until))
        )
        for number, (words, lang) in enumerate(wordings())
    )
    await asyncio.gather(*writes)
    content = LastGood(folder / "last-good", [ours])

    async def opening() -> Assistant:
        return Assistant(await asyncio.to_thread(content.open), store)

    task = asyncio.create_task(app.answer(settings, opening, store, stop, content))
    url = f"http://127.0.0.1:{settings.port}"
    await ready(url, task, 300)
    made = await access.invite(store, "bench", "owner")
    assert made
    async with Browser(url) as browser:
        await browser.sign_in(f"/console/in/{made[1]}")
        begun, used = time.monotonic(), time.process_time()
        while "The questions are being grouped" in (await browser.get("/console/questions"))[1]:
            await asyncio.sleep(0.5)
        print(f"first grouping: {time.monotonic() - begun:.1f} s, {time.process_time() - used:.1f} s of processor")
        slow = []
        for path in PAGES:
            took, spent = [], []
            for _ in range(ROUNDS):
                begun, used = time.monotonic(), time.process_time()
                status, _ = await browser.get(f"/console{path}")
                assert status == 200
                took.append(time.monotonic() - begun)
                spent.append(time.process_time() - used)
            print(
                f"{path or '/':24} median {statistics.median(took) * 1000:5.0f} ms, most {max(took) * 1000:5.0f} ms, "
                f"processor {statistics.median(spent) * 1000:5.0f} ms"
            )
            slow += [path] if statistics.median(took) > MOST else []
        print(f"slower than {MOST} s: {', '.join(slow) or 'none'}")
    stop.set()
    await task
    await store.close()


if __name__ == "__main__":
    asyncio.run(main())
