"""A check as a truth table: the verdict, the rules that hold and the questions asked, for every combination of answers.

Answers that no condition distinguishes form a class; the table has an axis for each question, with a place for each class.
Given answers select a slice whose places are the possible completions. What is true somewhere and everywhere in the slice
decides the verdict and the next question.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property, lru_cache
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.checks.check import NUMBERS, VERDICTS, Check, Question, Verdict
from bot.checks.condition import STEP, All, AllOf, Condition, Holds, Not, Test, Within

CONDITIONAL, NOT_ELIGIBLE = VERDICTS.index("conditional"), VERDICTS.index("not_eligible")
PLACES = (1 << len(VERDICTS)) - 1  # the verdict's bits, followed by those of the rules and of the questions
WORD = 64
MOST_TESTS_KEPT = 128  # cache size while a table is built, since rules share tests

Answer = str | Decimal | frozenset[str] | tuple[Decimal, ...]
Bits = NDArray[np.uint64]  # words of 64 bits, then the axes of the questions
Truth = NDArray[np.bool_]


@dataclass(frozen=True)
class Classes:
    """The classes of one question's answers: for numbers, the lower limits `cuts` of all but the first; else `members`."""

    question: Question
    lowest: Decimal
    highest: Decimal
    up_to: Decimal | None = None  # the highest number to advise
    cuts: tuple[Decimal, ...] = ()
    members: tuple[tuple[Answer, ...], ...] = ()

    @property
    def count(self) -> int:
        return len(self.cuts) + 1 if self.question.kind in NUMBERS else len(self.members)

    def of(self, answer: Answer) -> int:
        """Return an answer's class."""
        if isinstance(answer, tuple):
            answer = max(answer)
        if isinstance(answer, Decimal):
            return bisect_right(self.cuts, answer)
        return next(index for index, members in enumerate(self.members) if answer in members)

    def bounds(self, index: int) -> tuple[Decimal, Decimal]:
        """Return the lowest and the highest number of a class."""
        low = self.lowest if index == 0 else self.cuts[index - 1]
        return low, self.highest if index == len(self.cuts) else self.cuts[index] - STEP[self.question.kind]

    def example(self, index: int) -> Answer:
        """Return an answer of this class."""
        if self.question.kind not in NUMBERS:
            return self.members[index][0]
        low, high = self.bounds(index)
        number = low if index else high if self.cuts else low
        return (number,) if self.question.kind == "amounts" else number


def classes_of(
    question: Question, said: Iterable[Test], lowest: Decimal, highest: Decimal, up_to: Decimal | None = None
) -> Classes:
    """Partition a question's answers into classes that the tests `said` distinguish."""
    if question.kind in NUMBERS:
        limits = {limit for test in said if isinstance(test, Within) for limit in (test.low, test.high)}
        cuts = sorted(cut for cut in limits if cut is not None and lowest < cut <= highest)
        return Classes(question, lowest, highest, up_to, tuple(cuts))
    answers: list[Answer] = [option.id for option in question.options]
    if question.kind == "choices":
        names = [option.id for option in question.options]
        answers = [frozenset(some) for size in range(len(names) + 1) for some in combinations(names, size)]
    telling = sorted(said, key=str)
    groups: dict[tuple[bool, ...], list[Answer]] = {}
    for answer in answers:
        groups.setdefault(tuple(true_of(test, answer) for test in telling), []).append(answer)
    return Classes(question, lowest, highest, up_to, (), tuple(map(tuple, groups.values())))


def true_of(test: Test, answer: Answer) -> bool:
    """Return true if an answer passes a test."""
    if isinstance(test, Within):
        number = max(answer) if isinstance(answer, tuple) else answer
        assert isinstance(number, Decimal)
        return (test.low is None or number >= test.low) and (test.high is None or number < test.high)
    chosen = answer if isinstance(answer, frozenset) else frozenset([str(answer)])
    return test.values <= chosen if isinstance(test, AllOf) else bool(test.values & chosen)


@dataclass(frozen=True, eq=False)
class Logic:
    """A compiled check. Rules and questions are identified by index, questions in the order of asking."""

    check: Check
    questions: tuple[Question, ...]
    classes: tuple[Classes, ...]
    index: Mapping[str, int]
    whens: tuple[Condition, ...]  # by rule
    asks: tuple[Condition, ...]  # by question
    rank: tuple[int, ...]  # by rule: its index in VERDICTS, -1 for a note
    shown_by: tuple[int, ...]  # by question: the bits of the rules whose texts show its answer

    @cached_property
    def bits(self) -> Bits:
        return table(self)

    @cached_property
    def kinds(self) -> tuple[int, ...]:
        """The rules' bits by weight, heaviest first: not_eligible, light not_eligible, ask, and so on."""
        weighed = [(rank, rule.light) for rank, rule in zip(self.rank, self.check.rules, strict=True)]
        kinds = [(rank, light) for rank in range(len(VERDICTS) - 1, 0, -1) for light in (False, True)]
        return tuple(sum(bit(rule) for rule, its in enumerate(weighed) if its == kind) for kind in kinds)

    def asked_bit(self, question: int) -> int:
        """Return the bit for "the question is asked"."""
        return bit(len(self.rank) + question)

    def deciding_bit(self, question: int) -> int:
        """Return the bit for "another answer to the question changes the rules that hold"."""
        return self.asked_bit(len(self.questions) + question)

    def where(self, bits: int, table: Bits | None = None) -> Truth:
        """Return the places of a table where any of these bits is set."""
        table = self.bits if table is None else table
        mask = words(bits, table)
        used = np.flatnonzero(mask)
        return np.asarray((table[used] & mask[used]).any(axis=0))

    def state(self, given: Mapping[str, Answer]) -> State:
        """Return the state with these answers, all others open."""
        return State.of(self, self.bits[(slice(None), *self.cut(given))])

    def cut(self, given: Mapping[str, Answer]) -> list[slice]:
        """Return the slice of each question's axis that its answer selects."""
        places = [one.of(given[name]) if (name := one.question.id) in given else None for one in self.classes]
        return [slice(None) if place is None else slice(place, place + 1) for place in places]


@dataclass(frozen=True)
class State:
    """The bits set somewhere and everywhere in a slice of the table."""

    logic: Logic
    some: int
    every: int

    @classmethod
    def of(cls, logic: Logic, part: Bits) -> State:
        rows = part.reshape(len(part), -1)
        return cls(logic, number(np.bitwise_or.reduce(rows, axis=1)), number(np.bitwise_and.reduce(rows, axis=1)))

    def verdict(self) -> tuple[Verdict, bool]:
        """Return the verdict over all completions, and true if they differ."""
        found = self.some & PLACES
        return VERDICTS[combined_verdict(found)], bool(found & (found - 1))

    def is_refused(self) -> bool:
        """Return true if every completion is not eligible."""
        return self.some & PLACES == 1 << NOT_ELIGIBLE

    def can_end_well(self) -> bool:
        """Return true if some completion is eligible, at once or once something is done."""
        return bool(self.some & ((1 << CONDITIONAL + 1) - 1))

    def holding_rules(self) -> list[int]:
        """Return the rules that hold in every completion."""
        return [rule for rule in range(len(self.logic.rank)) if self.every & bit(rule)]

    def applies(self, question: int) -> bool:
        """Return true if the question is asked in some completion."""
        return bool(self.some & self.logic.asked_bit(question))

    def surely_applies(self, question: int) -> bool:
        return bool(self.every & self.logic.asked_bit(question))

    def matters(self, question: int) -> bool:
        """Return true if the question applies and, in some completion, its answer changes the rules that hold or is shown."""
        telling = self.logic.deciding_bit(question) | self.logic.shown_by[question]
        return self.applies(question) and bool(self.some & telling)


def combined_verdict(verdicts: int) -> int:
    """Combine the completions' verdicts (bits) into one (index): theirs if they agree, else "conditional" or "ask"."""
    least = (verdicts & -verdicts).bit_length() - 1
    if verdicts == 1 << least:
        return least
    return CONDITIONAL if least <= CONDITIONAL else VERDICTS.index("ask")


OVER = np.array([0, *map(combined_verdict, range(1, PLACES + 1))])  # `combined_verdict` by bits


def bit(rule: int) -> int:
    """Return a rule's bit."""
    return 1 << len(VERDICTS) + rule


def words(bits: int, table: Bits) -> Bits:
    """Convert bits into words broadcastable against a table."""
    found = np.frombuffer(bits.to_bytes(len(table) * WORD // 8, "little"), "<u8")
    return found.astype(np.uint64).reshape(-1, *[1] * (table.ndim - 1))


def number(row: Bits) -> int:
    return int.from_bytes(row.astype("<u8").tobytes(), "little")


def table(logic: Logic) -> Bits:
    """Build the table of all combinations of answers."""
    counts = [one.count for one in logic.classes]
    axes = range(len(counts))
    asked: list[Truth] = []

    @lru_cache(MOST_TESTS_KEPT)
    def met(condition: Holds, wanted: bool) -> Truth:
        """Return where the question is asked and its answer passes the test, or fails it if not `wanted`."""
        question = logic.index[condition.question]
        one = logic.classes[question]
        found = np.array([true_of(condition.test, one.example(place)) is wanted for place in range(one.count)])
        there: Truth = asked[question] & along(question, found, len(counts))
        return there

    def holds(condition: Condition, wanted: bool = True) -> Truth:
        """Return where a condition holds, or fails if not `wanted`."""
        if isinstance(condition, Holds):
            return met(condition, wanted)
        if isinstance(condition, Not):
            return holds(condition.part, not wanted)
        every = isinstance(condition, All) is wanted
        found: Truth = np.full(counts, every)
        for part in condition.parts:
            (np.logical_and if every else np.logical_or)(found, holds(part, wanted), out=found)
        return found

    for ask in logic.asks:
        asked.append(holds(ask))
    size = logic.deciding_bit(len(counts)).bit_length() - 1
    bits = np.zeros((-(-size // WORD), *counts), np.uint64)

    def put(one: int, there: Truth) -> None:
        word, place = divmod(one.bit_length() - 1, WORD)
        bits[word] |= there.astype(np.uint64) << np.uint64(place)

    strongest = np.zeros(counts, np.int8)
    for rule, (when, rank) in enumerate(zip(logic.whens, logic.rank, strict=True)):
        there = holds(when)
        put(bit(rule), there)
        np.maximum(strongest, there * np.int8(rank), out=strongest)
    differing = [(somewhere(bits, axis + 1) != everywhere(bits, axis + 1)).any(0) for axis in axes]
    for place in range(len(VERDICTS)):
        put(1 << place, strongest == place)
    for question in axes:
        put(logic.asked_bit(question), asked[question])
        put(logic.deciding_bit(question), differing[question])
    bits.flags.writeable = False
    return bits


def somewhere(bits: Bits, *axes: int) -> Bits:
    """Return the bits set somewhere along these axes, which are kept with length one."""
    return np.bitwise_or.reduce(bits, axis=axes, keepdims=True)


def everywhere(bits: Bits, *axes: int) -> Bits:
    return np.bitwise_and.reduce(bits, axis=axes, keepdims=True)


def along(axis: int, row: NDArray[Any], dimensions: int) -> NDArray[Any]:
    """Reshape a row to broadcast along one axis."""
    return row.reshape([-1 if n == axis else 1 for n in range(dimensions)])
