"""Summed logging of refused requests, so that a flood of them does not flood the log."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter

EVERY = 60.0  # seconds between log lines


class RefusalTally:
    """Counts refusals by kind. The first is logged at once, so that a wrong setting shows; the others every minute."""

    def __init__(self, log: logging.Logger, where: str, every: float = EVERY) -> None:
        self.log, self.where, self.every = log, where, every
        self.counts: Counter[str] = Counter()
        self.timer: asyncio.TimerHandle | None = None

    def count(self, kind: str) -> None:
        self.counts[kind] += 1
        if self.timer is None:
            self.flush()

    def flush(self) -> None:
        """Log the counts and start the next minute; after a minute without refusals, the next is logged at once."""
        self.timer = None
        if self.counts:
            said = ", ".join(f"{kind}: {count:,}" for kind, count in self.counts.most_common())
            self.log.warning("%s: refused: %s", self.where, said)
            self.counts.clear()
            self.timer = asyncio.get_running_loop().call_later(self.every, self.flush)

    def close(self) -> None:
        """Log the remaining counts and stop the timer."""
        if self.timer is not None:
            self.timer.cancel()
            self.flush()
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None
