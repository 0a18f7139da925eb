"""The tables as they are walked through, a few hundred rows at a time: to prune them, and to copy them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

Table = Literal["inbox", "outbox", "events", "conversations", "results", "tickets", "subscriptions", "groups", "kept"]
Key = int | str

IN_RESPONSE = "response"  # the platform's id of a call that was sent in the response to a request
STRETCH = 300  # rows looked at in one step, while writers wait


GROUP = "channel || ' ' || chat"
SUBSCRIPTION = f"{GROUP} || ' ' || subject"

# Who was given a broadcast is known as long as the call that brought it, and which messages belong to a ticket as long as
# there is the ticket: of the keys after 1 up to 2.
FORGOTTEN: Mapping[Table, str] = {
    "outbox": "DELETE FROM receivers WHERE call > {mark}1 AND call <= {mark}2 "
    "AND NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.id = receivers.call)",
    "tickets": "DELETE FROM ticket_messages WHERE ticket > {mark}1 AND ticket <= {mark}2 "
    "AND NOT EXISTS (SELECT 1 FROM tickets WHERE tickets.id = ticket_messages.ticket)",
}


@dataclass(frozen=True)
class Walk:
    """A table's key, and the column that says how old a row is; empty there: it is not finished and stays.

    `begun`: where the keys are given in order of time, the column with that time, which tells where the rest is younger.
    `columns`: what a copy is made of, the key first.
    """

    key: str
    first: Key
    age: str
    begun: str | None = None
    columns: tuple[str, ...] = ()


TABLES: Mapping[Table, Walk] = {
    "inbox": Walk("id", 0, "finished", "arrived"),
    "outbox": Walk("id", 0, "finished", "made"),
    "events": Walk("id", 0, "time", "time", ("id", "time", "kind", "address", "data")),
    "conversations": Walk("address", "", "touched", columns=("address", "touched", "state")),
    "results": Walk("code", "", "until", columns=("code", "address", "until", "result")),
    # An open one too in which nothing was said for so long.
    "tickets": Walk(
        "id", 0, "coalesce(closed, heard, opened)", "opened", ("id", "address", "lang", "state", "opened", "closed")
    ),
    "subscriptions": Walk(SUBSCRIPTION, "", "made", columns=(SUBSCRIPTION, "address", "subject", "lang", "made")),
    "groups": Walk(GROUP, "", "ended", columns=(GROUP, "channel", "chat", "ended", "settings")),
    "kept": Walk("name", "", "touched"),
}


def stretch(table: Table, mark: str) -> str:
    """Of the next rows after key 1, as many as 2 says: the last key, and when the oldest was begun, if that is known."""
    walk = TABLES[table]
    return (
        f"SELECT max(key), min(begun) FROM (SELECT {walk.key} AS key, {walk.begun or 'NULL'} AS begun FROM {table} "
        f"WHERE {walk.key} > {mark}1 ORDER BY {walk.key} LIMIT {mark}2) AS rows"
    )


def young_from_here(oldest: float | None, before: float, now: float) -> bool:
    """Whether nothing further on is older than `before`, by when the oldest of a stretch was begun.

    What was begun in the future was written while the clock was wrong, and tells nothing of what follows.
    """
    return oldest is not None and before <= oldest <= now


def pruning(table: Table, mark: str) -> str:
    """Delete what is older than 3 of the rows after key 1 up to key 2."""
    walk = TABLES[table]
    return f"DELETE FROM {table} WHERE {walk.key} > {mark}1 AND {walk.key} <= {mark}2 AND {walk.age} < {mark}3"


def forgetting(table: Table, mark: str) -> str | None:
    """Delete what told of rows that were deleted after key 1 up to key 2; None where nothing did."""
    return FORGOTTEN[table].format(mark=mark) if table in FORGOTTEN else None


def reading(table: Table, mark: str) -> str:
    """The next rows after key 1, as many as 2 says."""
    walk = TABLES[table]
    return f"SELECT {', '.join(walk.columns)} FROM {table} WHERE {walk.key} > {mark}1 ORDER BY {walk.key} LIMIT {mark}2"


# Calls that were made and that stay only for a while, when it is 1.
PASSED = "DELETE FROM outbox WHERE passing IS NOT NULL AND finished + passing <= {mark}1"

# The columns of Queues.
QUEUES = """
SELECT (SELECT count(*) FROM inbox WHERE state = 'new'),
(SELECT arrived FROM inbox WHERE id = (SELECT min(id) FROM inbox WHERE state = 'new')),
(SELECT count(*) FROM inbox WHERE state = 'dead'),
(SELECT count(*) FROM outbox WHERE state = 'waiting'),
(SELECT made FROM outbox WHERE id = (SELECT min(id) FROM outbox WHERE state = 'waiting')),
(SELECT count(*) FROM outbox WHERE state = 'dead'),
(SELECT count(*) FROM outbox WHERE state = 'gone')"""
COUNTS = "SELECT " + ", ".join(f"(SELECT count(*) FROM {table})" for table in TABLES)
FAILURES = "SELECT id, channel, chat, payload, arrived, coalesce(error, '') FROM inbox WHERE state = 'dead' ORDER BY id"
ATTEMPTED = "UPDATE inbox SET attempts = @2 WHERE id = @1"
SET_ASIDE = "SELECT count(*) FROM inbox WHERE state = 'dead' AND error = @1"
# A group that has become another is known there, even if nothing was set for it.
AS_USUAL = "INSERT INTO groups (channel, chat, settings) VALUES (@1, @2, @3) ON CONFLICT (channel, chat) DO NOTHING"
WAITING = "SELECT count(*) FROM outbox WHERE channel = @1 AND chat = @2 AND state = 'waiting'"
# Another chat's number, and the part of that, for what waits for a chat.
CARRIED = "UPDATE outbox SET chat = @1, part = @2 WHERE channel = @3 AND chat = @4 AND state = 'waiting'"
# What is kept for the response to a request has a time and no attempt. Whoever takes it changes the time, so that it is taken once.
KEPT_BACK = "state = 'waiting' AND attempts = 0 AND not_before > 0"
TAKABLE = f"({KEPT_BACK} OR state = 'sent' AND platform_id = '{IN_RESPONSE}')"
ASKED = "SELECT id, state FROM inbox WHERE key = @1"  # where it is from is gone with who has themselves erased
TAKE = (
    "UPDATE outbox SET not_before = @5 WHERE id IN (SELECT id FROM outbox WHERE channel = @1 AND chat = @2 AND cause = @3 "
    f"AND {TAKABLE} ORDER BY id LIMIT @4) AND {TAKABLE} "
    "RETURNING id, channel, chat, payload, attempts, not_before, made, priority, ticket, passing"
)
RELEASE = f"UPDATE outbox SET not_before = 0 WHERE channel = @1 AND chat = @2 AND cause = @3 AND {KEPT_BACK}"
SENT_HERE = (
    f"UPDATE outbox SET not_before = 0 WHERE id = @1 AND {KEPT_BACK} AND (not_before <= @2 OR made > @2) RETURNING id"
)
# What an operator makes of an update whose handling failed. One whose handling was interrupted is handled alone again.
AGAIN = "state = 'new', error = NULL, finished = NULL, attempts = CASE WHEN attempts > 1 THEN 1 ELSE attempts END"
DROPPED = "state = 'done', error = NULL, payload = ''"


def bound(table: Table, before: float) -> float | str:
    """A time in Unix seconds as the table's ages are compared with it."""
    return date.fromtimestamp(before).isoformat() if table == "results" else before
