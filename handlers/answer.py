"""Answers to free-text questions, by the matcher."""

from __future__ import annotations

from dataclasses import replace

from bot.checks.own_case import own_statements
from bot.language.left_out import affirmed
from bot.model import Turn
from bot.search.finding import QUESTION, Found
from handlers.by_topic import clarified, known_unknown, topics, unknown
from handlers.check.start import start
from handlers.request import CONSULTANT_TOPIC, Request
from handlers.talk import small_talk

FEW_WORDS, FEW_CHARACTERS = 4, 40  # longest reply to a clarification
MOST_TOLD = 3  # stored messages with facts of the merchant's own case
SURELY = 0.85  # lowest score to answer a text of which hardly a word is English
SURE_ENOUGH = 0.7  # lowest score to answer a completed question without a second clarification


def answer(request: Request) -> Turn:
    """Answer, ask for clarification, or say that the answer is not known.

    Facts of the merchant's own case are kept for a later check.
    """
    turn = found_answer(request)
    told = own_statements(request.text)
    if not told or turn.conversation.check is not None:
        return turn
    return replace(turn, conversation=turn.conversation.with_(told=(*turn.conversation.told, told)[-MOST_TOLD:]))


def found_answer(request: Request) -> Turn:
    if not any(character.isalpha() for character in request.text):
        return unknown(request, Found())
    # In noise and other languages, ignore the conversation's topic and accept clear matches only.
    foreign = request.knowledge.foreign(request.text)
    found = request.knowledge.finder.find(request.text, about=None if foreign else request.conversation.topic)
    found = settled(request, completed(request, found))
    if any(label.name == CONSULTANT_TOPIC for label in (*found.answers, *found.choices)) and declines(request.text):
        return unknown(request, Found())
    if foreign and not (found.answers and found.answers[0].kind == "topic" and found.score >= SURELY):
        return unknown(request, found)
    if found.answers:
        return answered(request, found)
    if found.choices:
        return clarified(request, found)
    return unknown(request, found)


def settled(request: Request, found: Found) -> Found:
    """Answer the likeliest choice where the question before was asked back, too: never two questions back in a row."""
    if request.conversation.unclear is None or found.answers or not found.choices:
        return found
    first, *others = found.choices
    if first.kind != "topic":
        return replace(found, choices=())
    return replace(found, answers=(first,), choices=tuple(others), tentative=True)


def declines(text: str) -> bool:
    """Return true if a message only says what is not wanted: "I do not want to talk to a human"."""
    return not any(character.isalpha() for character in affirmed(text))


def completed(request: Request, found: Found) -> Found:
    """Match a short reply to a clarification ("the trademark one") together with the question it completes."""
    before = request.conversation.unclear
    few = len(request.text.split()) <= FEW_WORDS and len(request.text) <= FEW_CHARACTERS
    clear = bool(found.answers) and found.answers[0].kind != "unknown"
    if before is None or not few or (clear and (found.answers[0].kind != "topic" or QUESTION.search(request.text))):
        return found
    finder = request.knowledge.finder
    joined = finder.find(f"{request.text} {before}")
    if not joined.answers and len(joined.by) == 1 and joined.by[0].kind == "topic" and joined.score >= SURE_ENOUGH:
        joined = finder.told(joined.by[0])
    if not joined.answers or joined.answers[0].kind != "topic":
        return found
    offered = {button.says for button in request.conversation.offered}
    return found if clear and f"topic={joined.answers[0].name}" not in offered else joined


def answered(request: Request, found: Found) -> Turn:
    """Return the turn for clear matches."""
    first = found.answers[0]
    if first.kind == "talk":
        return small_talk(request, first.name)
    if first.kind == "check":
        return start(request, first.name, found.score)
    if first.kind == "unknown":
        return known_unknown(request, first.name, found)
    return topics(request, found)
