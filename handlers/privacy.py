"""A merchant's own data: what is kept of him and how long, all of it as a file, and its end."""

from __future__ import annotations

from bot.model import Attachment, Button, Conversation, Outcome, Reply, Turn
from handlers.ability import Ability
from handlers.asked import Asked

ANSWERED = Outcome("answer", score=1.0)


def confirmed(asked: Asked) -> Turn | None:
    """The answer in words to whether everything is to be erased; None where that was not asked."""
    if asked.message.press is None and any(button.says == "forget=yes" for button in asked.conversation.offered):
        for words, sure in (("forget_yes_words", "yes"), ("forget_no_words", "no")):
            if asked.says(words):
                return forgotten(asked, sure)
    return None


def notice(asked: Asked, _: str) -> Turn:
    """What is kept and how long."""
    days = f"{asked.terms.keep_days:g}" if asked.terms.keep_days else ""
    return asked.turn(Reply(asked.say("privacy", days=days, consultant=asked.terms.consultant)), outcome=ANSWERED)


def my_data(asked: Asked, _: str) -> Turn:
    """All that is kept of him, as a file."""
    attachment = Attachment("data", str(asked.message.address))
    return asked.turn(Reply(asked.say("my_data"), attachments=(attachment,)), outcome=ANSWERED)


def forget(asked: Asked, _: str) -> Turn:
    """Ask whether everything is to be erased."""
    buttons = (Button(asked.say("forget_yes"), "forget=yes"), Button(asked.say("forget_no"), "forget=no"))
    return asked.turn(Reply(asked.say("forget"), buttons), outcome=ANSWERED)


def forgotten(asked: Asked, sure: str) -> Turn:
    """What follows of that answer."""
    if sure != "yes":
        return asked.turn(Reply(asked.say("forget_kept")), outcome=ANSWERED)
    return Turn((Reply(asked.say("forgotten"), clears=True),), ANSWERED, Conversation(), erase=True)


PRIVACY = Ability("privacy", notice, words="privacy_words")
MY_DATA = Ability("mydata", my_data, words="my_data_words", listed=False)
FORGET = Ability("forget", forget, words="forget_words", presses={"forget": forgotten}, listed=False)
