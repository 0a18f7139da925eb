"""The members of the consultants' group: who writes there without being one, as in a public group, is no consultant."""

from __future__ import annotations

import logging
import time

from bot.channels.channel import CallRefused, RecipientGone, RetryLater
from bot.channels.telegram.call import Call, Caller
from bot.channels.telegram.groups import PRESENT

log = logging.getLogger(__name__)

FRESH = 600.0  # seconds for which a member is taken to be one


class Members:
    """The members, requested from Telegram once they write."""

    def __init__(self, make: Caller) -> None:
        self.make = make
        self.seen: dict[tuple[str, str], float] = {}

    async def include(self, chat: str, user: str, *, untold: bool = True) -> bool:
        """Return true if a person is a member of a group; `untold` if Telegram does not tell."""
        if time.monotonic() - self.seen.get((chat, user), -FRESH) < FRESH:
            return True
        try:
            found = await self.make(Call("getChatMember", {"chat_id": int(chat), "user_id": int(user)}))
        except (RetryLater, RecipientGone, CallRefused) as error:
            log.warning("getChatMember: %s", error)
            return untold
        member = found["status"] in PRESENT and found.get("is_member", True)
        if member:
            self.seen[chat, user] = time.monotonic()
        return bool(member)
