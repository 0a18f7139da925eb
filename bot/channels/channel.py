"""What a channel is to the rest: it reads what a platform delivers, writes calls for it, and makes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.model import Message, Reply


class Later(Exception):
    """The platform did not take a call now, and may take it later: after `seconds`, if it says so."""

    def __init__(self, why: str, seconds: float | None = None) -> None:
        super().__init__(why)
        self.seconds = seconds


class Gone(Exception):
    """Nothing can be sent to this chat any more."""


class Refused(Exception):
    """The platform will never take this call."""


@dataclass(frozen=True)
class Rate:
    """A call every `interval` seconds, `burst` of them at once after a rest. No interval: no limit."""

    interval: float
    burst: int = 1


class Channel(Protocol):
    """A platform. Payloads are JSON of its own, which the inbox and the outbox keep as they are."""

    @property
    def name(self) -> str: ...

    @property
    def rate(self) -> Rate:
        """How many calls the platform takes from all processes together."""

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

    def tell(self, chat: str, replies: Sequence[Reply]) -> list[str]:
        """The calls that say something of one's own accord, in order."""

    async def send(self, payload: str) -> str | None:
        """Make a call. Returns the platform's id of what it made. Raises Later, Gone, Refused."""
