"""Questions about today: the answer begins with what is known, and until when."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

from bot.content.templates import month_of
from bot.knowledge.writer import months_between
from bot.model import Turn
from handlers.request import Request

LONGEST = 200  # characters of a message
YEAR = re.compile(r"(?<!\d)20\d\d(?!\d)")
TODAY = re.compile(
    r"\b(?:this year|nowadays|these days|latest|newest|current|as of (?:now|today)|up[ -]to[ -]date)\b"
    r"|今年|如今|最新|当前|现行|目前|近期|时下|眼下",
    re.IGNORECASE,
)
# Of questions about oneself ("what do I do now") they ask nothing about the rules of today.
PERHAPS = re.compile(
    r"\b(?:now(?! (?:it|they|he|she|i|we|the|my|comes?)\b)|next year|today|today['’]s|currently|at the moment|at present|still)\b|现在|明年|(?:现在|今天|今年)?还(?:有效|算数|收|存在)|仍然|还是不是",
    re.IGNORECASE,
)
ONESELF = re.compile(r"\b(?:i|we|my|our|me|us|i['’]\w+|we['’]\w+)\b|我|咱", re.IGNORECASE)


def dated(request: Request, turn: Turn) -> Turn:
    """Begin an old answer to a question about today with the end of what is known."""
    until = request.knowledge.library.data.until
    if until is None or not turn.replies or request.message.press is not None:
        return turn
    not_known = turn.replies[0].text == request.say("unknown")
    if not not_known and (not turn.outcome.topics or turn.outcome.date is None):
        return turn
    months = request.knowledge.library.operator.confirm_months
    old = months_between(date.fromisoformat(turn.outcome.date or until.isoformat()), request.today) >= months
    if not old or not asks_about_today(request.text, until, request.today):
        return turn
    first, *rest = turn.replies
    note = request.say("known_until", month=month_of(until, request.lang))
    return replace(turn, replies=(replace(first, text=f"{note}\n\n{first.text}"), *rest))


def asks_about_today(text: str, until: date, today: date) -> bool:
    """Return true if a message asks about a time after `until`."""
    if len(text) > LONGEST:
        return False
    if any(until.year < int(year[0]) <= today.year + 1 for year in YEAR.finditer(text)) or TODAY.search(text):
        return True
    return bool(PERHAPS.search(text)) and not ONESELF.search(text)
