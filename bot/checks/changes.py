"""Changes that improve a verdict: the minimal sets of answers to change, within the merchant's reach."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import combinations, product

import numpy as np
from numpy.typing import NDArray

from bot.checks.answers import Answers
from bot.checks.check import VERDICTS, Question, Verdict
from bot.checks.table import OVER, PLACES, Answer, Logic, along, combined_verdict, everywhere, somewhere, words
from bot.content.kinds import Text

MOST_MOVES = 3  # answers changed together
MOST_CHANGES = 100  # changes of one decision

Chosen = tuple[tuple[int, int], ...]  # (question, index of its move), in the questions' order
Spot = tuple[int, ...]  # an index into the arrays of `Ways`: 0 is the answer given, others the classes reached by moves


@dataclass(frozen=True)
class Move:
    """One changed answer. `texts` name the change; `more` or `less` is a number's difference."""

    question: Question
    to: Answer
    texts: tuple[Text, ...]
    more: Decimal | None = None
    less: Decimal | None = None


@dataclass(frozen=True)
class Change:
    """A set of answers to change together, and the resulting verdict."""

    moves: tuple[Move, ...]
    verdict: Verdict


@dataclass(frozen=True)
class Ways:
    """The results of all sets of changes within reach, in arrays with an axis for each question."""

    moves: Mapping[int, tuple[Move, ...]]
    places: Mapping[int, tuple[int, ...]]  # question → the indexes on its axis reached by its moves
    verdicts: NDArray[np.uint64]  # as bits
    weights: NDArray[
        np.int64
    ]  # lexicographic: the verdict, then the number of certain findings of each kind, heaviest first

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

    def place(self, chosen: Iterable[tuple[int, int]]) -> Spot:
        there = [0] * self.weights.ndim
        for question, number in chosen:
            there[question] = self.places[question][number]
        return tuple(there)

    def change(self, chosen: Chosen) -> Change:
        verdicts = int(self.verdicts[self.place(chosen)])
        moves = tuple(self.moves[question][number] for question, number in chosen)
        return Change(moves, VERDICTS[combined_verdict(verdicts)])

    def smallest(self) -> Iterator[Chosen]:
        """Yield the minimal sets that improve the result.

        An improvement is a lighter verdict, or the same verdict with fewer or lighter certain findings.
        """
        better = self.weights < self.weights.flat[0]
        size = sum(along(axis, np.arange(count).clip(max=1), better.ndim) for axis, count in enumerate(better.shape))
        for changed in range(1, MOST_MOVES + 1):
            spots = np.argwhere(better & (size == changed)).tolist()
            for spot in spots:
                better[tuple(place or slice(None) for place in spot)] = False  # the set and its supersets
                numbers = [
                    [(question, number) for number, its in enumerate(self.places[question]) if its == place]
                    for question, place in enumerate(spot)
                    if place
                ]
                yield from product(*numbers)

    def is_outdone(self, one: Chosen, others: Sequence[Chosen]) -> bool:
        """Return true if another set reaches the same result with a smaller change of one number."""
        for other in others:
            differing = [pair for pair in zip(one, other, strict=False) if pair[0] != pair[1]]
            if len(one) == len(other) and len(differing) == 1 and differing[0][0][0] == differing[0][1][0]:
                mine, its = (self.moves[question][number] for question, number in differing[0])
                if smaller_move(its, mine) and self.weights[self.place(other)] <= self.weights[self.place(one)]:
                    return True
        return False


def changes(logic: Logic, answers: Answers) -> tuple[tuple[Change, ...], Change | None]:
    """Return the minimal sets that improve the result, smallest first, then best result; and a combination of single changes.

    A larger change of a number is listed only if it has a better result than a smaller one.
    """
    ways = Ways.of(logic, answers)
    if not ways.moves:
        return (), None
    best = sorted(ways.smallest(), key=lambda one: (len(one), ways.weights[ways.place(one)], one))[:MOST_CHANGES]
    kept = [one for one in best if not ways.is_outdone(one, best)]
    found = tuple(map(ways.change, kept))
    return found, together(ways, [one[0] for one in kept if len(one) == 1], found)


def together(ways: Ways, single: Sequence[tuple[int, int]], found: Sequence[Change]) -> Change | None:
    """Combine single changes into one with a lighter verdict than each of `found`; None if that is not possible.

    Greedy: take each question's best single change if it improves the result so far, then drop those not needed. The
    result is minimal, but not necessarily the smallest.
    """

    def verdict(chosen: Iterable[tuple[int, int]]) -> int:
        return int(OVER[ways.verdicts[ways.place(chosen)]])

    taken: dict[int, int] = {}
    for question, number in single:
        then = {**taken, question: number}
        if question not in taken and ways.weights[ways.place(then.items())] < ways.weights[ways.place(taken.items())]:
            taken = then
    lightest = verdict(taken.items())
    if lightest >= verdict(()) or any(VERDICTS.index(change.verdict) <= lightest for change in found):
        return None
    for question in list(taken):
        fewer = {other: number for other, number in taken.items() if other != question}
        if verdict(fewer.items()) <= lightest:
            taken = fewer
    return ways.change(tuple(sorted(taken.items())))


def limit_to_advice(logic: Logic, answers: Answers, change: Change) -> Change | None:
    """Limit a change's numbers to `up_to` and recompute its verdict; None if no move is left."""
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
    return Change(tuple(kept), then.verdict()[0]) if kept else None


def smaller_move(one: Move, other: Move) -> bool:
    if one.more is not None and other.more is not None:
        return one.more < other.more
    return one.less is not None and other.less is not None and one.less < other.less


def moves(logic: Logic, number: int, answer: Answer) -> Iterator[Move]:
    """Yield the changes of one answer, within the merchant's reach, that lead to another class."""
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
