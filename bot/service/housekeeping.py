"""Housekeeping: deletes expired rows in small steps, in one process at a time."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable

from bot.store import Key, StoreError
from bot.store.ports import Upkeep
from bot.store.tables import TABLES

log = logging.getLogger(__name__)

DAY = 24 * 3600.0
# Seconds between rounds; a short `keep_days` means more rounds, so that rows overstay by at most a tenth of it.
EVERY, MOST_OFTEN, SHARE = 3600.0, 1.0, 0.1
PAUSE = 0.02  # seconds between steps, for other writers
# A clock set by more than JUMP seconds between two rounds is in doubt for DOUBT seconds.
JUMP, DOUBT = 3600.0, DAY


class Housekeeping:
    """Prunes the store. A `keep_days` of 0 keeps everything except expired results.

    `clock` returns Unix seconds, `steady` seconds of a monotonic clock. While the clock is in doubt nothing is deleted:
    a delay of a day does no harm, whereas rows deleted by a wrong clock are lost.
    """

    def __init__(
        self,
        store: Upkeep,
        keep_days: float,
        clock: Callable[[], float] = time.time,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self.store, self.keep_days, self.clock, self.steady = store, keep_days, clock, steady
        self.offset: float | None = None
        self.doubted_until = steady()

    async def run(self) -> None:
        """Run rounds until cancelled, while this process holds the lease."""
        while True:
            if await self.store.lease("housekeeping"):
                await self.round()
            await asyncio.sleep(self.interval)

    @property
    def interval(self) -> float:
        """Seconds between rounds."""
        return min(EVERY, max(MOST_OFTEN, self.keep_days * DAY * SHARE)) if self.keep_days else EVERY

    async def round(self) -> None:
        """Prune every table once, unless the clock is in doubt. Errors of the store are logged."""
        try:
            more = await self.store.count_old()
            while more:
                await asyncio.sleep(PAUSE)
                more = await self.store.count_old()
        except StoreError as error:
            log.error("cannot count the events from before this version for the reports: %s", error)
            return  # they are counted before they are deleted
        now = self.clock()
        if self.is_clock_doubtful(now):
            return
        for table, days in self.ages().items():
            try:
                await self.prune(table, now - days * DAY)
            except StoreError as error:
                log.error("cannot delete expired rows of %s: %s", table, error)
        try:
            await self.store.tidy(now)
        except StoreError as error:
            log.error("cannot remove deleted data from the database files: %s", error)

    def is_clock_doubtful(self, now: float) -> bool:
        """Return true if the clock was set recently; `now` is in Unix seconds."""
        steady = self.steady()
        before, self.offset = self.offset, now - steady
        if before is not None and abs(self.offset - before) > JUMP:
            self.doubted_until = steady + DOUBT
            log.warning(
                "the clock was set by %.1f hours: expired rows stay for another day", (self.offset - before) / 3600
            )
        return steady < self.doubted_until

    def ages(self) -> dict[str, float]:
        """Return the days for which each table keeps finished rows; tables without a limit are left out."""
        return {one.name: days for one in TABLES if one.retention and (days := one.retention.days(self.keep_days))}

    async def prune(self, table: str, before: float) -> None:
        after: Key | None = await self.store.prune(table, before, None)
        while after is not None:
            await asyncio.sleep(PAUSE)
            after = await self.store.prune(table, before, after)
