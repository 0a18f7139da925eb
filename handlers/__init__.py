"""Handlers: pure functions from a message, its conversation and the knowledge to a turn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from bot.knowledge.knowledge import Knowledge
from bot.language.detect import HAN_CHARACTER, language_of
from bot.model import USUAL_TERMS, Conversation, Group, Language, Message, Result, Terms, Turn
from handlers.abilities import by_words, choice, command
from handlers.answer import answer
from handlers.asked import Asked
from handlers.business import in_business
from handlers.dialogue import check, result_code
from handlers.edited import remembered, silent, unchanged
from handlers.group import in_group
from handlers.handoff import handoff, noted
from handlers.keyword import keyword
from handlers.long import shortened, told
from handlers.odd import odd
from handlers.privacy import confirmed
from handlers.request import request
from handlers.subscription import left

Handler = Callable[[Asked], Turn | None]

FEW_WORDS = 3

# In order of precedence: the first turn wins, and `answer` always makes one.
HANDLERS: tuple[Handler, ...] = (
    handoff,
    odd,
    result_code,
    command,
    confirmed,
    check,
    choice,
    by_words,
    keyword,
    request,
    answer,
)


def respond(
    message: Message,
    conversation: Conversation,
    knowledge: Knowledge,
    today: date,
    opened: Result | None = None,
    terms: Terms = USUAL_TERMS,
    group: Group | None = None,
) -> Turn:
    """Return the turn for one message.

    `opened` is the result whose code the message holds, `group` the stored state of its group.
    """
    if message.kind == "gone":
        return left(conversation)
    read = shortened(message)
    turn = responded(read, conversation, knowledge, today, opened, terms, group)
    return turn if read is message else told(turn, knowledge)


def responded(
    message: Message,
    conversation: Conversation,
    knowledge: Knowledge,
    today: date,
    opened: Result | None,
    terms: Terms,
    group: Group | None,
) -> Turn:
    """Return the turn for a message of readable length, in a private chat, a business chat or a group."""
    if message.group is None:
        if message.business is not None:
            # The account's owner reads this chat: no other consultant is called.
            terms = replace(terms, consultant=False)
        asked = asked_of(message, conversation, knowledge, today, opened, terms)

        def answered() -> Turn:
            return silent(conversation) if unchanged(asked) else noted(asked, remembered(asked, handled(asked)[1]))

        return in_business(asked, conversation, answered) if message.business else answered()
    if group and group.lang:
        conversation = conversation.with_(lang=group.lang)
    return in_group(asked_of(message, conversation, knowledge, today, opened, terms), group, respond_to)


def asked_of(
    message: Message,
    conversation: Conversation,
    knowledge: Knowledge,
    today: date,
    opened: Result | None = None,
    terms: Terms = USUAL_TERMS,
) -> Asked:
    """Build the handlers' input, with the message's language set in the conversation."""
    lang = language(message, conversation, knowledge, opened) or "en"
    return Asked(message, conversation.with_(lang=lang), knowledge, today, opened, terms, respond_to)


def language(
    message: Message, conversation: Conversation, knowledge: Knowledge, opened: Result | None
) -> Language | None:
    """Detect a message's language; buttons, commands, codes and short answers in a check keep the current one."""
    current = conversation.lang or message.hint
    if message.press or opened or message.text.lstrip().startswith("/"):
        return current
    said = language_of(message.text, current, knowledge.neutral)
    if said == "en" and knowledge.finder.in_pinyin(message.text):
        said = "zh"
    if current and conversation.check and said != current:
        # "10k" and "TM标" are answers in either language.
        short = message.text.isascii() and len(message.text.split()) < FEW_WORDS
        mixed = current == "zh" and HAN_CHARACTER.search(message.text)
        return current if short or mixed else said
    return said


def respond_to(asked: Asked) -> Turn:
    """Return the turn of the first handler that answers."""
    return handled(asked)[1]


def handled(asked: Asked) -> tuple[Handler, Turn]:
    """Return the first handler that answers, and its turn."""
    for handler in HANDLERS:
        turn = handler(asked)
        if turn is not None:
            return handler, turn
    raise AssertionError("answer answers every message")
