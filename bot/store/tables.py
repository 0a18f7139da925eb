"""The tables, each declared once with its personal data: erasure, disclosure, pruning and export follow from here.

Statements work in both databases: "@" and a number is a value, `IN @1:text[]` a list (see `parts/database.py`).
Placeholders in conditions on a person's rows:

- `{address}`: the person's address.
- `{anywhere}`: a pattern for their addresses in groups.
- `{channel}`: their channel.
- `{own}`: their private chat with the assistant.
- `{beside}`: a pattern for their chats with business accounts, in whose name the assistant answers.
- `{keyed}`: the prefix of the keys that older versions gave to their updates.
- `{named}`: a pattern for updates that contain their user id.
- `{person}`: the hash that stands for them where only their number is of interest.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any

from bot.json_text import from_text
from bot.model import Address
from bot.store.records import Belongings, Occurred, Posted
from bot.store.state import from_json, result_from_json, ticket_of

Key = int | str
Cell = str | int | float | None | list[Any] | dict[str, Any]

STRETCH = 300  # rows per step, during which writers wait
# Platforms repeat deliveries for about a day; the inbox's keys identify the duplicates.
RECOGNISED_DAYS = 3.0
# Days for which an expired result is still reported as expired.
EXPIRED_DAYS = 7.0
# Days for which rows with an end of their own stay after it.
MOMENT = 1 / (24 * 60)

OF_PERSON = "(address = {address} OR address LIKE {anywhere} ESCAPE '\\')"
IN_PRIVATE_CHATS = "(channel = {channel} AND (chat = {own} OR chat LIKE {beside} ESCAPE '\\'))"
OF_TICKETS = f"ticket IN (SELECT id FROM tickets WHERE {OF_PERSON})"
# Failed updates keep their payload. One from a group or the consultants' desk may contain a person's data: it is from
# them or about them, or a reply that quotes a message of their tickets.
NAMES_PERSON = "channel = {channel} AND payload LIKE {named} ESCAPE '\\'"
QUOTES_TICKETS = (
    "EXISTS (SELECT 1 FROM ticket_messages AS said JOIN tickets ON tickets.id = said.ticket "
    f"WHERE {OF_PERSON} AND said.channel = inbox.channel AND said.chat = inbox.chat "
    "AND (payload LIKE '%\"message_id\":' || said.message || ',%' OR payload LIKE '%\"message_id\":' || said.message || '}}%'))"
)
EMPTY_ENTRY = "UPDATE inbox SET state = 'done', payload = '', error = NULL"
CHAT = "channel || ' ' || chat"
# The columns for `ticket_of`.
TICKET = (
    "tickets.id, address, lang, state, first, coalesce(heard, opened), "
    "name, holder, holder_name, opened, answered, reminded, card, lead, solved, answers, waits"
)
ADDRESS_CELLS = ("channel", "chat", "user")
TIMES = {"time", "touched", "opened", "answered", "closed", "made", "ended"}  # columns of Unix seconds


def utc(seconds: float) -> str:
    """Format Unix seconds as ISO 8601, in UTC, to the second."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def moment(time: float | None) -> str | None:
    """Format Unix seconds as ISO 8601, in UTC, to the millisecond."""
    return None if time is None else datetime.fromtimestamp(time, UTC).isoformat(timespec="milliseconds")


def person_of(address: Address) -> str:
    """Return the hash that stands for a person, the same in all their chats of a channel."""
    who = f"{address.channel}:{address.user or address.chat}"
    return hashlib.sha256(who.encode("utf-8", "replace")).hexdigest()[:24]


def split_address(address: str) -> tuple[str, str, str]:
    """Split an address into channel, chat and user; missing ones are ""."""
    channel, chat, user, *_ = *address.split(":", 2), "", ""
    return channel, chat, user


@dataclass(frozen=True)
class Disclosure:
    """The disclosure of a person's rows.

    `read` builds a value of a field of Belongings, or of its `others`, from the columns; `as_json` builds its JSON in the
    exported file, under `title` or else the field's name. `whose` is a narrower condition than the table's own.
    """

    field: str
    columns: str
    read: Callable[..., Any]
    as_json: Callable[[Any], Any] = lambda read: read
    title: str = ""
    whose: str = ""
    order: str = "id"
    one: bool = False  # at most one row


@dataclass(frozen=True)
class Sheet:
    """A table's export.

    `paths` lists the cells, separated by spaces: a column, or a path into a column of JSON, for example
    "state.check.check", or "state." for all of it. An address fills three cells, and times are in UTC. `key` lists the
    columns of the primary key.
    """

    paths: str
    key: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The cells' names."""
        names = [path.rstrip(".").rpartition(".")[2] for path in self.paths.split()]
        return tuple(one for name in names for one in (ADDRESS_CELLS if name == "address" else (name,)))

    @cached_property
    def read(self) -> tuple[str, ...]:
        """The columns to read."""
        return tuple(dict.fromkeys(path.partition(".")[0] for path in self.paths.split()))

    def cells(self, row: Sequence[Any]) -> tuple[Cell, ...]:
        """Return the cells of a row of the `read` columns."""
        values, made = dict(zip(self.read, row, strict=True)), list[Cell]()
        for path in self.paths.split():
            column, dot, way = path.partition(".")
            value = from_text(values[column]) if dot else values[column]
            for name in filter(None, way.split(".")):
                value = (value or {}).get(name)
            made += split_address(value) if column == "address" else [moment(value) if column in TIMES else value]
        return tuple(made)


@dataclass(frozen=True)
class Retention:
    """The retention of a table's rows.

    - `since`: the column with the time a row was finished; rows with NULL are unfinished and stay.
    - `days`: the days to keep finished rows, 0 for ever, from the days of KEEP_DAYS.
    - `created`: the column with the rows' creation time if keys are in order of time, to stop pruning at younger rows.
    - `dated`: true if `since` contains a date instead of Unix seconds.
    """

    since: str
    days: Callable[[float], float] = lambda set_days: set_days
    created: str = "NULL"
    dated: bool = False


@dataclass(frozen=True)
class Table:
    """A table.

    - `whose`: the condition for a person's rows, "" without personal data.
    - `erase`: the statements that erase a person, if not a plain deletion of their rows.
    - `parent`: a parent table and the column with its id; rows are pruned with their parent.
    - `counted`: true if `merchant-bot status` counts its rows.
    """

    name: str
    key: str = "id"
    whose: str = ""
    erase: tuple[str, ...] = ()
    disclosure: Disclosure | None = None
    retention: Retention | None = None
    parent: tuple[str, str] | None = None
    sheet: Sheet | None = None
    counted: bool = True

    @property
    def first(self) -> Key:
        """A value less than any key."""
        return 0 if self.key == "id" else ""


# The exported fields of a result, and of a group; members' times of writing are left out.
TOLD = " ".join(f"result.{name}" for name in ("check", "verdict", "made", "rules", "answers", "en", "zh"))
SET = " ".join(f"settings.{name}" for name in ("on", "keywords", "allowed", "lang", "cooldown", "quiet"))
# In order of erasure: rows come before the rows that identify their owner.
# fmt: off
TABLES = (
    Table(
        "events", whose=OF_PERSON, retention=Retention("time", created="time"),
        disclosure=Disclosure("events", "time, kind, data", lambda time, kind, data: Occurred(time, kind, from_text(data)),
                      lambda one: {"time": utc(one.time), "kind": one.kind, "data": one.data}),
        sheet=Sheet("id time kind address data.verdict data.lang data.", ("id",)),
    ),
    Table(
        "conversations", "address", OF_PERSON, retention=Retention("touched"),
        disclosure=Disclosure("conversation", "state", from_json, asdict, whose="address = {address}", order="address", one=True),
        sheet=Sheet("address touched state.lang state.topic state.check.check state.", ADDRESS_CELLS),
    ),
    Table(
        "results", "code", OF_PERSON, retention=Retention("until", lambda _: EXPIRED_DAYS, dated=True),
        disclosure=Disclosure("results", "result", result_from_json, asdict, order="code"),
        sheet=Sheet(f"code address until {TOLD}", ("code",)),
    ),
    Table(
        "inbox", whose=IN_PRIVATE_CHATS, retention=Retention("finished", lambda days: max(days, RECOGNISED_DAYS) if days else 0, "arrived"),
        erase=(
            # Keys stay, to recognise duplicate deliveries.
            f"{EMPTY_ENTRY} WHERE state = 'dead' AND {NAMES_PERSON}",
            f"{EMPTY_ENTRY} WHERE state = 'dead' AND {QUOTES_TICKETS}",
            f"{EMPTY_ENTRY}, chat = '' WHERE {IN_PRIVATE_CHATS} AND state <> 'new'",
            "UPDATE inbox SET key = 'erased:' || id "
            "WHERE state <> 'new' AND substr(key, 1, length(CAST({keyed} AS TEXT))) = {keyed}",
        ),
    ),
    Table(
        "outbox", whose=f"({IN_PRIVATE_CHATS} OR {OF_TICKETS})", retention=Retention("finished", created="made"),
        disclosure=Disclosure("told", "id, payload, made", Posted,
                      lambda one: {"time": utc(one.made), "reply": from_text(one.payload)}, title="replies"),
    ),
    Table(
        "drafts", whose=OF_TICKETS, parent=("tickets", "ticket"),
        disclosure=Disclosure("drafts", "made, answer, topics, state", lambda *row: row,
                      lambda one: {"time": utc(one[0]), "answer": one[1], "topics": one[2].split(), "state": one[3]}),
        sheet=Sheet("id ticket question answer topics state final made", ("id",)),
    ),
    Table(
        "files", "file", OF_PERSON, retention=Retention("made"),
        disclosure=Disclosure("files", "made, name, type, size", lambda *row: row,
                              lambda one: {"time": utc(one[0]), "name": one[1], "type": one[2], "bytes": one[3]}, order="made"),
    ),
    Table("desk_topics", f"{CHAT} || ' ' || thread", OF_PERSON, retention=Retention("touched"), counted=False),
    Table(
        "talk", whose=OF_TICKETS, parent=("tickets", "ticket"), counted=False,
        disclosure=Disclosure("talk", "time, who, kind, words", lambda *row: row,
                              lambda one: {"time": utc(one[0]), "who": one[1], "kind": one[2], "words": one[3]}, title="talks"),
    ),
    Table("ticket_messages", whose=OF_TICKETS, parent=("tickets", "ticket"), counted=False),
    Table(
        # Open tickets without messages for that long are pruned too.
        "tickets", whose=OF_PERSON, retention=Retention("coalesce(closed, heard, opened)", created="opened"),
        disclosure=Disclosure("tickets", TICKET, lambda *row: ticket_of(row), lambda one: {"id": one.id, "open": one.open, "name": one.name, "solved": one.solved}),
        sheet=Sheet("id address lang state holder_name opened answered closed lead solved", ("id",)),
    ),
    Table(
        "subscriptions", f"{CHAT} || ' ' || subject", IN_PRIVATE_CHATS,
        disclosure=Disclosure("subscriptions", "DISTINCT subject", str, order="subject"),
        sheet=Sheet("address subject lang made", (*ADDRESS_CELLS, "subject")),
    ),
    Table("receivers", CHAT, IN_PRIVATE_CHATS, parent=("outbox", "call"), counted=False),
    Table("groups", CHAT, retention=Retention("ended"), sheet=Sheet(f"channel chat ended {SET}", ("channel", "chat"))),
    Table(
        "questions", whose=OF_PERSON, retention=Retention("until", lambda _: MOMENT),
        disclosure=Disclosure("questions", "time, words", lambda time, words: (time, words),
                              lambda one: {"time": utc(one[0]), "words": one[1]}),
    ),
    # Numbers, and nothing of anybody: they stay. Who wrote on a day is known by a hash, for merchants to be counted once a month.
    Table("sums", counted=False),
    Table(
        "writers", whose="person = {person}", retention=Retention("day", dated=True), counted=False,
        disclosure=Disclosure("days", "day", str, title="days you wrote", order="day"),
    ),
    Table("staff", counted=False),
    Table("staff_links", "digest", retention=Retention("until", lambda _: MOMENT), counted=False),
    Table("staff_sessions", "digest", retention=Retention("until", lambda _: MOMENT), counted=False),
    Table("audit", retention=Retention("time", created="time"), counted=False),
    Table("edits", counted=False),
    Table("broadcasts", counted=False),
    Table("publications", retention=Retention("time", created="time"), counted=False),
    Table("kept", "name", OF_PERSON, retention=Retention("touched")),
    Table("working", "part", counted=False),
    Table("merchant_bot_schema", "version", counted=False),
)
# fmt: on
TABLE_OF: Mapping[str, Table] = {table.name: table for table in TABLES}
COUNTED = tuple(table.name for table in TABLES if table.counted)
COUNTS = "SELECT " + ", ".join(f"(SELECT count(*) FROM {name})" for name in COUNTED)


def fill_placeholders(statement: str, address: Address) -> tuple[str, tuple[str, ...]]:
    """Fill in a statement's placeholders for a person. Returns it with its values."""
    user = address.user.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    values = {
        "address": str(address),
        "anywhere": f"{address.channel}:%:{user}",
        "channel": address.channel,
        "own": address.user,
        "beside": f"{user}@%",
        "keyed": f"{address.channel}:{address.user}:",
        "named": f'%"id":{user},%',
        "person": person_of(address),
    }
    used = [name for name in values if f"{{{name}}}" in statement]
    return statement.format(**{name: f"@{place}" for place, name in enumerate(used, 1)}), tuple(
        values[one] for one in used
    )


def erase_statements(tables: Sequence[Table] = TABLES) -> list[str]:
    """Return the statements that erase a person."""
    theirs = [table for table in tables if table.whose]
    return [one for table in theirs for one in table.erase or [f"DELETE FROM {table.name} WHERE {table.whose}"]]


def disclosures(tables: Sequence[Table] = TABLES) -> list[tuple[Disclosure, str]]:
    """Return each table's disclosure with the statement that reads it."""
    return [
        (one, f"SELECT {one.columns} FROM {table.name} WHERE {one.whose or table.whose} ORDER BY {one.order}")
        for table in tables
        if (one := table.disclosure)
    ]


def belongings(found: Sequence[tuple[Disclosure, Sequence[Sequence[Any]]]]) -> Belongings:
    """Build a person's Belongings from the rows of each disclosure."""
    fields: dict[str, Any] = {}
    others: dict[str, tuple[Any, ...]] = {}
    for handed, rows in found:
        read = tuple(handed.read(*row) for row in rows)
        if handed.field in Belongings.__dataclass_fields__:
            fields[handed.field] = next(iter(read), None) if handed.one else read
        else:
            others[handed.field] = read
    return Belongings(**fields, others=others)


def as_file(own: Belongings, tables: Sequence[Table] = TABLES) -> str:
    """Format a person's Belongings as indented JSON, with times in UTC."""
    made: dict[str, Any] = {}
    for one in sorted(
        (table.disclosure for table in tables if table.disclosure), key=lambda one: one.title or one.field
    ):
        shown = [one.as_json(read) for read in own.of(one.field)]
        made[one.title or one.field] = (shown[0] if shown else None) if one.one else shown
    text = json.dumps(made, ensure_ascii=False, indent=2)
    return text.encode("utf-8", "replace").decode()


def stretch_statement(table: Table) -> str:
    """Return the statement for the next @2 rows after key @1: their last key and earliest creation time, if known."""
    begun = table.retention.created if table.retention else "NULL"
    return (
        f"SELECT max(key), min(begun) FROM (SELECT {table.key} AS key, {begun} AS begun FROM {table.name} "
        f"WHERE {table.key} > @1 ORDER BY {table.key} LIMIT @2) AS rows"
    )


def is_stretch_recent(oldest: float | None, before: float, now: float) -> bool:
    """Return true if no row from this stretch on is older than `before`; all times are Unix seconds.

    A stretch created in the future was written by a wrong clock, and says nothing about the rows after it.
    """
    return oldest is not None and before <= oldest <= now


def prune_statements(
    table: Table, before: float, tables: Sequence[Table] = TABLES
) -> list[tuple[str, tuple[Any, ...]]]:
    """Return the statements that delete a table's rows finished before a time (Unix seconds), and then their children.

    They apply to keys after @1 up to @2; the values from @3 on come with each statement.
    """
    if table.retention is None:
        return []
    between = "DELETE FROM {0} WHERE {1} > @1 AND {1} <= @2 AND "
    bound = date.fromtimestamp(before).isoformat() if table.retention.dated else before
    return [
        (between.format(table.name, table.key) + f"{table.retention.since} < @3", (bound,)),
        *(
            (
                between.format(one.name, one.parent[1])
                + f"NOT EXISTS (SELECT 1 FROM {table.name} WHERE {table.name}.id = {one.name}.{one.parent[1]})",
                (),
            )
            for one in tables
            if one.parent and one.parent[0] == table.name
        ),
    ]


def export_statement(table: Table) -> str:
    """Return the statement for the next @2 rows after key @1: the key, then the columns of the table's sheet."""
    read = [table.key, *(table.sheet.read if table.sheet else ())]
    return f"SELECT {', '.join(read)} FROM {table.name} WHERE {table.key} > @1 ORDER BY 1 LIMIT @2"
