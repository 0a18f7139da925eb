"""Spelling correction of Latin words towards the phrasings' words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein

from bot.compiled import Form
from bot.search.matching.features import is_han, pieces

SHORTEST, LONGEST = 4, 30  # letters of words that are corrected
TWO_SLIPS_FROM = 8  # letters of the shortest word in which two errors are corrected
BAG = 27  # the alphabet, and one for all other letters
MOST = 8  # words tried in one text; more unknown words are another language


class Spelling:
    """The known words, and the search for the nearest."""

    def __init__(self, texts: Sequence[str]) -> None:
        """Learn the words of normalised texts."""
        words = Counter(word for text in texts for word in pieces(text) if not is_han(word))
        targets = sorted((word for word in words if correctable(word)), key=lambda word: (-words[word], word))
        bags = np.array([bag(word) for word in targets], dtype=np.int8).reshape(-1, BAG)
        self._know(words, targets, bags)

    def _know(self, known: Iterable[str], targets: list[str], bags: NDArray[np.int8]) -> None:
        self.known, self.targets, self.bags = frozenset(known), targets, bags

    def form(self) -> Form:
        return Form({"known": sorted(self.known), "targets": self.targets}, {"bags": self.bags})

    @classmethod
    def of(cls, form: Form) -> Spelling:
        made = cls.__new__(cls)
        made._know(form.facts["known"], form.facts["targets"], form.arrays["bags"])
        return made

    def correct(self, text: str) -> tuple[str, tuple[tuple[str, str], ...]]:
        """Return the corrected text and the corrections as (word, correction)."""
        replaced: dict[str, str] = {}
        tried = 0
        for word in pieces(text):
            if word in self.known or word in replaced or not correctable(word) or tried == MOST:
                continue
            tried += 1
            target = self.nearest(word)
            if target:
                replaced[word] = target
        if not replaced:
            return text, ()
        return " ".join(replaced.get(piece, piece) for piece in pieces(text)), tuple(replaced.items())

    def nearest(self, word: str) -> str | None:
        """Return the nearest known word by Damerau-Levenshtein distance, the most frequent of several, or None."""
        forgiven = slips(len(word))
        # filter first: one error changes the bag of letters by two at most
        apart = np.abs(self.bags - np.array(bag(word), dtype=np.int8)).sum(axis=1, dtype=np.int32)
        choices = [self.targets[index] for index in np.flatnonzero(apart <= 2 * forgiven)]
        # extractOne returns the first of equal distances, and the choices are sorted by frequency
        found = process.extractOne(word, choices, scorer=DamerauLevenshtein.distance, score_cutoff=forgiven)
        return None if found is None else str(found[0])


def bag(word: str) -> list[int]:
    """Count a word's letters: a to z, and all others."""
    counts = [0] * BAG
    for letter in word:
        place = ord(letter) - ord("a")
        counts[place if 0 <= place < BAG - 1 else BAG - 1] += 1
    return counts


def slips(size: int) -> int:
    """Return the number of errors to correct in a word of this length."""
    return 2 if size >= TWO_SLIPS_FROM else 1


def correctable(word: str) -> bool:
    return SHORTEST <= len(word) <= LONGEST and word.isalpha() and not is_han(word)
