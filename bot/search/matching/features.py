"""TF-IDF features of texts: words, and sequences of letters, Chinese characters and syllables."""

from __future__ import annotations

import re
import sys
from array import array
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count

import numpy as np
from numpy.typing import NDArray

from bot.compiled import Form
from bot.language.normalize import HAN
from bot.search.matching.lookup import Places

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Ints = NDArray[np.int32]

COMMON = 0.25  # lowest share of rows in a column that is stored densely
WORDS_KEPT = 4096  # words in the cache of sequences
LONGEST_WORD = 40  # letters read of a word; longer ones are addresses or noise

# Relative weights of the views: words are few and distinctive, letter sequences many.
VIEWS: Mapping[str, float] = {"word": 1.6, "letters": 1.0, "characters": 1.6, "pinyin": 1.0}

_PIECES = re.compile(f"[{HAN}]+|[^\\s{HAN}]+")
_HAN = re.compile(f"[{HAN}]")


def pieces(text: str) -> list[str]:
    """Return the Latin words and the runs of Chinese characters of a normalised text, in order."""
    return _PIECES.findall(text)


def is_han(piece: str) -> bool:
    return _HAN.match(piece) is not None


def han_characters(text: str) -> set[str]:
    return set(_HAN.findall(text))


def words_in(text: str) -> int:
    """Count a normalised text's words; two Chinese characters count as one."""
    return sum((len(piece) + 1) // 2 if is_han(piece) else 1 for piece in pieces(text))


def in_word(word: str) -> list[str]:
    """Return the word (`w`) and its sequences of 2 to 5 letters, including its boundaries (`l`)."""
    return ["w" + word, *_spans(f" {word} ", 2, 5, "l")]


def in_run(run: str, syllables: Mapping[str, str]) -> list[str]:
    """Return a run's sequences of 1 to 3 Chinese characters (`c`) and of as many syllables (`p`)."""
    spoken = [syllables.get(character, character) for character in run]
    sounds = [
        "p" + " ".join(spoken[start : start + length])
        for length in range(1, min(3, len(run)) + 1)
        for start in range(len(run) - length + 1)
    ]
    return [*_spans(run, 1, 3, "c"), *sounds]


def _spans(run: str, shortest: int, longest: int, mark: str) -> list[str]:
    size = len(run)
    return [
        mark + run[start : start + length]
        for length in range(shortest, min(longest, size) + 1)
        for start in range(size - length + 1)
    ]


@dataclass(frozen=True)
class Rows:
    """A sparse matrix by rows: row `i` has the values `values[starts[i]:starts[i + 1]]` in the columns `columns[...]`."""

    starts: NDArray[np.int64]
    columns: Ints
    values: Floats

    def __len__(self) -> int:
        return len(self.starts) - 1

    def of(self, row: int) -> tuple[Ints, Floats]:
        return self.columns[self.starts[row] : self.starts[row + 1]], self.values[
            self.starts[row] : self.starts[row + 1]
        ]

    def transposed(self, columns: int) -> Rows:
        """Return the transposed matrix, each column's rows in order, numbered in as few bytes as they need."""
        order = np.argsort(self.columns, kind="stable")
        rows = np.repeat(np.arange(len(self), dtype=np.min_scalar_type(len(self))), np.diff(self.starts))
        counts = np.bincount(self.columns, minlength=columns)
        return Rows(np.concatenate(([0], np.cumsum(counts))), rows[order], self.values[order])


class Vocabulary:
    """The sequences of normalised texts with their inverse document frequencies.

    TF-IDF with logarithmic term frequency and smoothed idf (Manning, Raghavan, Schütze: Introduction to Information
    Retrieval, 2008, ch. 6.4), times the weight of the view; rows have length 1. An unseen sequence counts towards a row's
    length as if one phrasing had it, so that questions and held-out phrasings have comparable rows.
    """

    def __init__(self, known: Places, weights: Doubles, syllables: Mapping[str, str], unseen: float) -> None:
        self.syllables = dict(syllables)
        self.known = known  # the sequences' numbers
        self.weights = weights
        self.unseen = unseen
        self._words: dict[str, tuple[list[int], set[str]]] = {}  # cache of each word's sequences

    @classmethod
    def learned(cls, texts: Sequence[str], syllables: Mapping[str, str]) -> tuple[Vocabulary, Rows]:
        """Learn texts; return the vocabulary and their unit rows."""
        numbers, lengths = array("q"), [0]
        known: dict[str, int] = defaultdict(count().__next__)
        of_word: dict[str, list[int]] = {}
        for text in texts:
            before, start = "", len(numbers)
            for piece in pieces(text):
                if is_han(piece):
                    numbers.extend([known[sequence] for sequence in in_run(piece, syllables)])
                    before = ""
                    continue
                word = piece[:LONGEST_WORD]
                if word not in of_word:
                    of_word[word] = [known[sequence] for sequence in in_word(word)]
                numbers.extend(of_word[word])
                if before:
                    numbers.append(known[f"w{before} {word}"])
                before = word
            lengths.append(len(numbers) - start)
        rows = np.repeat(np.arange(len(texts)), lengths[1:])
        cells, times = np.unique(rows * max(1, len(known)) + np.frombuffer(numbers, np.int64), return_counts=True)
        rows, columns = np.divmod(cells, max(1, len(known)))
        idf = np.log((1 + len(texts)) / (1 + np.bincount(columns, minlength=len(known)))) + 1
        weights = idf * np.array([VIEW_OF[sequence[0]] for sequence in known], dtype=np.float64)
        values = (1 + np.log(times)) * weights[columns]
        values /= np.sqrt(np.bincount(rows, values**2, minlength=len(texts)))[rows]
        starts = np.searchsorted(rows, np.arange(len(texts) + 1))
        made = cls(Places.from_texts(known), weights, syllables, float(np.log((1 + len(texts)) / 2) + 1))
        return made, Rows(starts, columns.astype(np.int32), values.astype(np.float32))

    def form(self) -> Form:
        # Joined, since long texts load much faster than long lists; syllables contain no line break.
        spoken = "".join(self.syllables), "\n".join(self.syllables.values())
        return Form(
            {"syllables": spoken, "unseen": self.unseen}, {"weights": self.weights}, {"known": self.known.form()}
        )

    @classmethod
    def of(cls, form: Form) -> Vocabulary:
        characters, sounds = form.facts["syllables"]
        syllables = dict(zip(characters, map(sys.intern, sounds.split("\n")), strict=False))
        return cls(Places.of(form.parts["known"]), form.arrays["weights"], syllables, form.facts["unseen"])

    def __len__(self) -> int:
        return len(self.weights)

    def row(self, text: str) -> tuple[NDArray[np.int64], Doubles, float]:
        """Return the columns and values of a text's unit row, and the known sequences' share of its squared length."""
        numbers: list[int] = []
        unseen: set[str] = set()
        others: list[str] = []
        before = ""
        for piece in pieces(text):
            if is_han(piece):
                others += in_run(piece, self.syllables)
                before = ""
                continue
            word = piece[:LONGEST_WORD]
            known, lost = self._words.get(word) or self._learn(word)
            numbers += known
            unseen.update(lost)
            if before:
                others.append(f"w{before} {word}")
            before = word
        if others:
            self._add(others, numbers, unseen)
        counts = Counter(numbers)
        columns = np.fromiter(counts, dtype=np.int64, count=len(counts))
        times = np.fromiter(counts.values(), dtype=np.float64, count=len(counts))
        values = (1 + np.log(times)) * self.weights[columns]
        square = float(values @ values)
        length = square + sum(VIEW_OF[sequence[0]] ** 2 for sequence in unseen) * self.unseen**2
        return (columns, values / np.sqrt(length), square / length) if length else (columns, values, 0.0)

    def _add(self, found: Sequence[str], numbers: list[int], unseen: set[str]) -> None:
        for sequence, number in zip(found, self.known.of_each(found).tolist(), strict=True):
            if number < 0:
                unseen.add(sequence)
            else:
                numbers.append(number)

    def _learn(self, word: str) -> tuple[list[int], set[str]]:
        known: list[int] = []
        lost: set[str] = set()
        self._add(in_word(word), known, lost)
        if len(self._words) < WORDS_KEPT:
            self._words[word] = known, lost
        return known, lost


VIEW_OF = {view[0]: weight for view, weight in VIEWS.items()}


class Index:
    """A sparse matrix stored by columns, for products with sparse rows."""

    def __init__(self, matrix: Rows, columns: int) -> None:
        self._build(len(matrix), matrix.transposed(columns))

    def form(self) -> Form:
        return Form({"rows": self.rows}, vars(self.postings))

    @classmethod
    def of(cls, form: Form) -> Index:
        made = cls.__new__(cls)
        made._build(form.facts["rows"], Rows(**form.arrays))
        return made

    def _build(self, rows: int, postings: Rows) -> None:
        self.rows, self.postings = rows, postings
        # columns with many entries are faster to multiply densely
        lengths = np.diff(self.postings.starts)
        common = np.flatnonzero(lengths > COMMON * self.rows)
        self.whole: Floats = np.zeros((len(common), self.rows), dtype=np.float32)
        self.place = np.full(len(lengths), -1, dtype=np.int32)
        self.place[common] = np.arange(len(common))
        for place, column in enumerate(common):
            numbers, values = self.postings.of(int(column))
            self.whole[place, numbers] = values

    def products(self, rows: Sequence[tuple[NDArray[np.int64], Doubles]]) -> Floats:
        """Return the products of sparse rows (columns, values) with all rows of the matrix, shape (given rows, rows)."""
        result: Floats = np.zeros((len(rows), self.rows), dtype=np.float32)
        common: Floats = np.zeros((len(rows), len(self.whole)), dtype=np.float32)
        for row, (columns, values) in enumerate(rows):
            places = self.place[columns]
            whole = places >= 0
            common[row, places[whole]] = values[whole]
            columns, values = columns[~whole], values[~whole]
            if len(columns):
                starts, ends = self.postings.starts[columns], self.postings.starts[columns + 1]
                entries = [slice(start, end) for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]
                weights = np.concatenate([self.postings.values[some] for some in entries])
                weights *= np.repeat(values.astype(np.float32), ends - starts)
                numbers = np.concatenate([self.postings.columns[some] for some in entries])
                result[row] = np.bincount(numbers, weights, minlength=self.rows)
        return result + common @ self.whole if common.any() else result
