"""How near a text is to each landmark phrasing: by its words and letters, and by its meaning."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bot.compiled import Form
from bot.search.matching.features import Doubles, Floats, Index, Vocabulary, words_in
from bot.search.matching.meaning import embed, embed_again
from bot.search.matching.pinyin import syllables
from bot.search.matching.spelling import Spelling

WORDS_WIDTH = 0.5  # how fast the kernel falls with the cosine, by words
MEANING_WIDTH = 0.4  # and by meaning
MOST_WORDS = 20  # longer texts count as this long
WORDS_SHARE = 0.3  # of the kernel by words in the sum of both
LONG = 100  # characters from which on a text is read as corrected alone


@dataclass(frozen=True)
class Nearness:
    """Cosines of some texts with all landmarks, shape (texts, landmarks) each, and what is known of each text's words."""

    words: Doubles
    meaning: Doubles | None
    known: Doubles  # share of the squared length of the text's TF-IDF row that known sequences make up
    lengths: Doubles  # natural logarithm of 1 + the number of words, at most MOST_WORDS

    def kernel(self) -> Doubles:
        """Sum of two exponential kernels of cosines, which are radial basis functions on the unit sphere."""
        words = np.exp((self.words - 1) / WORDS_WIDTH)
        if self.meaning is None:
            return words
        return WORDS_SHARE * words + (1 - WORDS_SHARE) * np.exp((self.meaning - 1) / MEANING_WIDTH)


class Views:
    """The landmarks as both views see them."""

    def __init__(self, landmarks: Sequence[str], semantic: bool) -> None:
        """Learn normalized texts. Raises SemanticMissing."""
        vocabulary = Vocabulary(landmarks, syllables(landmarks))
        index = Index(vocabulary.rows(landmarks), len(vocabulary))
        self._know(vocabulary, Spelling(landmarks), index, embed(landmarks) if semantic else None)

    def _know(self, vocabulary: Vocabulary, spelling: Spelling, index: Index, embeddings: Floats | None) -> None:
        self.vocabulary, self.spelling, self.index = vocabulary, spelling, index
        # Column by column in memory, as products of few texts with all landmarks are twice as fast then.
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
        """The nearness of normalized texts as they are written; `embeddings` are theirs, if already known."""
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
        """The nearness of normalized texts, averaged over the text as written and as corrected, and the corrections.

        Of a long text, in which one word tells little, only that of the text as corrected: it costs as much again.
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
        near = self.see([*read, *as_read])  # at once, as each pass goes through all landmarks
        count = len(read)
        for values in (near.words, near.known, *([] if near.meaning is None else [near.meaning])):
            values[twice] = (values[twice] + values[count:]) / 2
        meaning = None if near.meaning is None else near.meaning[:count]
        return Nearness(near.words[:count], meaning, near.known[:count], near.lengths[:count]), corrections
