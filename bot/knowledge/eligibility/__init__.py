"""Guided checks: from an editor's questions and rules to a verdict with its reasons.

`logic(check, figures)` makes a check ready once; everything else is a pure function of it and the answers.
"""

from bot.knowledge.eligibility.answers import (
    Answers,
    BadAnswer,
    BadAnswers,
    parse_answer,
    parse_answers,
    plain,
    plain_value,
)
from bot.knowledge.eligibility.changes import Change, Move, advised
from bot.knowledge.eligibility.check import Check, Question, Rule, Value, Verdict
from bot.knowledge.eligibility.compiling import Unsound, logic
from bot.knowledge.eligibility.decision import Decision, Lead, Open, decide, kept, next_question, remaining
from bot.knowledge.eligibility.diagram import diagram
from bot.knowledge.eligibility.proof import Report, paths, prove
from bot.knowledge.eligibility.table import Answer, Logic
from bot.knowledge.eligibility.wording import (
    Render,
    answer_words,
    as_json,
    change_words,
    lead_words,
    move_words,
    values_for,
)

__all__ = [
    "Answer",
    "Answers",
    "BadAnswer",
    "BadAnswers",
    "Change",
    "Check",
    "Decision",
    "Lead",
    "Logic",
    "Move",
    "Open",
    "Question",
    "Render",
    "Report",
    "Rule",
    "Unsound",
    "Value",
    "Verdict",
    "advised",
    "answer_words",
    "as_json",
    "change_words",
    "decide",
    "diagram",
    "kept",
    "lead_words",
    "logic",
    "move_words",
    "next_question",
    "parse_answer",
    "parse_answers",
    "paths",
    "plain",
    "plain_value",
    "prove",
    "remaining",
    "values_for",
]
