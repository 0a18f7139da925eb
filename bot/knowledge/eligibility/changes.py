"""What would make a verdict better: the smallest sets of answers to change, found by search among what is in reach."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import combinations

from bot.knowledge.content import Text
from bot.knowledge.eligibility.answers import Answers, domains
from bot.knowledge.eligibility.check import VERDICTS, Question, Verdict
from bot.knowledge.eligibility.classes import Answer
from bot.knowledge.eligibility.logic import Logic, ones
from bot.knowledge.eligibility.state import Mild, State

MOST_MOVES = 3  # answers changed together
MOST_TRIALS = 120  # states looked at: all sets in checks of everyday size, single changes first in large ones

Weight = tuple[int, ...]


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


def changes(logic: Logic, answers: Answers, *, most: int = MOST_MOVES) -> tuple[Change, ...]:
    """The sets that make the verdict better and of which no part does, fewest changes first, then the best outcome.

    Better is a lighter verdict, or the same with fewer or lighter certain findings. Of several numbers for one question
    only those are kept that get further than a nearer one.
    """
    start = State.of(logic, domains(logic, answers))
    mild = Mild(logic)
    base = weight(start, mild)
    reach = {
        logic.index[name]: tuple(moves(logic, logic.index[name], answer)) for name, answer in answers.given.items()
    }
    found: list[tuple[Weight, frozenset[tuple[int, int]], State]] = []
    frontier: dict[frozenset[tuple[int, int]], State] = {frozenset(): start}
    trials = 0
    for _ in range(most):
        following: dict[frozenset[tuple[int, int]], State] = {}
        for chosen, state in frontier.items():
            for step in steps(logic, reach, chosen, state):
                wider = chosen | {step}
                if trials >= MOST_TRIALS:
                    break
                if wider in following or any(part <= wider for _, part, _ in found):
                    continue
                trials += 1
                question, number = step
                then = state.with_class(question, logic.classes[question].of(reach[question][number].to))
                heavy = weight(then, mild, base)
                if heavy < base:
                    found.append((heavy, wider, then))
                else:
                    following[wider] = then
        frontier = {
            wider: state for wider, state in following.items() if not any(part <= wider for _, part, _ in found)
        }
    best = sorted(found, key=lambda one: (len(one[1]), one[0], sorted(one[1])))
    kept = [one for one in best if not outdone(logic, reach, one, best)]
    return tuple(
        Change(tuple(reach[question][number] for question, number in sorted(chosen)), *state.verdict())
        for _, chosen, state in kept
    )


def together(logic: Logic, answers: Answers, single: tuple[Change, ...]) -> Change | None:
    """Changes that together lead to a lighter verdict, where none of `single` gets as far by itself.

    Of each question the best change of `single` is taken, as long as it helps those taken before; then all are left out
    that turn out not to be needed. That is a way out, and no shorter one is within it; another may be as short.
    """
    mild = Mild(logic)
    state = start = State.of(logic, domains(logic, answers))
    base = lightest = weight(start, mild)
    taken: dict[int, Move] = {}

    def with_move(here: State, question: int, move: Move) -> State:
        return here.with_class(question, logic.classes[question].of(move.to))

    ways = [(logic.index[change.moves[0].question.id], change.moves[0]) for change in single if len(change.moves) == 1]
    for question, move in sorted(ways, key=lambda way: weight(with_move(start, *way), mild)):
        if question not in taken:
            then = with_move(state, question, move)
            heavy = weight(then, mild, lightest)
            if heavy < lightest:
                state, lightest, taken[question] = then, heavy, move
    if lightest[0] >= base[0] or any(VERDICTS.index(change.verdict) <= lightest[0] for change in single):
        return None
    for question in list(taken):
        fewer = start
        for other, move in taken.items():
            fewer = fewer if other == question else with_move(fewer, other, move)
        if fewer.place(mild) <= lightest[0]:
            state = fewer
            del taken[question]
    return Change(tuple(taken[question] for question in sorted(taken)), *state.verdict())


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
    state = State.of(logic, domains(logic, answers))
    for move in kept:
        question = logic.index[move.question.id]
        state = state.with_class(question, logic.classes[question].of(move.to))
    return Change(tuple(kept), *state.verdict()) if kept else None


def weight(state: State, mild: Mild, base: Weight = ()) -> Weight:
    """What is compared: the verdict, then how many certain findings there are, from the heaviest kind down.

    Where it cannot be below `base`, the least that it can be is told instead.
    """
    counts = state.logic.weights(state.domains, state.allowed, state.certain)
    least = (state.logic.strongest(state.certain), *counts)
    return least if base and least >= base else (state.place(mild), *counts)


def steps(
    logic: Logic, reach: dict[int, tuple[Move, ...]], chosen: frozenset[tuple[int, int]], state: State
) -> Iterator[tuple[int, int]]:
    """Changes that could take away a finding that stands. Together with others, only those that share a rule with them:
    two changes that help only together meet in one."""
    taken = sum(1 << question for question, _ in chosen)
    candidates = near = 0
    for rule, support in enumerate(logic.support):
        if support & taken:
            near |= support
        if logic.rank[rule] > 0 and state.allowed & logic.terms_of[rule]:
            candidates |= support
    candidates &= (near if taken else candidates) & ~taken
    for question in ones(candidates):
        for number in range(len(reach.get(question, ()))):
            yield question, number


def outdone(
    logic: Logic,
    reach: dict[int, tuple[Move, ...]],
    one: tuple[Weight, frozenset[tuple[int, int]], State],
    all_found: list[tuple[Weight, frozenset[tuple[int, int]], State]],
) -> bool:
    """Whether another set changes the same questions, goes less far with a number, and gets as far."""
    heavy, chosen, _ = one
    for other_weight, other, _ in all_found:
        differing = sorted(chosen ^ other)
        if len(differing) == 2 and len(chosen) == len(other) and differing[0][0] == differing[1][0]:
            mine, its = (reach[question][number] for question, number in (*(chosen - other), *(other - chosen)))
            if nearer(its, mine) and other_weight <= heavy:
                return True
    return False


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
