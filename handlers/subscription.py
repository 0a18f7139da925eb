"""Subscriptions to the agency's broadcasts, by subject."""

from __future__ import annotations

from dataclasses import replace

from bot.model import Button, Conversation, Outcome, Reply, Subscribing, Turn
from handlers.ability import Ability
from handlers.request import ANSWERED, Request


def offer(request: Request, name: str) -> Turn | None:
    """Subscribe to the named subject, or offer the subjects; say so where the channel takes no news."""
    if not request.message.news:
        return request.turn(Reply(request.say("subscribe_not_here")), outcome=ANSWERED)
    if name:
        subject = subject_of(request, name)
        if subject:
            return subscribe(request, subject)
    subjects = request.knowledge.library.operator.subjects
    if not subjects:
        return request.turn(Reply(request.say("subscribe_nothing")), outcome=ANSWERED)
    return request.turn(Reply(request.say("subscribe_offer"), buttons(request)), outcome=ANSWERED)


def buttons(request: Request, without: str = "") -> tuple[Button, ...]:
    subjects = request.knowledge.library.operator.subjects
    return tuple(
        Button(title[request.lang], f"subscribe={name}") for name, title in subjects.items() if name != without
    )


def subject_of(request: Request, name: str) -> str | None:
    """Return the id of the subject with this id or title, or None."""
    wanted = name.strip().casefold()
    for subject, title in request.knowledge.library.operator.subjects.items():
        if wanted in (subject.casefold(), title.en.casefold(), title.zh.casefold()):
            return subject
    return None


def subscribe(request: Request, subject: str) -> Turn | None:
    if subject not in request.knowledge.library.operator.subjects:
        return None
    title = request.knowledge.library.operator.subjects[subject][request.lang]
    turn = request.turn(
        Reply(request.say("subscribed", subject=title), (*buttons(request, subject), end_button(request, subject))),
        outcome=ANSWERED,
    )
    return replace(turn, subscribing=Subscribing(subject, True))


def end_button(request: Request, subject: str) -> Button:
    return Button(request.say("unsubscribe_button"), f"unsubscribe={subject}")


def unsubscribe(request: Request, name: str = "") -> Turn:
    """Unsubscribe the merchant from a subject, or from all if none is named."""
    subject = subject_of(request, name) or ""
    titles = request.knowledge.library.operator.subjects
    text = (
        request.say("unsubscribed", subject=titles[subject][request.lang])
        if subject
        else request.say("unsubscribed_all")
    )
    turn = request.turn(Reply(text, buttons(request)), outcome=ANSWERED)
    return replace(turn, subscribing=Subscribing(subject, False))


def unsubscribe_blocked(conversation: Conversation) -> Turn:
    """Unsubscribe a merchant who has blocked the assistant, without a reply."""
    return Turn((), Outcome("unknown"), conversation, subscribing=Subscribing("", False))


SUBSCRIBE = Ability("subscribe", offer, presses={"subscribe": subscribe})
UNSUBSCRIBE = Ability("unsubscribe", unsubscribe, presses={"unsubscribe": unsubscribe}, listed=False)
