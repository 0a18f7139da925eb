"""Reminders: merchants whom nobody has answered are named at the desk again, the last time louder, within working hours."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime

from bot.channels.markup import escape_lines
from bot.content.hours import Hours
from bot.desk.consulting import MINUTE, Consulting, ticket_event
from bot.model import Ticket
from bot.service.outage import Outage
from bot.store import Handled, Store, StoreError

log = logging.getLogger(__name__)

EVERY = 10.0  # seconds between looks
MOST = 500  # open tickets looked at


def minutes_waited(opened: float, now: float, hours: Hours | None) -> float:
    """Return the minutes since a ticket was opened or consultants came, whichever is later; 0 outside their hours."""
    if hours is None:
        return (now - opened) / MINUTE
    came = hours.opened(datetime.fromtimestamp(now, UTC))
    return (now - max(opened, came.timestamp())) / MINUTE if came else 0.0


class Reminders:
    """Reminds the consultants, from one process at a time. `clock` returns Unix seconds."""

    def __init__(self, store: Store, consulting: Consulting, outage: Outage, clock: Callable[[], float]) -> None:
        self.store, self.consulting, self.outage, self.clock = store, consulting, outage, clock

    async def run(self) -> None:
        """Look for merchants who wait, until cancelled; first send what the desk did not take before this start."""
        begun = False
        while True:
            try:
                if await self.store.lease("reminders"):
                    if not begun:
                        await self.outage.end()
                        begun = True
                    await self.round()
            except StoreError as error:
                log.error("cannot look for merchants who wait: %s", error)
            await asyncio.sleep(EVERY)

    async def round(self) -> None:
        """Remind of each merchant whose next reminder is due. Raises StoreError."""
        for ticket in await self.store.open_tickets(MOST):
            if self.is_due(ticket):
                await self.store.finish(self.reminder(ticket))

    def is_due(self, ticket: Ticket) -> bool:
        """Return true if a ticket is unclaimed and unanswered, and has waited within working hours for the next reminder's time."""
        reminders = self.consulting.cards.assistant.knowledge.library.operator.desk.reminders
        if ticket.holder or ticket.answered is not None or ticket.lead or ticket.reminded >= len(reminders):
            return False
        hours = self.consulting.cards.assistant.knowledge.library.operator.hours
        waited = minutes_waited(ticket.opened, self.clock(), hours)
        return waited >= reminders[ticket.reminded] and not self.consulting.cards.assistant.lapse(ticket)

    def reminder(self, ticket: Ticket) -> Handled:
        """Return the record with a reminder where the ticket is; the last one is posted in the group itself, too."""
        cards = self.consulting.cards
        habits = cards.assistant.knowledge.library.operator.desk
        last = ticket.reminded == len(habits.reminders) - 1
        words = cards.say(
            "desk_last_reminder" if last else "desk_reminder",
            ticket,
            name=escape_lines(ticket.name),
            minutes=round((self.clock() - ticket.opened) / MINUTE),
            lead=escape_lines(habits.lead or ""),
        )
        outgoing = self.consulting.to_desk(cards.desk.post(words, ticket.id), ticket.id)
        if last and cards.desk.topics:
            outgoing = (*outgoing, *self.consulting.to_desk(cards.desk.post(words)))
        return Handled(ticket.address, outgoing=outgoing, reminds=(ticket.id,), events=(ticket_event("reminded"),))
