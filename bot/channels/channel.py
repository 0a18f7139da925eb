"""The channel protocol: read a platform's updates, write calls to its API, and make them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Collection, Coroutine, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from bot.model import Address, Button, KeptFile, Language, Message, MessageKind, Reply

if TYPE_CHECKING:
    from aiohttp import web

    from bot.assistant import Assistant
    from bot.channels.responses import Responses
    from bot.settings import Settings
    from bot.store import Store


NOTE = "//"  # begins what consultants write to each other


class Unreachable(Exception):
    """The platform cannot be used; the message gives the reason."""


class RetryLater(Exception):
    """The call failed for now and is to be repeated, after `seconds` if the platform gives a delay."""

    def __init__(self, why: str, seconds: float | None = None) -> None:
        super().__init__(why)
        self.seconds = seconds


class RecipientGone(Exception):
    """The chat no longer accepts messages."""


class CallRefused(Exception):
    """The platform rejects the call for good."""


class Parked(Exception):
    """The call can be sent only in the response to the chat's next request; `phrase` tells a consultant why, "" if they know."""

    def __init__(self, phrase: str = "") -> None:
        super().__init__(phrase)
        self.phrase = phrase


class TooLarge(CallRefused):
    """The file is larger than what is taken."""


class ChatMoved(CallRefused):
    """The chat has a new id, `to`, since its group became a supergroup."""

    def __init__(self, why: str, to: str) -> None:
        super().__init__(why)
        self.to = to


@dataclass(frozen=True)
class Rate:
    """One call per `interval` seconds, and `burst` calls at once after a pause. An interval of 0 sets no limit."""

    interval: float
    burst: float = 1


class Channel(ABC):
    """A platform. Payloads are its own JSON texts, stored unchanged in the inbox and the outbox.

    - `rate`: the limit of calls, for all processes together.
    - `retention`: seconds for which calls stay readable in the outbox once sent.
    - `responses`: the open requests, for platforms that take answers in the response.
    - `trouble`: why the platform cannot be used now, "" if it can, as far as this process knows.
    - `typing`: to be awaited when a merchant is typing; set by the service where there is a desk.
    - `shows_files`: true if `tell` shows a consultant's file that the store keeps.
    """

    name: str
    rate = Rate(0.0)
    retention = 0.0
    responses: Responses | None = None
    trouble = ""
    typing: Callable[[Address], Awaitable[None]] | None = None
    shows_files = False

    def chat_rate(self, chat: str) -> Rate:
        """Return the limit of calls to a chat."""
        return self.rate

    def counts(self, payload: str) -> bool:
        """Return true if the call counts towards the limits."""
        return True

    def join(self, payload: str, other: str) -> str | None:
        """Return one call for two of the same ticket that wait one after the other, or None if they cannot be joined."""
        return None

    def hold(self, payload: str) -> float:
        """Return for how many seconds after it was made a call waits for others to join it."""
        return 0.0

    @abstractmethod
    def read(self, payload: str) -> Message | None:
        """Return an update's message, or None if the update needs no answer."""

    async def complete(self, message: Message) -> Message | None:
        """Complete a message with facts requested from the platform, if it has any; None if it needs no answer.

        Raises RetryLater, RecipientGone, CallRefused.
        """
        return message

    def kept(self, payload: str) -> tuple[float, bool]:
        """Return for how many seconds the calls that answer an update are kept for its response, and if they are parked then."""
        return (self.responses.seconds if self.responses else 0.0), False

    def own_notes(self, payload: str) -> tuple[tuple[str, str], ...]:
        """Return the names and values to keep of an update's writer, together with its turn."""
        return ()

    def saw(self, payload: str) -> str | None:
        """Return the id of the consultant's message that a merchant has seen, if an update tells this, else None."""
        return None

    def file_in(self, payload: str) -> str:
        """Return the argument for `fetch` to get the file of an update's message, "" if it has none."""
        return ""

    async def fetch(self, file: str, most: int) -> tuple[str, bytes] | None:
        """Fetch a file of at most `most` bytes from the platform. Returns its name and content, or None if it is gone.

        Raises TooLarge, CallRefused, RetryLater.
        """
        return None

    def told(self, payload: str) -> list[tuple[Literal["merchant", "assistant"], str]]:
        """Return who says what in a stored call to a merchant, in Markdown or plain text."""
        return []

    @abstractmethod
    def write(self, payload: str, message: Message, replies: Sequence[Reply]) -> list[str]:
        """Return the calls that answer an update, in order; each is sent whole or not at all."""

    @abstractmethod
    def tell(self, chat: str, replies: Sequence[Reply], about: str = "") -> list[str]:
        """Return the calls that send unrequested replies, in order; each stores `about`."""

    @abstractmethod
    async def send(self, payload: str, chat: str) -> str | None:
        """Make a call; `chat` is the chat's current id, which may differ from the one in the payload.

        Returns the platform's id of the new message, if any; of a joined call, one of each message or of all together,
        separated by spaces. Raises RetryLater, RecipientGone, ChatMoved, Parked, CallRefused.
        """


@dataclass(frozen=True)
class DeskMessage:
    """A consultant's message at the desk; `to` is the id of the message it replies to.

    `thread` is the topic in which it stands, `user`, `name` and `username` are the consultant's.
    `edited` marks a change to an earlier message, `lost` a reply to a message of the bot whose id the platform withholds.
    `hint` is the language of the consultant's device. `markdown` is the text with its formatting. `what` is the name of its
    kind, and `described` what can be told of it in words. `to_assistant`: it replies to the assistant without its name, `calls_assistant`: it has its name.
    `in_merchants_topic`: it stands in a topic that was made for a merchant.
    """

    id: str
    to: str | None
    text: str
    kind: MessageKind = "text"
    edited: bool = False
    lost: bool = False
    hint: Language | None = None
    markdown: str = ""
    what: str = "text"
    described: str = ""
    to_assistant: bool = False
    calls_assistant: bool = False
    in_merchants_topic: bool = False
    thread: str | None = None
    user: str = ""
    name: str = ""
    username: str = ""

    @property
    def command(self) -> tuple[str, str] | None:
        """The command's name and the rest, if the message is one."""
        if not self.text.startswith("/") or self.text.startswith(NOTE):
            return None
        name, _, rest = self.text.partition(" ")
        return name.partition("@")[0][1:].lower(), rest.strip()


@dataclass(frozen=True)
class DeskPress:
    """A button pressed at the desk; `message` is the id of its message."""

    id: str
    says: str
    message: str
    thread: str | None
    user: str
    name: str
    username: str = ""


@dataclass(frozen=True)
class Card:
    """A ticket's card as it is shown: its text in Markdown, its buttons, and the topic's title; `new` posts it."""

    text: str
    buttons: tuple[Button, ...]
    title: str
    closed: bool = False
    new: bool = False


@dataclass(frozen=True)
class Suggestion:
    """The assistant's answer shown below a merchant's question, with the labels of its buttons: send, edit, wrong."""

    id: int
    text: str
    labels: tuple[str, str, str]


@dataclass(frozen=True)
class Labels:
    """The labels above a person's words in another chat: their name, marked if the words are corrected or forwarded.

    `instead` takes the name of a message's kind and its description, and returns the text that names a message which cannot
    be copied.
    """

    name: str
    corrected: str
    forwarded: Callable[[str], str]
    instead: Callable[[str, str], str]


class Desk:
    """The consultants' chat; its platform's channel sends its calls. Without a chat, consultants sit at the console alone.

    - `channel`, `chat`: the platform and the chat's current id, "" without a chat.
    - `trouble`: the name of the note that tells an operator why nothing can be sent there.
    - `topics`: true if each merchant has a topic of their own.
    """

    channel = chat = trouble = ""
    topics = False

    def reason(self, error: str) -> str:
        """Return the name of the phrase that tells why a platform's error kept a message from the merchant, or ""."""
        return ""

    def shows_presence(self, payload: str) -> Literal["sure", "likely", "no"]:
        """Tell whether an update of the desk's chat shows that the assistant may write there."""
        return "no"

    @property
    def chats(self) -> Collection[str]:
        """The chat's current id and its former one."""
        return ()

    def moved(self, old: str, new: str) -> tuple[str, str] | None:
        """Follow the desk's chat to its new id. Returns the (name, value) to store, or None for another chat."""
        return None

    def read(self, payload: str) -> DeskMessage | None:
        """Return the consultant's message in an update, or None if it cannot be addressed to a merchant."""
        return None

    def post(
        self, text: str, ticket: int | None = None, to: str | None = None, buttons: Sequence[Button] = ()
    ) -> list[str]:
        """Return the calls that post a Markdown text, as a reply to the ticket's first message or to the message `to`."""
        return []

    def show(self, ticket: int, name: str, text: str, file: KeptFile | None = None) -> list[str]:
        """Return the calls that show what somebody wrote elsewhere, in Markdown below their name, and a file of theirs."""
        return []

    def read_press(self, payload: str) -> DeskPress | None:
        """Return the button pressed at the desk in an update, or None."""
        return None

    def answer_press(self, press: DeskPress, text: str) -> str:
        """Return the call that answers a press; with a text, it is shown to the consultant alone."""
        return ""

    def card(self, ticket: int, card: Card) -> str | None:
        """Return the call that posts a ticket's card, or changes it; None where none is shown."""
        return None

    def settle(self, payload: str, draft: int, status: str) -> list[str]:
        """Return the calls that add a status to the message whose draft was pressed in an update, and take its buttons off."""
        return []

    def settled(self, payload: str, message: str, statuses: Mapping[int, str]) -> list[str]:
        """Return the calls that show on a sent call's message what became of its drafts, by id, and take their buttons off."""
        return []

    def drafts(self, payload: str) -> list[int]:
        """Return the ids of the drafts that a sent call shows."""
        return []

    def shows_merchant(self, payload: str) -> bool:
        """Return true if a call to the desk brings a merchant's message, or the card of a new ticket."""
        return False

    def link(self, thread: str | None, message: str | None) -> str:
        """Return the address of a topic or a message at the desk, or ""."""
        return ""

    async def admits(self, user: str, *, surely: bool = False) -> bool:
        """Return true if the person is a member of the desk's chat; if that cannot be found out, unless it has to be sure."""
        return not surely

    def pass_on(
        self, ticket: int, labels: Labels, message: Message, payload: str, suggestion: Suggestion | None = None
    ) -> list[str]:
        """Return the calls that copy a merchant's message of any kind to the desk, or change the copy of an edited one."""
        return []

    def copy(self, ticket: int, payload: str, chat: str, labels: Labels) -> list[str]:
        """Return the calls that copy a consultant's message of any kind to a merchant on the desk's platform.

        An edited message changes its copy.
        """
        return []

    def about(self, payload: str) -> str | None:
        """Return the id of the consultant's message that a call copies, or None."""
        return None

    def seen(self, message: str) -> list[str]:
        """Return the calls that show on a consultant's message that the merchant has seen it."""
        return []

    def typing(self, ticket: int) -> str | None:
        """Return the call that shows that a ticket's merchant is typing, or None where it would not be seen whose ticket it is."""
        return None

    async def fetch(self, payload: str, most: int) -> tuple[str, bytes] | None:
        """Fetch the file of a consultant's message, of at most `most` bytes. Returns its name and content, or None for other messages.

        Raises TooLarge, CallRefused, RetryLater.
        """
        return None


# --- the interface of a channel's package

Intake = Callable[[], Coroutine[Any, Any, None]]  # stores updates in the inbox, until cancelled


async def no_new_desk() -> str | None:
    """Return None: the desk's chat has not moved."""
    return None


async def begin_nothing(assistant: Assistant) -> str:
    """Start nothing; there is no line to print."""
    return ""


@dataclass(frozen=True)
class OpenChannel:
    """A channel served by this process, with the parts that its platform has.

    `routes` add handlers to the web server; `intakes` store updates. `url_line` takes the web server's URL and returns the
    line to print; `begin` makes the platform deliver messages, and returns the line to print, or raises Unreachable.
    `new_desk` returns the new id of the desk's chat, if it moved unnoticed.
    """

    channel: Channel
    desk: Desk | None = None
    routes: Sequence[Callable[[web.Application], None]] = ()
    intakes: Sequence[Intake] = ()
    url_line: Callable[[str], str] = lambda url: ""
    begin: Callable[[Assistant], Awaitable[str]] = begin_nothing
    new_desk: Callable[[], Awaitable[str | None]] = no_new_desk


def any_length(text: str) -> str | None:
    """Return None: the channel accepts texts of any length."""
    return None


@dataclass(frozen=True)
class News:
    """A channel's functions for news, which need no connection.

    `calls` returns the calls that send a reply to a chat, one unless it is too long. `reaches` returns true if news can be
    sent to an address. `too_long` describes a Markdown text's excess length, or returns None.
    """

    calls: Callable[[str, Reply], Sequence[str]]
    reaches: Callable[[Address], bool] = lambda address: True
    too_long: Callable[[str], str | None] = any_length


@dataclass(frozen=True)
class Platform:
    """The PLATFORM of a channel's package. Heavy modules are imported only when one of its functions is called.

    `is_enabled` returns true if the settings enable the channel. `open` runs it as long as the context is open; it raises
    Unreachable. Channels without `news` cannot send any. `desk` returns the consultants' chat in the settings, and the name
    of the note that stores its new id if it moves. `troubles` returns the names of the notes that tell an operator what parts
    of the platform cannot be used; each is empty while there is none.
    """

    name: str
    is_enabled: Callable[[Settings], bool]
    open: Callable[[Settings, Store], AbstractAsyncContextManager[OpenChannel]]
    news: Callable[[], News] | None = None
    desk: Callable[[Settings], tuple[str, str] | None] = lambda settings: None
    troubles: Callable[[Settings], tuple[str, ...]] = lambda settings: ()
