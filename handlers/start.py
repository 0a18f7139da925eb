"""Beginning: /start, alone or with the deep link of a poster, an article or a group's button."""

from __future__ import annotations

from dataclasses import replace

from bot.content.kinds import Course
from bot.knowledge import deep_links
from bot.model import Outcome, Reply, Turn
from handlers.ability import Ability
from handlers.asked import Asked
from handlers.by_topic import topic_turn
from handlers.check.start import start as start_check
from handlers.keyword import rule_turn
from handlers.menu import greeting


def start(asked: Asked, payload: str) -> Turn:
    """The conversation anew, with what a link leads to or a greeting."""
    asked = replace(asked, conversation=asked.conversation.anew())
    return follow(asked, payload) if payload else greeting(asked)


def follow(asked: Asked, payload: str) -> Turn:
    """What a link leads to; the greeting, and a line that says so, where it leads to nothing any more."""
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
    # A code that is kept has been opened before any command is looked for.
    return asked.turn(Reply(asked.say("check_code_unknown")), outcome=Outcome("unknown"))


def course(asked: Asked, one: Course) -> Turn:
    """The topic that tells of a course, or what it covers with its link."""
    if one.topic in asked.knowledge.library.topics:
        return topic_turn(asked, one.topic)
    url = asked.knowledge.library.operator.link_of(one)
    link = f"[{one.title[asked.lang]}]({url})" if url else asked.say("no_course_link")
    text = f"**{one.title[asked.lang]}**\n\n{one.covers[asked.lang]}\n\n{link}"
    return asked.turn(Reply(text), outcome=Outcome("answer", score=1.0))


START = Ability("start", start, in_group="introduced")
