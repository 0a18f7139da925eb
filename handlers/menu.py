"""Menus: the greeting, the subjects, the languages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot.language.detect import language_of
from bot.model import LANGUAGES, Button, Language, Reply, Turn
from handlers.ability import Ability
from handlers.by_topic import MORE, more_button
from handlers.check.run import Run
from handlers.check.voice import Voice
from handlers.choices import NONE
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

    Messages are answered in their own language, except after a wish in the other one. What was offered before stands, with
    labels in the new language.
    """
    if name.lower() in LANGUAGES:
        lang: Language = "zh" if name.lower() == "zh" else "en"
        said = language_of(request.text, None) if request.message.press is None and request.command is None else None
        wished = lang if said not in (None, lang) else None
        text = request.knowledge.say("language_set", lang)
        offered = request.conversation.offered
        kept = () if any(button.says.startswith("lang=") for button in offered) else offered
        inside = replace(request, conversation=request.conversation.with_(lang=lang))
        unclear = request.conversation.unclear
        return request.turn(
            Reply(text, relabelled(inside, kept)), outcome=ANSWERED, lang=lang, wished=wished, unclear=unclear
        )
    buttons = (Button(request.knowledge.say("language_name", one), f"lang={one}") for one in LANGUAGES)
    return request.tell("language_question", *buttons)


def relabelled(request: Request, buttons: Sequence[Button]) -> tuple[Button, ...]:
    """Return the buttons with labels in the request's language; those that cannot be made anew keep theirs."""
    labels = {button.says: button.label for one in buttons for button in made_anew(request, one)}
    labels |= {button.says: button.label for button in of_check(request)}
    return tuple(replace(button, label=labels.get(button.says, button.label)) for button in buttons)


def made_anew(request: Request, button: Button) -> Iterator[Button]:
    """Yield the buttons that may have a button's statement, outside of a check."""
    kind, _, name = button.says.partition("=")
    library = request.knowledge.library
    if kind == "topic" and name in library.topics:
        yield request.topic_button(name)
    elif kind == "check" and name in library.checks:
        yield request.check_button(name)
    elif kind == "area" and name in request.knowledge.areas:
        yield Button(area_name(request, name), button.says)
    elif kind == MORE:
        yield from more_button(request, (f"{name}/",))
    elif kind == NONE:
        yield Button(request.say("none_of_these"), NONE)
    else:
        yield from request.consultant_buttons()


def of_check(request: Request) -> Iterator[Button]:
    """Yield the buttons of the conversation's check: its question or result, and its summary."""
    state = request.conversation.check
    if state is None or state.check not in request.knowledge.library.checks:
        return
    voice = Voice(request, Run.of(state, request.knowledge.logic(state.check)))
    turns = [voice.next(), voice.review(), *([voice.unmoved()] if voice.run.ended else [])]
    yield from (button for turn in turns for reply in turn.replies for button in reply.buttons)


TOPICS = Ability("topics", topics, presses={"area": area})
LANGUAGE = Ability("language", language, presses={"lang": language})
ENGLISH = Ability(None, lambda request, _: language(request, "en"), words="english_words")
CHINESE = Ability(None, lambda request, _: language(request, "zh"), words="chinese_words")
