"""The matcher's input and output types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from bot.model import Language

Finding = Literal["answer", "likely", "clarify", "unknown"]


@dataclass(frozen=True)
class Phrasing:
    """One example question for a label, or for a part of it. Its text may mix languages."""

    label: str
    lang: Language
    text: str
    part: str = field(default="", compare=False)


@dataclass(frozen=True)
class Candidate:
    """A label with its calibrated probability, rounded to 4 digits."""

    label: str
    score: float


@dataclass(frozen=True)
class Ranking:
    """The labels for one question, best first, ties by label. `answer` is sure of the first, `likely` takes it with a
    caution, `clarify` offers the first three."""

    candidates: tuple[Candidate, ...]
    verdict: Finding


@dataclass(frozen=True)
class Thresholds:
    """The lowest scores of the best label to answer surely (`answer`) or likely (`likely`). `clarify`: the lowest
    probability that the right label is among the first three to offer them; below it the question is unknown."""

    answer: float
    likely: float
    clarify: float


@dataclass(frozen=True)
class Neighbour:
    """A phrasing near a question, with their cosine in one view."""

    phrasing: Phrasing
    cosine: float


@dataclass(frozen=True)
class Evidence:
    """One signal: its value, and its contribution to the best label's log-odds."""

    name: str
    value: float
    adds: float


@dataclass(frozen=True)
class Explanation:
    """The evidence for a question's ranking."""

    text: str  # normalized
    ranking: Ranking
    thresholds: Thresholds
    words: tuple[Neighbour, ...]  # nearest by words and letters
    meaning: tuple[Neighbour, ...]  # nearest by meaning; empty without the semantic view
    corrected: tuple[tuple[str, str], ...]  # (as written, as read)
    logits: tuple[tuple[str, float], ...]  # raw outputs, best first
    among_three: float  # probability that the right label is among the first three
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True)
class Misplaced:
    """A phrasing classified as another label when held out."""

    phrasing: Phrasing
    given: str
    score: float  # the raw output for `given`


@dataclass(frozen=True)
class Confusion:
    """Two labels confused with each other: `share` is that of their held-out phrasings."""

    labels: tuple[str, str]
    share: float


@dataclass(frozen=True)
class CrossValidation:
    """The result of a leave-one-out cross-validation of a knowledge base's phrasings."""

    judged: int  # phrasings held out, possibly a sample
    right: float  # share classified correctly
    misplaced: tuple[Misplaced, ...]
    confusions: tuple[Confusion, ...]
    thin: tuple[tuple[str, Language, int], ...]  # (label, language, count) with too few phrasings

    @classmethod
    def of(cls, made: Mapping[str, Any]) -> CrossValidation:
        """Restore a cross-validation from JSON."""
        return cls(
            made["judged"],
            made["right"],
            tuple(Misplaced(Phrasing(**one["phrasing"]), one["given"], one["score"]) for one in made["misplaced"]),
            tuple(Confusion((one["labels"][0], one["labels"][1]), one["share"]) for one in made["confusions"]),
            tuple((label, lang, count) for label, lang, count in made["thin"]),
        )
