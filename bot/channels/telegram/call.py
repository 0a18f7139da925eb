"""A call of the Bot API, whichever framework makes it, and what its failures mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from bot.channels.channel import Gone, Refused

# What Telegram says with other codes than 403 of a chat that is no more.
GONE = ("chat not found", "user is deactivated", "peer_id_invalid", "chat_write_forbidden")


class NotReached(Exception):
    """Telegram cannot be used; the message says why."""


@dataclass(frozen=True)
class Call:
    """A call of the Bot API: its method, its parameters as JSON has them, and files by the parameter that takes them."""

    method: str
    params: Mapping[str, Any]
    files: Mapping[str, str] = field(default_factory=dict)

    @property
    def sends(self) -> bool:
        """Whether it puts something into a chat, which is what Telegram limits and what must not get lost."""
        return self.method.startswith("send")


class Caller(Protocol):
    """A framework's bot: makes a call. Returns the id of the message made. Raises Later, Gone, Refused."""

    async def __call__(self, call: Call) -> str | None: ...


def refusal(code: int, description: str) -> Exception:
    """What an error of the Bot API means for the call: the chat is gone, or only this call is refused."""
    words = description.lower()
    if code == 403 or any(one in words for one in GONE):
        return Gone(description)
    return Refused(description)
