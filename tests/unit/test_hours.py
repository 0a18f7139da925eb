"""Working hours: what an editor may write, and when somebody is there."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.content.agency import Operator
from bot.content.hours import Hours
from bot.content.kinds import parse
from bot.content.tree import Mistake, read

WEEK = {"zone": "Asia/Shanghai", "mon-fri": ["09:00-12:00", "13:30-18:00"], "sat": "10:00-16:00"}


def hours(**more: Any) -> Hours:
    return Hours.model_validate(WEEK | more)


@pytest.mark.parametrize(
    ("moment", "there", "back"),
    [
        (datetime(2026, 11, 23, 1, 0, tzinfo=UTC), True, "Mon 13:30"),  # nine o'clock sharp in Shanghai
        (datetime(2026, 11, 23, 0, 59, tzinfo=UTC), False, "Mon 09:00"),
        (datetime(2026, 11, 23, 4, 0, tzinfo=UTC), False, "Mon 13:30"),  # noon
        (datetime(2026, 11, 28, 8, 0, tzinfo=UTC), False, "Mon 09:00"),  # Saturday at four
        (datetime(2026, 11, 29, 8, 0, tzinfo=UTC), False, "Mon 09:00"),
    ],
)
def test_somebody_is_there_in_the_zone_of_the_hours(moment: datetime, there: bool, back: str) -> None:
    week = hours()
    found = week.next_open(moment)
    assert found is not None
    assert (week.open_at(moment), f"{found:%a %H:%M}") == (there, back)


def test_a_day_on_which_they_are_closed_is_left_out() -> None:
    week = hours(closed=["2026-11-23"])
    found = week.next_open(datetime(2026, 11, 23, 1, 0, tzinfo=UTC))
    assert found is not None
    assert (week.open_at(datetime(2026, 11, 23, 2, 0, tzinfo=UTC)), found.date()) == (False, date(2026, 11, 24))


def test_days_with_the_same_spans_run_together() -> None:
    assert [(first, last, len(spans)) for first, last, spans in hours().runs()] == [(0, 4, 2), (5, 5, 1)]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("{zone: Asia/Shangai, mon: '09:00-18:00'}", "Asia/Shanghai"),
        ("{zone: Asia/Shanghai, monday: '09:00-18:00'}", "mon-fri"),
        ("{zone: Asia/Shanghai, mon: '9-18'}", "09:00-18:00"),
        ("{zone: Asia/Shanghai, mon: '18:00-09:00'}", "no span of a day"),
        ("{zone: Asia/Shanghai, mon: ['09:00-12:00', '11:00-18:00']}", "overlap"),
        ("{zone: Asia/Shanghai, mon-fri: '09:00-18:00', wed: '09:00-12:00'}", "twice"),
        ("{zone: Asia/Shanghai, fri-mon: '09:00-18:00'}", "runs forward"),
        ("{mon: '09:00-18:00'}", "zone"),
    ],
)
def test_what_is_wrong_is_said_once_with_what_would_be_right(written: str, said: str, tmp_path: Path) -> None:
    mistakes: list[Mistake] = []
    file = tmp_path / "operator.yaml"
    file.write_text(f"agency: {{en: a, zh: b}}\nhours: {written}\n", encoding="utf-8")
    node = read(file, file.name, mistakes)
    assert node is not None
    assert parse(Operator, node, mistakes) is None
    (mistake,) = mistakes
    assert mistake.line == 2
    assert said in str(mistake)
    assert re.search("[\u4e00-\u9fff]", mistake.words("zh"))
