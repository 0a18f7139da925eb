"""Guards: subjects declared in the content that must not be confused."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import islice

from bot.content.kinds import Guard, GuardSide
from bot.language.amounts import folded
from bot.language.normalize import normalize
from bot.language.stories import background, refers_back
from bot.language.stretches import within_longer
from bot.model import LANGUAGES

GAP = "…"
LATIN = re.compile("[a-z0-9]+")
MOST_TOLD = 20  # names looked at in one text
FEW_WORDS, FEW_CHARACTERS = r" (?:\S+ ){0,3}", ".{0,6}"  # patterns for GAP


@dataclass(frozen=True)
class Refusal:
    """A guard's reason to exclude a topic: the sides in the text with their words, and the topic's sides."""

    guard: str
    said: tuple[tuple[str, str], ...]
    speaks_of: tuple[str, ...]


Heard = tuple[Mapping[str, str], ...]


class Guards:
    """Excludes topics on another side of a guard than the text's."""

    def __init__(self, guards: Iterable[Guard], topics: Collection[str]) -> None:
        every = tuple(guards)
        self.guards = tuple(Compiled(guard, topics) for guard in every)
        self.begun: dict[str, set[int]] = {}  # with what a spelling begins → the guards that have it
        for number, guard in enumerate(every):
            for words in (words for side in guard.sides for words in spellings(side)):
                self.begun.setdefault(beginning(words), set()).add(number)
        told = [side for guard in every for side in guard.sides if side.background]
        names = expression([words for side in told for words in spellings(side)])
        self.told = names and re.compile(names.pattern.replace(r"\ ", r"[\W_]+"))  # in texts with punctuation

    def heard(self, text: str) -> Heard:
        """Return the sides in a text with their words, for each guard."""
        words = normalize(text)
        begins = self.begun.keys() & beginnings(words)
        some: set[int] = set().union(*(self.begun[one] for one in begins))
        return tuple(guard.said(words) if number in some else {} for number, guard in enumerate(self.guards))

    def names_told(self, text: str) -> bool:
        """Return true if a message names what merchants tell of themselves, such as other places where they sell."""
        return self.told is not None and bool(self.told.search(folded(text)))

    def without_background(self, text: str) -> str:
        """Return a text without the names that stand only in what merchants tell of themselves: "I sell on …; how much is …"."""
        if self.told is None:
            return text
        named = {match.start(): match.end() for match in islice(self.told.finditer(folded(text)), MOST_TOLD)}
        kept, end = [], 0
        for start in background(text, named):
            kept.append(text[end:start])
            end = named[start]
        return " ".join((*kept, text[end:])) if kept else text

    def refers_back(self, text: str) -> bool:
        """Return true if a message names a side of which merchants tell, and refers to it later: "how much do they take?"."""
        found = self.told and self.told.search(folded(text))
        return bool(found and refers_back(text[found.end() :]))

    def refusals(self, heard: Heard, topic: str) -> tuple[Refusal, ...]:
        """Return the guards that exclude a topic: it has a side of the guard, but none of the text's sides."""
        if not any(heard):  # as for most texts
            return ()
        each = zip(self.guards, heard, strict=True)
        return tuple(refusal for guard, said in each if said and (refusal := guard.refusal(said, topic)))


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
        """Return the sides in a normalised text with their words; longer spellings hide those within them."""
        found = [
            (match.start(), match.end(), name)
            for name, pattern, _ in self.sides
            if pattern
            for match in pattern.finditer(words)
        ]
        stretches = {(start, end) for start, end, _ in found}
        hidden = within_longer(stretches, stretches)
        return {name: words[start:end] for start, end, name in found if (start, end) not in hidden}


def beginning(spelling: str) -> str:
    """Return the first word of a Latin spelling, or the first two characters of another one: no text without it has the spelling."""
    first = spelling.partition(GAP)[0]
    return first.partition(" ")[0] if is_latin(spelling) else first[:2]


def beginnings(text: str) -> set[str]:
    """Return all with which a spelling may begin that a normalised text has."""
    pairs = (text[start : start + 2] for start in range(len(text) - 1))
    return {"", *text, *pairs, *LATIN.findall(text)}


def members(side: GuardSide, topics: Collection[str]) -> frozenset[str]:
    """Return a side's topics, with patterns such as `deposit-*` expanded."""
    return frozenset(name for pattern in side.topics for name in fnmatch.filter(topics, pattern))


def spellings(side: GuardSide) -> list[str]:
    """Return a side's normalised spellings; `…` in one matches a few words."""
    return [GAP.join(map(normalize, words.split(GAP))) for lang in LANGUAGES for words in side.said[lang]]


def expression(words: list[str]) -> re.Pattern[str] | None:
    """Compile an alternation of the spellings, longest first, Latin ones as whole words.

    The boundaries stand around all Latin ones together, so that most places of a text are looked at once.
    """
    if not words:
        return None
    ordered = sorted(set(words), key=len, reverse=True)
    latin = "|".join(pattern(one, FEW_WORDS) for one in ordered if is_latin(one))
    others = [pattern(one, FEW_CHARACTERS) for one in ordered if not is_latin(one)]
    return re.compile("|".join((*others, *([rf"(?<![a-z0-9])(?:{latin})(?![a-z0-9])"] if latin else ()))))


def is_latin(spelling: str) -> bool:
    return spelling.replace(GAP, "").isascii()


def pattern(spelling: str, gap: str) -> str:
    return gap.join(map(re.escape, spelling.split(GAP)))
