"""Domains of answers together with what follows from them: the verdict over all completions, the rules that fire."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from bot.knowledge.eligibility.check import VERDICTS, Verdict
from bot.knowledge.eligibility.logic import Domains, Logic, ones

CONDITIONAL, ASK, NOT_ELIGIBLE = (VERDICTS.index(name) for name in ("conditional", "ask", "not_eligible"))
MOST_REMEMBERED = 8
MOST_TRIED = 2  # of them, those that are mended where none fits as it is
MOST_REPAIRED = 4  # terms: where more stand in the way, a fresh search is as good


@dataclass(frozen=True)
class State:
    """Where a merchant stands: `allowed` are the terms that some completion fires, `certain` those that all do.

    `origin` is the state of which it differs in the answer to one question, and that question's number.
    """

    logic: Logic
    domains: Domains
    allowed: int = field(compare=False)
    origin: tuple[State, int] | None = field(default=None, compare=False, repr=False)

    @classmethod
    def of(cls, logic: Logic, here: Domains) -> State:
        return cls(logic, here, logic.allowed(here))

    @cached_property
    def certain(self) -> int:
        if self.origin is None:
            return self.logic.certain(self.domains)
        parent, question = self.origin
        return parent.rests[1][question] & self.logic.fit(question, self.domains[question])[1]

    @cached_property
    def rests(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """For each question the terms that all others allow, and those that all others make certain."""
        return self.logic.rests(self.domains, 0), self.logic.rests(self.domains, 1)

    def with_class(self, question: int, number: int) -> State:
        """The same with an answer in this class, given anew or in place of another."""
        before, mask = self.domains[question], 1 << number
        here = (*self.domains[:question], mask, *self.domains[question + 1 :])
        others = self.allowed if before & mask else self.rests[0][question]
        return State(self.logic, here, others & self.logic.fit(question, mask)[0], (self, question))

    def range(self) -> tuple[int, int]:
        """The lightest and the strongest verdict that some completion has, as places in VERDICTS."""
        most = self.logic.strongest(self.allowed)
        return self.logic.lightest(self.domains, self.allowed, self.certain, most), most

    def verdict(self) -> tuple[Verdict, bool]:
        """The verdict over all completions, and whether they differ."""
        least, most = self.range()
        return over(least, most), least != most

    def place(self, mild: Mild) -> int:
        """The verdict over all completions, as a place in VERDICTS; cheaper than `verdict` and `range`."""
        most = self.logic.strongest(self.allowed)
        if most <= CONDITIONAL or mild.mild.possible(self):
            return min(most, CONDITIONAL)
        return most if most == ASK or not mild.bearable.possible(self) else ASK

    def refused(self) -> bool:
        """Whether every completion is not eligible."""
        if self.certain & self.logic.above[NOT_ELIGIBLE - 1]:
            return True
        refusing = self.allowed & self.logic.above[NOT_ELIGIBLE - 1]
        # One open term alone can always be escaped; only several may leave no way out.
        return bool(refusing & (refusing - 1)) and self.logic.avoid(refusing, self.domains) is None

    def firing(self) -> list[int]:
        """The rules that fire whatever the open answers are."""
        return [
            rule
            for rule, terms in enumerate(self.logic.terms_of)
            if self.allowed & terms and self.logic.holds(rule, self.domains, self.allowed, self.certain)
        ]


def over(least: int, most: int) -> Verdict:
    """The verdict where those of the completions reach from `least` to `most`: theirs if they agree, else open."""
    if least == most:
        return VERDICTS[least]
    return "conditional" if least <= CONDITIONAL else "ask"


class Mild:
    """Answers how mild completions can be, for one state after another."""

    def __init__(self, logic: Logic) -> None:
        self.mild = Escape(logic, logic.above[CONDITIONAL])  # nothing stronger than conditional
        self.bearable = Escape(logic, logic.above[NOT_ELIGIBLE - 1])  # not refused


class Escape:
    """Answers whether some completion fires none of some strong terms, for one state after another.

    States that are asked about together differ in an answer or two, so completions found before are tried first, with
    only those answers chosen anew that stand in the way.
    """

    def __init__(self, logic: Logic, strong: int) -> None:
        self.logic = logic
        self.strong = strong
        self.found: list[Domains] = []
        self.base: State | None = None  # the state from which those asked about last have come
        # completion → for each question, the terms that the others allow near to it
        self.near: dict[Domains, tuple[int, ...]] = {}

    def possible(self, state: State) -> bool:
        strong = state.allowed & self.strong
        if not strong:
            return True
        standing: list[tuple[Domains, int]] = []
        for earlier in self.found:
            left = self.standing(state, earlier)
            if not left:
                return True
            standing.append((earlier, left))
        if state.certain & strong:
            return False
        nearest = sorted(standing, key=lambda one: one[1].bit_count())[:MOST_TRIED]
        if any(self.repaired(fitted(state.domains, earlier), left, state) for earlier, left in nearest):
            return True
        return self.remember(self.logic.avoid(strong, state.domains))

    def standing(self, state: State, earlier: Domains) -> int:
        """The strong terms that fire for some completion of a state near to an earlier one."""
        if state.origin is None:
            return self.logic.allowed(fitted(state.domains, earlier)) & self.strong
        base, question = state.origin
        if self.base is not base:
            self.base, self.near = base, {}
        if earlier not in self.near:
            self.near[earlier] = self.logic.rests(fitted(base.domains, earlier), 0)
        mask = state.domains[question]
        return (
            self.near[earlier][question] & self.logic.fit(question, mask & earlier[question] or mask)[0] & self.strong
        )

    def repaired(self, trial: list[int], standing: int, state: State) -> bool:
        if standing.bit_count() > MOST_REPAIRED:
            return False
        for term in ones(standing):
            for question, _ in self.logic.terms[term]:
                trial[question] = state.domains[question]
        return self.remember(self.logic.avoid(self.strong, trial))

    def remember(self, found: Domains | None) -> bool:
        if found is not None:
            self.found = [found, *self.found[: MOST_REMEMBERED - 1]]
        return found is not None


def fitted(here: Domains, earlier: Domains) -> list[int]:
    """The domains narrowed to an earlier completion, where it fits."""
    return [now & then or now for now, then in zip(here, earlier, strict=True)]
