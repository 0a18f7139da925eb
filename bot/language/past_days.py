"""Days of the past, named by date, month, season or sale: "since March 2025", "去年双十一", "last summer"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from bot.lists import listed

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTH_EN = rf"(?P<month>{'|'.join(_MONTHS)})[a-z]*\.?"
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_DAY_EN = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_HAN = "[一二三四五六七八九十]{1,3}"
DATES = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?<!\d){_YEAR}\s?[-/.年]\s?(?P<month>\d{{1,2}})(?:\s?[-/.月]\s?(?P<day>\d{{1,2}})[日号]?|月|(?!\d))",
        rf"(?<!\d)(?P<day>\d{{1,2}})[-/.](?P<month>\d{{1,2}})[-/.]{_YEAR}",
        rf"\b{_DAY_EN}(?: of)? {_MONTH_EN}(?![a-z])(?:,? {_YEAR})?",
        rf"\b{_MONTH_EN} {_DAY_EN}(?!\d)(?:,? {_YEAR})?",
        rf"\b{_MONTH_EN},? {_YEAR}",
        rf"\b(?:in|since|from|last|this) {_MONTH_EN}(?![a-z])",
        rf"(?<!\d)(?P<month>\d{{1,2}}|{_HAN})月(?:份|初|底|(?P<day>\d{{1,2}}|{_HAN})[日号]?|(?!\d))",
    )
)
# "23年" is a year before a word that dates something, and a span of time elsewhere.
YEAR = re.compile(
    r"(?<!\d)(?P<full>(?:19|20)\d\d)(?!\d)|(?<![\d个十])(?P<short>\d\d|[二一][零〇一二三四五六七八九]|二[零〇][零〇一二三四五六七八九]{2})年"
    r"(?=[开注成入的就底初末春夏秋冬上下双国五六黑圣元]|\d{1,2}月|$)"
)
YEAR_SAID = re.compile(r"(?:\b(?:since|in|from|of|back in)|自|从|于|是)\s*(?:19|20)\d\d(?!\d)|(?:19|20)\d\d年|年")
SINCE = 2005  # the first year that a number alone may be
HAN_DIGITS = str.maketrans("零〇一二三四五六七八九", "00123456789")


@dataclass(frozen=True)
class PastDays:
    """The days named between `start` and `end` of a text: one of `first` to `last`."""

    start: int
    end: int
    first: date
    last: date


@cache
def table(group: str) -> Mapping[str, re.Pattern[str]]:
    rows = listed(__file__, "days.yaml")[group]
    return {str(name): re.compile(rf"(?<![a-z\d])(?:{words})(?![a-z])") for name, words in rows.items()}


def past_days(folded: str, today: date) -> PastDays | None:
    """Return the days that a folded text names, at the latest today; without a year, the last that were; or None."""
    for first, last, start, end, year in named(folded, today):
        if year is None:
            begun = [one for one in (today.year, today.year - 1) if moved(first, one) <= today]
            year = begun[0]
        from_, to = moved(first, year), moved(last, year)
        return PastDays(start, end, from_, max(from_, min(to, today)))
    return None


def named(folded: str, today: date) -> Iterator[tuple[date, date, int, int, int | None]]:
    """Yield what a text names: the first day and the last, where it stands, and the year if it is said."""
    years = [
        (today.year - int(ago), found.span())
        for ago, pattern in table("years").items()
        for found in pattern.finditer(folded)
    ]
    years += [(full_year(found), found.span()) for found in YEAR.finditer(folded)]
    year, (year_start, year_end) = years[0] if years else (None, (len(folded), 0))
    for pattern in DATES:
        if (found := pattern.search(folded)) and (span := date_span(found, today)):
            parts = found.groupdict()
            said = int(parts["year"]) if parts.get("year") else year
            yield *span, min(year_start, found.start()), max(year_end, found.end()), said
    for name, pattern in table("times").items():
        if found := pattern.search(folded):
            first, last = (date.fromisoformat(f"2000-{one}") for one in (name[:5], name[-5:]))
            yield first, last, min(year_start, found.start()), max(year_end, found.end()), year
    for ago, pattern in table("months").items():
        if found := pattern.search(folded):
            month = date(today.year, today.month, 1)
            for _ in range(int(ago)):
                month = (month - timedelta(days=1)).replace(day=1)
            yield month, month_end(month), *found.span(), month.year
    for ago, pattern in table("weeks").items():
        if found := pattern.search(folded):
            monday = today - timedelta(days=today.weekday() + 7 * int(ago))
            yield monday, monday + timedelta(days=6), *found.span(), monday.year
    alone = folded.strip().isdecimal() and year is not None and SINCE <= year <= today.year
    if years and (alone or YEAR_SAID.search(folded) or not folded[year_start:year_end].isdecimal()):
        yield date(2000, 1, 1), date(2000, 12, 31), year_start, year_end, year


def date_span(found: re.Match[str], today: date) -> tuple[date, date] | None:
    """Return the first and the last day of a matched date, in any year; None if there is no such day."""
    parts = found.groupdict()
    month = _MONTHS.index(parts["month"]) + 1 if parts["month"] in _MONTHS else plain(parts["month"])
    try:
        first = date(2000, month, plain(parts["day"]) if parts.get("day") else 1)
    except ValueError:
        return None
    return first, first if parts.get("day") else month_end(first)


def plain(number: str) -> int:
    if number.isdecimal() and number.isascii():
        return int(number)
    tens, ten, ones = (part.translate(HAN_DIGITS) for part in number.partition("十"))
    return 10 * int(tens or 1) + int(ones or 0) if ten else int(tens)


def full_year(found: re.Match[str]) -> int:
    written = (found["full"] or found["short"]).translate(HAN_DIGITS)
    return int(written) + (2000 if len(written) == 2 else 0)


def month_end(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def moved(day: date, year: int) -> date:
    """Return the same day of another year."""
    return day.replace(year=year, day=min(day.day, month_end(day.replace(year=year, day=1)).day))
