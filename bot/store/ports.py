"""What each user of a store needs of it. Everything awaited here is durable on return; while the database is away, it waits.

Raises StoreError where a database cannot be used at all, and where a write can never succeed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Coroutine, Sequence
from typing import Any, Protocol

from bot.model import Address, Conversation, Group, Result, Ticket
from bot.store.records import (
    Arrival,
    Belongings,
    Delivery,
    Failure,
    Handled,
    Letter,
    Outgoing,
    Posted,
    Queues,
    Received,
    Sent,
    Status,
    Subscriber,
    Waiting,
)
from bot.store.tables import Key


class Leases(Protocol):
    async def lease(self, name: str) -> bool:
        """Whether this process alone may do something, like polling: from now on, until it loses the database."""


class Shares(Protocol):
    @property
    def parts(self) -> frozenset[int]:
        """The parts whose chats this process may work on now."""


class Finishes(Protocol):
    async def finish(self, turn: Handled) -> bool:
        """Store a turn. False: its entry was finished before, and nothing was stored."""


class Results(Protocol):
    async def result(self, code: str) -> Result | None: ...


class Notes(Protocol):
    """For what is remembered under a name."""

    async def recall(self, name: str) -> str | None:
        """What was remembered last under a name."""

    async def remember(self, name: str, value: str, whose: Address | None = None) -> None:
        """Remember a value under a name, in place of what was; that of a person is erased with the rest of them, and pruned."""


class Intake(Leases, Notes, Protocol):
    """For what brings updates."""

    async def accept(self, arrivals: Sequence[Arrival]) -> None:
        """Store updates in their order; those known already change nothing."""


class Inbox(Shares, Finishes, Protocol):
    """For what handles updates."""

    @property
    def arrived(self) -> asyncio.Event:
        """Set when something new may be in the inbox."""

    async def inbox(self, known: Collection[int], limit: int) -> list[Received]:
        """What is new in this process's parts, without the known ids, in order of arrival."""

    async def attempted(self, entry: Received, times: int) -> None:
        """Keep how often the handling of an update was attempted, which is counted before it is."""


class Responding(Protocol):
    """For what answers in the response to a request."""

    async def accept(self, arrivals: Sequence[Arrival]) -> None: ...

    async def mark(self, delivery: Delivery) -> None: ...

    async def take(self, arrival: Arrival, most: int, lease: float) -> list[Waiting] | None:
        """Take the first calls that answer an update for the response to its request; for `lease` seconds nobody sends them.

        None: the update has not been handled. The request repeated takes again what was sent in its response.
        """

    async def release(self, arrival: Arrival) -> None:
        """Let what is kept for the response to an update's request be sent at once."""


class Outbox(Shares, Protocol):
    """For what sends."""

    @property
    def posted(self) -> asyncio.Event:
        """Set when something new may be in the outbox."""

    async def outbox(self, channels: Collection[str], known: Collection[int], limit: int) -> list[Waiting]:
        """What waits in this process's parts for these channels, without the known ids, in order.

        What is still kept for the response to a request is not among it.
        """

    async def begin(self, entry: Waiting) -> bool:
        """Whether a call that was kept for a response is to be sent, since none has taken it. From now on none does."""

    async def waiting(self, channel: str, chat: str) -> int:
        """How many calls wait for a chat."""

    async def mark(self, delivery: Delivery) -> None:
        """Store what became of an attempt to send."""


class Conversations(Finishes, Results, Notes, Protocol):
    """For what answers."""

    async def conversation(self, address: Address) -> Conversation: ...

    async def group_of(self, channel: str, chat: str) -> Group | None:
        """What is set for a group and remembered of it, None for one that is new."""

    async def ticket(self, id: int) -> Ticket | None: ...

    def belongings(self, address: Address) -> Coroutine[Any, Any, Belongings]:
        """All that is kept of a merchant."""


class Tickets(Finishes, Protocol):
    """For what carries words between merchants and consultants."""

    async def ticket(self, id: int) -> Ticket | None: ...

    async def ticket_at(self, channel: str, chat: str, message: str) -> Ticket | None:
        """The ticket to which a message on a platform belongs."""

    async def tickets_left(self, channel: str, old: str, new: str) -> list[Ticket]:
        """The open tickets that begin in a chat which has become another, at most a hundred, the last heard first."""


class Pages(Shares, Results, Protocol):
    """For a chat whose page reads what was said."""

    async def accept(self, arrivals: Sequence[Arrival]) -> None: ...

    async def history(self, channel: str, chat: str, after: int | None, limit: int) -> list[Posted]:
        """What was put into the outbox for a chat: the next after an id, or for None the newest; in order."""

    async def newest(self, channel: str, chats: Collection[str]) -> dict[str, int]:
        """The id of the last call put into the outbox for each of these chats that has one."""

    async def kept(self, name: str, value: str) -> str:
        """What is kept under a name, the same for all processes; this value from now on if nothing was."""

    def belongings(self, address: Address) -> Coroutine[Any, Any, Belongings]: ...


class Broadcasts(Protocol):
    """For what is shared with many."""

    async def subscribers(self, subject: str | None) -> list[Subscriber]:
        """Who gets what is shared of a subject, None for any; each once."""

    async def broadcast(self, name: str, outgoing: Sequence[Outgoing]) -> int:
        """Put a broadcast's calls into the outbox for those chats that were not given it yet. Returns how many."""

    async def broadcast_sent(self, name: str) -> Sent:
        """How a broadcast stands."""


class Upkeep(Leases, Protocol):
    """For housekeeping."""

    async def prune(self, table: str, before: float, after: Key | None) -> Key | None:
        """Delete what is finished and older than a time, in Unix seconds, of a table's next few hundred rows after a key.

        Returns the key from which to go on; None: there is nothing old further on.
        """

    async def tidy(self, now: float) -> None:
        """Delete copies and calls whose time is over at a moment in Unix seconds, and what files still hold of deleted rows."""


class Rows(Protocol):
    """For copies."""

    async def rows(self, table: str, after: Key | None) -> list[Sequence[Any]]:
        """A table's next few hundred rows after a key, in the order of the keys: the key, then the columns of its sheet."""


class Health(Results, Protocol):
    """For what watches a process."""

    async def queues(self) -> Queues:
        """What waits and what was given up; cheap."""


class Operations(Protocol):
    """For an operator."""

    async def status(self) -> Status: ...

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


class Store(
    Intake, Inbox, Responding, Outbox, Conversations, Tickets, Pages, Broadcasts, Upkeep, Rows, Health, Operations, Protocol
):  # fmt: skip
    """A database: all of it, for what opens one, deals it out and closes it.

    A process works on the chats of its `parts` alone, and loses them at once when it loses the database.
    """

    async def claim(self, busy: Callable[[], Collection[int]]) -> frozenset[int]:
        """Take this process's fair share of the parts, and give back what is too much and not `busy`. Called often.

        Where a process was killed that had a part, one attempt is counted for whatever it may have been handling: of
        each chat the first update.
        """

    async def close(self) -> None: ...
