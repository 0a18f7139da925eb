"""Where conversations, messages on their way in and replies on their way out outlive the process."""

from __future__ import annotations

from pathlib import Path

from bot.store.memory import MemoryStore
from bot.store.ports import Store
from bot.store.records import (
    IN_RESPONSE,
    INTERRUPTED,
    Arrival,
    Belongings,
    Copy,
    Delivery,
    Event,
    Failure,
    Handled,
    Letter,
    Occurred,
    Outgoing,
    Posted,
    Queues,
    Received,
    Sent,
    Status,
    StoreError,
    Subscriber,
    TicketMessage,
    Waiting,
    part_of,
)
from bot.store.schema import steps
from bot.store.state import from_json, to_json
from bot.store.tables import Key, Table, as_file, utc

__all__ = [
    "INTERRUPTED",
    "IN_RESPONSE",
    "Arrival",
    "Belongings",
    "Copy",
    "Delivery",
    "Event",
    "Failure",
    "Handled",
    "Key",
    "Letter",
    "MemoryStore",
    "Occurred",
    "Outgoing",
    "Posted",
    "Queues",
    "Received",
    "Sent",
    "Status",
    "Store",
    "StoreError",
    "Subscriber",
    "Table",
    "TicketMessage",
    "Waiting",
    "as_file",
    "file_of",
    "from_json",
    "open_store",
    "part_of",
    "schema_of",
    "to_json",
    "utc",
]


async def open_store(url: str, *, existing: bool = False) -> Store:
    """The store of a DATABASE_URL, its schema brought up to date. Raises StoreError.

    `existing`: only what is there already and up to date; nothing is made or changed.
    """
    if path := file_of(url):
        from bot.store.sqlite import open_sqlite

        return await open_sqlite(path, existing=existing)
    from bot.store.postgres import open_postgres

    return await open_postgres(url, existing=existing)


def file_of(url: str) -> Path | None:
    """The file of a DATABASE_URL, None for PostgreSQL."""
    return Path(url.removeprefix("sqlite:///")) if url.startswith("sqlite:///") else None


async def schema_of(url: str) -> tuple[int, int]:
    """The schema that a database has, 0 for none, and the newest that there is. Raises StoreError."""
    if path := file_of(url):
        from bot.store import sqlite_file

        return sqlite_file.schema_of(path), len(steps("sqlite"))
    from bot.store import postgres

    return await postgres.schema_of(url), len(steps("postgres"))
