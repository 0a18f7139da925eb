"""Nothing that strangers or editors send ends in an error that nobody expected."""

from __future__ import annotations

import pytest

from bot.knowledge.knowledge import Knowledge
from tests import fuzz

COSTLY = ("presses", "messages", "forms")  # each is a whole turn, or six files written and read


@pytest.mark.parametrize("name", fuzz.TARGETS)
def test_it_is_taken_or_refused_by_name(name: str, knowledge: Knowledge) -> None:
    fuzz.run(name, 60 if name in COSTLY else 200)
