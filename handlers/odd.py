"""Messages without a question in them: nothing, only symbols, far too long, pictures, voice, files, another script."""

from __future__ import annotations

from bot.knowledge.language import other_script
from bot.knowledge.normalize import normalize
from bot.model import Outcome, Reply, Turn
from handlers.asked import Asked

LONGEST = 4000
PHRASES = {
    "picture": "got_picture",
    "voice": "got_voice",
    "file": "got_file",
    "sticker": "got_sticker",
    "other": "got_other",
}


def odd(asked: Asked) -> Turn | None:
    """A short polite reply to what cannot be read; None where there are words."""
    if asked.message.press is not None:
        return None
    if not asked.text and asked.message.kind in PHRASES:
        return reply(asked, PHRASES[asked.message.kind])
    if len(asked.text) > LONGEST:
        return reply(asked, "too_long")
    if not normalize(asked.text):
        visible = any(character.isprintable() and not character.isspace() for character in asked.text)
        return reply(asked, "only_emoji" if visible else "empty")
    if other_script(asked.text):
        return reply(asked, "unknown_language")
    return None


def reply(asked: Asked, phrase: str) -> Turn:
    return asked.turn(Reply(asked.say(phrase)), outcome=Outcome("unknown"), offered=asked.conversation.offered)
