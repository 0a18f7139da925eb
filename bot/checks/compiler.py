"""Compiles a check: resolves limits, orders questions, and reports problems."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from math import prod

from bot.checks.check import NOTE, NOTHING, NUMBERS, UNKNOWN, VERDICTS, Check, Question, Rule
from bot.checks.condition import JOINING, LARGEST, Condition, Figures, Path, Reader, Test, tests
from bot.checks.pattern import is_well_formed
from bot.checks.table import Classes, Logic, bit, classes_of
from bot.content.kinds import Phrasings, suggest
from bot.content.problem import Problem
from bot.content.said import Notice, Several, said

MOST_VALUES = 12  # options of a `choices` question, since every subset is an answer
MOST_QUESTIONS, MOST_RULES = 30, 500
MOST_COMBINATIONS = 200_000
BEYOND_COUNTING = 10**9
MOST_NAMED = 5  # questions listed in a message
NAMED = re.compile(r"""answers(?:\.|\[["'])([A-Za-z0-9_-]+)|chosen\(\s*["']([A-Za-z0-9_-]+)""")


class Unsound(ValueError):
    """A check that cannot be compiled, with its `problems`."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(str(problem.said) for problem in problems))
        self.problems = tuple(problems)


def logic(check: Check, figures: Figures) -> Logic:
    """Compile a check. Raises Unsound with every problem of its conditions, or with its size."""
    reader = Reader(check, figures)
    reader.problems += [*question_problems(check), *duplicate_ids(check)]
    bounds = {question.id: limits(reader, question, ("questions", n)) for n, question in enumerate(check.questions)}
    whens = [reader.condition(rule.when, ("rules", n, "when")) for n, rule in enumerate(check.rules)]
    asks = {
        question.id: reader.condition(question.ask_if, ("questions", n, "ask_if"))
        for n, question in enumerate(check.questions)
    }
    order = sorted_questions(check, asks, reader)
    if reader.problems:
        raise Unsound(reader.problems)
    said: dict[str, set[Test]] = {question.id: set() for question in order}
    for condition in (*whens, *asks.values()):
        for part in tests(condition):
            said[part.question].add(part.test)
    classes = tuple(classes_of(question, said[question.id], *bounds[question.id]) for question in order)
    if too_large := size_problem(classes):
        raise Unsound([too_large])
    texts = [questions_shown(rule) for rule in check.rules]
    return Logic(
        check=check,
        questions=order,
        classes=classes,
        index={question.id: number for number, question in enumerate(order)},
        whens=tuple(whens),
        asks=tuple(asks[question.id] for question in order),
        rank=tuple(-1 if rule.verdict == NOTE else VERDICTS.index(rule.verdict) for rule in check.rules),
        shown_by=tuple(sum(bit(rule) for rule, names in enumerate(texts) if one.id in names) for one in order),
    )


def size_problem(classes: Sequence[Classes]) -> Problem | None:
    """Return the problem of a check with too many combinations, naming the questions to remove; else None."""
    size = left = prod(one.count for one in classes)
    if size <= MOST_COMBINATIONS:
        return None
    out: list[Notice] = []
    for one in sorted(classes, key=lambda one: -one.count):
        if left > MOST_COMBINATIONS:
            left //= one.count
            out.append(said("question-multiplies", question=one.question.id, count=one.count))
    many = f"{size:,}" if size < BEYOND_COUNTING else said("more-than", count=f"{BEYOND_COUNTING:,}")
    rest = [said("and-more", count=len(out) - MOST_NAMED)] if len(out) > MOST_NAMED else []
    named = (*out[:MOST_NAMED], *rest)
    return Problem(("questions",), said("check-too-large", many=many, most=f"{MOST_COMBINATIONS:,}", named=named))


def questions_shown(rule: Rule) -> set[str]:
    """Return the questions whose answers a rule's texts show."""
    texts = [rule.text] + ([rule.next_step] if rule.next_step else [])
    return {
        name for text in texts for lang in (text.en, text.zh) for found in NAMED.findall(lang) for name in found if name
    }


def question_problems(check: Check) -> Iterator[Problem]:
    """Yield the problems of single questions, and of too few or too many questions or rules."""
    for key, most in (("questions", MOST_QUESTIONS), ("rules", MOST_RULES)):
        count = len(getattr(check, key))
        if not count:
            yield Problem((key,), said("entry-needed", key=key))
        if count > most:
            yield Problem((key,), said("too-many-in-check", key=key, count=f"{count:,}", most=most))
    for number, question in enumerate(check.questions):
        place: Path = ("questions", number)
        kind = question.kind
        known = [option.id for option in question.options]
        if question.id in JOINING:
            yield Problem((*place, "id"), said("question-called-like-a-condition", name=question.id))
        if kind in ("choice", "choices") and not question.values:
            yield Problem(place, said("choice-needs-values", question=question.id))
        if kind in NUMBERS and question.values:
            yield Problem((*place, "values"), said("number-with-values", question=question.id))
        if kind == "choices" and len(known) > MOST_VALUES:
            told = said("too-many-values-to-choose", count=len(known), most=MOST_VALUES)
            yield Problem((*place, "values"), told)
        if kind == "yes_no":
            for n, value in enumerate(question.values):
                if value.id not in ("yes", "no"):
                    yield Problem((*place, "values", n, "id"), said("yes-no-values", name=value.id))
        if kind in ("amount", "amounts") and question.currency is None:
            yield Problem(place, said("amount-needs-currency", question=question.id))
        if kind not in NUMBERS:
            for key in ("currency", "unit", "per", "zero", "lowest", "highest", "within_reach"):
                if getattr(question, key) is not None:
                    code = "for-numbers-or-values" if key == "within_reach" else "for-numbers"
                    yield Problem((*place, key), said(code, key=key, question=question.id))
        for n, value in enumerate(question.values):
            if value.id in (UNKNOWN, NOTHING):
                yield Problem((*place, "values", n, "id"), said("reserved-value", name=value.id))
        yield from pattern_problems(question, place)
        for group, names in question.groups.items():
            for n, name in enumerate(names):
                if name not in known:
                    told = said("no-value", question=question.id, name=name, hint=suggest(name, known))
                    yield Problem((*place, "groups", group, n), told)
            if group in known:
                yield Problem((*place, "groups", group), said("group-called-like-a-value", group=group))


def pattern_problems(question: Question, place: Path) -> Iterator[Problem]:
    """Yield the patterns with unbalanced brackets or invalid signs."""
    told: list[tuple[Path, Phrasings | None]] = [
        (("about",), question.about),
        (("aside",), question.aside),
        (("zero",), question.zero),
        *((("values", n, "said"), value.said) for n, value in enumerate(question.values)),
    ]
    for keys, patterns in told:
        for lang, texts in (("en", patterns.en), ("zh", patterns.zh)) if patterns else ():
            for n, text in enumerate(texts):
                if not is_well_formed(text):
                    yield Problem((*place, *keys, lang, n), said("pattern-malformed", text=text))


def duplicate_ids(check: Check) -> Iterator[Problem]:
    """Yield duplicate ids."""
    for key, entries in (("questions", check.questions), ("rules", check.rules)):
        for number in repeated_indexes([entry.id for entry in entries]):
            yield Problem((key, number, "id"), said("check-id-twice", name=entries[number].id))
    for number, question in enumerate(check.questions):
        for n in repeated_indexes([value.id for value in question.values]):
            yield Problem(("questions", number, "values", n, "id"), said("value-twice", name=question.values[n].id))


def repeated_indexes(names: Sequence[str]) -> list[int]:
    """Return the indexes of repeated names."""
    first = {name: place for place, name in reversed([*enumerate(names)])}
    return [place for place, name in enumerate(names) if first[name] != place]


def limits(reader: Reader, question: Question, path: Path) -> tuple[Decimal, Decimal, Decimal | None]:
    """Return a question's lowest and highest number, and the highest to advise, or None."""
    low = reader.number(question.lowest, (*path, "lowest")) if question.lowest else Decimal(0)
    high = reader.number(question.highest, (*path, "highest")) if question.highest else LARGEST
    low, high = Decimal(0) if low is None else low, LARGEST if high is None else high
    if low > high:
        reader.wrong((*path, "highest"), said("highest-below-lowest", high=high, low=low))
    reach = question.within_reach
    return low, high, reader.number(reach.up_to, (*path, "within_reach", "up_to")) if reach and reach.up_to else None


def sorted_questions(check: Check, asks: Mapping[str, Condition], reader: Reader) -> tuple[Question, ...]:
    """Sort the questions topologically by `ask_if`, otherwise in the file's order."""
    needs = {name: {part.question for part in tests(condition)} for name, condition in asks.items()}
    order: list[Question] = []
    left = list(check.questions)
    while left:
        done = {question.id for question in order}
        ready = next((question for question in left if needs[question.id] <= done), None)
        if ready is None:
            circle = cycle_from(left[0].id, needs, done)
            number = next(n for n, question in enumerate(check.questions) if question.id == circle[0])
            told = said("questions-wait-for-one-another", circle=Several(tuple(circle), "waits-for"))
            reader.wrong(("questions", number, "ask_if"), told)
            return check.questions
        order.append(ready)
        left.remove(ready)
    return tuple(order)


def cycle_from(start: str, needs: Mapping[str, set[str]], done: set[str]) -> list[str]:
    trail = [start]
    while True:
        following = min(needs[trail[-1]] - done)
        if following in trail:
            return [*trail[trail.index(following) :], following]
        trail.append(following)
