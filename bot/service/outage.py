"""Outages of the desk: nothing can be sent there. Merchants' messages wait, and those who run the desk are told once."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from bot.channels.channel import Channel
from bot.desk.cards import Cards
from bot.desk.consulting import KNOWN, LAST, STAFF
from bot.model import Reply
from bot.store import Outgoing, utc
from bot.store.ports import Operations, Tickets

log = logging.getLogger(__name__)

AGAIN = 600.0  # seconds between attempts, where only a message shows that the bot is still in the chat
MOST_TOLD = 5  # people
MOST_LOOKED_AT = 50  # open tickets


class Store(Tickets, Operations, Protocol):
    """The store, as outages need it."""


@dataclass
class Outage:
    """Notes that the desk takes no messages, and sends what waits once it does again."""

    store: Store
    cards: Cards
    channels: Mapping[str, Channel]
    tried: float = field(default=0.0, init=False)

    async def begin(self, why: str) -> tuple[tuple[tuple[str, str], ...], tuple[Outgoing, ...]]:
        """Return the note for `merchant-bot status` and the private messages that tell of it, or nothing if told already."""
        desk = self.cards.desk
        if await self.store.recall(desk.trouble):
            return (), ()
        log.error("CONSULTANT_CHAT: the consultants' chat takes no messages: %s; what merchants write waits", why)
        told = (
            f"since {utc(time.time())} the consultants' chat takes no messages ({why}): add the bot there again, with its "
            "rights; what merchants wrote is sent then"
        )
        return ((desk.trouble, told),), await self.private(why)

    async def private(self, why: str) -> tuple[Outgoing, ...]:
        """Return the calls that tell those who run the desk, in private; who has never written to the bot gets none."""
        desk, operator = self.cards.desk, self.cards.assistant.knowledge.library.operator.desk
        channel = self.channels[desk.channel]
        lead = await self.store.recall(f"{KNOWN}{(operator.lead or '').removeprefix('@').lower()}") or ""
        holders = [one.holder for one in await self.store.open_tickets(MOST_LOOKED_AT)]
        people = dict.fromkeys([lead.partition(" ")[0], await self.store.recall(LAST) or "", *holders])
        words = self.cards.assistant.knowledge.say("desk_outage", operator.language or "en", why=why)
        told = [one for one in people if one and not one.startswith(("-", STAFF))][:MOST_TOLD]
        calls = ((user, call) for user in told for call in channel.tell(user, [Reply(words)]))
        return tuple(Outgoing(desk.channel, user, call) for user, call in calls)

    async def look(self, payload: str) -> None:
        """End an outage if an update shows that the bot may write at the desk. Raises StoreError."""
        desk = self.cards.desk
        shown = desk.shows_presence(payload)
        if shown == "no" or not await self.store.recall(desk.trouble):
            return
        if shown == "sure" or time.monotonic() - self.tried > AGAIN:
            await self.end()

    async def end(self) -> None:
        """Send what waits at the desk again. Raises StoreError."""
        desk, self.tried = self.cards.desk, time.monotonic()
        if not await self.store.recall(desk.trouble):
            return
        await self.store.remember(desk.trouble, "")
        waiting = [
            one.id for one in await self.store.letters() if one.channel == desk.channel and one.chat in desk.chats
        ]
        if waiting:
            log.warning("CONSULTANT_CHAT: %d messages that waited are sent", await self.store.retry(waiting))
