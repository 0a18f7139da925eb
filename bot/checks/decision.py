"""Decisions: verdict, reasons, next steps, open questions with their leads, and the next question to ask."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from bot.checks.answers import Answers
from bot.checks.changes import Change, changes
from bot.checks.check import NUMBERS, VERDICTS, Check, Question, Rule, Verdict
from bot.checks.table import PLACES, Classes, Logic, State, combined_verdict, somewhere
from bot.content.kinds import Text


@dataclass(frozen=True)
class Lead:
    """Answers to an open question that lead to the same verdict: `values`, or numbers from `low` to `high`.

    None is unlimited. `values` holds alternative sets of ids; () is no option of a `choices` question.
    """

    values: tuple[tuple[str, ...], ...]
    verdict: Verdict
    low: Decimal | None = None
    high: Decimal | None = None


@dataclass(frozen=True)
class Open:
    """An unanswered question that can change the result, and the leads of its answers."""

    question: Question
    leads_to: tuple[Lead, ...]


@dataclass(frozen=True)
class Decision:
    """A check's result. `undecided`: the verdict depends on open questions; `findings` hold in any case.

    `together`: a combination of changes that leads to a lighter verdict than any of `would_change`.
    `last_word`: the text that replaces `would_change` in checks that answers alone cannot settle.
    `ignored`: answered questions that do not apply.
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
        """The findings and notes with a next step, each step once."""
        found: dict[Text, Rule] = {}
        for rule in (*self.findings, *self.notes):
            if rule.next_step is not None:
                found.setdefault(rule.next_step, rule)
        return tuple(found.values())


def decide(logic: Logic, answers: Answers, *, go_on: bool = False, with_changes: bool = True) -> Decision:
    """Decide a check; missing answers count as unknown. `go_on`: list open questions after not_eligible, too.

    `with_changes=False` skips the search for changes.
    """
    state = logic.state(answers.given)
    verdict, undecided = state.verdict()
    applying = [number for number in range(len(logic.questions)) if state.applies(number)]
    listed: list[int] = []
    if go_on or not state.is_refused():
        listed = [
            number for number in applying if logic.questions[number].id not in answers.given and state.matters(number)
        ]
    told = [number for number in applying if logic.questions[number].id in answers or number in listed]
    change: tuple[Change, ...] = ()
    way: Change | None = None
    if with_changes and verdict != "eligible" and logic.check.last_word is None:
        change, way = changes(logic, answers)
    holding = state.holding_rules()
    findings = sorted(
        (n for n in holding if logic.rank[n] >= 0), key=lambda n: (-logic.rank[n], logic.check.rules[n].light, n)
    )
    return Decision(
        check=logic.check,
        answers=answers,
        verdict=verdict,
        undecided=undecided,
        findings=tuple(logic.check.rules[rule] for rule in findings),
        notes=tuple(logic.check.rules[rule] for rule in holding if logic.rank[rule] < 0),
        open=tuple(Open(logic.questions[number], leads(logic, answers, number)) for number in listed),
        would_change=change,
        together=way,
        last_word=logic.check.last_word if verdict != "eligible" else None,
        asked=tuple(logic.questions[number].id for number in told),
        ignored=tuple(name for name in (*answers.given, *sorted(answers.unknown)) if logic.index[name] not in applying),
        headline=logic.check.verdicts["open" if undecided else verdict] or logic.check.verdicts[verdict],
    )


def leads(logic: Logic, answers: Answers, number: int) -> tuple[Lead, ...]:
    """Return the verdicts of an open question's answers, other questions unchanged; adjacent ranges are merged."""
    part = logic.bits[(slice(1), *logic.cut(answers.given))]
    verdicts = somewhere(part, *(axis for axis in range(1, part.ndim) if axis != 1 + number)).ravel()
    classes = logic.classes[number]
    found: list[Lead] = []
    for place, bits in enumerate(verdicts.tolist()):
        verdict = VERDICTS[combined_verdict(bits & PLACES)]
        if classes.question.kind not in NUMBERS:
            found.append(Lead(class_values(classes, place), verdict))
        elif found and found[-1].verdict == verdict:
            found[-1] = replace(found[-1], high=class_limits(classes, place)[1])
        else:
            found.append(Lead((), verdict, *class_limits(classes, place)))
    return tuple(found)


def class_limits(classes: Classes, number: int) -> tuple[Decimal | None, Decimal | None]:
    """Return the limits of a class of numbers, None at the question's own limits."""
    low, high = classes.bounds(number)
    return (low if number else None), (high if number + 1 < classes.count else None)


def class_values(classes: Classes, number: int) -> tuple[tuple[str, ...], ...]:
    """Return the values of a class; for `choices`, its minimal sets."""
    order = [option.id for option in classes.question.options]
    members = classes.members[number]
    sets = [member for member in members if isinstance(member, frozenset)]
    if not sets:
        return tuple((str(member),) for member in members)
    least = [one for one in sets if not any(other < one for other in sets)]
    return tuple(tuple(sorted(one, key=order.index)) for one in least)


def next_question(logic: Logic, answers: Answers, *, go_on: bool = False) -> Question | None:
    """Return the next question, or None if none matters or, unless `go_on`, the verdict is surely not_eligible."""
    state = logic.state(answers.given)
    if not go_on and state.is_refused():
        return None
    return next((one for one, _ in questions_left(logic, answers, state)), None)


def questions_left(logic: Logic, answers: Answers, state: State) -> Iterator[tuple[Question, bool]]:
    """Yield the questions left to ask, each with true if it surely applies."""
    for number, question in enumerate(logic.questions):
        if question.id not in answers and state.matters(number):
            yield question, state.surely_applies(number)


def estimate_left(logic: Logic, answers: Answers, *, go_on: bool = False) -> int:
    """Estimate the number of questions left: one for each that surely applies, a half for others, rounded up."""
    state = logic.state(answers.given)
    if not go_on and state.is_refused():
        return 0
    return (sum(2 if sure else 1 for _, sure in questions_left(logic, answers, state)) + 1) // 2


def drop_inapplicable(logic: Logic, answers: Answers) -> tuple[Answers, tuple[str, ...]]:
    """Return the answers that apply, and the questions whose answers were dropped."""
    state = logic.state(answers.given)
    dropped = tuple(name for name in (*answers.given, *sorted(answers.unknown)) if not state.applies(logic.index[name]))
    for name in dropped:
        answers = answers.without(name)
    return answers, dropped
