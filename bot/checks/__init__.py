"""Guided checks: from an editor's questions and rules to a verdict with its reasons.

`logic(check, figures)` compiles a check; all other functions are pure functions of it and the answers.
"""

from bot.checks.answers import (
    Answers,
    BadAnswer,
    BadAnswers,
    parse_answer,
    parse_answers,
    plain_value,
)
from bot.checks.changes import Change, Move, limit_to_advice
from bot.checks.check import Check, Question, Rule, Value, Verdict
from bot.checks.compiler import Unsound, logic
from bot.checks.decision import Decision, Lead, Open, decide, drop_inapplicable, estimate_left, next_question
from bot.checks.diagram import diagram
from bot.checks.proof import Report, prove
from bot.checks.table import Answer, Logic
from bot.checks.wording import (
    Render,
    answer_words,
    as_json,
    change_words,
    lead_words,
    move_words,
    values_for,
)

__all__ = [
    "Answer", "Answers", "BadAnswer", "BadAnswers", "Change", "Check", "Decision", "Lead", "Logic", "Move",
    "Open", "Question", "Render", "Report", "Rule", "Unsound", "Value", "Verdict", "answer_words", "as_json",
    "change_words", "decide", "diagram", "drop_inapplicable", "estimate_left", "lead_words", "limit_to_advice", "logic",
    "move_words", "next_question", "parse_answer", "parse_answers", "plain_value", "prove", "values_for",
]  # fmt: skip
