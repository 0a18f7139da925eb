"""The merchant's own data: the privacy notice, the export, the erasure."""

from __future__ import annotations

from bot.model import Attachment, Button, Conversation, Reply, Turn
from handlers.ability import Ability
from handlers.asked import ANSWERED, Asked


def confirmed(asked: Asked) -> Turn | None:
    """Take the merchant's "yes" or "no", in words, to the question whether to erase everything."""
    if asked.message.press is None and any(button.says == "forget=yes" for button in asked.conversation.offered):
        for words, sure in (("forget_yes_words", "yes"), ("forget_no_words", "no")):
            if asked.says(words):
                return forgotten(asked, sure)
    return None


def notice(asked: Asked, _: str) -> Turn:
    """Show the privacy notice."""
    days = f"{asked.terms.keep_days:g}" if asked.terms.keep_days else ""
    return asked.turn(Reply(asked.say("privacy", days=days, consultant=asked.terms.consultant)), outcome=ANSWERED)


def my_data(asked: Asked, _: str) -> Turn:
    """Send the merchant's data as a file."""
    attachment = Attachment("data", str(asked.message.address))
    return asked.turn(Reply(asked.say("my_data"), attachments=(attachment,)), outcome=ANSWERED)


def forget(asked: Asked, _: str) -> Turn:
    """Ask for confirmation of the erasure."""
    buttons = (Button(asked.say("forget_yes"), "forget=yes"), Button(asked.say("forget_no"), "forget=no"))
    return asked.turn(Reply(asked.say("forget"), buttons), outcome=ANSWERED)


def forgotten(asked: Asked, sure: str) -> Turn:
    """Erase everything if `sure` is "yes"."""
    if sure != "yes":
        return asked.turn(Reply(asked.say("forget_kept")), outcome=ANSWERED)
    return Turn((Reply(asked.say("forgotten"), clears=True),), ANSWERED, Conversation(), erase=True)


PRIVACY = Ability("privacy", notice, words="privacy_words")
MY_DATA = Ability("mydata", my_data, words="my_data_words", listed=False)
FORGET = Ability("forget", forget, words="forget_words", presses={"forget": forgotten}, listed=False)
