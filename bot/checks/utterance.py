"""A message parsed for one question of a check, and its reading."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Literal

from bot.checks.check import NUMBERS
from bot.checks.table import Answer, Classes
from bot.checks.vocabulary import (
    AFTER_DENYING,
    FILLERS,
    GENERAL,
    MARK,
    PERIODS,
    QUESTION_FORM,
    Lexicon,
    Span,
    Word,
    is_general,
    longest_spans,
    words_of,
)
from bot.language.amounts import DATE, DAYS, LONGEST_READ, amounts
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
    today: date | None = None

    def spans_of(self, *kinds: str) -> list[Span]:
        return [span for span in self.spans if span.kind in kinds]

    @property
    def clauses(self) -> list[int]:
        return [word.clause for word in self.words]

    @property
    def aside_clauses(self) -> set[int]:
        """Return the clauses that speak of something else; where several may be chosen, only the words themselves do."""
        if self.lexicon.question.kind == "choices":
            return set()
        return {self.words[span.start].clause for span in self.spans_of("aside")}

    def within(self, start: int, end: int, spans: Iterable[Span]) -> bool:
        """Return true if these characters lie within one of the spans."""
        starts = [word.start for word in self.words]
        first, last = bisect_left(starts, start), bisect_left(starts, end)
        return any(span.start <= first and last <= span.end for span in spans)

    def clause_at(self, start: int) -> int:
        """Return the clause of the word at a character."""
        return self.words[max(0, bisect_left([word.end for word in self.words], start + 1))].clause

    def sure(self, spans: Iterable[Span], stretches: Iterable[tuple[int, int]] = ()) -> float:
        """Return the share (0 to 1) of the message covered by these spans of words and stretches of characters.

        Negligible words count neither way; the form of a question and an overlong text reduce the share.
        """
        explained = {index for span in spans for index in range(span.start, span.end)}
        starts = [word.start for word in self.words]
        for start, end in stretches:
            explained.update(range(bisect_left(starts, start), bisect_left(starts, end)))
        idle = {
            index
            for span in self.spans_of("idle", "about", "aside", "over", "past", "present")
            for index in range(span.start, span.end)
        }
        if self.lexicon.question.kind not in NUMBERS:
            for amount in amounts(self.folded):
                if amount.unit == DATE or amount.unit in DAYS:
                    idle.update(range(bisect_left(starts, amount.start), bisect_left(starts, amount.end)))
        aside = self.aside_clauses
        foreign = {index for span in self.spans_of("noun") for index in range(span.start, span.end)}
        core = rest = 0.0
        for index, text in enumerate(self.texts):
            weight = 0.5 if not text.isascii() else 1.0
            if index in explained:
                core += weight
            elif index in foreign or (
                index not in idle
                and self.words[index].clause not in aside
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
    today: date | None = None,
) -> Utterance:
    """Parse a folded message. `length` is the whole text's; words in `aside` do not reduce `sure`."""
    return Utterance(folded, length, *match_words(lexicon, folded), lexicon, classes, lang, aside, today)


@lru_cache(maxsize=32)  # each question of a check reads a message several times
def match_words(lexicon: Lexicon, folded: str) -> tuple[tuple[Word, ...], tuple[str, ...], tuple[Span, ...]]:
    """Return a folded message's words, their corrected texts, and the spans that match the lexicon."""
    words = words_of(folded)
    texts = lexicon.correct(words)
    clauses = [word.clause for word in words]
    general = GENERAL.spans(texts, clauses)
    if lexicon.question.kind != "whole_number":
        general = [span for span in general if span.kind not in ("today", "yesterday", "ago", "first")]
    if lexicon.question.per:
        general += PERIODS.spans(texts, clauses)
    own = lexicon.phrases.spans(texts, clauses)
    nouns = foreign_nouns(lexicon, texts, own)
    spans = longest_spans([*own, *general, *(span for span in nouns if span.kind == "noun")])
    spans += [
        replace(span, kind="noun") for span in nouns
        if span.kind == "name" and not any(one.start < span.end and span.start < one.end for one in spans)
    ]  # fmt: skip
    elsewhere = {
        clauses[span.start] for span in spans if span.kind == "aside" and lexicon.question.kind != "choices"
    }  # fmt: skip
    kept = tuple(
        span for span in spans
        if (span.kind not in ("value", "yes", "no") or whole_word(span, words, texts))
        and (clauses[span.start] not in elsewhere or span.kind == "aside")
    )  # fmt: skip
    bound = Bound(lexicon, words, texts, kept)
    return words, tuple(texts), tuple(span for span in kept if not bound.holds(span))


def foreign_nouns(lexicon: Lexicon, texts: Sequence[str], own: Sequence[Span]) -> list[Span]:
    """Return the spans that name another question's subject or value, and nothing of this one."""
    mine = {span.stretch for span in own}
    return [
        span for span in lexicon.nouns.spans(texts)
        if span.value != lexicon.question.id and span.stretch not in mine
        and (span.kind == "name" or (span.end - span.start > 1 and not is_general(tuple(texts[span.start : span.end]))))
        and not lexicon.neutral.issuperset(texts[span.start : span.end])
    ]  # fmt: skip


@dataclass(frozen=True)
class Bound:
    """Finds the words of having and denying that say it of something else: "no alipay", "R标没有", "no experience"."""

    lexicon: Lexicon
    words: Sequence[Word]
    texts: Sequence[str]
    spans: Sequence[Span]

    def holds(self, span: Span) -> bool:
        return span.kind in ("no", "nothing", "yes") and (self.followed(span) or self.preceded(span))

    def followed(self, span: Span) -> bool:
        """Return true if a noun that is none of the question's follows."""
        beside = [one.end for one in self.spans if one.kind in ("no", "not") and one.start < span.end <= one.end]
        index = max([span.end, *beside])
        passed = {"yes", "no", "not"} if span.kind == "yes" else set[str]()  # "we have no alipay"
        while self.same_clause(span, index) and self.kinds_at(index) <= passed and (
            self.kinds_at(index) or (self.is_idle(index) and not self.is_denied(span, index))
        ):  # fmt: skip
            index += 1
        if not self.same_clause(span, index):
            return False
        kinds = self.kinds_at(index)
        return "noun" in kinds or (not kinds and span.kind != "yes" and self.texts[index] not in self.lexicon.neutral)

    def preceded(self, span: Span) -> bool:
        """Return true for "R标也没有", where a foreign noun precedes and nothing follows."""
        index = span.start - 1
        while index >= 0 and self.same_clause(span, index) and not self.kinds_at(index) and self.is_idle(index):
            index -= 1
        closes = all(self.is_idle(after) for after in range(span.end, len(self.texts)) if self.same_clause(span, after))
        han = not self.texts[span.start].isascii()
        return han and closes and index >= 0 and self.same_clause(span, index) and "noun" in self.kinds_at(index)

    def same_clause(self, span: Span, index: int) -> bool:
        return index < len(self.words) and self.words[index].clause == self.words[span.start].clause

    def is_idle(self, index: int) -> bool:
        return self.texts[index] in FILLERS

    def is_denied(self, span: Span, index: int) -> bool:
        """Return true for a word right after one of denying that it says it of: 用 in "没用过"."""
        return span.kind != "yes" and index == span.end and self.texts[index] in AFTER_DENYING

    def kinds_at(self, index: int) -> set[str]:
        return {one.kind for one in self.spans if one.start <= index < one.end}


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
