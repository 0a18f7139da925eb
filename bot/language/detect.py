"""Language detection: English, Chinese, or neither."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Set

from bot.language.normalize import HAN
from bot.model import Language

HAN_CHARACTER = re.compile(f"[{HAN}]")
LATIN_WORD = re.compile(r"[a-zà-öø-ÿ][a-zà-öø-ÿ'’]*", re.IGNORECASE)
HAN_A_WORD = 1.5  # Chinese characters equivalent to one English word
FOREIGN_WORDS = 3  # fewest words of a text in another language with Latin letters
FOREIGN_SHARE = 0.34  # highest share of known English words in such a text


def language_of(text: str, current: Language | None, neutral: Set[str] = frozenset()) -> Language | None:
    """Detect a message's language; `current` for messages such as "OK" or "2".

    `neutral`: lower-case Latin words used in both languages.
    """
    text = text[:2000]
    han = len(HAN_CHARACTER.findall(text))
    words = LATIN_WORD.findall(text)
    if han and han / HAN_A_WORD >= len(words):
        return "zh"
    if not words:
        return current
    if not han and current and all(word.lower() in neutral for word in words):
        return current
    return "en"


def other_script(text: str) -> bool:
    """Return true if most letters are neither Latin nor Chinese."""
    if text.isascii():
        return False
    letters = [character for character in text[:2000] if character.isalpha()]
    strange = sum(not (HAN_CHARACTER.match(letter) or "LATIN" in unicodedata.name(letter, "")) for letter in letters)
    return strange * 2 > len(letters)


def other_language(text: str, english: Set[str]) -> bool:
    """Return true if a text has Latin letters, and few of its words are known English."""
    if HAN_CHARACTER.search(text):
        return False
    words = [word.lower() for word in LATIN_WORD.findall(text[:2000])]
    known = sum(word in english for word in words)
    return len(words) >= FOREIGN_WORDS and known <= FOREIGN_SHARE * len(words)
