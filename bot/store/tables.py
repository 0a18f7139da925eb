"""Each table, declared once with what it keeps of a person: what is erased, handed over, pruned and copied follows from here.

The statements are those of both databases: "@" and a number is a value, `IN @1:text[]` a list of them (see `parts/database.py`).
In the conditions that say whose a row is, `{address}` is the person's address, `{anywhere}` a pattern for their addresses in chats
with others, `{own}` their chat with the assistant, `{beside}` a pattern for their chats with others in whose name the assistant
answers; with `{keyed}` the keys begin that older versions gave to what they wrote; `{named}` is a pattern for updates that tell who
somebody is.
"""

from __future__ import annotations

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

STRETCH = 300  # rows looked at in one step, while writers wait
# A platform delivers again for a day or so, and the inbox is what recognises it.
RECOGNISED_DAYS = 3.0
# Whoever opens a result that has expired is told so for a while.
EXPIRED_DAYS = 7.0

THEIRS = "(address = {address} OR address LIKE {anywhere} ESCAPE '\\')"
CHATS = "(channel = {channel} AND (chat = {own} OR chat LIKE {beside} ESCAPE '\\'))"
TICKETS = f"ticket IN (SELECT id FROM tickets WHERE {THEIRS})"
# Updates whose handling failed stay as they came. One from a group, or from the consultants' desk, may hold a person: it is by
# them or about them, or a reply that quotes what was said in their tickets.
NAMES = "channel = {channel} AND payload LIKE {named} ESCAPE '\\'"
QUOTES = (
    "EXISTS (SELECT 1 FROM ticket_messages AS said JOIN tickets ON tickets.id = said.ticket "
    f"WHERE {THEIRS} AND said.channel = inbox.channel AND said.chat = inbox.chat "
    "AND (payload LIKE '%\"message_id\":' || said.message || ',%' OR payload LIKE '%\"message_id\":' || said.message || '}}%'))"
)
EMPTIED = "UPDATE inbox SET state = 'done', payload = '', error = NULL"
CHAT = "channel || ' ' || chat"
# What a ticket is read from.
TICKET = "tickets.id, address, lang, state, first, coalesce(heard, opened)"
WHO = ("channel", "chat", "user")
TIMES = {"time", "touched", "opened", "closed", "made", "ended"}  # columns of Unix seconds


def utc(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def moment(time: float | None) -> str | None:
    """Unix seconds as ISO 8601, in UTC."""
    return None if time is None else datetime.fromtimestamp(time, UTC).isoformat(timespec="milliseconds")


def who(address: str) -> tuple[str, str, str]:
    channel, chat, user, *_ = *address.split(":", 2), "", ""
    return channel, chat, user


@dataclass(frozen=True)
class Handed:
    """What a person gets of their rows: `read` makes of the columns what a field of Belongings holds, or else one of its `others`;
    `shown` makes the JSON of that, under a title, in the file that they get. `whose`: of less rows than are erased."""

    field: str
    columns: str
    read: Callable[..., Any]
    shown: Callable[[Any], Any] = lambda read: read
    title: str = ""
    whose: str = ""
    order: str = "id"
    one: bool = False  # at most one row


@dataclass(frozen=True)
class Sheet:
    """A table as it is copied: of each cell its column, or the column that holds JSON and the way to the cell in that, as in
    "state.check.check" and, for all of it, "state.". An address is three cells, and a time is written in UTC. `key` tells rows apart.
    """

    paths: str
    key: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the cells."""
        names = [path.rstrip(".").rpartition(".")[2] for path in self.paths.split()]
        return tuple(one for name in names for one in (WHO if name == "address" else (name,)))

    @cached_property
    def read(self) -> tuple[str, ...]:
        """The columns that are read."""
        return tuple(dict.fromkeys(path.partition(".")[0] for path in self.paths.split()))

    def cells(self, row: Sequence[Any]) -> tuple[Cell, ...]:
        """The cells of a row of the columns that are read."""
        values, made = dict(zip(self.read, row, strict=True)), list[Cell]()
        for path in self.paths.split():
            column, dot, way = path.partition(".")
            value = from_text(values[column]) if dot else values[column]
            for name in filter(None, way.split(".")):
                value = (value or {}).get(name)
            made += who(value) if column == "address" else [moment(value) if column in TIMES else value]
        return tuple(made)


@dataclass(frozen=True)
class Kept:
    """For how many days rows stay, by the days that are set, 0 for ever; and the column that says since when: a row where that
    is empty is not finished and stays. `begun`: where the keys are in order of time, the column with that time, which tells where
    the rest is younger. `dated`: the column holds a day."""

    since: str
    days: Callable[[float], float] = lambda set_days: set_days
    begun: str = "NULL"
    dated: bool = False


@dataclass(frozen=True)
class Table:
    """`whose` finds a person's rows; none: nothing in it is of a person. `erasing`: where their rows are not simply deleted.

    `goes_with` is a table, and the column here with its id, without whose row a row here is forgotten.
    """

    name: str
    key: str = "id"
    whose: str = ""
    erasing: tuple[str, ...] = ()
    handed: Handed | None = None
    kept: Kept | None = None
    goes_with: tuple[str, str] | None = None
    sheet: Sheet | None = None
    counted: bool = True  # for an operator

    @property
    def first(self) -> Key:
        """Less than any key."""
        return 0 if self.key == "id" else ""


# What of a result is told, and what is set for a group: when somebody last wrote, is no business of a copy.
TOLD = " ".join(f"result.{name}" for name in ("check", "verdict", "made", "rules", "answers", "en", "zh"))
SET = " ".join(f"settings.{name}" for name in ("on", "keywords", "allowed", "lang", "cooldown", "quiet"))
# A row is erased before the one through which it is found.
# fmt: off
TABLES = (
    Table(
        "events", whose=THEIRS, kept=Kept("time", begun="time"),
        handed=Handed("events", "time, kind, data", lambda time, kind, data: Occurred(time, kind, from_text(data)),
                      lambda one: {"time": utc(one.time), "kind": one.kind, "data": one.data}),
        sheet=Sheet("id time kind address data.verdict data.lang data.", ("id",)),
    ),
    Table(
        "conversations", "address", THEIRS, kept=Kept("touched"),
        handed=Handed("conversation", "state", from_json, asdict, whose="address = {address}", order="address", one=True),
        sheet=Sheet("address touched state.lang state.topic state.check.check state.", WHO),
    ),
    Table(
        "results", "code", THEIRS, kept=Kept("until", lambda _: EXPIRED_DAYS, dated=True),
        handed=Handed("results", "result", result_from_json, asdict, order="code"),
        sheet=Sheet(f"code address until {TOLD}", ("code",)),
    ),
    Table(
        "inbox", whose=CHATS, kept=Kept("finished", lambda days: max(days, RECOGNISED_DAYS) if days else 0, "arrived"),
        erasing=(
            # The keys stay, so that an update that is delivered again is still recognised.
            f"{EMPTIED} WHERE state = 'dead' AND {NAMES}",
            f"{EMPTIED} WHERE state = 'dead' AND {QUOTES}",
            f"{EMPTIED}, chat = '' WHERE {CHATS} AND state <> 'new'",
            "UPDATE inbox SET key = 'erased:' || id "
            "WHERE state <> 'new' AND substr(key, 1, length(CAST({keyed} AS TEXT))) = {keyed}",
        ),
    ),
    Table(
        "outbox", whose=f"({CHATS} OR {TICKETS})", kept=Kept("finished", begun="made"),
        handed=Handed("told", "id, payload, made", Posted,
                      lambda one: {"time": utc(one.made), "reply": from_text(one.payload)}, title="replies"),
    ),
    Table("ticket_messages", whose=TICKETS, goes_with=("tickets", "ticket"), counted=False),
    Table(
        # An open one goes too in which nothing was said for so long.
        "tickets", whose=THEIRS, kept=Kept("coalesce(closed, heard, opened)", begun="opened"),
        handed=Handed("tickets", TICKET, lambda *row: ticket_of(row), lambda one: {"id": one.id, "open": one.open}),
        sheet=Sheet("id address lang state opened closed", ("id",)),
    ),
    Table(
        "subscriptions", f"{CHAT} || ' ' || subject", CHATS,
        handed=Handed("subscriptions", "DISTINCT subject", str, order="subject"),
        sheet=Sheet("address subject lang made", (*WHO, "subject")),
    ),
    Table("receivers", CHAT, CHATS, goes_with=("outbox", "call"), counted=False),
    Table("groups", CHAT, kept=Kept("ended"), sheet=Sheet(f"channel chat ended {SET}", ("channel", "chat"))),
    Table("kept", "name", THEIRS, kept=Kept("touched")),
    Table("working", "part", counted=False),
    Table("merchant_bot_schema", "version", counted=False),
)
# fmt: on
NAMED: Mapping[str, Table] = {table.name: table for table in TABLES}
COUNTED = tuple(table.name for table in TABLES if table.counted)
COUNTS = "SELECT " + ", ".join(f"(SELECT count(*) FROM {name})" for name in COUNTED)


def filled(statement: str, address: Address) -> tuple[str, tuple[str, ...]]:
    """A statement about a person, with its values."""
    user = address.user.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    values = {
        "address": str(address),
        "anywhere": f"{address.channel}:%:{user}",
        "channel": address.channel,
        "own": address.user,
        "beside": f"{user}@%",
        "keyed": f"{address.channel}:{address.user}:",
        "named": f'%"id":{user},%',
    }
    used = [name for name in values if f"{{{name}}}" in statement]
    return statement.format(**{name: f"@{place}" for place, name in enumerate(used, 1)}), tuple(
        values[one] for one in used
    )


def erasure(tables: Sequence[Table] = TABLES) -> list[str]:
    """What erases a person."""
    theirs = [table for table in tables if table.whose]
    return [one for table in theirs for one in table.erasing or [f"DELETE FROM {table.name} WHERE {table.whose}"]]


def handing(tables: Sequence[Table] = TABLES) -> list[tuple[Handed, str]]:
    """What is handed to a person, and the statement that reads it."""
    return [
        (one, f"SELECT {one.columns} FROM {table.name} WHERE {one.whose or table.whose} ORDER BY {one.order}")
        for table in tables
        if (one := table.handed)
    ]


def belongings(found: Sequence[tuple[Handed, Sequence[Sequence[Any]]]]) -> Belongings:
    """What is kept of a person, of the rows that were found."""
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
    """What is kept of a person as they get it: JSON that a person can read. Times are UTC."""
    made: dict[str, Any] = {}
    for one in sorted((table.handed for table in tables if table.handed), key=lambda one: one.title or one.field):
        shown = [one.shown(read) for read in own.of(one.field)]
        made[one.title or one.field] = (shown[0] if shown else None) if one.one else shown
    text = json.dumps(made, ensure_ascii=False, indent=2)
    return text.encode("utf-8", "replace").decode()


def stretch(table: Table) -> str:
    """Of the next rows after key 1, as many as 2 says: the last key, and when the oldest was begun, if that is known."""
    begun = table.kept.begun if table.kept else "NULL"
    return (
        f"SELECT max(key), min(begun) FROM (SELECT {table.key} AS key, {begun} AS begun FROM {table.name} "
        f"WHERE {table.key} > @1 ORDER BY {table.key} LIMIT @2) AS rows"
    )


def young_from_here(oldest: float | None, before: float, now: float) -> bool:
    """Whether nothing further on is older than `before`, by when the oldest of a stretch was begun.

    What was begun in the future was written while the clock was wrong, and tells nothing of what follows.
    """
    return oldest is not None and before <= oldest <= now


def pruning(table: Table, before: float, tables: Sequence[Table] = TABLES) -> list[tuple[str, tuple[Any, ...]]]:
    """Delete what is older than a time of the rows after key 1 up to key 2, and then what went with it; the values after the keys."""
    if table.kept is None:
        return []
    between = "DELETE FROM {0} WHERE {1} > @1 AND {1} <= @2 AND "
    bound = date.fromtimestamp(before).isoformat() if table.kept.dated else before
    return [
        (between.format(table.name, table.key) + f"{table.kept.since} < @3", (bound,)),
        *(
            (
                between.format(one.name, one.goes_with[1])
                + f"NOT EXISTS (SELECT 1 FROM {table.name} WHERE {table.name}.id = {one.name}.{one.goes_with[1]})",
                (),
            )
            for one in tables
            if one.goes_with and one.goes_with[0] == table.name
        ),
    ]


def reading(table: Table) -> str:
    """The next rows after key 1, as many as 2 says: the key, and what the table's sheet reads."""
    read = [table.key, *(table.sheet.read if table.sheet else ())]
    return f"SELECT {', '.join(read)} FROM {table.name} WHERE {table.key} > @1 ORDER BY 1 LIMIT @2"
