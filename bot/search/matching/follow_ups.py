"""Reads a short message as a question about the topic just spoken of: its parts compete for it by their own phrasings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import starmap

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
        labels = np.array([one.label for one in phrasings])
        first = np.flatnonzero(np.r_[True, labels[1:] != labels[:-1]]) if len(labels) else np.zeros(0, dtype=np.int64)
        ends = np.r_[first[1:], len(labels)]
        self.rows = {str(labels[start]): np.arange(start, end) for start, end in zip(first, ends, strict=True)}
        self.system = lru_cache(KEPT)(self.solved)

    @classmethod
    def fit(cls, phrasings: Sequence[Phrasing], *, semantic: bool, names: Sequence[str]) -> FollowUps:
        """Learn phrasings, whose labels are topics and whose parts are theirs. The order is irrelevant."""
        known, texts = distinct(phrasings)
        if not texts:
            return cls((), None)
        platform = Names(names)
        masked = [platform.masked(text) for text in texts]
        return cls(tuple(known), Space(texts, embedded(masked) if semantic else None, platform))

    def form(self) -> Form:
        facts = {"phrasings": [(one.label, one.lang, one.text, one.part) for one in self.phrasings]}
        return Form(facts, {}, {"space": self.space.form()} if self.space else {})

    @classmethod
    def of(cls, form: Form) -> FollowUps:
        space = Space.of(form.parts["space"]) if "space" in form.parts else None
        return cls(tuple(starmap(Phrasing, form.facts["phrasings"])), space)

    def parts(self, text: str, topics: tuple[str, ...]) -> list[PartScore]:
        """Rank the parts of some topics for a message, best first."""
        read = readable(text)
        own, classes, weights = self.system(topics)
        if self.space is None or not read or not len(own):
            return []
        likeness = self.space.likeness(self.space.read(read)[0], own)
        outputs = weights @ likeness
        names = sorted(set(classes))
        alike = {
            name: max(float(one) for one, of in zip(likeness, classes, strict=True) if of == name) for name in names
        }
        scores = [
            PartScore(*name, round(float(output), 4), round(alike[name], 4))
            for name, output in zip(names, outputs, strict=True)
        ]
        return sorted(scores, key=lambda one: (-one.output, one.topic, one.part))

    def solved(self, topics: tuple[str, ...]) -> tuple[Numbers, list[tuple[str, str]], Doubles]:
        """Return some topics' rows, their (topic, part), and the matrix from likenesses to the parts' outputs."""
        each = [self.rows[name] for name in topics if name in self.rows]
        own = np.concatenate(each) if each else np.zeros(0, dtype=np.int64)
        classes = [(self.phrasings[row].label, self.phrasings[row].part) for row in own]
        if self.space is None or not classes:
            return own, classes, np.zeros((0, 0))
        numbers = {name: number for number, name in enumerate(sorted(set(classes)))}
        return own, classes, weighing(self.space.kernel(own), np.array([numbers[one] for one in classes]))
