"""Reads a short message as a question about the topic just spoken of: its parts compete for it by their own phrasings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby, starmap

import numpy as np

from bot.compiled import Form
from bot.search.matching.features import Doubles
from bot.search.matching.matcher import distinct, readable
from bot.search.matching.meaning import embedded
from bot.search.matching.names import Names
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

    def __init__(self, phrasings: tuple[Phrasing, ...], space: Space | None) -> None:
        self.phrasings = phrasings  # sorted by label
        self.space = space
        every = enumerate(phrasings)
        self.rows = {
            name: np.array([number for number, _ in group])
            for name, group in groupby(every, key=lambda one: one[1].label)
        }
        self.system = lru_cache(KEPT)(self.solved)

    @classmethod
    def fit(cls, phrasings: Sequence[Phrasing], *, semantic: bool, names: Sequence[str]) -> FollowUps:
        """Learn phrasings, whose labels are topics and whose parts are theirs. The order is irrelevant."""
        known, texts = distinct(phrasings)
        if not texts:
            return cls((), None)
        platform = Names(names)
        masked = [platform.masked(text) for text in texts]
        return cls(tuple(known), Space(texts, embedded(masked) if semantic else None, platform, searched=False))

    def form(self) -> Form:
        facts = {"phrasings": [(one.label, one.lang, one.text, one.part) for one in self.phrasings]}
        return Form(facts, {}, {"space": self.space.form()} if self.space else {})

    @classmethod
    def of(cls, form: Form) -> FollowUps:
        space = Space.of(form.parts["space"]) if "space" in form.parts else None
        return cls(tuple(starmap(Phrasing, form.facts["phrasings"])), space)

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
        classes = [(self.phrasings[row].label, self.phrasings[row].part) for row in own]
        names = sorted(set(classes))
        places = {name: number for number, name in enumerate(names)}
        numbers = np.array([places[one] for one in classes], dtype=np.int64)
        weights = weighing(self.space.kernel(own), numbers) if self.space and classes else np.zeros((0, 0))
        return own, names, numbers, weights
