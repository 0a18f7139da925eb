"""Answers, and their conversion from and to JSON values."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from bot.checks.check import NUMBERS, UNKNOWN, Question
from bot.checks.table import Answer, Classes, Logic
from bot.content.kinds import suggest
from bot.content.said import Notice, said


@dataclass(frozen=True)
class BadAnswer:
    """An invalid answer to a question, and what would be valid."""

    question: str
    said: Notice


class BadAnswers(ValueError):
    """All invalid answers of one input."""

    def __init__(self, bad: tuple[BadAnswer, ...]) -> None:
        super().__init__("\n".join(str(one.said) for one in bad))
        self.bad = bad


@dataclass(frozen=True)
class Answers:
    """A merchant's answers. `unknown` are those answered "I don't know"; like unanswered ones, they are open."""

    given: Mapping[str, Answer] = field(default_factory=dict)
    unknown: frozenset[str] = frozenset()

    def __contains__(self, question: object) -> bool:
        return question in self.given or question in self.unknown

    def with_(self, question: str, answer: Answer | None) -> Answers:
        """Return the answers with one replaced or added; None is "I don't know"."""
        return self.without(question).plus(question, answer)

    def plus(self, question: str, answer: Answer | None) -> Answers:
        if answer is None:
            return Answers(self.given, self.unknown | {question})
        return Answers({**self.given, question: answer}, self.unknown)

    def without(self, question: str) -> Answers:
        given = {name: answer for name, answer in self.given.items() if name != question}
        return Answers(given, self.unknown - {question})


def parse_answers(logic: Logic, raw: Mapping[str, Any]) -> Answers:
    """Convert JSON values into answers. Raises BadAnswers with every invalid value."""
    given: dict[str, Answer] = {}
    unknown: set[str] = set()
    bad: list[BadAnswer] = []
    for name, value in raw.items():
        if name not in logic.index:
            known = tuple(question.id for question in logic.check.questions)
            bad.append(BadAnswer(name, said("no-question-there-are", name=name, known=known)))
        elif value == UNKNOWN:
            unknown.add(name)
        else:
            taken = parse_answer(logic, name, value)
            if isinstance(taken, BadAnswer):
                bad.append(taken)
            else:
                given[name] = taken
    if bad:
        raise BadAnswers(tuple(bad))
    return Answers(given, frozenset(unknown))


def parse_answer(logic: Logic, name: str, value: object) -> Answer | BadAnswer:
    """Convert a JSON value into the answer to a question."""
    classes = logic.classes[logic.index[name]]
    question = classes.question
    if question.kind == "choices":
        return choices_answer(question, value)
    if question.kind == "amounts":
        return amounts_answer(classes, value)
    if question.kind in NUMBERS:
        return number_answer(classes, value)
    if isinstance(value, str) and value in {option.id for option in question.options}:
        return value
    return not_a_value(question, value, UNKNOWN)


def not_a_value(question: Question, value: object, *others: str) -> BadAnswer:
    """Refuse what is none of a question's values, nor one of the `others`."""
    ids = tuple(option.id for option in question.options)
    if not isinstance(value, str):
        told = said("answer-not-a-value", question=question.id, given=value_text(value), known=(*ids, *others))
        return BadAnswer(question.id, told)
    known = (*ids, UNKNOWN)
    hint, place = suggest(value, known), {"question": question.id, "given": value[:60]}
    if hint.code == "did-you-mean":
        return BadAnswer(question.id, said("answer-no-value-near", **place, hint=hint, known=known))
    return BadAnswer(question.id, said("answer-no-value", **place, hint=hint))


def choices_answer(question: Question, value: object) -> Answer | BadAnswer:
    known = tuple(option.id for option in question.options)
    if not isinstance(value, list | tuple | frozenset | set):
        return BadAnswer(
            question.id, said("answer-not-a-list", question=question.id, known=known, given=value_text(value))
        )
    for item in value:
        if item not in known:
            return not_a_value(question, item)
    return frozenset(value)


def amounts_answer(classes: Classes, value: object) -> Answer | BadAnswer:
    name = classes.question.id
    if not isinstance(value, list | tuple) or not value:
        message = said("answer-not-amounts", question=name, example=classes.lowest, given=value_text(value))
        return BadAnswer(name, message)
    found: list[Decimal] = []
    for item in value:
        one = number_answer(classes, item)
        if isinstance(one, BadAnswer):
            return one
        found.append(one)
    return tuple(found)


def number_answer(classes: Classes, value: object) -> Decimal | BadAnswer:
    question = classes.question
    whole = question.kind == "whole_number"
    place = {
        "question": question.id,
        "what": said("a-whole-number") if whole else said("an-amount", currency=question.currency),
        "given": value_text(value),
    }
    finite = value.is_finite() if isinstance(value, Decimal) else not isinstance(value, float) or math.isfinite(value)
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal) or not finite:
        return BadAnswer(question.id, said("answer-not-a-number", **place))
    taken = Decimal(str(value)) if isinstance(value, float) else Decimal(value)
    if whole and taken != taken.to_integral_value():
        return BadAnswer(question.id, said("answer-not-a-number", **place))
    if not classes.lowest <= taken <= classes.highest:
        limits = {"low": f"{classes.lowest:,f}", "high": f"{classes.highest:,f}"}
        return BadAnswer(question.id, said("answer-outside", **place, **limits))
    return taken.quantize(Decimal(1)) if taken == taken.to_integral_value() else taken


def value_text(value: object) -> Notice | str:
    if isinstance(value, str):
        return said("the-text", text=value[:60])
    if value is None:
        return said("nothing")
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return said("keys-and-values")
    return said("a-list") if isinstance(value, list | tuple) else str(value)[:40]


def plain_value(answer: Answer) -> Any:
    if isinstance(answer, Decimal):
        return int(answer) if answer == answer.to_integral_value() else float(answer)
    if isinstance(answer, tuple):
        return [plain_value(one) for one in answer]
    return sorted(answer) if isinstance(answer, frozenset) else answer
