"""What merchants tell of their own case without asking anything: what it bears on is told, or it is acknowledged."""

from __future__ import annotations

import re

from bot.checks.free_text import mentions
from bot.checks.own_case import DEALS, parts_of
from bot.language.asking import asks_within
from bot.model import Outcome, Reply, Turn
from bot.search.finding import CORRECTS
from bot.search.following import is_fragment, only_tells
from bot.search.found import Found, Label
from handlers.by_topic import follow_ups, remarked, topics, was_told
from handlers.check.run import Run
from handlers.check.start import ENDS, Outlook, outlook, start
from handlers.own_case import LONGEST_OWN, SURELY, check_at_hand, headed, heads
from handlers.request import Request

TOLD_MISSING = 0.33  # lowest score of a detail of the last topic that is not known, for what a merchant only tells
TOLD_NAMED = 0.45  # the same of another topic that the message names
# The same of a topic whose check decides by a figure in the message: related to the last one, and apart from it.
TOLD_FIGURE, TOLD_APART = 0.35, 0.5
FEW_LEFT = 1  # questions of a check that are put to who only tells something
SURELY_JOINED = 0.7  # lowest score of a question together with what completes it
COUNTED = re.compile(
    r"\d|[两三四五六七八九十几多]个|\b(?:two|three|four|five|several|many|few)\b", re.IGNORECASE
)  # "two categories" is not of goods
GOODS = "goods"  # the side of facts that differ by what is sold


def heard(request: Request, found: Found) -> Turn:
    """Tell what follows from what a message tells, or what it likely concerns, or acknowledge it."""
    if turn := by_answer(request, Found()):
        return turn
    if concerns(request, found):
        return topics(request, found)
    ways = (by_figures(request, found), by_goods(request), by_question(request))
    return next((turn for turn in ways if turn), None) or remarked(request, found)


def said_of_case(request: Request, found: Found, *, sure: bool) -> Turn | None:
    """Tell what follows from what a merchant tells of their case, whatever else was found; `sure`: but for what is meant surely."""
    turn = by_figures(request, found)
    return turn if turn or sure else by_answer(request, found) or by_case(request, found)


def by_answer(request: Request, found: Found) -> Turn | None:
    """Tell the verdict that a statement leads to in the check of the subject, or what follows from it, unless it surely means
    something of its own; None if the check has only much more to ask, which nobody wants who only tells something."""
    name = None if found.answers and found.score >= SURELY else check_at_hand(request)
    if name is None:
        return None
    turn = start(request, name)
    state = turn.conversation.check
    assert state is not None
    if state.ended:
        return turn
    few = Run.of(state, request.knowledge.logic(name)).questions_left <= FEW_LEFT
    return by_rule(request) or (turn if few else None)


def by_case(request: Request, found: Found) -> Turn | None:
    """Tell the detail that is not known of the case that a message names, once: "we are in Spain"."""
    if len(request.text) > LONGEST_OWN or request.knowledge.finder.guards.names_told(request.text):
        return None  # "I sell on another marketplace, in Spain"
    for topic, part, told in request.knowledge.along:
        had = f"{topic}/{part.id}" in request.conversation.facts
        meant = any(label.name == topic for label in found.answers)
        given = mentions(request.knowledge.logic(told.check), request.text, request.lang).given
        if not (had or meant) and given.get(told.question) == told.value:
            return topics(request, Found((Label("topic", topic, part.id),), (), 1.0))
    return None


def by_rule(request: Request) -> Turn | None:
    """Tell what follows from answers to the check of the subject ("we are a company"), and offer the check; None if nothing follows."""
    before, check = request.conversation, check_at_hand(request)
    if check is None or before.check is not None:
        return None
    own = outlook(request, check)
    return None if own.phase in ENDS else reasoned(request, str(before.topic), own)


def by_figures(request: Request, found: Found) -> Turn | None:
    """Tell a topic of which the check decides by a figure in the message, the verdict first: "we sell for 32,000 a month"."""
    if len(request.text) > LONGEST_OWN or request.knowledge.finder.guards.names_told(request.text):
        return None  # "we sell for 20,000 a month on another marketplace"
    near = request.knowledge.finder.following.near.get(str(request.conversation.topic), ())
    likely = [
        one.topic for one in found.candidates[:1] if one.score >= (TOLD_FIGURE if one.topic in near else TOLD_APART)
    ]
    for name in (*([str(request.conversation.topic)] if request.topic_check else ()), *likely):
        check = request.knowledge.topic(name).check
        own = outlook(request, check) if check else None
        if own and own.figures and own.phase in ENDS:
            if was_told(request, name) and (turn := reasoned(request, name, own)):
                return turn
            turn = topics(request, Found((Label("topic", name),), (), 1.0, found.candidates))
            if name in (request.conversation.topic, *near):
                return headed(turn, own)
            return headed(turn, own, request.say("likely", title=request.knowledge.topic(name).title[request.lang]))
    return None


def reasoned(request: Request, name: str, own: Outlook) -> Turn | None:
    """Tell only what follows from the message for a topic that was told before; None if nothing follows."""
    if not own.reasons:
        return None
    said = (*heads(own), *own.reasons, *([f"*{own.dates}*"] if own.dates else []))
    near = follow_ups(request, (Label("topic", name),), incomplete=False)
    return request.turn(Reply("\n\n".join(said), near), outcome=Outcome("answer", (name,), score=1.0), topic=name)


def by_goods(request: Request) -> Turn | None:
    """Tell what the subject just spoken of says of single kinds of goods, once, to who tells what they sell."""
    before, following = request.conversation, request.knowledge.finder.following
    deals = any(
        DEALS.match(part) and not COUNTED.search(part) for part in parts_of(request.text)
    ) or following.sides.only_mentions(request.text)
    if before.topic is None or not deals:
        return None
    related = () if request.topic_check else request.knowledge.topic(before.topic).related[:1]
    for name in (before.topic, *related):
        topic = request.knowledge.topic(name)
        part = next((one for one in topic.parts if GOODS in one.sides), None)
        if part is not None:
            label = Label("topic", name, part.id)
            return (
                None if f"{name}/{part.id}" in before.facts else topics(request, Found((label,), (), 1.0, follows=True))
            )
    return None


def by_question(request: Request) -> Turn | None:
    """Answer the question before, which was not understood, with what is told now: "may I hand it over? - it is for my son"."""
    finder, asked = request.knowledge.finder, request.conversation.asked
    if asked is None or len(request.text) > LONGEST_OWN or finder.find(asked).answers:
        return None
    joined = finder.find(f"{asked} {request.text}")
    first = next(iter(joined.answers), None)
    if first is None or first.kind != "topic" or joined.score < SURELY_JOINED:
        return None
    return topics(request, joined)


def concerns(request: Request, found: Found) -> bool:
    """Return true if what a message tells likely concerns what was found: "no open orders", after the deposit's refund."""
    first = next(iter(found.answers), None)
    if first is None or first.kind != "topic" or DEALS.match(request.text):
        return False
    if found.follows:
        return found.score >= TOLD_MISSING and first.detail in [
            one.id for one in request.knowledge.topic(first.name).missing
        ]
    just, following = str(request.conversation.topic), request.knowledge.finder.following
    if first.detail in [one.id for one in request.knowledge.topic(first.name).missing if one.along]:
        return False  # it is about a case that is named with it
    if found.score < TOLD_NAMED or (request.topic_check and first.name not in following.near.get(just, ())):
        return False  # a check takes what is told of the case
    return following.own_words.names(found.by[0].text, first.name, just)


def tells(request: Request) -> bool:
    """Return true if a message only tells something, or mentions goods."""
    told = (only_tells(request.text) or is_fragment(request.plain)) and not CORRECTS.search(request.text)
    mentions = request.knowledge.finder.following.sides.only_mentions(request.text)
    return told or (mentions and not asks_within(request.text))
