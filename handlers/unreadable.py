"""Messages without words: empty, symbols, pictures, voice, files; and words in another script."""

from __future__ import annotations

from bot.language.detect import other_script
from bot.language.normalize import normalize
from bot.model import Outcome, OutcomeKind, Reply, Turn
from handlers.request import Request

AT_A_TIME = 100  # characters normalised at once, so that a long message costs no more than its first words
PHRASES = {
    "picture": "got_picture",
    "voice": "got_voice",
    "file": "got_file",
    "sticker": "got_sticker",
    "other": "got_other",
}
MARKS, DOTS = set("?？!！¿‽⁇"), set(".。…·,，、~～-—_")
ASKING_BACK = ("empty", "only_emoji", "only_marks", "only_dots")  # replies that ask for a question


def unreadable(request: Request) -> Turn | None:
    """Reply to a message that cannot be read; None if it can."""
    if request.message.press is not None or asks_why(request):
        return None
    if not request.text and request.message.kind in PHRASES:
        return reply(request, PHRASES[request.message.kind])
    if not any(normalize(request.text[start : start + AT_A_TIME]) for start in range(0, len(request.text), AT_A_TIME)):
        signs = {character for character in request.text if character.isprintable() and not character.isspace()}
        said = "only_marks" if signs <= MARKS else "only_dots" if signs <= DOTS else "only_emoji"
        return reply(request, said if signs else "empty")
    if other_script(request.text):
        return reply(request, "unknown_language")
    return None


def reply(request: Request, phrase: str) -> Turn:
    verdict: OutcomeKind = "clarify" if phrase in ASKING_BACK else "unknown"
    return request.turn(Reply(request.say(phrase)), outcome=Outcome(verdict), offered=request.conversation.offered)


def asks_why(request: Request) -> bool:
    """Return true for a message of question marks in a check, which asks why the question is put."""
    check = request.conversation.check
    going_on = check is not None and not check.parked and check.result is None
    return going_on and bool(request.text) and set(request.text) <= set("?？")
