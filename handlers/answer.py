"""Answers to free-text questions, by the matcher."""

from __future__ import annotations

from dataclasses import replace

from bot.checks.stated import stated
from bot.language.left_out import affirmed
from bot.model import Turn
from bot.search.finding import QUESTION, Found
from handlers.asked import CONSULTANT_TOPIC, Asked
from handlers.by_topic import clarified, known_unknown, small_talk, topics, unknown
from handlers.check.start import start

FEW_WORDS, FEW_CHARACTERS = 4, 40  # longest reply to a clarification
MOST_TOLD = 3  # stored messages with facts of the merchant's own case
SURE_ENOUGH = 0.7  # lowest score to answer a completed question without a second clarification


def answer(asked: Asked) -> Turn:
    """Answer, ask for clarification, or say that the answer is not known.

    Facts of the merchant's own case are kept for a later check.
    """
    turn = found_answer(asked)
    told = stated(asked.text)
    if not told or turn.conversation.check is not None:
        return turn
    return replace(turn, conversation=turn.conversation.with_(told=(*turn.conversation.told, told)[-MOST_TOLD:]))


def found_answer(asked: Asked) -> Turn:
    if not any(character.isalpha() for character in asked.text):
        return unknown(asked, Found())
    # In noise and other languages, ignore the conversation's topic and accept clear matches only.
    foreign = asked.knowledge.foreign(asked.text)
    found = asked.knowledge.finder.find(asked.text, about=None if foreign else asked.conversation.topic)
    found = completed(asked, found)
    if any(label.name == CONSULTANT_TOPIC for label in (*found.answers, *found.choices)) and declines(asked.text):
        return unknown(asked, Found())
    if foreign and not (found.answers and found.answers[0].kind == "topic"):
        return unknown(asked, found)
    if found.answers:
        return answered(asked, found)
    if found.choices:
        return clarified(asked, found)
    return unknown(asked, found)


def declines(text: str) -> bool:
    """Return true if a message only says what is not wanted: "I do not want to talk to a human"."""
    return not any(character.isalpha() for character in affirmed(text))


def completed(asked: Asked, found: Found) -> Found:
    """Match a short reply to a clarification ("the trademark one") together with the question it completes."""
    before = asked.conversation.unclear
    few = len(asked.text.split()) <= FEW_WORDS and len(asked.text) <= FEW_CHARACTERS
    clear = bool(found.answers) and found.answers[0].kind != "unknown"
    if before is None or not few or (clear and (found.answers[0].kind != "topic" or QUESTION.search(asked.text))):
        return found
    finder = asked.knowledge.finder
    joined = finder.find(f"{asked.text} {before}")
    if not joined.answers and len(joined.by) == 1 and joined.by[0].kind == "topic" and joined.score >= SURE_ENOUGH:
        joined = finder.told(joined.by[0])
    if not joined.answers or joined.answers[0].kind != "topic":
        return found
    offered = {button.says for button in asked.conversation.offered}
    return found if clear and f"topic={joined.answers[0].name}" not in offered else joined


def answered(asked: Asked, found: Found) -> Turn:
    """Return the turn for clear matches."""
    first = found.answers[0]
    if first.kind == "talk":
        return small_talk(asked, first.name)
    if first.kind == "check":
        return start(asked, first.name, found.score)
    if first.kind == "unknown":
        return known_unknown(asked, first.name, found)
    return topics(asked, found)
