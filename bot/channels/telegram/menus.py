"""The bot's command menus and descriptions on Telegram."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from bot.channels.telegram.call import Call
from bot.knowledge.knowledge import Knowledge
from bot.model import LANGUAGES, Language, Terms
from handlers.abilities import ABILITIES, HELP
from handlers.ability import Ability
from handlers.group_settings import ASSISTANT

LONGEST_DESCRIPTION, LONGEST_SHORT, LONGEST_COMMAND = 512, 120, 256  # characters accepted by Telegram


def introduction(knowledge: Knowledge, terms: Terms) -> list[Call]:
    """Return the calls that set the menus of private chats, groups and their administrators, and the descriptions.

    English is the default, for users of all other languages.
    """
    return [call for lang in LANGUAGES for call in (*menus(knowledge, terms, lang), *descriptions(knowledge, lang))]


def menus(knowledge: Knowledge, terms: Terms, lang: Language) -> Iterator[Call]:
    offered = [one for one in ABILITIES if one.shown(knowledge, terms)]
    titled = {one.command: one.title(knowledge, lang) for one in (*offered, ASSISTANT)}
    in_group = [one for one in offered if one.in_group == "said" or one is HELP]
    named = {**titled, HELP.command: knowledge.say("ability_help_in_group", lang)}
    for scope, abilities, titles in (
        (None, offered, titled),
        ("all_group_chats", in_group, named),
        ("all_chat_administrators", [*in_group, ASSISTANT], named),
    ):
        yield Call("setMyCommands", {**commands(abilities, titles), **scope_params(scope), **language_params(lang)})


def commands(abilities: Iterable[Ability], titles: dict[str | None, str]) -> dict[str, Any]:
    return {
        "commands": [
            {"command": one.command, "description": titles[one.command][:LONGEST_COMMAND]} for one in abilities
        ]
    }


def scope_params(scope: str | None) -> dict[str, Any]:
    return {"scope": {"type": scope}} if scope else {}


def language_params(lang: Language) -> dict[str, Any]:
    return {"language_code": lang} if lang != "en" else {}


def descriptions(knowledge: Knowledge, lang: Language) -> Iterator[Call]:
    """Return the calls that set the description of an empty chat, and the short one of the bot's page and shared links."""
    long, short = (knowledge.say(name, lang) for name in ("telegram_description", "telegram_short_description"))
    yield Call("setMyDescription", {"description": long[:LONGEST_DESCRIPTION], **language_params(lang)})
    yield Call("setMyShortDescription", {"short_description": short[:LONGEST_SHORT], **language_params(lang)})
