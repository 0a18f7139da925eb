"""From a topic to the answer a merchant reads: facts, marks, notes, source, date and age."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from bot.knowledge.content import STATUSES, Fact, Missing, Source, Status, Topic
from bot.model import Language


@dataclass(frozen=True)
class Answer:
    """An answer in Markdown, and what it rests on."""

    text: str
    source: str | None
    date: str | None
    status: Status | None
    incomplete: bool  # something is missing: offer a consultant


def weakest(statuses: Iterable[Status]) -> Status | None:
    """The weakest of some statuses: missing before announced before stated."""
    return max(statuses, key=STATUSES.index, default=None)


def months_between(then: date, now: date) -> int:
    """Whole months from one day to a later one."""
    return (now.year - then.year) * 12 + now.month - then.month - (now.day < then.day)


def stale(facts: Sequence[Fact], sources: dict[str, Source], topic: Topic, today: date, months: int) -> list[Fact]:
    """The facts whose article or confirmation is older than so many months."""
    return [fact for fact in facts if months_between(as_of(fact, topic, sources) or today, today) >= months]


def as_of(fact: Fact, topic: Topic, sources: dict[str, Source]) -> date | None:
    """The day as of which a fact holds: its confirmation's, else its article's."""
    if fact.confirmed:
        return fact.confirmed.date
    source = sources.get(fact.source or topic.source or "")
    return source.date if source else None


def long_date(day: date, lang: Language) -> str:
    """29 March 2022; 2022年3月29日."""
    return f"{day.day} {day:%B} {day.year}" if lang == "en" else f"{day.year}年{day.month}月{day.day}日"


def standing_of(topic: Topic, detail: Missing | None) -> Status | None:
    """The status of an answer: the weakest of the facts it uses, a missing detail included."""
    used: list[Status] = [fact.standing for fact in topic.facts]
    return weakest([*used, "missing"] if detail else used)
