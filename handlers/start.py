"""/start, alone or with a deep link's payload."""

from __future__ import annotations

from dataclasses import replace

from bot.content.kinds import Course
from bot.knowledge import deep_links
from bot.model import Outcome, Reply, Turn
from handlers.ability import Ability
from handlers.asked import ANSWERED, Asked
from handlers.by_topic import topic_turn
from handlers.check.start import start as start_check
from handlers.keyword import rule_turn
from handlers.menu import greeting


def start(asked: Asked, payload: str) -> Turn:
    """Reset the conversation, then follow the link or greet."""
    asked = replace(asked, conversation=asked.conversation.anew())
    return follow(asked, payload) if payload else greeting(asked)


def follow(asked: Asked, payload: str) -> Turn:
    """Answer with the link's target, or greet with a note if the link is no longer valid."""
    target = deep_links.opened(payload, asked.knowledge)
    library = asked.knowledge.library
    if target is None:
        return greeting(asked, asked.say("link_gone"))
    if target.kind == "topic":
        return topic_turn(asked, target.name)
    if target.kind == "check":
        return start_check(asked, target.name)
    if target.kind == "keyword":
        return rule_turn(asked, library.rules[target.name])
    if target.kind == "course":
        return course(asked, next(one for one in library.data.courses if one.id == target.name))
    # `result_code` has opened any stored code, so this one is unknown.
    return asked.turn(Reply(asked.say("check_code_unknown")), outcome=Outcome("unknown"))


def course(asked: Asked, one: Course) -> Turn:
    """Answer with a course's topic, or with its contents and link."""
    if one.topic in asked.knowledge.library.topics:
        return topic_turn(asked, one.topic)
    url = asked.knowledge.library.operator.link_of(one)
    link = f"[{one.title[asked.lang]}]({url})" if url else asked.say("no_course_link")
    text = f"**{one.title[asked.lang]}**\n\n{one.covers[asked.lang]}\n\n{link}"
    return asked.turn(Reply(text), outcome=ANSWERED)


START = Ability("start", start, in_group="introduced")
