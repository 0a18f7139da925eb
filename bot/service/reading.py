"""Messages that wait are read together, in a thread, ahead of their turns."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from typing import Any

from bot.assistant import Assistant
from bot.channels.channel import Channel
from bot.model import Message
from bot.service.lanes import Lanes
from bot.service.logs import trail
from bot.store import Received

log = logging.getLogger(__name__)

MOST_TOGETHER = 30  # more would let the first of them wait too long


class Reader:
    """Reads an update's message together with the first ones of other chats that wait; a single one is left to its turn.

    That only fills caches: a turn finds what was read, or reads by itself. Since only the first update of a chat is read
    ahead, a process that this kills leaves the same updates suspected as one that was killed by a turn.
    """

    def __init__(self, assistant: Assistant, channels: Mapping[str, Channel], lanes: Lanes[Any]) -> None:
        self.assistant, self.channels, self.lanes = assistant, channels, lanes
        self.together: dict[int, asyncio.Task[None]] = {}  # by the updates' ids

    async def ahead(self, entry: Received) -> None:
        """Return when an update is read, or at once if none else waits."""
        if entry.id not in self.together:
            entries = [entry, *islice(self.waiting(), MOST_TOGETHER - 1)]
            if len(entries) == 1:
                return
            reading = asyncio.create_task(asyncio.to_thread(self.read, entries))
            self.together = {number: task for number, task in self.together.items() if number in self.lanes.known}
            self.together |= {one.id: reading for one in entries}
        await asyncio.wait([self.together[entry.id]])

    def waiting(self) -> Iterator[Received]:
        """Yield the first updates of idle chats that are neither suspected nor read."""
        for lane in self.lanes.of.values():
            if (
                lane.load
                and not lane.busy
                and not (entry := lane.entries[0]).attempts
                and entry.id not in self.together
            ):
                yield entry

    def read(self, entries: Sequence[Received]) -> None:
        messages: list[Message] = []
        for entry in entries:
            with suppress(Exception):  # its turn reports it
                if (channel := self.channels.get(entry.channel)) and (message := channel.read(entry.payload)):
                    messages.append(message)
        try:
            self.assistant.prepare(messages)
        except Exception as error:
            log.debug("messages cannot be read together, so each is read by its turn\n%s", trail(error))
