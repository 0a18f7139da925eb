"""Things that must never be confused, as the content declares them: is an answer about the other side?"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from bot.content.kinds import Guard, GuardSide
from bot.language.normalize import normalize
from bot.language.stretches import within_longer
from bot.model import LANGUAGES

GAP = "…"
FEW_WORDS, FEW_CHARACTERS = r" (?:\S+ ){0,3}", ".{0,6}"  # what it stands for


@dataclass(frozen=True)
class Refusal:
    """Why a guard holds a topic back: what the text names (side, words), and the sides that the topic speaks of."""

    guard: str
    said: tuple[tuple[str, str], ...]
    speaks_of: tuple[str, ...]


Heard = tuple[Mapping[str, str], ...]


class Guards:
    """Tells whether a text speaks of one side of a guard, and an answer of another."""

    def __init__(self, guards: Iterable[Guard], topics: Collection[str]) -> None:
        self.guards = tuple(Compiled(guard, topics) for guard in guards)

    def heard(self, text: str) -> Heard:
        """The sides that a text names, for each guard with the words that name them; to be held against many topics."""
        words = normalize(text)
        return tuple(guard.said(words) for guard in self.guards)

    def refusals(self, heard: Heard, topic: str) -> tuple[Refusal, ...]:
        """Every guard of which a text names only sides that the topic does not belong to, while it belongs to another."""
        each = zip(self.guards, heard, strict=True)
        return tuple(refusal for guard, said in each if (refusal := guard.refusal(said, topic)))


class Compiled:
    def __init__(self, guard: Guard, topics: Collection[str]) -> None:
        self.id = guard.id
        self.sides = [(side.id, expression(spellings(side)), members(side, topics)) for side in guard.sides]
        self.topics = frozenset().union(*(topics for _, _, topics in self.sides))

    def refusal(self, said: Mapping[str, str], topic: str) -> Refusal | None:
        if (
            topic not in self.topics
            or not said
            or any(topic in topics for name, _, topics in self.sides if name in said)
        ):
            return None
        return Refusal(
            self.id, tuple(sorted(said.items())), tuple(name for name, _, topics in self.sides if topic in topics)
        )

    def said(self, words: str) -> dict[str, str]:
        """The sides that a normalized text names, each with its words; a longer spelling hides a shorter one in it."""
        found = [
            (match.start(), match.end(), name)
            for name, pattern, _ in self.sides
            if pattern
            for match in pattern.finditer(words)
        ]
        stretches = {(start, end) for start, end, _ in found}
        hidden = within_longer(stretches, stretches)
        return {name: words[start:end] for start, end, name in found if (start, end) not in hidden}


def members(side: GuardSide, topics: Collection[str]) -> frozenset[str]:
    """The topics of a side; a pattern such as `deposit-*` stands for all that it fits."""
    return frozenset(name for pattern in side.topics for name in fnmatch.filter(topics, pattern))


def spellings(side: GuardSide) -> list[str]:
    """The spellings as they stand in normalized texts; `…` in one stands for a few words in between."""
    return [GAP.join(map(normalize, words.split(GAP))) for lang in LANGUAGES for words in side.said[lang]]


def expression(words: list[str]) -> re.Pattern[str] | None:
    """Any of the spellings, longest first; Latin ones as whole words."""
    if not words:
        return None
    return re.compile("|".join(map(pattern, sorted(set(words), key=len, reverse=True))))


def pattern(spelling: str) -> str:
    latin = spelling.replace(GAP, "").isascii()
    words = (FEW_WORDS if latin else FEW_CHARACTERS).join(map(re.escape, spelling.split(GAP)))
    return rf"(?<![a-z0-9]){words}(?![a-z0-9])" if latin else words
