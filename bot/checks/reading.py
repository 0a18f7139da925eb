"""A message taken apart for one question of a check, and what was read in it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from bot.checks.table import Answer, Classes
from bot.checks.vocabulary import (
    FILLERS,
    GENERAL,
    MARK,
    QUESTION_FORM,
    Lexicon,
    Span,
    Word,
    unhidden,
    words_of,
)
from bot.language.amounts import LONGEST_READ
from bot.model import Language

Trouble = Literal[
    "other_currency",  # `named` says which
    "out_of_range",
    "not_whole",
    "several_fit",  # `options` are the values that fit, or the numbers of which one must be meant
    "no_such_choice",  # a number that is none of the choices
    "no_number",  # a number is needed
    "a_date",  # a day of the calendar where a length of time is needed
    "no_value",  # a wish to change an answer, without the new one
]


How = Literal["value", "subject", "general", "place", "number", "unknown", "trouble"]


@dataclass(frozen=True)
class Reading:
    """What a message says in answer to a question.

    `answer` is as `Answers` keeps it, None where there is an `unknown` ("I don't know") or a `problem`. `confirm`: it is
    doubtful, and the doubt can change the result. `sure`, from 0 to 1, is the share of the message that the reading
    explains: a question of another kind or a story has little of it.
    """

    answer: Answer | None = None
    unknown: bool = False
    confirm: bool = False
    problem: Trouble | None = None
    named: str | None = None
    options: tuple[Answer, ...] = ()
    sure: float = 0.0


@dataclass(frozen=True)
class Utterance:
    """A message taken apart for one question."""

    folded: str
    length: int
    words: tuple[Word, ...]
    texts: tuple[str, ...]
    spans: tuple[Span, ...]
    lexicon: Lexicon
    classes: Classes | None
    lang: Language
    aside: frozenset[str]

    def of(self, *kinds: str) -> list[Span]:
        return [span for span in self.spans if span.kind in kinds]

    def sure(self, spans: Iterable[Span], stretches: Iterable[tuple[int, int]] = ()) -> float:
        """The share of the message that is explained by these spans of words and stretches of characters."""
        explained = {index for span in spans for index in range(span.start, span.end)}
        starts = [word.start for word in self.words]
        for start, end in stretches:
            explained.update(range(bisect_left(starts, start), bisect_left(starts, end)))
        idle = {index for span in self.of("aside") for index in range(span.start, span.end)}
        core = rest = 0.0
        for index, text in enumerate(self.texts):
            weight = 0.5 if not text.isascii() else 1.0
            if index in explained:
                core += weight
            elif (
                index not in idle
                and text not in FILLERS
                and text not in self.lexicon.neutral
                and text not in self.aside
            ):
                rest += weight
        if not core:
            return 0.0
        if QUESTION_FORM.search(self.folded):
            rest += 1.5
        if MARK.search(self.folded):
            rest += 0.5
        rest += max(0, self.length - LONGEST_READ) / 10
        return round(core / (core + rest), 3)


def taken_apart(
    lexicon: Lexicon,
    folded: str,
    length: int,
    lang: Language,
    classes: Classes | None = None,
    aside: frozenset[str] = frozenset(),
) -> Utterance:
    """Take a folded message apart. `length` is that of the whole text; words in `aside` are as good as explained."""
    return Utterance(folded, length, *found_in(lexicon, folded), lexicon, classes, lang, aside)


@lru_cache(maxsize=32)  # a message is held against each question of a check several times
def found_in(lexicon: Lexicon, folded: str) -> tuple[tuple[Word, ...], tuple[str, ...], tuple[Span, ...]]:
    """The words of a folded message, as they were meant, and what they say in answer to a question."""
    words = words_of(folded)
    texts = lexicon.corrected(words)
    general = GENERAL.spans(texts)
    if lexicon.question.kind != "whole_number":
        general = [span for span in general if span.kind not in ("today", "yesterday", "ago", "first")]
    spans = unhidden([*lexicon.phrases.spans(texts), *general])
    kept = tuple(span for span in spans if span.kind not in ("value", "yes", "no") or whole_word(span, words, texts))
    return words, tuple(texts), kept


def whole_word(span: Span, words: Sequence[Word], texts: Sequence[str]) -> bool:
    """Whether a single Chinese character that stands for something stands alone: 金 is gold, but not in 佣金.

    A value must be alone in its clause but for fillers, "yes" and "no" only free of neighbours that are none.
    """
    if span.end - span.start > 1 or texts[span.start].isascii():
        return True
    clause = words[span.start].clause
    near = range(len(texts)) if span.kind == "value" else (span.start - 1, span.start + 1)
    return all(
        texts[index] in FILLERS or index == span.start
        for index in near
        if 0 <= index < len(texts) and words[index].clause == clause
    )


def matters(classes: Classes | None) -> bool:
    return classes is None or classes.count > 1


def differs(classes: Classes | None, one: Answer, other: Answer) -> bool:
    """Whether two answers are told apart by the check's rules; without the rules, whether they differ."""
    return one != other and (classes is None or classes.of(one) != classes.of(other))
