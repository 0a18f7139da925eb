"""The running service: intakes fill the inbox, the dispatcher answers updates, the sender delivers the replies."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from bot.assistant import Assistant
from bot.channels.channel import Channel, Desk, Intake
from bot.model import UNLIMITED, Address, Allowed
from bot.service.dispatcher import WORKERS, Dispatcher, Entrance
from bot.service.handoff import MOST_FILES, Handoff
from bot.service.housekeeping import Housekeeping
from bot.service.metrics import Metrics
from bot.service.reminders import Reminders
from bot.service.sender import Sender
from bot.store import Handled, Store, part_of

log = logging.getLogger(__name__)

PROBE_EVERY = 10.0  # seconds between tries whether the database keeps what arrives
CONSULTANTS = 2.0  # seconds between looks whether a consultant is signed in at the console
EVERY = 1.0  # seconds between polls for changes without an event: other processes, and an operator's retries
# Time limits for stopping, in seconds: to send waiting replies, then to end running calls; the store adds at most ten.
DRAIN, LAST_CALLS = 4.0, 4.0


class Service:
    """Wires the parts of one serving process together and runs them until stopped."""

    def __init__(
        self,
        store: Store,
        assistant: Assistant,
        channels: Mapping[str, Channel],
        keep_days: float = 0,
        allowed: Allowed = UNLIMITED,
        desk: Desk | None = None,
        metrics: Metrics | None = None,
        entrance: Entrance | None = None,
        most_files: int = MOST_FILES,
    ) -> None:
        self.store = store
        self.housekeeping = Housekeeping(store, keep_days)
        self.assistant, self.channels = assistant, channels
        metrics = metrics or Metrics()
        metrics.set_version(assistant.knowledge.version)
        metrics.channels = channels
        for channel in channels.values():
            if channel.responses:
                channel.responses.sent = partial(metrics.count_attempt, channel.name, "sent")
        self.alone = desk is not None and not desk.chat  # consultants sit at the console alone
        self.handoff = Handoff(store, assistant, channels, desk, most_files) if desk else None
        for channel in channels.values() if self.handoff else ():
            channel.typing = self.handoff.typing if self.handoff else None
        self.reminders = (
            Reminders(store, self.handoff.consulting, self.handoff.outage, assistant.clock)
            if self.handoff and not self.alone
            else None
        )
        undelivered = self.handoff.report_undelivered if self.handoff else None
        self.sender = Sender(store, channels, undelivered, metrics, self.moved)
        self.dispatcher = Dispatcher(
            store, assistant, channels, allowed, self.handoff, metrics, self.sender.full, entrance
        )

    async def moved(self, channel: str, old: str, new: str) -> None:
        """Move a chat's settings and tickets to its new id. Raises StoreError."""
        made = Handled(Address(channel, old, ""), moved_to=new)
        await self.store.finish(await self.handoff.follow(made) if self.handoff else made)

    def busy(self) -> set[int]:
        """Return the parts with running work."""
        return {part_of(*chat) for chat in (*self.dispatcher.lanes.busy, *self.sender.lanes.busy)}

    async def run(self, intakes: list[Intake], stop: asyncio.Event) -> None:
        """Run the intakes and answer their updates until `stop` is set; then shut down in order.

        The first task to fail ends the service with its error: a restart is the supervisor's job (systemd, Docker).
        """
        await self.store.claim(self.busy)
        log.info("answering on %s with content %s", ", ".join(self.channels), self.assistant.knowledge.version)
        taking = [asyncio.create_task(intake()) for intake in intakes]
        answering = [asyncio.create_task(self.dispatcher.work()) for _ in range(WORKERS)]
        running = [
            asyncio.create_task(self.keep_claiming()),
            asyncio.create_task(self.keep_probing()),
            asyncio.create_task(self.housekeeping.run()),
            asyncio.create_task(self.feed(self.store.arrived, self.dispatcher.fetch)),
            asyncio.create_task(self.feed(self.store.posted, self.sender.fetch)),
            *([asyncio.create_task(self.reminders.run())] if self.reminders else []),
            *([asyncio.create_task(self.keep_looking_for_consultants())] if self.alone else []),
            asyncio.create_task(self.sender.run()),
        ]
        stopping = asyncio.create_task(stop.wait())
        everything = [*taking, *answering, *running, stopping]
        try:
            done, _ = await asyncio.wait(everything, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
            await cancel(taking)
            self.dispatcher.stop()
            await asyncio.wait(answering)
            await self.sender.fetch()
            await self.sender.drain(DRAIN)
            running[-1].cancel()
            await self.sender.finish(LAST_CALLS)
            log.info("stopped")
        finally:
            await cancel(everything)

    async def keep_claiming(self) -> None:
        while True:
            parts = await self.store.claim(self.busy)
            self.dispatcher.lanes.keep(parts)
            self.sender.lanes.keep(parts)
            await asyncio.sleep(EVERY)

    async def keep_probing(self) -> None:
        """Write now and then. Raises StoreError, with which the service ends, if nothing is kept any more."""
        while True:
            await self.store.probe()
            await asyncio.sleep(PROBE_EVERY)

    async def keep_looking_for_consultants(self) -> None:
        """Connect merchants with the console while a consultant is signed in there; for where it is the only desk."""
        connected = False
        while True:
            there = any(one.role == "consultant" and one.sessions for one in await self.store.staff())
            if there != connected:
                connected = there
                self.assistant.terms = replace(self.assistant.terms, consultant=there)
                log.info("consultants are %s at the console", "reached" if there else "no longer reached")
            await asyncio.sleep(CONSULTANTS)

    async def feed(self, changed: asyncio.Event, fetch: Callable[[], Awaitable[None]]) -> None:
        while True:
            changed.clear()
            await fetch()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(EVERY):
                    await changed.wait()


async def cancel(tasks: list[asyncio.Task[Any]]) -> None:
    """Cancel tasks and wait for their end."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
