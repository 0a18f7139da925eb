"""From a check as an editor writes it to its logic: limits resolved, questions in order, conditions made into terms."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import reduce
from operator import or_

from bot.knowledge.content import suggest
from bot.knowledge.eligibility.check import NOTE, NOTHING, NUMBERS, UNKNOWN, VERDICTS, Check, Question, Rule
from bot.knowledge.eligibility.classes import Classes, classes_of, true_of
from bot.knowledge.eligibility.condition import (
    JOINING,
    LARGEST,
    All,
    Condition,
    Figures,
    Holds,
    Not,
    Path,
    Reader,
    Test,
    tests,
)
from bot.knowledge.eligibility.logic import PROOF, Effort, Logic, Term, ones
from bot.knowledge.problem import Problem
from bot.knowledge.said import Several, said

MOST_VALUES = 12  # of a question with several choices: more give too many subsets
MOST_TERMS = 256  # of one rule
NAMED = re.compile(r"""answers(?:\.|\[["'])([A-Za-z0-9_-]+)|chosen\(\s*["']([A-Za-z0-9_-]+)""")


class Unsound(ValueError):
    """A check whose conditions cannot be read; `problems` says why."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(str(problem.said) for problem in problems))
        self.problems = tuple(problems)


def logic(check: Check, figures: Figures, proof: Effort | None = None) -> Logic:
    """Make a check ready for deciding, or for its proof. Raises Unsound with every problem of its conditions, TooIntricate."""
    effort = proof or Effort(PROOF)
    # Each of these is held against each other one.
    effort.spend(sum(len(many) ** 2 for many in (check.questions, check.rules, *(q.values for q in check.questions))))
    reader = Reader(check, figures)
    reader.problems += [*questions_of(check), *twice(check)]
    bounds = {question.id: limits(reader, question, ("questions", n)) for n, question in enumerate(check.questions)}
    whens = [reader.condition(rule.when, ("rules", n, "when")) for n, rule in enumerate(check.rules)]
    asks = {
        question.id: reader.condition(question.ask_if, ("questions", n, "ask_if"))
        for n, question in enumerate(check.questions)
    }
    order = in_order(check, asks, reader)
    if reader.problems:
        raise Unsound(reader.problems)
    index = {question.id: number for number, question in enumerate(order)}
    told: dict[str, set[Test]] = {question.id: set() for question in order}
    for condition in (*whens, *asks.values()):
        for part in tests(condition):
            told[part.question].add(part.test)
    effort.spend(sum(ways(question) * (1 + len(told[question.id])) for question in order))
    classes = tuple(classes_of(question, told[question.id], *bounds[question.id]) for question in order)
    compiler = Compiler(index, classes, effort)
    asked: list[tuple[Term, ...]] = []
    for question in order:
        asked.append(tuple(compiler.closed(compiler.terms(asks[question.id]), asked)))
    terms: list[tuple[tuple[int, int], ...]] = []
    rule_of: list[int] = []
    problems: list[Problem] = []
    for number, condition in enumerate(whens):
        found = compiler.closed(compiler.terms(condition), asked)
        if len(found) > MOST_TERMS:
            problems.append(
                Problem(("rules", number, "when"), said("too-many-ways", count=len(found), most=MOST_TERMS))
            )
        for term in found:
            terms.append(tuple(sorted(term.items())))
            rule_of.append(number)
    if problems:
        raise Unsound(problems)
    effort.spend((len(order) + len(whens)) * len(terms))
    terms_of = [sum(1 << term for term, rule in enumerate(rule_of) if rule == number) for number in range(len(whens))]
    rank = tuple(-1 if rule.verdict == NOTE else VERDICTS.index(rule.verdict) for rule in check.rules)
    return Logic(
        check=check,
        questions=order,
        classes=classes,
        terms=tuple(terms),
        rule_of=tuple(rule_of),
        terms_of=tuple(terms_of),
        rank=rank,
        asked=tuple(asked),
        named=tuple(frozenset(index[name] for name in named_in(rule) if name in index) for rule in check.rules),
        mentions=tuple(
            sum(1 << number for number, term in enumerate(terms) if any(q == question for q, _ in term))
            for question in range(len(order))
        ),
        above=tuple(
            sum(bits for bits, other in zip(terms_of, rank, strict=True) if other > place)
            for place in range(len(VERDICTS))
        ),
        intricate=sum(bits for bits in terms_of if bits & (bits - 1)),
        kinds=kinds_of(check, terms_of, rank),
        support=tuple(
            reduce(or_, (1 << question for term in ones(bits) for question, _ in terms[term]), 0) for bits in terms_of
        ),
        every=(1 << len(terms)) - 1,
        full=tuple(one.full for one in classes),
        index=index,
        fits={},
        proof=proof,
    )


def ways(question: Question) -> int:
    """How many answers there are to a question, numbers aside."""
    return 2 ** len(question.values) if question.kind == "choices" else len(question.values)


def kinds_of(check: Check, terms_of: Sequence[int], rank: Sequence[int]) -> tuple[tuple[int, tuple[int, ...]], ...]:
    """What is counted apart when findings are weighed: not_eligible, the light ones of them, ask, and so on."""
    found = []
    for place in range(len(VERDICTS) - 1, 0, -1):
        for light in (False, True):
            rules = [n for n, rule in enumerate(check.rules) if rank[n] == place and rule.light is light]
            simple = sum(terms_of[n] for n in rules if not terms_of[n] & (terms_of[n] - 1))
            found.append((simple, tuple(n for n in rules if terms_of[n] & (terms_of[n] - 1))))
    return tuple(found)


def named_in(rule: Rule) -> set[str]:
    """Questions whose answers the texts of a rule show."""
    texts = [rule.text] + ([rule.next_step] if rule.next_step else [])
    return {
        name for text in texts for lang in (text.en, text.zh) for found in NAMED.findall(lang) for name in found if name
    }


def questions_of(check: Check) -> Iterator[Problem]:
    """What is wrong with single questions, or that there is nothing to ask or to find."""
    for key in ("questions", "rules"):
        if not getattr(check, key):
            yield Problem((key,), said("entry-needed", key=key))
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
            for key in ("currency", "unit", "lowest", "highest", "within_reach"):
                if getattr(question, key) is not None:
                    code = "for-numbers-or-values" if key == "within_reach" else "for-numbers"
                    yield Problem((*place, key), said(code, key=key, question=question.id))
        for n, value in enumerate(question.values):
            if value.id in (UNKNOWN, NOTHING):
                yield Problem((*place, "values", n, "id"), said("reserved-value", name=value.id))
        for group, names in question.groups.items():
            for n, name in enumerate(names):
                if name not in known:
                    told = said("no-value", question=question.id, name=name, hint=suggest(name, known))
                    yield Problem((*place, "groups", group, n), told)
            if group in known:
                yield Problem((*place, "groups", group), said("group-called-like-a-value", group=group))


def twice(check: Check) -> Iterator[Problem]:
    """Ids that stand twice."""
    lists: list[tuple[Path, Sequence[Question | Rule]]] = [(("questions",), check.questions), (("rules",), check.rules)]
    for path, entries in lists:
        seen: set[str] = set()
        for number, entry in enumerate(entries):
            if entry.id in seen:
                yield Problem((*path, number, "id"), said("check-id-twice", name=entry.id))
            seen.add(entry.id)
    for number, question in enumerate(check.questions):
        names = [value.id for value in question.values]
        for n, name in enumerate(names):
            if name in names[:n]:
                yield Problem(("questions", number, "values", n, "id"), said("value-twice", name=name))


def limits(reader: Reader, question: Question, path: Path) -> tuple[Decimal, Decimal, Decimal | None]:
    """The lowest and the highest number that may be answered, and how far it is advised to raise it."""
    low = reader.number(question.lowest, (*path, "lowest")) if question.lowest else Decimal(0)
    high = reader.number(question.highest, (*path, "highest")) if question.highest else LARGEST
    low, high = Decimal(0) if low is None else low, LARGEST if high is None else high
    if low > high:
        reader.wrong((*path, "highest"), said("highest-below-lowest", high=high, low=low))
    reach = question.within_reach
    return low, high, reader.number(reach.up_to, (*path, "within_reach", "up_to")) if reach and reach.up_to else None


def in_order(check: Check, asks: Mapping[str, Condition], reader: Reader) -> tuple[Question, ...]:
    """The questions as they are asked: as written, but none before those that decide whether it is asked."""
    needs = {name: {part.question for part in tests(condition)} for name, condition in asks.items()}
    order: list[Question] = []
    left = list(check.questions)
    while left:
        done = {question.id for question in order}
        ready = next((question for question in left if needs[question.id] <= done), None)
        if ready is None:
            circle = circle_of(left[0].id, needs, done)
            number = next(n for n, question in enumerate(check.questions) if question.id == circle[0])
            told = said("questions-wait-for-one-another", circle=Several(tuple(circle), "waits-for"))
            reader.wrong(("questions", number, "ask_if"), told)
            return check.questions
        order.append(ready)
        left.remove(ready)
    return tuple(order)


def circle_of(start: str, needs: Mapping[str, set[str]], done: set[str]) -> list[str]:
    trail = [start]
    while True:
        following = min(needs[trail[-1]] - done)
        if following in trail:
            return [*trail[trail.index(following) :], following]
        trail.append(following)


class Compiler:
    """Puts conditions into disjunctive form over classes."""

    def __init__(self, index: Mapping[str, int], classes: Sequence[Classes], effort: Effort) -> None:
        self.index, self.classes, self.effort = index, classes, effort
        self.full = [one.full for one in classes]

    def terms(self, condition: Condition, wanted: bool = True) -> list[Term]:
        """Raises TooIntricate."""
        if isinstance(condition, Holds):
            question = self.index[condition.question]
            one = self.classes[question]
            self.effort.spend(one.count)
            mask = sum(1 << n for n in range(one.count) if true_of(condition.test, one.example(n)))
            mask = mask if wanted else one.full & ~mask
            return [{question: mask}] if mask else []
        if isinstance(condition, Not):
            return self.terms(condition.part, not wanted)
        parts = [self.terms(part, wanted) for part in condition.parts]
        if isinstance(condition, All) is wanted:
            return self.product(parts)
        return self.shortest([term for part in parts for term in part])

    def product(self, parts: Sequence[Sequence[Term]]) -> list[Term]:
        joined: list[Term] = [{}]
        for part in sorted(parts, key=len):
            self.effort.spend(len(joined) * len(part))
            joined = [both for one in joined for other in part if (both := self.both(one, other)) is not None]
            joined = self.shortest(joined)
            if len(joined) > 4 * MOST_TERMS:
                return joined
        return joined

    def both(self, one: Term, other: Term) -> Term | None:
        joined = dict(one)
        for question, mask in other.items():
            joined[question] = joined.get(question, mask) & mask
            if not joined[question]:
                return None
        return joined

    def shortest(self, terms: Sequence[Term]) -> list[Term]:
        """Without terms that another one covers."""
        kept: list[Term] = []
        for term in sorted(terms, key=len):
            self.effort.spend(len(kept))
            covered = any(
                all(question in term and not term[question] & ~mask for question, mask in other.items())
                for other in kept
            )
            if not covered:
                kept.append(term)
        return kept

    def closed(self, terms: Sequence[Term], asked: Sequence[Sequence[Term]]) -> list[Term]:
        """Add to each term that its questions are asked; `asked` holds this for every question before."""
        found: list[Term] = []
        for term in terms:
            found += self.product([[term], *(asked[question] for question in term)])
        return [{q: mask for q, mask in term.items() if mask != self.full[q]} for term in self.shortest(found)]
