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
        ("privacy", "What I keep about you"),
        ("help", "How to use this assistant"),
    ),
    "zh": (
        ("start", "开始"),
        ("topics", "我能回答的全部内容"),
        ("check", "自查您的情况"),
        ("language", "选择语言"),
        ("privacy", "我保存您的哪些信息"),
        ("help", "使用说明"),
    ),
}


def introduction() -> list[Call]:
    """The menu of commands in both languages; English is what everybody else sees."""
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
