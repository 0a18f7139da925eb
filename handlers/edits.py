"""Edited messages: answered again, as corrections."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from bot.model import Conversation, Heard, Outcome, Reply, Turn
from handlers.request import Request

REMEMBERED = 5  # last messages whose edits are answered
QUICK = 2  # seconds; a message that follows another sooner is quoted by its reply


def text_hash(text: str) -> str:
    """Hash a text, to recognise changes without storing it."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def original(request: Request) -> Heard | None:
    """Return the stored record of the message that this one edits, or None."""
    if not request.message.edited:
        return None
    return next((one for one in request.conversation.heard if one.id == request.message.sent), None)


def is_unchanged(request: Request) -> bool:
    """Return true if the message is an edit with the same text, or of a message no longer stored."""
    before = original(request)
    return request.message.edited and (before is None or before.mark == text_hash(request.text))


def silent_turn(conversation: Conversation) -> Turn:
    """Return a turn without replies."""
    return Turn((), Outcome("unknown"), conversation)


def corrected_question(request: Request) -> str | None:
    """Return the id of the current check's question that the edited message answered, or None."""
    before, check = original(request), request.conversation.check
    return before.question if before and check and before.run == check.run else None


def remember(request: Request, turn: Turn) -> Turn:
    """Store the message's record for later edits, and quote it in the first reply if necessary."""
    message, check = request.message, request.conversation.check
    if not message.sent or turn.erase:
        return turn
    before, known = original(request), request.conversation.heard
    running = check is not None and not check.parked and check.result is None
    heard = Heard(
        message.sent,
        text_hash(request.text),
        message.at,
        before.question if before else check.asked if check and running else None,
        before.run if before else check.run if check and running else None,
    )
    others = tuple(one for one in known if one.id != message.sent)
    conversation = turn.conversation.with_(heard=(*others, heard)[-REMEMBERED:])
    quick = bool(known) and not message.edited and message.at - known[-1].at <= QUICK
    return replace(turn, replies=quote_message(request, turn.replies, quick), conversation=conversation)


def quote_message(request: Request, replies: tuple[Reply, ...], quick: bool) -> tuple[Reply, ...]:
    """Let the first reply quote its message, if that is an edit or came quickly; note an edit in its text."""
    if not replies or not (quick or request.message.edited):
        return replies
    first, *rest = replies
    note = request.say("edited") if request.message.edited and first.text else ""
    text = f"{note}\n\n{first.text}" if note else first.text
    return (replace(first, text=text, to=request.message.sent), *rest)
