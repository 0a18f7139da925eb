"""Moves a SQLite database into an empty PostgreSQL database, whole or not at all."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import asyncpg

from bot.store import postgres, sqlite_file
from bot.store.records import StoreError
from bot.store.schema import require_current, steps
from bot.store.tables import TABLES

# They belong to the processes that serve a database, and to the database itself.
STAY = ("working", "merchant_bot_schema")


async def move(path: Path, url: str) -> dict[str, int]:
    """Copy a SQLite file's rows into the PostgreSQL database of a DATABASE_URL. Returns the rows of each table.

    The file is left as it is, and nobody can serve it meanwhile. Raises StoreError.
    """
    require_current(str(path), sqlite_file.schema_of(path), len(steps("sqlite")))
    with closing(sqlite_file.guard(path)), closing(sqlite_file.connect(path)) as source:
        store = await postgres.open_postgres(url)
        serving = (await store.facts())["serving"]
        await store.close()
        if serving:
            raise StoreError("DATABASE_URL: `merchant-bot serve` uses this database. Stop it first")
        async with postgres.clear_errors():
            db = await postgres.connect(url)
            try:
                async with db.transaction():
                    counts = {
                        table.name: await copy(source, db, table.name) for table in TABLES if table.name not in STAY
                    }
                    await copy_contents(sqlite_file.files_folder(path), db)
                    return counts
            except sqlite3.Error as error:
                raise sqlite_file.unusable_file(path, error) from error
            finally:
                await db.close()


async def copy(source: sqlite3.Connection, db: asyncpg.Connection[Any], table: str) -> int:
    """Copy a table's rows with their ids, into a table that is empty. Returns their number. Raises StoreError."""
    if await db.fetchval(f"SELECT EXISTS (SELECT 1 FROM {table} LIMIT 1)"):
        raise StoreError(
            f"DATABASE_URL: this database holds {table} already, so nothing is moved; name an empty one, "
            "for example after: createdb NAME"
        )
    names = [row[1] for row in source.execute(f"PRAGMA table_info({table})")]
    rows = source.execute(f"SELECT {', '.join(names)} FROM {table}")
    await db.copy_records_to_table(table, records=readable(rows), columns=names, timeout=None)
    if await db.fetchval("SELECT pg_get_serial_sequence($1, 'id')", table) if "id" in names else None:
        await db.execute(
            f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table} HAVING max(id) IS NOT NULL"
        )
    return int(await db.fetchval(f"SELECT count(*) FROM {table}"))


async def copy_contents(folder: Path, db: asyncpg.Connection[Any]) -> None:
    """Store the contents of files, which lie in a folder beside SQLite, in their rows. Raises StoreError."""
    for (name,) in await db.fetch("SELECT file FROM files"):
        try:
            content = (folder / name).read_bytes()
        except FileNotFoundError:
            continue  # erased before its row, or never restored
        except OSError as error:
            raise StoreError(f"{folder / name}: this file cannot be read: {error.strerror}") from error
        await db.execute("UPDATE files SET content = $2 WHERE file = $1", name, content)


def readable(rows: sqlite3.Cursor) -> Iterator[Sequence[Any]]:
    """Give the rows without the character that PostgreSQL does not store."""
    for row in rows:
        yield [value.replace("\x00", "") if isinstance(value, str) else value for value in row]
