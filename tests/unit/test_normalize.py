"""Normalised texts, and what is kept of them in memory."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterable

from bot.language.normalize import loose_key

MOST_KEPT = 2.5e6  # bytes


def kept_of(texts: Iterable[str]) -> int:
    """Return the bytes that remain when these texts were read."""
    tracemalloc.start()
    for text in texts:
        loose_key(text)
    kept = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return kept


def test_long_messages_and_strange_characters_are_not_kept_in_memory() -> None:
    long = (f"message {number} " + "how much is the deposit " * 80 for number in range(2_000))
    assert kept_of(long) < MOST_KEPT
    blocks = ("".join(map(chr, range(start, start + 1000))) for start in range(0x40000, 0x60000, 1000))
    assert kept_of(blocks) < MOST_KEPT
    assert loose_key("Ｆｕｌｌ width, 全角") == loose_key("full WIDTH 全角")
