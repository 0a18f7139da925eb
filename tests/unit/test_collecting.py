"""What lasts is gone through by a collection only when it is replaced."""

from __future__ import annotations

import gc
import weakref

from bot.memory import settle, uncollected


class Ring:
    def __init__(self) -> None:
        self.itself = self


def test_what_lasted_is_gone_through_only_when_it_is_replaced() -> None:
    ring = Ring()
    alive = weakref.ref(ring)
    settle()
    del ring
    settle()
    gc.collect()
    assert alive() is not None
    settle(replaced=True)
    assert alive() is None


def test_what_is_not_used_any_more_at_a_start_is_freed() -> None:
    alive = weakref.ref(Ring())
    settle()
    assert alive() is None


def test_nothing_is_collected_until_the_outer_one_ends() -> None:
    assert gc.isenabled()
    with uncollected():
        with uncollected():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()
