"""The shared nouns of the assistant: who writes, what is written, what is answered."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")

OutcomeKind = Literal["answer", "clarify", "check", "unknown"]
Json = str | int | float | tuple[str | int | float, ...]  # an answer as JSON has it, a list as a tuple
MessageKind = Literal["text", "press", "picture", "voice", "file", "sticker", "other", "gone"]


@dataclass(frozen=True)
class Address:
    """Where a message comes from and its replies go: one merchant in one chat of one channel."""

    channel: str
    chat: str
    user: str

    def __str__(self) -> str:
        return f"{self.channel}:{self.chat}:{self.user}"

    @classmethod
    def of(cls, text: str) -> Address:
        """The address that was written out as this text."""
        channel, chat, user = text.split(":", 2)
        return cls(channel, chat, user)


@dataclass(frozen=True)
class Allowed:
    """How many messages a minute one person may write and how many are answered in one group, 0: any number.

    `over`: what becomes of a person's messages beyond that.
    """

    per_minute: float = 0
    over: Literal["drop", "queue"] = "drop"
    group_per_minute: float = 0


UNLIMITED = Allowed()


@dataclass(frozen=True)
class Terms:
    """What the operator's settings promise a merchant.

    The days for which what is known of him is kept, 0: for ever; whether a consultant can be reached from here; and how
    much may be written.
    """

    keep_days: float = 365
    consultant: bool = False
    allowed: Allowed = UNLIMITED


USUAL_TERMS = Terms()


Way = Literal["called", "command", "overheard", "joined", "left", "moved"]


@dataclass(frozen=True)
class InGroup:
    """What a message in a group is besides its words. `time` is Unix seconds; `me` what the assistant is called there.

    `way`: the assistant was called, a command was given that may be meant for others, something was said to others, or
    the assistant itself came or left, or the group became another chat, `moved_to`. `sees_all`: whether everything that
    is written there reaches the assistant.
    """

    way: Way
    time: float
    me: str = ""
    administrator: bool = False
    sees_all: bool = True
    moved_to: str | None = None


@dataclass(frozen=True)
class InBusiness:
    """The account to which a merchant writes: its connection, its owner, and whether the assistant may answer there.

    `writer` is who writes, since the owner does so in the same chat. `news`: the connection as it is from now on; nobody has said anything.
    """

    connection: str
    owner: str = ""
    may_reply: bool = False
    writer: str = ""
    news: str = ""

    @property
    def by_owner(self) -> bool:
        return self.writer == self.owner


@dataclass(frozen=True)
class Group:
    """What is set for a group and remembered of it; times are Unix seconds, `cooldown` and `quiet` minutes.

    `here`: the assistant is a member. `allowed`: the ids of the keyword rules that may be answered, None for all.
    `said`: when a rule was answered last. `attended`: when an administrator last wrote, who is taken for a consultant;
    for so many minutes as `quiet` says, keywords are left to him.
    """

    here: bool = True
    on: bool = True
    keywords: bool = True
    allowed: tuple[str, ...] | None = None
    lang: Language | None = None
    cooldown: int = 10
    quiet: int = 10
    said: tuple[tuple[str, float], ...] = ()
    attended: float = 0.0


@dataclass(frozen=True)
class Message:
    """What a merchant sent. `press` is the statement of a button; `hint` the language of his device, if known.

    `nonce` is random, different for every message: the only chance that handlers, which are pure, may use.
    Where messages can be edited, `sent` is the platform's id of the message, `at` when it was sent (Unix seconds), and
    `edited` says that these are its new words. `name` is what he calls himself. Of
    the kind "gone": he has blocked the assistant. `news`: the chat can be sent what nobody there has asked for.
    """

    address: Address
    text: str = ""
    id: str = ""
    kind: MessageKind = "text"
    press: str | None = None
    hint: Language | None = None
    nonce: str = ""
    sent: str = ""
    at: int = 0
    edited: bool = False
    group: InGroup | None = None
    business: InBusiness | None = None
    name: str = ""
    news: bool = True

    @property
    def calls_for_answer(self) -> bool:
        """Whether it is said to the assistant, and not in a group to others."""
        if self.kind == "gone":
            return False
        if self.business is not None:
            return self.business.may_reply and not self.business.by_owner
        return self.group is None or self.group.way == "called"


@dataclass(frozen=True)
class Button:
    """A choice offered with a reply. `says` is a whole statement, at most 64 bytes, so that a late press is understood.

    Where a number is asked for, buttons are not `numbered`: "1" is the answer then, not the first button. A `private`
    one, in a group, opens the private chat and says it there; nothing said is its beginning.
    """

    label: str
    says: str
    numbered: bool = True
    private: bool = False


@dataclass(frozen=True)
class Attachment:
    """A picture or a document that goes with a reply.

    "data" is what is kept of the merchant at the address that `path` names. It is gathered when it is sent, so that
    nothing waits in between; `content` holds it where it is read at once.
    """

    kind: Literal["picture", "file", "data"]
    path: str
    content: str = ""


@dataclass(frozen=True)
class Progress:
    """Where a check stands: its title, how many questions are answered, and roughly how many are left."""

    title: str
    done: int
    left: int


@dataclass(frozen=True)
class Reply:
    """One reply in Markdown, with what may be pressed and what is attached.

    For a channel that can draw them: the `progress` of a check, or the `verdict` and the `code` of the result it shows.
    `clears`: what was shown before goes away, as far as a channel can. `to`: the platform's id of the message that it
    answers, where that would not be plain. `source`: where an answer is from, in full, for a channel that can show it
    on request.
    """

    text: str
    buttons: tuple[Button, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    preview: bool = False
    progress: Progress | None = None
    verdict: str | None = None
    code: str = ""
    clears: bool = False
    to: str = ""
    source: str = ""


@dataclass(frozen=True)
class Candidate:
    """A topic that the message may be about, with its calibrated score between 0 and 1."""

    topic: str
    score: float


@dataclass(frozen=True)
class Outcome:
    """What was made of a message, for reports and tests: the parts of `merchant-bot ask --json`.

    `tentative`: the answer is only likely what was asked for. `facts` are those told, as "topic.fact", the first first.
    """

    kind: OutcomeKind
    topics: tuple[str, ...] = ()
    check: str | None = None
    score: float = 0.0
    candidates: tuple[Candidate, ...] = ()
    source: str | None = None
    date: str | None = None
    status: str | None = None
    tentative: bool = False
    facts: tuple[str, ...] = ()


@dataclass(frozen=True)
class CheckState:
    """A check that a merchant has begun: his answers as JSON has them, in the order given; all else follows from them.

    `run` tells this run from others. `asked` is the question put last, `chosen` what is ticked in it so far, `doubt` an
    answer to it that waits for a "yes". `go_on`: he wants to see the rest after not_eligible; `looked_over`: he has seen
    the summary; `result`: the code of the result given for these answers, and `until` the day it is valid to; `parked`:
    he has stopped it, and may go on later.
    """

    check: str
    run: str
    answers: tuple[tuple[str, Json], ...] = ()
    asked: str | None = None
    chosen: tuple[str, ...] | None = None
    doubt: Json | None = None
    go_on: bool = False
    looked_over: bool = False
    result: str | None = None
    until: str | None = None
    parked: bool = False


@dataclass(frozen=True)
class Result:
    """The result of a check as it was given; its code opens it for whoever has it. Dates are ISO dates.

    `rules` is the version of the check's rules under which it was made, `address` whose it is.
    """

    code: str
    check: str
    verdict: str
    en: str
    zh: str
    answers: tuple[tuple[str, Json], ...]
    rules: str
    made: str
    until: str
    address: str

    def text(self, lang: Language) -> str:
        return self.en if lang == "en" else self.zh


@dataclass(frozen=True)
class Heard:
    """A message that may be edited: the platform's id, a mark of its words, when it was sent (Unix seconds).

    `question` and `run` are those of the check that it answered.
    """

    id: str
    mark: str
    at: int = 0
    question: str | None = None
    run: str | None = None


@dataclass(frozen=True)
class Ticket:
    """A merchant's conversation with a consultant; `first` is the message with which it begins in the consultants' chat.

    `heard`: when either wrote last, in Unix seconds.
    """

    id: int
    address: Address
    lang: Language
    open: bool = True
    first: str | None = None
    heard: float = field(default=0.0, compare=False)


@dataclass(frozen=True)
class Exchange:
    """What a merchant said, and in a few words what he was answered: for the consultant to whom he may turn."""

    text: str
    answered: str


# What becomes of a message that concerns a ticket: it opens one, it goes to the consultant, it ends the ticket.
Handoff = Literal["open", "pass", "close"]


@dataclass(frozen=True)
class Conversation:
    """What is remembered of a chat between two messages.

    `unclear` is the question to which choices were just offered, `heard` the last messages, since they may be edited.
    `told` is what he said of his own case beside his last questions, for the check that he may begin.
    Until `silent_until` (Unix seconds) the owner of a business account answers himself.
    `recent` is what was said last, kept where a consultant can be reached; `ticket` is the one that is open.
    `cited` are the articles whose source was told in full, `last` the topics answered last ("topic/", "topic/detail" where a
    missing detail was asked for), and `rest` their facts that are left to tell ("topic/fact").
    """

    lang: Language | None = None
    topic: str | None = None
    offered: tuple[Button, ...] = ()
    check: CheckState | None = None
    unclear: str | None = None
    told: tuple[str, ...] = ()
    heard: tuple[Heard, ...] = ()
    silent_until: int = 0
    recent: tuple[Exchange, ...] = ()
    ticket: Ticket | None = None
    cited: tuple[str, ...] = ()
    last: tuple[str, ...] = ()
    rest: tuple[str, ...] = ()

    def with_(self, **changes: object) -> Conversation:
        return replace(self, **changes)  # type: ignore[arg-type]

    def anew(self) -> Conversation:
        """The same when it begins again: sources are told in full, and no answer came before."""
        return self.with_(cited=(), last=(), rest=())


@dataclass(frozen=True)
class Subscribing:
    """What a merchant wants of a subject that is shared from time to time, "" for all: to get it from now on, or no more."""

    subject: str
    on: bool


@dataclass(frozen=True)
class Turn:
    """The result of one message: replies, what was made of it, the conversation from then on, a check's result to keep.

    In a group, `group` is what is set and remembered there from then on, None where that has not changed.
    `erase`: everything that is kept of this merchant is to be erased, this turn too. `handoff`: what it does to his ticket,
    and `card` what the consultant is to read of it first. `lapsed` is the ticket that was open until this turn.
    """

    replies: tuple[Reply, ...]
    outcome: Outcome
    conversation: Conversation = field(default_factory=Conversation)
    keep: Result | None = None
    erase: bool = False
    group: Group | None = None
    handoff: Handoff | None = None
    card: str = ""
    subscribing: Subscribing | None = None
    lapsed: Ticket | None = None
