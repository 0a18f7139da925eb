"""Small talk that is no words: emoji, numbers ("886"), and syllables said again and again ("hahahaha")."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from bot.content.kinds import SmallTalk
from bot.language.normalize import loose_key

LONGEST = 60  # characters of a message
AGAIN = re.compile(r"((.).{0,2}?)\1+(?:\2(?!.))?")  # with the beginning of one more: "heheh"
OFTEN = re.compile(r"(.{1,3}?)\1{2,}")
MODIFIERS = re.compile("[\ufe0e\ufe0f\u200d\U0001f3fb-\U0001f3ff]")  # of colour and shape


@dataclass(frozen=True)
class Courtesies:
    """Small talk by its emoji, by its numbers, and by its phrasings with each repetition said once."""

    emoji: dict[str, str]
    numbers: dict[str, str]
    said: dict[str, str]

    @classmethod
    def of(cls, talks: Iterable[SmallTalk]) -> Courtesies:
        listed = tuple(talks)
        said = {loose_key(text): talk.id for talk in listed for text in (*talk.phrasings.en, *talk.phrasings.zh)}
        return cls(
            {sign: talk.id for talk in listed for sign in MODIFIERS.sub("", talk.emoji or "") if not sign.isspace()},
            {key: name for key, name in said.items() if key.isdecimal()},
            {once(key): name for key, name in said.items()},
        )

    def shown_in(self, text: str) -> str | None:
        """Return the id of the small talk that a message of emoji is, or None."""
        if text.isascii() or len(text) > LONGEST or loose_key(text):
            return None
        return next((self.emoji[sign] for sign in MODIFIERS.sub("", text) if sign in self.emoji), None)

    def said_in(self, text: str) -> str | None:
        """Return the id of the small talk that a message of numbers or of repeated syllables is, or None."""
        key = loose_key(text) if len(text) <= LONGEST else ""
        return self.numbers.get(key) or (self.said.get(once(key)) if OFTEN.search(key) else None)


def once(key: str) -> str:
    """Return a text with each repetition said once: "hahaha" as "ha"."""
    return AGAIN.sub(r"\1", key)
