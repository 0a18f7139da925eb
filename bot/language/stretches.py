"""Stretches of a text, as (start, end), and their containment."""

from __future__ import annotations

from collections.abc import Iterable

Stretch = tuple[int, int]


def within_longer(own: Iterable[Stretch], others: Iterable[Stretch]) -> set[Stretch]:
    """Return the stretches of `own` within a longer one of `others`, in O(n log n)."""
    found, reach = set(), -1
    # order: by start, then longest first, then own before others, so that equal stretches do not contain each other
    for start, length, other in sorted([(a, a - b, False) for a, b in own] + [(a, a - b, True) for a, b in others]):
        if other:
            reach = max(reach, start - length)
        elif start - length <= reach:
            found.add((start, start - length))
    return found
