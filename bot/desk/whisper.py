"""Whisper: the assistant's best answer to a merchant's question, shown to consultants alone, to be sent, changed or called wrong."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.assistant import Assistant
from bot.channels.channel import Suggestion
from bot.desk.cards import Cards
from bot.model import Conversation, Language, Message, Ticket
from bot.store import Draft

PERSONAL = re.compile(r"\S+@\S+|@\w+|https?://\S+|\d[\d -]{4,}\d")
LABELS = ("draft_send_button", "draft_edit_button", "draft_wrong_button")


@dataclass(frozen=True)
class Whispered:
    """A draft to store, and how it is shown at the desk."""

    draft: Draft
    suggestion: Suggestion


def masked(text: str) -> str:
    """Return a question without addresses, names of accounts and long numbers."""
    return PERSONAL.sub("…", text)


def whisper(
    assistant: Assistant, cards: Cards, ticket: Ticket, message: Message, conversation: Conversation, id: int
) -> Whispered | None:
    """Return the answer that the assistant would give, in the merchant's language and in the consultants'; None without one."""
    if message.kind != "text" or message.edited:
        return None
    answer, topics = answer_to(assistant, message, conversation, ticket.lang)
    if not topics:
        return None
    lang = cards.language(ticket)
    shown = answer if lang == ticket.lang else answer_to(assistant, message, conversation, lang)[0] or answer
    send, edit, wrong = (cards.say(one, ticket) for one in LABELS)
    draft = Draft(id, ticket.id, masked(message.text), answer, topics)
    return Whispered(draft, Suggestion(id, shown, (send, edit, wrong)))


def answer_to(
    assistant: Assistant, message: Message, conversation: Conversation, lang: Language
) -> tuple[str, tuple[str, ...]]:
    """Return the text and the topics of an answer without the offer of a consultant, who is there; "" without topics."""
    turn = assistant.draft(message, conversation, lang)
    if turn.outcome.kind != "answer" or not turn.outcome.topics or not turn.replies:
        return "", ()
    text = turn.replies[0].text
    offer = assistant.knowledge.offer_consultant(lang, connected=True, beside=text)
    return text.replace(offer, "").strip(), turn.outcome.topics
