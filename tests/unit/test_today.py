"""Which messages ask about a time after the newest article."""

from __future__ import annotations

from datetime import date

import pytest

from handlers.today import asks_about_today

UNTIL, TODAY = date(2022, 4, 26), date(2026, 11, 24)


@pytest.mark.parametrize(
    "text",
    [
        "what is the fee in 2025",
        "is 2027 the same?",
        "the fee this year",
        "what do they charge nowadays?",
        "what is the current fee",
        "is that allowed now?",
        "does it still cost nothing",
        "2026年要交多少",
        "今年有变化吗",
        "现在要交多少",
        "最新的比例",
    ],
)
def test_a_later_year_and_words_of_today_ask_about_today(text: str) -> None:
    assert asks_about_today(text, UNTIL, TODAY)


@pytest.mark.parametrize(
    "text",
    [
        "what was the fee in 2021",
        "since 2022 or before?",
        "I now have a company, what next",
        "what do we do now",
        "can I still change it",
        "order 20261 is late",
        "我现在有公司了",
        "那我现在怎么办",
        "how much is the fee",
        "保证金多少",
        "now " * 100,
    ],
)
def test_earlier_years_and_ones_own_case_do_not(text: str) -> None:
    assert not asks_about_today(text, UNTIL, TODAY)
