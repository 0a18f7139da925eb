"""Small talk: a short reply, never the same twice in a row, or what is to be done about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bot.content.kinds import Doing
from bot.model import Reply, Turn
from handlers.ability import CarryOut
from handlers.handoff import consultant, no_consultant, with_consultant
from handlers.last_answer import doubted, not_meant, repeat, shorten
from handlers.menu import language
from handlers.privacy import forget, my_data, notice
from handlers.request import ANSWERED, Request
from handlers.subscription import leave

DOES: Mapping[Doing, CarryOut] = {
    "consultant": consultant,
    "no-consultant": no_consultant,
    "privacy": notice,
    "my-data": my_data,
    "forget": forget,
    "unsubscribe": leave,
    "english": lambda request, _: language(request, "en"),
    "chinese": lambda request, _: language(request, "zh"),
    "repeat": repeat,
    "shorter": shorten,
    "doubted": doubted,
    "not-meant": not_meant,
}

PRIVATE: tuple[Doing, ...] = ("privacy", "my-data", "forget", "unsubscribe")  # not for a whole group to read


def small_talk(request: Request, name: str) -> Turn:
    """Reply to small talk, or do what it asks for."""
    talk = request.knowledge.library.smalltalk[name]
    if talk.does in PRIVATE and request.message.group is not None:
        return request.tell("group_private")
    if talk.does and (turn := DOES[talk.does](request, "")):
        return turn
    number = request.conversation.talked
    text = request.render(talk.replies[number % len(talk.replies)])
    turn = request.turn(Reply(text), outcome=ANSWERED, talked=number + 1)
    return with_consultant(request, turn) if talk.consultant else turn


def courtesy(request: Request) -> Turn | None:
    """Reply to small talk in numbers ("886"), or of syllables said again and again ("hahahaha")."""
    return courteous(request, request.knowledge.courtesies.said_in(request.text))


def courtesy_of_signs(request: Request) -> Turn | None:
    """Reply to small talk in emoji: "👍"."""
    turn = courteous(request, request.knowledge.courtesies.shown_in(request.text))
    return replace(turn, conversation=turn.conversation.with_(offered=request.conversation.offered)) if turn else None


def courteous(request: Request, name: str | None) -> Turn | None:
    return small_talk(request, name) if name and request.message.press is None else None
