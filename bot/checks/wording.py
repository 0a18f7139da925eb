"""The wording of decisions: template variables, answers in words, and the command line's JSON."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, Protocol

from bot.checks.answers import Answers, plain_value
from bot.checks.changes import Change, Move
from bot.checks.check import NOTE, NUMBERS, Check, Question
from bot.checks.condition import STEP
from bot.checks.decision import Decision, Lead
from bot.checks.table import Answer
from bot.content.kinds import Text
from bot.content.templates import money
from bot.model import Language

UNITS = {"CNY": "元", "USD": "美元"}
AND: dict[Language, tuple[str, str]] = {"en": (", ", " and "), "zh": ("、", "和")}
OR: dict[Language, tuple[str, str]] = {"en": (", ", " or "), "zh": ("、", "或")}
NONE = Text(en="none of these", zh="都没有")


class Render(Protocol):
    """Renders a template, as `bot.content.templates.Templates.render` does."""

    def __call__(self, template: str, lang: Language, **values: object) -> str: ...


def join_words(words: Sequence[str], joined: tuple[str, str]) -> str:
    comma, last = joined
    return words[0] if len(words) == 1 else comma.join(words[:-1]) + last + words[-1] if words else ""


def values_for(check: Check, answers: Answers, lang: Language) -> dict[str, object]:
    """Return the template variables of a check's texts, besides the figures.

    `answers.QUESTION`: the answer (a value's id, a list of ids, a number, a list of numbers), or none;
    `chosen("QUESTION", "GROUP")`: the labels of the chosen values, limited to the group if given, joined by "and";
    `choices("QUESTION", "GROUP")`: the labels of all values, joined by "or";
    `every("QUESTION", "GROUP")`: the same, joined by "and".
    """
    given = {
        question.id: plain_value(answers.given[question.id]) if question.id in answers.given else None
        for question in check.questions
    }

    def labels(question: str, group: str | None, among: Callable[[str], bool]) -> list[str]:
        asked = check.question(question)
        names = asked.groups[group] if group else [option.id for option in asked.options]
        return [option.label[lang] for option in asked.options if option.id in names and among(option.id)]

    def chosen(question: str, group: str | None = None) -> str:
        answer = given[question] or ()
        return join_words(labels(question, group, lambda name: name in answer), AND[lang])

    def choices(question: str, group: str | None = None) -> str:
        return join_words(labels(question, group, lambda _: True), OR[lang])

    def every(question: str, group: str | None = None) -> str:
        return join_words(labels(question, group, lambda _: True), AND[lang])

    return {"answers": given, "chosen": chosen, "choices": choices, "every": every}


def number_words(question: Question, number: Decimal, lang: Language) -> str:
    """Format a number with its currency or unit."""
    if question.currency:
        return money(float(number), lang, question.currency, UNITS[question.currency])
    unit = question.unit[lang] if question.unit else ""
    if lang == "en" and number == 1:
        unit = unit.removesuffix("s")
    return f"{number:,f}" + (f" {unit}" if unit and lang == "en" else unit)


def answer_words(question: Question, answer: Answer | None, lang: Language) -> str:
    """Format an answer for the merchant; None is "I don't know"."""
    if answer is None:
        return "I don't know" if lang == "en" else "不知道"
    if isinstance(answer, Decimal):
        return number_words(question, answer, lang)
    if isinstance(answer, tuple):
        return join_words([number_words(question, one, lang) for one in answer], AND[lang])
    if isinstance(answer, frozenset):
        return (
            join_words([option.label[lang] for option in question.options if option.id in answer], AND[lang])
            or NONE[lang]
        )
    return question.option(answer).label[lang]


def lead_words(question: Question, lead: Lead, lang: Language, quoted: str = "{}") -> str:
    """Format a lead's answers for the merchant: "below CNY 10,000", "a company"."""
    if question.kind not in NUMBERS:
        sets = [
            join_words([quoted.format(question.option(name).label[lang]) for name in one], AND[lang]) or NONE[lang]
            for one in lead.values
        ]
        return join_words(sets, OR[lang])
    low, high = edges(question, lead)
    if low is None and high is None:
        return "any" if lang == "en" else "任意"
    if low is None:
        assert high is not None
        return (
            f"below {number_words(question, high, lang)}"
            if lang == "en"
            else f"不到{number_words(question, high, lang)}"
        )
    start = number_words(question, low, lang)
    if high is None:
        return f"{start} or more" if lang == "en" else f"{start}及以上"
    end = number_words(question, high, lang)
    return f"{start} to below {end}" if lang == "en" else f"{start}及以上、不到{end}"


def edges(question: Question, lead: Lead) -> tuple[Decimal | None, Decimal | None]:
    """Return a lead's inclusive lower and exclusive upper limit."""
    return lead.low, None if lead.high is None else lead.high + STEP[question.kind]


def lead_keys(question: Question, lead: Lead) -> list[str]:
    """Format a lead's answers as JSON keys: ids, sets joined by "+", or "below 10000", "50000 or more"."""
    if question.kind not in NUMBERS:
        return ["+".join(one) or "none" for one in lead.values]
    low, high = edges(question, lead)
    if low is None:
        return ["any" if high is None else f"below {high.normalize():f}"]
    return [f"{low.normalize():f} or more" if high is None else f"{low.normalize():f} to below {high.normalize():f}"]


def move_words(move: Move, lang: Language, render: Render) -> str:
    """Format a change: "a company licence", "CNY 6,000 more in deposit"."""
    numbers = {"more": move.more, "less": move.less, "to": move.to if isinstance(move.to, Decimal) else None}
    given = {name: plain_value(number) for name, number in numbers.items() if number is not None}
    return join_words([render(text[lang], lang, **given) for text in move.texts], AND[lang])


def change_words(change: Change, lang: Language, render: Render) -> str:
    return join_words([move_words(move, lang, render) for move in change.moves], AND[lang])


def as_json(decision: Decision, lang: Language, render: Render) -> dict[str, Any]:
    """Return the output of `merchant-bot check --json`. Reasons are findings and notes; a note's verdict is None."""
    given = values_for(decision.check, decision.answers, lang)
    headline, last_word = decision.headline, decision.last_word
    return {
        "check": decision.check.id,
        "verdict": decision.verdict,
        "undecided": decision.undecided,
        "headline": render(headline[lang], lang, **given) if headline else "",
        "reasons": [
            {
                "topic": rule.topic,
                "text": render(rule.text[lang], lang, **given),
                "finding": rule.id,
                "verdict": None if rule.verdict == NOTE else rule.verdict,
            }
            for rule in (*decision.findings, *decision.notes)
        ],
        "next_steps": [render(rule.next_step[lang], lang, **given) for rule in decision.next_steps if rule.next_step],
        "open": [
            {
                "question": one.question.id,
                "leads_to": {key: lead.verdict for lead in one.leads_to for key in lead_keys(one.question, lead)},
            }
            for one in decision.open
        ],
        "would_change": [change_json(change, lang, render) for change in decision.would_change],
        "together": change_json(decision.together, lang, render) if decision.together else None,
        "last_word": render(last_word[lang], lang, **given) if last_word else None,
        "asked": list(decision.asked),
        "ignored": list(decision.ignored),
    }


def change_json(change: Change, lang: Language, render: Render) -> dict[str, Any]:
    return {
        "text": change_words(change, lang, render),
        "answers": {move.question.id: plain_value(move.to) for move in change.moves},
        "verdict": change.verdict,
    }
