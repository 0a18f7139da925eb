"""What a message states of the merchant's own case, as answers to the check of the subject just spoken of."""

from __future__ import annotations

from collections.abc import Iterable

from bot.checks.free_text import mentions
from bot.search.following import bare
from handlers.request import Request


def check_at_hand(request: Request, least: int = 1) -> str | None:
    """Return the check of the subject just spoken of, if a message that asks nothing states answers to its questions, and with what
    was told before at least `least`.

    Who tells of their case after the conditions ("a company in Yiwu, own brand") wants to know what follows for them.
    """
    name = request.topic_check
    if name is None or bare(request.text) or not request.stated:
        return None
    return name if answered_by(request, name, (*request.conversation.told, request.text)) >= least else None


def check_told_of(request: Request, names: Iterable[str], texts: Iterable[str]) -> str | None:
    """Return the check of which texts answer the most questions, or None if they answer none."""
    told = {name: answered_by(request, name, texts) for name in names}
    name = max(told, key=lambda name: told[name], default=None)
    return name if name and told[name] else None


def answered_by(request: Request, name: str, texts: Iterable[str]) -> int:
    """Return the number of a check's questions that texts answer."""
    logic = request.knowledge.logic(name)
    return len({question for text in texts for question in mentions(logic, text, request.lang).given})
