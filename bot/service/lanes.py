"""Queues per chat for the dispatcher and the sender: in order, one running entry per chat, chats concurrently.

They are a view of the database: entries forgotten here are loaded again by the process that serves the chat next.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from bot.store import Received, Waiting, part_of

MOST = 512  # entries held in memory

Chat = tuple[str, str]
E = TypeVar("E", Received, Waiting)


@dataclass
class Lane(Generic[E]):
    """One chat's waiting entries; the first is running while `busy`."""

    entries: deque[E] = field(default_factory=deque)
    busy: bool = False

    @property
    def load(self) -> int:
        """The entries counted against MOST; subclasses cap it, so that one long queue does not block other chats."""
        return len(self.entries)


L = TypeVar("L", bound=Lane[Received] | Lane[Waiting])


class Lanes(Generic[L]):
    """The lanes of all chats.

    `known` contains the ids of held entries and of entries that must not be loaded again. `wake` is set when there is
    room again for entries left in the database, `idle` when `known` is empty.
    """

    def __init__(self, lane: Callable[[], L], wake: asyncio.Event) -> None:
        self.lane, self.wake, self.idle = lane, wake, asyncio.Event()
        self.of: dict[Chat, L] = {}
        self.known: set[int] = set()
        self.more = True  # true if the database may hold more entries than there was room for

    @property
    def busy(self) -> list[Chat]:
        return [chat for chat, lane in self.of.items() if lane.busy]

    def room(self) -> int:
        """Return the number of entries to load, 0 while less than half of MOST is free."""
        room = MOST - sum(lane.load for lane in self.of.values())
        self.more |= room < MOST // 2
        return room if room >= MOST // 2 else 0

    def at(self, entry: Received | Waiting) -> L:
        """Return an entry's lane, and add the entry to `known`."""
        self.idle.clear()
        self.known.add(entry.id)
        chat = (entry.channel, entry.chat)
        if chat not in self.of:
            self.of[chat] = self.lane()
        return self.of[chat]

    def settle(self, *entries: Received | Waiting) -> None:
        """Remove entries from `known`."""
        self.known.difference_update(entry.id for entry in entries)
        if not self.known:
            self.idle.set()
        if self.more and self.room():
            self.wake.set()

    def forget(self, chat: Chat) -> None:
        self.settle(*self.of.pop(chat).entries)

    def keep(self, parts: Collection[int]) -> None:
        """Forget the chats of parts that this process no longer holds, except busy ones."""
        for chat in [chat for chat, lane in self.of.items() if not lane.busy and part_of(*chat) not in parts]:
            self.forget(chat)
