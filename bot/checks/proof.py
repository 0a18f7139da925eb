"""Proof that a check is sound: every path ends, every rule can win, no question is unreachable, no findings contradict."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import chain

import numpy as np
from jinja2 import nodes

from bot.checks.answers import BadAnswers, parse_answers
from bot.checks.check import NOTE, NUMBERS, UNKNOWN, VERDICTS, Check, Example
from bot.checks.compiler import NAMED, Unsound, logic
from bot.checks.condition import Figures, tests
from bot.checks.decision import decide
from bot.checks.table import (
    NOT_ELIGIBLE,
    PLACES,
    Bits,
    Logic,
    State,
    Truth,
    along,
    bit,
    everywhere,
    somewhere,
)
from bot.content.kinds import suggest
from bot.content.problem import Problem
from bot.content.said import said
from bot.content.templates import BadTemplate, parsed

LABELS = re.compile(r"""(?:chosen|choices)\(\s*["']([\w-]+)["']\s*(?:,\s*["']([\w-]+)["'])?""")


@dataclass(frozen=True)
class Report:
    """The problems found, and the number of paths through the check, 0 if it cannot be compiled."""

    problems: tuple[Problem, ...]
    paths: int


def walk(one: Logic) -> tuple[list[Truth], Bits]:
    """Walk all paths of a check at once, for merchants who know every answer.

    Return, for each question, the places of the table where it is asked (none after not_eligible), and the final
    verdicts as bits.
    """
    bits = one.bits
    asked: list[Truth] = []
    for question in range(len(one.questions)):
        some = somewhere(bits, *range(1 + question, bits.ndim))
        telling = one.where(one.deciding_bit(question) | one.shown_by[question], some)
        asked.append(one.where(one.asked_bit(question), some) & telling & (some[0] & PLACES != 1 << NOT_ELIGIBLE))
        bits = np.where(asked[-1], bits, somewhere(bits, 1 + question))
    return asked, bits[0] & PLACES


def count(one: Logic) -> int:
    """Count the paths; answers to unasked questions do not multiply them."""
    asked, ends = walk(one)
    ways: Truth = np.ones(ends.shape, bool)
    for axis, there in enumerate(asked):
        ways &= there | along(axis, np.arange(ends.shape[axis]) == 0, ends.ndim)
    return int(ways.sum())


def prove(check: Check, figures: Figures) -> Report:
    """Prove that a check is sound, or report every problem."""
    wording = templates(check)
    try:
        one = logic(check, figures)
    except Unsound as unsound:
        return Report((*unsound.problems, *wording), 0)
    idle = (replace(problem, idle=True) for problem in (*questions_without_effect(one), *rules_without_effect(one)))
    found = (*wording, *idle, *contradictions(one), *headlines(one), *examples(one, figures))
    return Report(found, count(one))


def state_where(one: Logic, where: Truth) -> State:
    """Return the state over these places of the table."""
    return State.of(one, one.bits[:, where])


def rules_of(one: Logic, rank: int) -> int:
    return sum(bit(rule) for rule, its in enumerate(one.rank) if its == rank)


def rules_without_effect(one: Logic) -> Iterator[Problem]:
    """Yield the rules that cannot win: no answers make them hold without a stronger finding."""
    some = State.of(one, one.bits).some
    winning = [state_where(one, one.where(1 << rank)).some for rank in range(len(VERDICTS))]
    for number, rule in enumerate(one.check.rules):
        place, rank = ("rules", number), one.rank[number]
        if not some & bit(number):
            yield Problem((*place, "when"), said("rule-never-holds", rule=rule.id))
        elif rank >= 0 and not winning[rank] & bit(number):
            where_it_holds = state_where(one, one.where(bit(number)))
            stronger = [n for n, other in enumerate(one.rank) if other > rank]
            against = [n for n in stronger if where_it_holds.every & bit(n)]
            against = against or [n for n in stronger if where_it_holds.some & bit(n)]
            names = tuple(one.check.rules[n].id for n in against)
            yield Problem(place, said("rule-never-wins", rule=rule.id, against=names))


def questions_without_effect(one: Logic) -> Iterator[Problem]:
    """Yield the questions that are never asked or whose answers change nothing."""
    some = State.of(one, one.bits).some
    asking = one.asked_bit(len(one.questions)) - one.asked_bit(0)  # the bits of all questions
    for number, question in enumerate(one.questions):
        place = ("questions", one.check.questions.index(question))
        if not some & one.asked_bit(number):
            yield Problem((*place, "ask_if"), said("never-asked", question=question.id))
            continue
        whatever = everywhere(one.bits, 1 + number)  # the bits set for every answer to it
        open_there = one.where(one.asked_bit(number), whatever) & ~one.where(rules_of(one, NOT_ELIGIBLE), whatever)
        if not open_there.any():
            yield Problem((*place, "ask_if"), said("asked-too-late", question=question.id))
        leading = one.where(asking, whatever ^ somewhere(one.bits, 1 + number)).any()
        if not (leading or one.shown_by[number] or some & one.deciding_bit(number)):
            named = any(part.question == question.id for part in chain(*map(tests, (*one.whens, *one.asks))))
            code = "answers-come-out-alike" if named else "changes-nothing"
            yield Problem(place, said(code, question=question.id))


def contradictions(one: Logic) -> Iterator[Problem]:
    """Yield the findings that contradict each other for the same answers."""
    rules = one.check.rules
    where = [np.packbits(one.where(bit(number))).tobytes() for number in range(len(rules))]
    opposite = {"eligible": "not_eligible", "not_eligible": "eligible"}
    for number, rule in enumerate(rules):
        beside: int | None = None
        for earlier, other in enumerate(rules[:number]):
            if rule.verdict == other.verdict or NOTE in (rule.verdict, other.verdict) or not any(where[number]):
                continue
            both = {"one": rule.id, "verdict": rule.verdict, "other": other.id, "opposite": other.verdict}
            if rule.topic == other.topic and opposite.get(rule.verdict) == other.verdict:
                beside = state_where(one, one.where(bit(number))).some if beside is None else beside
                if beside & bit(earlier):
                    yield Problem(("rules", number), said("findings-contradict", **both))
                    continue
            if where[number] == where[earlier]:
                yield Problem(("rules", number, "when"), said("findings-alike", **both))


def headlines(one: Logic) -> Iterator[Problem]:
    some = State.of(one, one.bits).some
    can = [verdict for place, verdict in enumerate(VERDICTS) if some & 1 << place]
    for verdict in can:
        if one.check.verdicts[verdict] is None:
            yield Problem(("verdicts",), said("verdict-without-text", verdict=verdict))
    if len(can) > 1 and one.check.verdicts.open is None:
        yield Problem(("verdicts",), said("open-without-text"))
    if not one.check.examples:
        yield Problem((), said("examples-missing"))


def examples(one: Logic, figures: Figures) -> list[Problem]:
    """Return the examples whose results differ from the expected ones."""
    problems: list[Problem] = []
    for number, example in enumerate(one.check.examples):
        place = ("examples", number)
        try:
            decision = decide(one, parse_answers(one, plain_example(one, example, figures)), with_changes=False)
        except BadAnswers as wrong:
            problems += [Problem((*place, "answers", bad.question), bad.said) for bad in wrong.bad]
            continue
        names = [rule.id for rule in (*decision.findings, *decision.notes)]
        if decision.verdict != example.verdict:
            why = tuple(names) or said("no-finding-holds")
            told = said("example-leads-elsewhere", verdict=decision.verdict, why=why, expected=example.verdict)
            problems.append(Problem((*place, "verdict"), told))
        if example.findings is not None and set(example.findings) != set(names):
            told = said("example-gives", findings=tuple(names) or said("none"))
            problems.append(Problem((*place, "findings"), told))
    return problems


def plain_example(one: Logic, example: Example, figures: Figures) -> dict[str, object]:
    """Convert an example's answers to JSON values: numbers are text in the file, or figures' names."""

    def number(text: object) -> object:
        if not isinstance(text, str):
            return text
        group, _, name = text.partition(".")
        if name and group in figures and name in figures[group]:
            return figures[group][name]
        try:
            return Decimal(text.replace(",", ""))
        except ArithmeticError:
            return text

    found: dict[str, object] = {}
    for name, value in example.answers.items():
        numeric = name in one.index and one.check.question(name).kind in NUMBERS and value != UNKNOWN
        found[name] = (
            ([number(item) for item in value] if isinstance(value, list) else number(value)) if numeric else value
        )
    return found


def templates(check: Check) -> Iterator[Problem]:
    """Yield the texts that are invalid templates, or name a missing question or group."""
    names = [question.id for question in check.questions]
    for path, text in check.texts():
        for lang, words in (("en", text.en), ("zh", text.zh)):
            if "{" not in words:
                continue
            try:
                tree = parsed(words)
            except BadTemplate as error:
                yield Problem((*path, lang), error.said)
                continue
            for name, _ in NAMED.findall(words):
                if name and name not in names:
                    yield Problem((*path, lang), said("no-question", name=name, hint=suggest(name, names)))
            yield from missing_labels(check, (*path, lang), words)
            used = {name.name for name in tree.find_all(nodes.Name)}
            if (
                used & {"answers", "chosen"}
                and path[0] == "questions"
                and path[2] in ("ask", "why", "how_to_find_out", "name")
            ):
                yield Problem((*path, lang), said("question-speaks-of-answers"))


def missing_labels(check: Check, path: tuple[str | int, ...], words: str) -> Iterator[Problem]:
    """Yield the missing questions and groups whose labels a text lists."""
    names = {question.id: question for question in check.questions}
    for name, group in LABELS.findall(words):
        if name not in names:
            yield Problem(path, said("no-question", name=name, hint=suggest(name, names)))
        elif group and group not in names[name].groups:
            hint = suggest(group, names[name].groups)
            yield Problem(path, said("no-group", question=name, name=group, hint=hint))
