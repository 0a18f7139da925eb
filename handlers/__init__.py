"""Handlers: pure functions from a message, its conversation and the knowledge to a turn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from bot.knowledge.knowledge import Knowledge
from bot.language.detect import HAN_CHARACTER, language_of
from bot.language.script import is_traditional, traditional
from bot.model import USUAL_TERMS, Conversation, Group, Language, Message, Rating, Result, Terms, Turn
from handlers.abilities import by_words, choice, command
from handlers.answer import answer
from handlers.business import in_business
from handlers.check_request import check_request
from handlers.dialogue import check, result_code
from handlers.edits import is_unchanged, remember, silent_turn
from handlers.group import in_group
from handlers.handoff import handoff, note_exchange, offer_answer, regard, wanted, with_offer
from handlers.keyword import keyword
from handlers.lead import with_lead
from handlers.overlong import shorten, with_note
from handlers.privacy import erasure_answer
from handlers.rating import with_rating
from handlers.request import Request
from handlers.subscription import unsubscribe_blocked
from handlers.talk import courtesy, courtesy_of_signs
from handlers.today import dated
from handlers.unreadable import unreadable

Handler = Callable[[Request], Turn | None]

FEW_WORDS = 3

# In order of precedence: the first turn wins, and `answer` always makes one.
HANDLERS: tuple[Handler, ...] = (
    handoff,
    courtesy_of_signs,
    unreadable,
    result_code,
    command,
    erasure_answer,
    offer_answer,
    check,
    choice,
    by_words,
    courtesy,
    keyword,
    check_request,
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
    """Return the turn for one message, in a private chat, a business chat or a group.

    `opened` is the result whose code the message holds, `group` the stored state of its group.
    """
    if message.kind == "gone":
        return unsubscribe_blocked(conversation)
    read = shorten(message)
    if message.group is None and message.business is not None:
        # The account's owner reads this chat: no other consultant is called.
        terms = replace(terms, consultant=False)
    if message.own_desk:
        terms = replace(terms, consultant=True)
    before = conversation.with_(lang=group.lang) if message.group and group and group.lang else conversation
    request = request_of(read, before, knowledge, today, opened, terms)

    def answered() -> Turn:
        if is_unchanged(request):
            return silent_turn(conversation)
        turn = with_offer(request, regard(request, wanted(request, told(request))))
        return with_rating(request, note_exchange(request, remember(request, with_lead(request, turn))))

    if message.group is not None:
        turn = in_group(request, group, told)
    else:
        turn = in_business(request, conversation, answered) if message.business else answered()
    turn = turn if read is message else with_note(turn, knowledge)
    return in_traditional(turn) if turn.conversation.traditional and turn.conversation.lang == "zh" else turn


def question(message: Message) -> str:
    """Return a message's text as `answer` would read it, "" if it certainly asks nothing in words."""
    if message.kind != "text" or message.press or message.group or not message.calls_for_answer:
        return ""
    text = shorten(message).text.strip()
    return "" if text.startswith("/") else text


def request_of(
    message: Message,
    conversation: Conversation,
    knowledge: Knowledge,
    today: date,
    opened: Result | None = None,
    terms: Terms = USUAL_TERMS,
) -> Request:
    """Build the handlers' input, with the message's language set in the conversation."""
    lang = language(message, conversation, knowledge, opened) or "en"
    traditional = is_traditional(message.text) if message.press is None else None
    before = conversation.with_(lang=lang, traditional=conversation.traditional if traditional is None else traditional)
    return Request(message, before, knowledge, today, opened, terms, respond_to)


def language(
    message: Message, conversation: Conversation, knowledge: Knowledge, opened: Result | None
) -> Language | None:
    """Detect a message's language; buttons, commands, codes and short answers in a check keep the current one."""
    current = conversation.lang or message.hint
    if message.press or opened or message.text.lstrip().startswith("/"):
        return current
    if current and message.text.isascii() and knowledge.courtesies.said_in(message.text):
        return current  # laughter is no pinyin
    said = conversation.wished or language_of(message.text, current, knowledge.neutral)
    if conversation.wished is None and said == "en" and knowledge.finder.in_pinyin(message.text):
        said = "zh"
    if current and conversation.check and said != current:
        # "10k" and "TM标" are answers in either language.
        short = message.text.isascii() and len(message.text.split()) < FEW_WORDS
        mixed = current == "zh" and HAN_CHARACTER.search(message.text)
        return current if short or mixed else said
    return said


def told(request: Request) -> Turn:
    """Return the turn of the first handler that answers, with a note where it asks about a time not known of."""
    return dated(request, respond_to(request))


def in_traditional(turn: Turn) -> Turn:
    """Return a turn with its replies in traditional characters."""
    return replace(
        turn,
        replies=tuple(
            replace(
                reply,
                text=traditional(reply.text),
                source=traditional(reply.source),
                sign=traditional(reply.sign),
                buttons=tuple(replace(button, label=traditional(button.label)) for button in reply.buttons),
                rating=rating_in_traditional(reply.rating),
                progress=replace(reply.progress, title=traditional(reply.progress.title)) if reply.progress else None,
            )
            for reply in turn.replies
        ),
    )


def rating_in_traditional(rating: Rating | None) -> Rating | None:
    if rating is None:
        return None
    yes, no = (replace(one, label=traditional(one.label)) for one in (rating.yes, rating.no))
    return replace(rating, yes=yes, no=no)


def respond_to(request: Request) -> Turn:
    """Return the turn of the first handler that answers."""
    return first_turn(request)[1]


def first_turn(request: Request) -> tuple[Handler, Turn]:
    """Return the first handler that answers, and its turn."""
    for handler in HANDLERS:
        turn = handler(request)
        if turn is not None:
            return handler, turn
    raise AssertionError("answer answers every message")
