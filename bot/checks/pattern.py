"""Patterns of words: "(a/b) c" is "a c" or "b c", "[a] b" is "a b" or "b", and "…" is a few words within the clause."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from bot.language.amounts import fold
from bot.language.normalize import HAN

TOKEN = re.compile(rf"[{HAN}]|\d+|[^\W\d_{HAN}]+")
GAP = "\u02ac"  # stands for "…" among the words of a pattern; a letter that nobody types
DENYING = frozenset(["没", "未", "无", "不", "no", "not", "without", "never"])  # never in a gap
_OTHER = rf"(?!(?:{'|'.join(sorted(DENYING))}) )"
ANY_WORDS = (
    rf"(?:(?:{_OTHER}[^\x00-\x7f] ){{0,6}}|(?:{_OTHER}\S+ ){{0,3}})"  # up to six Chinese characters or three words
)

MOST_WORDINGS = 3

Tokens = tuple[str, ...]
Pattern = tuple["str | tuple[Pattern, ...]", ...]  # words, and alternatives


def tokens_of(folded: str) -> Tokens:
    return tuple(TOKEN.findall(folded))


@lru_cache(maxsize=4096)
def pattern_of(text: str) -> Pattern:
    """Parse a pattern; unbalanced brackets end with the text."""
    pieces = re.findall(rf"{TOKEN.pattern}|[()\[\]/]", fold(text.replace("…", f" {GAP} ")))
    return alternatives(iter(pieces))[0]


def is_well_formed(text: str) -> bool:
    """Return true if every bracket is closed by its own, and nothing but words and the signs of patterns stands in it."""
    closing: list[str] = []
    for sign in text:
        if sign in "([":
            closing.append(")" if sign == "(" else "]")
        elif (
            (sign in ")]" and (not closing or closing.pop() != sign))
            or sign in "|?*+{}"
            or (sign == "/" and not closing)
        ):
            return False
    return not closing and any(words_in(pattern_of(text)))


def alternatives(pieces: Iterator[str]) -> tuple[Pattern, ...]:
    """Parse up to the closing bracket."""
    found: list[list[str | tuple[Pattern, ...]]] = [[]]
    for piece in pieces:
        if piece in "([":
            inner = alternatives(pieces)
            found[-1].append((*inner, ()) if piece == "[" else inner)
        elif piece in ")]":
            break
        elif piece == "/":
            found.append([])
        else:
            found[-1].append(piece)
    return tuple(map(tuple, found))


def is_plain(pattern: Pattern) -> bool:
    return all(isinstance(part, str) and part != GAP for part in pattern)


def words_in(pattern: Pattern) -> Iterator[str]:
    """Yield every word of a pattern."""
    for part in pattern:
        if isinstance(part, str):
            yield from [part] if part != GAP else []
        else:
            for one in part:
                yield from words_in(one)


def first_words(pattern: Pattern) -> tuple[set[str], bool]:
    """Return the words with which a pattern can begin, and true if it can be empty."""
    found: set[str] = set()
    for part in pattern:
        if isinstance(part, str):
            return found | {part}, False
        heads = [first_words(one) for one in part]
        found |= set().union(*(words for words, _ in heads))
        if not any(empty for _, empty in heads):
            return found, False
    return found, True


def regex_of(pattern: Pattern) -> str:
    """Return a pattern as a regular expression over words that each end with a space; the longest alternatives first."""
    parts = []
    for part in pattern:
        if isinstance(part, str):
            parts.append(ANY_WORDS if part == GAP else f"{part} ")
        else:
            ways = sorted(map(regex_of, part), key=len, reverse=True)
            parts.append(f"(?:{'|'.join(ways)})")
    return "".join(parts)


def wordings(text: str) -> tuple[str, ...]:
    """Return up to MOST_WORDINGS texts that a pattern fits, which differ in every choice; its gaps are left out."""
    pattern = pattern_of(text)
    found = (" ".join(chosen(pattern, number)) for number in range(MOST_WORDINGS))
    return tuple(dict.fromkeys(re.sub(rf"(?<=[{HAN}]) | (?=[{HAN}])", "", one) for one in found))


def chosen(pattern: Pattern, number: int) -> Iterator[str]:
    """Yield a pattern's words with the alternative of this number, counted round, at every choice."""
    for part in pattern:
        if not isinstance(part, str):
            yield from chosen(part[number % len(part)], number)
        elif part != GAP:
            yield part


@lru_cache(maxsize=4096)
def compiled(*patterns: Pattern) -> re.Pattern[str]:
    """Compile the patterns, one of which has to fit."""
    return re.compile("|".join(map(regex_of, patterns)))
