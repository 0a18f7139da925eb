"""The columns of a table of questions and answers, by the names that offices give them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from bot.importing.spreadsheet import HEAD, Table
from bot.language.detect import HAN_CHARACTER
from bot.language.normalize import loose_key
from bot.lists import listed
from bot.model import LANGUAGES, Language

# Names of columns and languages, by loose key.
WORDS = listed(__file__, "columns.yaml")
COLUMNS: tuple[str, ...] = tuple(WORDS["roles"])
ROLE_OF: Mapping[str, str] = {loose_key(name): role for role, names in WORDS["roles"].items() for name in names}
TONGUES: Mapping[str, Language] = {loose_key(name): lang for lang in LANGUAGES for name in WORDS["languages"][lang]}
ASIDE = re.compile(f"(?:{'|'.join(WORDS['aside'])})$")


class Column(NamedTuple):
    """The role of a column, and its language if the column's name includes one."""

    role: str
    lang: Language | None = None


Header = tuple[int, list[Column | None]]  # the index of the row that names the columns, and their roles


def columns_of(cells: Sequence[str]) -> list[Column | None] | None:
    """Return the columns' roles if the row is a header, else None."""
    columns = [column(cell) for cell in cells]
    roles = {one.role for one in columns if one}
    return columns if "phrasing" in roles and roles & {"topic", "title", "answer"} else None


def column(name: str) -> Column | None:
    """Parse a column's name, like "Question (EN)", 答案（必填） or 英文标题."""
    key = ASIDE.sub("", loose_key(name))
    if key in ROLE_OF:
        return Column(ROLE_OF[key])
    for word, lang in TONGUES.items():
        for rest in (key.removeprefix(word), key.removesuffix(word)):
            if rest != key and rest in ROLE_OF:
                return Column(ROLE_OF[rest], lang)
    return None


def header(table: Table) -> Header | None:
    """Find the header among the first rows, and return its index and columns; remarks may precede it."""
    for index, (_, cells) in enumerate(table.rows[:HEAD]):
        if columns := columns_of(cells):
            return index, by_language(cells, columns)
    return None


def by_language(cells: Sequence[str], columns: Sequence[Column | None]) -> list[Column | None]:
    """Assign languages to pairs of columns such as 问题 and "Question"."""
    told = list(columns)
    for role in ("phrasing", "answer", "title"):
        here = [index for index, one in enumerate(columns) if one == Column(role)]
        if len({bool(HAN_CHARACTER.search(cells[index])) for index in here}) == 2:
            for index in here:
                told[index] = Column(role, "zh" if HAN_CHARACTER.search(cells[index]) else "en")
    return told
