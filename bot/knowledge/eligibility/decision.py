"""Answers in, decision out: verdict, reasons, next steps, what is open and where it leads, what is asked next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from bot.knowledge.content import Text
from bot.knowledge.eligibility.answers import Answers, domains
from bot.knowledge.eligibility.changes import Change, changes, together
from bot.knowledge.eligibility.check import NUMBERS, VERDICTS, Check, Question, Rule, Verdict
from bot.knowledge.eligibility.classes import Classes
from bot.knowledge.eligibility.logic import Logic
from bot.knowledge.eligibility.state import Mild, State


@dataclass(frozen=True)
class Lead:
    """Some answers to an open question that lead to the same verdict: `values`, or numbers from `low` to `high`.

    None is no limit. `values` holds ids; where several may be chosen, alternatives of which one is enough, () for
    none chosen.
    """

    values: tuple[tuple[str, ...], ...]
    verdict: Verdict
    low: Decimal | None = None
    high: Decimal | None = None


@dataclass(frozen=True)
class Open:
    """A question without an answer that can still change something, and where its answers would lead."""

    question: Question
    leads_to: tuple[Lead, ...]


@dataclass(frozen=True)
class Decision:
    """What a check comes to. `undecided`: the verdict depends on open questions; `findings` hold in any case.

    `together` is a way to a lighter verdict where no change of `would_change` gets as far by itself.
    `last_word` is said in place of `would_change` by checks that nothing he answers can settle. `ignored` are answers
    to questions that do not apply.
    """

    check: Check
    answers: Answers
    verdict: Verdict
    undecided: bool
    findings: tuple[Rule, ...]
    notes: tuple[Rule, ...]
    open: tuple[Open, ...]
    would_change: tuple[Change, ...]
    together: Change | None
    last_word: Text | None
    asked: tuple[str, ...]
    ignored: tuple[str, ...]
    headline: Text | None = None

    @property
    def next_steps(self) -> tuple[Rule, ...]:
        """The findings and notes that have a next step, without repeating one."""
        found: dict[Text, Rule] = {}
        for rule in (*self.findings, *self.notes):
            if rule.next_step is not None:
                found.setdefault(rule.next_step, rule)
        return tuple(found.values())


def decide(logic: Logic, answers: Answers, *, go_on: bool = False, with_changes: bool = True) -> Decision:
    """Work out the decision; missing answers count as unknown. `go_on`: list what is open after not_eligible, too.

    `with_changes=False` leaves out the search for what would change it.
    """
    here = domains(logic, answers)
    state = State.of(logic, here)
    verdict, undecided = state.verdict()
    firing = state.firing()
    findings = tuple(logic.check.rules[rule] for rule in strongest_first(logic, firing) if logic.rank[rule] >= 0)
    applying = [question for question in range(len(here)) if logic.applies(question, here)]
    told = [question for question in applying if logic.questions[question].id in answers]
    listed: tuple[int, ...] = ()
    if go_on or not (verdict == "not_eligible" and not undecided):
        listed = tuple(
            question
            for question in applying
            if logic.questions[question].id not in answers.given and logic.matters(question, here, state.allowed)
        )
    change: tuple[Change, ...] = ()
    if with_changes and verdict != "eligible" and logic.check.last_word is None:
        change = changes(logic, answers)
    return Decision(
        check=logic.check,
        answers=answers,
        verdict=verdict,
        undecided=undecided,
        findings=findings,
        notes=tuple(logic.check.rules[rule] for rule in firing if logic.rank[rule] < 0),
        open=tuple(
            Open(logic.questions[question], leads)
            for question, leads in zip(listed, all_leads(state, listed), strict=True)
        ),
        would_change=change,
        together=together(logic, answers, change),
        last_word=logic.check.last_word if verdict != "eligible" else None,
        asked=tuple(logic.questions[question].id for question in sorted({*told, *listed})),
        ignored=tuple(name for name in (*answers.given, *sorted(answers.unknown)) if logic.index[name] not in applying),
        headline=logic.check.verdicts["open" if undecided else verdict] or logic.check.verdicts[verdict],
    )


def strongest_first(logic: Logic, rules: Sequence[int]) -> list[int]:
    return sorted(rules, key=lambda rule: (-logic.rank[rule], logic.check.rules[rule].light, rule))


def all_leads(state: State, questions: Sequence[int]) -> list[tuple[Lead, ...]]:
    """Where the classes of open questions would lead, each with all other answers as open as they are."""
    mild = Mild(state.logic)
    return [
        leads(classes, [VERDICTS[state.with_class(question, n).place(mild)] for n in range(classes.count)])
        for question in questions
        for classes in (state.logic.classes[question],)
    ]


def leads(classes: Classes, verdicts: Sequence[Verdict]) -> tuple[Lead, ...]:
    """The verdicts of all classes of a question; neighbouring numbers with the same verdict are put together."""
    found: list[Lead] = []
    for number, verdict in enumerate(verdicts):
        if classes.question.kind in NUMBERS:
            low, high = ends(classes, number)
            before = found[-1] if found else None
            if before and before.verdict == verdict:
                found[-1] = Lead((), verdict, before.low, high)
            else:
                found.append(Lead((), verdict, low, high))
        else:
            found.append(Lead(smallest(classes, number), verdict))
    return tuple(found)


def ends(classes: Classes, number: int) -> tuple[Decimal | None, Decimal | None]:
    """The lowest and the highest number of a class, None where nothing beyond may be answered anyway."""
    low, high = classes.bounds(number)
    return (low if number else None), (high if number + 1 < classes.count else None)


def smallest(classes: Classes, number: int) -> tuple[tuple[str, ...], ...]:
    """The values of a class; of several choices, its smallest sets."""
    order = [option.id for option in classes.question.options]
    members = classes.members[number]
    sets = [member for member in members if isinstance(member, frozenset)]
    if not sets:
        return tuple((str(member),) for member in members)
    least = [one for one in sets if not any(other < one for other in sets)]
    return tuple(tuple(sorted(one, key=order.index)) for one in least)


def next_question(logic: Logic, answers: Answers, *, go_on: bool = False) -> Question | None:
    """The question to ask now, or None where nothing more can matter or, unless `go_on`, it is not eligible anyway."""
    number = next_number(State.of(logic, domains(logic, answers)), told_bits(logic, answers), go_on=go_on)
    return None if number is None else logic.questions[number]


def told_bits(logic: Logic, answers: Answers) -> int:
    return sum(1 << number for number, question in enumerate(logic.questions) if question.id in answers)


def next_number(state: State, told: int, *, go_on: bool) -> int | None:
    logic, here = state.logic, state.domains
    if not go_on and state.refused():
        return None
    for number in range(len(here)):
        if not told >> number & 1 and logic.applies(number, here) and logic.matters(number, here, state.allowed):
            return number
    return None


def remaining(logic: Logic, answers: Answers, *, go_on: bool = False) -> int:
    """Roughly how many questions are left: those sure to be asked count one, those that may be a half, rounded up."""
    here = domains(logic, answers)
    state = State.of(logic, here)
    if not go_on and state.refused():
        return 0
    halves = 0
    for number, question in enumerate(logic.questions):
        if question.id not in answers and logic.applies(number, here) and logic.matters(number, here, state.allowed):
            halves += 2 if logic.surely_applies(number, here) else 1
    return (halves + 1) // 2


def kept(logic: Logic, answers: Answers) -> tuple[Answers, tuple[str, ...]]:
    """After a correction: the answers that still apply, and the questions whose answers were dropped."""
    here = domains(logic, answers)
    dropped = tuple(name for name in (*answers.given, *answers.unknown) if not logic.applies(logic.index[name], here))
    for name in dropped:
        answers = answers.without(name)
    return answers, dropped
