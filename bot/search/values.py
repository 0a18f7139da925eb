"""Hears which value of a check's question a free description means, by the embeddings that find topics.

A ridge regression for each question learns what its values are called, said and described like, against texts that mean
none of them: other questions' and topics' phrasings. Descriptions left out, whole patterns at once, set its threshold.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bot.compiled import Form
from bot.search.matching.features import Floats
from bot.search.matching.matcher import readable
from bot.search.matching.meaning import embed_again, embedded

LEAST, LONGEST = 8, 200  # letters of a description, a Chinese character counts twice; and characters
RIDGE, CONSTANT = 0.3, 0.3
OTHERS = 0.3  # weight of all other questions' texts, and of all texts outside checks, beside the question's own
ANSWERS = 0.8  # share of answers among the texts at a question
RIGHT = 0.9  # lowest share of right values among those heard in texts left out
THRESHOLDS = np.arange(0.3, 1.2, 0.02)
LEAST_HEARD = 0.36  # lowest threshold for values, beside which merchants tell much else

Truth = NDArray[np.bool_]
Key = tuple[str, str]  # check and question
ORDERS: Key = ("", "orders")  # what is asked of a check, whose values are "explain" and "verdict"


@dataclass(frozen=True)
class Described:
    """A question's values with their descriptions: groups of similar ones, of which all are left out together.

    Texts are as `readable` returns them. `others` are descriptions of other questions' values. `several`: the question
    takes several values.
    """

    values: Mapping[str, Sequence[Sequence[str]]]
    others: Sequence[str] = ()
    several: bool = False


@dataclass(frozen=True)
class Hearing:
    """What is learned of one question. `weights` has a column for each value, shape (WIDTH + 1, values)."""

    values: tuple[str, ...]
    weights: Floats
    threshold: float
    several: bool

    def heard(self, vector: Floats) -> tuple[str, ...]:
        """Return the values that an embedding likely means; several only where the question takes several."""
        outputs = vector @ self.weights
        best = clearness(outputs[None], several=self.several)[0]
        if best < self.threshold:
            return ()
        least = self.threshold if self.several else outputs.max()
        return tuple(value for value, output in zip(self.values, outputs, strict=True) if output >= least)


class Values:
    """The hearings of all questions of all checks. Immutable."""

    def __init__(self, hearings: Mapping[Key, Hearing]) -> None:
        self.hearings = hearings

    def form(self) -> Form:
        parts = {
            "/".join(key): Form({**vars(one), "weights": None}, {"weights": one.weights})
            for key, one in self.hearings.items()
        }
        return Form(parts=parts)

    @classmethod
    def of(cls, form: Form) -> Values:
        hearings = {}
        for key, part in form.parts.items():
            check, question = key.split("/")
            facts = {**part.facts, "values": tuple(part.facts["values"]), "weights": part.arrays["weights"]}
            hearings[check, question] = Hearing(**facts)
        return cls(hearings)

    def order(self, text: str) -> str | None:
        """Return what a question asks of the check under way: to "explain" its question, or the "verdict" so far."""
        return next(iter(self.meant(*ORDERS, text)), None)

    def meant(self, check: str, question: str, text: str) -> tuple[str, ...]:
        """Return the values that a text likely means at a question."""
        hearing = self.hearings.get((check, question))
        letters = sum(2 - one.isascii() for one in text[:LONGEST] if one.isalnum())
        if hearing is None or letters < LEAST or len(text) > LONGEST:
            return ()
        return hearing.heard(with_constant(embed_again([readable(text)]))[0])


def fit(described: Mapping[Key, Described], outside: Sequence[str]) -> Values:
    """Learn every question's values. `outside` are texts that mean no value. Raises SemanticMissing."""
    told = dict.fromkeys(text for one in described.values() for text in every_text(one) if text)
    texts = [*told, *(text for text in dict.fromkeys(outside) if text not in told)]
    vectors = with_constant(embedded(texts).all()) if texts else np.zeros((0, 0), dtype=np.float32)
    rows = {text: row for row, text in enumerate(texts)}
    far = np.arange(len(told), len(texts))
    heard = {key: learned(one, rows, vectors, far) for key, one in described.items()}
    return Values(
        {
            key: one if key == ORDERS else replace(one, threshold=max(LEAST_HEARD, one.threshold))
            for key, one in heard.items()
        }
    )


def every_text(described: Described) -> list[str]:
    own = [text for groups in described.values.values() for group in groups for text in group]
    return [*own, *described.others]


def learned(described: Described, rows: Mapping[str, int], vectors: Floats, far: NDArray[np.int64]) -> Hearing:
    """Fit one question's regression, and its threshold by its residuals with each group of descriptions left out."""
    own: dict[int, tuple[int, int]] = {}  # row → value and group
    groups = [(value, group) for value, its in enumerate(described.values.values()) for group in its]
    for number, (value, group) in enumerate(groups):
        for text in group:
            if text in rows:
                own.setdefault(rows[text], (value, number))
    near = {rows[text] for text in described.others if text in rows} - own.keys()
    picked = np.array([*own, *sorted(near), *far], dtype=np.int64)
    size, values = len(own), np.array([value for value, _ in own.values()])
    known = vectors[picked]
    truth = np.zeros((len(picked), len(described.values)), dtype=np.float32)
    truth[np.arange(size), values] = 1
    weight = np.full(len(picked), OTHERS * size, dtype=np.float32)
    weight[:size] = (size / len(described.values) / np.bincount(values))[values]
    weight[size : size + len(near)] /= max(1, len(near))
    weight[size + len(near) :] /= max(1, len(far))
    scale = np.sqrt(weight)[:, None]
    scaled = known * scale
    inverse = np.linalg.inv(scaled.T @ scaled + RIDGE * np.eye(known.shape[1], dtype=np.float32))
    weights = inverse @ (scaled.T @ (truth * scale))
    off = truth - known @ weights
    solved = scaled @ inverse
    off[size:] /= 1 - (solved[size:] * scaled[size:]).sum(axis=1)[:, None]
    for number in {group for _, group in own.values()}:
        its = np.flatnonzero([group == number for _, group in own.values()])
        hat = solved[its] @ scaled[its].T
        off[its] = np.linalg.solve(np.eye(len(its), dtype=np.float32) - hat, off[its] * scale[its]) / scale[its]
    outputs = truth - off
    right = np.zeros(len(picked), dtype=bool)
    right[:size] = outputs[:size].argmax(axis=1) == values
    share = np.full(len(picked), (1 - ANSWERS) / max(1, len(picked) - size))
    share[:size] = ANSWERS / size
    clear = clearness(outputs, several=described.several)
    threshold = next((float(one) for one in THRESHOLDS if is_right(clear >= one, right, share)), 9.0)
    return Hearing(tuple(described.values), weights, round(threshold, 2), described.several)


def is_right(heard: Truth, right: Truth, share: Floats) -> bool:
    """Return true if enough of the texts in which a value is heard mean it."""
    total = float(share[heard].sum())
    return total > 0 and float(share[heard & right].sum()) >= RIGHT * total


def clearness(outputs: Floats, *, several: bool) -> Floats:
    """Return each row's largest output, or its lead over the second where that is less and one value is asked for."""
    ordered = np.sort(outputs, axis=1)
    best: Floats = ordered[:, -1]
    return best if several or outputs.shape[1] == 1 else np.minimum(best, best - ordered[:, -2])


def with_constant(vectors: Floats) -> Floats:
    return np.hstack([vectors, np.full((len(vectors), 1), CONSTANT, dtype=np.float32)])
