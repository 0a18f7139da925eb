"""What a message states of the merchant's own case, as answers to the check of the subject just spoken of."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from bot.checks.free_text import mentions
from bot.checks.own_case import LONGEST, parts_of
from bot.language.asking import asks_within
from bot.model import Turn
from bot.search.finding import GENERAL, ONESELF
from bot.search.following import bare, only_tells
from bot.search.found import Label
from handlers.check.start import ENDS, Outlook, outlook
from handlers.request import Request

LONGEST_OWN = 200  # characters of a question about the own case that begins a check
FACTS = 2  # answers that a merchant states, to begin a check rather than to answer what one of them means
SURELY = 0.85  # lowest score of what a message surely means
# Asks for a yes or no on what a merchant may: "can we join with it?", "is that enough to …", 够不够…
MAY = re.compile(
    r"\b(?:can|could|may)(?:n['’]?t)? (?:i|we)\b|\b(?:am|are|would|will) (?:i|we)\b.{0,12}\b(?:able|allowed|permitted|eligible|qualified)\b|"
    r"\bdo (?:i|we) (?:qualify|meet)\b|\b(?:is|would|will) (?:it|that|this|these)(?: \w+)? (?:enough|ok|okay|fine|possible|sufficient)\b|"
    r"\bwhether (?:i|we)\b|能|可以|够|行不行|可不可以",
    re.IGNORECASE,
)


def check_at_hand(request: Request, least: int = 1) -> str | None:
    """Return the check of the subject just spoken of, if a message that asks nothing states answers to its questions, and with what
    was told before at least `least`.

    Who tells of their case after the conditions ("a company in Yiwu, own brand") wants to know what follows for them.
    """
    name = request.topic_check
    if name is None or (bare(request.text) and not only_tells(request.text)) or not request.stated:
        return None
    return name if request.answers_told >= least else None


def case_put(request: Request) -> str | None:
    """Return the check whose own question a message asks, and asks nothing else, with at least two facts of the case: "we are a
    company in Ningbo with an R mark, can we join?"."""
    under_way = request.conversation.check is not None and not request.conversation.check.ended
    if len(request.text) > LONGEST or under_way:
        return None
    asking = [part for part in parts_of(request.text) if asks_within(part) or MAY.search(part)]
    if len(asking) != 1 or not MAY.search(asking[0]) or GENERAL.search(asking[0]):
        return None
    found = request.knowledge.finder.find(request.text)
    if found.answers and found.answers[0].kind == "topic" and not found.tentative:
        first = found.answers[0]
        if first.detail in [one.id for one in request.knowledge.topic(first.name).missing]:
            return None  # the case is one that the source does not tell of
    name = check_asked(request, asking[0])
    return name if name and answered_by(request, name, (*request.conversation.told, request.text)) >= FACTS else None


def check_asked(request: Request, part: str) -> str | None:
    """Return the check whose own question a part of a message is: by a check's name, or by the first of a check's related topics.

    "Is that ok?" is about what the rest of the message names.
    """
    knowledge = request.knowledge
    if not MAY.sub("", part).strip(" ?？吗么呢不的了"):
        return knowledge.requests.about(request.text)
    found, named = knowledge.finder.find(part), knowledge.requests.about(part)
    first = found.answers[0].name if found.answers and found.answers[0].kind == "topic" else None
    if named and not (first and found.score >= SURELY and first not in knowledge.library.checks[named].related):
        return named
    return next((name for name, check in knowledge.library.checks.items() if first in check.related[:1]), None)


def own_outlook(request: Request, label: Label) -> Outlook | None:
    """Return the verdict to which a question about the own case leads, if it asks nothing else; None if it leads to none.

    A refusal answers only what a merchant may do: "what proves that we may sell them?" asks for something else.
    """
    check, state = request.knowledge.topic(label.name).check, request.conversation.check
    under_way = state is not None and not state.ended
    if check is None or under_way or len(request.text) > LONGEST_OWN or not ONESELF.search(request.text):
        return None
    if sum(map(asks_within, parts_of(request.text))) > 1:
        return None
    found = outlook(request, check)
    refuses = found.phase == "refused" and not MAY.search(request.text)
    return None if refuses or found.phase not in ENDS else found


def begins_check(request: Request, label: Label, own: Outlook) -> bool:
    """Return true if the check itself answers a question about the own case: "which refund is mine? A small shop, open for 300 days"."""
    if request.conversation.check is not None:
        return False
    check = request.knowledge.library.checks[str(request.knowledge.topic(label.name).check)]
    if own.phase == "refused" and own.topic not in (None, label.name):
        return True  # "a sole trader with a trademark, may I sell?" sounds like the trademark, which decides nothing
    # "A sole trader: would I be able to sell?" asks for the conditions, of which one fact decides.
    return own.answers >= (1 if own.phase == "refused" and label.name in check.related[:1] else FACTS)


def with_verdict(request: Request, label: Label, own: Outlook, turn: Turn) -> Turn:
    """Put the verdict before the answer to a question about the own case ("12k a month, is that enough?"), unless the answer has it."""
    said = own.phase == "refused" and own.topic == label.name
    if said or not own.headline or not asks_within(request.text):
        return turn
    return headed(turn, own)


def headed(turn: Turn, own: Outlook, *before: str) -> Turn:
    """Put a verdict's headline, and what stands before it, before an answer."""
    first, *others = turn.replies
    return replace(turn, replies=(replace(first, text="\n\n".join((*before, *heads(own), first.text))), *others))


def heads(own: Outlook) -> list[str]:
    """Return a verdict's headline, and the figures that it rests on if they are not the message's."""
    return [part for part in (own.headline and f"**{own.headline}**", own.averaged and own.figures) if part]


def is_decided(request: Request, label: Label) -> bool:
    """Return true if a message about the own case tells what a check refuses for the rule that the topic tells of."""
    check = request.knowledge.topic(label.name).check if label.kind == "topic" else None
    if check is None or len(request.text) > LONGEST_OWN or not ONESELF.search(request.text):
        return False
    found = outlook(request, check)
    return found.phase == "refused" and found.topic == label.name


def check_told_of(request: Request, names: Iterable[str], texts: Iterable[str]) -> str | None:
    """Return the check of which texts answer the most questions, or None if they answer none."""
    told = {name: answered_by(request, name, texts) for name in names}
    name = max(told, key=lambda name: told[name], default=None)
    return name if name and told[name] else None


def answered_by(request: Request, name: str, texts: Iterable[str]) -> int:
    """Return the number of a check's questions that texts answer."""
    logic = request.knowledge.logic(name)
    return len({question for text in texts for question in mentions(logic, text, request.lang, averages=True).given})
