"""Similarity of texts to the landmarks: by words and letters, and by sentence embeddings.

A text is compared with every landmark by words, and by its embedding's first AXES principal components; the best
SHORTLIST are compared by the whole embedding, and the NEAREST of these decide. So a text costs the same, whether there are
a hundred landmarks or twenty thousand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.compiled import Form
from bot.search.matching.features import Doubles, Floats, Index, Rows, Vocabulary
from bot.search.matching.meaning import Embedded, embed_again
from bot.search.matching.names import Names
from bot.search.matching.pinyin import syllables
from bot.search.matching.recent import Recent
from bot.search.matching.spelling import Spelling

Numbers = NDArray[np.int64]

NEAREST = 64
SHORTLIST = 192
AXES = 128
MEANING_WIDTH = 0.4  # width of the kernel by meaning
WORDS_SHARE = 0.3  # weight of the words in the joint kernel
SPARSE = 48  # share of rows, as a divisor, up to which a column of theirs is multiplied pair by pair
GROUP = 16  # values of each group of many, of which only the largest one is sorted
MANY = 2 * GROUP  # times as many values as are wanted, from which on they are grouped
KEPT = 64  # texts whose comparisons are kept: those of messages read together, which their turns need again


@dataclass(frozen=True)
class Compared:
    """A text's cosines with all landmarks by words, shape (landmarks,); the known sequences' share of the squared length of
    its TF-IDF row; and its embedding, if any."""

    words: Floats
    known: float
    embedding: Floats | None


@dataclass(frozen=True)
class Near:
    """The landmarks nearest to one text, sorted by number, at most NEAREST, and their similarities.

    `words` and `meaning` are cosines with the text, shape (landmarks,); `kernel` has the landmarks' similarities with
    each other, and `likeness` those with the text, for each view (joint, words, meaning), shapes (views, landmarks,
    landmarks) and (views, landmarks). Without embeddings, the only view is words.
    """

    landmarks: Numbers
    words: Floats
    meaning: Floats | None
    kernel: Floats
    likeness: Floats
    known: float  # the known sequences' share of the squared length of the text's TF-IDF row
    alike: float  # the largest cosine by words with any landmark


class Space:
    """The landmarks' features in both views."""

    def __init__(
        self, landmarks: Sequence[str], embedded: Embedded | None, names: Names, *, searched: bool = True
    ) -> None:
        """Learn normalised texts with their embeddings, if any.

        `searched`: find the nearest to texts as they are written; else only compare spelled texts with given landmarks.
        """
        masked = [names.masked(text) for text in landmarks]
        vocabulary, rows = Vocabulary.learned(masked, syllables(masked))
        axes = principal_axes(embedded) if embedded is not None and searched else np.zeros((0, 0), dtype=np.float32)
        coarse = embedded.all() @ axes if embedded is not None and searched else np.zeros((0, 0), dtype=np.float32)
        arrays = {"axes": axes, "coarse": np.ascontiguousarray(coarse.T)}
        self._know(
            vocabulary,
            Spelling(landmarks if searched else ()),
            rows,
            Index(rows, len(vocabulary)) if searched else None,
            embedded,
            names,
            arrays,
        )

    def _know(
        self,
        vocabulary: Vocabulary,
        spelling: Spelling,
        rows: Rows,
        index: Index | None,
        embedded: Embedded | None,
        names: Names,
        arrays: dict[str, NDArray[Any]],
    ) -> None:
        self.vocabulary, self.spelling, self.rows, self.index = vocabulary, spelling, rows, index
        self.embedded, self.names = embedded, names
        self.remember()
        self.axes, self.coarse = arrays["axes"], arrays["coarse"]

    def remember(self) -> None:
        """Create the caches of comparisons, and of texts' rows."""
        self.recent: Recent[str, Compared] = Recent(KEPT)
        self.recent_rows: Recent[str, tuple[Numbers, Doubles, float]] = Recent(KEPT)

    def form(self) -> Form:
        parts = {"vocabulary": self.vocabulary.form(), "spelling": self.spelling.form()}
        if self.index is not None:
            parts["index"] = self.index.form()
        if self.embedded is not None:
            parts["embedded"] = self.embedded.form()
        parts["rows"] = Form({}, vars(self.rows))
        return Form({"names": self.names.names}, {"axes": self.axes, "coarse": self.coarse}, parts)

    @classmethod
    def of(cls, form: Form) -> Space:
        made, parts = cls.__new__(cls), form.parts
        made._know(
            Vocabulary.of(parts["vocabulary"]),
            Spelling.of(parts["spelling"]),
            Rows(**parts["rows"].arrays),
            Index.of(parts["index"]) if "index" in parts else None,
            Embedded.of(parts["embedded"]) if "embedded" in parts else None,
            Names(form.facts["names"]),
            dict(form.arrays),
        )
        return made

    def read(self, text: str) -> tuple[str, tuple[tuple[str, str], ...]]:
        """Return a normalised text as it is compared: corrected, without the platform's names; and the corrections."""
        corrected, replaced = self.spelling.correct(text)
        return self.names.masked(corrected), replaced

    def near(
        self,
        texts: Sequence[str],
        embeddings: Floats | None = None,
        without: Sequence[Numbers] | None = None,
        only: Numbers | None = None,
    ) -> list[Near]:
        """Compare texts as `read` returns them. `embeddings` are theirs, if known; `without` are landmarks to leave out of
        each text's, `only` those to choose from."""
        compared = self.compared(texts) if embeddings is None else self._compare(texts, embeddings)
        if only is not None:
            return [self._near(only, one) for one in compared]
        joint = np.array([one.words for one in compared])
        if self.embedded is not None:
            vectors = np.array([one.embedding for one in compared])
            joint = mixed(joint, bell((vectors @ self.axes) @ self.coarse))
        found = []
        for row, one in enumerate(compared):
            alike = joint[row]
            if without is not None:
                alike[without[row]] = -1
            few = largest(alike, SHORTLIST)
            found.append(self._near(few[alike[few] >= 0], one))
        return found

    def compared(self, texts: Sequence[str]) -> list[Compared]:
        """Compare texts as `read` returns them with all landmarks, each once within a turn."""
        known = {text: one for text in texts if (one := self.recent.get(text))}
        new = [text for text in dict.fromkeys(texts) if text not in known]
        if new:
            found = self._compare(new, embed_again(new) if self.embedded is not None else None)
            for text, one in zip(new, found, strict=True):
                known[text] = one
                self.recent.keep(text, one)
        return [known[text] for text in texts]

    def _compare(self, texts: Sequence[str], embeddings: Floats | None) -> list[Compared]:
        assert self.index is not None  # of a space that is searched
        rows = [self.vocabulary.row(text) for text in texts]
        words = self.index.products([(columns, values) for columns, values, _ in rows])
        return [
            Compared(words[row], known, None if embeddings is None else embeddings[row])
            for row, (_, _, known) in enumerate(rows)
        ]

    def likeness(self, text: str, landmarks: Numbers) -> Floats:
        """Return a text's joint similarities with some landmarks."""
        one = self.recent.get(text)
        words = self._products(text, landmarks) if one is None else one.words[landmarks]
        if self.embedded is None:
            return words
        return mixed(words, bell(self.embedded.cosines(landmarks, embed_again([text])[0])))

    def _products(self, text: str, landmarks: Numbers) -> Floats:
        if (known := self.recent_rows.get(text)) is None:
            known = self.vocabulary.row(text)
            self.recent_rows.keep(text, known)
        columns, values, _ = known
        row: Floats = np.zeros(len(self.vocabulary), dtype=np.float32)
        row[columns] = values
        found: Floats = np.zeros(len(landmarks), dtype=np.float32)
        for first, last in stretches(landmarks):
            starts = self.rows.starts[landmarks[first] : landmarks[last] + 2]
            these = slice(starts[0], starts[-1])
            products = row[self.rows.columns[these]] * self.rows.values[these]
            filled = np.flatnonzero(starts[1:] > starts[:-1])
            if len(filled):
                found[first + filled] = np.add.reduceat(products, starts[filled] - starts[0])
        return found

    def _picked(self, landmarks: Numbers) -> tuple[Numbers, Numbers]:
        """Return the places of some landmarks' columns and values in the rows, and how many each has."""
        starts = self.rows.starts[landmarks]
        lengths = self.rows.starts[landmarks + 1] - starts
        return np.repeat(starts - np.cumsum(lengths) + lengths, lengths) + np.arange(lengths.sum()), lengths

    def kernel(self, landmarks: Numbers) -> Floats:
        """Return some landmarks' joint similarities with each other."""
        by_word = self._by_word(landmarks)
        if self.embedded is None:
            return by_word
        vectors = self.embedded.some(landmarks)
        return mixed(by_word, bell(vectors @ vectors.T))

    def _near(self, few: Numbers, text: Compared) -> Near:
        words = text.words[few]
        alike = float(text.words.max(initial=0))
        if self.embedded is None or text.embedding is None:
            best = np.sort(largest(words, NEAREST))
            chosen = few[best]
            return Near(chosen, words[best], None, self._by_word(chosen)[None], words[best][None], text.known, alike)
        meaning = self.embedded.cosines(few, text.embedding)
        joint = mixed(words, bell(meaning))
        best = np.sort(largest(joint, NEAREST))
        chosen, vectors = few[best], self.embedded.some(few[best])
        by_word, by_meaning = self._by_word(chosen), bell(vectors @ vectors.T)
        kernel = np.array([mixed(by_word, by_meaning), by_word, by_meaning])
        likeness = np.array([joint[best], words[best], bell(meaning[best])])
        return Near(chosen, words[best], meaning[best], kernel, likeness, text.known, alike)

    def _by_word(self, landmarks: Numbers) -> Floats:
        """Return some landmarks' cosines with each other by words."""
        picked, lengths = self._picked(landmarks)
        places = np.arange(len(picked))
        columns, values = self.rows.columns[picked], self.rows.values[picked]
        # Number the columns that several of them have; columns of a single one are in no product.
        last = np.empty(len(self.vocabulary), dtype=np.int64)
        last[columns] = places
        column = last[columns]
        having = np.bincount(column, minlength=len(columns))
        few = max(1, len(landmarks) // SPARSE)
        shared = having > few
        which = np.flatnonzero(shared[column])
        width = int(shared.sum())
        row = np.repeat(np.arange(len(landmarks)) * width - 1, lengths)
        dense: Floats = np.zeros(len(landmarks) * width, dtype=np.float32)
        dense[row[which] + np.cumsum(shared)[column[which]]] = values[which]
        table = dense.reshape(len(landmarks), width)
        products = table @ table.T
        if few > 1:
            rare = np.flatnonzero((having[column] > 1) & ~shared[column])
            products += by_pairs(
                column[rare], np.repeat(np.arange(len(landmarks)), lengths)[rare], values[rare], len(landmarks)
            )
        np.fill_diagonal(products, lengths > 0)  # rows have length 1
        return products


def by_pairs(columns: Numbers, rows: Numbers, values: Floats, size: int) -> Floats:
    """Return the products of sparse rows with each other, shape (size, size), pair by pair within each column."""
    order = np.argsort(columns, kind="stable")
    columns, rows, values = columns[order], rows[order], values[order]
    _, starts, lengths = np.unique(columns, return_index=True, return_counts=True)
    starts, lengths = np.repeat(starts, lengths), np.repeat(lengths, lengths)  # of each entry's column
    one = np.repeat(np.arange(len(columns)), lengths)
    other = np.repeat(starts - np.cumsum(lengths) + lengths, lengths) + np.arange(len(one))
    sums = np.bincount(rows[one] * size + rows[other], values[one] * values[other], size * size)
    return sums.reshape(size, size).astype(np.float32)


def mixed(words: Floats, meaning: Floats) -> Floats:
    """Return the joint kernel."""
    result: Floats = WORDS_SHARE * words + (1 - WORDS_SHARE) * meaning
    return result


def bell(cosines: Floats) -> Floats:
    """Return an exponential kernel of cosines: a radial basis function on the unit sphere."""
    result: Floats = np.exp((cosines - np.float32(1)) / np.float32(MEANING_WIDTH))
    return result


def stretches(numbers: Numbers) -> list[tuple[int, int]]:
    """Return where each stretch of successive numbers begins and ends: a label's landmarks stand together."""
    ends = np.flatnonzero(np.diff(numbers) != 1).tolist()
    return list(zip([0, *(end + 1 for end in ends)], [*ends, len(numbers) - 1], strict=True)) if len(numbers) else []


def largest(values: Floats, most: int) -> Numbers:
    """Return the places of the largest values, sorted by place."""
    if len(values) <= most:
        return np.arange(len(values))
    if len(values) < MANY * most:
        return np.sort(np.argpartition(-values, most - 1)[:most])
    # The largest values of groups: `most` values are at least as large as the last of the `most` largest of these.
    groups = len(values) // GROUP
    tops = values[: groups * GROUP].reshape(GROUP, groups).max(axis=0)
    some = np.flatnonzero(values >= np.partition(tops, groups - most)[groups - most])
    return some[np.sort(np.argpartition(-values[some], most - 1)[:most])]


def principal_axes(embedded: Embedded) -> Floats:
    """Return the first AXES principal axes through the origin, shape (dimensions, axes)."""
    every = embedded.all()
    _, vectors = np.linalg.eigh((every.T @ every).astype(np.float64))
    return np.ascontiguousarray(vectors[:, ::-1][:, :AXES], dtype=np.float32)
