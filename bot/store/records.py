"""What a store keeps: messages that arrived, what was made of them, and replies on their way."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

from bot.model import Address, Conversation, Group, Result, Subscribing, Ticket
from bot.store.subscriptions import Sent, Subscriber
from bot.store.tables import Key, Table

PARTS = 64  # chats are dealt out to processes in this many parts; the number lies in the database
# The error of an update whose handling ended with its process too often.
INTERRUPTED = "handling this was interrupted three times: the process was killed or hung in the middle of it"


class StoreError(Exception):
    """The database cannot be used; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A platform's update, to be stored before the platform is told. `key` recognises it when it is delivered again.

    The payload is JSON as the channel alone understands it, and so is that of a reply.
    """

    key: str
    channel: str
    chat: str
    payload: str


@dataclass(frozen=True, slots=True)
class Received:
    """An update in the inbox that has not been handled.

    `attempts`: how often its handling may have been what a process was killed in; it is counted when a process takes over
    from one that was killed, and from then on before each attempt.
    """

    id: int
    channel: str
    chat: str
    payload: str
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One call to a platform, to be put into the outbox. Of what waits, a lower priority number goes first.

    With a `ticket`, the message that it makes belongs to that. `passing`: it is deleted so many seconds after it was made.
    For so many seconds it is `kept` for the response to the request that brought what it answers; then it is sent.
    """

    channel: str
    chat: str
    payload: str
    priority: int = 0
    ticket: int | None = None
    passing: float | None = None
    kept: float = 0.0


@dataclass(frozen=True, slots=True)
class Waiting:
    """A call in the outbox that has not succeeded yet; times are Unix seconds."""

    id: int
    channel: str
    chat: str
    payload: str
    attempts: int
    not_before: float
    made: float
    priority: int = 0
    ticket: int | None = None
    passing: float | None = None

    @property
    def kept(self) -> bool:
        """Whether it was kept for a response, which may have taken it: before it is sent, the store is asked to `begin`."""
        return self.attempts == 0 and self.not_before > 0


@dataclass(frozen=True, slots=True)
class TicketMessage:
    """A message on a platform that belongs to a ticket."""

    ticket: int
    channel: str
    chat: str
    message: str


@dataclass(frozen=True, slots=True)
class Event:
    """What happened, for reports, without the words of a merchant."""

    kind: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Handled:
    """A turn: all of it is stored in one transaction, or nothing.

    With an `entry`, nothing is stored unless that entry is still new, so that a turn cannot count twice.
    `error` is the traceback of an entry whose handling failed: it stays as a dead letter. `erase`: what belongs to the
    address is erased first, and only then is the rest stored. `group` is what is remembered
    of the address's chat, `moved_to` the chat that this chat has become: what was set for it moves along, and tickets
    begin there anew, since messages have other ids there. `opens` and `closes` are tickets, `belongs` a consultant's
    message to one. Where he has an open ticket that is not closed by the same turn, no second is opened. `notes` are
    remembered under their names.
    """

    address: Address
    entry: Received | None = None
    conversation: Conversation | None = None
    result: Result | None = None
    outgoing: tuple[Outgoing, ...] = ()
    events: tuple[Event, ...] = ()
    error: str | None = None
    erase: bool = False
    group: Group | None = None
    moved_to: str | None = None
    opens: Ticket | None = None
    closes: int | None = None
    belongs: TicketMessage | None = None
    subscribing: Subscribing | None = None
    notes: tuple[tuple[str, str], ...] = ()

    @property
    def heard(self) -> frozenset[int]:
        """The tickets in which something is said."""
        return frozenset(out.ticket for out in self.outgoing if out.ticket is not None)


State = Literal["waiting", "sent", "dead", "gone", "dropped"]


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of an attempt to send. `gone` ends everything that waits for this chat; with `moved_to`, all of that
    waits for that chat from now on."""

    entry: Waiting
    state: State
    not_before: float = 0.0
    platform_id: str | None = None
    error: str | None = None
    moved_to: str | None = None

    @property
    def passed(self) -> bool:
        """Whether nothing of the call is to stay."""
        return self.entry.passing == 0 and self.state != "waiting"


Write = tuple[Arrival, ...] | Handled | Delivery


@dataclass(frozen=True, slots=True)
class Posted:
    """A call that was put into the outbox, whatever has become of it; `made` is Unix seconds."""

    id: int
    payload: str
    made: float


@dataclass(frozen=True, slots=True)
class Occurred:
    """An event that was stored; `time` is Unix seconds."""

    time: float
    kind: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Belongings:
    """All that is kept of a merchant."""

    conversation: Conversation | None = None
    results: tuple[Result, ...] = ()
    events: tuple[Occurred, ...] = ()
    told: tuple[Posted, ...] = ()
    tickets: tuple[Ticket, ...] = ()
    subscriptions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Letter:
    """A call that was given up, as an operator sees it."""

    id: int
    channel: str
    chat: str
    payload: str
    state: str
    attempts: int
    made: float
    error: str


@dataclass(frozen=True, slots=True)
class Failure:
    """An update whose handling failed, as an operator sees it; `error` is the traceback."""

    id: int
    channel: str
    chat: str
    payload: str
    arrived: float
    error: str


@dataclass(frozen=True, slots=True)
class Queues:
    """What waits, since when the longest of it does in Unix seconds, and what was given up."""

    inbox: int
    inbox_since: float | None
    inbox_dead: int
    outbox: int
    outbox_since: float | None
    outbox_dead: int
    outbox_gone: int


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy of the database that was made before its schema changed, and until when it is kept; Unix seconds."""

    path: Path
    made: float
    until: float


@dataclass(frozen=True, slots=True)
class Status:
    """A database as an operator sees it: how many processes serve it, what is in it, and what was answered lately.

    `exposed` are its files and folder that are open to others on this machine.
    """

    serving: int
    schema: int
    size: int  # bytes
    queues: Queues
    rows: Mapping[Table, int]
    last_day: Mapping[str, int]  # answers by verdict
    last_week: Mapping[str, int]
    interrupted: int = 0  # of the dead updates, those of INTERRUPTED
    copies: tuple[Copy, ...] = ()
    exposed: tuple[Path, ...] = ()


class Store(Protocol):
    """A database. Everything awaited here is durable on return; while the database is away, it waits.

    A process works on the chats of its `parts` alone, and loses them at once when it loses the database. Raises
    StoreError where a database cannot be used at all, and where a write can never succeed.
    """

    @property
    def arrived(self) -> asyncio.Event:
        """Set when something new may be in the inbox."""

    @property
    def posted(self) -> asyncio.Event:
        """Set when something new may be in the outbox."""

    @property
    def parts(self) -> frozenset[int]:
        """The parts whose chats this process may work on now."""

    async def claim(self, busy: Callable[[], Collection[int]]) -> frozenset[int]:
        """Take this process's fair share of the parts, and give back what is too much and not `busy`. Called often.

        Where a process was killed that had a part, one attempt is counted for whatever it may have been handling: of
        each chat the first update.
        """

    async def lease(self, name: str) -> bool:
        """Whether this process alone may do something, like polling: from now on, until it loses the database."""

    async def accept(self, arrivals: Sequence[Arrival]) -> None:
        """Store updates in their order; those known already change nothing."""

    async def attempted(self, entry: Received, times: int) -> None:
        """Keep how often the handling of an update was attempted, which is counted before it is."""

    async def finish(self, turn: Handled) -> bool:
        """Store a turn. False: its entry was finished before, and nothing was stored."""

    async def mark(self, delivery: Delivery) -> None:
        """Store what became of an attempt to send."""

    async def take(self, arrival: Arrival, most: int, lease: float) -> list[Waiting] | None:
        """Take the first calls that answer an update for the response to its request; for `lease` seconds nobody sends them.

        None: the update has not been handled. The request repeated takes again what was sent in its response.
        """

    async def release(self, arrival: Arrival) -> None:
        """Let what is kept for the response to an update's request be sent at once."""

    async def begin(self, entry: Waiting) -> bool:
        """Whether a call that was kept for a response is to be sent, since none has taken it. From now on none does."""

    async def inbox(self, known: Collection[int], limit: int) -> list[Received]:
        """What is new in this process's parts, without the known ids, in order of arrival."""

    async def outbox(self, channels: Collection[str], known: Collection[int], limit: int) -> list[Waiting]:
        """What waits in this process's parts for these channels, without the known ids, in order.

        What is still kept for the response to a request is not among it.
        """

    async def waiting(self, channel: str, chat: str) -> int:
        """How many calls wait for a chat."""

    async def conversation(self, address: Address) -> Conversation: ...

    async def result(self, code: str) -> Result | None: ...

    async def ticket(self, id: int) -> Ticket | None: ...

    async def tickets_left(self, channel: str, old: str, new: str) -> list[Ticket]:
        """The open tickets that begin in a chat which has become another, at most a hundred, the last heard first."""

    async def ticket_at(self, channel: str, chat: str, message: str) -> Ticket | None:
        """The ticket to which a message on a platform belongs."""

    async def belongings(self, address: Address) -> Belongings:
        """All that is kept of a merchant."""

    async def group_of(self, channel: str, chat: str) -> Group | None:
        """What is set for a group and remembered of it, None for one that is new."""

    async def history(self, channel: str, chat: str, after: int | None, limit: int) -> list[Posted]:
        """What was put into the outbox for a chat: the next after an id, or for None the newest; in order."""

    async def newest(self, channel: str, chats: Collection[str]) -> dict[str, int]:
        """The id of the last call put into the outbox for each of these chats that has one."""

    async def subscribers(self, subject: str | None) -> list[Subscriber]:
        """Who gets what is shared of a subject, None for any; each once."""

    async def broadcast(self, name: str, outgoing: Sequence[Outgoing]) -> int:
        """Put a broadcast's calls into the outbox for those chats that were not given it yet. Returns how many."""

    async def broadcast_sent(self, name: str) -> Sent:
        """How a broadcast stands."""

    async def kept(self, name: str, value: str) -> str:
        """What is kept under a name, the same for all processes; this value from now on if nothing was."""

    async def recall(self, name: str) -> str | None:
        """What was remembered last under a name."""

    async def remember(self, name: str, value: str, whose: Address | None = None) -> None:
        """Remember a value under a name, in place of what was; that of a person is erased with the rest of them, and pruned."""

    async def prune(self, table: Table, before: float, after: Key | None) -> Key | None:
        """Delete what is finished and older than a time, in Unix seconds, of a table's next few hundred rows after a key.

        Returns the key from which to go on; None: there is nothing old further on.
        """

    async def tidy(self, now: float) -> None:
        """Delete copies and calls whose time is over at a moment in Unix seconds, and what files still hold of deleted rows."""

    async def letters(self) -> list[Letter]:
        """What was given up, oldest first."""

    async def retry(self, ids: Collection[int] | None) -> int:
        """Send again what was given up, all for None. Returns how many."""

    async def drop(self, ids: Collection[int] | None) -> int:
        """Drop what was given up, all for None. Returns how many."""

    async def failures(self) -> list[Failure]:
        """The updates whose handling failed, oldest first."""

    async def retry_failures(self, ids: Collection[int] | None) -> int:
        """Handle them again, all for None. Returns how many."""

    async def drop_failures(self, ids: Collection[int] | None) -> int:
        """Drop them with their words, all for None; delivered again they are still recognised. Returns how many."""

    async def queues(self) -> Queues:
        """What waits and what was given up; cheap."""

    async def status(self) -> Status: ...

    async def rows(self, table: Table, after: Key | None) -> list[tuple[Any, ...]]:
        """A table's next few hundred rows after a key, in the order of the keys; the columns are those of TABLES."""

    async def close(self) -> None: ...


def part_of(channel: str, chat: str) -> int:
    """The part to which a chat belongs."""
    return zlib.crc32(f"{channel}:{chat}".encode()) % PARTS
