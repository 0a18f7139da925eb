"""The data model: addresses, messages, replies, conversations, turns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")
# Between the parts of a list, and between parts that are lists or sentences themselves.
COMMA: Mapping[Language, str] = {"en": ", ", "zh": "、"}
SEMICOLON: Mapping[Language, str] = {"en": "; ", "zh": "；"}

OutcomeKind = Literal["answer", "clarify", "check", "unknown"]
Json = str | int | float | tuple[str | int | float, ...]  # an answer's JSON value, lists as tuples
MessageKind = Literal["text", "press", "picture", "voice", "file", "sticker", "other", "gone"]


@dataclass(frozen=True)
class Address:
    """One merchant in one chat of one channel."""

    channel: str
    chat: str
    user: str

    def __str__(self) -> str:
        return f"{self.channel}:{self.chat}:{self.user}"

    @classmethod
    def of(cls, text: str) -> Address:
        """Parse the address from its text form."""
        channel, chat, user = text.split(":", 2)
        return cls(channel, chat, user)


@dataclass(frozen=True)
class Allowed:
    """Rate limits in messages a minute, per merchant and per group; 0 is unlimited.

    `over`: how a merchant's messages over the limit are handled.
    """

    per_minute: float = 0
    over: Literal["drop", "queue"] = "drop"
    group_per_minute: float = 0


UNLIMITED = Allowed()


@dataclass(frozen=True)
class Terms:
    """The operator's settings that concern merchants.

    `keep_days`: retention of a merchant's data in days, 0 for unlimited; `consultant`: a desk is connected.
    `keep_questions_days`: retention of the masked words of questions that were not understood, 0 for none.
    """

    keep_days: float = 365
    consultant: bool = False
    allowed: Allowed = UNLIMITED
    keep_questions_days: float = 30


USUAL_TERMS = Terms()


Way = Literal["called", "replied", "command", "overheard", "joined", "left", "moved"]


@dataclass(frozen=True)
class InGroup:
    """A message's context in a group. `time` is Unix seconds; `me` the assistant's name there.

    `way`: the assistant was addressed by name ("called"), its message was replied to, a command possibly meant for another
    bot was sent, members wrote to each other ("overheard"), the assistant joined or left, or the group moved to the chat `moved_to`. `sees_all`: the
    platform delivers all of the group's messages. `title` is the group's.
    """

    way: Way
    time: float
    me: str = ""
    administrator: bool = False
    sees_all: bool = True
    moved_to: str | None = None
    title: str = ""


@dataclass(frozen=True)
class InBusiness:
    """A message's context in a business account: its connection, its owner, and the assistant's right to reply.

    `writer`: the message's sender, possibly the owner. `news`: the connection's new state, for an update without a message.
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
    """A group's settings and state; times are Unix seconds, `cooldown` and `quiet` minutes.

    `here`: the assistant is a member. `replies`: replies to its messages are questions to it. `allowed`: the ids of the keyword rules to answer, None for all.
    `said`: the last answer of each rule. `attended`: the last message of an administrator, who counts as a consultant;
    for `quiet` minutes after it, keywords are left to them.
    """

    here: bool = True
    on: bool = True
    replies: bool = True
    keywords: bool = True
    allowed: tuple[str, ...] | None = None
    lang: Language | None = None
    cooldown: int = 10
    quiet: int = 10
    said: tuple[tuple[str, float], ...] = ()
    attended: float = 0.0


@dataclass(frozen=True)
class Message:
    """A merchant's message. `press` is the statement of a button; `hint` the language of their device, if known.

    `nonce`: a random number for each message, since handlers are pure. On platforms with edits, `sent` is the platform's
    message id, `at` the time sent (Unix seconds), and `edited` marks an edit's new text. `name` is the merchant's display
    name. The kind "gone" means that they have blocked the assistant. `news`: whether the chat can be sent news.
    `own_desk`: the platform has a consultants' desk of its own, to which it takes merchants over. `file`: what they sent, where
    the store keeps it.
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
    own_desk: bool = False
    file: KeptFile | None = None

    @property
    def calls_for_answer(self) -> bool:
        """Return true if the message is addressed to the assistant."""
        if self.kind == "gone":
            return False
        if self.business is not None:
            return self.business.may_reply and not self.business.by_owner
        return self.group is None or self.group.way in ("called", "replied")


@dataclass(frozen=True)
class Button:
    """A choice offered with a reply. `says` is a complete statement of up to 64 bytes, valid for late presses.

    Beside a question for a number, buttons are not `numbered`: "1" is an answer then. A `private` button in a group opens
    the private chat with this statement; "" opens it with /start.
    """

    label: str
    says: str
    numbered: bool = True
    private: bool = False


@dataclass(frozen=True)
class KeptFile:
    """A file between a merchant and a consultant, whose content the store keeps by its id.

    `type` is its media type, told by its content; `size` is in bytes.
    """

    id: str
    name: str
    type: str
    size: int

    @property
    def is_picture(self) -> bool:
        """True if a page can show it by itself."""
        return self.type in ("image/png", "image/jpeg", "image/gif", "image/webp")


@dataclass(frozen=True)
class Attachment:
    """A picture or a document sent with a reply.

    "data" is the export for the address `path`: gathered when it is sent, or already in `content`.
    """

    kind: Literal["picture", "file", "data"]
    path: str
    content: str = ""


@dataclass(frozen=True)
class Progress:
    """A check's progress: its title, the number of questions answered, and an estimate of those left."""

    title: str
    done: int
    left: int


@dataclass(frozen=True)
class Rating:
    """The buttons under an answer that say whether it helped; `prompted`: also where they take room, as in a chat's messages."""

    yes: Button
    no: Button
    prompted: bool = False


@dataclass(frozen=True)
class Reply:
    """One reply in Markdown, with its buttons and attachments.

    Optional hints for channels: the `progress` of a check; the `verdict`, its `sign` in words and the `code` of a result
    (a check with a single verdict has no sign); `clears`: remove the
    messages shown before; `to`: the platform's id of the message to quote; `source`: the answer's sources in full, to be
    shown on request; `transfer`: hand the merchant to the platform's own desk instead; `rating`: ask whether this helped;
    `file`: a consultant's, which the store keeps.
    """

    text: str
    buttons: tuple[Button, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    preview: bool = False
    progress: Progress | None = None
    verdict: str | None = None
    sign: str = ""
    code: str = ""
    clears: bool = False
    to: str = ""
    source: str = ""
    transfer: bool = False
    rating: Rating | None = None
    file: KeptFile | None = None


@dataclass(frozen=True)
class Candidate:
    """A candidate topic with its calibrated score, from 0 to 1."""

    topic: str
    score: float


@dataclass(frozen=True)
class Outcome:
    """The classification of a message, for reports, tests and `merchant-bot ask --json`.

    `tentative`: the answer is a likely match only. `facts`: the facts told, as "topic.fact", in order. `known_unknown`: the
    topic without an answer that was asked for. `fetched`: what was called by its name or opened by a link: "keyword spring",
    "course spring", "link k-spring".
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
    known_unknown: str | None = None
    fetched: tuple[str, ...] = ()


@dataclass(frozen=True)
class CheckState:
    """A check begun by a merchant: their answers as JSON values, in the order given.

    `run`: the run's tag. `asked`: the question put last; `chosen`: its options ticked so far; `doubt`: a reading of its
    answer that needs confirmation; `passed`: the question beside which something else was told; `reminded`: that it was said, too, that it can be answered any time. `go_on`: the merchant
    continues after not_eligible; `looked_over`: they have seen the summary; `result`: the code of the result for these
    answers, valid until the day `until`; `parked`: the check is stopped and can be resumed; `ended`: there was a result,
    whatever was answered since.
    """

    check: str
    run: str
    answers: tuple[tuple[str, Json], ...] = ()
    asked: str | None = None
    chosen: tuple[str, ...] | None = None
    doubt: Json | None = None
    passed: str | None = None
    reminded: str | None = None
    go_on: bool = False
    looked_over: bool = False
    result: str | None = None
    until: str | None = None
    parked: bool = False
    ended: bool = False


@dataclass(frozen=True)
class Reason:
    """A reason of a verdict, with its sign and, in words, its source."""

    sign: str
    text: str
    source: str


@dataclass(frozen=True)
class Section:
    """A list of a result: its heading, the sign before each line, and the lines."""

    heading: str
    sign: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Sheet:
    """A result in one language and in its parts, to be laid out on a page. Its texts are Markdown.

    `sign`: the verdict in words; `answers`: pairs of a question's name and its answer; `notes`: the last word, and what is to
    be known of the sources.
    """

    title: str
    sign: str
    headline: str
    answers: tuple[tuple[str, str], ...] = ()
    reasons: tuple[Reason, ...] = ()
    sections: tuple[Section, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Result:
    """A check's result as given; anyone with its code can open it. Dates are ISO dates.

    `rules`: the version of the check's rules; `address`: the merchant's. Results of earlier versions have no sheets.
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
    en_sheet: Sheet | None = None
    zh_sheet: Sheet | None = None

    def sheet(self, lang: Language) -> Sheet | None:
        return self.en_sheet if lang == "en" else self.zh_sheet

    def text(self, lang: Language) -> str:
        return self.en if lang == "en" else self.zh


@dataclass(frozen=True)
class Heard:
    """The record of a message that may be edited: the platform's id, its text's hash, the time sent (Unix seconds).

    `question` and `run`: the question that it answered, and its check's run.
    """

    id: str
    mark: str
    at: int = 0
    question: str | None = None
    run: str | None = None


@dataclass(frozen=True)
class Ticket:
    """A merchant's conversation with a consultant; `first` is its first message in the consultants' chat.

    `heard`: the last message of either side, in Unix seconds, as are `opened` and `answered`, the consultants' first answer.
    `name`: the merchant's. `holder`: the id of the consultant who has it, "" if nobody has, and their name. `reminded`: how
    often consultants were reminded that nobody has it. `card`: what it was opened with, in Markdown. `lead`: the merchant agreed
    that a consultant may write to them; until one has, the assistant goes on answering. `solved`: what they said of it, "yes" or "no".
    `answers`: how many answers it has; `waits`: since when the merchant waits for one, None while they do not.
    """

    id: int
    address: Address
    lang: Language
    open: bool = True
    first: str | None = None
    heard: float = field(default=0.0, compare=False)
    name: str = ""
    holder: str = ""
    holder_name: str = ""
    opened: float = field(default=0.0, compare=False)
    answered: float | None = field(default=None, compare=False)
    reminded: int = 0
    card: str = ""
    lead: bool = False
    solved: str = ""
    answers: int = field(default=0, compare=False)
    waits: float | None = field(default=None, compare=False)

    @property
    def waits_for_consultant(self) -> bool:
        """True for a lead to which no consultant has written yet."""
        return self.lead and self.answered is None


@dataclass(frozen=True)
class Consent:
    """A merchant's consent to be written to by consultants: the words shown, the time (Unix seconds), the result's code."""

    told: str
    at: int
    code: str


@dataclass(frozen=True)
class Exchange:
    """A merchant's message and a summary of its answer, for a consultant."""

    text: str
    answered: str


@dataclass(frozen=True)
class Answered:
    """An answer that can be rated: its tag, the question and the topics told; `prompted`: the merchant was asked for a rating.

    With a `ticket`, it is a talk with a consultant.
    """

    tag: str
    question: str
    topics: tuple[str, ...] = ()
    prompted: bool = False
    ticket: int | None = None


@dataclass(frozen=True)
class Feedback:
    """What a merchant says of an answer, or of a talk with a consultant (its ticket): whether it helped, or, in a later message,
    what they missed."""

    helped: bool
    question: str
    topics: tuple[str, ...] = ()
    word: str = ""
    ticket: int | None = None


# A turn's effect on the ticket: open one, forward the message, close it; let a consultant write, or take that back.
Handoff = Literal["open", "pass", "close", "lead", "withdraw"]


@dataclass(frozen=True)
class Conversation:
    """A chat's state between two messages.

    `unclear`: the question whose clarification was just offered; `heard`: the last messages, for edits.
    `told`: facts of the merchant's own case beside their questions, for a later check.
    `silent_until` (Unix seconds): until then the business account's owner answers.
    `recent`: the last exchanges, if a desk is connected; `ticket`: the open one.
    `cited`: the articles cited in full; `last`: the topics answered last ("topic/", or "topic/part" for a part of it);
    `earlier`: topics answered before; `facts`: the facts told so far, the last ones ("topic/fact"); `referred`: that a gap was already said to be a consultant's or
    the official source's matter; `asked`: the last question, which a correction may be about; `shown` and `rest`: the last answers' facts told, and not told yet ("topic/fact").
    `talked`: the number of small-talk replies so far, so that their wordings change. `missed`: the questions not answered
    in a row; negative after a merchant has refused a consultant. `wished`: the language asked for in words of the other
    one. `origin`: the title of the topic, check or course whose link or poster brought them, `poster` what its link holds. `traditional`: Chinese is
    answered in traditional characters. `subscribed`: the subjects subscribed to.
    `answered`: the number of answers that could be rated; `answers`: the last of them, not rated yet; `unhelped`: the one that
    just was said not to help, of which the next message may say why. `consent`: that a consultant may write to them.
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
    shown: tuple[str, ...] = ()
    talked: int = 0
    missed: int = 0
    wished: Language | None = None
    traditional: bool = False
    subscribed: tuple[str, ...] = ()
    answered: int = 0
    answers: tuple[Answered, ...] = ()
    unhelped: Answered | None = None
    earlier: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    referred: bool = False
    asked: str | None = None
    origin: str = ""
    poster: str = ""
    consent: Consent | None = None

    def with_(self, **changes: object) -> Conversation:
        return replace(self, **changes)  # type: ignore[arg-type]

    def anew(self) -> Conversation:
        """Return the conversation without citations and last answers, for a new beginning."""
        return self.with_(
            cited=(), last=(), rest=(), shown=(), earlier=(), facts=(), referred=False, asked=None, answered=0
        )


@dataclass(frozen=True)
class Subscribing:
    """A subscription to a broadcast subject ("" for all), or its end."""

    subject: str
    on: bool


@dataclass(frozen=True)
class Turn:
    """The result of one message: replies, classification, the new conversation, and a check's result to store.

    `group`: the group's new state, None if unchanged. `erase`: erase the merchant's data, including this turn.
    `handoff`: the effect on the ticket; `card`: a new ticket's summary for the consultant, or the code of
    the result of which a consent is taken back; `lapsed`: the ticket closed
    by this turn because it was idle. `feedback`: what the merchant says of an answer.
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
    feedback: Feedback | None = None
