"""A check's way for its page: the questions in order, and where each answer leads."""

from __future__ import annotations

from dataclasses import dataclass
from weakref import WeakKeyDictionary

from bot.checks.check import VERDICTS
from bot.checks.diagram import picture
from bot.knowledge.knowledge import Knowledge
from bot.model import Language


@dataclass(frozen=True)
class Branch:
    """An arrow: the answers that take it ("" for any), and the verdict or the number of the question that it leads to."""

    answers: str
    verdict: str = ""
    words: str = ""
    question: int = 0


@dataclass(frozen=True)
class Step:
    """A question with its arrows; `on` is the one to the question below it."""

    number: int
    question: str
    branches: tuple[Branch, ...]
    on: Branch | None = None


def way(knowledge: Knowledge, check: str, lang: Language) -> tuple[Step, ...]:
    """Return a check's questions with their arrows; kept, since walking all answers takes a while."""
    kept = _ways.setdefault(knowledge, {})
    if (check, lang) not in kept:
        kept[check, lang] = drawn(knowledge, check, lang)
    return kept[check, lang]


# Weak, so that content which was replaced is freed.
_ways: WeakKeyDictionary[Knowledge, dict[tuple[str, Language], tuple[Step, ...]]] = WeakKeyDictionary()


def drawn(knowledge: Knowledge, check: str, lang: Language) -> tuple[Step, ...]:
    made = picture(knowledge.logic(check), lang, knowledge.templates.render)
    numbers = {name: number for number, (name, _) in enumerate(made.questions, 1)}
    steps = []
    for name, question in made.questions:
        branches = [
            Branch(label, end, knowledge.say(f"verdict_{end}", lang))
            if end in VERDICTS
            else Branch(label, question=numbers[end])
            for start, end, label in made.arrows
            if start == name
        ]
        on = next((one for one in branches if one.question == numbers[name] + 1), None)
        steps.append(Step(numbers[name], question, tuple(one for one in branches if one is not on), on))
    return tuple(steps)
