"""Which stretches of a text lie within longer ones."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.language.stretches import Stretch, within_longer

STRETCHES = st.lists(st.tuples(st.integers(0, 12), st.integers(1, 6)).map(lambda one: (one[0], one[0] + one[1])))


@given(STRETCHES, STRETCHES)
def test_they_are_those_that_comparing_each_with_each_finds(own: list[Stretch], others: list[Stretch]) -> None:
    found = {(a, b) for a, b in own if any(c <= a and b <= d and (a, b) != (c, d) for c, d in others)}
    assert within_longer(own, others) == found


@given(STRETCHES)
def test_none_lies_within_itself(own: list[Stretch]) -> None:
    assert within_longer(own, own[:1]) <= set(own) - set(own[:1])
