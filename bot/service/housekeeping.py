"""Housekeeping: what has been finished for long enough goes, in small steps, by one process at a time."""

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
# Seconds between rounds; where less is kept than a day, what is too old stays for a tenth of that longer, and no more.
EVERY, MOST_OFTEN, SHARE = 3600.0, 1.0, 0.1
PAUSE = 0.02  # seconds between steps, in which everybody else writes
# By how many seconds the clock may be set between two rounds before nobody believes it, and for how long then.
JUMP, DOUBT = 3600.0, DAY


class Housekeeping:
    """Prunes the store; `keep_days` of 0 keeps everything but expired results. `clock` gives Unix seconds, `steady`
    seconds that nobody sets.

    While the clock is in doubt, because it was set by more than a little, nothing is deleted: what was deleted by a wrong
    clock is gone for good, and what stays goes a day later.
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
        """One round after another until cancelled."""
        while True:
            if await self.store.lease("housekeeping"):
                await self.round()
            await asyncio.sleep(self.every)

    @property
    def every(self) -> float:
        """Seconds between rounds."""
        return min(EVERY, max(MOST_OFTEN, self.keep_days * DAY * SHARE)) if self.keep_days else EVERY

    async def round(self) -> None:
        """Go once through every table, unless the clock is in doubt."""
        now = self.clock()
        if self.doubtful(now):
            return
        for table, days in self.ages().items():
            try:
                await self.prune(table, now - days * DAY)
            except StoreError as error:
                log.error("old entries of %s cannot be deleted: %s", table, error)
        try:
            await self.store.tidy(now)
        except StoreError as error:
            log.error("what was deleted cannot be tidied away: %s", error)

    def doubtful(self, now: float) -> bool:
        """Whether the clock was set lately."""
        steady = self.steady()
        before, self.offset = self.offset, now - steady
        if before is not None and abs(self.offset - before) > JUMP:
            self.doubted_until = steady + DOUBT
            log.warning(
                "the clock was set by %.1f hours: nothing old is deleted for a day", (self.offset - before) / 3600
            )
        return steady < self.doubted_until

    def ages(self) -> dict[str, float]:
        """For how many days each table keeps what is finished."""
        return {one.name: days for one in TABLES if one.kept and (days := one.kept.days(self.keep_days))}

    async def prune(self, table: str, before: float) -> None:
        after: Key | None = await self.store.prune(table, before, None)
        while after is not None:
            await asyncio.sleep(PAUSE)
            after = await self.store.prune(table, before, after)
