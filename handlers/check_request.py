"""Requests for a check: by the check's name, or by its subject with "check it for me"."""

from __future__ import annotations

import re
from collections import Counter

from bot.checks.request import asks_for_check
from bot.checks.vocabulary import QUESTION_FORM
from bot.language.amounts import fold
from bot.model import Turn
from bot.search.found import Label
from handlers.ability import Ability
from handlers.check.start import list_checks, start
from handlers.own_case import case_put, check_told_of
from handlers.request import Request

FIRST_CLAUSE = re.compile(r"\s*[:：,，.。;；!！\n]\s*|\s[-–—]\s")


def check_request(request: Request) -> Turn | None:
    """Start the check requested, or list the checks if the request names none; None if it is no request."""
    name = requested_check(request)
    if name is None:
        name = check_of_list(request) or case_put(request)
    if name is None:
        return None
    checks, told = request.knowledge.library.checks, request.conversation.told
    name = name or request.topic_check or check_told_of(request, checks, told)
    if name and request.knowledge.finder.refusals(request.text, Label("check", name)):
        return None
    return start(request, name) if name else list_checks(request)


def check_of_list(request: Request) -> str | None:
    """Return the check that a merchant means who tells of their case right after the list of checks: "a company in Yiwu"."""
    offered = [button.says.removeprefix("check=") for button in request.conversation.offered]
    if len(offered) < 2 or any(name not in request.knowledge.library.checks for name in offered):
        return None
    return check_told_of(request, offered, [request.text])


def requested_check(request: Request) -> str | None:
    """Return the check requested, "" for a request that names none, or None."""
    requests = request.knowledge.requests
    whole = requests.check_named(request.plain)
    named = whole or named_first(request) or whole
    if named is not None or not asks_for_check(request.plain):
        return named
    found = request.knowledge.finder.find(request.text)
    topics = request.knowledge.library.topics
    sure = () if found.tentative else found.answers
    for label in sure:
        if label.kind == "check":
            return label.name
        if label.kind == "topic" and topics[label.name].check:
            return topics[label.name].check
    if sure:  # a question of another kind: "check when I get my deposit back"
        return None
    about = requests.about(request.plain) or request.topic_check
    if about:
        return about
    tentative = (label for label in found.answers if label.kind in ("topic", "check"))
    offered = (label.name if label.kind == "check" else topics[label.name].check for label in tentative)
    return next((name for name in offered if name), None) or usual_check(request)


def usual_check(request: Request) -> str | None:
    """Return the check of most topics, for who wants to be checked and says not what for."""
    checks = Counter(topic.check for topic in request.knowledge.library.topics.values() if topic.check)
    return max(sorted(checks), key=lambda name: checks[name], default=None)


def named_first(request: Request) -> str | None:
    """Return the check that a message's first clause asks for, before facts of the merchant's case; None if none.

    "store check: a company, no brand yet", "开店检测：佛山的公司，押金两万".
    """
    first, *rest = FIRST_CLAUSE.split(request.plain, maxsplit=1)
    if not rest or not rest[0].strip() or QUESTION_FORM.search(fold(rest[0])):
        return None
    return request.knowledge.requests.check_named(first) or None


def check_command(request: Request, name: str) -> Turn:
    return list_checks(request, name.lower())


def check_button(request: Request, name: str) -> Turn | None:
    return start(request, name) if name in request.knowledge.library.checks else None


CHECK = Ability("check", check_command, presses={"check": check_button})
