"""What goes into the matcher and what comes out of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from bot.model import Language

Finding = Literal["answer", "clarify", "unknown"]


@dataclass(frozen=True)
class Phrasing:
    """One way merchants are known to ask for a label. Its text may mix languages."""

    label: str
    lang: Language
    text: str


@dataclass(frozen=True)
class Candidate:
    """A label with the calibrated probability that the question is about it, rounded to 4 digits."""

    label: str
    score: float


@dataclass(frozen=True)
class Ranking:
    """The labels for one question, best first, ties by label; `answer` gives the first, `clarify` offers the first three."""

    candidates: tuple[Candidate, ...]
    verdict: Finding


@dataclass(frozen=True)
class Thresholds:
    """`answer`: from this score of the best label on it is given outright. `clarify`: from this probability on that the
    right label is among the first three, they are offered; below it the question is unknown."""

    answer: float
    clarify: float


@dataclass(frozen=True)
class Neighbour:
    """A known phrasing near a question, with the cosine between the two in one view."""

    phrasing: Phrasing
    cosine: float


@dataclass(frozen=True)
class Evidence:
    """One of the numbers that the score is made of: its value, and what it adds to the log-odds of the best label."""

    name: str
    value: float
    adds: float


@dataclass(frozen=True)
class Explanation:
    """Why a question is ranked as it is."""

    text: str  # normalized
    ranking: Ranking
    thresholds: Thresholds
    second: Candidate | None
    words: tuple[Neighbour, ...]  # nearest by words and letters
    meaning: tuple[Neighbour, ...]  # nearest by meaning; empty without the semantic view
    corrected: tuple[tuple[str, str], ...]  # (as written, as read)
    logits: tuple[tuple[str, float], ...]  # the regression's raw outputs, best first
    among_three: float  # probability that the right label is among the first three
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True)
class Misplaced:
    """A phrasing that goes to another label when it is held out."""

    phrasing: Phrasing
    given: str
    score: float  # the regression's raw output for that other label


@dataclass(frozen=True)
class Confusion:
    """Two labels whose held-out phrasings go to one another: `share` of all phrasings of the two."""

    labels: tuple[str, str]
    share: float


@dataclass(frozen=True)
class CrossValidation:
    """How well the phrasings of a knowledge base tell its labels apart, each phrasing judged by all others."""

    judged: int  # phrasings held out, one at a time; a sample where there are very many
    right: float  # share whose own label came first
    misplaced: tuple[Misplaced, ...]
    confusions: tuple[Confusion, ...]
    thin: tuple[tuple[str, Language, int], ...]  # labels with too few phrasings in a language that others are asked in

    @classmethod
    def of(cls, made: Mapping[str, Any]) -> CrossValidation:
        """What was written as JSON."""
        return cls(
            made["judged"],
            made["right"],
            tuple(Misplaced(Phrasing(**one["phrasing"]), one["given"], one["score"]) for one in made["misplaced"]),
            tuple(Confusion((one["labels"][0], one["labels"][1]), one["share"]) for one in made["confusions"]),
            tuple((label, lang, count) for label, lang, count in made["thin"]),
        )
