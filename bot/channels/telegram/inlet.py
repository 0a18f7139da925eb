"""The way of Telegram's updates into the inbox, however they come."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.channels.telegram.desk import TelegramDesk
from bot.channels.telegram.reading import arrival
from bot.store import Arrival, Store

Aside = Callable[[Mapping[str, Any]], bool]  # takes an update over that need not outlive the process


def nobody(_: Mapping[str, Any]) -> bool:
    """Takes nothing over."""
    return False


@dataclass(frozen=True)
class Inlet:
    """Takes the updates of the bot with this id into the inbox, except those that are taken `aside`."""

    store: Store
    bot: int
    desk: TelegramDesk | None = None
    aside: Aside = nobody

    async def accept(self, updates: Iterable[Mapping[str, Any]]) -> bool:
        """Returns whether there was one to be answered from the inbox. Those that are not are passed over."""
        chosen = [one for update in updates if (one := self.arrival(update))]
        if chosen:
            await self.store.accept(chosen)
        return bool(chosen)

    def arrival(self, update: Mapping[str, Any]) -> Arrival | None:
        return None if self.aside(update) else arrival(update, self.bot, self.desk.chats if self.desk else ())
