"""Explanation of the matcher's decision: candidates, nearest phrasings, guards, and their places in the content."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.content.tree import Node, Step
from bot.knowledge.knowledge import Knowledge
from bot.knowledge.learned import matched
from bot.knowledge.library import Library, phrasings_of
from bot.language.detect import language_of
from bot.language.normalize import loose_key
from bot.model import LANGUAGES, Language
from bot.search.finding import LONGEST_EXACT, Finder, sentences
from bot.search.found import Label, ReadText
from bot.search.guards import Refusal
from bot.search.matching import Explanation, Neighbour, Phrasing


@dataclass(frozen=True)
class Place:
    """A file and line of the content, and the path inside the file."""

    file: str
    line: int
    path: tuple[Step, ...] = ()

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True)
class Known:
    """A phrasing of the content with its label, language and place."""

    label: Label
    lang: Language
    text: str
    place: Place | None


@dataclass(frozen=True)
class Near:
    """A known phrasing and its cosine similarity to the text."""

    known: Known
    cosine: float


@dataclass(frozen=True)
class Held:
    """A candidate refused by a guard."""

    label: Label
    score: float
    refusal: Refusal
    place: Place


@dataclass(frozen=True)
class Look:
    """The explanation of one text: the message or one of its sentences.

    `written`: the phrasing identical to the text; then nothing is ranked and `explanation` is None.
    """

    reading: ReadText
    lang: Language  # of the matcher that read it
    decided: bool
    written: Known | None
    meant: Label | None  # the best label, with the requested missing detail
    explanation: Explanation | None
    words: tuple[Near, ...] = ()
    meaning: tuple[Near, ...] = ()
    held: tuple[Held, ...] = ()


def looks(knowledge: Knowledge, text: str) -> tuple[Look, ...]:
    """Explain the whole message and each of its sentences; those that decided are marked."""
    by = [reading.text for reading in knowledge.finder.find(text).by]
    text = knowledge.finder.gist(text)
    parts = sentences(text)
    known = written_down(knowledge.library)
    texts = dict.fromkeys([text, *(parts if len(parts) > 1 else []), *by])
    return tuple(look(knowledge, part, known, part in by) for part in texts)


def look(knowledge: Knowledge, text: str, known: dict[Phrasing, Known], decided: bool) -> Look:
    finder = knowledge.finder
    reading = finder.rank(text)
    lang = language_of(text, None) or "en"
    meant = finder.settle(reading.best, reading) if reading.best else None
    if reading.written:
        return Look(reading, lang, decided, to_the_letter(text, known), meant, None)
    why = finder.matcher(text).explain(text)
    return Look(
        reading,
        lang,
        decided,
        None,
        meant,
        why,
        near(why.words, known, finder),
        near(why.meaning, known, finder),
        held_back(knowledge, text, why),
    )


def near(neighbours: Sequence[Neighbour], known: dict[Phrasing, Known], finder: Finder) -> tuple[Near, ...]:
    return tuple(Near(known.get(one.phrasing) or unplaced(one.phrasing, finder), one.cosine) for one in neighbours)


def unplaced(phrasing: Phrasing, finder: Finder) -> Known:
    return Known(finder.label(phrasing.label), phrasing.lang, phrasing.text, None)


def held_back(knowledge: Knowledge, text: str, why: Explanation) -> tuple[Held, ...]:
    return tuple(
        Held(label, candidate.score, refusal, place(knowledge.library.places[f"guards/{refusal.guard}"]))
        for candidate in why.ranking.candidates
        for label in [knowledge.finder.label(candidate.label)]
        for refusal in knowledge.finder.refusals(text, label)
    )


def to_the_letter(text: str, known: dict[Phrasing, Known]) -> Known | None:
    """Return the phrasing identical to the text except for spaces, case and punctuation."""
    key = loose_key(text[: LONGEST_EXACT + 1])
    return next((one for one in reversed(known.values()) if loose_key(one.text) == key), None)


def written_down(library: Library) -> dict[Phrasing, Known]:
    """Map each phrasing of the matcher to its label and place."""
    outside = {name for name, topic in library.topics.items() if not topic.known}
    found: dict[Phrasing, Known] = {}
    for name, phrasings, node in phrasings_of(library):
        for lang in LANGUAGES:
            for index, text in enumerate(phrasings[lang]):
                known = Known(Label.named(name, outside), lang, text, place(node.at((lang, index))))
                found[Phrasing(matched(name), lang, text)] = known
    return found


def place(node: Node) -> Place:
    return Place(node.file, node.line, node.path)
