"""A merchant's own data: what is kept of him and how long, all of it as a file, and its end."""

from __future__ import annotations

from bot.model import Attachment, Button, Conversation, Outcome, Reply, Turn
from handlers.asked import Asked

ANSWERED = Outcome("answer", score=1.0)


def privacy(asked: Asked) -> Turn | None:
    """The same as by command, asked for in words; None where nothing of it is asked for."""
    if asked.message.press is not None:
        return None
    if any(button.says == "forget=yes" for button in asked.conversation.offered):
        for words, sure in (("forget_yes_words", True), ("forget_no_words", False)):
            if asked.says(words):
                return forgotten(asked, sure=sure)
    if asked.says("privacy_words"):
        return notice(asked)
    if asked.says("my_data_words"):
        return my_data(asked)
    return forget(asked) if asked.says("forget_words") else None


def notice(asked: Asked) -> Turn:
    """What is kept and how long."""
    days = f"{asked.terms.keep_days:g}" if asked.terms.keep_days else ""
    return asked.turn(Reply(asked.say("privacy", days=days, consultant=asked.terms.consultant)), outcome=ANSWERED)


def my_data(asked: Asked) -> Turn:
    """All that is kept of him, as a file."""
    attachment = Attachment("data", str(asked.message.address))
    return asked.turn(Reply(asked.say("my_data"), attachments=(attachment,)), outcome=ANSWERED)


def forget(asked: Asked) -> Turn:
    """Ask whether everything is to be erased."""
    buttons = (Button(asked.say("forget_yes"), "forget=yes"), Button(asked.say("forget_no"), "forget=no"))
    return asked.turn(Reply(asked.say("forget"), buttons), outcome=ANSWERED)


def forgotten(asked: Asked, *, sure: bool) -> Turn:
    """The answer to that question."""
    if not sure:
        return asked.turn(Reply(asked.say("forget_kept")), outcome=ANSWERED)
    return Turn((Reply(asked.say("forgotten"), clears=True),), ANSWERED, Conversation(), erase=True)
