"""Classifies questions into labels learned from phrasings, or rejects them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import starmap
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.compiled import Form
from bot.language.normalize import normalize
from bot.search.matching.calibration import LEXICAL, SEMANTIC, SIGNALS, Calibration, calibrate, signals
from bot.search.matching.features import Doubles, is_han, pieces
from bot.search.matching.held_out import Judgement, Trial, judge
from bot.search.matching.meaning import embed, semantic_available
from bot.search.matching.ranking import (
    Candidate,
    Confusion,
    CrossValidation,
    Evidence,
    Explanation,
    Finding,
    Misplaced,
    Neighbour,
    Phrasing,
    Ranking,
    Thresholds,
)
from bot.search.matching.ridge import (
    ExactRidge,
    NearestLandmark,
    Numbers,
    Regression,
    RestrictedRidge,
    nearest,
)
from bot.search.matching.views import Nearness, Views

A_WORD, A_LETTER = 1.5, 0.6  # steps per known word, and per letter of an unknown one; a Chinese character takes one
LONGEST = 2000  # characters read of a question
MOST_EXACT = 16_000  # most phrasings that are all landmarks
MOST_LANDMARKS = 6000  # landmarks of more phrasings
MOST_LABELS = 1500  # most labels of a regression
MOST_NEAREST = 40_000  # landmarks of more labels, by nearest neighbour
JUDGED_WHEN_LARGE = 800  # phrasings held out if each takes milliseconds
SHARPNESS = 6.0  # exponent of a label's share among the labels after the first
NEIGHBOURS = 5  # phrasings shown in an explanation
TOGETHER = 256  # batch size
MANY = 1000  # phrasings from which on any question shares letter sequences with some
LEAST_ALIKE, LEAST_KNOWN = 0.1, 0.3  # lowest cosine by words and share of known words of a readable question
FEW = 5  # fewest phrasings per language of a label that is not thin
CONFUSED = 0.2  # lowest share of two labels' phrasings confused with each other that is reported


class Matcher:
    """Ranks the labels of a knowledge base for a question. Immutable; created by `fit`, or by `of` from its `form`."""

    def __init__(
        self,
        phrasings: tuple[Phrasing, ...],
        labels: tuple[str, ...],
        starts: Numbers,
        views: Views | None,
        coefficients: Doubles | None,
        calibration: Calibration,
        cross_validation: CrossValidation,
    ) -> None:
        self.phrasings = phrasings  # the landmarks, sorted by label
        self.labels = labels
        self.starts = starts  # the landmarks of label i are starts[i]:starts[i + 1]
        self.views = views  # None without phrasings
        self.coefficients = coefficients
        self.calibration = calibration
        self.cross_validation = cross_validation

    def form(self) -> Form:
        """Return the matcher's serialisable form."""
        facts = {
            "phrasings": [(one.label, one.lang, one.text) for one in self.phrasings],
            "labels": self.labels,
            "thresholds": (self.thresholds.answer, self.thresholds.clarify),
            "cross_validation": self.cross_validation,
        }
        arrays = {"starts": self.starts, "first": self.calibration.first, "three": self.calibration.three}
        if self.coefficients is not None:
            arrays["coefficients"] = self.coefficients
        return Form(facts, arrays, {"views": self.views.form()} if self.views else {})

    @classmethod
    def of(cls, form: Form) -> Matcher:
        """Restore a matcher from its form."""
        facts, arrays = form.facts, form.arrays
        return cls(
            tuple(starmap(Phrasing, facts["phrasings"])),
            tuple(facts["labels"]),
            arrays["starts"],
            Views.of(form.parts["views"]) if form.parts else None,
            arrays.get("coefficients"),
            Calibration(arrays["first"], arrays["three"], Thresholds(*facts["thresholds"])),
            CrossValidation.of(facts["cross_validation"]),
        )

    @property
    def thresholds(self) -> Thresholds:
        return self.calibration.thresholds

    @property
    def has_semantic(self) -> bool:
        """True if the matcher uses sentence embeddings."""
        return self.views is not None and self.views.embeddings is not None

    @classmethod
    def fit(
        cls, phrasings: Sequence[Phrasing], *, semantic: bool | None = None, outside: Collection[str] = ()
    ) -> Matcher:
        """Train a matcher. The order of phrasings is irrelevant; duplicates and those without letters or digits are ignored.

        `semantic=None` uses the semantic view if it is installed. `outside` are labels of unknown subjects: confusing them
        is harmless, and they represent questions outside. Raises SemanticMissing if `semantic` is true and it is missing.
        """
        semantic = semantic_available() if semantic is None else semantic
        prior = SEMANTIC if semantic else LEXICAL
        known, texts = distinct(phrasings)
        labels = tuple(sorted({phrasing.label for phrasing in known}))
        if not labels:
            nothing = Calibration(np.array(prior.first), np.array(prior.three), Thresholds(prior.answer, 1.0))
            return cls((), (), np.zeros(1, dtype=np.int64), None, None, nothing, CrossValidation(0, 0.0, (), (), ()))
        numbers = {label: number for number, label in enumerate(labels)}
        targets = np.array([numbers[phrasing.label] for phrasing in known], dtype=np.int64)
        many = len(labels) > MOST_LABELS
        exact = len(texts) <= MOST_EXACT
        landmarks = spread(targets, MOST_NEAREST if many else len(texts) if exact else MOST_LANDMARKS)
        starts = np.searchsorted(targets[landmarks], np.arange(len(labels) + 1))
        views = Views([texts[number] for number in landmarks], semantic)
        embeddings = None
        if semantic:
            embeddings = views.embeddings if len(landmarks) == len(texts) else embed(texts)

        def see(rows: Numbers) -> Nearness:
            meant = None if embeddings is None else embeddings[rows]
            return views.see([texts[row] for row in rows], embeddings=meant)

        def kernel(rows: Numbers) -> Doubles:
            return see(rows).kernel()

        regression: Regression
        if many:
            regression = NearestLandmark(kernel, landmarks, starts)
        elif len(landmarks) == len(texts):
            regression = ExactRidge(kernel, targets, len(labels))
        else:
            regression = RestrictedRidge(kernel, targets, len(labels), landmarks)
        unknown = np.array([label in outside for label in labels], dtype=np.bool_)
        trial = Trial(regression, see, targets, landmarks, starts, unknown)
        judgement = judge(trial) if len(texts) <= MOST_LANDMARKS else judge(trial, JUDGED_WHEN_LARGE)
        return cls(
            tuple(known[number] for number in landmarks),
            labels,
            starts,
            views,
            None if regression.coefficients is None else regression.coefficients.astype(np.float32),
            calibrate(judgement.samples, prior),
            report(judgement, known, targets, labels),
        )

    def rank(self, text: str, *, top: int = 10) -> Ranking:
        """Rank the best `top` labels for a question's first LONGEST characters, with the verdict."""
        return self.rank_batch([text], top=top)[0]

    def corrected(self, text: str) -> str:
        """Normalise a text and correct its spelling."""
        read = readable(text)
        return read if self.views is None else self.views.spelling.correct(read)[0]

    @property
    def words(self) -> frozenset[str]:
        """The Latin words of the phrasings."""
        return self.views.spelling.known if self.views else frozenset()

    def from_pinyin(self, text: str, english: Collection[str]) -> str:
        """Return a text with Chinese words in pinyin as characters, if it has any; `english`: words that are none."""
        lower = text.lower()
        read = lower if self.views is None else self.views.spelling.from_pinyin(lower, english)
        return text if read == lower else read

    def steps(self, text: str) -> float:
        """Estimate the encoder's cost of a text, in steps."""
        known = self.words
        return sum(
            len(piece) if is_han(piece) else A_WORD if piece in known else 1 + A_LETTER * len(piece)
            for piece in pieces(normalize(text))
        )

    def rank_batch(self, texts: Sequence[str], *, top: int = 10) -> list[Ranking]:
        """Rank labels for several texts."""
        rankings: list[Ranking] = []
        for start in range(0, len(texts), TOGETHER):
            rankings += self._rank([readable(text) for text in texts[start : start + TOGETHER]], top)
        return rankings

    def _rank(self, texts: Sequence[str], top: int) -> list[Ranking]:
        written = [index for index, text in enumerate(texts) if text]
        rankings = [Ranking((), "unknown")] * len(texts)
        if self.views is None or not written:
            return rankings
        near, _ = self.views.read([texts[index] for index in written])
        outputs = self.outputs(near)
        first, three = self.calibration.probabilities(signals(outputs, near, self.starts))
        strange = self.strange(near)
        first[strange] = three[strange] = 0
        for row, index in enumerate(written):
            rankings[index] = self._ranking(outputs[row], float(first[row]), float(three[row]), top)
        return rankings

    def strange(self, near: Nearness) -> NDArray[np.bool_]:
        """Return true for each text that shares too little with the phrasings: "qwzx", whatever its embedding is near."""
        alike = near.words.max(axis=1)
        if len(self.phrasings) < MANY:
            return np.asarray(alike <= 0) if near.meaning is None else np.zeros(len(alike), dtype=np.bool_)
        return np.asarray((alike < LEAST_ALIKE) & (near.known < LEAST_KNOWN))

    def outputs(self, near: Nearness) -> Doubles:
        kernel = near.kernel()
        if self.coefficients is None:
            return nearest(kernel, self.starts)
        # single precision throughout, to avoid a copy of the coefficients
        return (kernel.astype(np.float32) @ self.coefficients).astype(np.float64)

    def _ranking(self, outputs: Doubles, first: float, three: float, top: int) -> Ranking:
        order = np.argsort(-outputs, kind="stable")[: max(top, 3)]
        scores = self._scores(outputs[order], first, three)
        candidates = sorted(
            (Candidate(self.labels[label], round(score, 4)) for label, score in zip(order, scores, strict=True)),
            key=lambda candidate: (-candidate.score, candidate.label),
        )
        return Ranking(tuple(candidates[:top]), self._finding(candidates, three))

    def _scores(self, outputs: Doubles, first: float, three: float) -> list[float]:
        """Return the first label's probability, followed by the others' shares of the rest of the first three's."""
        shares = np.exp(SHARPNESS * (outputs[1:] - outputs[0]))
        if not len(shares):
            return [first]
        shares = shares / shares[:2].sum() * (three - first)
        return [first, *np.minimum(shares, first).tolist()]

    def _finding(self, candidates: Sequence[Candidate], three: float) -> Finding:
        if candidates[0].score >= self.thresholds.answer and (
            len(candidates) == 1 or candidates[1].score < candidates[0].score
        ):
            return "answer"
        return "clarify" if three >= self.thresholds.clarify else "unknown"

    def explain(self, text: str) -> Explanation:
        """Explain the ranking of a text."""
        read = readable(text)
        ranking = self._rank([read], 10)[0]
        second = ranking.candidates[1] if len(ranking.candidates) > 1 else None
        if self.views is None or not read:
            return Explanation(read, ranking, self.thresholds, None, (), (), (), (), 0.0, ())
        near, corrections = self.views.read([read])
        outputs = self.outputs(near)
        values = signals(outputs, near, self.starts)
        adds = values[0] * self.calibration.first
        order = np.argsort(-outputs[0], kind="stable")[:10]
        return Explanation(
            text=read,
            ranking=ranking,
            thresholds=self.thresholds,
            second=second,
            words=self._nearest(near.words[0]),
            meaning=() if near.meaning is None else self._nearest(near.meaning[0]),
            corrected=corrections[0],
            logits=tuple((self.labels[label], round(float(outputs[0, label]), 4)) for label in order),
            among_three=round(float(self.calibration.probabilities(values)[1][0]), 4),
            evidence=tuple(
                Evidence(name, round(float(value), 4), round(float(add), 4))
                for name, value, add in zip(SIGNALS, values[0], adds, strict=True)
            ),
        )

    def _nearest(self, cosines: Doubles) -> tuple[Neighbour, ...]:
        order = np.argsort(-cosines, kind="stable")[:NEIGHBOURS]
        return tuple(
            Neighbour(self.phrasings[index], round(float(cosines[index]), 4)) for index in order if cosines[index] > 0
        )


def readable(text: str) -> str:
    """Normalise a text and cut it to LONGEST characters."""
    return normalize(text[: 2 * LONGEST])[:LONGEST].strip()


def distinct(phrasings: Sequence[Phrasing]) -> tuple[list[Phrasing], list[str]]:
    """Return the non-empty phrasings without duplicates, and their normalised texts, sorted by label and text."""
    found: dict[tuple[str, str], Phrasing] = {}
    for phrasing in phrasings:
        key = (phrasing.label, readable(phrasing.text))
        if key[1] and (key not in found or (phrasing.lang, phrasing.text) < (found[key].lang, found[key].text)):
            found[key] = phrasing
    ordered = sorted(found)
    return [found[key] for key in ordered], [text for _, text in ordered]


def spread(targets: Numbers, most: int) -> Numbers:
    """Sample about `most` phrasings, at least one of each label, evenly over labels and their texts."""
    if len(targets) <= most:
        return np.arange(len(targets))
    counts = np.bincount(targets)
    quota = int(
        np.searchsorted([np.minimum(counts, each).sum() for each in range(1, counts.max() + 1)], most, side="right")
    )
    chosen = [
        np.unique(np.linspace(start, start + count - 1, min(count, max(1, quota))).astype(np.int64))
        for start, count in zip(np.cumsum(counts) - counts, counts, strict=True)
    ]
    return np.concatenate(chosen)


def report(judgement: Judgement, known: Sequence[Phrasing], targets: Numbers, labels: Sequence[str]) -> CrossValidation:
    """Summarise the cross-validation for editors."""
    given = judgement.outputs.argmax(axis=1)
    own = targets[judgement.judged]
    wrong = np.flatnonzero(given != own)
    misplaced = [
        Misplaced(known[judgement.judged[row]], labels[given[row]], round(float(judgement.outputs[row, given[row]]), 4))
        for row in wrong
    ]
    sizes = np.bincount(own, minlength=len(labels))
    swapped: dict[tuple[int, int], int] = {}
    for row in wrong:
        pair = (int(min(own[row], given[row])), int(max(own[row], given[row])))
        swapped[pair] = swapped.get(pair, 0) + 1
    confusions = [
        Confusion((labels[one], labels[two]), round(count / int(sizes[one] + sizes[two]), 4))
        for (one, two), count in swapped.items()
        if count >= CONFUSED * (sizes[one] + sizes[two])
    ]
    return CrossValidation(
        len(own),
        round(float((given == own).mean()), 4),
        tuple(sorted(misplaced, key=lambda item: (-item.score, item.phrasing.label, item.phrasing.text))),
        tuple(sorted(confusions, key=lambda item: (-item.share, item.labels))),
        tuple(thin(known, labels)),
    )


def thin(known: Sequence[Phrasing], labels: Sequence[str]) -> list[tuple[str, Any, int]]:
    """Return the labels with fewer than FEW phrasings in a language of the knowledge base, with the language and count."""
    counts: dict[tuple[str, str], int] = {}
    for phrasing in known:
        counts[phrasing.label, phrasing.lang] = counts.get((phrasing.label, phrasing.lang), 0) + 1
    languages = sorted({phrasing.lang for phrasing in known})
    return [
        (label, lang, counts.get((label, lang), 0))
        for label in labels
        for lang in languages
        if counts.get((label, lang), 0) < FEW
    ]
