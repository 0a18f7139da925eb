"""Messages longer than what is read: their beginning is answered, and that is said."""

from __future__ import annotations

from dataclasses import replace

from bot.knowledge.knowledge import Knowledge
from bot.model import Message, Reply, Turn

LONGEST = 4000  # characters


def shortened(message: Message) -> Message:
    """The message with as much of its text as is read."""
    text = message.text.strip()
    return replace(message, text=text[:LONGEST]) if len(text) > LONGEST else message


def told(turn: Turn, knowledge: Knowledge) -> Turn:
    """The turn for the beginning of a message, saying that it was only that; where nothing is answered, nothing is said."""
    if not turn.replies:
        return turn
    first, *rest = turn.replies
    note = knowledge.say("too_long", turn.conversation.lang or "en", longest=f"{LONGEST:,}")
    if not first.text:  # a picture
        return replace(turn, replies=(Reply(note), *turn.replies))
    return replace(turn, replies=(replace(first, text=f"{note}\n\n{first.text}"), *rest))
