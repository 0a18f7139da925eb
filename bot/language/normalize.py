"""Text normalisation: width, case, script, spaces and punctuation."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from bot.language.script import converter

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # the blocks of Chinese characters
LONGEST_KEPT = 120  # characters of a text whose loose key is kept; longer ones are hardly ever read twice
LETTERS_KEPT = 16_384  # of the table of characters
MOST_ROUNDS = 4  # nearly every text is stable after one round, all known ones after two

HAN_LETTER = re.compile(f"[{HAN}]")
_APOSTROPHES = frozenset("'\u2019\u02bc\u2018`\u00b4")
_ATTACHED = frozenset(("Mn", "Me"))  # categories of combining marks


class _Letters(dict[int, str]):
    """A lazy table for `str.translate`: keeps letters, and replaces other characters by a space or nothing.

    It remembers the first LETTERS_KEPT characters that are written; whoever writes all of Unicode would fill 93 MB.
    """

    def __missing__(self, code: int) -> str:
        character = chr(code)
        kind = unicodedata.category(character)
        if kind[0] in "LN":
            kept = character
        elif kind in _ATTACHED:  # keep vowel signs, drop the marks of emoji
            kept = "" if kind == "Me" or "\ufe00" <= character <= "\ufe0f" else character
        elif kind == "Mc":
            kept = character
        elif character in _APOSTROPHES or kind in ("Cf", "Cs") or (kind == "Cc" and not character.isspace()):
            kept = ""
        else:
            kept = " "
        if len(self) < LETTERS_KEPT:
            self[code] = kept
        return kept


_LETTERS = _Letters()


@lru_cache(128)  # a turn needs the same texts several times
def normalize(text: str) -> str:
    """Convert a text to NFKC, case folded, simplified, single-spaced, without punctuation, symbols and controls.

    Idempotent. Apostrophes are removed (`don't` becomes `dont`); other punctuation separates words.
    """
    for _ in range(MOST_ROUNDS):
        done = _round(text)
        if done == text:
            break
        text = done
    return text


def _round(text: str) -> str:
    if text.isascii():
        return " ".join(text.lower().translate(_LETTERS).split())
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    text = unicodedata.normalize("NFKC", " ".join(text.translate(_LETTERS).split()))
    if not HAN_LETTER.search(text):
        return text
    return converter("t2s").convert(text)


def loose_key(text: str) -> str:
    """Normalise a text and remove its spaces, to compare keywords."""
    return _kept_key(text) if len(text) <= LONGEST_KEPT else _key(text)


def _key(text: str) -> str:
    return normalize(text).replace(" ", "")


# Of a content's phrasings, which are read at each edit, and of its phrases, which are compared with every message.
_kept_key = lru_cache(32_768)(_key)
