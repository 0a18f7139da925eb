"""The merchant's own data: the privacy notice, the export, the erasure."""

from __future__ import annotations

from bot.model import Attachment, Button, Conversation, Reply, Turn
from handlers.ability import Ability
from handlers.request import ANSWERED, Request


def erasure_answer(request: Request) -> Turn | None:
    """Take the merchant's "yes" or "no", in words, to the question whether to erase everything."""
    if request.message.press is None and is_asked(request):
        for words, sure in (("forget_yes_words", "yes"), ("forget_no_words", "no")):
            if request.is_sentence(words):
                return erase(request, sure)
    return None


def is_asked(request: Request) -> bool:
    """Return true if the last thing asked was whether to erase everything."""
    return any(button.says == "forget=yes" for button in request.conversation.offered)


def notice(request: Request, _: str) -> Turn:
    """Show the privacy notice."""
    days, questions = (
        f"{one:g}" if one else "" for one in (request.terms.keep_days, request.terms.keep_questions_days)
    )
    return request.tell("privacy", days=days, consultant=request.terms.consultant, questions=questions)


def my_data(request: Request, _: str) -> Turn:
    """Send the merchant's data as a file."""
    attachment = Attachment("data", str(request.message.address))
    return request.turn(Reply(request.say("my_data"), attachments=(attachment,)), outcome=ANSWERED)


def forget(request: Request, _: str) -> Turn:
    """Ask for confirmation of the erasure."""
    buttons = (Button(request.say("forget_yes"), "forget=yes"), Button(request.say("forget_no"), "forget=no"))
    return request.tell("forget", *buttons)


def erase(request: Request, sure: str) -> Turn:
    """Erase everything if `sure` is "yes", and ask first if it is "ask".

    A button of an earlier question asks again, since a finger may meet it while scrolling, and nothing brings the data back.
    """
    if sure == "ask" or (sure == "yes" and not is_asked(request)):
        return forget(request, "")
    if sure != "yes":
        return request.tell("forget_kept")
    return Turn((Reply(request.say("forgotten"), clears=True),), ANSWERED, Conversation(), erase=True)


PRIVACY = Ability("privacy", notice, words="privacy_words")
MY_DATA = Ability("mydata", my_data, words="my_data_words", presses={"mydata": my_data}, listed=False)
FORGET = Ability("forget", forget, words="forget_words", presses={"forget": erase}, listed=False)
