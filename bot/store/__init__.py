"""Where conversations, messages on their way in and replies on their way out outlive the process."""

from __future__ import annotations

from pathlib import Path

from bot.store.memory import MemoryStore
from bot.store.records import (
    Arrival,
    Belongings,
    Delivery,
    Event,
    Handled,
    Letter,
    Occurred,
    Outgoing,
    Posted,
    Received,
    Store,
    StoreError,
    Waiting,
    part_of,
    to_text,
)
from bot.store.state import as_file, from_json, to_json
from bot.store.tables import Key, Table

__all__ = [
    "Arrival",
    "Belongings",
    "Delivery",
    "Event",
    "Handled",
    "Key",
    "Letter",
    "MemoryStore",
    "Occurred",
    "Outgoing",
    "Posted",
    "Received",
    "Store",
    "StoreError",
    "Table",
    "Waiting",
    "as_file",
    "from_json",
    "open_store",
    "part_of",
    "to_json",
    "to_text",
]


async def open_store(url: str) -> Store:
    """The store of a DATABASE_URL, its schema brought up to date. Raises StoreError."""
    if url.startswith("sqlite:///"):
        from bot.store.sqlite import open_sqlite

        return await open_sqlite(Path(url.removeprefix("sqlite:///")))
    from bot.store.postgres import open_postgres

    return await open_postgres(url)
