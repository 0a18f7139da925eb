"""Storing of Telegram's updates in the inbox, from the webhook and from polling."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.channels.telegram.desk import TelegramDesk
from bot.channels.telegram.fields import Me
from bot.channels.telegram.updates import arrival
from bot.store import Arrival, Store

Diverter = Callable[[Mapping[str, Any]], bool]  # handles updates that need no storing; returns true if it took one


def store_all(_: Mapping[str, Any]) -> bool:
    """Take no update."""
    return False


@dataclass(frozen=True)
class Inlet:
    """Stores a bot's updates in the inbox, except those taken by `divert`; `me` is the bot."""

    store: Store
    me: Me
    desk: TelegramDesk | None = None
    divert: Diverter = store_all

    async def accept(self, updates: Iterable[Mapping[str, Any]]) -> bool:
        """Store the updates that need an answer. Returns true if there was one. Raises StoreError."""
        chosen = [one for update in updates if (one := self.arrival(update))]
        if chosen:
            await self.store.accept(chosen)
        return bool(chosen)

    def arrival(self, update: Mapping[str, Any]) -> Arrival | None:
        return None if self.divert(update) else arrival(update, self.me, self.desk.chats if self.desk else ())
