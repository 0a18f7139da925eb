"""A check as a table: for every combination of answers the verdict, the rules that hold, and the questions that are asked.

Answers that no condition tells apart are one class, and the table has an axis for each question with a place for each of its
classes. Answers that are given cut a part out of it; what is true somewhere and everywhere in that part is all that is to
be known about a merchant who has answered so far, since each place of it is one way in which they may still answer.
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
PLACES = (
    1 << len(VERDICTS)
) - 1  # the bits that tell the verdict; those of the rules follow, then those of the questions
WORD = 64
MOST_TESTS_KEPT = 128  # while a table is made; its tests mostly stand in several rules

Answer = str | Decimal | frozenset[str] | tuple[Decimal, ...]
Bits = NDArray[np.uint64]  # words of 64 bits, then the axes of the questions
Truth = NDArray[np.bool_]


@dataclass(frozen=True)
class Classes:
    """The classes of one question's answers. Numbers: `cuts` begin a new class each. Others: `members` by class."""

    question: Question
    lowest: Decimal
    highest: Decimal
    up_to: Decimal | None = None  # how far a merchant is advised to raise a number
    cuts: tuple[Decimal, ...] = ()
    members: tuple[tuple[Answer, ...], ...] = ()

    @property
    def count(self) -> int:
        return len(self.cuts) + 1 if self.question.kind in NUMBERS else len(self.members)

    def of(self, answer: Answer) -> int:
        """The class of an answer."""
        if isinstance(answer, tuple):
            answer = max(answer)
        if isinstance(answer, Decimal):
            return bisect_right(self.cuts, answer)
        return next(index for index, members in enumerate(self.members) if answer in members)

    def bounds(self, index: int) -> tuple[Decimal, Decimal]:
        """The lowest and the highest number of a class."""
        low = self.lowest if index == 0 else self.cuts[index - 1]
        return low, self.highest if index == len(self.cuts) else self.cuts[index] - STEP[self.question.kind]

    def example(self, index: int) -> Answer:
        """An answer of this class."""
        if self.question.kind not in NUMBERS:
            return self.members[index][0]
        low, high = self.bounds(index)
        number = low if index else high if self.cuts else low
        return (number,) if self.question.kind == "amounts" else number


def classes_of(
    question: Question, said: Iterable[Test], lowest: Decimal, highest: Decimal, up_to: Decimal | None = None
) -> Classes:
    """Put together what no condition tells apart."""
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
    """Whether an answer meets a test."""
    if isinstance(test, Within):
        number = max(answer) if isinstance(answer, tuple) else answer
        assert isinstance(number, Decimal)
        return (test.low is None or number >= test.low) and (test.high is None or number < test.high)
    chosen = answer if isinstance(answer, frozenset) else frozenset([str(answer)])
    return test.values <= chosen if isinstance(test, AllOf) else bool(test.values & chosen)


@dataclass(frozen=True, eq=False)
class Logic:
    """A check ready for deciding. Rules and questions go by their number; questions in the order of asking."""

    check: Check
    questions: tuple[Question, ...]
    classes: tuple[Classes, ...]
    index: Mapping[str, int]
    whens: tuple[Condition, ...]  # rule → when it holds
    asks: tuple[Condition, ...]  # question → when it is asked
    rank: tuple[int, ...]  # rule → place in VERDICTS; -1 is a note
    shown_by: tuple[int, ...]  # question → the rules whose texts show its answer, as bits

    @cached_property
    def bits(self) -> Bits:
        return table(self)

    @cached_property
    def kinds(self) -> tuple[int, ...]:
        """The rules of each kind that is weighed apart, as bits: not_eligible, its light ones, ask, and so on."""
        weighed = [(rank, rule.light) for rank, rule in zip(self.rank, self.check.rules, strict=True)]
        kinds = [(rank, light) for rank in range(len(VERDICTS) - 1, 0, -1) for light in (False, True)]
        return tuple(sum(bit(rule) for rule, its in enumerate(weighed) if its == kind) for kind in kinds)

    def asked(self, question: int) -> int:
        """The bit that tells that a question is asked."""
        return bit(len(self.rank) + question)

    def deciding(self, question: int) -> int:
        """The bit that tells that another answer to a question would make other rules hold."""
        return self.asked(len(self.questions) + question)

    def where(self, bits: int, table: Bits | None = None) -> Truth:
        """The places of the table, or of one like it, where any of some bits is set."""
        table = self.bits if table is None else table
        mask = words(bits, table)
        used = np.flatnonzero(mask)
        return np.asarray((table[used] & mask[used]).any(axis=0))

    def state(self, given: Mapping[str, Answer]) -> State:
        """What is known with these answers; those to all other questions are open."""
        return State.of(self, self.bits[(slice(None), *self.cut(given))])

    def cut(self, given: Mapping[str, Answer]) -> list[slice]:
        """For each question the places that its answer may be at."""
        places = [one.of(given[name]) if (name := one.question.id) in given else None for one in self.classes]
        return [slice(None) if place is None else slice(place, place + 1) for place in places]


@dataclass(frozen=True)
class State:
    """Where a merchant stands: the bits that are set somewhere and everywhere in the part of the table left to them."""

    logic: Logic
    some: int
    every: int

    @classmethod
    def of(cls, logic: Logic, part: Bits) -> State:
        rows = part.reshape(len(part), -1)
        return cls(logic, number(np.bitwise_or.reduce(rows, axis=1)), number(np.bitwise_and.reduce(rows, axis=1)))

    def verdict(self) -> tuple[Verdict, bool]:
        """The verdict over all completions, and whether they differ."""
        found = self.some & PLACES
        return VERDICTS[over(found)], bool(found & (found - 1))

    def refused(self) -> bool:
        """Whether every completion is not eligible."""
        return self.some & PLACES == 1 << NOT_ELIGIBLE

    def holding(self) -> list[int]:
        """The rules that hold whatever the open answers are."""
        return [rule for rule in range(len(self.logic.rank)) if self.every & bit(rule)]

    def applies(self, question: int) -> bool:
        """Whether the question is asked in some completion."""
        return bool(self.some & self.logic.asked(question))

    def surely_applies(self, question: int) -> bool:
        return bool(self.every & self.logic.asked(question))

    def matters(self, question: int) -> bool:
        """Whether it is asked, and with some answers to the other open questions decides if a rule holds, or is shown."""
        telling = self.logic.deciding(question) | self.logic.shown_by[question]
        return self.applies(question) and bool(self.some & telling)


def over(verdicts: int) -> int:
    """The verdict, by its place, where those of the completions are these bits: theirs if they agree, else open."""
    least = (verdicts & -verdicts).bit_length() - 1
    if verdicts == 1 << least:
        return least
    return CONDITIONAL if least <= CONDITIONAL else VERDICTS.index("ask")


OVER = np.array([0, *map(over, range(1, PLACES + 1))])  # the same for a table of such bits


def bit(rule: int) -> int:
    """The bit of a rule; those of the verdicts come before."""
    return 1 << len(VERDICTS) + rule


def words(bits: int, table: Bits) -> Bits:
    """Bits as words that are held against those of a table."""
    found = np.frombuffer(bits.to_bytes(len(table) * WORD // 8, "little"), "<u8")
    return found.astype(np.uint64).reshape(-1, *[1] * (table.ndim - 1))


def number(row: Bits) -> int:
    return int.from_bytes(row.astype("<u8").tobytes(), "little")


def table(logic: Logic) -> Bits:
    """Work out every combination of answers."""
    counts = [one.count for one in logic.classes]
    axes = range(len(counts))
    asked: list[Truth] = []

    @lru_cache(MOST_TESTS_KEPT)
    def met(condition: Holds, wanted: bool) -> Truth:
        """Where an answer meets a test, or does not; neither where the question is not asked."""
        question = logic.index[condition.question]
        one = logic.classes[question]
        found = np.array([true_of(condition.test, one.example(place)) is wanted for place in range(one.count)])
        there: Truth = asked[question] & along(question, found, len(counts))
        return there

    def holds(condition: Condition, wanted: bool = True) -> Truth:
        """Where a condition holds, or does not."""
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
    size = logic.deciding(len(counts)).bit_length() - 1
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
        put(logic.asked(question), asked[question])
        put(logic.deciding(question), differing[question])
    bits.flags.writeable = False
    return bits


def somewhere(bits: Bits, *axes: int) -> Bits:
    """The bits that are set somewhere along some axes, which stay with one place."""
    return np.bitwise_or.reduce(bits, axis=axes, keepdims=True)


def everywhere(bits: Bits, *axes: int) -> Bits:
    return np.bitwise_and.reduce(bits, axis=axes, keepdims=True)


def along(axis: int, row: NDArray[Any], dimensions: int) -> NDArray[Any]:
    """A row laid along one axis."""
    return row.reshape([-1 if n == axis else 1 for n in range(dimensions)])
