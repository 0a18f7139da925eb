"""Menus: the greeting, the subjects, the languages."""

from __future__ import annotations

from bot.model import LANGUAGES, Button, Language, Reply, Turn
from handlers.ability import Ability
from handlers.request import ANSWERED, Request

WELCOME_CHOICES = 4


def greeting(request: Request, note: str = "") -> Turn:
    """Greet, after the note if given, and offer the most asked topics."""
    names = request.knowledge.most_asked[:WELCOME_CHOICES]
    buttons = tuple(request.topic_button(name) for name in names)
    return request.turn(
        Reply("\n\n".join(part for part in (note, request.say("welcome")) if part), buttons), outcome=ANSWERED
    )


def topics(request: Request, _: str) -> Turn:
    """Offer the subjects."""
    buttons = tuple(Button(area_name(request, name), f"area={name}") for name in request.knowledge.areas)
    return request.turn(Reply(request.say("topics_intro"), buttons), outcome=ANSWERED)


def area(request: Request, name: str) -> Turn | None:
    """Offer a subject's topics."""
    if name not in request.knowledge.areas:
        return None
    buttons = tuple(request.topic_button(topic) for topic in request.knowledge.areas[name])
    reply = Reply(request.say("area_intro", area=area_name(request, name)), buttons)
    return request.turn(reply, outcome=ANSWERED)


def area_name(request: Request, name: str) -> str:
    phrase = f"area_{name}"
    return request.say(phrase) if phrase in request.knowledge.library.phrases else name.replace("-", " ").capitalize()


def language(request: Request, name: str) -> Turn:
    """Set the language given by its code, or offer the languages."""
    if name.lower() in LANGUAGES:
        return set_language(request, name.lower())
    buttons = tuple(Button(request.knowledge.say("language_name", lang), f"lang={lang}") for lang in LANGUAGES)
    return request.turn(Reply(request.say("language_question"), buttons), outcome=ANSWERED)


def set_language(request: Request, name: str) -> Turn:
    lang: Language = "zh" if name == "zh" else "en"
    return request.turn(Reply(request.knowledge.say("language_set", lang)), outcome=ANSWERED, lang=lang)


TOPICS = Ability("topics", topics, presses={"area": area})
LANGUAGE = Ability("language", language, presses={"lang": language})
