"""What the engine works on: for each question classes of answers, for each rule masks over them.

Conditions are in disjunctive form: a rule fires if one of its *terms* does, and a term is a set of classes for some
questions. That a question is asked at all (`ask_if`) is written into the terms that name it, so that the answers of a
merchant are a plain product of independent domains.

All terms of a check are numbered, and sets of terms are kept as the bits of one integer: the terms that the answers
still allow are the intersection of one such integer for each question. This is what makes a turn cheap.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bot.knowledge.eligibility.check import VERDICTS, Check, Question
from bot.knowledge.eligibility.classes import Classes

Domains = tuple[int, ...]  # for each question, the classes its answer may still be in, as bits
Term = dict[int, int]  # question → classes; all of them must hold
PROOF, SEARCH = 1_000_000, 200_000  # what the proof of a check may spend in all, and one search in a conversation


class TooIntricate(Exception):
    """A check whose conditions hang together in too many ways to be worked through."""


@dataclass
class Effort:
    """What may still be spent, in steps of about a microsecond: searches can take twice as long for each question more."""

    left: int

    def spend(self, steps: int) -> None:
        """Raises TooIntricate."""
        self.left -= steps
        if self.left < 0:
            raise TooIntricate


@dataclass(frozen=True)
class Logic:
    """A check with its limits resolved. Rules and questions go by their number; questions in the order of asking."""

    check: Check
    questions: tuple[Question, ...]
    classes: tuple[Classes, ...]
    terms: tuple[tuple[tuple[int, int], ...], ...]
    rule_of: tuple[int, ...]  # term → rule
    terms_of: tuple[int, ...]  # rule → its terms, as bits
    rank: tuple[int, ...]  # rule → place in VERDICTS; -1 is a note
    asked: tuple[tuple[Term, ...], ...]  # question → when it is asked; () is never
    named: tuple[frozenset[int], ...]  # rule → questions whose answers its texts show
    mentions: tuple[int, ...]  # question → terms that depend on it, as bits
    above: tuple[int, ...]  # verdict's place → terms of rules that are stronger, as bits
    intricate: int  # terms of rules that have several, as bits
    kinds: tuple[
        tuple[int, tuple[int, ...]], ...
    ]  # heaviest kind of finding first: terms of its simple rules, its intricate rules
    support: tuple[int, ...]  # rule → questions that it depends on, as bits
    every: int
    full: Domains
    index: Mapping[str, int]
    fits: dict[tuple[int, int], tuple[int, int, int]] = field(repr=False, compare=False)  # `fit`, remembered
    proof: Effort | None = field(default=None, repr=False, compare=False)  # what all searches may spend together

    def allowed(self, domains: Sequence[int]) -> int:
        """Terms that fire for some completion."""
        bits = self.every
        fits = self.fits
        for question, mask in enumerate(domains):
            if mask != self.full[question]:
                bits &= (fits.get((question, mask)) or self.fit(question, mask))[0]
        return bits

    def certain(self, domains: Sequence[int]) -> int:
        """Terms that fire for every completion."""
        bits = self.every
        fits = self.fits
        for question, mask in enumerate(domains):
            bits &= (fits.get((question, mask)) or self.fit(question, mask))[1]
        return bits

    def rests(self, domains: Sequence[int], part: int) -> tuple[int, ...]:
        """For each question the terms that all others allow (`part` 0) or make certain (1)."""
        fits = [self.fit(question, mask)[part] for question, mask in enumerate(domains)]
        after = [self.every]
        for bits in reversed(fits[1:]):
            after.append(after[-1] & bits)
        before, found = self.every, []
        for bits, following in zip(fits, reversed(after), strict=True):
            found.append(before & following)
            before &= bits
        return tuple(found)

    def fit(self, question: int, mask: int) -> tuple[int, int, int]:
        """Terms that some of these classes of a question allow, that all of them allow, and that some do not."""
        found = self.fits.get((question, mask))
        if found is None:
            some = every = self.every
            for number in ones(self.mentions[question]):
                classes = dict(self.terms[number])[question]
                if not classes & mask:
                    some &= ~(1 << number)
                if mask & ~classes:
                    every &= ~(1 << number)
            found = some, every, self.every & ~every
            self.fits[question, mask] = found
        return found

    def avoid(self, terms: int, domains: Sequence[int]) -> Domains | None:
        """Narrow the domains so that none of these terms fires, whatever is chosen; None if that cannot be.

        Raises TooIntricate.
        """
        here = tuple(domains)
        left = terms & self.allowed(here)
        if not left:
            return here
        return self.narrow(left, here, self.proof or Effort(SEARCH))

    def narrow(self, left: int, here: Domains, effort: Effort) -> Domains | None:
        """Choose, for one open term after the other, a question that keeps it from firing; go back where that fails.

        A term with one question left to choose is dealt with before anything is guessed, as in the DPLL procedure.
        """
        effort.spend(len(here))
        once = twice = 0  # terms that at least one question, at least two questions, can keep from firing
        fits = self.fits
        for question, mask in enumerate(here):
            found = fits.get((question, mask)) or self.fit(question, mask)
            free = found[2]
            twice |= once & free
            once |= free
        if left & ~once:
            return None
        pick = left & ~twice or left
        for question, mask in self.terms[(pick & -pick).bit_length() - 1]:
            outside = here[question] & ~mask
            if not outside:
                continue
            trial = (*here[:question], outside, *here[question + 1 :])
            rest = left & self.fit(question, outside)[0]
            if not rest:
                return trial
            solved = self.narrow(rest, trial, effort)
            if solved is not None:
                return solved
            inside = here[question] & mask
            here = (*here[:question], inside, *here[question + 1 :])
            left &= self.fit(question, inside)[0]
        return None

    def holds(self, rule: int, domains: Sequence[int], allowed: int, certain: int) -> bool:
        """Whether a rule fires for every completion."""
        terms = self.terms_of[rule]
        if certain & terms:
            return True
        open_terms = allowed & terms & self.intricate
        if not open_terms & (open_terms - 1):
            return False
        return self.avoid(open_terms, domains) is None

    def strongest(self, allowed: int) -> int:
        """The strongest verdict that some completion has, as a place in VERDICTS."""
        for place in range(len(VERDICTS) - 1, 0, -1):
            if allowed & self.above[place - 1]:
                return place
        return 0

    def weights(self, domains: Sequence[int], allowed: int, certain: int) -> tuple[int, ...]:
        """How many findings of each kind hold for every completion, the heaviest kind first."""
        return tuple(
            (certain & simple).bit_count() + sum(self.holds(rule, domains, allowed, certain) for rule in intricate)
            for simple, intricate in self.kinds
        )

    def lightest(self, domains: Sequence[int], allowed: int, certain: int, at_most: int) -> int:
        """The lightest verdict that some completion has, where the strongest is `at_most`."""
        least = self.strongest(certain)
        for place in range(least, at_most):
            bits = self.above[place] & allowed
            if self.avoid(bits, domains) is not None:
                return place
        return at_most

    def applies(self, question: int, domains: Sequence[int]) -> bool:
        """Whether the question is asked in some completion."""
        return any(all(domains[other] & mask for other, mask in term.items()) for term in self.asked[question])

    def surely_applies(self, question: int, domains: Sequence[int]) -> bool:
        """Whether the question is asked in every completion, as far as a single reason for asking shows it."""
        return any(all(not domains[other] & ~mask for other, mask in term.items()) for term in self.asked[question])

    def matters(self, question: int, domains: Sequence[int], allowed: int) -> bool:
        """Whether the answer, with some answers to the other open questions, decides if a rule fires, or is shown."""
        toggled = allowed & self.mentions[question]
        if toggled & ~self.intricate:
            return True
        for number in ones(toggled):
            rule = self.rule_of[number]
            trial = list(domains)
            for other, mask in self.terms[number]:
                trial[other] &= ~mask if other == question else mask
            if trial[question] and self.avoid(self.terms_of[rule] & allowed, trial) is not None:
                return True
        return self.applies(question, domains) and any(
            question in named and self.terms_of[rule] & allowed for rule, named in enumerate(self.named)
        )


def ones(bits: int) -> Iterator[int]:
    """The numbers of the bits that are set."""
    while bits:
        low = bits & -bits
        yield low.bit_length() - 1
        bits ^= low
