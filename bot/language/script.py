"""Traditional Chinese characters: whether a message is written in them, and replies in them."""

from __future__ import annotations

import re
from functools import cache
from typing import Literal, Protocol

LONGEST = 2000  # characters of a message
KANA = re.compile("[\u3040-\u30ff]")  # Japanese, whose characters are often the traditional ones
# Addresses, code and commands stay as they are.
KEPT = re.compile(r"`[^`]*`|\]\([^)]*\)|(?:https?://|www\.)[^\s<>，。；、）]+|(?<![\w/])/[a-z]+")


class Converter(Protocol):
    def convert(self, text: str) -> str: ...


def is_traditional(text: str) -> bool | None:
    """Return true for traditional characters, false for simplified ones, None where both are written alike."""
    text = whole(text[:LONGEST])
    if text.isascii() or KANA.search(text):
        return None
    if differing(text, converter("t2s")) >= max(1, differing(text, converter("s2hk"))):
        return True
    return False if differing(text, converter("s2hk")) else None


def traditional(markdown: str) -> str:
    """Convert a reply to traditional characters, but for links and commands."""
    markdown = whole(markdown)
    parts, end = [], 0
    convert = converter("s2hk").convert
    for match in KEPT.finditer(markdown):
        parts += [convert(markdown[end : match.start()]), match[0]]
        end = match.end()
    return "".join((*parts, convert(markdown[end:])))


def differing(text: str, to: Converter) -> int:
    """Count the characters that a conversion changes."""
    return sum(before != after for before, after in zip(text, to.convert(text), strict=False))


def whole(text: str) -> str:
    """Replace halves of surrogate pairs, which cannot be converted."""
    return text.encode("utf-8", "replace").decode()


@cache
def converter(name: Literal["t2s", "s2hk"]) -> Converter:
    import opencc  # deferred: only Chinese texts need its dictionaries

    made: Converter = opencc.OpenCC(name)
    return made
