"""How Chinese characters sound, so that a wrong character of the same sound is still understood."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from bot.search.matching.features import han_characters


def syllables(texts: Iterable[str]) -> dict[str, str]:
    """Syllables without tones of the characters of normalized texts and of the common ones that sound like them."""
    heard = set().union(*map(han_characters, texts))
    if not heard:
        return {}
    from pypinyin import lazy_pinyin  # deferred: only needed in training, and slow to import

    sounds = {character: lazy_pinyin(character)[0] for character in sorted(heard)}
    wanted = set(sounds.values())
    return sounds | {character: sound for character, sound in _common().items() if sound in wanted}


@cache
def _common() -> dict[str, str]:
    """The sounds of the common simplified characters (GB 2312): what an input method offers by mistake."""
    from pypinyin import lazy_pinyin

    codes = (bytes((row, column)) for row in range(0xB0, 0xF8) for column in range(0xA1, 0xFF))
    characters = b"".join(codes).decode("gb2312", errors="ignore")
    return {character: lazy_pinyin(character)[0] for character in characters}
