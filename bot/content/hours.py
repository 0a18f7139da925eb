"""Working hours: time spans for each weekday in a time zone, and closed days."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from pydantic import field_validator, model_validator

from bot.content.kinds import Day, Entry, Text, Words, suggest
from bot.content.said import Wrong, said

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SPAN = re.compile(r"(\d{1,2})[:：](\d{2}) ?[-–—~～至] ?(\d{1,2})[:：](\d{2})")
LONGEST_SEARCH = 400  # days ahead

Span = tuple[time, time]


class Hours(Entry):
    """Consultants' working hours. `week` has the spans of each weekday, Monday first; `zone` is an IANA name."""

    zone: Words
    zone_name: Text | None = None
    week: tuple[tuple[Span, ...], ...]
    closed: tuple[Day, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def by_days(cls, given: Any) -> Any:
        """Expand an editor's days and ranges of days into `week`. Raises Wrong."""
        if not isinstance(given, Mapping):
            return given
        week: list[tuple[Span, ...]] = [()] * len(DAYS)
        rest = {name: value for name, value in given.items() if name in ("zone", "zone_name", "closed")}
        for name in given.keys() - rest.keys():
            spans = spans_of(name, given[name])
            for day in days_of(name):
                if week[day]:
                    raise Wrong(said("day-twice", day=DAYS[day]))
                week[day] = spans
        return {**rest, "week": tuple(week)}

    @field_validator("zone")
    @classmethod
    def known(cls, zone: str) -> str:
        if zone not in available_timezones():
            raise Wrong(said("no-zone", name=zone, hint=suggest(zone, available_timezones())))
        return zone

    def spans(self, day: date) -> tuple[Span, ...]:
        return () if day in self.closed else self.week[day.weekday()]

    def open_at(self, moment: datetime) -> bool:
        """True if the moment, which must be timezone-aware, is within working hours."""
        here = moment.astimezone(ZoneInfo(self.zone))
        return any(begin <= here.time() < end for begin, end in self.spans(here.date()))

    def opened(self, moment: datetime) -> datetime | None:
        """Return when the span that holds a moment began, in `zone`; None outside working hours."""
        here = moment.astimezone(ZoneInfo(self.zone))
        begun = (begin for begin, end in self.spans(here.date()) if begin <= here.time() < end)
        return next((datetime.combine(here.date(), begin, here.tzinfo) for begin in begun), None)

    def next_open(self, moment: datetime) -> datetime | None:
        """Return the next opening after a moment, in `zone`; None if there is none within 400 days."""
        here = moment.astimezone(ZoneInfo(self.zone))
        for later in range(LONGEST_SEARCH):
            day = here.date() + timedelta(later)
            for begin, _ in self.spans(day):
                found = datetime.combine(day, begin, here.tzinfo)
                if found > here:
                    return found
        return None

    def runs(self) -> list[tuple[int, int, tuple[Span, ...]]]:
        """Group consecutive weekdays with the same spans: (first, last, spans)."""
        found: list[tuple[int, int, tuple[Span, ...]]] = []
        for day, spans in enumerate(self.week):
            if found and found[-1][1:] == (day - 1, spans):
                found[-1] = (found[-1][0], day, spans)
            elif spans:
                found.append((day, day, spans))
        return found


def days_of(name: str) -> range:
    """Parse "mon" or "mon-fri". Raises Wrong."""
    first, _, last = name.lower().partition("-")
    for one in (first, last or first):
        if one not in DAYS:
            raise Wrong(said("no-day", name=name, days=DAYS))
    begin, end = DAYS.index(first), DAYS.index(last or first)
    if end < begin:
        raise Wrong(said("days-backwards", name=name))
    return range(begin, end + 1)


def spans_of(name: str, given: Any) -> tuple[Span, ...]:
    """Parse the spans of a day, which must be in order. Raises Wrong."""
    written = [given] if isinstance(given, str) else given
    if not isinstance(written, list | tuple) or not all(isinstance(one, str) for one in written):
        raise Wrong(said("no-spans", name=name))
    spans = tuple(span_of(one) for one in written)
    for one, other in itertools.pairwise(spans):
        if other[0] < one[1]:
            raise Wrong(said("spans-overlap", name=name))
    return spans


def span_of(text: str) -> Span:
    found = SPAN.fullmatch(text.strip())
    try:
        begin, end = (time(int(found[at]), int(found[at + 1])) for at in (1, 3)) if found else (time.max, time.min)
    except ValueError:
        begin, end = time.max, time.min
    if end <= begin:
        raise Wrong(said("no-span", text=text))
    return begin, end
