"""Language detection: English, Chinese, or neither."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Set
from functools import lru_cache

from bot.language.english import english_words
from bot.language.normalize import HAN
from bot.model import Language

HAN_CHARACTER = re.compile(f"[{HAN}]")
KANA = re.compile("[\u3041-\u3096\u30a1-\u30fa\u30fc]")
HIRAGANA = re.compile("[\u3041-\u3096]+")
NOT_JAPANESE = re.compile("[你您们這这那哪吗嗎呢么麼没叫怎]|我[的是想要在家叫]")
ENDS_IN_HIRAGANA = re.compile(r"[\u3041-\u3096]{2,}\W*$")
LATIN_WORD = re.compile(r"[a-zà-öø-ÿ][a-zà-öø-ÿ'’]*", re.IGNORECASE)
ASKS_IN_HAN = re.compile("[呢吗嗎么麼吧嘛]\\W*$")
FEW_NAMES = 3  # most Latin words of a Chinese question that ends in a particle: "trade mark呢"
HAN_A_WORD = 1.5  # Chinese characters equivalent to one English word
FOREIGN_WORDS = 3  # fewest words of a text in another language with Latin letters
FOREIGN_SHARE = 0.34  # highest share of known English words in such a text


@lru_cache(256)  # a turn asks for the same texts' several times
def language_of(text: str, current: Language | None, neutral: frozenset[str] = frozenset()) -> Language | None:
    """Detect a message's language; `current` for messages such as "OK" or "2".

    `neutral`: lower-case Latin words used in both languages.
    """
    text = text[:2000]
    han = len(HAN_CHARACTER.findall(text))
    words = LATIN_WORD.findall(text)
    if han and han / HAN_A_WORD >= sum(word.lower() not in neutral for word in words):
        return "zh"
    if han and len(words) <= FEW_NAMES and ASKS_IN_HAN.search(text):
        return "zh"
    if not words:
        return current
    if not han and current and all(word.lower() in neutral for word in words):
        return current
    return "en"


def other_script(text: str) -> bool:
    """Return true if most letters are neither Latin nor Chinese, or the text is Japanese.

    Japanese has Chinese characters among its own; one word in these alone may be a name in a Chinese text.
    """
    if text.isascii():
        return False
    letters = [character for character in text[:2000] if character.isalpha()]
    strange = sum(not (HAN_CHARACTER.match(letter) or "LATIN" in unicodedata.name(letter, "")) for letter in letters)
    return strange * 2 > len(letters) or japanese(text[:2000])


def japanese(text: str) -> bool:
    """Return true if a text has Japanese particles: at least two runs of hiragana, or one at its end or most of it."""
    if not (kana := KANA.findall(text)) or NOT_JAPANESE.search(text):
        return False
    letters = sum(character.isalpha() for character in text)
    runs = HIRAGANA.findall(text)
    return 10 * len(kana) >= letters and (
        len(runs) > 1 or 3 * len(kana) >= letters or bool(ENDS_IN_HIRAGANA.search(text))
    )


def is_english(text: str) -> bool:
    """Return true if all words of a text are English, be they in the content or not: "cause we merged"."""
    return all(len(word) < 2 or word.lower() in english_words() for word in LATIN_WORD.findall(text[:2000]))


def other_language(text: str, english: Set[str]) -> bool:
    """Return true if a text has Latin letters, and few of its words are known English."""
    if HAN_CHARACTER.search(text):
        return False
    words = [word.lower() for word in LATIN_WORD.findall(text[:2000])]
    known = sum(word in english and (len(word) > 1 or word in "ai") for word in words)
    return len(words) >= FOREIGN_WORDS and known <= FOREIGN_SHARE * len(words)
