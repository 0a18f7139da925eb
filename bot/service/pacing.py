"""Pacing: when the next call may go out."""

from __future__ import annotations

from bot.channels.channel import Rate


class Pace:
    """Keeps to a rate: the generic cell rate algorithm. Times are seconds of one monotonic clock."""

    def __init__(self) -> None:
        self.full = 0.0  # when all of the burst is there again

    def free_at(self, rate: Rate) -> float:
        """From when on a call may go out."""
        return self.full - (rate.burst - 1) * rate.interval

    def take(self, rate: Rate, now: float) -> None:
        """Count a call."""
        self.full = max(self.full, now) + rate.interval
