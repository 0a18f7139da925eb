"""Reply keywords, as on a WeChat official account."""

from __future__ import annotations

from dataclasses import replace

from bot.content.kinds import KeywordReply, KeywordRule
from bot.model import Attachment, Reply, Turn
from bot.search.keywords import chosen
from handlers.by_topic import topic_turn
from handlers.check.start import start
from handlers.handoff import consultant
from handlers.request import ANSWERED, CONSULTANT_TOPIC, Request


def keyword(request: Request) -> Turn | None:
    """Reply with the rule that the message matches, if any."""
    rule = request.knowledge.rule(request.text)
    return None if rule is None else rule_turn(request, rule)


def rule_turn(request: Request, rule: KeywordRule) -> Turn:
    """Reply with a rule; a rule that only leads to a consultant opens a ticket if there is a desk."""
    led = {one.topic for one in rule.replies if one.topic}
    courses = (f"course {one.id}" for one in request.knowledge.library.data.courses if one.topic in led)
    fetched = (f"keyword {rule.id}", *courses)
    if (
        request.terms.consultant
        and request.message.group is None
        and {one.topic for one in rule.replies} == {CONSULTANT_TOPIC}
    ):
        turn = consultant(request)
        return replace(turn, outcome=replace(turn.outcome, fetched=fetched))
    turns = []
    for reply in chosen(rule, request.message.id or request.text):
        turns.append(reply_turn(request, reply))
        told = request.conversation.with_(cited=turns[-1].conversation.cited)
        request = replace(request, conversation=told)
    replies = tuple(reply for turn in turns for reply in turn.replies)
    # Texts, links and files beside a topic or a check do not change the turn's subject.
    main = next((turn for turn in turns if turn.outcome.topics or turn.outcome.check), turns[-1])
    conversation = replace(main.conversation, offered=replies[-1].buttons if replies else (), cited=told.cited)
    return Turn(replies, replace(main.outcome, fetched=fetched), conversation)


def reply_turn(request: Request, reply: KeywordReply) -> Turn:
    """Return the turn for one of a rule's replies."""
    if reply.topic:
        return topic_turn(request, reply.topic)
    if reply.check:
        return start(request, reply.check)
    outcome = ANSWERED
    if reply.text:
        return request.turn(Reply(request.render(reply.text)), outcome=outcome)
    if reply.link:
        return request.turn(
            Reply(f"[{reply.link.title[request.lang]}]({reply.link.url})", preview=True), outcome=outcome
        )
    path = request.knowledge.library.files[reply.picture or reply.file or ""]
    attachment = Attachment("picture" if reply.picture else "file", path)
    return request.turn(Reply("", attachments=(attachment,)), outcome=outcome)
