"""A message parsed for one question of a check, and its reading."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, lru_cache
from typing import Literal

from bot.checks.check import NUMBERS
from bot.checks.table import Answer, Classes
from bot.checks.vocabulary import (
    AFTER_DENYING,
    BREAKS,
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


DOING = frozenset(["do", "does", "are", "is", "am"])
GENERAL_KINDS = frozenset(["no", "not", "nothing", "yes", "idle", "hedge", "unknown"])
FARTHEST = 8  # words between a word of denying and what it denies


@dataclass(frozen=True)
class Reading:
    """A message read as the answer to a question.

    `answer` is a value of `Answers`, None for `unknown` ("I don't know") or a `problem`. `confirm`: the answer is
    doubtful, and the doubt can change the verdict. `averaged`: an amount told for some of the periods asked for was divided
    by their number. `sure`, from 0 to 1, is the share of the message that the reading explains.
    """

    answer: Answer | None = None
    unknown: bool = False
    confirm: bool = False
    problem: Trouble | None = None
    named: str | None = None
    options: tuple[Answer, ...] = ()
    averaged: bool = False
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

    @cached_property
    def clauses(self) -> list[int]:
        return [word.clause for word in self.words]

    @cached_property
    def clause_texts(self) -> dict[int, str]:
        """Return each clause's text."""
        ends: dict[int, tuple[int, int]] = {}
        for word in self.words:
            ends[word.clause] = (ends.get(word.clause, (word.start, 0))[0], word.end)
        return {clause: self.folded[start:end] for clause, (start, end) in ends.items()}

    @cached_property
    def starts(self) -> list[int]:
        return [word.start for word in self.words]

    @cached_property
    def aside_clauses(self) -> set[int]:
        """Return the clauses that speak of something else; where several may be chosen, only the words themselves do."""
        if self.lexicon.question.kind == "choices":
            return set()
        return {self.clauses[span.start] for span in self.spans_of("aside")}

    def indexes(self, spans: Iterable[Span], stretches: Iterable[tuple[int, int]] = ()) -> set[int]:
        """Return the indexes of the words in these spans of words and stretches of characters."""
        found = {index for span in spans for index in range(span.start, span.end)}
        for start, end in stretches:
            found.update(range(bisect_left(self.starts, start), bisect_left(self.starts, end)))
        return found

    def sure(self, spans: Iterable[Span], stretches: Iterable[tuple[int, int]] = ()) -> float:
        """Return the share (0 to 1) of the message covered by these spans of words and stretches of characters.

        Negligible words count neither way; the form of a question and an overlong text reduce the share.
        """
        explained = self.indexes(spans, stretches)
        idle = self.indexes(self.spans_of("idle", "about", "aside", "over", "past", "present"))
        if self.lexicon.question.kind not in NUMBERS:
            dated = (one for one in amounts(self.folded) if one.unit == DATE or one.unit in DAYS)
            idle |= self.indexes((), [(one.start, one.end) for one in dated])
        aside = self.aside_clauses
        foreign = self.indexes(self.spans_of("noun"))
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
        asks = QUESTION_FORM.search(self.folded)
        if asks and not self.indexes((), [asks.span()]) <= explained:
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
    nouns = foreign_nouns(lexicon, texts, clauses, own)
    spans = longest_spans([*own, *general, *(span for span in nouns if span.kind == "noun")])
    covered = {index for span in spans for index in range(span.start, span.end)}
    spans += [
        replace(span, kind="noun") for span in nouns
        if span.kind == "name" and covered.isdisjoint(range(span.start, span.end))
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


def foreign_nouns(lexicon: Lexicon, texts: Sequence[str], clauses: Sequence[int], own: Sequence[Span]) -> list[Span]:
    """Return the spans that name another question's subject or value, and nothing of this one."""
    mine = {span.stretch for span in own}
    covered = {index for span in own for index in range(span.start, span.end)}
    inner = {index for span in own for index in range(span.start, span.end - 1)}  # whose next word is of the same name
    found = []
    for span in lexicon.nouns.spans(texts, clauses, across=True):
        words = tuple(texts[span.start : span.end])
        if span.value == lexicon.question.id or span.stretch in mine or lexicon.neutral.issuperset(words):
            continue
        if span.kind == "noun" and (len(words) == 1 or is_general(words)):
            continue
        if span.start - 1 in inner or span.end - 1 in inner:
            continue  # a part of a name of this question's
        rest = [index for index in range(span.start, span.end) if index not in covered]
        if len(rest) == len(words) or not all(texts[index] in FILLERS - BREAKS for index in rest):
            found.append(span)
    return found


@dataclass(frozen=True)
class Bound:
    """Finds the words of having and denying that say it of something else: "no alipay", "R标没有", "no experience"."""

    lexicon: Lexicon
    words: Sequence[Word]
    texts: Sequence[str]
    spans: Sequence[Span]

    @cached_property
    def kinds(self) -> list[set[str]]:
        """The kinds of the spans at each word."""
        found: list[set[str]] = [set() for _ in self.words]
        for span in self.spans:
            for index in range(span.start, span.end):
                found[index].add(span.kind)
        return found

    def holds(self, span: Span) -> bool:
        if span.kind == "yes" and self.texts[span.end - 1] in DOING and any(self.rest_of(span)):
            return True  # "we do shoes"
        return span.kind in ("no", "nothing", "yes", "zero") and (self.followed(span) or self.preceded(span))

    def rest_of(self, span: Span) -> Iterator[bool]:
        """Yield for each next word of the clause whether it tells something."""
        return (
            self.texts[index] not in FILLERS and not self.kinds[index] & GENERAL_KINDS
            for index in self.clause_from(span.end, span)
        )

    def followed(self, span: Span) -> bool:
        """Return true if a noun that is none of the question's follows."""
        passed = {"yes", "no", "not"} if span.kind == "yes" else set[str]()  # "we have no alipay"
        index = span.end
        for index in self.clause_from(span.end, span):
            inside = index > 0 and {"no", "not"} & self.kinds[index] & self.kinds[index - 1]  # "we havent got"
            if inside or (self.kinds[index] and self.kinds[index] <= passed):
                continue
            denied = span.kind != "yes" and index == span.end and self.texts[index] in AFTER_DENYING  # 用 in "没用过"
            if self.kinds[index] or denied or self.texts[index] not in FILLERS:
                break
        else:
            return False
        kinds = self.kinds[index]
        return "noun" in kinds or (not kinds and span.kind != "yes" and self.texts[index] not in self.lexicon.neutral)

    def preceded(self, span: Span) -> bool:
        """Return true for "R标也没有", where a foreign noun precedes and nothing follows."""
        if self.texts[span.start].isascii() or any(
            self.texts[index] not in FILLERS for index in self.clause_from(span.end, span)
        ):
            return False
        for index in range(span.start - 1, max(-1, span.start - 1 - FARTHEST), -1):
            if self.words[index].clause != self.words[span.start].clause:
                return False
            if self.kinds[index] or self.texts[index] not in FILLERS:
                return "noun" in self.kinds[index]
        return False

    def clause_from(self, start: int, span: Span) -> Iterator[int]:
        """Yield the next words of the span's clause."""
        for index in range(start, min(len(self.words), start + FARTHEST)):
            if self.words[index].clause != self.words[span.start].clause:
                return
            yield index


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
