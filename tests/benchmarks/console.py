"""The console over the shipped content.

python tests/benchmarks/console.py [DATABASE_URL]       10,000 questions asked in vain: the first grouping, the time of every
                                                        page, and a phrasing tried and published until it is answered
                                                        (default: a SQLite file of its own)
python tests/benchmarks/console.py desk [DATABASE_URL]  10,000 tickets with their talks, and 100,000 events: the time of the pages of
                                                        tickets, merchants and broadcasts, over a bakery's content
python tests/benchmarks/console.py mended QUESTIONS     by how much `evaluate` rises when a content with half its phrasings
                                                        removed is mended through the list alone, by 300 of the questions
"""

from __future__ import annotations

import asyncio
import html
import json
import random
import re
import shutil
import statistics
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from ruamel.yaml import YAML

from bot.assistant import Assistant
from bot.commands import json_reports
from bot.console.drafting import write_texts
from bot.console.edits import applied
from bot.console.grouping import Sorting, phrasings
from bot.console.questions import edits_for
from bot.knowledge.knowledge import Knowledge
from bot.knowledge.last_good import LastGood
from bot.knowledge.library import shipped
from bot.model import Address, Consent, Conversation, Language, Message, Subscribing, Ticket
from bot.search.matching.meaning import coded, embed
from bot.store import Bulletin, Event, Handled, KeptQuestion, MemoryStore, Question, TalkEntry, open_store
from tests.benchmarks.page_times import MOST, owners_link, served, timed
from tests.console import Browser, bakery
from tests.visitors import Visitor

COUNT, MERCHANTS = 10_000, 500
TICKETS, EVENTS_EACH = 10_000, 10
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
    store = await open_store(sys.argv[1] if len(sys.argv) > 1 else f"sqlite:///{folder / 'assistant.db'}")
    until = time.time() + 3600
    writes = (
        store.finish(
            Handled(Address("web", str(number % MERCHANTS), ""), question=Question(lang, words, "unknown", until))
        )
        for number, (words, lang) in enumerate(wordings())
    )
    await asyncio.gather(*writes)
    async with served(store, ours, LastGood(folder / "last-good", [ours])) as browser:
        begun, used = time.monotonic(), time.process_time()
        while "The questions are being grouped" in (await browser.get("/console/questions"))[1]:
            await asyncio.sleep(0.5)
        print(f"first grouping: {time.monotonic() - begun:.1f} s, {time.process_time() - used:.1f} s of processor")
        await timed(browser, ((path, MOST) for path in PAGES))
        await publishing(browser.url, browser)


async def desk() -> None:
    """Time the pages of tickets, merchants and broadcasts, with as many tickets and events as a large agency has in a year."""
    folder = Path(tempfile.mkdtemp(prefix="merchant-bot-desk-"))
    database = sys.argv[2] if len(sys.argv) > 2 else f"sqlite:///{folder / 'assistant.db'}"
    async with bakery(database, folder) as (url, _, store):
        begun = time.monotonic()
        turns = [ticket_turns(number) for number in range(1, TICKETS + 1)]
        for step in range(max(map(len, turns))):
            await asyncio.gather(*(store.finish(one[step]) for one in turns if step < len(one)))
        print(f"{TICKETS:,} tickets and {TICKETS * EVENTS_EACH:,} events: {time.monotonic() - begun:.0f} s")
        bulletin = Bulletin(name="bench", en="**Spring** is here", zh="**春天**来了")
        id = await store.save_bulletin(bulletin)
        opened = TICKETS - TICKETS // 10  # the last tenth is open
        async with Browser(url) as browser:
            await browser.sign_in(await owners_link(store))
            found = f"web:m{opened + 1}:m{opened + 1}"
            pages = (
                    "", "/tickets", "/tickets?page=10", "/tickets?show=closed", "/tickets?show=closed&page=180", "/tickets?show=mine",
                    f"/tickets/{opened + 1}", "/tickets/1", "/people", "/people?q=ann", "/people?q=m77", f"/people/one?who={found}",
                    "/people/leads", "/people/leads.csv", "/people/leads.xlsx", "/broadcasts", f"/broadcasts/{id}",
            )  # fmt: skip
            await timed(browser, ((path, MOST) for path in pages))


def ticket_turns(number: int) -> list[Handled]:
    """Return the turns of one ticket, of which the last tenth stays open and one in ten is a lead."""
    address = Address("web", f"m{number}", f"m{number}")
    lead = number % 10 == 0
    events = tuple(
        Event("turn", {"verdict": "answer", "topics": ["sourdough"], "lang": "en"}) for _ in range(EVENTS_EACH)
    )
    talk = Conversation(
        lang="en", consent=Consent("Name, result, verdict", 1_700_000_000, f"c{number}") if lead else None
    )
    card = "**Their question:** do you deliver"
    opens = Ticket(number, address, "en", name=f"Ann Number {number}", card=card, lead=lead)
    subscribing = Subscribing("news", on=True)
    first = Handled(
        address, opens=opens, events=events, conversation=talk, subscribing=subscribing,
        said=(TalkEntry(number, "state", kind="opened", name="Ann"), TalkEntry(number, "merchant", "do you deliver on Sundays?")),
    )  # fmt: skip
    lines = ("Yes, we do.", "And before seven?", "From six on.", "Thank you!")
    said = tuple(
        TalkEntry(number, "consultant" if place % 2 == 0 else "merchant", text) for place, text in enumerate(lines)
    )
    turns = [first, Handled(address, said=said, answers=number)]
    return turns if number > TICKETS - TICKETS // 10 else [*turns, Handled(address, closes=number)]


async def publishing(url: str, browser: Browser) -> None:
    """Make a group a topic's, try the draft, publish it, and ask until it is answered; another visitor asks meanwhile."""
    _, page = await browser.get("/console/questions?page=2")
    group, words = re.findall(r'<h2 id="group-(\d+)" class="said">([^<]*)</h2>', page)[0]
    waits: list[float] = []
    async with Visitor(url) as wei:

        async def visits() -> None:
            while True:
                begun = time.monotonic()
                await wei.say(f"how much is the deposit {len(waits)}")
                waits.append(time.monotonic() - begun)
                await asyncio.sleep(0.1)

        visiting = asyncio.create_task(visits())
        await asyncio.sleep(3)
        print(
            f"a visitor's answer before: median {statistics.median(waits) * 1000:.0f} ms, most {max(waits) * 1000:.0f} ms"
        )
        waits.clear()
        await browser.post("/console/questions/topic", group=group, topic="deposit-amount")
        begun = time.monotonic()
        while not (found := re.search(r'name="digest" value="(\w+)"', page)):
            status, page = await browser.get("/console/draft/effects")
            assert status == 200
            await asyncio.sleep(0.2)
        print(f"trial of the draft: {time.monotonic() - begun:.1f} s; {len(waits)} visitor's answers meanwhile: median "
              f"{statistics.median(waits) * 1000:.0f} ms, most {max(waits) * 1000:.0f} ms")  # fmt: skip
        begun = time.monotonic()
        await browser.post("/console/draft/say", text=words, conversation="bench")
        print(f"trial's chat, first answer: {time.monotonic() - begun:.2f} s")
        begun = time.monotonic()
        await browser.post("/console/draft/say", text="how much is it", conversation="bench")
        print(f"trial's chat, second answer: {time.monotonic() - begun:.2f} s")
        waits.clear()
        begun = time.monotonic()
        status, page = await browser.post("/console/draft/publish", digest=found[1], anyway="yes")
        assert status == 200, page
        pressed = time.monotonic() - begun
        async with Visitor(url) as bob:  # who has not been silent during the trial
            while "10,000" not in str(await bob.say(html.unescape(words))):
                await asyncio.sleep(0.1)
        print(f"published until answered: {time.monotonic() - begun:.1f} s (the press {pressed:.1f} s); visitor's answers "
              f"meanwhile: median {statistics.median(waits) * 1000:.0f} ms, most {max(waits) * 1000:.0f} ms")  # fmt: skip
        visiting.cancel()


def mended(file: Path) -> None:
    """Print the measures with half the phrasings, after mending through the list, and with all, on the questions of a file."""
    lines = file.read_text("utf-8").splitlines()
    everything = [json.loads(line) for line in lines if line.strip()]
    chosen = random.Random(22)
    inside = [one for one in everything if one["topics"]]
    asked = chosen.sample(inside, min(300, len(inside)))
    rest = [one for one in everything if one not in asked]
    with tempfile.TemporaryDirectory() as room:
        half = Path(room) / "half"
        shutil.copytree(shipped(), half)
        for path in sorted((half / "topics").rglob("*.yaml")):
            halve(path, chosen)
        report("half the phrasings", knowledge := Knowledge.open([half], only=True), asked, rest)
        assistant, found = Assistant(knowledge, MemoryStore()), []
        for number, one in enumerate(asked, 1):
            turn = assistant.receive_now(
                Message(Address("bench", str(number), str(number)), one["text"], hint=one["lang"])
            )
            if turn.outcome.kind in ("unknown", "clarify"):
                found.append(
                    KeptQuestion(number, number, one["lang"], one["text"], "unknown", "", codes_of_text(one["text"]))
                )
        groups = Sorting().add(found)
        edits = []
        for group in groups:
            right = Counter(topic for id in group.questions for topic in asked[id - 1]["topics"]).most_common(1)[0][0]
            edits += edits_for(group, right, knowledge.library, phrasings(group, knowledge, 3))
        write_texts(half, applied(half, edits))
        print(f"of {len(asked)} questions {len(found)} were on the list, in {len(groups)} groups")
        report("mended", Knowledge.open([half], only=True), asked, rest)
    report("all phrasings", Knowledge.open(), asked, rest)


def halve(path: Path, chosen: random.Random) -> None:
    """Take half of the phrasings of a topic's file away."""
    writer = YAML(typ="rt")
    tree = writer.load(path.read_text("utf-8"))
    for lang in ("en", "zh"):
        said = tree["phrasings"][lang]
        for one in chosen.sample(range(len(said)), len(said) // 2)[::-1] if len(said) > 1 else ():
            said[one] = None
        tree["phrasings"][lang] = [one for one in said if one is not None]
    with path.open("w", encoding="utf-8") as out:
        writer.dump(tree, out)


def codes_of_text(text: str) -> bytes:
    return bytes(coded(embed([text]))[0].tobytes())


def report(name: str, knowledge: Knowledge, asked: list[Any], rest: list[Any]) -> None:
    for part, questions in (("those mended with", asked), ("others", rest)):
        found = json_reports.evaluate(Assistant(knowledge, MemoryStore()), questions, lambda _: None)
        told = ", ".join(f"{key} {found[key]}" for key in ("right", "in3", "clarified", "wrong", "oos_kept"))
        print(f"{name:20} {part:18} n {found['n']}: {told}", flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["mended"]:
        mended(Path(sys.argv[2]))
    elif sys.argv[1:2] == ["desk"]:
        asyncio.run(desk())
    else:
        asyncio.run(main())
