"""The schema's numbered steps: NNNN-what.sql of each database, done in order, each once."""

from __future__ import annotations

from importlib.resources import files

from bot.store.records import StoreError


def steps(database: str) -> list[str]:
    """The SQL of every step of "sqlite" or "postgres", the first being version 1."""
    folder = files(__name__) / database
    return [file.read_text("utf-8") for file in sorted(folder.iterdir(), key=lambda file: file.name)]


def statements(sql: str) -> list[str]:
    """The statements of a step; its files hold none with a semicolon inside."""
    return [one.strip() for one in sql.split(";") if one.strip()]


def newer(where: str, found: int, known: int) -> str:
    return (
        f"{where}: this database has schema {found}, and this program knows schemas up to {known}: "
        "it was made by a newer merchant-bot. Install that version, or name another database in DATABASE_URL"
    )


def older(where: str, found: int, known: int) -> str:
    return (
        f"{where}: this database has schema {found}, and this program needs schema {known}: "
        "run `merchant-bot migrate`, or start `merchant-bot serve`, which does the same"
    )


def none_yet(where: str) -> str:
    return (
        f"{where}: there is nothing of this program yet. `merchant-bot serve` makes it when it is first started; "
        "if it is elsewhere, name it in DATABASE_URL"
    )


def refuse_other(where: str, found: int, known: int) -> None:
    """Raises StoreError unless a database has the schema that this program knows."""
    if found != known:
        raise StoreError(none_yet(where) if not found else (older if found < known else newer)(where, found, known))


def foreign(where: str, tables: list[str]) -> str:
    return (
        f"{where}: this database belongs to another program: it holds {', '.join(sorted(tables)[:3])}. "
        "Name one of its own in DATABASE_URL"
    )
