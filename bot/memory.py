"""Memory: what lasts is left out of the garbage collector's rounds, and freed memory goes back."""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Iterator
from contextlib import contextmanager, suppress


@contextmanager
def uncollected() -> Iterator[None]:
    """Make many lasting objects without a round of collection, in each of which all threads wait for a tenth of a second."""
    collected = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collected:
            gc.enable()


def last() -> None:
    """Leave what was made so far out of all collections: a command uses it to its end."""
    gc.freeze()


def settle(*, replaced: bool = False) -> None:
    """Free what is not used any more; what is left mostly lasts, and no collection goes through it again.

    `replaced`: what lasted until now is not used any more either, so all of it is gone through.
    """
    if replaced:
        gc.unfreeze()
    gc.collect()
    gc.freeze()
    with suppress(OSError, AttributeError):  # glibc only
        ctypes.CDLL(None).malloc_trim(0)
