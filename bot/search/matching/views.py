"""Similarity of texts to the landmark phrasings: by words and letters, and by sentence embeddings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bot.compiled import Form
from bot.search.matching.features import Doubles, Floats, Index, Vocabulary, words_in
from bot.search.matching.meaning import embed, embed_again
from bot.search.matching.pinyin import syllables
from bot.search.matching.spelling import Spelling

WORDS_WIDTH = 0.5  # width of the kernel by words
MEANING_WIDTH = 0.4  # width of the kernel by meaning
MOST_WORDS = 20  # cap of the length signal
WORDS_SHARE = 0.3  # weight of the kernel by words in the sum
LONG = 100  # characters of the longest text read both as written and as corrected


@dataclass(frozen=True)
class Nearness:
    """Cosines of texts with all landmarks, shape (texts, landmarks) each, and statistics of each text's words."""

    words: Doubles
    meaning: Doubles | None
    known: Doubles  # the known sequences' share of the TF-IDF row's squared length
    lengths: Doubles  # natural logarithm of 1 + the number of words, at most MOST_WORDS

    def kernel(self) -> Doubles:
        """Return the sum of two exponential kernels of cosines (radial basis functions on the unit sphere)."""
        words = np.exp((self.words - 1) / WORDS_WIDTH)
        if self.meaning is None:
            return words
        return WORDS_SHARE * words + (1 - WORDS_SHARE) * np.exp((self.meaning - 1) / MEANING_WIDTH)


class Views:
    """The landmarks' features in both views."""

    def __init__(self, landmarks: Sequence[str], semantic: bool) -> None:
        """Learn normalised texts. Raises SemanticMissing."""
        vocabulary = Vocabulary(landmarks, syllables(landmarks))
        index = Index(vocabulary.rows(landmarks), len(vocabulary))
        self._know(vocabulary, Spelling(landmarks), index, embed(landmarks) if semantic else None)

    def _know(self, vocabulary: Vocabulary, spelling: Spelling, index: Index, embeddings: Floats | None) -> None:
        self.vocabulary, self.spelling, self.index = vocabulary, spelling, index
        # Column-major order doubles the speed of products of few texts with all landmarks.
        self.embeddings = None if embeddings is None else np.asfortranarray(embeddings)

    def form(self) -> Form:
        parts = {"vocabulary": self.vocabulary.form(), "spelling": self.spelling.form(), "index": self.index.form()}
        return Form({}, {} if self.embeddings is None else {"embeddings, transposed": self.embeddings.T}, parts)

    @classmethod
    def of(cls, form: Form) -> Views:
        made, parts = cls.__new__(cls), form.parts
        transposed = form.arrays.get("embeddings, transposed")
        made._know(
            Vocabulary.of(parts["vocabulary"]),
            Spelling.of(parts["spelling"]),
            Index.of(parts["index"]),
            None if transposed is None else transposed.T,
        )
        return made

    def see(self, texts: Sequence[str], *, embeddings: Floats | None = None) -> Nearness:
        """Compare normalised texts as written; `embeddings` are theirs, if already computed."""
        rows = [self.vocabulary.row(text) for text in texts]
        return Nearness(
            self.index.products([(columns, values) for columns, values, _ in rows]),
            self._mean(texts, embeddings),
            np.array([known for _, _, known in rows]),
            np.log1p([min(words_in(text), MOST_WORDS) for text in texts]),
        )

    def _mean(self, texts: Sequence[str], embeddings: Floats | None) -> Doubles | None:
        if self.embeddings is None:
            return None
        if embeddings is None:
            embeddings = embed_again(texts)
        return (embeddings @ self.embeddings.T).astype(np.float64)

    def read(self, texts: Sequence[str]) -> tuple[Nearness, list[tuple[tuple[str, str], ...]]]:
        """Compare normalised texts, averaging over text as written and as corrected; also return the corrections.

        Long texts are compared as corrected only, since one word matters little in them and a second pass costs as much.
        """
        read, corrections = list(texts), []
        twice: list[int] = []
        as_read: list[str] = []
        for index, text in enumerate(texts):
            corrected, replaced = self.spelling.correct(text)
            corrections.append(replaced)
            if replaced and len(text) > LONG:
                read[index] = corrected
            elif replaced:
                twice.append(index)
                as_read.append(corrected)
        near = self.see([*read, *as_read])  # in one batch, since each pass reads all landmarks
        count = len(read)
        for values in (near.words, near.known, *([] if near.meaning is None else [near.meaning])):
            values[twice] = (values[twice] + values[count:]) / 2
        meaning = None if near.meaning is None else near.meaning[:count]
        return Nearness(near.words[:count], meaning, near.known[:count], near.lengths[:count]), corrections
