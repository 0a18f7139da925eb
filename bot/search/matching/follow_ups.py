"""Reads a short message as a question about the topic just spoken of: its parts compete for it by their own phrasings.

The systems of a topic, and of it with those related to it, are solved when they are learned: each takes some 50 ms.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bot.compiled import Form
from bot.search.matching.features import Floats
from bot.search.matching.matcher import distinct, readable
from bot.search.matching.meaning import embedded
from bot.search.matching.names import Names
from bot.search.matching.phrasings import Phrasings
from bot.search.matching.ranking import Phrasing
from bot.search.matching.space import Numbers, Space
from bot.search.matching.votes import weighing

KEPT = 128  # groups of topics whose systems are at hand

Group = tuple[str, ...]  # of topics


class PartScore(NamedTuple):
    """A part of a topic ("" for the whole), its output, and the largest similarity of its phrasings with the message."""

    topic: str
    part: str
    output: float
    alike: float


class FollowUps:
    """The phrasings of the topics' parts, complete ones and those that leave the subject out. Immutable."""

    def __init__(self, phrasings: Phrasings, space: Space | None, solved: Mapping[Group, Floats] | None = None) -> None:
        """`solved` are the weights of groups of topics, see `weights`."""
        self.phrasings = phrasings  # sorted by label
        self.space = space
        self.solved = solved or {}
        starts = np.searchsorted(phrasings.numbers[0], np.arange(len(phrasings.labels) + 1))
        self.rows = {
            name: np.arange(starts[number], starts[number + 1]) for number, name in enumerate(phrasings.labels)
        }
        self.system = lru_cache(KEPT)(self.system_of)
        self.compared: tuple[str, Group, Floats] = "", (), np.zeros(0, dtype=np.float32)  # the likenesses last computed

    @classmethod
    def fit(
        cls, phrasings: Sequence[Phrasing], *, semantic: bool, names: Sequence[str], groups: Sequence[Group] = ()
    ) -> FollowUps:
        """Learn phrasings, whose labels are topics and whose parts are theirs. The order is irrelevant. `groups` of topics are
        those in which messages will be read; in others they are, too, but slowly at first."""
        known, texts = distinct(phrasings)
        if not texts:
            return cls(Phrasings.from_phrasings(()), None)
        platform = Names(names)
        masked = [platform.masked(text) for text in texts]
        space = Space(texts, embedded(masked) if semantic else None, platform, searched=False)
        made = cls(Phrasings.from_phrasings(known), space)
        made.solved = {group: made.weights(*made.classes(group)[::2]) for group in groups}
        return made

    def form(self) -> Form:
        parts = {"phrasings": self.phrasings.form()}
        facts = {"groups": list(self.solved)}
        weights = {str(number): one for number, one in enumerate(self.solved.values())}
        return Form(facts, weights, parts | {"space": self.space.form()} if self.space else parts)

    @classmethod
    def of(cls, form: Form) -> FollowUps:
        space = Space.of(form.parts["space"]) if "space" in form.parts else None
        solved = {tuple(group): form.arrays[str(number)] for number, group in enumerate(form.facts["groups"])}
        return cls(Phrasings.of(form.parts["phrasings"]), space, solved)

    def parts(self, text: str, topics: tuple[str, ...]) -> list[PartScore]:
        """Return the scores of some topics' parts for a message with its spelling corrected."""
        read = readable(text)
        own, names, numbers, weights = self.system(topics)
        if self.space is None or not read or not len(own):
            return []
        before, group, likeness = self.compared
        if before == read and group[: len(topics)] == topics:  # of a topic, after it with those related to it
            likeness = likeness[: len(own)]
        else:
            likeness = self.space.likeness(self.space.names.masked(read), own)
            self.compared = read, topics, likeness
        outputs = weights @ likeness
        alike = np.zeros(len(names), dtype=np.float32)
        np.maximum.at(alike, numbers, likeness)
        return [
            PartScore(*name, round(output, 4), round(most, 4))
            for name, output, most in zip(names, outputs.tolist(), alike.tolist(), strict=True)
        ]

    def system_of(self, topics: Group) -> tuple[Numbers, list[tuple[str, str]], Numbers, Floats]:
        """Return some topics' rows, their sorted (topic, part), each row's number among these, and the matrix from likenesses
        to the parts' outputs."""
        own, names, numbers = self.classes(topics)
        weights = self.solved.get(topics)
        return own, names, numbers, self.weights(own, numbers) if weights is None else weights

    def classes(self, topics: Group) -> tuple[Numbers, list[tuple[str, str]], Numbers]:
        """Return some topics' rows, their sorted (topic, part), and each row's number among these."""
        each = [self.rows[name] for name in topics if name in self.rows]
        own = np.concatenate(each) if each else np.zeros(0, dtype=np.int64)
        labels, parts = self.phrasings.labels, self.phrasings.parts  # both sorted
        found, numbers = np.unique(self.phrasings.numbered(own), return_inverse=True)
        names = [(labels[label], parts[part]) for label, part in (divmod(one, len(parts)) for one in found.tolist())]
        return own, names, numbers

    def weights(self, own: Numbers, numbers: NDArray[np.int64]) -> Floats:
        """Return the matrix from likenesses to the outputs of the classes with these numbers, shape (classes, rows)."""
        if self.space is None or not len(own):
            return np.zeros((0, 0), dtype=np.float32)
        return weighing(self.space.kernel(own), numbers).astype(np.float32)
