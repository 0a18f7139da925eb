"""Common English words. Their list is english.txt."""

from __future__ import annotations

from functools import cache
from pathlib import Path


@cache
def english_words() -> frozenset[str]:
    lines = Path(__file__).with_name("english.txt").read_text(encoding="utf-8").split("\n")
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())
