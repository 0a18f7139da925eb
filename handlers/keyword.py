"""Reply keywords, as on a WeChat official account."""

from __future__ import annotations

from dataclasses import replace

from bot.content.kinds import KeywordReply, KeywordRule
from bot.model import Attachment, Reply, Turn
from bot.search.keywords import chosen
from handlers.asked import ANSWERED, CONSULTANT_TOPIC, Asked
from handlers.by_topic import topic_turn
from handlers.check.start import start
from handlers.handoff import consultant


def keyword(asked: Asked) -> Turn | None:
    """Reply with the rule that the message matches, if any."""
    rule = asked.knowledge.rule(asked.text)
    return None if rule is None else rule_turn(asked, rule)


def rule_turn(asked: Asked, rule: KeywordRule) -> Turn:
    """Reply with a rule; a rule that only leads to a consultant opens a ticket if there is a desk."""
    if (
        asked.terms.consultant
        and asked.message.group is None
        and {one.topic for one in rule.replies} == {CONSULTANT_TOPIC}
    ):
        return consultant(asked)
    turns = []
    for reply in chosen(rule, asked.message.id or asked.text):
        turns.append(reply_turn(asked, reply))
        told = asked.conversation.with_(cited=turns[-1].conversation.cited)
        asked = replace(asked, conversation=told)
    replies = tuple(reply for turn in turns for reply in turn.replies)
    # Texts, links and files beside a topic or a check do not change the turn's subject.
    main = next((turn for turn in turns if turn.outcome.topics or turn.outcome.check), turns[-1])
    conversation = replace(main.conversation, offered=replies[-1].buttons if replies else (), cited=told.cited)
    return Turn(replies, main.outcome, conversation)


def reply_turn(asked: Asked, reply: KeywordReply) -> Turn:
    """Return the turn for one of a rule's replies."""
    if reply.topic:
        return topic_turn(asked, reply.topic)
    if reply.check:
        return start(asked, reply.check)
    outcome = ANSWERED
    if reply.text:
        return asked.turn(Reply(asked.render(reply.text)), outcome=outcome)
    if reply.link:
        return asked.turn(Reply(f"[{reply.link.title[asked.lang]}]({reply.link.url})", preview=True), outcome=outcome)
    path = asked.knowledge.library.files[reply.picture or reply.file or ""]
    attachment = Attachment("picture" if reply.picture else "file", path)
    return asked.turn(Reply("", attachments=(attachment,)), outcome=outcome)
