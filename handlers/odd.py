"""Messages without words: empty, symbols, pictures, voice, files; and words in another script."""

from __future__ import annotations

from bot.language.detect import other_script
from bot.language.normalize import normalize
from bot.model import Outcome, OutcomeKind, Reply, Turn
from handlers.asked import Asked

AT_A_TIME = 100  # characters normalised at once, so that a long message costs no more than its first words
PHRASES = {
    "picture": "got_picture",
    "voice": "got_voice",
    "file": "got_file",
    "sticker": "got_sticker",
    "other": "got_other",
}
ASKING_BACK = ("empty", "only_emoji")  # replies that ask for a question


def odd(asked: Asked) -> Turn | None:
    """Reply to a message that cannot be read; None if it can."""
    if asked.message.press is not None or puzzled(asked):
        return None
    if not asked.text and asked.message.kind in PHRASES:
        return reply(asked, PHRASES[asked.message.kind])
    if not any(normalize(asked.text[start : start + AT_A_TIME]) for start in range(0, len(asked.text), AT_A_TIME)):
        visible = any(character.isprintable() and not character.isspace() for character in asked.text)
        return reply(asked, "only_emoji" if visible else "empty")
    if other_script(asked.text):
        return reply(asked, "unknown_language")
    return None


def reply(asked: Asked, phrase: str) -> Turn:
    verdict: OutcomeKind = "clarify" if phrase in ASKING_BACK else "unknown"
    return asked.turn(Reply(asked.say(phrase)), outcome=Outcome(verdict), offered=asked.conversation.offered)


def puzzled(asked: Asked) -> bool:
    """Return true for a message of question marks in a check, which asks why the question is put."""
    check = asked.conversation.check
    going_on = check is not None and not check.parked and check.result is None
    return going_on and bool(asked.text) and set(asked.text) <= set("?？")
