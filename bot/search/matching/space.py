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
from bot.search.matching.features import Floats, Index, Rows, Vocabulary
from bot.search.matching.meaning import Embedded, embed_again
from bot.search.matching.names import Names
from bot.search.matching.pinyin import syllables
from bot.search.matching.spelling import Spelling

Numbers = NDArray[np.int64]

NEAREST = 64
SHORTLIST = 192
AXES = 128
SKETCH = (
    2048  # columns onto which the words' features are added with random signs, to compare landmarks with each other
)
MEANING_WIDTH = 0.4  # width of the kernel by meaning
WORDS_SHARE = 0.3  # weight of the words in the joint kernel
SEED = 7


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

    def __init__(self, landmarks: Sequence[str], embedded: Embedded | None, names: Names) -> None:
        """Learn normalised texts with their embeddings, if any."""
        masked = [names.masked(text) for text in landmarks]
        vocabulary, rows = Vocabulary.learned(masked, syllables(masked))
        axes = principal_axes(embedded) if embedded is not None else np.zeros((0, 0), dtype=np.float32)
        coarse = embedded.all() @ axes if embedded is not None else np.zeros((0, 0), dtype=np.float32)
        arrays = {"axes": axes, "coarse": np.ascontiguousarray(coarse.T)}
        self._know(vocabulary, Spelling(landmarks), rows, Index(rows, len(vocabulary)), embedded, names, arrays)

    def _know(
        self,
        vocabulary: Vocabulary,
        spelling: Spelling,
        rows: Rows,
        index: Index,
        embedded: Embedded | None,
        names: Names,
        arrays: dict[str, NDArray[Any]],
    ) -> None:
        self.vocabulary, self.spelling, self.rows, self.index = vocabulary, spelling, rows, index
        self.embedded, self.names = embedded, names
        self.axes, self.coarse = arrays["axes"], arrays["coarse"]
        chance = np.random.default_rng(SEED)
        self.place = chance.integers(0, SKETCH, len(vocabulary), dtype=np.int32)
        self.sign = chance.choice(np.array([-1, 1], dtype=np.float32), len(vocabulary))

    def form(self) -> Form:
        parts = {"vocabulary": self.vocabulary.form(), "spelling": self.spelling.form(), "index": self.index.form()}
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
            Index.of(parts["index"]),
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
        rows = [self.vocabulary.row(text) for text in texts]
        words = self.index.products([(columns, values) for columns, values, _ in rows])
        joint = words
        if self.embedded is not None:
            embeddings = embed_again(texts) if embeddings is None else embeddings
            joint = WORDS_SHARE * words + (1 - WORDS_SHARE) * bell((embeddings @ self.axes) @ self.coarse)
        found = []
        for row, (_, _, known) in enumerate(rows):
            alike = joint[row]
            if without is not None:
                alike[without[row]] = -1
            few = largest(alike, SHORTLIST) if only is None else only
            found.append(
                self._near(few[alike[few] >= 0], words[row], None if embeddings is None else embeddings[row], known)
            )
        return found

    def _near(self, few: Numbers, by_words: Floats, embedding: Floats | None, known: float) -> Near:
        words = by_words[few]
        alike = float(by_words.max(initial=0))
        if self.embedded is None or embedding is None:
            best = np.sort(largest(words, NEAREST))
            chosen = few[best]
            sketch = self._sketch(chosen)
            return Near(chosen, words[best], None, (sketch @ sketch.T)[None], words[best][None], known, alike)
        vectors = self.embedded.some(few)
        meaning = vectors @ embedding
        joint = WORDS_SHARE * words + (1 - WORDS_SHARE) * bell(meaning)
        best = np.sort(largest(joint, NEAREST))
        chosen, vectors = few[best], vectors[best]
        sketch = self._sketch(chosen)
        by_word, by_meaning = sketch @ sketch.T, bell(vectors @ vectors.T)
        kernel = np.stack([WORDS_SHARE * by_word + (1 - WORDS_SHARE) * by_meaning, by_word, by_meaning])
        likeness = np.stack([joint[best], words[best], bell(meaning[best])])
        return Near(chosen, words[best], meaning[best], kernel, likeness, known, alike)

    def _sketch(self, landmarks: Numbers) -> Floats:
        """Return landmarks' features by words, added up onto SKETCH columns with random signs, which keeps their products
        on average (Charikar, Chen, Farach-Colton: Finding Frequent Items in Data Streams, 2002)."""
        starts = self.rows.starts[landmarks]
        lengths = self.rows.starts[landmarks + 1] - starts
        ends = np.cumsum(lengths)
        picked = np.repeat(starts - ends + lengths, lengths) + np.arange(lengths.sum())
        columns = self.rows.columns[picked]
        where = np.repeat(np.arange(len(landmarks)) * SKETCH, lengths) + self.place[columns]
        total = np.bincount(where, self.rows.values[picked] * self.sign[columns], minlength=len(landmarks) * SKETCH)
        return total.reshape(len(landmarks), SKETCH).astype(np.float32)


def bell(cosines: Floats) -> Floats:
    """Return an exponential kernel of cosines: a radial basis function on the unit sphere."""
    result: Floats = np.exp((cosines - np.float32(1)) / np.float32(MEANING_WIDTH))
    return result


def largest(values: Floats, most: int) -> Numbers:
    """Return the places of the largest values, sorted by place."""
    if len(values) <= most:
        return np.arange(len(values))
    return np.sort(np.argpartition(-values, most - 1)[:most])


def principal_axes(embedded: Embedded) -> Floats:
    """Return the first AXES principal axes through the origin, shape (dimensions, axes)."""
    every = embedded.all()
    _, vectors = np.linalg.eigh((every.T @ every).astype(np.float64))
    return np.ascontiguousarray(vectors[:, ::-1][:, :AXES], dtype=np.float32)
