"""Edited messages: what a merchant corrects in his own words is answered anew, as a correction."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from bot.model import Conversation, Heard, Outcome, Reply, Turn
from handlers.asked import Asked

REMEMBERED = 5  # messages that may still be edited; nobody waits for an answer to an older one
QUICK = 2  # seconds between two messages: answers to the second show what they answer


def mark_of(text: str) -> str:
    """Tells a changed text from the same one, without keeping it."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def original(asked: Asked) -> Heard | None:
    """The message that this one edits, as it is remembered."""
    if not asked.message.edited:
        return None
    return next((one for one in asked.conversation.heard if one.id == asked.message.sent), None)


def unchanged(asked: Asked) -> bool:
    """Whether an edit asks for nothing: its words are the same, or nobody remembers the message."""
    before = original(asked)
    return asked.message.edited and (before is None or before.mark == mark_of(asked.text))


def silent(conversation: Conversation) -> Turn:
    """No answer at all."""
    return Turn((), Outcome("unknown"), conversation)


def corrected_question(asked: Asked) -> str | None:
    """The question of the check in progress that the edited message answered."""
    before, check = original(asked), asked.conversation.check
    return before.question if before and check and before.run == check.run else None


def remembered(asked: Asked, turn: Turn) -> Turn:
    """The turn of a message that may be edited: it is remembered, and the first reply shows what it answers if need be."""
    message, check = asked.message, asked.conversation.check
    if not message.sent or turn.erase:
        return turn
    before, known = original(asked), asked.conversation.heard
    running = check is not None and not check.parked and check.result is None
    heard = Heard(
        message.sent,
        mark_of(asked.text),
        message.at,
        before.question if before else check.asked if check and running else None,
        before.run if before else check.run if check and running else None,
    )
    others = tuple(one for one in known if one.id != message.sent)
    conversation = turn.conversation.with_(heard=(*others, heard)[-REMEMBERED:])
    quick = bool(known) and not message.edited and message.at - known[-1].at <= QUICK
    return replace(turn, replies=shown(asked, turn.replies, quick), conversation=conversation)


def shown(asked: Asked, replies: tuple[Reply, ...], quick: bool) -> tuple[Reply, ...]:
    """The replies, the first of them tied to what it answers; to an edit with a word that it does."""
    if not replies or not (quick or asked.message.edited):
        return replies
    first, *rest = replies
    note = asked.say("edited") if asked.message.edited and first.text else ""
    text = f"{note}\n\n{first.text}" if note else first.text
    return (replace(first, text=text, to=asked.message.sent), *rest)
