"""Requests for a check: by the check's name, or by its subject with "check it for me"."""

from __future__ import annotations

from bot.checks.request import asks_for_check
from bot.model import Turn
from bot.search.finding import Label
from handlers.ability import Ability
from handlers.asked import Asked
from handlers.check.start import list_checks, start


def request(asked: Asked) -> Turn | None:
    """Start the check requested, or list the checks if the request names none; None if it is no request."""
    name = wanted(asked)
    if name is None:
        return None
    name = name or check_of_topic(asked)
    if name and asked.knowledge.finder.refusals(asked.text, Label("check", name)):
        return None
    return start(asked, name) if name else list_checks(asked)


def wanted(asked: Asked) -> str | None:
    """Return the check requested, "" for a request that names none, or None."""
    requests = asked.knowledge.requests
    named = requests.named(asked.plain)
    if named is not None or not asks_for_check(asked.plain):
        return named
    found = asked.knowledge.finder.find(asked.text)
    topics = asked.knowledge.library.topics
    for label in found.answers:
        if label.kind == "check":
            return label.name
        if label.kind == "topic" and topics[label.name].check:
            return topics[label.name].check
    if found.answers:  # a question of another kind: "check when I get my deposit back"
        return None
    about = requests.about(asked.plain)
    if about:
        return about
    offered = (label.name if label.kind == "check" else topics[label.name].check for label in found.choices)
    return next((name for name in offered if name), None)


def check_of_topic(asked: Asked) -> str | None:
    """Return the check of the conversation's topic, or None."""
    topic = asked.knowledge.library.topics.get(asked.conversation.topic or "")
    return topic.check if topic else None


def by_command(asked: Asked, name: str) -> Turn:
    return list_checks(asked, name.lower())


def pressed(asked: Asked, name: str) -> Turn | None:
    return start(asked, name) if name in asked.knowledge.library.checks else None


CHECK = Ability("check", by_command, presses={"check": pressed})
