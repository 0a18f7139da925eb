"""The store: conversations, the inbox of updates and the outbox of calls, in SQLite, PostgreSQL or memory."""

from __future__ import annotations

from pathlib import Path

from bot.store import sqlite_file
from bot.store.memory import MemoryStore
from bot.store.ports import Store
from bot.store.records import (
    IN_RESPONSE,
    INTERRUPTED,
    ROLES,
    Activity,
    Arrival,
    Belongings,
    Bulletin,
    Change,
    Claim,
    Copy,
    Delivery,
    DeskTopic,
    Draft,
    DraftEdit,
    Event,
    Expected,
    Failure,
    Handled,
    KeptQuestion,
    Lead,
    Letter,
    Marks,
    Occurred,
    Outgoing,
    Person,
    Posted,
    Publication,
    Question,
    Queues,
    Ratings,
    Reason,
    Received,
    Role,
    Sent,
    Staff,
    Status,
    StoreError,
    Subscriber,
    Sum,
    Taken,
    TalkEntry,
    TicketList,
    TicketMessage,
    Told,
    Turnout,
    Waiting,
    part_of,
)
from bot.store.schema import steps
from bot.store.state import from_json, to_json
from bot.store.tables import Key, Table, as_file, utc

__all__ = [
    "INTERRUPTED", "IN_RESPONSE", "ROLES", "Activity", "Arrival", "Belongings", "Bulletin", "Change", "Claim",
    "Copy", "Delivery", "DeskTopic", "Draft", "DraftEdit", "Event", "Expected", "Failure", "Handled",
    "KeptQuestion", "Key", "Lead", "Letter", "Marks", "MemoryStore", "Occurred", "Outgoing", "Person", "Posted",
    "Publication", "Question", "Queues", "Ratings", "Reason", "Received", "Role", "Sent", "Staff", "Status",
    "Store", "StoreError", "Subscriber", "Sum", "Table", "Taken", "TalkEntry", "TicketList", "TicketMessage",
    "Told", "Turnout", "Waiting", "as_file", "file_of", "from_json", "open_store", "part_of", "schema_of",
    "to_json", "utc",
]  # fmt: skip  # fmt: skip


async def open_store(url: str, *, existing: bool = False) -> Store:
    """Open the store of a DATABASE_URL, and create or migrate its schema. Raises StoreError.

    `existing`: open only a database with the current schema; nothing is created or changed.
    """
    if path := file_of(url):
        from bot.store.sqlite import open_sqlite

        return await open_sqlite(path, existing=existing)
    from bot.store.postgres import open_postgres

    return await open_postgres(url, existing=existing)


def file_of(url: str) -> Path | None:
    """Return the SQLite file of a DATABASE_URL, or None for PostgreSQL."""
    return Path(url.removeprefix("sqlite:///")) if url.startswith("sqlite:///") else None


async def schema_of(url: str) -> tuple[int, int]:
    """Return a database's schema version (0: none) and the newest known version. Raises StoreError."""
    if path := file_of(url):
        return sqlite_file.schema_of(path), len(steps("sqlite"))
    from bot.store import postgres

    return await postgres.schema_of(url), len(steps("postgres"))
