"""The reports and what gets old, over the shipped content and 100,000 events of 60 days.

python tests/benchmarks/reports.py [DATABASE_URL]   the events counted once, the time of every page, and of the month's report
                                                    (default: a SQLite file of its own)
python tests/benchmarks/reports.py --keep           serve them until interrupted, to be looked at
"""

from __future__ import annotations

import asyncio
import random
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))


from bot.json_text import to_text
from bot.knowledge.knowledge import Knowledge
from bot.knowledge.last_good import LastGood
from bot.model import Address
from bot.store import Handled, Question, Store, open_store
from bot.store.parts.database import Database, Many, Steps
from tests.benchmarks.page_times import MOST, owners_link, served, timed

EVENTS, DAYS, MERCHANTS = 100_000, 60, 4_000
MOST_OF_MONTH = 1.0  # seconds of the month's report
WORDS = ("how do I get out of a loan", '=HYPERLINK("http://example.com")', "平台有没有仓库", "能不能用支付宝收款")
PAGES = (
    ("", MOST), ("/reports", MOST), ("/reports?by=day", MOST), ("/reports?by=month", MOST_OF_MONTH),
    ("/reports/report.csv?by=month", MOST_OF_MONTH), ("/reports/report.xlsx?by=month", MOST_OF_MONTH), ("/aging", MOST),
    ("/answers", MOST),
)  # fmt: skip


def event(chosen: random.Random, library: Any) -> tuple[str, dict[str, Any]]:
    """Make an event as a merchant's turn would, the frequent ones more often."""
    topics = [one.id for one in library.topics.values() if one.known]
    gaps = [one.id for one in library.topics.values() if not one.known]
    lang, name = chosen.choice(("en", "zh", "zh")), topics[int(chosen.random() ** 3 * len(topics))]
    kind = chosen.choices(
        ("answer", "likely", "clarify", "unknown", "check", "menu", "keyword", "ticket", "closed", "feedback"),
        (40, 12, 8, 10, 14, 6, 4, 2, 2, 2),
    )[0]
    turn: dict[str, Any] = {"verdict": kind, "topics": [], "check": None, "score": 0.9, "lang": lang, "kind": "text"}
    if kind in ("answer", "likely"):
        facts = [f"{name}.{one.id}" for one in library.topics[name].facts]
        return "turn", turn | {"verdict": "answer", "topics": [name], "likely": kind == "likely", "facts": facts}
    if kind == "unknown" and chosen.random() < 0.6:
        return "turn", turn | {"known_unknown": chosen.choice(gaps)}
    if kind == "check":
        check = chosen.choice(list(library.checks.values()))
        at = int(chosen.random() ** 2 * len(check.questions))
        steps = ["begun", f"asked {check.questions[0].id}"] if at == 0 else [f"asked {check.questions[at].id}"]
        if at:
            steps.append(f"answered {check.questions[at - 1].id}")
        if at == len(check.questions) - 1:
            steps += ["finished", f"verdict {chosen.choice(('eligible', 'conditional', 'not_eligible'))}"]
        return "turn", turn | {"run_of": check.id, "steps": steps}
    if kind == "keyword":
        rule = chosen.choice(list(library.rules))
        poster = chosen.choice(("", "", "t-deposit-amount", "c-store-entry"))
        return "turn", turn | {"verdict": "answer", "fetched": [f"keyword {rule}"], "poster": poster}
    if kind == "ticket":
        return "ticket", {"what": chosen.choice(("opened", "opened", "lead"))}
    if kind == "closed":
        seconds = chosen.expovariate(1 / 4000)
        return "ticket", {"what": "closed", "seconds": 3 * seconds, "first_answer_seconds": seconds}
    if kind == "feedback":
        return "feedback", {"helped": chosen.random() < 0.8, "question": "…", "topics": [name], "word": ""}
    return "turn", turn | {"verdict": "answer" if kind == "menu" else kind}


async def seed(store: Store, knowledge: Knowledge) -> None:
    """Store the events as a version without sums had them, and count them."""
    assert isinstance(store, Database)
    chosen, now = random.Random(23), time.time()
    rows = []
    for number in range(EVENTS):
        kind, data = event(chosen, knowledge.library)
        who = int(chosen.random() ** 2 * MERCHANTS)
        address = f"{chosen.choice(('web', 'telegram', 'telegram', 'wechat'))}:{who}:{who}"
        rows.append((now - (EVENTS - number) / EVENTS * DAYS * 86400, kind, address, to_text(data)))

    def steps() -> Steps[None]:
        yield Many("INSERT INTO events (time, kind, address, data) VALUES (@1, @2, @3, @4)", rows)
        yield (
            "INSERT INTO kept (name, value) SELECT 'uncounted-events', '0 ' || id FROM events ORDER BY id DESC LIMIT 1",
            (),
        )

    await store.transact(steps)
    for number in range(400):
        question = Question("en", WORDS[number % len(WORDS)], "unknown", now + 86400)
        await store.finish(Handled(Address("web", str(number), str(number)), question=question))
    begun = time.monotonic()
    while await store.count_old():
        pass
    print(f"{EVENTS:,} events of an earlier version counted in {time.monotonic() - begun:.1f} s")
    (count,) = (await store.read("SELECT count(*) FROM sums"))[0]
    print(f"rows of sums: {count:,}")


async def main(database: str, *, keep: bool) -> None:
    folder = Path(tempfile.mkdtemp(prefix="merchant-bot-reports-"))
    ours = folder / "ours"
    ours.mkdir()
    (ours / "operator.yaml").write_text('hours: {zone: Europe/Paris, mon-fri: ["09:00-18:00"]}\n', "utf-8")
    store = await open_store(database or f"sqlite:///{folder / 'assistant.db'}")
    content = LastGood(folder / "last-good", [ours])
    await seed(store, await asyncio.to_thread(content.open))
    async with served(store, ours, content) as browser:
        if keep:
            print(f"{browser.url}{await owners_link(store)}", flush=True)
            await asyncio.Event().wait()
        month = (date.today().replace(day=1) - timedelta(days=1)).isoformat()
        await timed(browser, (*PAGES, (f"/reports?by=month&day={month}", MOST_OF_MONTH)))


if __name__ == "__main__":
    given = [one for one in sys.argv[1:] if not one.startswith("--")]
    asyncio.run(main(given[0] if given else "", keep="--keep" in sys.argv))
