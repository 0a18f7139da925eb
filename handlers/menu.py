"""Commands: /start, /help, /topics, /check, /language, and those about a merchant's own data."""

from __future__ import annotations

from dataclasses import replace

from bot.model import LANGUAGES, Button, Language, Outcome, Reply, Turn
from handlers.asked import Asked
from handlers.handoff import consultant, end
from handlers.privacy import forget, my_data, notice
from handlers.subscription import offer, unsubscribe

ANSWERED = Outcome("answer", score=1.0)
WELCOME_CHOICES = 4


def command(asked: Asked) -> Turn | None:
    """Carry out a command; None where the message is none."""
    if not asked.text.startswith("/"):
        return None
    name, _, rest = asked.text[1:].partition(" ")
    name = name.partition("@")[0].lower()
    if name == "start":
        asked = replace(asked, conversation=asked.conversation.anew())
    if name == "start" and rest.strip():
        from handlers.link import follow

        return follow(asked, rest.strip())
    if name == "language" and rest.strip().lower() in LANGUAGES:
        return set_language(asked, rest.strip().lower())
    if name == "check":
        from handlers.check import list_checks

        return list_checks(asked, rest.strip().lower())
    if name == "consultant":
        return consultant(asked, rest.strip())
    if name in ("subscribe", "unsubscribe"):
        return offer(asked, rest) if name == "subscribe" else unsubscribe(asked, rest)
    carry_out = COMMANDS.get(name)
    if carry_out is None:
        return asked.turn(Reply(asked.say("unknown_command")), outcome=ANSWERED)
    return carry_out(asked)


def is_command(name: str) -> bool:
    """Whether it is one of the assistant's commands."""
    return name in COMMANDS or name in ("check", "consultant", "subscribe", "unsubscribe")


def welcome(asked: Asked, note: str = "") -> Turn:
    """A greeting with what is asked most, after a note if there is one."""
    names = asked.knowledge.most_asked[:WELCOME_CHOICES]
    buttons = tuple(asked.topic_button(name) for name in names)
    return asked.turn(
        Reply("\n\n".join(part for part in (note, asked.say("welcome")) if part), buttons), outcome=ANSWERED
    )


def show_help(asked: Asked) -> Turn:
    return asked.turn(Reply(asked.say("help", consultant=bool(asked.consultant_buttons()))), outcome=ANSWERED)


def topics(asked: Asked) -> Turn:
    """The subjects, a button each."""
    buttons = tuple(Button(area_name(asked, name), f"area={name}") for name in asked.knowledge.areas)
    return asked.turn(Reply(asked.say("topics_intro"), buttons), outcome=ANSWERED)


def area(asked: Asked, name: str) -> Turn:
    """The topics of a subject, a button each."""
    buttons = tuple(asked.topic_button(topic) for topic in asked.knowledge.areas[name])
    reply = Reply(asked.say("area_intro", area=area_name(asked, name)), buttons)
    return asked.turn(reply, outcome=ANSWERED)


def area_name(asked: Asked, name: str) -> str:
    phrase = f"area_{name}"
    return asked.say(phrase) if phrase in asked.knowledge.library.phrases else name.replace("-", " ").capitalize()


def language(asked: Asked) -> Turn:
    """The languages to choose from, each named in itself."""
    buttons = tuple(Button(asked.knowledge.say("language_name", lang), f"lang={lang}") for lang in LANGUAGES)
    return asked.turn(Reply(asked.say("language_question"), buttons), outcome=ANSWERED)


def set_language(asked: Asked, name: str) -> Turn:
    lang: Language = "zh" if name == "zh" else "en"
    return asked.turn(Reply(asked.knowledge.say("language_set", lang)), outcome=ANSWERED, lang=lang)


def elsewhere(asked: Asked) -> Turn:
    """/assistant outside of a group."""
    return asked.turn(Reply(asked.say("group_elsewhere")), outcome=ANSWERED)


COMMANDS = {
    "start": welcome,
    "help": show_help,
    "topics": topics,
    "language": language,
    "privacy": notice,
    "mydata": my_data,
    "forget": forget,
    "end": end,
    "assistant": elsewhere,
}
