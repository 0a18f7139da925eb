"""Outdated facts: the article or the confirmation is too old, or the announced day has passed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from bot.channels.markup import plain
from bot.console.edits import Edit
from bot.console.words import Words
from bot.content.figures import names
from bot.content.kinds import Fact, Topic
from bot.content.templates import BadTemplate, Templates
from bot.knowledge.library import Library
from bot.knowledge.writer import as_of, long_date, stale
from bot.language.past_days import moved, named
from bot.model import LANGUAGES, Language

A_YEAR = 364  # days between its first and its last


@dataclass(frozen=True)
class Old:
    """A fact to look at again: in which language it says what, as of when, and since when it is out of date.

    `place`: the backend page where it was seen last, else the title of its article; `figures`: those that it names.
    """

    topic: Topic
    fact: Fact
    text: str
    day: date
    since: date
    place: str
    announced: bool = False
    figures: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return f"{self.topic.id}/{self.fact.id}"

    @property
    def counted(self) -> str:
        """The name by which its answers are counted."""
        return f"{self.topic.id}.{self.fact.id}"


def olds(library: Library, today: date, lang: Language) -> list[Old]:
    """Return the facts to look at again, the longest out of date first."""
    sources, months = dict(library.sources), library.operator.confirm_months
    templates, found = Templates(library.data), list[Old]()
    for topic in library.topics.values():
        for fact in topic.facts:
            day = as_of(fact, topic, sources)
            if day is None or fact.standing == "missing":
                continue
            announced = passed(fact, day, templates, today) if fact.standing == "announced" else None
            if announced is None and not stale([fact], sources, topic, today, months):
                continue
            source = library.sources.get(fact.source or topic.source or "")
            place = fact.confirmed.source if fact.confirmed else source.title(lang) if source else ""
            since = announced + timedelta(days=1) if announced else due(day, months)
            figures = tuple(
                name
                for group, keys in library.data.figures.items()
                for key in keys
                if names(f"{fact.en}\n{fact.zh}", name := f"{group}.{key}")
            )
            text = rendered(templates, fact, lang)
            found.append(Old(topic, fact, text, day, since, place, announced is not None, figures))
    return sorted(found, key=lambda one: (one.since, one.id))


def passed(fact: Fact, said: date, templates: Templates, today: date) -> date | None:
    """Return the last day that an announcement names, if it has passed; `said`: when it was announced."""
    spans = [
        (moved(first, year), moved(last, year))
        for lang in LANGUAGES
        for first, last, _, _, year in named(rendered(templates, fact, lang).lower(), said)
        if year is not None
    ]
    days = [last for first, last in spans if (last - first).days < A_YEAR] or [last for _, last in spans]
    latest = max((day for day in days if day >= said), default=None)
    return latest if latest and latest < today else None


def rendered(templates: Templates, fact: Fact, lang: Language) -> str:
    try:
        text = templates.render(fact[lang], lang)
    except BadTemplate:
        text = fact[lang]  # names values that are there only in a talk
    return " ".join(plain(text).split())


def due(day: date, months: int) -> date:
    """Return the first day that is so many whole months after a day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, 1) + timedelta(days=day.day - 1)


def confirmed(one: Old, where: str, today: date, about: str) -> Edit:
    """Return the edit that says where a fact was seen again."""
    value = {"date": today.isoformat(), "source": where}
    path = ("facts", f"={one.fact.id}", "confirmed")
    return Edit("set", f"topics/{one.topic.id}", path, {**value}, area=one.topic.area, about=about)


def forgotten(one: Old, about: str) -> Iterator[Edit]:
    """Yield the edits that say of a fact, and of what follows from it, that it is not known any more."""
    place = f"topics/{one.topic.id}"
    parts = [
        ("facts", one.fact.id),
        *(("answers", answer.id) for answer in one.topic.answers if answer.of == one.fact.id),
    ]
    yield Edit("set", place, ("facts", f"={one.fact.id}", "status"), "missing", area=one.topic.area, about=about)
    for kind, id in parts:
        for lang in LANGUAGES:
            text = Words(lang)("aging_not_known", date=long_date(one.day, lang))
            yield Edit("set", place, (kind, f"={id}", lang), text, area=one.topic.area, about=about)


def drafted(edits: Iterable[Edit]) -> set[str]:
    """Return the facts that the draft changes, as "topic/fact"."""
    return {
        f"{edit.place.removeprefix('topics/')}/{edit.path[1].removeprefix('=')}"
        for edit in edits
        if edit.place.startswith("topics/") and len(edit.path) > 1 and edit.path[0] == "facts"
    }
