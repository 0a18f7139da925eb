"""Domains of answers together with what follows from them: the verdict over all completions, the rules that fire."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from bot.knowledge.eligibility.check import VERDICTS, Verdict
from bot.knowledge.eligibility.logic import Domains, Logic, ones

CONDITIONAL, ASK, NOT_ELIGIBLE = (VERDICTS.index(name) for name in ("conditional", "ask", "not_eligible"))
MOST_REMEMBERED = 3
MOST_REPAIRED = 4  # terms: where more stand in the way, a fresh search is as good


@dataclass(frozen=True)
class State:
    """Where a merchant stands: `allowed` are the terms that some completion fires, `certain` those that all do."""

    logic: Logic
    domains: Domains
    allowed: int = field(compare=False)

    @classmethod
    def of(cls, logic: Logic, here: Domains) -> State:
        return cls(logic, here, logic.allowed(here))

    @cached_property
    def certain(self) -> int:
        return self.logic.certain(self.domains)

    def with_class(self, question: int, number: int) -> State:
        """The same with an answer in this class, given anew or in place of another."""
        before, mask = self.domains[question], 1 << number
        here = (*self.domains[:question], mask, *self.domains[question + 1 :])
        if before & mask:
            return State(self.logic, here, self.allowed & self.logic.fit(question, mask)[0])
        return State.of(self.logic, here)

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
        if most <= CONDITIONAL or mild.possible(self):
            return min(most, CONDITIONAL)
        return most if most == ASK or self.refused() else ASK

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
    """Answers whether some completion has no finding stronger than conditional, for one state after another.

    States that are asked about together differ in an answer or two, so completions found before are tried first, with
    only those answers chosen anew that stand in the way.
    """

    def __init__(self, logic: Logic) -> None:
        self.logic = logic
        self.strong = logic.above[CONDITIONAL]
        self.found: list[Domains] = []

    def possible(self, state: State) -> bool:
        strong = state.allowed & self.strong
        if not strong:
            return True
        trials: list[tuple[list[int], int]] = []
        for earlier in self.found:
            trial = [now & then or now for now, then in zip(state.domains, earlier, strict=True)]
            standing = self.logic.allowed(trial) & self.strong
            if not standing:
                return True
            trials.append((trial, standing))
        if state.certain & strong:
            return False
        if any(self.repaired(trial, standing, state) for trial, standing in trials):
            return True
        return self.remember(self.logic.avoid(strong, state.domains))

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
