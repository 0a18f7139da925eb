"""The periods of a report: days, weeks and months of the agency's calendar, and the time before each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, get_args

By = Literal["day", "week", "month"]
PERIODS: tuple[By, ...] = get_args(By)
ONE = timedelta(days=1)
DAYS_DRAWN = 14  # beside a single day
EARLIEST = date(2000, 1, 1)


@dataclass(frozen=True)
class Period:
    """The days from `first` to `last`; a week begins on Monday."""

    by: By
    first: date
    last: date

    @classmethod
    def of(cls, by: By, day: date) -> Period:
        """Return the period that holds a day."""
        if by == "day":
            return cls(by, day, day)
        if by == "week":
            monday = day - timedelta(days=day.weekday())
            return cls(by, monday, monday + 6 * ONE)
        first = day.replace(day=1)
        return cls(by, first, (first + 31 * ONE).replace(day=1) - ONE)

    @property
    def before(self) -> Period:
        return Period.of(self.by, self.first - ONE)

    @property
    def after(self) -> Period:
        return Period.of(self.by, self.last + ONE)

    def until(self, today: date) -> Period:
        """Return the part of the period that is over or under way."""
        return Period(self.by, self.first, max(self.first, min(self.last, today)))

    def compared(self, today: date) -> Period:
        """Return the time before, to compare with: as many of its days, while this period is under way."""
        before = self.before
        if today >= self.last:
            return before
        return Period(self.by, before.first, min(before.last, before.first + (self.until(today).last - self.first)))

    @property
    def days(self) -> list[date]:
        return [self.first + number * ONE for number in range((self.last - self.first).days + 1)]

    @property
    def drawn(self) -> list[date]:
        """The days to be shown one by one: those of the period, and for a single day those before it, too."""
        return Period(self.by, self.last - (DAYS_DRAWN - 1) * ONE, self.last).days if self.by == "day" else self.days


def asked_for(by: str, day: str, today: date) -> Period:
    """Return the period of a request; what it does not name is the week, or today. None begins after today."""
    kind: By = next((one for one in PERIODS if one == by), "week")
    try:
        chosen = date.fromisoformat(day)
    except ValueError:
        chosen = today
    return Period.of(kind, max(EARLIEST, min(chosen, today)))
