"""Common English words. Their list is english.txt, in which they are sorted."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Container
from functools import cache
from pathlib import Path


class Words(Container[object]):
    """Sorted words, kept as lines of several: as a set they would take ten times the memory."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines

    def __contains__(self, word: object) -> bool:
        if not isinstance(word, str):
            return False
        at = bisect_right(self.lines, f"{word} \uffff") - 1  # the last line that begins with this word or one before it
        return at >= 0 and f" {word} " in f" {self.lines[at]} "


@cache
def english_words() -> Words:
    lines = Path(__file__).with_name("english.txt").read_text(encoding="utf-8").split("\n")
    return Words([line for line in lines if line and not line.startswith("#")])
