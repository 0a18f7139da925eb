"""Business accounts: silent without the right to answer, and while the account's owner answers himself."""

from __future__ import annotations

from collections.abc import Callable

from bot.model import Conversation, Turn
from handlers.asked import Asked
from handlers.edited import silent

MINUTE = 60


def in_business(asked: Asked, before: Conversation, answered: Callable[[], Turn]) -> Turn:
    """The turn for a message to a connected account, or for its owner's own in the same chat."""
    message, business = asked.message, asked.message.business
    assert business is not None
    if business.news or not business.may_reply:
        return silent(before)
    if business.by_owner:
        minutes = asked.knowledge.library.operator.takeover_minutes
        return silent(before.with_(silent_until=message.at + MINUTE * minutes))
    # A press has no time of its own: it is of a message that the assistant has sent.
    if message.press is None and message.at < before.silent_until:
        return silent(before)
    return answered()
