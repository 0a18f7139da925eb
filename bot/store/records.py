"""The store's records: updates, turns, calls to platforms, and the counts of them."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from bot.model import Address, Consent, Conversation, Group, Language, Result, Subscribing, Ticket

PARTS = 64  # chats are distributed among processes in parts; part numbers are stored, so this must not change
IN_RESPONSE = "response"  # the platform id of a call sent in the response to a request
MORE_WAITS = f"{IN_RESPONSE}+"  # that of the last one, if further calls of its chat wait for another response
# Added to the time for which a call is kept: it is sent in no other way than in a response, of any request of its chat
# after that time.
PARKED = 1e11
# The error of an update whose handling was interrupted too often.
INTERRUPTED = "handling this was interrupted three times: the process was killed or hung in the middle of it"


class StoreError(Exception):
    """The database cannot be used; the message gives the reason and what to do."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A platform's update, stored before it is acknowledged; `key` identifies duplicate deliveries.

    The payload is JSON in the channel's own format, as is that of a call.
    """

    key: str
    channel: str
    chat: str
    payload: str


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the inbox or the outbox."""

    id: int
    channel: str
    chat: str
    payload: str


@dataclass(frozen=True, slots=True)
class Received(Entry):
    """An unhandled update in the inbox.

    `attempts` is the number of attempts that may have killed a process. It is set to 1 when a process takes over from
    one that was killed, and from then on increased before each attempt.
    """

    attempts: int = 0


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A call to a platform, to be put into the outbox; lower priority numbers are sent first.

    `ticket` is the ticket of the resulting message. `passing` is the number of seconds after which a finished call is
    deleted, None for never. `kept` is the number of seconds for which it is reserved for the response to the request;
    a `parked` one then waits for the response to any later request of its chat.
    """

    channel: str
    chat: str
    payload: str
    priority: int = 0
    ticket: int | None = None
    passing: float | None = None
    kept: float = 0.0
    parked: bool = False


@dataclass(frozen=True, slots=True)
class Waiting(Entry):
    """A call in the outbox that has not succeeded yet; `not_before` and `made` are Unix seconds."""

    attempts: int
    not_before: float
    made: float
    priority: int = 0
    ticket: int | None = None
    passing: float | None = None

    @property
    def is_kept(self) -> bool:
        """True if the call was kept for a response, which may have taken it; `begin` it in the store before sending."""
        return self.attempts == 0 and self.not_before > 0


@dataclass(frozen=True, slots=True)
class Taken:
    """The calls taken for a response, in order; `more`: further calls of the chat wait for another response."""

    calls: tuple[Waiting, ...] = ()
    more: bool = False


@dataclass(frozen=True, slots=True)
class TicketMessage:
    """A platform's message that belongs to a ticket."""

    ticket: int
    channel: str
    chat: str
    message: str


@dataclass(frozen=True, slots=True)
class Event:
    """An event for reports. Only "feedback" and "solved" hold a merchant's words: the question whose answer they rated, and why."""

    kind: str
    data: dict[str, Any]


# Why a question is kept: nothing was found, choices were offered, or a known unknown was asked for.
Reason = Literal["unknown", "clarify", "known_unknown", "unhelpful", "corrected"]


@dataclass(frozen=True, slots=True)
class Question:
    """The masked words of a message that was not understood, or answered badly, for the editors; `until` is Unix seconds.

    `topic`: the known unknown that it asks for, or the topic that the merchant called unhelpful or a consultant corrected.
    """

    lang: Language
    words: str
    reason: Reason
    until: float
    topic: str = ""


SaidBy = Literal["merchant", "consultant", "note", "state"]


@dataclass(frozen=True, slots=True)
class TalkEntry:
    """An entry of a ticket's talk: by the merchant, by a consultant to them, or a `note` among consultants.

    A "state" tells what was done: its `kind` what, its `name` by whom. The `kind` of others is that of the message. `text` is
    Markdown where a consultant wrote it, else plain. `file` tells where its file is: the id of one that the store keeps, or else
    what its channel needs to fetch it. `cause` is the id of the update it came with, `account` that of the consultant, as tickets
    know them; `time` is Unix seconds.
    """

    ticket: int
    who: SaidBy
    text: str = ""
    name: str = ""
    kind: str = "text"
    file: str = ""
    cause: int | None = None
    account: str = ""
    id: int = 0
    time: float = 0.0


@dataclass(frozen=True, slots=True)
class Told:
    """A call to a merchant that belongs to no ticket; `cause` is the id of the update that it answers, `made` Unix seconds."""

    id: int
    cause: int | None
    payload: str
    made: float


@dataclass(frozen=True, slots=True)
class Person:
    """A merchant who was found: `last` is when something of them came last, in Unix seconds, `tickets` how many were found."""

    address: Address
    name: str = ""
    last: float = 0.0
    tickets: int = 0


@dataclass(frozen=True, slots=True)
class Lead:
    """A merchant who agreed that a consultant writes to them; without the consent, they have taken it back since."""

    address: Address
    name: str
    lang: Language
    consent: Consent | None = None
    ticket: Ticket | None = None

    @property
    def since(self) -> float:
        return self.consent.at if self.consent else self.ticket.opened if self.ticket else 0.0


TicketList = Literal["open", "mine", "closed"]


@dataclass(frozen=True, slots=True)
class Expected:
    """A ticket as whoever acts on it has seen it: open, with this holder and so many answers."""

    ticket: int
    holder: str
    answers: int


@dataclass(frozen=True, slots=True)
class Handled:
    """A turn, stored in one transaction.

    - `entry`: the turn's update; unless it is still new, nothing is stored, so that no turn counts twice.
    - `expects`: unless the ticket is still as expected, nothing is stored, so that no two consultants act unaware.
    - `error`: the traceback of a failed turn, whose update stays as a dead letter.
    - `erase`: erase all data of the address before storing the rest.
    - `group`: the state of the address's chat, if that is a group.
    - `moved_to`: the new id of the address's chat. Its settings move there, and its tickets get a new first message,
      since message ids differ there.
    - `opens`, `closes`: tickets. None is opened if the merchant has an open one that this turn does not close.
    - `belongs`: a consultant's message, and its ticket.
    - `claims`: who has tickets; `answers`: the ticket with a consultant's answer; `solves`: the
      ticket of which its merchant says "yes" or "no" to whether it was solved; `reminds`: the tickets of which
      consultants are reminded; `shows`: tickets and the calls that show their cards; `drafts`: new or changed drafts.
    - `said`: what was said in tickets' talks.
    - `notes`: names and values to remember; `own_notes` those of the person, erased and pruned with them.
    - `question`: what the merchant asked in vain.
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
    claims: tuple[Claim, ...] = ()
    answers: int | None = None
    solves: tuple[int, str] | None = None
    reminds: tuple[int, ...] = ()
    shows: tuple[tuple[int, str], ...] = ()
    drafts: tuple[Draft, ...] = ()
    notes: tuple[tuple[str, str], ...] = ()
    own_notes: tuple[tuple[str, str], ...] = ()
    question: Question | None = None
    said: tuple[TalkEntry, ...] = ()
    expects: Expected | None = None

    def adding(
        self,
        outgoing: Iterable[Outgoing] = (),
        *,
        events: Iterable[Event] = (),
        said: Iterable[TalkEntry] = (),
        drafts: Iterable[Draft] = (),
    ) -> Handled:
        """Return the turn with further calls, events, entries of the talk, and drafts."""
        return replace(
            self,
            outgoing=(*self.outgoing, *outgoing),
            events=(*self.events, *events),
            said=(*self.said, *said),
            drafts=(*self.drafts, *drafts),
        )

    @property
    def heard_tickets(self) -> frozenset[int]:
        """The tickets with a message in this turn; a reminder is none."""
        heard = frozenset(out.ticket for out in self.outgoing if out.ticket is not None)
        heard |= {one.ticket for one in self.said if one.who in ("merchant", "consultant")}
        return heard.difference(self.reminds)


State = Literal["waiting", "sent", "dead", "gone", "dropped"]


@dataclass(frozen=True, slots=True)
class Delivery:
    """The outcome of a send attempt.

    "gone" ends all waiting calls of the chat; `moved_to` moves them to the chat's new id. `not_before` is Unix seconds.
    `parked`: it waits for the response to the chat's next request.
    """

    entry: Waiting
    state: State
    not_before: float = 0.0
    platform_id: str | None = None
    error: str | None = None
    moved_to: str | None = None
    parked: bool = False

    @property
    def is_passing(self) -> bool:
        """True if the call must be deleted at once."""
        return self.entry.passing == 0 and self.state != "waiting"


Write = tuple[Arrival, ...] | Handled | Delivery


@dataclass(frozen=True, slots=True)
class Posted:
    """A call in the outbox, whatever its state; `made` is Unix seconds."""

    id: int
    payload: str
    made: float


@dataclass(frozen=True, slots=True)
class Shown:
    """A ticket's sent call; `cause` is the id of the update that it answers, `platform_id` that of the platform's message."""

    channel: str
    chat: str
    payload: str
    cause: int | None
    platform_id: str | None


@dataclass(frozen=True, slots=True)
class Marks:
    """The progress of a merchant's messages of a ticket, each as the newest call of their turns, 0 for none.

    `seen`: a consultant has claimed the ticket or answered since. `writing`: a consultant is changing a draft.
    """

    delivered: int
    seen: int
    writing: bool


DraftState = Literal["offered", "edited", "sent", "changed", "wrong"]


@dataclass(frozen=True, slots=True)
class Draft:
    """The assistant's answer to a merchant's question, shown to consultants; `id` is that of the question's update.

    `answer` is in the merchant's language. `consultant` is the name of who sent it, changed it into `final`, or called it
    wrong; it is "edited" while they write.
    """

    id: int
    ticket: int
    question: str
    answer: str
    topics: tuple[str, ...] = ()
    state: DraftState = "offered"
    consultant: str = ""
    final: str = ""


@dataclass(frozen=True, slots=True)
class Claim:
    """The new holder of a ticket, "" for none."""

    ticket: int
    holder: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class DeskTopic:
    """A merchant's forum topic in the consultants' chat."""

    channel: str
    chat: str
    thread: str
    address: Address
    title: str = ""


@dataclass(frozen=True, slots=True)
class Occurred:
    """A stored event; `time` is Unix seconds."""

    time: float
    kind: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Belongings:
    """All stored data of a merchant; `others` contains further tables' rows, by their name in the exported file."""

    conversation: Conversation | None = None
    results: tuple[Result, ...] = ()
    events: tuple[Occurred, ...] = ()
    told: tuple[Posted, ...] = ()
    tickets: tuple[Ticket, ...] = ()
    subscriptions: tuple[str, ...] = ()
    others: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)

    def of(self, name: str) -> tuple[Any, ...]:
        """Return the rows of a field or of one of the others, by name."""
        found = getattr(self, name) if name in self.__dataclass_fields__ else self.others.get(name)
        return () if found is None else found if isinstance(found, tuple) else (found,)


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A subscriber's address and language."""

    address: Address
    lang: Language


@dataclass(frozen=True, slots=True)
class Sent:
    """A broadcast's number of calls that are waiting, sent, failed, and to gone chats."""

    waiting: int = 0
    sent: int = 0
    failed: int = 0
    gone: int = 0

    @property
    def all(self) -> int:
        return self.waiting + self.sent + self.failed + self.gone


BulletinState = Literal["draft", "running", "stopped", "done"]


@dataclass(frozen=True, slots=True)
class Bulletin:
    """A broadcast written in the console, to the subscribers of a subject with a language, "" for all of them.

    `name` is the hash of its text, `total` the number of receivers when it was begun, `made` Unix seconds.
    """

    id: int = 0
    name: str = ""
    en: str = ""
    zh: str = ""
    subject: str = ""
    lang: str = ""
    state: BulletinState = "draft"
    who: str = ""
    made: float = 0.0
    total: int = 0


Role = Literal["consultant", "editor", "owner"]
ROLES: tuple[Role, ...] = ("consultant", "editor", "owner")  # each may do what those before it may


@dataclass(frozen=True, slots=True)
class Staff:
    """A person who may use the console; `made` is Unix seconds, `sessions` the number of browsers signed in."""

    id: int
    name: str
    role: Role
    made: float = 0.0
    sessions: int = 0

    def may(self, role: Role) -> bool:
        """Return true if they may do what this role may."""
        return ROLES.index(self.role) >= ROLES.index(role)


@dataclass(frozen=True, slots=True)
class Change:
    """An entry of the audit log: who changed what, in words, with the state before and after; `time` is Unix seconds."""

    who: str
    did: str
    place: str = ""
    before: str = ""
    after: str = ""
    time: float = 0.0


@dataclass(frozen=True, slots=True)
class KeptQuestion:
    """A stored question; `time` is Unix seconds, `vector` its embedding's bytes once it was made."""

    id: int
    time: float
    lang: Language
    words: str
    reason: Reason
    topic: str
    vector: bytes | None = None


@dataclass(frozen=True, slots=True)
class DraftEdit:
    """An edit that is not published yet, as JSON; `time` is Unix seconds."""

    id: int
    time: float
    who: str
    edit: str


@dataclass(frozen=True, slots=True)
class Publication:
    """A publication: its changes in words, and the files before and after, both as JSON; `time` is Unix seconds."""

    id: int
    time: float
    who: str
    told: str
    files: str


@dataclass(frozen=True, slots=True)
class Activity:
    """The messages by verdict since a time, by minute of the last hour, and the waiting tickets."""

    verdicts: Mapping[str, int]
    minutes: tuple[int, ...]  # of the last hour, oldest first
    tickets: int
    unknowns: Mapping[str, int]  # known unknowns asked for, by id


@dataclass(frozen=True, slots=True)
class Sum:
    """The count of an event on a day (an ISO date; "": on several); `total` sums its measured value, such as seconds."""

    day: str
    kind: str
    name: str
    detail: str
    count: int
    total: float


@dataclass(frozen=True, slots=True)
class Turnout:
    """The number of merchants who wrote: different ones in all, and on each day."""

    people: int
    days: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Letter(Entry):
    """A call that was given up, for operators; `made` is Unix seconds."""

    state: str
    attempts: int
    made: float
    error: str


@dataclass(frozen=True, slots=True)
class Failure(Entry):
    """A failed update, for operators; `arrived` is Unix seconds, `error` the traceback."""

    arrived: float
    error: str


@dataclass(frozen=True, slots=True)
class Queues:
    """Counts of waiting and given up entries in inbox and outbox, and the oldest waiting one's time in Unix seconds."""

    inbox: int
    inbox_since: float | None
    inbox_dead: int
    outbox: int
    outbox_since: float | None
    outbox_dead: int
    outbox_gone: int


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy of the database from before a migration; `made` and `until`, when it is deleted, are Unix seconds."""

    path: Path
    made: float
    until: float


@dataclass(frozen=True, slots=True)
class Ratings:
    """The ratings of answers in the last week: helped, did not help, and the last of the latter: (question, word)."""

    yes: int = 0
    no: int = 0
    unhelped: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Status:
    """A database's status for operators: serving processes, schema, size, queues, rows and recent answers.

    `exposed` lists its files and folder that other users of this machine can open.
    """

    serving: int
    schema: int
    size: int  # bytes
    queues: Queues
    rows: Mapping[str, int]  # by table
    last_day: Mapping[str, int]  # answers by verdict
    last_week: Mapping[str, int]
    ratings: Ratings = Ratings()
    interrupted: int = 0  # dead updates with the error INTERRUPTED
    copies: tuple[Copy, ...] = ()
    exposed: tuple[Path, ...] = ()


def part_of(channel: str, chat: str) -> int:
    """Return a chat's part, from 0 to PARTS - 1."""
    return zlib.crc32(f"{channel}:{chat}".encode()) % PARTS
