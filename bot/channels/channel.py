"""What a channel is to the rest: it reads what a platform delivers, writes calls for it, and makes them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from bot.model import Address, Language, Message, MessageKind, Reply

if TYPE_CHECKING:
    from aiohttp import web

    from bot.assistant import Assistant
    from bot.channels.responses import Responses
    from bot.settings import Settings
    from bot.store import Store


class NotReached(Exception):
    """A platform cannot be used; the message says why."""


class Later(Exception):
    """The platform did not take a call now, and may take it later: after `seconds`, if it says so."""

    def __init__(self, why: str, seconds: float | None = None) -> None:
        super().__init__(why)
        self.seconds = seconds


class Gone(Exception):
    """Nothing can be sent to this chat any more."""


class Refused(Exception):
    """The platform will never take this call."""


class Moved(Refused):
    """The chat has become another: a group that is now a supergroup."""

    def __init__(self, why: str, to: str) -> None:
        super().__init__(why)
        self.to = to


@dataclass(frozen=True)
class Rate:
    """A call every `interval` seconds, `burst` of them at once after a rest. No interval: no limit."""

    interval: float
    burst: float = 1


class Channel(Protocol):
    """A platform. Payloads are JSON of its own, which the inbox and the outbox keep as they are."""

    @property
    def name(self) -> str: ...

    @property
    def rate(self) -> Rate:
        """How many calls the platform takes from all processes together."""

    @property
    def lingers(self) -> float:
        """For how many seconds a call is read from the outbox after it was made, which is for most not at all."""

    @property
    def responses(self) -> Responses | None:
        """The requests whose responses take what answers their messages, where the platform has it so."""

    def chat_rate(self, chat: str) -> Rate:
        """How many calls the platform takes for one chat."""

    def counts(self, payload: str) -> bool:
        """Whether a call counts in the rates."""

    def read(self, payload: str) -> Message | None:
        """The message in an update, or None where there is nothing to answer."""

    async def informed(self, message: Message) -> Message:
        """The message with what the platform must be asked for before it is answered, which for most is nothing."""

    def write(self, payload: str, message: Message, replies: Sequence[Reply]) -> list[str]:
        """The calls that answer an update, in order; each is sent as a whole or not at all."""

    def tell(self, chat: str, replies: Sequence[Reply], about: str = "") -> list[str]:
        """The calls that say something of one's own accord, in order; `about` is kept with each."""

    async def send(self, payload: str, chat: str) -> str | None:
        """Make a call in a chat, which may have become another since the call was written.

        Returns the platform's id of what it made. Raises Later, Gone, Moved, Refused.
        """


@dataclass(frozen=True)
class Spoken:
    """What a consultant says at the desk: a message with its id, and the id of the one to which it is a reply.

    `edited`: he has changed what he said before. `lost`: it is a reply to a message of ours, but the platform does not
    say to which. `hint` is the language of his device.
    """

    id: str
    to: str | None
    text: str
    kind: MessageKind = "text"
    edited: bool = False
    lost: bool = False
    hint: Language | None = None


class Desk(Protocol):
    """The chat in which consultants sit. Its calls go through the channel of its platform."""

    @property
    def channel(self) -> str: ...

    @property
    def chat(self) -> str: ...

    @property
    def chats(self) -> Collection[str]:
        """The chat, and what it was before it became that."""

    def moved(self, old: str, new: str) -> tuple[str, str] | None:
        """Follow the chat if it is this that has become another. Returns a note by which that is known from now on."""

    def heard(self, payload: str) -> Spoken | None:
        """A consultant's message in an update, or None where it is none that could be to a merchant."""

    def post(self, text: str, ticket: int | None = None, to: str | None = None) -> list[str]:
        """Calls that say something at the desk, as a reply to a ticket's first message, or to the message `to`. Markdown."""

    def pass_on(self, ticket: int, label: str, message: Message, payload: str) -> list[str]:
        """Calls that bring a merchant's message, whatever it is, to the desk, under a label with his name."""

    def copy(self, payload: str, chat: str, label: str) -> str:
        """A call that brings a consultant's message, whatever it is, to a merchant on the desk's own platform."""

    def about(self, payload: str) -> str | None:
        """The consultant's message that a call to a merchant brings."""


# --- what the package of a channel offers the rest

Intake = Callable[[], Coroutine[Any, Any, None]]  # brings updates into the inbox until it is cancelled


async def nowhere() -> str | None:
    """Of a desk that has become no other chat."""
    return None


async def silently(assistant: Assistant) -> str:
    """Begins nothing, and has nothing to print."""
    return ""


@dataclass(frozen=True)
class Running:
    """A channel as this process serves it, and what comes with it; what a platform has not is left out.

    `routes` add to the web server, `intakes` bring updates in. `reached` gives what is printed when the web server listens at
    an address, `begin` what is printed when messages are answered, which it brings about on the platform; it raises NotReached.
    `became` tells what the desk's chat has become, if nobody has noticed.
    """

    channel: Channel
    desk: Desk | None = None
    routes: Sequence[Callable[[web.Application], None]] = ()
    intakes: Sequence[Intake] = ()
    reached: Callable[[str], str] = lambda url: ""
    begin: Callable[[Assistant], Awaitable[str]] = silently
    became: Callable[[], Awaitable[str | None]] = nowhere


def fits(text: str) -> str | None:
    """Of a channel that takes any length."""
    return None


@dataclass(frozen=True)
class News:
    """How a channel brings what nobody has asked for; it needs no connection.

    `calls` bring a reply to a chat, one if it is not too long; `reaches` says whether it can be sent to an address;
    `too_long`, what is wrong with the length of a text in Markdown.
    """

    calls: Callable[[str, Reply], Sequence[str]]
    reaches: Callable[[Address], bool] = lambda address: True
    too_long: Callable[[str], str | None] = fits


@dataclass(frozen=True)
class Platform:
    """What the package of a channel offers as PLATFORM. Nothing heavy is loaded before something of it is called.

    `wanted`: whether the settings ask for it; `opened`: it runs as long as the context is open, which raises NotReached.
    Without `news` a channel brings none.
    """

    name: str
    wanted: Callable[[Settings], bool]
    opened: Callable[[Settings, Store], AbstractAsyncContextManager[Running]]
    news: Callable[[], News] | None = None
