"""Editors' reports: lint findings, lists of topics and facts, and single topics."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from bot.checks import prove
from bot.commands.decisions import find_check
from bot.content.kinds import Fact, Topic
from bot.content.said import Notice, said
from bot.content.tree import Mistake
from bot.knowledge import accepting, writer
from bot.knowledge import lint as rules
from bot.knowledge.advice import advice
from bot.knowledge.knowledge import Knowledge
from bot.knowledge.library import Library, load, phrasings_of, shipped
from bot.knowledge.writer import Manner
from bot.memory import uncollected
from bot.model import LANGUAGES
from bot.search.matching import semantic_available

DAYS = {"d": 1, "w": 7, "m": 30, "y": 365}


@dataclass(frozen=True)
class Findings:
    """Lint's findings: mistakes and notes by file and line, advice on phrasings (only without mistakes), and a summary."""

    mistakes: tuple[Mistake, ...]
    notes: tuple[Mistake, ...]
    advice: tuple[Mistake, ...]
    read: Notice


@uncollected()
def lint(folders: Sequence[Path], *, only: bool, every: bool = False) -> Findings:
    """Lint the folders; the editor's own files come first, notes on shipped files are included only with `every`.

    Trains the matcher if the phrasings are new. Raises Unreadable.
    """
    library, mistakes = load(folders, only=only)
    base = f"{shipped().name}/" if folders else "\0"  # also with `only`, which uses shipped sentences
    found = sorted({*mistakes, *rules.check(library)}, key=lambda one: (one.file.startswith(base), one))
    bad = tuple(mistake for mistake in found if not mistake.warning)
    learned = () if bad else tuple(advice(Knowledge.open(folders, only=only)))
    notes = tuple(one for one in found if one.warning and (every or not one.file.startswith(base)))
    learned = tuple(one for one in learned if every or not one.file.startswith(base))
    return Findings(bad, notes, learned, amount(library))


def accept(folders: Sequence[Path], check: str | None) -> list[str]:
    """Write the new outcomes of shipped examples into the last folder, and describe them.

    Raises NoSuchCheck, NotAccepted, Unreadable, OSError.
    """
    library, _ = load(folders)
    told: list[str] = []
    for name in [find_check(library, check)] if check else library.checks:
        if found := accepting.changed(library, name):
            file = accepting.accept(folders[-1], name, found)
            told += [f"{file}: {one}" for one in found]
    return told


def amount(library: Library) -> Notice:
    """Count the content's entries."""
    answered = sum(topic.known for topic in library.topics.values())
    spoken = [part.then for topic in library.topics.values() for part in topic.parts]
    phrasings = sum(len(each.en) + len(each.zh) for each in (*(one for _, one, _ in phrasings_of(library)), *spoken))
    return said(
        "read",
        known=answered,
        unknown=len(library.topics) - answered,
        checks=len(library.checks),
        rules=len(library.rules),
        phrasings=phrasings,
        walked=paths_summary(library),
    )


def paths_summary(library: Library) -> Notice:
    """Count and time the paths through the checks."""
    started = time.perf_counter()
    reports = {name: prove(check, library.data.figures) for name, check in library.checks.items()}
    seconds = time.perf_counter() - started
    counts = tuple(f"{name} {report.paths:,}" for name, report in reports.items() if report.paths)
    total = f"{sum(report.paths for report in reports.values()):,}"
    return said("walked", total=total, seconds=f"{seconds:.2f}", counts=counts)


def lint_report(found: Findings) -> dict[str, Any]:
    return {
        "mistakes": list(map(row, found.mistakes)),
        "notes": list(map(row, found.notes)),
        "advice": list(map(row, found.advice)),
        "semantic": semantic_available(),
        "read": str(found.read),
    }


def row(one: Mistake) -> dict[str, Any]:
    """Return a mistake as JSON: code, place, and the message in both languages."""
    words: dict[str, str] = {
        lang: one.said.words(lang) if isinstance(one.said, Notice) else one.said for lang in LANGUAGES
    }
    return {"code": one.code, "file": one.file, "line": one.line, "path": list(one.path), **words}


def days_of(age: str) -> int | None:
    """Parse an age like 180d, 26w, 6m or 1y into days; None if it is invalid."""
    match = re.fullmatch(r"(\d{1,5})([dwmy]?)", age.strip().lower())
    return int(match[1]) * DAYS[match[2] or "d"] if match else None


def topics(library: Library) -> list[dict[str, Any]]:
    """Return a row for each topic: id, titles, source, date, and the weakest status of its facts."""
    return [
        {
            "id": name,
            "title": topic.title.en,
            "zh": topic.title.zh,
            "source": topic.source or "",
            "date": str(library.sources[topic.source].date) if topic.source else "",
            "status": writer.standing_of(topic.facts) or "unknown",
        }
        for name, topic in library.topics.items()
    ]


def facts(library: Library, unconfirmed: bool, days: int | None) -> list[dict[str, Any]]:
    """Return a row for each fact to review, and with `unconfirmed` for each unconfirmed reading of the translation."""
    limit = date.today() - timedelta(days=days) if days is not None else None
    rows = [
        row
        for name, topic in library.topics.items()
        for fact in topic.facts
        if (row := fact_row(library, name, topic, fact, unconfirmed, limit)) is not None
    ]
    if unconfirmed and days is None:
        rows += [
            {
                "id": f"glossary/{term.id}",
                "status": f"reading, {term.sure}",
                "as of": "",
                "source": "",
                "text": f"{term.says} → {term.en} ({term.term})",
            }
            for term in library.terms.values()
            if term.confirmed is None
        ]
    return rows


def fact_row(
    library: Library, name: str, topic: Topic, fact: Fact, unconfirmed: bool, limit: date | None
) -> dict[str, Any] | None:
    as_of = writer.as_of(fact, topic, dict(library.sources))
    if unconfirmed and fact.confirmed:
        return None
    if limit is not None and as_of is not None and as_of >= limit:
        return None
    return {
        "id": f"{name}/{fact.id}",
        "status": fact.standing,
        "as of": str(as_of or ""),
        "source": fact.confirmed.source if fact.confirmed else fact.source or topic.source or "",
        "text": " ".join(fact.en.split()),
    }


def table(rows: Sequence[dict[str, Any]]) -> str:
    """Format rows as aligned columns; the last column is truncated."""
    if not rows:
        return "Nothing."
    names = list(rows[0])
    widths = {name: min(44, max(len(name), *(len(str(row[name])) for row in rows))) for name in names}
    lines = [names, *([str(row[name]) for name in names] for row in rows)]
    return "\n".join(
        "  ".join(
            cell[:72] if name == names[-1] else f"{cell:{widths[name]}}" for name, cell in zip(names, line, strict=True)
        ).rstrip()
        for line in lines
    )


def show(knowledge: Knowledge, name: str) -> dict[str, Any]:
    """Return a topic as JSON: its answers, facts and references."""
    topic, library = knowledge.topic(name), knowledge.library
    return {
        "id": name,
        "area": topic.area,
        "file": library.places[f"topics/{name}"].file,
        "title": {lang: topic.title[lang] for lang in LANGUAGES},
        "answer": {
            lang: knowledge.tell(name, lang, date.today(), manner=Manner(whole=True)).text for lang in LANGUAGES
        },
        "facts": [
            {
                "id": fact.id,
                "status": fact.status,
                "source": fact.source or topic.source,
                "as_of": str(writer.as_of(fact, topic, dict(library.sources)) or ""),
                "confirmed": fact.confirmed.model_dump(mode="json") if fact.confirmed else None,
            }
            for fact in topic.facts
        ],
        "missing": [detail.id for detail in topic.missing],
        "rests_on": list(topic.rests_on),
        "related": list(topic.related),
        "check": topic.check,
        "phrasings": {lang: list(topic.phrasings[lang]) for lang in LANGUAGES},
    }


def shown_text(shown: dict[str, Any]) -> str:
    """Format the result of `show` as text."""
    facts = [
        f"  {fact['id']}: {fact['status']}, {fact['source']}, as of {fact['as_of']}"
        + (f", confirmed by {fact['confirmed']['source']}" if fact["confirmed"] else ", not confirmed")
        for fact in shown["facts"]
    ]
    counts = ", ".join(f"{len(words)} {lang}" for lang, words in shown["phrasings"].items())
    return "\n".join(
        [
            f"{shown['id']}  ({shown['file']})",
            "",
            f"# {shown['title']['en']}",
            shown["answer"]["en"],
            "",
            f"# {shown['title']['zh']}",
            shown["answer"]["zh"],
            "",
            "Facts:",
            *facts,
            f"Missing details: {', '.join(shown['missing']) or 'none'}",
            f"Rests on readings: {', '.join(shown['rests_on']) or 'none'}",
            f"Related: {', '.join(shown['related']) or 'none'}; check: {shown['check'] or 'none'}",
            f"Phrasings: {counts}",
        ]
    )
