"""Copies of what is kept, for a spreadsheet, a script or Datasette."""

from __future__ import annotations

import csv
import json
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, Protocol, get_args

from bot import private
from bot.json_text import to_text
from bot.store import Store, Table

Format = Literal["csv", "json", "sqlite"]
FORMATS: tuple[Format, ...] = get_args(Format)
Cell = str | int | float | None | list[Any] | dict[str, Any]


@dataclass(frozen=True)
class Sheet:
    """A table as it is exported: the names of its columns, and the cells that a row of the store makes."""

    table: Table
    columns: tuple[str, ...]
    cells: Callable[..., tuple[Cell, ...]]


def event(id: int, time: float, kind: str, address: str, data: str) -> tuple[Cell, ...]:
    read = json.loads(data)
    return (id, moment(time), kind, *parts(address), read.get("verdict"), read.get("lang"), read)


def conversation(address: str, touched: float, state: str) -> tuple[Cell, ...]:
    read = json.loads(state)
    check = (read.get("check") or {}).get("check")
    return (*parts(address), moment(touched), read.get("lang"), read.get("topic"), check, read)


def result(code: str, address: str, until: str, result: str) -> tuple[Cell, ...]:
    read = json.loads(result)
    told = (read.get(name) for name in ("check", "verdict", "made", "rules", "answers", "en", "zh"))
    return (code, *parts(address), until, *told)


def ticket(id: int, address: str, lang: str, state: str, opened: float, closed: float | None) -> tuple[Cell, ...]:
    return (id, *parts(address), lang, state, moment(opened), None if closed is None else moment(closed))


def subscription(key: str, address: str, subject: str, lang: str, made: float) -> tuple[Cell, ...]:
    return (*parts(address), subject, lang, moment(made))


def group(key: str, channel: str, chat: str, ended: float | None, settings: str) -> tuple[Cell, ...]:
    read = json.loads(settings)
    return (channel, chat, None if ended is None else moment(ended), *(read.get(name) for name in SET))


# What is set for a group; what is remembered besides, when somebody last wrote, is no business of a copy.
SET = ("on", "keywords", "allowed", "lang", "cooldown", "quiet")
WHO = ("channel", "chat", "user")
SHEETS = (
    Sheet("events", ("id", "time", "kind", *WHO, "verdict", "lang", "data"), event),
    Sheet("conversations", (*WHO, "touched", "lang", "topic", "check", "state"), conversation),
    Sheet(
        "results", ("code", *WHO, "until", "check", "verdict", "made", "rules", "answers", "en", "zh"), result
    ),
    Sheet("tickets", ("id", *WHO, "lang", "state", "opened", "closed"), ticket),
    Sheet("subscriptions", (*WHO, "subject", "lang", "made"), subscription),
    Sheet("groups", ("channel", "chat", "ended", *SET), group),
)  # fmt: skip
# What tells rows apart where the first column does not.
KEYS: Mapping[Table, tuple[str, ...]] = {
    "conversations": WHO,
    "subscriptions": (*WHO, "subject"),
    "groups": ("channel", "chat"),
}


def parts(address: str) -> tuple[str, str, str]:
    channel, chat, user, *_ = *address.split(":", 2), "", ""
    return channel, chat, user


def moment(time: float) -> str:
    """Unix seconds as ISO 8601, in UTC."""
    return datetime.fromtimestamp(time, UTC).isoformat(timespec="milliseconds")


class Writer(Protocol):
    """Takes one sheet after another, each in stretches; an empty one as well."""

    def begin(self, sheet: Sheet) -> None: ...

    def add(self, rows: Sequence[tuple[Cell, ...]]) -> None: ...


async def export(store: Store, writer: Writer) -> Mapping[Table, int]:
    """Give every sheet to a writer. Returns how many rows each has."""
    counts: dict[Table, int] = {}
    for sheet in SHEETS:
        writer.begin(sheet)
        counts[sheet.table], after = 0, None
        while rows := await store.rows(sheet.table, after):
            writer.add([sheet.cells(*row) for row in rows])
            counts[sheet.table] += len(rows)
            after = rows[-1][0]
    return counts


def writing(format: Format, target: Path) -> AbstractContextManager[Writer]:
    """A writer of a format; what it writes is in its place once it is whole. Raises OSError."""
    return {"csv": into_folder, "json": into_json, "sqlite": into_sqlite}[format](target)


class Csv:
    """A file for each sheet, as spreadsheets open it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder

    def begin(self, sheet: Sheet) -> None:
        self.path = self.folder / f"{sheet.table}.csv"
        private.make_file(self.path)
        with self.path.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerow(sheet.columns)

    def add(self, rows: Sequence[tuple[Cell, ...]]) -> None:
        with self.path.open("a", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([flat(cell) for cell in row] for row in rows)


class Json:
    """One object with a list for each sheet, a line for each row."""

    def __init__(self, file: Any) -> None:
        self.file = file
        self.columns: tuple[str, ...] = ()
        self.first_sheet = self.first_row = True

    def begin(self, sheet: Sheet) -> None:
        self.file.write(("{" if self.first_sheet else "],") + f"\n{json.dumps(sheet.table)}: [")
        self.columns, self.first_sheet, self.first_row = sheet.columns, False, True

    def add(self, rows: Sequence[tuple[Cell, ...]]) -> None:
        for row in rows:
            line = to_text(dict(zip(self.columns, row, strict=True)))
            self.file.write(f"{'' if self.first_row else ','}\n{line}")
            self.first_row = False

    def end(self) -> None:
        self.file.write("]\n}\n")


class Sqlite:
    """A table for each sheet, with texts of JSON where a cell is not plain."""

    def __init__(self, database: Any) -> None:
        self.database = database
        self.sheet = SHEETS[0]

    def begin(self, sheet: Sheet) -> None:
        self.sheet = sheet
        key = KEYS.get(sheet.table, sheet.columns[0])
        self.database[sheet.table].create({name: int if name == "id" else str for name in sheet.columns}, pk=key)

    def add(self, rows: Sequence[tuple[Cell, ...]]) -> None:
        columns = self.sheet.columns
        self.database[self.sheet.table].insert_all(dict(zip(columns, map(flat, row), strict=True)) for row in rows)


def flat(cell: Cell) -> str | int | float | None:
    """A cell where there is no JSON; half a surrogate pair is no text there."""
    if isinstance(cell, str):
        return cell.encode("utf-8", "replace").decode()
    return to_text(cell) if isinstance(cell, list | dict) else cell


@contextmanager
def into_folder(folder: Path) -> Iterator[Writer]:
    private.make_folder(folder)
    with tempfile.TemporaryDirectory(dir=folder) as part:
        yield Csv(Path(part))
        for sheet in SHEETS:
            (Path(part) / f"{sheet.table}.csv").replace(folder / f"{sheet.table}.csv")


@contextmanager
def into_json(path: Path) -> Iterator[Writer]:
    with in_place(path) as part:
        private.make_file(part)
        with part.open("w", encoding="utf-8") as file:
            writer = Json(file)
            yield writer
            writer.end()


@contextmanager
def into_sqlite(path: Path) -> Iterator[Writer]:
    import sqlite_utils

    with in_place(path) as part:
        private.make_file(part)
        database = sqlite_utils.Database(str(part))
        try:
            yield Sqlite(database)
        finally:
            database.close()


@contextmanager
def in_place(target: Path) -> Iterator[Path]:
    """A path beside the target, which becomes it when all of it is written."""
    part = target.with_name(f"{target.name}.part")
    part.unlink(missing_ok=True)
    try:
        yield part
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def in_the_way(format: Format, target: Path) -> Path | None:
    """A file that would be replaced."""
    files = [target / f"{sheet.table}.csv" for sheet in SHEETS] if format == "csv" else [target]
    return next((file for file in files if file.exists()), None)
