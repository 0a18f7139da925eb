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
from bot.search.matching.features import is_han, pieces

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
        self.words: Mapping[str, Counts] = words
        self.labels = labels

    def form(self) -> Form:
        return Form({"labels": self.labels, "words": {word: sum(one.items(), ()) for word, one in self.words.items()}})

    @classmethod
    def of(cls, form: Form) -> Familiar:
        made = cls.__new__(cls)
        made.labels = form.facts["labels"]
        made.words = {
            word: dict(zip(counts[::2], counts[1::2], strict=True)) for word, counts in form.facts["words"].items()
        }
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
        known = [self.words.get(word, {}) for word in asked_about(text)]
        shared = set.intersection(*map(set, known)) if known else set()
        return {label: min(counts[label] for counts in known) for label in shared}

    def _counts(self, word: str, without: int | None, whole: bool) -> Counts:
        counts = self.words.get(word, {})
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
