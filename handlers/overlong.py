"""Overlong messages: only the beginning is answered, with a note."""

from __future__ import annotations

from dataclasses import replace

from bot.knowledge.knowledge import Knowledge
from bot.model import Message, Reply, Turn

LONGEST = 4000  # characters


def shorten(message: Message) -> Message:
    """Cut a message's text to the longest that is read."""
    text = message.text.strip()
    return replace(message, text=text[:LONGEST]) if len(text) > LONGEST else message


def with_note(turn: Turn, knowledge: Knowledge) -> Turn:
    """Add the note on the cut message to the turn's first reply, if there is one."""
    if not turn.replies:
        return turn
    first, *rest = turn.replies
    note = knowledge.say("too_long", turn.conversation.lang or "en", longest=f"{LONGEST:,}")
    if not first.text:  # a picture
        return replace(turn, replies=(Reply(note), *turn.replies))
    return replace(turn, replies=(replace(first, text=f"{note}\n\n{first.text}"), *rest))
