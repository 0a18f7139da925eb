"""What merchants tell of themselves before they ask: "I sell on Amazon; what deposit do you take?" is not about Amazon."""

from __future__ import annotations

import re

from bot.language.left_out import ASKING
from bot.language.normalize import HAN

SENTENCE = re.compile(r"(?<=[.!?;])\s+|(?<=[。！？；…])|\n+")
CLAUSE = re.compile(
    r"[,，:：()（）]|\s[—–-]\s|——|\b(?:and|but|so|then|now)\s+(?=(?:i|we|my|our|want|would|how|what|which|when|where|who|can|could|do|does|did|"
    r"is|are|will|should|must|may|need|now|am|have|plan|think|wonder|then|just)\b)|然后|所以|但是|不过|而且|另外",
    re.IGNORECASE,
)
OF_US = re.compile(
    r"\b(?:i|we|my|our|ive|weve|im|were|us|me|mine|ours)\b|\b(?:coming|moving|switching) from\b|我|咱|老板|本人|本公司|之前|以前|原来|原先|一直|已经",
    re.IGNORECASE,
)
INTENDS = re.compile(
    r"\b(?:want|wanna|plan\w*|going to|hop(?:e|ing)|like to|wish|think\w*|consider\w*|intend\w*|try\w*|about to|decided?|interested|need|ask\w*)\b|"
    r"想|打算|准备|计划|希望|考虑|要",
    re.IGNORECASE,
)
AWAY_FROM = re.compile(
    r"(?:\b(?:from|leav\w+|left|quit\w*|besides|unlike|like|than|off)\s+(?:the\s+)?|从|离开|除了|不像|比)$",
    re.IGNORECASE,
)
REFERS_BACK = re.compile(r"\b(?:they|their|theirs|them)\b|\bthere\W*$|[他它]们|那边|那里|那个平台|那家", re.IGNORECASE)
WORD = re.compile(f"[{HAN}]|[^\\W_]+")
FEWEST_WORDS = 5  # of a sentence that tells something, where it names nobody: less is a heading ("Shopee.")
MOST_JOINED = (
    4  # words of a clause that goes on with a list ("on Amazon, Etsy and eBay, …"); two characters count as one
)


def is_background(text: str, start: int) -> bool:
    """Return true if what stands at a place is told of the merchant, and something else is asked.

    Not so where the question refers to it ("what is their commission?"), nor where it is what the merchant intends.
    """
    begin, end = around(SENTENCE, text, start)
    sentence, place = text[begin:end], start - begin
    elsewhere = [part for part in (text[:begin], text[end:]) if any(map(asks, SENTENCE.split(part)))]
    first, last = clause(sentence, place)
    beside = [part for part in (*CLAUSE.split(sentence[:first]), *CLAUSE.split(sentence[last:])) if asks(part)]
    if asks(sentence[first:last]) or not (elsewhere or beside):
        return False
    if any(REFERS_BACK.search(part.rstrip()) for part in (*elsewhere, *beside)):
        return False
    told = sentence[first:place] if beside and not elsewhere else sentence
    if not OF_US.search(told) and (beside or length(sentence) < FEWEST_WORDS):
        return False
    before = sentence[first:place]
    return not INTENDS.search(before) or bool(AWAY_FROM.search(before))


def refers_back(text: str) -> bool:
    return any(REFERS_BACK.search(part.rstrip()) for part in SENTENCE.split(text) if asks(part))


def clause(sentence: str, place: int) -> tuple[int, int]:
    """Return the clause around a place; items of a list belong to the clause before."""
    start, end = around(CLAUSE, sentence, place)
    while start > 0 and length(sentence[start:end]) <= MOST_JOINED:
        start = max((match.end() for match in CLAUSE.finditer(sentence) if match.end() < start), default=0)
    return start, end


def length(text: str) -> float:
    words = WORD.findall(text)
    return sum(0.5 if len(word) == 1 and not word.isascii() else 1 for word in words)


def around(pattern: re.Pattern[str], text: str, place: int) -> tuple[int, int]:
    """Return the part between two matches of a pattern around a place."""
    start, end = 0, len(text)
    for match in pattern.finditer(text):
        if match.end() <= place:
            start = match.end()
        elif match.start() >= place:
            end = match.start()
            break
    return start, end


def asks(text: str) -> bool:
    return bool(text.strip()) and ("?" in text or "？" in text or bool(ASKING.search(text)))
