"""Reads a short message as a question about the topic just spoken of: its parts compete for it by their own phrasings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from bot.compiled import Form
from bot.search.matching.features import Doubles
from bot.search.matching.matcher import distinct, readable
from bot.search.matching.meaning import embedded
from bot.search.matching.names import Names
from bot.search.matching.phrasings import Phrasings
from bot.search.matching.ranking import Phrasing
from bot.search.matching.space import Numbers, Space
from bot.search.matching.votes import weighing

KEPT = 128  # groups of topics whose systems are kept


@dataclass(frozen=True)
class PartScore:
    """A part of a topic ("" for the whole), its output, and the largest similarity of its phrasings with the message."""

    topic: str
    part: str
    output: float
    alike: float


class FollowUps:
    """The phrasings of the topics' parts, complete ones and those that leave the subject out. Immutable."""

    def __init__(self, phrasings: Phrasings, space: Space | None) -> None:
        self.phrasings = phrasings  # sorted by label
        self.space = space
        starts = np.searchsorted(phrasings.numbers[0], np.arange(len(phrasings.labels) + 1))
        self.rows = {
            name: np.arange(starts[number], starts[number + 1]) for number, name in enumerate(phrasings.labels)
        }
        self.system = lru_cache(KEPT)(self.solved)

    @classmethod
    def fit(cls, phrasings: Sequence[Phrasing], *, semantic: bool, names: Sequence[str]) -> FollowUps:
        """Learn phrasings, whose labels are topics and whose parts are theirs. The order is irrelevant."""
        known, texts = distinct(phrasings)
        if not texts:
            return cls(Phrasings.from_phrasings(()), None)
        platform = Names(names)
        masked = [platform.masked(text) for text in texts]
        space = Space(texts, embedded(masked) if semantic else None, platform, searched=False)
        return cls(Phrasings.from_phrasings(known), space)

    def form(self) -> Form:
        parts = {"phrasings": self.phrasings.form()}
        return Form({}, {}, parts | {"space": self.space.form()} if self.space else parts)

    @classmethod
    def of(cls, form: Form) -> FollowUps:
        space = Space.of(form.parts["space"]) if "space" in form.parts else None
        return cls(Phrasings.of(form.parts["phrasings"]), space)

    def parts(self, text: str, topics: tuple[str, ...]) -> list[PartScore]:
        """Return the scores of some topics' parts for a message with its spelling corrected."""
        read = readable(text)
        own, names, numbers, weights = self.system(topics)
        if self.space is None or not read or not len(own):
            return []
        likeness = self.space.likeness(self.space.names.masked(read), own)
        outputs = weights @ likeness
        alike = np.zeros(len(names))
        np.maximum.at(alike, numbers, likeness)
        return [
            PartScore(*name, round(float(output), 4), round(float(most), 4))
            for name, output, most in zip(names, outputs, alike, strict=True)
        ]

    def solved(self, topics: tuple[str, ...]) -> tuple[Numbers, list[tuple[str, str]], Numbers, Doubles]:
        """Return some topics' rows, their sorted (topic, part), each row's number among these, and the matrix from likenesses
        to the parts' outputs."""
        each = [self.rows[name] for name in topics if name in self.rows]
        own = np.concatenate(each) if each else np.zeros(0, dtype=np.int64)
        classes = [(self.phrasings.label_of(row), self.phrasings.part_of(row)) for row in own]
        names = sorted(set(classes))
        places = {name: number for number, name in enumerate(names)}
        numbers = np.array([places[one] for one in classes], dtype=np.int64)
        weights = weighing(self.space.kernel(own), numbers) if self.space and classes else np.zeros((0, 0))
        return own, names, numbers, weights
