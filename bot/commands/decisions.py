"""Checks without a conversation: answers from a file in, the decision as data or as a card out."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from bot.channels.markup import plain
from bot.checks import BadAnswers, Decision, as_json, decide, diagram, parse_answers
from bot.checks.diagram import dot
from bot.content.kinds import suggest
from bot.knowledge.knowledge import Knowledge
from bot.model import Language
from handlers.check.card import Card


class NoSuchCheck(ValueError):
    """A check that there is not; the message names those that there are."""


class NotDrawn(Exception):
    """A picture that cannot be drawn on this machine; the message says what is missing."""


def known(knowledge: Knowledge, check: str) -> str:
    """The id of a check. Raises NoSuchCheck."""
    checks = knowledge.library.checks
    if check not in checks:
        raise NoSuchCheck(f'no check is called "{check}"; {suggest(check, checks)}')
    return check


def read_json(text: str) -> Mapping[str, Any]:
    """A JSON object of answers. Raises ValueError with what is wrong."""
    try:
        answers = json.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"this is no JSON: {error}") from error
    if not isinstance(answers, dict):
        raise ValueError('answers are a JSON object, like {"business_type": "company", "deposit_cny": 10000}')
    return answers


def decision(knowledge: Knowledge, check: str, answers: Mapping[str, Any]) -> Decision:
    """The decision on answers as JSON has them; missing ones count as unknown. Raises NoSuchCheck, BadAnswers."""
    logic = knowledge.logic(known(knowledge, check))
    return decide(logic, parse_answers(logic, answers))


def report(knowledge: Knowledge, made: Decision, lang: Language) -> dict[str, Any]:
    """The decision as `merchant-bot check --json` prints it."""
    told, topics = as_json(made, lang, knowledge.templates.render), knowledge.library.topics
    reasons = [{**one, "topic": one["topic"] if one["topic"] in topics else None} for one in told["reasons"]]
    return {**told, "reasons": reasons}  # a hidden topic cannot be told


def card(knowledge: Knowledge, made: Decision, lang: Language) -> str:
    """The decision as a merchant reads it, in plain text."""
    return plain(Card(knowledge, made, lang, date.today()).text())


def batch(knowledge: Knowledge, check: str, lines: Sequence[str], lang: Language) -> Iterator[dict[str, Any]]:
    """One report for each line with a JSON object of answers; `{"error": …}` for a line that is wrong."""
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
    """The picture of a check as Mermaid text. Raises NoSuchCheck."""
    return diagram(knowledge.logic(known(knowledge, check)), lang, knowledge.templates.render)


def svg(knowledge: Knowledge, check: str, lang: Language) -> bytes:
    """The picture of a check as SVG, drawn by Graphviz. Raises NoSuchCheck, NotDrawn."""
    drawing = dot(knowledge.logic(known(knowledge, check)), lang, knowledge.templates.render)
    program = shutil.which("dot")
    if program is None:
        raise NotDrawn(
            'Graphviz is not installed: its program "dot" draws the SVG (on Debian and Ubuntu: apt install graphviz); '
            "without --svg the picture comes as Mermaid text, which needs nothing"
        )
    done = subprocess.run([program, "-Tsvg"], input=drawing.encode(), capture_output=True, check=False)
    if done.returncode:
        raise NotDrawn(f"Graphviz could not draw this check: {done.stderr.decode('utf-8', 'replace').strip()}")
    return done.stdout
