"""Subscriptions to the agency's broadcasts, by subject."""

from __future__ import annotations

from dataclasses import replace

from bot.model import Button, Conversation, Outcome, Subscribing, Turn
from handlers.ability import Ability
from handlers.request import Request


def offer(request: Request, name: str) -> Turn | None:
    """Subscribe to the named subject, or offer the subjects; say so where the channel takes no news."""
    if not request.message.news:
        return request.tell("subscribe_not_here")
    if name and (subject := subject_of(request, name)):
        return subscribe(request, subject)
    choices = buttons(request)
    return request.tell("subscribe_offer", *choices) if choices else request.tell("subscribe_nothing")


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
    end = Button(request.say("unsubscribe_button"), f"unsubscribe={subject}")
    turn = request.tell("subscribed", *buttons(request, subject), end, subject=title)
    return replace(turn, subscribing=Subscribing(subject, True))


def unsubscribe(request: Request, name: str = "") -> Turn:
    """Unsubscribe the merchant from a subject, or from all if none is named."""
    subject = subject_of(request, name) or ""
    phrase, titles = "unsubscribed" if subject else "unsubscribed_all", request.knowledge.library.operator.subjects
    title = titles[subject][request.lang] if subject else ""
    turn = request.tell(phrase, *buttons(request), subject=title)
    return replace(turn, subscribing=Subscribing(subject, False))


def leave(request: Request, _: str = "") -> Turn:
    """End the subscription that the merchant has; ask which if there are several, and say so if there is none."""
    titles = request.knowledge.library.operator.subjects
    known = request.conversation.subscribed
    if not known:
        return request.tell("unsubscribe_none")
    if len(known) == 1:
        return unsubscribe(request, known[0])
    choices = [
        Button(request.say("unsubscribe_from", subject=titles[name][request.lang]), f"unsubscribe={name}")
        for name in known
        if name in titles
    ]
    return request.tell("unsubscribe_which", *choices, Button(request.say("unsubscribe_all_button"), "unsubscribe="))


def leave_by_words(request: Request, _: str = "") -> Turn | None:
    """End the subscription; a word that also stops a check is left to it."""
    return None if request.conversation.check and request.is_sentence("stop_words") else leave(request)


def unsubscribe_blocked(conversation: Conversation) -> Turn:
    """Unsubscribe a merchant who has blocked the assistant, without a reply."""
    return Turn((), Outcome("unknown"), conversation, subscribing=Subscribing("", False))


SUBSCRIBE = Ability("subscribe", offer, presses={"subscribe": subscribe})
UNSUBSCRIBE = Ability("unsubscribe", unsubscribe, presses={"unsubscribe": unsubscribe}, listed=False)
LEAVE = Ability(None, leave_by_words, words="unsubscribe_words")
