"""Messages for editors in both languages: a code of the catalogue `mistakes.yaml` and its values."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Template

from bot.lists import listed
from bot.model import Language

CATALOGUE = Path(__file__).with_name("mistakes.yaml")


@dataclass(frozen=True)
class Notice:
    """A message: its code, which programs may rely on, and its values."""

    code: str
    given: tuple[tuple[str, object], ...] = ()

    def words(self, lang: Language) -> str:
        return catalogue()[self.code][lang].substitute({name: in_words(value, lang) for name, value in self.given})

    def __str__(self) -> str:
        return self.words("en")

    def __lt__(self, other: object) -> bool:
        return str(self) < str(other)


@dataclass(frozen=True)
class Several:
    """Values and the code of their separator."""

    values: tuple[object, ...]
    between: str = "comma"


def said(code: str, **given: object) -> Notice:
    """Make a message from its code and values; the items of a tuple are joined with commas."""
    return Notice(code, tuple(given.items()))


def in_words(value: object, lang: Language) -> str:
    if isinstance(value, Notice):
        return value.words(lang)
    if isinstance(value, tuple):
        value = Several(value)
    if isinstance(value, Several):
        return catalogue()[value.between][lang].template.join(in_words(one, lang) for one in value.values)
    return str(value)


@cache
def catalogue() -> Mapping[str, Mapping[Language, Template]]:
    read = listed(__file__, "mistakes.yaml")
    return {code: {lang: Template(words) for lang, words in one.items()} for code, one in read.items()}


def language_of_system(environment: Mapping[str, str] | None = None) -> Language:
    """Return the language of the locale: the first of LC_ALL, LC_MESSAGES and LANG that is set decides."""
    given = os.environ if environment is None else environment
    names = ("LC_ALL", "LC_MESSAGES", "LANG")
    return "zh" if next(filter(None, map(given.get, names)), "").lower().startswith("zh") else "en"


class Wrong(ValueError):
    """An invalid value; the message says what would be valid."""

    def __init__(self, message: Notice) -> None:
        super().__init__(message)
        self.said = message
