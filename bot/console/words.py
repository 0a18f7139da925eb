"""The console's own words, in both languages."""

from __future__ import annotations

import re
from functools import cache

from bot.lists import listed
from bot.model import Language


@cache
def all_words() -> dict[str, dict[Language, str]]:
    found: dict[str, dict[Language, str]] = listed(__file__, "words.yaml")
    return found


FILLED = re.compile(r"\$\{(?P<name>\w+)(?:\|(?P<one>[^|}]*)\|(?P<more>[^|}]*))?\}")


def filled(value: object, one: str | None, more: str | None) -> str:
    text = f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
    return text if one is None else f"{text} {one if value == 1 else more}"


class Words:
    """The words of one language, as a function: `say("until", day="3 May")`.

    `${count|question|questions}` in them is the number with its noun, "1 question" or "2,000 questions".
    """

    def __init__(self, lang: Language) -> None:
        self.lang = lang

    def __call__(self, name: str, /, **values: object) -> str:
        return FILLED.sub(
            lambda found: filled(values[found["name"]], found["one"], found["more"]), all_words()[name][self.lang]
        )

    def has(self, name: str) -> bool:
        return name in all_words()
