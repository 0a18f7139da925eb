"""What would make a verdict better: the smallest sets of answers to change, among those that are within reach."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import combinations, product

import numpy as np
from numpy.typing import NDArray

from bot.checks.answers import Answers
from bot.checks.check import VERDICTS, Question, Verdict
from bot.checks.table import OVER, PLACES, Answer, Logic, along, everywhere, over, somewhere, words
from bot.content.kinds import Text

MOST_MOVES = 3  # answers changed together
MOST_CHANGES = 100  # that one decision tells

Chosen = tuple[tuple[int, int], ...]  # questions in order, each with the number of one of its moves
Spot = tuple[int, ...]  # a place among the ways: for each question 0 as it is, or the class that a move leads to


@dataclass(frozen=True)
class Move:
    """One answer changed. `texts` name the change; for numbers `more` or `less` says by how much."""

    question: Question
    to: Answer
    texts: tuple[Text, ...]
    more: Decimal | None = None
    less: Decimal | None = None


@dataclass(frozen=True)
class Change:
    """A set of answers to change together, and the verdict that it leads to."""

    moves: tuple[Move, ...]
    verdict: Verdict
    undecided: bool


@dataclass(frozen=True)
class Ways:
    """All sets of changes within reach: what each comes to, on an axis for each question."""

    moves: Mapping[int, tuple[Move, ...]]
    places: Mapping[int, tuple[int, ...]]  # question → the places on its axis to which its moves lead
    verdicts: NDArray[np.uint64]  # as bits
    weights: NDArray[np.int64]  # the verdict, then how many certain findings there are, from the heaviest kind down

    @classmethod
    def of(cls, logic: Logic, answers: Answers) -> Ways:
        found: dict[int, tuple[Move, ...]] = {}
        places: dict[int, tuple[int, ...]] = {}
        cut = logic.cut(answers.given)
        taken: dict[int, list[int]] = {}
        for name, answer in answers.given.items():
            question = logic.index[name]
            if found_here := tuple(moves(logic, question, answer)):
                led = [logic.classes[question].of(move.to) for move in found_here]
                taken[question] = [cut[question].start, *dict.fromkeys(led)]
                cut[question] = slice(None)
                found[question], places[question] = found_here, tuple(map(taken[question].index, led))
        part = logic.bits[(slice(None), *cut)]
        for question, classes in taken.items():
            part = part.take(classes, axis=1 + question)
        still_open = [1 + n for n, question in enumerate(logic.questions) if question.id not in answers.given]
        verdicts = somewhere(part[:1], *still_open)[0] & PLACES
        every = everywhere(part, *still_open)
        weights = OVER[verdicts]
        for kind in logic.kinds:
            certain = np.bitwise_count(every & words(kind, every)).sum(axis=0, dtype=np.int64)
            weights = weights * (len(logic.rank) + 1) + certain
        return cls(found, places, verdicts, weights)

    def spot(self, chosen: Iterable[tuple[int, int]]) -> Spot:
        there = [0] * self.weights.ndim
        for question, number in chosen:
            there[question] = self.places[question][number]
        return tuple(there)

    def change(self, chosen: Chosen) -> Change:
        verdicts = int(self.verdicts[self.spot(chosen)])
        moves = tuple(self.moves[question][number] for question, number in chosen)
        return Change(moves, VERDICTS[over(verdicts)], bool(verdicts & (verdicts - 1)))

    def smallest(self) -> Iterator[Chosen]:
        """The sets that make the verdict better and of which no part does.

        Better is a lighter verdict, or the same with fewer or lighter certain findings.
        """
        better = self.weights < self.weights.flat[0]
        size = sum(along(axis, np.arange(count).clip(max=1), better.ndim) for axis, count in enumerate(better.shape))
        for changed in range(1, MOST_MOVES + 1):
            spots = np.argwhere(better & (size == changed)).tolist()
            for spot in spots:
                better[tuple(place or slice(None) for place in spot)] = False  # it, and all that hold it
                numbers = [
                    [(question, number) for number, its in enumerate(self.places[question]) if its == place]
                    for question, place in enumerate(spot)
                    if place
                ]
                yield from product(*numbers)

    def outdone(self, one: Chosen, others: Sequence[Chosen]) -> bool:
        """Whether another set changes the same questions, goes less far with a number, and gets as far."""
        for other in others:
            differing = [pair for pair in zip(one, other, strict=False) if pair[0] != pair[1]]
            if len(one) == len(other) and len(differing) == 1 and differing[0][0][0] == differing[0][1][0]:
                mine, its = (self.moves[question][number] for question, number in differing[0])
                if nearer(its, mine) and self.weights[self.spot(other)] <= self.weights[self.spot(one)]:
                    return True
        return False


def changes(logic: Logic, answers: Answers) -> tuple[tuple[Change, ...], Change | None]:
    """What makes the verdict better: the smallest sets of changes, fewest first, then the best outcome; and a way together.

    Of several numbers for one question only those are told that get further than a nearer one.
    """
    ways = Ways.of(logic, answers)
    if not ways.moves:
        return (), None
    best = sorted(ways.smallest(), key=lambda one: (len(one), ways.weights[ways.spot(one)], one))[:MOST_CHANGES]
    kept = [one for one in best if not ways.outdone(one, best)]
    found = tuple(map(ways.change, kept))
    return found, together(ways, [one[0] for one in kept if len(one) == 1], found)


def together(ways: Ways, single: Sequence[tuple[int, int]], found: Sequence[Change]) -> Change | None:
    """Changes that together lead to a lighter verdict, where none of `found` gets as far by itself.

    Of each question the best single change is taken, as long as it helps those taken before; then all are left out
    that turn out not to be needed. That is a way out, and no shorter one is within it; another may be as short.
    """

    def verdict(chosen: Iterable[tuple[int, int]]) -> int:
        return int(OVER[ways.verdicts[ways.spot(chosen)]])

    taken: dict[int, int] = {}
    for question, number in single:
        then = {**taken, question: number}
        if question not in taken and ways.weights[ways.spot(then.items())] < ways.weights[ways.spot(taken.items())]:
            taken = then
    lightest = verdict(taken.items())
    if lightest >= verdict(()) or any(VERDICTS.index(change.verdict) <= lightest for change in found):
        return None
    for question in list(taken):
        fewer = {other: number for other, number in taken.items() if other != question}
        if verdict(fewer.items()) <= lightest:
            taken = fewer
    return ways.change(tuple(sorted(taken.items())))


def advised(logic: Logic, answers: Answers, change: Change) -> Change | None:
    """The change with no number raised further than is advised, and its verdict; None where nothing is left of it."""
    kept: list[Move] = []
    for move in change.moves:
        up_to = logic.classes[logic.index[move.question.id]].up_to
        given = answers.given[move.question.id]
        if up_to is None or not isinstance(given, Decimal) or not isinstance(move.to, Decimal) or move.to <= up_to:
            kept.append(move)
        elif given < up_to:
            kept.append(replace(move, to=up_to, more=up_to - given))
    if tuple(kept) == change.moves:
        return change
    then = logic.state({**answers.given, **{move.question.id: move.to for move in kept}})
    return Change(tuple(kept), *then.verdict()) if kept else None


def nearer(one: Move, other: Move) -> bool:
    if one.more is not None and other.more is not None:
        return one.more < other.more
    return one.less is not None and other.less is not None and one.less < other.less


def moves(logic: Logic, number: int, answer: Answer) -> Iterator[Move]:
    """The changes of one answer that are within the merchant's reach and reach another class."""
    classes = logic.classes[number]
    question, here = classes.question, classes.of(answer)
    if isinstance(answer, frozenset):
        addable = [option for option in question.options if option.within_reach and option.id not in answer]
        reached: dict[int, int] = {here: 0}
        for size in range(1, MOST_MOVES + 1):
            for more in combinations(addable, size):
                to = answer | {option.id for option in more}
                there = classes.of(to)
                if reached.setdefault(there, size) == size:
                    yield Move(question, to, tuple(option.within_reach for option in more if option.within_reach))
    elif isinstance(answer, str):
        for option in question.options:
            if option.within_reach and option.id != answer and classes.of(option.id) != here:
                yield Move(question, option.id, (option.within_reach,))
    elif isinstance(answer, Decimal) and question.within_reach:
        for there in range(classes.count):
            low, high = classes.bounds(there)
            if there > here and question.within_reach.more:
                yield Move(question, low, (question.within_reach.more,), more=low - answer)
            if there < here and question.within_reach.less:
                yield Move(question, high, (question.within_reach.less,), less=answer - high)
