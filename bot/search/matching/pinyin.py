"""Pinyin of Chinese characters, to understand homophones typed by mistake."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from bot.language.pinyin import sounds
from bot.search.matching.features import han_characters


def syllables(texts: Iterable[str]) -> dict[str, str]:
    """Return the toneless pinyin of the characters in normalised texts, and of their common homophones."""
    heard = set().union(*map(han_characters, texts))
    if not heard:
        return {}
    own = {character: sounds().get(character, character) for character in sorted(heard)}
    wanted = set(own.values())
    return own | {character: sound for character, sound in _common().items() if sound in wanted}


@cache
def _common() -> dict[str, str]:
    """Return the pinyin of the common simplified characters (GB 2312), which input methods offer."""
    codes = (bytes((row, column)) for row in range(0xB0, 0xF8) for column in range(0xA1, 0xFF))
    characters = b"".join(codes).decode("gb2312", errors="ignore")
    return {character: sounds().get(character, character) for character in characters}
