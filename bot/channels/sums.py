"""What strangers do again and again, logged in sums: a flood of refusals must not become a flood of lines."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter

EVERY = 60.0  # seconds between two lines


class Sums:
    """Counts refusals by kind. The first is logged at once, so that a wrong setting shows; what follows, once a minute."""

    def __init__(self, log: logging.Logger, where: str, every: float = EVERY) -> None:
        self.log, self.where, self.every = log, where, every
        self.counts: Counter[str] = Counter()
        self.timer: asyncio.TimerHandle | None = None

    def count(self, kind: str) -> None:
        self.counts[kind] += 1
        if self.timer is None:
            self.tell()

    def tell(self) -> None:
        """Log what was counted, and wait for more; after a minute without any, the next is logged at once again."""
        self.timer = None
        if self.counts:
            said = ", ".join(f"{kind}: {count:,}" for kind, count in self.counts.most_common())
            self.log.warning("%s: refused: %s", self.where, said)
            self.counts.clear()
            self.timer = asyncio.get_running_loop().call_later(self.every, self.tell)

    def end(self) -> None:
        """Log what is left."""
        if self.timer is not None:
            self.timer.cancel()
            self.tell()
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None
