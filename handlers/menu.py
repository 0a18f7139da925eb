"""Menus: the greeting, the subjects, the languages."""

from __future__ import annotations

from dataclasses import replace

from bot.language.detect import language_of
from bot.model import LANGUAGES, Button, Language, Reply, Turn
from handlers.ability import Ability
from handlers.request import ANSWERED, Request

WELCOME_CHOICES = 4


def greeting(request: Request, note: str = "") -> Turn:
    """Greet, after the note if given, and offer the most asked topics.

    They have no numbers where numbers are reply keywords, as in a welcome that says "reply 1 for the course".
    """
    taken = any(request.knowledge.keywords.exact(str(number + 1)) for number in range(WELCOME_CHOICES))
    named = map(request.topic_button, request.knowledge.most_asked[:WELCOME_CHOICES])
    buttons = tuple(replace(button, numbered=not taken) for button in named)
    text = "\n\n".join(filter(None, (note, request.say("welcome"))))
    return request.turn(Reply(text, buttons), outcome=ANSWERED)


def topics(request: Request, _: str) -> Turn:
    """Offer the subjects."""
    buttons = (Button(area_name(request, name), f"area={name}") for name in request.knowledge.areas)
    return request.tell("topics_intro", *buttons)


def area(request: Request, name: str) -> Turn | None:
    """Offer a subject's topics."""
    if name not in request.knowledge.areas:
        return None
    buttons = map(request.topic_button, request.knowledge.areas[name])
    return request.tell("area_intro", *buttons, area=area_name(request, name))


def area_name(request: Request, name: str) -> str:
    phrase = f"area_{name}"
    return request.say(phrase) if phrase in request.knowledge.library.phrases else name.replace("-", " ").capitalize()


def language(request: Request, name: str) -> Turn:
    """Set the language given by its code, or offer the languages.

    Messages are answered in their own language, except after a wish in the other one.
    """
    if name.lower() in LANGUAGES:
        lang: Language = "zh" if name.lower() == "zh" else "en"
        said = language_of(request.text, None) if request.message.press is None and request.command is None else None
        wished = lang if said not in (None, lang) else None
        text = request.knowledge.say("language_set", lang)
        return request.turn(Reply(text), outcome=ANSWERED, lang=lang, wished=wished)
    buttons = (Button(request.knowledge.say("language_name", one), f"lang={one}") for one in LANGUAGES)
    return request.tell("language_question", *buttons)


TOPICS = Ability("topics", topics, presses={"area": area})
LANGUAGE = Ability("language", language, presses={"lang": language})
ENGLISH = Ability(None, lambda request, _: language(request, "en"), words="english_words")
CHINESE = Ability(None, lambda request, _: language(request, "zh"), words="chinese_words")
