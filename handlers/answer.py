"""Answers: what the matcher finds for a question in the merchant's own words."""

from __future__ import annotations

from dataclasses import replace

from bot.checks.stated import stated
from bot.language.detect import other_language
from bot.model import Turn
from bot.search.finding import QUESTION, Found
from handlers.asked import Asked
from handlers.by_topic import clarified, known_unknown, small_talk, topics, unknown
from handlers.check.start import start

FEW_WORDS, FEW_CHARACTERS = 4, 40  # of what completes a question
MOST_TOLD = 3  # messages of which is kept what a merchant said of his own case
SURE_ENOUGH = 0.7  # score of what a completed question means, from which on it is not asked back a second time


def answer(asked: Asked) -> Turn:
    """Answer what is clear, offer choices where it is not, and say so where nothing fits.

    What he says of his own case beside his question is kept for a check that he may begin.
    """
    turn = found_answer(asked)
    told = stated(asked.text)
    if not told or turn.conversation.check is not None:
        return turn
    return replace(turn, conversation=turn.conversation.with_(told=(*turn.conversation.told, told)[-MOST_TOLD:]))


def found_answer(asked: Asked) -> Turn:
    if not any(character.isalpha() for character in asked.text):
        return unknown(asked, Found())
    # Noise and other languages lean on nothing, and only what is surely meant is made of them.
    foreign = other_language(asked.text, asked.knowledge.english)
    found = asked.knowledge.finder.find(asked.text, about=None if foreign else asked.conversation.topic)
    found = completed(asked, found)
    if foreign and not (found.answers and found.answers[0].kind == "topic"):
        return unknown(asked, found)
    if found.answers:
        return answered(asked, found)
    if found.choices:
        return clarified(asked, found)
    return unknown(asked, found)


def completed(asked: Asked, found: Found) -> Found:
    """What is meant by a few words after a question back: "the trademark one", read with the question they complete."""
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
    """The turn for labels that were found outright, in order."""
    first = found.answers[0]
    if first.kind == "talk":
        return small_talk(asked, first.name)
    if first.kind == "check":
        return start(asked, first.name, found.score)
    if first.kind == "unknown":
        return known_unknown(asked, first.name, found)
    return topics(asked, found)
