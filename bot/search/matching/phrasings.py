"""Phrasings as arrays, each made when it is read: tens of thousands of objects would take a second and much memory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import overload

import numpy as np
from numpy.typing import NDArray

from bot.compiled import Form
from bot.model import LANGUAGES
from bot.search.matching.features import Ints
from bot.search.matching.lookup import Texts
from bot.search.matching.ranking import Phrasing


class Phrasings(Sequence[Phrasing]):
    """A sequence of phrasings. Immutable."""

    def __init__(self, labels: Sequence[str], parts: Sequence[str], numbers: Ints, texts: Texts) -> None:
        """`numbers` are those of each phrasing's label, language and part, shape (3, phrasings)."""
        self.labels, self.parts, self.numbers, self.texts = labels, parts, numbers, texts

    @classmethod
    def from_phrasings(cls, phrasings: Iterable[Phrasing]) -> Phrasings:
        every = list(phrasings)
        labels, parts = sorted({one.label for one in every}), sorted({"", *(one.part for one in every)})
        label_at, part_at = ({name: place for place, name in enumerate(names)} for names in (labels, parts))
        numbers = [(label_at[one.label], LANGUAGES.index(one.lang), part_at[one.part]) for one in every]
        texts = Texts.from_texts(one.text for one in every)
        return cls(labels, parts, np.array(numbers, dtype=np.int32).reshape(-1, 3).T.copy(), texts)

    def form(self) -> Form:
        facts = {"labels": self.labels, "parts": self.parts}
        return Form(facts, {"numbers": self.numbers}, {"texts": self.texts.form()})

    @classmethod
    def of(cls, form: Form) -> Phrasings:
        facts = form.facts
        return cls(facts["labels"], facts["parts"], form.arrays["numbers"], Texts.of(form.parts["texts"]))

    def __len__(self) -> int:
        return len(self.texts)

    @overload
    def __getitem__(self, place: int) -> Phrasing: ...

    @overload
    def __getitem__(self, place: slice) -> list[Phrasing]: ...

    def __getitem__(self, place: int | slice) -> Phrasing | list[Phrasing]:
        if isinstance(place, slice):
            return [self[one] for one in range(len(self))[place]]
        label, lang, part = self.numbers[:, place].tolist()
        return Phrasing(self.labels[label], LANGUAGES[lang], self.texts[place], self.parts[part])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Phrasings) and list(self) == list(other)

    def numbered(self, places: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return a number for the label and the part of each of these phrasings: label * len(parts) + part."""
        labels, _, parts = self.numbers[:, places].astype(np.int64)
        numbers: NDArray[np.int64] = labels * len(self.parts) + parts
        return numbers

    def parted(self) -> set[str]:
        """Return the labels that have parts."""
        labels, _, parts = self.numbers
        return {self.labels[number] for number in np.unique(labels[parts > 0])}  # 0 is "", the whole
