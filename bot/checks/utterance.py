"""A message parsed for one question of a check, and its reading."""

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
    longest_spans,
    words_of,
)
from bot.language.amounts import LONGEST_READ
from bot.model import Language

Trouble = Literal[
    "other_currency",  # `named` says which
    "out_of_range",
    "not_whole",
    "several_fit",  # `options` are the candidate values or numbers
    "no_such_choice",  # a number beyond the choices
    "no_number",  # an answer without the number needed
    "a_date",  # a date instead of a duration
    "no_value",  # a correction without the new answer
]


How = Literal["value", "subject", "general", "place", "number", "unknown", "trouble"]


@dataclass(frozen=True)
class Reading:
    """A message read as the answer to a question.

    `answer` is a value of `Answers`, None for `unknown` ("I don't know") or a `problem`. `confirm`: the answer is
    doubtful, and the doubt can change the verdict. `sure`, from 0 to 1, is the share of the message that the reading
    explains.
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
    """A message parsed for one question."""

    folded: str
    length: int
    words: tuple[Word, ...]
    texts: tuple[str, ...]
    spans: tuple[Span, ...]
    lexicon: Lexicon
    classes: Classes | None
    lang: Language
    aside: frozenset[str]

    def spans_of(self, *kinds: str) -> list[Span]:
        return [span for span in self.spans if span.kind in kinds]

    def sure(self, spans: Iterable[Span], stretches: Iterable[tuple[int, int]] = ()) -> float:
        """Return the share (0 to 1) of the message covered by these spans of words and stretches of characters.

        Negligible words count neither way; the form of a question and an overlong text reduce the share.
        """
        explained = {index for span in spans for index in range(span.start, span.end)}
        starts = [word.start for word in self.words]
        for start, end in stretches:
            explained.update(range(bisect_left(starts, start), bisect_left(starts, end)))
        idle = {index for span in self.spans_of("aside") for index in range(span.start, span.end)}
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


def parse(
    lexicon: Lexicon,
    folded: str,
    length: int,
    lang: Language,
    classes: Classes | None = None,
    aside: frozenset[str] = frozenset(),
) -> Utterance:
    """Parse a folded message. `length` is the whole text's; words in `aside` do not reduce `sure`."""
    return Utterance(folded, length, *match_words(lexicon, folded), lexicon, classes, lang, aside)


@lru_cache(maxsize=32)  # each question of a check reads a message several times
def match_words(lexicon: Lexicon, folded: str) -> tuple[tuple[Word, ...], tuple[str, ...], tuple[Span, ...]]:
    """Return a folded message's words, their corrected texts, and the spans that match the lexicon."""
    words = words_of(folded)
    texts = lexicon.correct(words)
    general = GENERAL.spans(texts)
    if lexicon.question.kind != "whole_number":
        general = [span for span in general if span.kind not in ("today", "yesterday", "ago", "first")]
    spans = longest_spans([*lexicon.phrases.spans(texts), *general])
    kept = tuple(span for span in spans if span.kind not in ("value", "yes", "no") or whole_word(span, words, texts))
    return words, tuple(texts), kept


def whole_word(span: Span, words: Sequence[Word], texts: Sequence[str]) -> bool:
    """Return false for a single Chinese character within a longer word: 金 is gold, but not in 佣金.

    A value must be alone in its clause, "yes" and "no" only without neighbours; fillers do not count.
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


def distinguishes(classes: Classes | None) -> bool:
    return classes is None or classes.count > 1


def differs(classes: Classes | None, one: Answer, other: Answer) -> bool:
    """Return true if the check's rules distinguish two answers; without rules, if the answers differ."""
    return one != other and (classes is None or classes.of(one) != classes.of(other))
