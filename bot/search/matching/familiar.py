"""Which labels know the words of a question: what is asked about must be known to what answers it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import log

import numpy as np
from numpy.typing import NDArray

from bot.compiled import Form
from bot.lists import listed
from bot.search.matching.features import Ints, is_han, pieces
from bot.search.matching.lookup import Places

SHORT = 2  # letters of the longest Latin word that is no evidence
STEM = 4  # letters of the shortest stem
ENDINGS = ("ings", "ing", "ies", "es", "ed", "s")

Counts = Mapping[int, int]  # label → its phrasings that have a word


@dataclass(frozen=True)
class Familiarity:
    """How well labels know a text's words, each weighing ln((1 + labels) / (1 + labels that have it)).

    `best`: the share that the best label knows; `rarest`: the weight of the rarest word that it does not know, of 1 at
    most; `any`: the share that any label knows; `lead`: `best` less the rival's share.
    """

    best: float
    rarest: float
    any: float
    lead: float


NOTHING = Familiarity(1.0, 0.0, 1.0, 0.0)


class Familiar:
    """The labels of each word."""

    def __init__(self, texts: Iterable[str], targets: Sequence[int], labels: int) -> None:
        words: dict[str, dict[int, int]] = {}
        for text, target in zip(texts, targets, strict=True):
            for word in asked_about(text):
                counts = words.setdefault(word, {})
                counts[int(target)] = counts.get(int(target), 0) + 1
        every = list(words.values())
        self._know(
            labels,
            Places.from_texts(words),
            np.cumsum([0, *map(len, every)], dtype=np.int32),
            np.array([label for counts in every for label in counts], dtype=np.int32),
            np.array([count for counts in every for count in counts.values()], dtype=np.int32),
        )

    def _know(self, labels: int, words: Places, starts: Ints, having: Ints, counts: Ints) -> None:
        """The labels `having[starts[i]:starts[i + 1]]` have word `i`, in as many phrasings as `counts` has there."""
        self.labels, self.words, self.starts, self.of_words, self.counts = labels, words, starts, having, counts

    def form(self) -> Form:
        arrays = {"starts": self.starts, "having": self.of_words, "counts": self.counts}
        return Form({"labels": self.labels}, arrays, {"words": self.words.form()})

    @classmethod
    def of(cls, form: Form) -> Familiar:
        made = cls.__new__(cls)
        made._know(form.facts["labels"], Places.of(form.parts["words"]), **form.arrays)
        return made

    def of_votes(
        self, text: str, labels: Sequence[int] | NDArray[np.int64], *, without: int | None = None, whole: bool = False
    ) -> Familiarity:
        """Return the familiarity of the first of these labels with a text, against the second.

        `without`: the label of which this phrasing, or (`whole`) every phrasing is left out.
        """
        best, rival = int(labels[0]), int(labels[1]) if len(labels) > 1 else None
        known = [self._counts(word, without, whole) for word in asked_about(text)]
        weighed = [(log((1 + self.labels) / (1 + len(counts))), counts) for counts in known]
        total = sum(weight for weight, _ in weighed)
        if total <= 0:
            return NOTHING
        own = sum(weight for weight, counts in weighed if best in counts) / total
        others = sum(weight for weight, counts in weighed if rival in counts) / total
        some = sum(weight for weight, counts in weighed if counts) / total
        rarest = max((weight for weight, counts in weighed if best not in counts), default=0.0)
        return Familiarity(own, rarest / log(1 + self.labels), some, own - others)

    def having(self, text: str) -> Counts:
        """Return the labels that know all words of a normalised text, with the least count of their phrasings."""
        known = [self._counts(word) for word in asked_about(text)]
        shared = set.intersection(*map(set, known)) if known else set()
        return {label: min(counts[label] for counts in known) for label in shared}

    def _counts(self, word: str, without: int | None = None, whole: bool = False) -> Counts:
        place = self.words.first(word)
        if place is None:
            return {}
        these = slice(self.starts[place], self.starts[place + 1])
        counts = dict(zip(self.of_words[these].tolist(), self.counts[these].tolist(), strict=True))
        if without is not None and without in counts and (whole or counts[without] == 1):
            return {label: count for label, count in counts.items() if label != without}
        return counts


def asked_about(text: str) -> set[str]:
    """Return a normalised text's words that say what it is about: Latin ones of more than SHORT letters without their
    ending, numbers, and pairs of Chinese characters; without generic words."""
    generic = generic_words()
    found: set[str] = set()
    for piece in pieces(text):
        if is_han(piece):
            found.update(piece[start : start + 2] for start in range(len(piece) - 1))
        elif piece.isdigit() or (len(piece) > SHORT and piece not in generic):
            found.add(stem(piece))
    return found - generic


def stem(word: str) -> str:
    for ending in ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= STEM:
            return word.removesuffix(ending)
    return word


@cache
def generic_words() -> frozenset[str]:
    """The words with which anything is asked, from generic.yaml; of Chinese ones, each pair of characters."""
    words = listed(__file__, "generic.yaml")
    pairs = {word[start : start + 2] for word in words["zh"] for start in range(len(word) - 1)}
    return frozenset(words["en"]) | pairs
