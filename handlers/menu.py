"""Menus: the greeting, the subjects, the languages."""

from __future__ import annotations

from bot.model import LANGUAGES, Button, Language, Reply, Turn
from handlers.ability import Ability
from handlers.asked import ANSWERED, Asked

WELCOME_CHOICES = 4


def greeting(asked: Asked, note: str = "") -> Turn:
    """Greet, after the note if given, and offer the most asked topics."""
    names = asked.knowledge.most_asked[:WELCOME_CHOICES]
    buttons = tuple(asked.topic_button(name) for name in names)
    return asked.turn(
        Reply("\n\n".join(part for part in (note, asked.say("welcome")) if part), buttons), outcome=ANSWERED
    )


def topics(asked: Asked, _: str) -> Turn:
    """Offer the subjects."""
    buttons = tuple(Button(area_name(asked, name), f"area={name}") for name in asked.knowledge.areas)
    return asked.turn(Reply(asked.say("topics_intro"), buttons), outcome=ANSWERED)


def area(asked: Asked, name: str) -> Turn | None:
    """Offer a subject's topics."""
    if name not in asked.knowledge.areas:
        return None
    buttons = tuple(asked.topic_button(topic) for topic in asked.knowledge.areas[name])
    reply = Reply(asked.say("area_intro", area=area_name(asked, name)), buttons)
    return asked.turn(reply, outcome=ANSWERED)


def area_name(asked: Asked, name: str) -> str:
    phrase = f"area_{name}"
    return asked.say(phrase) if phrase in asked.knowledge.library.phrases else name.replace("-", " ").capitalize()


def language(asked: Asked, name: str) -> Turn:
    """Set the language given by its code, or offer the languages."""
    if name.lower() in LANGUAGES:
        return set_language(asked, name.lower())
    buttons = tuple(Button(asked.knowledge.say("language_name", lang), f"lang={lang}") for lang in LANGUAGES)
    return asked.turn(Reply(asked.say("language_question"), buttons), outcome=ANSWERED)


def set_language(asked: Asked, name: str) -> Turn:
    lang: Language = "zh" if name == "zh" else "en"
    return asked.turn(Reply(asked.knowledge.say("language_set", lang)), outcome=ANSWERED, lang=lang)


TOPICS = Ability("topics", topics, presses={"area": area})
LANGUAGE = Ability("language", language, presses={"lang": language})
