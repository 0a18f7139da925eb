"""Parser of conditions (`below: 10000`, `any of: [...]`, `any:`) into an expression tree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from bot.checks.check import NOTHING, NUMBERS, UNKNOWN, Check, Question
from bot.content.kinds import suggest
from bot.content.problem import Problem
from bot.content.said import Notice, said

Path = tuple[str | int, ...]
Figures = Mapping[str, Mapping[str, int]]

JOINING = ("all", "any", "not")
LIMITS = ("below", "at least", "at most", "above", "exactly")
CHOOSING = ("any of", "none of")
SEVERAL = ("any of", "all of", "none of")
LARGEST = Decimal(10) ** 12  # larger numbers are errors, whatever the question
FINEST = -6  # smallest exponent of ten, since numbers are written out in full
STEP = {"amount": Decimal("0.01"), "amounts": Decimal("0.01"), "whole_number": Decimal(1)}


@dataclass(frozen=True)
class OneOf:
    """The choice is one of these; for `choices`, at least one option is among them."""

    values: frozenset[str]


@dataclass(frozen=True)
class AllOf:
    """All of these options are chosen."""

    values: frozenset[str]


@dataclass(frozen=True)
class Within:
    """A number from `low` inclusive to `high` exclusive, None unlimited; for `amounts`, their maximum."""

    low: Decimal | None
    high: Decimal | None


Test = OneOf | AllOf | Within


@dataclass(frozen=True)
class Holds:
    question: str
    test: Test


@dataclass(frozen=True)
class All:
    parts: tuple[Condition, ...] = ()


@dataclass(frozen=True)
class AnyOf:
    parts: tuple[Condition, ...]


@dataclass(frozen=True)
class Not:
    part: Condition


Condition = Holds | All | AnyOf | Not


def tests(condition: Condition) -> Iterator[Holds]:
    """Yield every test of a condition."""
    if isinstance(condition, Holds):
        yield condition
    elif isinstance(condition, Not):
        yield from tests(condition.part)
    else:
        for part in condition.parts:
            yield from tests(part)


class Reader:
    """Parses the conditions of one check, collecting `problems`."""

    def __init__(self, check: Check, figures: Figures) -> None:
        self.questions = {question.id: question for question in check.questions}
        self.figures = figures
        self.problems: list[Problem] = []

    def wrong(self, path: Path, message: Notice) -> None:
        self.problems.append(Problem(path, message))

    def condition(self, raw: object, path: Path) -> Condition:
        """Parse a mapping, whose entries must all hold; None always holds."""
        if raw is None:
            return All()
        if not isinstance(raw, Mapping):
            self.wrong(path, said("not-a-condition", given=str(raw)))
            return All()
        return All(tuple(self.part(str(key), value, (*path, str(key))) for key, value in raw.items()))

    def part(self, key: str, raw: object, path: Path) -> Condition:
        if key in ("all", "any"):
            if not isinstance(raw, Sequence) or isinstance(raw, str) or not raw:
                self.wrong(path, said("list-of-conditions", key=key))
                return All()
            parts = tuple(self.condition(item, (*path, index)) for index, item in enumerate(raw))
            return All(parts) if key == "all" else AnyOf(parts)
        if key == "not":
            return Not(self.condition(raw, path))
        if key not in self.questions:
            hint = suggest(key, [*self.questions, *JOINING])
            self.wrong(path, said("no-question", name=key, hint=hint))
            return All()
        question = self.questions[key]
        return self.limits(question, raw, path) if question.kind in NUMBERS else self.choice(question, raw, path)

    def choice(self, question: Question, raw: object, path: Path) -> Condition:
        if not isinstance(raw, Mapping):
            return (
                Holds(question.id, self.one_of(question, raw, path)) if raw != NOTHING else self.nothing(question, path)
            )
        words = SEVERAL if question.kind == "choices" else CHOOSING
        parts: list[Condition] = []
        for word, names in raw.items():
            place = (*path, str(word))
            if word not in words:
                self.wrong(place, said("not-said-of-a-choice", word=str(word), allowed=words))
            elif word == "all of":
                parts.append(Holds(question.id, AllOf(self.one_of(question, names, place).values)))
            else:
                found = Holds(question.id, self.one_of(question, names, place))
                parts.append(found if word == "any of" else Not(found))
        return All(tuple(parts))

    def nothing(self, question: Question, path: Path) -> Condition:
        if question.kind != "choices":
            self.wrong(path, said("nothing-of-one-choice", question=question.id, word=NOTHING))
        return Not(Holds(question.id, OneOf(frozenset(option.id for option in question.options))))

    def one_of(self, question: Question, raw: object, path: Path) -> OneOf:
        """Parse names of values and of groups, which stand for their values."""
        if isinstance(raw, str):
            named: list[tuple[str, Path]] = [(raw, path)]
        elif isinstance(raw, Sequence) and raw:
            named = [(str(name), (*path, index)) for index, name in enumerate(raw)]
        else:
            self.wrong(path, said("name-a-value", question=question.id, example=question.options[0].id))
            return OneOf(frozenset())
        known = [option.id for option in question.options]
        values: set[str] = set()
        for name, place in named:
            if name in question.groups:
                values.update(question.groups[name])
            elif name in known:
                values.add(name)
            elif name == UNKNOWN:
                self.wrong(place, said("rule-asks-for-unknown"))
            else:
                hint = suggest(name, [*known, *question.groups])
                self.wrong(place, said("no-value", question=question.id, name=name, hint=hint))
        return OneOf(frozenset(values))

    def limits(self, question: Question, raw: object, path: Path) -> Condition:
        step = STEP[question.kind]
        if isinstance(raw, str):
            raw = {"exactly": raw}
        if not isinstance(raw, Mapping) or not raw:
            limits = tuple(f"{word}: 10" for word in LIMITS)
            self.wrong(path, said("limit-needed", question=question.id, limits=limits))
            return All()
        low: Decimal | None = None
        high: Decimal | None = None
        for word, name in raw.items():
            place = (*path, str(word))
            if word not in LIMITS:
                self.wrong(place, said("no-limit", word=str(word), limits=LIMITS))
                continue
            limit = self.number(name, place)
            if limit is None:
                continue
            if word in ("at least", "exactly", "above"):
                low = max(limit + step if word == "above" else limit, low if low is not None else limit)
            if word in ("below", "at most", "exactly"):
                end = limit if word == "below" else limit + step
                high = end if high is None else min(end, high)
        if low is not None and high is not None and low >= high:
            self.wrong(path, said("nothing-within-limits", question=question.id))
        return Holds(question.id, Within(low, high))

    def number(self, raw: object, path: Path) -> Decimal | None:
        """Parse a number, or a figure's name in figures.yaml ("deposit.lowest")."""
        if not isinstance(raw, str | int | Decimal):
            self.wrong(path, said("limit-is-a-number"))
            return None
        text = str(raw).replace(",", "")
        group, _, name = text.partition(".")
        if name and not group.lstrip("-").isdigit():
            names = [f"{one}.{inner}" for one, entries in self.figures.items() for inner in entries]
            if text not in names:
                self.wrong(path, said("no-figure", name=text, hint=suggest(text, names)))
                return None
            return Decimal(self.figures[group][name])
        try:
            number = Decimal(text)
        except InvalidOperation:
            self.wrong(path, said("not-a-number", given=str(raw)))
            return None
        if not number.is_finite() or number.adjusted() > LARGEST.adjusted() or int(number.as_tuple().exponent) < FINEST:
            self.wrong(path, said("no-number-of-merchants", given=str(raw), most=f"{LARGEST:,f}"))
            return None
        return number
