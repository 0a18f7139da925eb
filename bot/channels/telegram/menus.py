"""What Telegram shows of the bot before anybody writes to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.channels.telegram.call import Call
from bot.model import Language

COMMANDS: Mapping[Language, Sequence[tuple[str, str]]] = {
    "en": (
        ("start", "Begin"),
        ("topics", "Everything I can answer"),
        ("check", "Check your own case"),
        ("language", "English or Chinese"),
        ("consultant", "Talk to a consultant"),
        ("subscribe", "What we share from time to time"),
        ("privacy", "What I keep about you"),
        ("help", "How to use this assistant"),
    ),
    "zh": (
        ("start", "开始"),
        ("topics", "我能回答的全部内容"),
        ("check", "自查您的情况"),
        ("language", "选择语言"),
        ("consultant", "咨询顾问"),
        ("subscribe", "订阅我们不定期分享的内容"),
        ("privacy", "我保存您的哪些信息"),
        ("help", "使用说明"),
    ),
}


# What stands in an empty chat (at most 512 characters), and on the bot's page and in what is shared of it (120).
DESCRIPTIONS: Mapping[Language, tuple[str, str]] = {
    "en": (
        "I answer questions about opening and running an AliExpress store, each answer with its source and date, and check "
        "your own case question by question. Ask in English or Chinese.",
        "Dated, sourced answers about opening and running an AliExpress store, in English and Chinese.",
    ),
    "zh": (
        "我回答速卖通开店和经营方面的问题，每个回答都注明来源和日期，还能一步步帮您自查。中文、英文都可以问。",
        "回答速卖通开店和经营问题，注明来源和日期，支持中文和英文。",
    ),
}


def introduction() -> list[Call]:
    """The menu of commands and the descriptions in both languages; English is what everybody else sees."""
    return [*menus(), *descriptions()]


def descriptions() -> list[Call]:
    made = []
    for lang, (long, short) in DESCRIPTIONS.items():
        code = {"language_code": lang} if lang != "en" else {}
        made.append(Call("setMyDescription", {"description": long, **code}))
        made.append(Call("setMyShortDescription", {"short_description": short, **code}))
    return made


def menus() -> list[Call]:
    return [
        Call(
            "setMyCommands",
            {
                "commands": [{"command": name, "description": words} for name, words in commands],
                **({"language_code": code} if code else {}),
            },
        )
        for code, commands in ((None, COMMANDS["en"]), ("zh", COMMANDS["zh"]))
    ]
