"""Exports of the database to CSV, JSON or SQLite, for spreadsheets, scripts and Datasette."""

from __future__ import annotations

import csv
import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Literal, Protocol

from bot import private
from bot.json_text import to_text
from bot.store.ports import Rows
from bot.store.tables import TABLES, Cell, Sheet

Format = Literal["csv", "json", "sqlite"]
SHEETS = tuple((table.name, table.sheet) for table in TABLES if table.sheet)


class Writer(Protocol):
    """Writes sheets one after another: `begin` once per sheet, even if empty, then `add` for each batch of rows."""

    def begin(self, name: str, sheet: Sheet) -> None: ...

    def add(self, rows: Sequence[tuple[Cell, ...]]) -> None: ...


async def export(store: Rows, writer: Writer) -> Mapping[str, int]:
    """Write every sheet. Returns the number of rows by sheet. Raises StoreError and OSError."""
    counts: dict[str, int] = {}
    for name, sheet in SHEETS:
        writer.begin(name, sheet)
        counts[name], after = 0, None
        while rows := await store.rows(name, after):
            writer.add([sheet.cells(cells) for _, *cells in rows])
            counts[name] += len(rows)
            after = rows[-1][0]
    return counts


def writing(format: Format, target: Path) -> AbstractContextManager[Writer]:
    """Return a writer for a format; the target is replaced once the export is complete. Raises OSError."""
    return {"csv": into_folder, "json": into_json, "sqlite": into_sqlite}[format](target)


class Csv:
    """One file per sheet, in UTF-8 with a byte order mark for spreadsheets."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder

    def begin(self, name: str, sheet: Sheet) -> None:
        self.path = self.folder / f"{name}.csv"
        private.make_file(self.path)
        with self.path.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerow(sheet.columns)

    def add(self, rows: Sequence[tuple[Cell, ...]]) -> None:
        with self.path.open("a", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([flat(cell) for cell in row] for row in rows)


class Json:
    """One object with a list per sheet, and one line per row."""

    def __init__(self, file: Any) -> None:
        self.file = file
        self.columns: tuple[str, ...] = ()
        self.first_sheet = self.first_row = True

    def begin(self, name: str, sheet: Sheet) -> None:
        self.file.write(("{" if self.first_sheet else "],") + f"\n{json.dumps(name)}: [")
        self.columns, self.first_sheet, self.first_row = sheet.columns, False, True

    def add(self, rows: Sequence[tuple[Cell, ...]]) -> None:
        for row in rows:
            line = to_text(dict(zip(self.columns, row, strict=True)))
            self.file.write(f"{'' if self.first_row else ','}\n{line}")
            self.first_row = False

    def end(self) -> None:
        self.file.write("]\n}\n")


class Sqlite:
    """One table per sheet; lists and objects are stored as JSON text."""

    def __init__(self, database: Any) -> None:
        self.database = database
        self.name, self.sheet = SHEETS[0]

    def begin(self, name: str, sheet: Sheet) -> None:
        self.name, self.sheet = name, sheet
        self.database[name].create({one: int if one == "id" else str for one in sheet.columns}, pk=sheet.key)

    def add(self, rows: Sequence[tuple[Cell, ...]]) -> None:
        columns = self.sheet.columns
        self.database[self.name].insert_all(dict(zip(columns, map(flat, row), strict=True)) for row in rows)


def flat(cell: Cell) -> str | int | float | None:
    """Return a cell for CSV and SQLite: lists and objects as JSON text, lone surrogates as "?"."""
    if isinstance(cell, str):
        return cell.encode("utf-8", "replace").decode()
    return to_text(cell) if isinstance(cell, list | dict) else cell


@contextmanager
def into_folder(folder: Path) -> Iterator[Writer]:
    private.make_folder(folder)
    with tempfile.TemporaryDirectory(dir=folder) as part:
        yield Csv(Path(part))
        for name, _ in SHEETS:
            (Path(part) / f"{name}.csv").replace(folder / f"{name}.csv")


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
    """Yield a temporary path beside the target, which replaces the target unless an error is raised."""
    part = target.with_name(f"{target.name}.part")
    part.unlink(missing_ok=True)
    try:
        yield part
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def existing_target(format: Format, target: Path) -> Path | None:
    """Return an existing file that the export would replace, or None."""
    files = [target / f"{name}.csv" for name, _ in SHEETS] if format == "csv" else [target]
    return next((file for file in files if file.exists()), None)
