"""Tells that a platform cannot be used: in the log, in `merchant-bot status` and in the metrics, when that changes."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from bot.channels.channel import Channel
from bot.store import utc
from bot.store.ports import Notes

log = logging.getLogger(__name__)


class Watch:
    """The trouble of a channel's platform outside of this process; the note tells other processes."""

    def __init__(self, store: Notes, note: str, channel: Channel, clock: Callable[[], float] = time.time) -> None:
        self.store, self.note, self.channel, self.clock = store, note, channel, clock
        self.before: str | None = None

    async def tell(self, trouble: str, meanwhile: str = "") -> None:
        """Report trouble, "" for none; the log adds what works meanwhile."""
        if trouble == self.before:
            return
        if trouble:
            log.warning("%s%s", trouble, meanwhile)
        elif self.before:
            log.warning("%s can be used again", self.channel.name)
        self.before = self.channel.trouble = trouble
        await self.store.remember(self.note, f"{trouble} (since {utc(self.clock())})" if trouble else "")
