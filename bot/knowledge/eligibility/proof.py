"""Proof that a check holds together: every path ends, every rule can win, nothing is unreachable or contradicts."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from decimal import Decimal

from jinja2 import nodes

from bot.knowledge.content import suggest
from bot.knowledge.eligibility.answers import Answers, BadAnswers, parse_answers
from bot.knowledge.eligibility.check import NOTE, NUMBERS, UNKNOWN, VERDICTS, Check, Example, Verdict
from bot.knowledge.eligibility.compiling import NAMED, Unsound, logic
from bot.knowledge.eligibility.condition import Figures
from bot.knowledge.eligibility.decision import Decision, decide, next_number
from bot.knowledge.eligibility.logic import PROOF, Effort, Logic, TooIntricate, ones
from bot.knowledge.eligibility.state import NOT_ELIGIBLE, State
from bot.knowledge.problem import Problem
from bot.knowledge.said import Said, said
from bot.knowledge.templates import BadTemplate, parsed

MOST_PLACES = 10_000  # places of a check that are walked; beyond, random paths are
RANDOM_PATHS = 500
SEED = 4
INTRICATE = Problem(("rules",), said("too-intricate"))
LABELS = re.compile(r"""(?:chosen|choices)\(\s*["']([\w-]+)["']\s*(?:,\s*["']([\w-]+)["'])?""")


@dataclass(frozen=True)
class Report:
    """What the proof came to. `paths`: how many ways through the check there are; `walked`: what was walked."""

    problems: tuple[Problem, ...]
    paths: int
    walked: str


@dataclass(frozen=True)
class Walk:
    """Every place of a check: what is asked there (None at the end), and where each class of answers leads from it."""

    start: int
    asks: tuple[int | None, ...]
    leads: tuple[tuple[int, ...], ...]
    states: tuple[State, ...]

    def paths(self) -> int:
        """The number of ways from the start to an end."""
        ways: list[int] = []
        # Places are numbered so that an answer always leads to one that has been numbered before.
        for leads in self.leads:
            ways.append(sum(ways[place] for place in leads) if leads else 1)
        return ways[self.start]


class TooLarge(Exception):
    """There are more places than are walked."""


def walk(one: Logic, most: int = MOST_PLACES) -> Walk:
    """Walk the check as a merchant would who knows every answer, up to not_eligible. Raises TooLarge.

    Places where the same questions are open and the same terms are allowed are one place: from there on they agree.
    """
    numbers: dict[tuple[int, int], int] = {}
    asks: list[int | None] = []
    leads: list[tuple[int, ...]] = []
    states: list[State] = []
    visits = 0

    def visit(state: State, told: int) -> int:
        nonlocal visits
        visits += 1
        question = next_number(state, told, go_on=False)
        ahead = told if question is None else told | ((1 << question) - 1)
        key = (-1 if question is None else ahead, state.allowed)
        if key in numbers:
            return numbers[key]
        if len(numbers) >= most or visits > most * 10:
            raise TooLarge
        reached: tuple[int, ...] = ()
        if question is not None:
            count = one.classes[question].count
            reached = tuple(visit(state.with_class(question, number), ahead | 1 << question) for number in range(count))
        numbers[key] = len(asks)
        asks.append(question)
        leads.append(reached)
        states.append(state)
        return numbers[key]

    start = visit(State.of(one, one.full), 0)
    return Walk(start, tuple(asks), tuple(leads), tuple(states))


def paths(one: Logic, *, go_on: bool = False) -> Iterator[tuple[Answers, Decision]]:
    """Every way through the check, each class of answers by an example, with the decision at its end."""

    def along(answers: Answers, state: State, told: int) -> Iterator[tuple[Answers, Decision]]:
        question = next_number(state, told, go_on=go_on)
        if question is None:
            yield answers, decide(one, answers)
            return
        classes = one.classes[question]
        for number in range(classes.count):
            then = answers.with_(classes.question.id, classes.example(number))
            yield from along(then, state.with_class(question, number), told | 1 << question)

    return along(Answers(), State.of(one, one.full), 0)


def prove(check: Check, figures: Figures) -> Report:
    """Show that the check holds together, or every reason why it does not."""
    wording = [*templates(check)]
    try:
        return proven(logic(check, figures, Effort(PROOF)), figures, wording)
    except Unsound as unsound:
        return Report((*unsound.problems, *wording), 0, "nothing: the conditions cannot be read")
    except TooIntricate:
        return Report((INTRICATE, *wording), 0, "nothing: the conditions are too intricate")


def proven(one: Logic, figures: Figures, wording: Sequence[Problem]) -> Report:
    """What the proof comes to. Raises TooIntricate."""
    idle = [replace(problem, idle=True) for problem in (*unreachable(one), *never(one))]
    problems = [*wording, *idle, *contradicting(one), *headlines(one)]
    problems += examples(one, figures)
    one = replace(one, proof=Effort(PROOF))
    try:
        whole = walk(one)
    except (TooLarge, TooIntricate):
        return Report(tuple(problems), 0, at_random(one))
    count = whole.paths()
    return Report(tuple(problems), count, f"all {count:,} paths, through {len(whole.asks):,} places")


def at_random(one: Logic) -> str:
    """Walk random paths of a check that is too large to walk entirely, always the same ones."""
    chance = random.Random(SEED)
    seen: set[tuple[int, ...]] = set()
    one = replace(one, proof=Effort(PROOF))
    with suppress(TooIntricate):
        for _ in range(RANDOM_PATHS):
            state, told = State.of(one, one.full), 0
            while (question := next_number(state, told, go_on=False)) is not None:
                state = state.with_class(question, chance.randrange(one.classes[question].count))
                told |= 1 << question
            seen.add(state.domains)
    return (
        f"too large to walk entirely: {len(seen):,} random paths instead, each to its end; "
        "rules and questions were proven one by one"
    )


def never(one: Logic) -> Iterator[Problem]:
    """Rules that cannot win: no answers make them fire without a stronger finding."""
    for number, rule in enumerate(one.check.rules):
        terms = [one.terms[term] for term in ones(one.terms_of[number])]
        place = ("rules", number)
        if not terms:
            yield Problem((*place, "when"), said("rule-never-holds", rule=rule.id))
            continue
        if one.rank[number] < 0:
            continue
        stronger = one.above[one.rank[number]]
        if not any(one.avoid(stronger, narrowed(one, term)) for term in terms):
            yield Problem(place, said("rule-never-wins", rule=rule.id, against=blockers(one, number)))


def narrowed(one: Logic, term: tuple[tuple[int, int], ...]) -> tuple[int, ...]:
    here = list(one.full)
    for question, mask in term:
        here[question] = mask
    return tuple(here)


def blockers(one: Logic, number: int) -> tuple[str, ...] | Said:
    names = []
    for term in ones(one.terms_of[number]):
        state = State.of(one, narrowed(one, one.terms[term]))
        names += [one.check.rules[rule].id for rule in state.firing() if one.rank[rule] > one.rank[number]]
    return tuple(dict.fromkeys(names)) or said("several-together")


def unreachable(one: Logic) -> Iterator[Problem]:
    """Questions that are never asked, or whose answers change nothing."""
    places = {question.id: number for number, question in enumerate(one.check.questions)}
    for number, question in enumerate(one.questions):
        place = ("questions", places[question.id])
        if not one.asked[number]:
            yield Problem((*place, "ask_if"), said("never-asked", question=question.id))
            continue
        others = one.above[NOT_ELIGIBLE - 1] & ~one.mentions[number]
        if not any(one.avoid(others, narrowed(one, tuple(term.items()))) for term in one.asked[number]):
            yield Problem((*place, "ask_if"), said("asked-too-late", question=question.id))
        used = one.mentions[number] or any(number in named for named in one.named)
        deciding = any(number in term for term in (term for terms in one.asked for term in terms))
        if not used and not deciding:
            yield Problem(place, said("changes-nothing", question=question.id))


def contradicting(one: Logic) -> Iterator[Problem]:
    """Findings that say different things of the same answers."""
    rules = one.check.rules
    for number, rule in enumerate(rules):
        for earlier in range(number):
            other = rules[earlier]
            if rule.verdict == other.verdict or NOTE in (rule.verdict, other.verdict):
                continue
            both = {"one": rule.id, "verdict": rule.verdict, "other": other.id, "opposite": other.verdict}
            opposed = rule.topic == other.topic and {rule.verdict, other.verdict} == {"eligible", "not_eligible"}
            if opposed and together(one, number, earlier):
                yield Problem(("rules", number), said("findings-contradict", **both))
            elif one.terms_of[number] and same(one, number, earlier):
                yield Problem(("rules", number, "when"), said("findings-alike", **both))


def together(one: Logic, number: int, other: int) -> bool:
    """Whether both rules fire for some answers."""
    return any(one.allowed(narrowed(one, one.terms[term])) & one.terms_of[other] for term in ones(one.terms_of[number]))


def same(one: Logic, number: int, other: int) -> bool:
    """Whether both rules fire for the same answers."""
    mine, its = ({frozenset(one.terms[term]) for term in ones(one.terms_of[rule])} for rule in (number, other))
    if mine == its:
        return True
    used, used_too = ({question for term in terms for question, _ in term} for terms in (mine, its))
    if used != used_too:
        return False
    return all(
        one.avoid(one.terms_of[b], narrowed(one, one.terms[term])) is None
        for a, b in ((number, other), (other, number))
        for term in ones(one.terms_of[a])
    )


def reached(one: Logic) -> list[Verdict]:
    """The verdicts that complete answers can come to."""
    found: list[Verdict] = []
    for place, verdict in enumerate(VERDICTS):
        if place == 0:
            if one.avoid(one.above[0], one.full) is not None:
                found.append(verdict)
            continue
        terms = [term for rule, rank in enumerate(one.rank) if rank == place for term in ones(one.terms_of[rule])]
        if any(one.avoid(one.above[place], narrowed(one, one.terms[term])) is not None for term in terms):
            found.append(verdict)
    return found


def headlines(one: Logic) -> Iterator[Problem]:
    can = reached(one)
    for verdict in can:
        if one.check.verdicts[verdict] is None:
            yield Problem(("verdicts",), said("verdict-without-text", verdict=verdict))
    if len(can) > 1 and one.check.verdicts.open is None:
        yield Problem(("verdicts",), said("open-without-text"))
    if not one.check.examples:
        yield Problem((), said("examples-missing"))


def examples(one: Logic, figures: Figures) -> list[Problem]:
    """Examples that do not come out as they say."""
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
    """The answers of an example, whose numbers stand in the file as text, as JSON would have them."""

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
    """Texts that are no templates, or name a question or group that there is not."""
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
            yield from labels_named(check, (*path, lang), words)
            used = {name.name for name in tree.find_all(nodes.Name)}
            if (
                used & {"answers", "chosen"}
                and path[0] == "questions"
                and path[2] in ("ask", "why", "how_to_find_out", "name")
            ):
                yield Problem((*path, lang), said("question-speaks-of-answers"))


def labels_named(check: Check, path: tuple[str | int, ...], words: str) -> Iterator[Problem]:
    """Questions and groups of values whose labels a text lists."""
    names = {question.id: question for question in check.questions}
    for name, group in LABELS.findall(words):
        if name not in names:
            yield Problem(path, said("no-question", name=name, hint=suggest(name, names)))
        elif group and group not in names[name].groups:
            hint = suggest(group, names[name].groups)
            yield Problem(path, said("no-group", question=name, name=group, hint=hint))
