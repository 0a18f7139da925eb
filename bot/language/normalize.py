"""One spelling for texts that mean the same to a reader: width, case, script, spaces and punctuation put aside."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from typing import Protocol

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # the blocks of Chinese characters
MOST_ROUNDS = 4  # one round settles nearly every text, two all known ones

_HAN = re.compile(f"[{HAN}]")
_APOSTROPHES = frozenset("'\u2019\u02bc\u2018`\u00b4")
_ATTACHED = frozenset(("Mn", "Me"))  # marks on the letter before


class _Converter(Protocol):
    def convert(self, text: str) -> str: ...


class _Letters(dict[int, str]):
    """A table for `str.translate`, filled as characters turn up: letters stay, all else becomes a space or nothing."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        kind = unicodedata.category(character)
        if kind[0] in "LN":
            kept = character
        elif kind in _ATTACHED:  # vowel signs belong to a word, the marks that make an emoji do not
            kept = "" if kind == "Me" or "\ufe00" <= character <= "\ufe0f" else character
        elif kind == "Mc":
            kept = character
        elif character in _APOSTROPHES or kind in ("Cf", "Cs") or (kind == "Cc" and not character.isspace()):
            kept = ""
        else:
            kept = " "
        self[code] = kept
        return kept


_LETTERS = _Letters()


@cache
def _to_simplified() -> _Converter:
    import opencc  # deferred: only Chinese texts need its dictionaries

    converter: _Converter = opencc.OpenCC("t2s")
    return converter


def normalize(text: str) -> str:
    """The text in NFKC, case folded, in simplified characters, single-spaced, without punctuation, symbols or controls.

    Idempotent. Apostrophes vanish (`don't` is `dont`); other punctuation parts words.
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
    if not _HAN.search(text):
        return text
    return _to_simplified().convert(text)


@lru_cache(4096)  # the same phrases of the content are held against every message
def loose_key(text: str) -> str:
    """`normalize` without any spaces, to compare keywords by."""
    return normalize(text).replace(" ", "")
