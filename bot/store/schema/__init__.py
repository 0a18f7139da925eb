"""The schema's migrations: NNNN-name.sql per database, each applied once, in order."""

from __future__ import annotations

from importlib.resources import files

from bot.store.records import StoreError


def steps(database: str) -> list[str]:
    """Return the SQL of each step for "sqlite" or "postgres"; the first step makes version 1."""
    folder = files(__name__) / database
    return [file.read_text("utf-8") for file in sorted(folder.iterdir(), key=lambda file: file.name)]


def statements(sql: str) -> list[str]:
    """Split a step into statements; none of them contains a semicolon."""
    return [one.strip() for one in sql.split(";") if one.strip()]


def newer_schema(where: str, found: int, known: int) -> str:
    """Return the error text for a schema from a newer version."""
    return (
        f"{where}: this database has schema {found}, and this program knows schemas up to {known}: "
        "it was made by a newer merchant-bot. Install that version, or set DATABASE_URL to another database"
    )


def older_schema(where: str, found: int, known: int) -> str:
    """Return the error text for a schema that needs a migration."""
    return (
        f"{where}: this database has schema {found}, and this program needs schema {known}: "
        "run `merchant-bot migrate`, or start `merchant-bot serve`, which migrates it too"
    )


def no_schema(where: str) -> str:
    """Return the error text for a database without a schema."""
    return (
        f"{where}: this program has no database here yet. `merchant-bot serve` creates it at its first start; "
        "if it is elsewhere, set DATABASE_URL to its address"
    )


def require_current(where: str, found: int, known: int) -> None:
    """Raise StoreError unless a database has the current schema."""
    if found != known:
        raise StoreError(
            no_schema(where) if not found else (older_schema if found < known else newer_schema)(where, found, known)
        )


def foreign_database(where: str, tables: list[str]) -> str:
    """Return the error text for another program's database."""
    return (
        f"{where}: this database belongs to another program: it holds {', '.join(sorted(tables)[:3])}. "
        "Set DATABASE_URL to a database of this program's own"
    )
