"""What a store keeps: messages that arrived, what was made of them, and replies on their way."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from bot.model import Address, Conversation, Group, Language, Result, Subscribing, Ticket

PARTS = 64  # chats are dealt out to processes in this many parts; the number lies in the database
# The error of an update whose handling ended with its process too often.
IN_RESPONSE = "response"  # the platform's id of a call that was sent in the response to a request
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
    """All that is kept of a merchant; `others` is what nothing here reads, by its name in the file that they get."""

    conversation: Conversation | None = None
    results: tuple[Result, ...] = ()
    events: tuple[Occurred, ...] = ()
    told: tuple[Posted, ...] = ()
    tickets: tuple[Ticket, ...] = ()
    subscriptions: tuple[str, ...] = ()
    others: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)

    def of(self, name: str) -> tuple[Any, ...]:
        """What is kept under a name: that of a field, or one of the others."""
        found = getattr(self, name) if name in self.__dataclass_fields__ else self.others.get(name)
        return () if found is None else found if isinstance(found, tuple) else (found,)


@dataclass(frozen=True, slots=True)
class Subscriber:
    """Who gets what is shared, and in which language."""

    address: Address
    lang: Language


@dataclass(frozen=True, slots=True)
class Sent:
    """How a broadcast stands: how many calls wait, have been sent, were refused, and met a chat that is gone."""

    waiting: int = 0
    sent: int = 0
    failed: int = 0
    gone: int = 0

    @property
    def all(self) -> int:
        return self.waiting + self.sent + self.failed + self.gone


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
    rows: Mapping[str, int]  # by table
    last_day: Mapping[str, int]  # answers by verdict
    last_week: Mapping[str, int]
    interrupted: int = 0  # of the dead updates, those of INTERRUPTED
    copies: tuple[Copy, ...] = ()
    exposed: tuple[Path, ...] = ()


def part_of(channel: str, chat: str) -> int:
    """The part to which a chat belongs."""
    return zlib.crc32(f"{channel}:{chat}".encode()) % PARTS
