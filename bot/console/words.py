"""The console's own words, in both languages."""

from __future__ import annotations

from functools import cache
from string import Template

from bot.lists import listed
from bot.model import Language


@cache
def all_words() -> dict[str, dict[Language, str]]:
    found: dict[str, dict[Language, str]] = listed(__file__, "words.yaml")
    return found


class Words:
    """The words of one language, as a function: `say("until", day="3 May")`."""

    def __init__(self, lang: Language) -> None:
        self.lang = lang

    def __call__(self, name: str, /, **values: object) -> str:
        return Template(all_words()[name][self.lang]).substitute({key: str(one) for key, one in values.items()})

    def has(self, name: str) -> bool:
        return name in all_words()
