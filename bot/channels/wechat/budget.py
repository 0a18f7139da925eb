"""The budget of customer-service messages: how many the platform takes for a merchant, and until when."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from bot.channels.wechat.messages import BRIEF_EVENTS, Fields
from bot.json_text import from_text, to_text
from bot.model import Address
from bot.store.ports import Notes

# Source: "Send customer-service messages" of the platform's documentation.
AFTER_MESSAGE = (5, 48 * 3600.0)  # messages, seconds
AFTER_EVENT = (3, 60.0)  # after a menu tap, a follow, a scan
MESSAGE, EVENT = "message", "event"


@dataclass(frozen=True)
class Allowance:
    """The number of messages left until a time (Unix seconds)."""

    left: int
    until: float


def note(kind: str, who: str) -> str:
    return f"wechat-budget:{kind}:{who}"


def allowed_by(fields: Fields) -> tuple[str, str] | None:
    """Return the name and the value to keep for a message or an event that allows messages; None for others."""
    event = fields["MsgType"] == "event"
    if event and fields["Event"] not in BRIEF_EVENTS:
        return None
    count, seconds = AFTER_EVENT if event else AFTER_MESSAGE
    given = Allowance(count, float(fields["at"]) + seconds)
    return note(EVENT if event else MESSAGE, fields["FromUserName"]), to_text(given)


class Budget:
    """A merchant's allowance, as it is kept with what they wrote."""

    def __init__(self, notes: Notes, clock: Callable[[], float]) -> None:
        self.notes, self.clock = notes, clock

    async def of(self, kind: str, who: str) -> Allowance | None:
        kept = await self.notes.recall(note(kind, who))
        return Allowance(**from_text(kept)) if kept else None

    async def open(self, who: str) -> tuple[str, Allowance] | None:
        """Return the allowance to use next: that of an event ends sooner, so it comes first. None if none is left."""
        for kind in (EVENT, MESSAGE):
            found = await self.of(kind, who)
            if found and found.left > 0 and found.until > self.clock():
                return kind, found
        return None

    async def is_used_up(self, who: str) -> bool:
        """Return true if messages could be sent if there were fewer of them; false if the time is over."""
        found = [await self.of(kind, who) for kind in (EVENT, MESSAGE)]
        return any(one and one.until > self.clock() for one in found)

    async def count(self, address: Address, kind: str, before: Allowance) -> None:
        """Count one message."""
        left = to_text(replace(before, left=before.left - 1))
        await self.notes.remember(note(kind, address.user), left, address)
