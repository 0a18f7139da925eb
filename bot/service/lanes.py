"""What waits for each chat, as the dispatcher and the sender hold it: in order, one of a chat's under way, the chats side by side.

It is a view of the database: what is forgotten here is found there again, by whoever has the chat then.
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
    """What waits for one chat; the first is under way while `busy`."""

    entries: deque[E] = field(default_factory=deque)
    busy: bool = False

    @property
    def load(self) -> int:
        """How much room it takes: one chat for which much waits keeps nobody else's out."""
        return len(self.entries)


L = TypeVar("L", bound=Lane[Received] | Lane[Waiting])


class Lanes(Generic[L]):
    """The lanes of all chats. `known` are the ids of what is held and of what must not be taken over again; `wake` is set when
    there is room again for what there was none for, `idle` when nothing is known."""

    def __init__(self, lane: Callable[[], L], wake: asyncio.Event) -> None:
        self.lane, self.wake, self.idle = lane, wake, asyncio.Event()
        self.of: dict[Chat, L] = {}
        self.known: set[int] = set()
        self.more = True  # whether the database may hold more than there was room for

    @property
    def busy(self) -> list[Chat]:
        return [chat for chat, lane in self.of.items() if lane.busy]

    def room(self) -> int:
        """For how many more there is room, 0 while it is not worth a look."""
        room = MOST - sum(lane.load for lane in self.of.values())
        self.more |= room < MOST // 2
        return room if room >= MOST // 2 else 0

    def at(self, entry: Received | Waiting) -> L:
        """The lane of an entry, which is known from now on."""
        self.idle.clear()
        self.known.add(entry.id)
        chat = (entry.channel, entry.chat)
        if chat not in self.of:
            self.of[chat] = self.lane()
        return self.of[chat]

    def settle(self, *entries: Received | Waiting) -> None:
        """Hold these no longer."""
        self.known.difference_update(entry.id for entry in entries)
        if not self.known:
            self.idle.set()
        if self.more and self.room():
            self.wake.set()

    def forget(self, chat: Chat) -> None:
        self.settle(*self.of.pop(chat).entries)

    def keep(self, parts: Collection[int]) -> None:
        """Forget the chats of other parts."""
        for chat in [chat for chat, lane in self.of.items() if not lane.busy and part_of(*chat) not in parts]:
            self.forget(chat)
