"""Subscriptions to the agency's broadcasts, by subject."""

from __future__ import annotations

from dataclasses import replace

from bot.model import Button, Conversation, Outcome, Reply, Subscribing, Turn
from handlers.ability import Ability
from handlers.asked import ANSWERED, Asked


def offer(asked: Asked, name: str) -> Turn | None:
    """Subscribe to the named subject, or offer the subjects; say so where the channel takes no news."""
    if not asked.message.news:
        return asked.turn(Reply(asked.say("subscribe_not_here")), outcome=ANSWERED)
    if name:
        subject = subject_of(asked, name)
        if subject:
            return subscribe(asked, subject)
    subjects = asked.knowledge.library.operator.subjects
    if not subjects:
        return asked.turn(Reply(asked.say("subscribe_nothing")), outcome=ANSWERED)
    return asked.turn(Reply(asked.say("subscribe_offer"), buttons(asked)), outcome=ANSWERED)


def buttons(asked: Asked, without: str = "") -> tuple[Button, ...]:
    subjects = asked.knowledge.library.operator.subjects
    return tuple(Button(title[asked.lang], f"subscribe={name}") for name, title in subjects.items() if name != without)


def subject_of(asked: Asked, name: str) -> str | None:
    """Return the id of the subject with this id or title, or None."""
    wanted = name.strip().casefold()
    for subject, title in asked.knowledge.library.operator.subjects.items():
        if wanted in (subject.casefold(), title.en.casefold(), title.zh.casefold()):
            return subject
    return None


def subscribe(asked: Asked, subject: str) -> Turn | None:
    if subject not in asked.knowledge.library.operator.subjects:
        return None
    title = asked.knowledge.library.operator.subjects[subject][asked.lang]
    turn = asked.turn(
        Reply(asked.say("subscribed", subject=title), (*buttons(asked, subject), end_button(asked, subject))),
        outcome=ANSWERED,
    )
    return replace(turn, subscribing=Subscribing(subject, True))


def end_button(asked: Asked, subject: str) -> Button:
    return Button(asked.say("unsubscribe_button"), f"unsubscribe={subject}")


def unsubscribe(asked: Asked, name: str = "") -> Turn:
    """Unsubscribe the merchant from a subject, or from all if none is named."""
    subject = subject_of(asked, name) or ""
    titles = asked.knowledge.library.operator.subjects
    text = asked.say("unsubscribed", subject=titles[subject][asked.lang]) if subject else asked.say("unsubscribed_all")
    turn = asked.turn(Reply(text, buttons(asked)), outcome=ANSWERED)
    return replace(turn, subscribing=Subscribing(subject, False))


def left(conversation: Conversation) -> Turn:
    """Unsubscribe a merchant who has blocked the assistant, without a reply."""
    return Turn((), Outcome("unknown"), conversation, subscribing=Subscribing("", False))


SUBSCRIBE = Ability("subscribe", offer, presses={"subscribe": subscribe})
UNSUBSCRIBE = Ability("unsubscribe", unsubscribe, presses={"unsubscribe": unsubscribe}, listed=False)
