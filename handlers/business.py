"""Business accounts: no answer without the right to reply, or while the account's owner is answering."""

from __future__ import annotations

from collections.abc import Callable

from bot.model import Conversation, Turn
from handlers.edits import silent_turn
from handlers.request import Request

MINUTE = 60


def in_business(request: Request, before: Conversation, answered: Callable[[], Turn]) -> Turn:
    """Return the turn for a message in a connected account's chat, from the merchant or the account's owner."""
    message, business = request.message, request.message.business
    assert business is not None
    if business.news or not business.may_reply:
        return silent_turn(before)
    if business.by_owner:
        minutes = request.knowledge.library.operator.takeover_minutes
        return silent_turn(before.with_(silent_until=message.at + MINUTE * minutes))
    # A press carries the time of the assistant's message, not its own.
    if message.press is None and message.at < before.silent_until:
        return silent_turn(before)
    return answered()
