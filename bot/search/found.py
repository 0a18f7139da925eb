"""What a message was found to mean."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from bot.model import Candidate
from bot.search.matching import Finding

LabelKind = Literal["topic", "unknown", "talk", "check"]


@dataclass(frozen=True)
class Label:
    """A possible meaning: a topic, possibly one of its parts, a known unknown, small talk, or a check."""

    kind: LabelKind
    name: str
    detail: str | None = None

    @classmethod
    def named(cls, name: str, outside: Collection[str]) -> Label:
        """Parse the matcher's name of a label; topics in `outside` have no answer."""
        kind, _, rest = name.partition(":")
        if kind == "part":
            topic, _, detail = rest.rpartition("/")
            return cls("unknown", topic) if topic in outside else cls("topic", topic, detail)
        if kind == "topic" and rest in outside:
            return cls("unknown", rest)
        return cls(kind, rest)  # type: ignore[arg-type]

    def __str__(self) -> str:
        """Format the label for editors."""
        what = {"topic": "", "unknown": "known unknown ", "talk": "small talk ", "check": "check "}[self.kind]
        return f"{what}{self.name}" + (f", part {self.detail}" if self.detail else "")

    @property
    def topic(self) -> str | None:
        return self.name if self.kind == "topic" else None


@dataclass(frozen=True)
class Found:
    """A message's meaning: answers in order, or choices to offer, or neither.

    `tentative`: the answer is likely, not sure; then `choices` are others that may be meant.
    """

    answers: tuple[Label, ...] = ()
    choices: tuple[Label, ...] = ()
    score: float = 0.0
    candidates: tuple[Candidate, ...] = ()
    by: tuple[ReadText, ...] = ()  # the deciding readings
    tentative: bool = False
    likely: tuple[str, ...] = ()  # the topics among several answers that are likely, not sure
    follows: bool = False  # it asks one thing more of what was just spoken of
    beside: tuple[tuple[str, str], ...] = ()  # sides (kind, value) that it asks for and of which the topic says nothing


@dataclass(frozen=True)
class ReadText:
    """The reading of one text: the matcher's verdict, and the labels with their scores, best first."""

    text: str
    verdict: Finding
    ranked: tuple[tuple[Label, float], ...]
    written: bool = False  # the content contains the text verbatim
    refused: bool = False  # a guard excludes its best label
    titled: bool = False  # its best label has no answer, and the text has a telling word of its title

    @property
    def best(self) -> Label | None:
        return self.ranked[0][0] if self.ranked else None

    @property
    def kind(self) -> LabelKind | None:
        return self.best.kind if self.best else None

    @property
    def score(self) -> float:
        return self.ranked[0][1] if self.ranked else 0.0


def merged(readings: Sequence[ReadText]) -> tuple[Candidate, ...]:
    """Return the readings' topics with their best scores, best first, ties by id."""
    best: dict[str, float] = {}
    for reading in readings:
        for label, score in reading.ranked:
            if label.topic and score > best.get(label.topic, -1.0):
                best[label.topic] = score
    return tuple(Candidate(name, score) for name, score in sorted(best.items(), key=lambda item: (-item[1], item[0])))[
        :10
    ]


def distinct(labels: Iterable[Label]) -> tuple[Label, ...]:
    """Remove duplicate labels, preferring those with a missing detail."""
    kept: dict[tuple[str, str], Label] = {}
    for label in labels:
        key = (label.kind, label.name)
        if key not in kept or (label.detail and not kept[key].detail):
            kept[key] = label
    return tuple(kept.values())
