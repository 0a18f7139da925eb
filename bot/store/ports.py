"""The interfaces of a store, one per client.

Writes are durable on return, and calls wait while the database is unavailable. They raise StoreError if the database
cannot be used at all, or if a write can never succeed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Coroutine, Iterable, Mapping, Sequence
from datetime import date, tzinfo
from typing import Any, Protocol

from bot.model import Address, Conversation, Group, KeptFile, Result, Ticket
from bot.store.records import (
    Activity,
    Arrival,
    Belongings,
    Bulletin,
    BulletinState,
    Change,
    Delivery,
    DeskTopic,
    Draft,
    DraftEdit,
    Failure,
    Handled,
    KeptQuestion,
    Lead,
    Letter,
    Marks,
    Outgoing,
    Person,
    Posted,
    Publication,
    Queues,
    Received,
    Role,
    Sent,
    Shown,
    Staff,
    Status,
    Subscriber,
    Sum,
    Taken,
    TalkEntry,
    TicketList,
    Told,
    Turnout,
    Waiting,
)
from bot.store.tables import Key


class Leases(Protocol):
    """Named leases, each held by one process."""

    async def lease(self, name: str) -> bool:
        """Return true if this process holds the named lease, for example for polling; it ends with the connection."""


class Shares(Protocol):
    """A process's share of the chats."""

    @property
    def parts(self) -> frozenset[int]:
        """The parts whose chats this process serves now."""


class Finishes(Protocol):
    """Storing turns."""

    async def finish(self, turn: Handled) -> bool:
        """Store a turn. Returns false, with nothing stored, if its entry was already finished, or its ticket is not as expected."""


class Results(Protocol):
    """Results of checks, by code."""

    async def result(self, code: str) -> Result | None: ...


class Notes(Protocol):
    """Named values."""

    async def recall(self, name: str) -> str | None:
        """Return the value of a name, or None."""

    async def remember(self, name: str, value: str, whose: Address | None = None) -> None:
        """Set the value of a name; with `whose`, it is erased with that person's data, and pruned."""


class Intake(Leases, Notes, Protocol):
    """For the channels' intakes."""

    async def accept(self, arrivals: Sequence[Arrival]) -> None:
        """Store updates in order; duplicates are ignored."""


class Inbox(Shares, Finishes, Protocol):
    """For the dispatcher."""

    @property
    def arrived(self) -> asyncio.Event:
        """Set when the inbox may have new updates."""

    async def inbox(self, known: Collection[int], limit: int) -> list[Received]:
        """Return up to `limit` new updates of this process's parts, without the known ids, in order of arrival."""

    async def set_attempts(self, entry: Received, times: int) -> None:
        """Set the number of attempts to handle an update, before the next one starts."""


Choose = Callable[[Sequence[str]], int]  # how many of the first calls, given by their payloads, fit into a response


class Responding(Protocol):
    """For channels that answer in the response to a request."""

    async def accept(self, arrivals: Sequence[Arrival]) -> None: ...

    async def mark(self, delivery: Delivery) -> None: ...

    async def take(self, arrival: Arrival, choose: Choose, lease: float | None) -> Taken | None:
        """Take the calls for the response to an update's request: of those that answer it, after those parked for any
        response of its chat, as many of the first as `choose` says.

        A repeated request takes the same calls again. They count as sent at once without a `lease`, since the platform
        repeats its request if the response does not arrive; else the sender leaves them alone for so many seconds, until
        they are marked. Returns None if the update has not been handled yet.
        """

    async def give_back(self, calls: Sequence[Waiting], lease: float) -> None:
        """Take back that calls were sent, since their response was not; the sender leaves them alone for `lease` seconds."""

    async def release(self, arrival: Arrival) -> None:
        """Release the calls kept for the response to an update's request: to be sent at once, or parked ones for the next."""

    async def is_parked(self, channel: str, chat: str) -> bool:
        """Return true if calls of a chat wait for the response to its next request."""

    async def arrival_time(self, arrival: Arrival) -> float | None:
        """Return when an update was stored first (Unix seconds), or None if it was not."""


class Outbox(Shares, Protocol):
    """For the sender."""

    @property
    def posted(self) -> asyncio.Event:
        """Set when the outbox may have new calls."""

    async def outbox(self, channels: Collection[str], known: Collection[int], limit: int) -> list[Waiting]:
        """Return up to `limit` waiting calls of this process's parts and these channels, by priority and age.

        The known ids and the calls still kept for a response are left out.
        """

    async def begin(self, entry: Waiting) -> bool:
        """Claim a call kept for a response before sending it. Returns false if a response has taken it."""

    async def waiting_count(self, channel: str, chat: str) -> int:
        """Return the number of waiting calls of a chat."""

    async def mark(self, delivery: Delivery) -> None:
        """Store the outcome of a send attempt."""

    async def park(self, entry: Waiting) -> None:
        """Leave a call to the response to the next request of its chat."""


class Conversations(Finishes, Results, Notes, Protocol):
    """For the assistant."""

    async def conversation(self, address: Address) -> Conversation: ...

    async def group_of(self, channel: str, chat: str) -> Group | None:
        """Return a group's settings and state, or None for a new group."""

    async def ticket(self, id: int) -> Ticket | None: ...

    def belongings(self, address: Address) -> Coroutine[Any, Any, Belongings]:
        """Return all stored data of a merchant."""


class DeskTopics(Notes, Protocol):
    """For the merchants' forum topics at the desk."""

    async def ticket(self, id: int) -> Ticket | None: ...

    async def ticket_calls(self, ticket: int) -> list[Shown]:
        """Return the sent calls of a ticket, in order."""

    async def card_call(self, ticket: int) -> str:
        """Return the call that shows a ticket's card as it is now, or ""."""

    async def topic_of(self, channel: str, chat: str, address: Address) -> DeskTopic | None:
        """Return a merchant's topic in a chat, or None."""

    async def keep_topic(self, topic: DeskTopic, ticket: int) -> None:
        """Store a merchant's topic, in place of an earlier one in its chat, whose messages stay the merchant's.

        The topic's id is that of its first message, which belongs to the ticket.
        """

    async def move_card(self, ticket: int, channel: str, chat: str, message: str) -> None:
        """Store the message that now shows a ticket's card."""


class Files(Protocol):
    """For the files between merchants and consultants."""

    async def keep_file(self, address: Address, file: KeptFile, content: bytes, most: int) -> bool:
        """Store a merchant's file, or a consultant's to them; an existing one stays.

        Returns false, with nothing stored, if all files together would have more than `most` bytes.
        """

    async def file(self, id: str) -> tuple[Address, KeptFile] | None:
        """Return a file's owner and description, or None."""

    async def file_content(self, id: str) -> bytes | None:
        """Return a file's content, or None if it was erased."""


class Tickets(Finishes, Notes, Files, Protocol):
    """For the handoff between merchants and consultants."""

    async def ticket(self, id: int) -> Ticket | None: ...

    async def ticket_calls(self, ticket: int) -> list[Shown]:
        """Return the sent calls of a ticket, in order."""

    async def talk(self, ticket: int) -> list[TalkEntry]:
        """Return the last some hundred entries of a ticket's talk, in order."""

    async def latest_ticket(self, address: Address) -> Ticket | None:
        """Return a merchant's open ticket, or else their latest one."""

    async def open_tickets(self, limit: int) -> list[Ticket]:
        """Return up to `limit` open tickets, oldest first."""

    async def draft(self, id: int) -> Draft | None: ...

    async def topic_of(self, channel: str, chat: str, address: Address) -> DeskTopic | None: ...

    async def topic_at(self, channel: str, chat: str, thread: str) -> DeskTopic | None:
        """Return the topic with this id, if it is a merchant's."""

    async def ticket_at(self, channel: str, chat: str, message: str) -> Ticket | None:
        """Return the ticket of a platform's message, or None."""

    async def tickets_left(self, channel: str, old: str, new: str) -> list[Ticket]:
        """Return up to 100 open tickets whose first message is in a chat that has a new id, most recent first."""


class Pages(Shares, Results, Files, Protocol):
    """For the web chat's pages."""

    async def accept(self, arrivals: Sequence[Arrival]) -> None: ...

    async def history(
        self, channel: str, chat: str, after: int | None, limit: int, before: int | None = None
    ) -> list[Posted]:
        """Return up to `limit` calls of a chat in order: the next ones after an id, or the newest for None (`before` an id)."""

    async def newest(self, channel: str, chats: Collection[str]) -> dict[str, int]:
        """Return the id of the newest call of each chat; chats without calls are left out."""

    async def kept(self, name: str, value: str) -> str:
        """Return the value of a name, the same for all processes; `value` is stored first if there is none."""

    def belongings(self, address: Address) -> Coroutine[Any, Any, Belongings]: ...

    async def open_ticket(self, address: Address) -> Ticket | None:
        """Return a merchant's open ticket, or None."""

    async def marks(self, ticket: Ticket) -> Marks:
        """Return the progress of a merchant's messages of a ticket."""

    async def last_waits(self, limit: int) -> list[float]:
        """Return the seconds in which consultants first answered the newest tickets that they answered."""


class Broadcasts(Protocol):
    """For broadcasts."""

    async def subscribers(self, subject: str | None) -> list[Subscriber]:
        """Return the subscribers of a subject, or of any subject for None, without duplicates."""

    async def broadcast(self, name: str, outgoing: Sequence[Outgoing]) -> int:
        """Put a broadcast's calls into the outbox, except for chats that already have it. Returns the number added."""

    async def broadcast_sent(self, name: str) -> Sent:
        """Return a broadcast's counts by outcome."""


class Bulletins(Broadcasts, Leases, Protocol):
    """For the console's broadcasts."""

    async def save_bulletin(self, bulletin: Bulletin) -> int | None:
        """Store a draft, a new one for id 0. Returns its id, or None if it was begun or dropped meanwhile."""

    async def bulletins(self, limit: int) -> list[Bulletin]:
        """Return the newest broadcasts, newest first."""

    async def bulletin(self, id: int) -> Bulletin | None: ...

    async def move_bulletin(
        self, id: int, before: Sequence[BulletinState], state: BulletinState, total: int | None = None
    ) -> bool:
        """Change the state of a broadcast if it is one of `before`. Returns false if it is not."""

    async def drop_bulletin(self, id: int) -> None:
        """Delete a draft; a broadcast that was begun stays."""


class Upkeep(Leases, Protocol):
    """For housekeeping."""

    async def prune(self, table: str, before: float, after: Key | None) -> Key | None:
        """Delete the rows finished before a time (Unix seconds) among a table's next few hundred rows after a key.

        Returns the key to continue from, or None if no older rows follow.
        """

    async def tidy(self, now: float) -> None:
        """Delete copies and calls that have expired by `now` (Unix seconds), drop calls that have been parked for a month, and
        wipe deleted rows from the files."""

    async def count_old(self) -> bool:
        """Count some events from before sums were kept. Returns false once there are none."""


class Rows(Protocol):
    """For exports."""

    async def rows(self, table: str, after: Key | None) -> list[Sequence[Any]]:
        """Return a table's next few hundred rows after a key, in key order: the key, then its sheet's columns."""


class Health(Results, Protocol):
    """For health checks and metrics."""

    async def probe(self) -> None:
        """Write a row. Raises StoreError if the database keeps nothing any more; waits while it is unavailable."""

    @property
    def trouble(self) -> str:
        """The reason while the database is unavailable, else ""."""

    async def queues(self) -> Queues:
        """Return the numbers of waiting and given up entries; a cheap query."""


class Operations(Protocol):
    """For an operator's commands."""

    async def status(self) -> Status: ...

    async def letters(self) -> list[Letter]:
        """Return the calls that were given up, oldest first."""

    async def retry(self, ids: Collection[int] | None) -> int:
        """Queue calls that were given up for sending again, all for None. Returns their number."""

    async def drop(self, ids: Collection[int] | None) -> int:
        """Drop calls that were given up, all for None. Returns their number."""

    async def failures(self) -> list[Failure]:
        """Return the failed updates, oldest first."""

    async def retry_failures(self, ids: Collection[int] | None) -> int:
        """Queue failed updates for handling again, all for None. Returns their number."""

    async def drop_failures(self, ids: Collection[int] | None) -> int:
        """Drop failed updates and their payload, all for None, but keep their keys. Returns their number."""


class People(Protocol):
    """For the staff's sign-in, and the log of their changes."""

    async def invite(self, name: str, role: Role | None, link: str, until: float) -> Staff | None:
        """Store a link by its digest, valid until a time (Unix seconds), for a person who is added or given the role.

        Without a role only a person who is there is given a link; returns None if there is none of this name.
        """

    async def sign_in(self, link: str, session: str, until: float) -> Staff | None:
        """Use a link up and begin a session until a time (Unix seconds), both by their digests. Returns None if it is not
        valid any more."""

    async def signed_in(self, session: str) -> Staff | None:
        """Return the person of a session, by its digest, or None."""

    async def sign_out(self, session: str) -> None: ...

    async def staff(self) -> list[Staff]: ...

    async def revoke(self, name: str) -> bool:
        """End a person's sessions and links for good. Returns false if there is none of this name."""

    async def log_change(self, change: Change) -> None: ...

    async def changes(self, limit: int) -> list[Change]:
        """Return the newest changes, newest first."""


class Questions(Protocol):
    """For the editors' list of unanswered questions."""

    async def questions(self, limit: int, after: int = 0) -> list[KeptQuestion]:
        """Return the newest open questions after an id, newest first."""

    async def question_ids(self, limit: int) -> list[int]:
        """Return the ids of the newest open questions; a cheap query."""

    async def last_words(self, limit: int) -> list[str]:
        """Return the words of the newest questions, settled or not, each once."""

    async def set_vectors(self, vectors: Sequence[tuple[int, bytes]]) -> None:
        """Store embeddings, by the questions' ids."""

    async def leave(self, questions: Collection[int]) -> None:
        """Take questions off the list, by their ids."""


class Drafts(Protocol):
    """For the editors' draft and publications."""

    async def edits(self) -> list[DraftEdit]:
        """Return the edits that are not published yet, in order."""

    async def add_edits(self, who: str, edits: Sequence[str]) -> None: ...

    async def drop_edits(self, ids: Collection[int]) -> None: ...

    async def publish(self, who: str, told: str, files: str, edits: Collection[int], settled: Collection[int]) -> None:
        """Store a publication, end its edits, and take the questions that it settles off the list."""

    async def publications(self, limit: int) -> list[Publication]:
        """Return the newest publications, newest first."""

    async def publication(self, id: int) -> Publication | None: ...


class Talks(Protocol):
    """For the console's pages of tickets."""

    async def ticket_list(self, which: TicketList, holder: str, limit: int, offset: int = 0) -> list[Ticket]:
        """Return the open tickets, or a holder's, who waits longest first; or the closed ones, newest first."""

    async def ticket_counts(self, holder: str) -> tuple[int, int, int]:
        """Return the numbers of open tickets, of a holder's, and of closed ones."""

    async def last_said(self, tickets: list[int]) -> dict[int, str]:
        """Return the merchants' last words in these tickets, by id."""

    async def said(self, ticket: int, id: int) -> TalkEntry | None:
        """Return an entry of a ticket's talk, or None."""

    async def told(self, channel: str, chat: str, limit: int) -> list[Told]:
        """Return the last calls to a chat that belong to no ticket, in order."""

    async def drafts_of(self, ticket: int) -> list[Draft]: ...

    async def newest_said(self, ticket: int | None) -> str:
        """Return a version that changes with each entry of a ticket's talk, or of any ticket's for None; a cheap query."""

    async def notes(self, prefix: str) -> dict[str, str]:
        """Return the values of the names that begin with a prefix, by the rest of the names."""


class Persons(Protocol):
    """For the console's pages of merchants."""

    async def find_people(self, text: str, limit: int) -> list[Person]:
        """Return the merchants whose name or address holds a text, or whose ticket has this number, the last heard of first."""

    async def leads(self, limit: int) -> list[Lead]:
        """Return the merchants who agreed to be written to, the last first."""


class Overview(Health, Protocol):
    """For the console's first page."""

    async def activity(self, since: float, now: float) -> Activity:
        """Return the activity since a time; both are Unix seconds."""


class Reports(Protocol):
    """For the reports, from the daily sums; days are those of the agency's `zone`."""

    zone: Callable[[], tzinfo] | None

    async def sums(self, first: date, last: date, kinds: Iterable[str], *, by_day: bool = False) -> list[Sum]:
        """Return the sums of some days, in all or for each day."""

    async def counts_since(self, first: date, kinds: Iterable[str]) -> dict[str, int]:
        """Return the count of each name of some kinds since a day."""

    async def told_since(self, facts: Mapping[str, date]) -> dict[str, int]:
        """Return for each fact how often it was told since a day of its own."""

    async def turnout(self, first: date, last: date) -> Turnout:
        """Return the number of merchants who wrote on some days."""


class Store(
    Intake, Inbox, Responding, Outbox, Conversations, DeskTopics, Tickets, Pages, Bulletins, Upkeep, Rows, Overview, Operations,
    People, Questions, Drafts, Reports, Talks, Persons, Protocol,
):  # fmt: skip
    """The complete store. A process serves only the chats of its `parts`, and loses them with its connection."""

    async def claim(self, busy: Callable[[], Collection[int]]) -> frozenset[int]:
        """Take or give back parts, up to this process's fair share; `busy` parts are kept. Called every second or so.

        For a part taken over from a killed process, an attempt is counted for the first update of each chat, which that
        process may have been handling.
        """

    async def close(self) -> None: ...
