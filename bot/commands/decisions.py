"""Checks without a conversation: decisions on given answers as JSON or text, and decision diagrams."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from bot.channels.markup import plain
from bot.checks import BadAnswers, Decision, as_json, decide, diagram, parse_answers
from bot.console import drawing
from bot.content.kinds import suggest
from bot.knowledge.knowledge import Knowledge
from bot.knowledge.library import Library
from bot.model import Language
from handlers.check.card import Card


class NoSuchCheck(ValueError):
    """No check has this id; the message suggests ids."""


def find_check(library: Library, check: str) -> str:
    """Return the id of an existing check. Raises NoSuchCheck."""
    if check not in library.checks:
        raise NoSuchCheck(f'no check is called "{check}"; {suggest(check, library.checks)}')
    return check


def read_json(text: str) -> Mapping[str, Any]:
    """Parse a JSON object of answers. Raises ValueError."""
    try:
        answers = json.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"this is not JSON: {error}") from error
    if not isinstance(answers, dict):
        raise ValueError('answers are a JSON object, like {"business_type": "company", "deposit_cny": 10000}')
    return answers


def decision(knowledge: Knowledge, check: str, answers: Mapping[str, Any]) -> Decision:
    """Decide on answers from JSON; missing ones count as unknown. Raises NoSuchCheck, BadAnswers."""
    logic = knowledge.logic(find_check(knowledge.library, check))
    return decide(logic, parse_answers(logic, answers))


def report(knowledge: Knowledge, made: Decision, lang: Language) -> dict[str, Any]:
    """Return the decision as printed by `merchant-bot check --json`."""
    told, topics = as_json(made, lang, knowledge.templates.render), knowledge.library.topics
    reasons = [{**one, "topic": one["topic"] if one["topic"] in topics else None} for one in told["reasons"]]
    return {**told, "reasons": reasons}  # without hidden topics


def card(knowledge: Knowledge, made: Decision, lang: Language) -> str:
    """Return the merchant's result card as plain text."""
    return plain(Card(knowledge, made, lang, date.today()).text())


def batch(knowledge: Knowledge, check: str, lines: Sequence[str], lang: Language) -> Iterator[dict[str, Any]]:
    """Yield a report for each line of JSON answers, `{"error": …}` for an invalid line. Raises NoSuchCheck."""
    for line in lines:
        try:
            yield report(knowledge, decision(knowledge, check, read_json(line)), lang)
        except BadAnswers as bad:
            yield {"error": str(bad)}
        except NoSuchCheck:
            raise
        except ValueError as error:
            yield {"error": str(error)}


def mermaid(knowledge: Knowledge, check: str, lang: Language) -> str:
    """Return a check's diagram as Mermaid text. Raises NoSuchCheck."""
    return diagram(knowledge.logic(find_check(knowledge.library, check)), lang, knowledge.templates.render)


def svg(knowledge: Knowledge, check: str, lang: Language) -> bytes:
    """Return a check's diagram as SVG, drawn by Graphviz. Raises NoSuchCheck, NotDrawn."""
    return drawing.svg(knowledge.logic(find_check(knowledge.library, check)), knowledge.templates, lang)
