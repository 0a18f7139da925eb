"""Stretches of a text, each from a start to an end: which of them lie within longer ones."""

from __future__ import annotations

from collections.abc import Iterable

Stretch = tuple[int, int]


def within_longer(own: Iterable[Stretch], others: Iterable[Stretch]) -> set[Stretch]:
    """Those of `own` that lie within a longer one of `others`, in about the time that it takes to sort them."""
    found, reach = set(), -1
    # of those with the same start the longest comes first; an equal one comes after, and covers nothing
    for start, length, other in sorted([(a, a - b, False) for a, b in own] + [(a, a - b, True) for a, b in others]):
        if other:
            reach = max(reach, start - length)
        elif start - length <= reach:
            found.add((start, start - length))
    return found
