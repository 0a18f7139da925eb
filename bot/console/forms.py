"""Forms over the content: fields by their place in a file, and what of them was changed, as edits of the draft.

A form carries what it showed. Where somebody else has changed a field meanwhile, both values are shown again; everything
else is taken.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from bot.console.edits import Edit
from bot.console.site import Visit
from bot.content.tree import Plain
from bot.knowledge.library import Library

FieldKind = Literal["line", "text", "lines", "items", "choice", "day", "ids"]
ID = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")
LONGEST_ID = 40
NEW = "+"  # begins the path of a field of an entry that is not there yet


@dataclass(frozen=True)
class Field:
    """A field; `value` is what the draft has, `typed` what the editor wrote where it was changed by somebody else.

    `kind`: one line, a text, a list with an item a line (`lines` grow by folders, `items` are replaced as a whole), one of the
    `options`, a day, or ids separated by commas.
    """

    path: tuple[str, ...]
    label: str
    value: str = ""
    kind: FieldKind = "line"
    lang: str = ""
    options: tuple[tuple[str, str], ...] = ()
    hints: str = ""  # id of a list of suggestions
    typed: str | None = None

    @property
    def name(self) -> str:
        return "/".join(self.path)

    @property
    def slug(self) -> str:
        """The name as part of an element's id that a selector may have."""
        return re.sub(r"[^a-zA-Z0-9-]", "-", self.name)

    @property
    def shown(self) -> str:
        return self.value if self.typed is None else self.typed

    @property
    def rows(self) -> int:
        return min(16, max(3, self.shown.count("\n") + 2, len(self.shown) // (35 if self.lang == "zh" else 60) + 1))


@dataclass(frozen=True)
class Section:
    """Fields that belong together, under a heading."""

    title: str
    fields: tuple[Field, ...]
    about: str = ""


def text_of(value: Plain) -> str:
    """Return a plain value as a field shows it."""
    if isinstance(value, list):
        return "\n".join(one for one in value if isinstance(one, str))
    return value.strip() if isinstance(value, str) else ""


def at(value: Plain, *path: str) -> Plain:
    for step in path:
        value = value.get(step) if isinstance(value, dict) else None
    return value


def lines(text: str) -> list[str]:
    return list(dict.fromkeys(one for line in text.splitlines() if (one := " ".join(line.split()))))


def split_ids(text: str) -> list[str]:
    return [one for one in re.split(r"[\s,，、]+", text) if one]


def changes(
    visit: Visit, sections: Sequence[Section], place: str, disk: Library, area: str, about: str
) -> tuple[list[Edit], list[Section]]:
    """Return the edits that a sent form makes, and the form to be shown again if somebody else changed the same fields."""
    edits: list[Edit] = []
    again: list[Section] = []
    conflicts = False
    for section in sections:
        fields = []
        for one in section.fields:
            shown = one
            if one.name in visit.form and not one.path[0].startswith(NEW):
                typed, was = visit.field(one.name), visit.field(f"was:{one.name}")
                if typed != was and typed != one.value:
                    if one.kind == "lines":
                        edits += line_edits(one, typed, was, place, area, about)
                    elif was != one.value:
                        shown, conflicts = replace(one, typed=typed), True
                    else:
                        edits.append(set_edit(one, typed, place, disk, area, about))
            fields.append(shown)
        again.append(replace(section, fields=tuple(fields)))
    return edits, again if conflicts else []


def line_edits(one: Field, typed: str, was: str, place: str, area: str, about: str) -> Iterator[Edit]:
    """Yield the edits of a list: other editors' lines stay."""
    new, old = lines(typed), lines(was)
    for line in new:
        if line not in old:
            yield Edit("add", place, one.path, line, area=area, about=f"{about}: + {line}")
    for line in old:
        if line not in new:
            yield Edit("remove", place, one.path, line, area=area, about=f"{about}: − {line}")


def set_edit(one: Field, typed: str, place: str, disk: Library, area: str, about: str) -> Edit:
    value: Plain = typed or None
    if one.kind == "ids":
        value = [*split_ids(typed)]
    if one.kind == "items":
        value = [*lines(typed)]
    edit = Edit(
        "set", place, one.path, value, area=area, about=f"{about}: {one.label}: {short(one.value)} → {short(typed)}"
    )
    return edit.over(disk)


def short(text: str) -> str:
    text = " ".join(text.split())
    return f"{text[:60]}…" if len(text) > 60 else text or "∅"


def wrong_id(visit: Visit, id: str, known: Collection[str]) -> str:
    """Return why something new cannot have this id, "" if it can."""
    if not ID.fullmatch(id) or len(id) > LONGEST_ID:
        return visit.say("id_wrong")
    return visit.say("id_taken", name=id) if id in known else ""


def new_entry(visit: Visit, prefix: str, keys: Iterable[str]) -> dict[str, Plain]:
    """Return the typed fields of a new entry, without empty ones."""
    found: dict[str, Plain] = {}
    for key in keys:
        if typed := visit.field(f"{NEW}{prefix}/{key}"):
            found[key] = typed
    return found
