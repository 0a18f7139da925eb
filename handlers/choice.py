"""Choices: a pressed button, or the number or label of what was just offered."""

from __future__ import annotations

from bot.knowledge.normalize import loose_key
from bot.model import Outcome, Reply, Turn
from handlers.answer import CONSULTANT_TOPIC, topic_turn
from handlers.asked import Asked
from handlers.menu import area, set_language

MINUS = "-\u2212\u2013\u2014\uff0d"  # "-3" is a number, not the third choice


def choice(asked: Asked) -> Turn | None:
    """Carry out the statement of the button that was pressed or named; None where the message is no choice."""
    says = asked.message.press or named(asked)
    return None if says is None else carry_out(asked, says)


def named(asked: Asked) -> str | None:
    """The statement of the offered button whose number or label the message is."""
    offered = asked.conversation.offered
    key = loose_key(asked.text) if len(asked.text) <= 200 else ""
    if not offered or not key:
        return None
    numbered = [button for button in offered if button.numbered]
    if key.isdecimal() and len(key) <= 2 and 1 <= int(key) <= len(numbered) and asked.text[0] not in MINUS:
        return numbered[int(key) - 1].says
    return next((button.says for button in offered if loose_key(button.label) == key), None)


def carry_out(asked: Asked, says: str) -> Turn:
    """What a statement asks for; one that is no longer understood gets a friendly line."""
    kind, _, name = says.partition("=")
    library = asked.knowledge.library
    if kind == "topic" and name in library.topics:
        return topic_turn(asked, name)
    if kind == "check" and name in library.checks:
        from handlers.check import start

        return start(asked, name)
    if kind == "area" and name in asked.knowledge.areas:
        return area(asked, name)
    if kind == "lang" and name in ("en", "zh"):
        return set_language(asked, name)
    if says == "consultant":
        return consultant(asked)
    if says == "none":
        reply = Reply(asked.say("none_of_these_reply"), (asked.consultant_button(),))
        return asked.turn(reply, outcome=Outcome("unknown"))
    return asked.turn(Reply(asked.say("choice_gone")), outcome=Outcome("unknown"))


def consultant(asked: Asked) -> Turn:
    """How to reach a consultant."""
    if CONSULTANT_TOPIC in asked.knowledge.library.topics:
        return topic_turn(asked, CONSULTANT_TOPIC)
    return asked.turn(Reply(asked.knowledge.offer_consultant(asked.lang)), outcome=Outcome("answer", score=1.0))
