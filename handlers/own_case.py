"""What a message states of the merchant's own case, as answers to the check of the subject just spoken of."""

from __future__ import annotations

from bot.checks.free_text import mentions
from bot.checks.own_case import LONGEST, facts_told
from bot.language.asking import asks_within
from bot.search.finding import CORRECTS
from bot.search.following import bare
from handlers.request import Request


def check_of_topic(request: Request) -> str | None:
    """Return the check of the conversation's topic, or None."""
    topic = request.knowledge.library.topics.get(request.conversation.topic or "")
    return topic.check if topic else None


def check_at_hand(request: Request, least: int = 1) -> str | None:
    """Return the check of the subject just spoken of, if a message that asks nothing states answers to its questions, with what was
    told before at least so many.

    Who tells of their case after the conditions ("a company in Yiwu, own brand") wants to know what follows for them.
    """
    name = check_of_topic(request)
    if name is None or bare(request.text) or not stated(request):
        return None
    logic, told = request.knowledge.logic(name), (*request.conversation.told, request.text)
    answered = {question for text in told for question in mentions(logic, text, request.lang).given}
    return name if len(answered) >= least else None


def stated(request: Request) -> str:
    """Return what a message that asks nothing states as answers to the check of the subject just spoken of; "" if nothing."""
    name, text = check_of_topic(request), request.text
    if name is None or request.conversation.check is not None or len(text) > LONGEST:
        return ""
    if asks_within(text) or CORRECTS.search(text):
        return ""
    facts = facts_told(text)
    return facts if mentions(request.knowledge.logic(name), facts, request.lang).given else ""
