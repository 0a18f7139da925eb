"""/start, alone or with a deep link's payload."""

from __future__ import annotations

from dataclasses import replace

from bot.content.kinds import Course
from bot.knowledge import deep_links
from bot.model import Outcome, Reply, Turn
from handlers.ability import Ability
from handlers.by_topic import topic_turn
from handlers.check.start import start as start_check
from handlers.keyword import rule_turn
from handlers.menu import greeting
from handlers.request import ANSWERED, Request

WELCOME = "welcome"  # stands before a link whose visitors are new here


def start(request: Request, payload: str) -> Turn:
    """Reset the conversation, then follow the link or greet; new visitors are greeted before a link is followed."""
    request = replace(request, conversation=request.conversation.anew())
    first, _, link = payload.partition(" ")
    if first != WELCOME:
        return follow(request, payload) if payload else greeting(request)
    if not link:
        return greeting(request)
    turn = follow(request, link)
    return replace(turn, replies=(Reply(request.say("welcome")), *turn.replies))


def follow(request: Request, payload: str) -> Turn:
    """Answer with the link's target, or greet with a note if the link is no longer valid."""
    target = deep_links.opened(payload, request.knowledge)
    if target is None:
        return greeting(request, request.say("link_gone"))
    brought = request.conversation.with_(origin=title_of(request, target), poster=payload)
    turn = opened(replace(request, conversation=brought), target)
    course = (f"course {target.name}",) if target.kind == "course" else ()
    fetched = (f"link {payload}", *course, *turn.outcome.fetched)
    return replace(turn, outcome=replace(turn.outcome, fetched=tuple(dict.fromkeys(fetched))))


def opened(request: Request, target: deep_links.Target) -> Turn:
    """Answer with a link's target."""
    library = request.knowledge.library
    if target.kind == "topic":
        return topic_turn(request, target.name)
    if target.kind == "check":
        return start_check(request, target.name)
    if target.kind == "keyword":
        return rule_turn(request, library.rules[target.name])
    if target.kind == "course":
        return course(request, next(one for one in library.data.courses if one.id == target.name))
    # `result_code` has opened any stored code, so this one is unknown.
    return request.tell("check_code_unknown", outcome=Outcome("unknown"))


def title_of(request: Request, target: deep_links.Target) -> str:
    """Return the title of what a link opens, for the consultants."""
    library, lang = request.knowledge.library, request.lang
    if target.kind == "topic":
        return library.topics[target.name].title[lang]
    if target.kind == "check":
        return library.checks[target.name].title[lang]
    if target.kind == "course":
        return next(one.title[lang] for one in library.data.courses if one.id == target.name)
    return target.name if target.kind == "keyword" else ""


def course(request: Request, one: Course) -> Turn:
    """Answer with a course's topic, or with its contents and link."""
    if one.topic in request.knowledge.library.topics:
        return topic_turn(request, one.topic)
    url = request.knowledge.library.operator.link_of(one)
    link = f"[{one.title[request.lang]}]({url})" if url else request.say("no_course_link")
    text = f"**{one.title[request.lang]}**\n\n{one.covers[request.lang]}\n\n{link}"
    return request.turn(Reply(text), outcome=ANSWERED)


def anew(request: Request, _: str) -> Turn:
    """Begin a new conversation: greet, and remove the messages shown before."""
    turn = greeting(replace(request, conversation=request.conversation.anew()))
    return replace(turn, replies=(replace(turn.replies[0], clears=True), *turn.replies[1:]))


START = Ability("start", start, presses={"start": anew}, in_group="introduced")
