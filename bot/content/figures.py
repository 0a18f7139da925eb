"""Figures: numbers from the articles, and an agency's own numbers with their source and date."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from typing import Any

from pydantic import TypeAdapter, ValidationError

from bot.content import kinds
from bot.content.kinds import Figure, Figures, Source
from bot.content.said import said
from bot.content.tree import Mistake, Node

NUMBER = re.compile(r"-?[\d,]+")
HOW = '{value: 10, source: "seller backend, page Fees", date: 2026-11-03}'


@dataclass(frozen=True)
class Sourced:
    """The sources of figures with a source of their own, by figure name ("commission.highest")."""

    sources: Mapping[str, Source] = field(default_factory=dict)

    def of(self, text: str) -> tuple[str, ...]:
        """Return the source ids of all figures named in a text."""
        return tuple(dict.fromkeys(source.id for name, source in self.sources.items() if names(text, name)))


def names(text: str, figure: str) -> bool:
    """True if a template or a condition names the figure."""
    group, _, key = figure.partition(".")
    return bool(re.search(rf"(?<![\w.-]){group}(?:\.{key}(?![\w-])|\[\\?['\"]{key}\\?['\"]\])", text))


def read(
    node: Node, base: Node | None, articles: Mapping[str, Source], mistakes: list[Mistake]
) -> tuple[Figures, Sourced]:
    """Return the numbers of figures.yaml and their sources; mistakes are appended to `mistakes`.

    A wrong number is replaced by that of the `base`, to avoid follow-up mistakes.
    """
    plain: Any = node.plain()
    sources: dict[str, Source] = {}
    for group, entries in plain.items() if isinstance(plain, dict) else ():
        for key, value in entries.items() if isinstance(entries, dict) else ():
            if isinstance(value, dict):
                place, name = node.at((group, key)), f"{group}.{key}"
                figure = kinds.parse(Figure, place, mistakes)
                entries[key] = str(figure.value) if figure else instead(base, group, key)
                if figure and (source := source_of(figure, place, articles, mistakes)):
                    sources[name] = source
    adapter: TypeAdapter[Figures] = TypeAdapter(Figures)
    try:
        return adapter.validate_python(plain), Sourced(sources)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            path = tuple(str(step) for step in detail["loc"] if step != "[key]")
            mistakes.append(node.at(path).mistake(kinds.words_of(detail, Figures)))
            if isinstance(plain, dict) and len(path) == 2 and isinstance(entries := plain.get(path[0]), dict):
                entries[path[1]] = instead(base, *path)
    try:
        return adapter.validate_python(plain), Sourced(sources)
    except ValidationError:
        return {}, Sourced()


def instead(base: Node | None, group: str, key: str) -> str:
    """Return the base's number, or 1 if the base has none."""
    found = base.at((group, key)).value if base else None
    return found if isinstance(found, str) else "1"


def latest_day() -> date:
    """Return the date where the day begins first: an editor may be east of this machine."""
    return datetime.now(timezone(timedelta(hours=14))).date()


def source_of(figure: Figure, place: Node, articles: Mapping[str, Source], mistakes: list[Mistake]) -> Source | None:
    article = articles.get(figure.source)
    day = figure.date or (article.date if article else None)
    if day is None:
        mistakes.append(place.mistake(said("figure-date-missing", how=HOW), key="date"))
        return None
    if day > latest_day():
        mistakes.append(place.at(("date",)).mistake(said("figure-in-future", day=day)))
    if article and day == article.date:
        return article
    return Source(
        id=f"{figure.source}, {day}",
        date=day,
        en=article.en if article else figure.source,
        zh=article.zh if article else figure.source,
    )


def laid_over(base: Node | None, node: Node, used: Iterable[str]) -> Iterator[Mistake]:
    """Yield the mistakes in a folder's figures over those of the `base`: changed without a source, or used nowhere."""
    if base is None or not isinstance(base.value, dict) or not isinstance(node.value, dict):
        return
    everything = "\n".join(used)
    known = [f"{group}.{key}" for group, entries in base.value.items() for key in keys(entries)]
    for group, entries in node.value.items():
        own = [f"{group}.{key}" for key in keys(entries) if f"{group}.{key}" not in known]
        lost = [name for name in own if not names(everything, name)]
        if lost and group not in base.value and lost == own:
            hint = kinds.suggest(group, base.value)
            yield node.at((group,)).mistake(said("figures-not-used", group=group, hint=hint))
        elif lost:
            inside = keys(base.value[group]) if group in base.value else ()
            for name in lost:
                key = name.partition(".")[2]
                hint = kinds.suggest(key, inside)
                yield node.at((group, key)).mistake(said("figure-not-used", key=key, group=group, hint=hint))
        for key in keys(entries):
            under, over, name = base.at((group, key)), node.at((group, key)), f"{group}.{key}"
            if name in lost or (over.file, over.line) == (under.file, under.line):
                continue
            parts = over.value if isinstance(over.value, dict) else {}
            if isinstance(over.value, str) and NUMBER.fullmatch(over.value.strip()):  # others are reported by `read`
                yield over.mistake(said("figure-needs-source", name=name, key=key, how=HOW))
            elif {"value", "source"} <= set(parts) and parts["value"].file != parts["source"].file:
                file = parts["source"].file
                told = said("figure-of-another-source", name=name, file=file, key=key, how=HOW)
                yield over.at(("value",)).mistake(told)


def keys(entries: Node) -> tuple[str, ...]:
    return tuple(entries.value) if isinstance(entries.value, dict) else ()
