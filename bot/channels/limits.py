"""How much one may write: a merchant, a visitor of the web chat, an address."""

from __future__ import annotations

import time
from collections.abc import Callable

MOST = 20_000  # names remembered before those at rest are forgotten


class Limit:
    """So many a minute for each name, all of them at once after a rest: the generic cell rate algorithm. 0: no limit."""

    def __init__(self, per_minute: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.interval = 60 / per_minute if per_minute else 0.0
        self.clock = clock
        self.full: dict[str, float] = {}  # when all of the minute's share is there again

    def wait(self, name: str) -> float:
        """Seconds until this name may; 0: it may now, and this is counted."""
        if not self.interval:
            return 0.0
        now = self.clock()
        if len(self.full) > MOST:
            self.full = {name: at for name, at in self.full.items() if at > now}
        full = max(self.full.get(name, now), now)
        early = full + self.interval - now - 60
        if early > 1e-9:
            return early
        self.full[name] = full + self.interval
        return 0.0
