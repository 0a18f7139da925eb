"""The classes into which the answers to a question fall: what no condition of the check can tell apart is one class."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations

from bot.knowledge.eligibility.check import NUMBERS, Question
from bot.knowledge.eligibility.condition import STEP, AllOf, Test, Within

Answer = str | Decimal | frozenset[str] | tuple[Decimal, ...]


@dataclass(frozen=True)
class Classes:
    """The classes of one question's answers. Numbers: `cuts` begin a new class each. Others: `members` by class."""

    question: Question
    lowest: Decimal
    highest: Decimal
    cuts: tuple[Decimal, ...] = ()
    members: tuple[tuple[Answer, ...], ...] = ()
    up_to: Decimal | None = None  # how far a merchant is advised to raise a number

    @property
    def count(self) -> int:
        return len(self.cuts) + 1 if self.question.kind in NUMBERS else len(self.members)

    @property
    def full(self) -> int:
        return (1 << self.count) - 1

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
    question: Question, said: set[Test], lowest: Decimal, highest: Decimal, up_to: Decimal | None = None
) -> Classes:
    """Put together what no condition tells apart."""
    if question.kind in NUMBERS:
        cuts = {
            limit for test in said if isinstance(test, Within) for limit in (test.low, test.high) if limit is not None
        }
        inner = tuple(sorted(cut for cut in cuts if lowest < cut <= highest))
        return Classes(question, lowest, highest, inner, up_to=up_to)
    answers: list[Answer] = [option.id for option in question.options]
    if question.kind == "choices":
        names = [option.id for option in question.options]
        answers = [frozenset(some) for size in range(len(names) + 1) for some in combinations(names, size)]
    telling = sorted(said, key=str)
    groups: dict[tuple[bool, ...], list[Answer]] = {}
    for answer in answers:
        groups.setdefault(tuple(true_of(test, answer) for test in telling), []).append(answer)
    return Classes(question, lowest, highest, (), tuple(tuple(members) for members in groups.values()))


def true_of(test: Test, answer: Answer) -> bool:
    """Whether an answer meets a test."""
    if isinstance(test, Within):
        number = max(answer) if isinstance(answer, tuple) else answer
        assert isinstance(number, Decimal)
        return (test.low is None or number >= test.low) and (test.high is None or number < test.high)
    chosen = answer if isinstance(answer, frozenset) else frozenset([str(answer)])
    return test.values <= chosen if isinstance(test, AllOf) else bool(test.values & chosen)
