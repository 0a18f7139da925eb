"""Merchants' statements about themselves before a question: "I sell at the fair; what deposit do you take?" is not about the fair."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from bot.language.left_out import ASKING
from bot.language.normalize import HAN

SENTENCE = re.compile(r"(?<=[.!?;])\s+|(?<=[。！？；…])|\n+")
CLAUSE = re.compile(
    r"(?!(?<=\d)[,:]\d)[,，:：()（）]|\s[—–-]\s|——|\b(?:and|but|so|then|now)\s+(?=(?:i|we|my|our|want|would|how|what|which|when|where|who|can|could|do|does|did|"
    r"is|are|will|should|must|may|need|now|am|have|plan|think|wonder|then|just)\b)|(?<=[\u4e00-\u9fff])\s+(?=[\u4e00-\u9fff])|然后|所以|但是|不过|而且|另外",
    re.IGNORECASE,
)
OF_US = re.compile(
    r"\b(?:i|we|my|our|ive|weve|im|were|us|me|mine|ours)\b|\b(?:coming|moving|switching) from\b|我|咱|老板|本人|本公司|之前|以前|原来|原先|一直|已经",
    re.IGNORECASE,
)
INTENDS = re.compile(
    r"\b(?:want|wanna|plan\w*|going to|hop(?:e|ing)|like to|wish|think\w*|consider\w*|intend\w*|try\w*|about to|decided?|interested|need|ask\w*)\b|"
    r"想|打算|准备|计划|希望|考虑|(?<!主)要",
    re.IGNORECASE,
)
AWAY_FROM = re.compile(
    r"(?:\b(?:from|leav\w+|left|quit\w*|besides|unlike|like|than|off)\s+(?:the\s+)?|从|离开|除了|不像|比)$",
    re.IGNORECASE,
)
REFERS_BACK = re.compile(r"\b(?:they|their|theirs|them)\b|\bthere\W*$|[他它]们|那边|那里|那个平台|那家", re.IGNORECASE)
WORD = re.compile(f"[{HAN}]|[^\\W_]+")
FEWEST_WORDS = 5  # of a sentence that tells something, where it names nobody: less is a heading ("The fair.")
MOST_JOINED = (
    4  # words of a clause that goes on with a list ("at fairs, markets and shops, …"); two characters count as one
)


Part = tuple[int, int, bool]  # start, end, and whether it asks


def background(text: str, places: Iterable[int]) -> Iterator[int]:
    """Yield the places where something is told of the merchant, and something else is asked.

    Not so where the question refers to it ("what is their commission?"), nor where it is what the merchant intends.
    """
    sentences = parts(SENTENCE, text, 0, len(text))
    clauses: dict[Part, list[Part]] = {}
    for place in places:
        sentence = around(sentences, place)
        if sentence not in clauses:
            clauses[sentence] = parts(CLAUSE, text, *sentence[:2])
        if told(text, place, sentence, sentences, clauses[sentence]):
            yield place


def told(text: str, place: int, sentence: Part, sentences: Sequence[Part], clauses: Sequence[Part]) -> bool:
    own = clause(text, clauses, place)
    elsewhere = [part for part in sentences if part[2] and part != sentence]
    beside = [part for part in clauses if part[2] and not own[0] <= part[0] < own[1]]
    if own[2] or not (elsewhere or beside):
        return False
    if any(REFERS_BACK.search(text[start:end].rstrip()) for start, end, _ in (*elsewhere, *beside)):
        return False
    tale = text[own[0] : place] if beside and not elsewhere else text[sentence[0] : sentence[1]]
    if not OF_US.search(tale) and (beside or length(tale) < FEWEST_WORDS):
        return False
    before = text[own[0] : place]
    return not INTENDS.search(before) or bool(AWAY_FROM.search(before))


def refers_back(text: str) -> bool:
    return any(REFERS_BACK.search(part.rstrip()) for part in SENTENCE.split(text) if asks(part))


def clause(text: str, clauses: Sequence[Part], place: int) -> Part:
    """Return the clause around a place; items of a list belong to the clause before."""
    start, end, _ = own = around(clauses, place)
    for first, _, _ in reversed(clauses[: clauses.index(own)]):
        if length(text[start:end]) > MOST_JOINED:
            break
        start = first
    return start, end, asks(text[start:end])


def parts(pattern: re.Pattern[str], text: str, start: int, end: int) -> list[Part]:
    """Split a stretch of a text."""
    found = [(match.start(), match.end()) for match in pattern.finditer(text, start, end)]
    bounds = zip([start, *(after for _, after in found)], [*(before for before, _ in found), end], strict=True)
    return [(first, last, asks(text[first:last])) for first, last in bounds]


def around(parts: Sequence[Part], place: int) -> Part:
    return next((part for part in parts if place < part[1]), parts[-1])


def length(text: str) -> float:
    """Count words; two Chinese characters count as one."""
    return sum(0.5 if len(word) == 1 and not word.isascii() else 1 for word in WORD.findall(text))


def asks(text: str) -> bool:
    return bool(text.strip()) and ("?" in text or "？" in text or bool(ASKING.search(text)))
