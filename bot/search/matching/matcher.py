"""Classifies questions into labels learned from phrasings, or rejects them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from math import exp
from typing import Any

import numpy as np

from bot.compiled import Form
from bot.language.normalize import normalize
from bot.search.matching.decision import EVIDENCE, LEXICAL, SEMANTIC, Decision, Sample, evidence
from bot.search.matching.familiar import Familiar
from bot.search.matching.features import Doubles, Floats, is_han, pieces
from bot.search.matching.held_out import Judgement, Trial, evenly, judge
from bot.search.matching.meaning import embedded, semantic_available
from bot.search.matching.names import Names
from bot.search.matching.phrasings import Phrasings
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
from bot.search.matching.recent import Recent
from bot.search.matching.space import Near, Numbers, Space
from bot.search.matching.votes import JOINT, Votes, votes, weighing

A_WORD, A_LETTER = 1.5, 0.6  # steps per known word, and per letter of an unknown one; a Chinese character takes one
LONGEST = 2000  # characters read of a question
SHARPNESS = 6.0  # exponent of a label's share among the labels after the first
NEIGHBOURS = 5  # phrasings shown in an explanation
MANY = 1000  # phrasings from which on any question shares letter sequences with some
LEAST_ALIKE, LEAST_KNOWN = 0.1, 0.3  # lowest cosine by words and share of known words of a readable question
ALONE = 0.55  # lowest cosine by words with the only label there is, to which no other is a counterexample
LEAD = 0.05  # lowest margin of a part over the whole
SEVERAL = 3  # phrasings that have a word, from which on it is a label's
FEW = 5  # fewest phrasings per language of a label that is not thin
MOST_PARTED = 500  # phrasings compared to tell a label's parts; a label's system is solved when first needed
REMEMBERED = 256  # rankings cached: those of messages read together, until their turns
CONFUSED = 0.2  # lowest share of two labels' phrasings confused with each other that is reported


@dataclass(frozen=True)
class Decided:
    """The votes on a text, their evidence, and the probabilities that the right label is first and among three."""

    votes: Votes
    evidence: Doubles
    first: float = 0.0
    three: float = 0.0


class Matcher:
    """Ranks the labels of a knowledge base for a question. Immutable; created by `fit`, or by `of` from its `form`."""

    def __init__(
        self,
        phrasings: Phrasings,
        labels: tuple[str, ...],
        starts: Numbers,
        space: Space | None,
        familiar: Familiar,
        decision: Decision,
        cross_validation: CrossValidation,
    ) -> None:
        self.phrasings = phrasings  # the landmarks, sorted by label
        self.labels = labels
        self.starts = starts  # the landmarks of label i are starts[i]:starts[i + 1]
        self.targets = np.repeat(np.arange(len(labels)), np.diff(starts))
        self.space = space  # None without phrasings
        self.familiar = familiar
        self.decision = decision
        self.cross_validation = cross_validation
        self.parted = phrasings.parted()
        self._parts = cache(self.parts_of)
        self.remember()

    def remember(self) -> None:
        """Create the caches of rankings and comparisons."""
        self._recent: Recent[tuple[str, int], Ranking] = Recent(REMEMBERED)
        if self.space is not None:
            self.space.remember()

    def form(self) -> Form:
        """Return the matcher's serialisable form."""
        facts = {"labels": self.labels, "cross_validation": self.cross_validation}
        arrays = {"starts": self.starts, "first": self.decision.first, "three": self.decision.three}
        parts = {"phrasings": self.phrasings.form(), "familiar": self.familiar.form()}
        return Form(facts, arrays, parts | {"space": self.space.form()} if self.space else parts)

    @classmethod
    def of(cls, form: Form) -> Matcher:
        """Restore a matcher from its form."""
        facts, arrays = form.facts, form.arrays
        return cls(
            Phrasings.of(form.parts["phrasings"]),
            tuple(facts["labels"]),
            arrays["starts"],
            Space.of(form.parts["space"]) if "space" in form.parts else None,
            Familiar.of(form.parts["familiar"]),
            Decision(arrays["first"], arrays["three"]),
            CrossValidation.of(facts["cross_validation"]),
        )

    @property
    def thresholds(self) -> Thresholds:
        return self.decision.thresholds

    @property
    def has_semantic(self) -> bool:
        """True if the matcher uses sentence embeddings."""
        return self.space is not None and self.space.embedded is not None

    @classmethod
    def fit(
        cls,
        phrasings: Sequence[Phrasing],
        *,
        semantic: bool | None = None,
        outside: Collection[str] = (),
        courteous: Collection[str] = (),
        names: Sequence[str] = (),
    ) -> Matcher:
        """Train a matcher. The order of phrasings is irrelevant; duplicates and those without letters or digits are ignored.

        `semantic=None` uses the semantic view if it is installed. `outside` are labels of unknown subjects: confusing them
        is harmless, and they represent questions outside. `courteous` are labels of small talk, which is so easily told
        apart that it would make questions seem surer than they are. `names` are the platform's own, which are no evidence. Raises
        SemanticMissing if `semantic` is true and it is missing.
        """
        semantic = semantic_available() if semantic is None else semantic
        prior = SEMANTIC if semantic else LEXICAL
        known, texts = distinct(phrasings)
        labels = tuple(sorted({phrasing.label for phrasing in known}))
        if not labels:
            nothing = Sample(np.zeros((0, len(EVIDENCE))), np.zeros(0, dtype=np.bool_), np.zeros(0, dtype=np.bool_))
            decision = Decision.fit(nothing, nothing, prior)
            starts = np.zeros(1, dtype=np.int64)
            return cls(
                Phrasings.from_phrasings(()),
                (),
                starts,
                None,
                Familiar((), (), 0),
                decision,
                CrossValidation(0, 0.0, (), (), ()),
            )
        numbers = {label: number for number, label in enumerate(labels)}
        targets = np.array([numbers[phrasing.label] for phrasing in known], dtype=np.int64)
        starts = np.searchsorted(targets, np.arange(len(labels) + 1))
        platform = Names(names)
        masked = [platform.masked(text) for text in texts]
        space = Space(texts, embedded(masked) if semantic else None, platform)
        familiar = Familiar(masked, targets.tolist(), len(labels))
        unknown = np.array([label in outside for label in labels], dtype=np.bool_)
        courtesies = np.array([label in courteous for label in labels], dtype=np.bool_)
        judgement = judge(Trial(space, masked, targets, starts, familiar, unknown, courtesies))
        decision = Decision.fit(judgement.inside, judgement.outside, prior)
        return cls(
            Phrasings.from_phrasings(known),
            labels,
            starts,
            space,
            familiar,
            decision,
            report(judgement, known, targets, labels),
        )

    def rank(self, text: str, *, top: int = 10) -> Ranking:
        """Rank the best `top` labels for a question's first LONGEST characters, with the verdict."""
        return self.rank_batch([text], top=top)[0]

    def rank_batch(self, texts: Sequence[str], *, top: int = 10) -> list[Ranking]:
        """Rank labels for several texts together; the last ones are cached."""
        nothing = Ranking((), "unknown")
        normal = [readable(text) for text in texts]
        found = {text: ranking for text in normal if text and (ranking := self._recent.get((text, top)))}
        new = [text for text in dict.fromkeys(normal) if text and text not in found]
        if self.space is None or not new:
            return [found.get(text, nothing) for text in normal]
        read = [self.space.read(text)[0] for text in new]
        for text, compared, near in zip(new, read, self.space.near(read), strict=True):
            found[text] = self._ranking(self._decided(compared, near), top)
            self._recent.keep((text, top), found[text])
        return [found.get(text, nothing) for text in normal]

    def part(self, text: str, label: str) -> str:
        """Return the part of a label that a question asks for, "" for the whole, by regression on its phrasings alone."""
        read = readable(text)
        if self.space is None or label not in self.parted or not read:
            return ""
        own, parts, weights = self._parts(label)
        likeness = self.space.likeness(self.space.read(read)[0], own)
        outputs = dict(zip(parts, (weights @ likeness).tolist(), strict=True))
        best = max(outputs, key=lambda part: (outputs[part], part))
        return best if outputs[best] > outputs.get("", 0.0) + LEAD else ""

    def having(self, text: str) -> list[str]:
        """Return the labels with several phrasings that have all words of a normalised text, those with the most first."""
        counts = self.familiar.having(text)
        best = sorted((-count, self.labels[label]) for label, count in counts.items() if count >= SEVERAL)
        return [label for _, label in best]

    def parts_of(self, label: str) -> tuple[Numbers, list[str], Doubles]:
        """Return an even share of a label's landmarks, its parts, and the matrix from likenesses to the parts' outputs."""
        assert self.space is not None
        number = self.labels.index(label)
        own = evenly(np.arange(self.starts[number], self.starts[number + 1]), MOST_PARTED)
        found, belongs = np.unique(self.phrasings.numbers[2, own], return_inverse=True)
        return own, [self.phrasings.parts[part] for part in found], weighing(self.space.kernel(own), belongs)

    def corrected(self, text: str) -> str:
        """Normalise a text and correct its spelling."""
        read = readable(text)
        return read if self.space is None else self.space.spelling.correct(read)[0]

    @property
    def words(self) -> frozenset[str]:
        """The Latin words of the phrasings."""
        return self.space.spelling.known if self.space else frozenset()

    def from_pinyin(self, text: str, english: Collection[str]) -> str:
        """Return a text with Chinese words in pinyin as characters, if it has any; `english`: words that are none."""
        lower = text.lower()
        read = lower if self.space is None else self.space.spelling.from_pinyin(lower, english)
        return text if read == lower else read

    def steps(self, text: str) -> float:
        """Estimate the encoder's cost of a text, in steps."""
        known = self.words
        return sum(
            len(piece) if is_han(piece) else A_WORD if piece in known else 1 + A_LETTER * len(piece)
            for piece in pieces(normalize(text))
        )

    def _decided(self, text: str, near: Near) -> Decided:
        """Decide on a text as it is compared."""
        found = votes(near, self.targets)
        if not len(found.labels):
            return Decided(found, np.zeros(len(EVIDENCE)))
        rows = evidence(text, found, self.familiar.of_votes(text, found.labels))
        return Decided(found, rows, *((0.0, 0.0) if self._strange(text, near) else self.decision.probabilities(rows)))

    def _strange(self, text: str, near: Near) -> bool:
        """True if a text shares too little with the phrasings: "qwzx", whatever its embedding is near."""
        if len(self.labels) == 1:
            return near.alike < ALONE
        if len(self.phrasings) < MANY:
            return near.alike <= 0
        # letters that a word shares with known ones are no meaning: "qqq" and "qq mail"
        parts = pieces(text)
        unread = bool(parts) and not any(is_han(part) or part.isdigit() or part in self.words for part in parts)
        return unread or (near.alike < LEAST_ALIKE and near.known < LEAST_KNOWN)

    def _ranking(self, decided: Decided, top: int) -> Ranking:
        found = decided.votes
        if not len(found.labels):
            return Ranking((), "unknown")
        some = max(top, 3)
        scores = self._scores(found.outputs[JOINT, :some], decided.first, decided.three)
        candidates = sorted(
            (
                Candidate(self.labels[label], round(score, 4))
                for label, score in zip(found.labels[:some], scores, strict=True)
            ),
            key=lambda candidate: (-candidate.score, candidate.label),
        )
        return Ranking(tuple(candidates[:top]), self._finding(candidates, decided.three))

    def _scores(self, outputs: Doubles, first: float, three: float) -> list[float]:
        """Return the first label's probability, followed by the others' shares of the rest of the first three's."""
        shares = [exp(SHARPNESS * float(output - outputs[0])) for output in outputs[1:]]
        total = sum(shares[:2])
        return [first, *(min(share / total * (three - first), first) for share in shares)]

    def _finding(self, candidates: Sequence[Candidate], three: float) -> Finding:
        best = candidates[0].score
        if len(candidates) == 1 or candidates[1].score < best:
            if best >= self.thresholds.answer:
                return "answer"
            if best >= self.thresholds.likely:
                return "likely"
        return "clarify" if three >= self.thresholds.clarify else "unknown"

    def explain(self, text: str) -> Explanation:
        """Explain the ranking of a text."""
        normal = readable(text)
        if self.space is None or not normal:
            ranking = Ranking((), "unknown")
            return Explanation(normal, ranking, self.thresholds, (), (), (), (), 0.0, ())
        read, corrections = self.space.read(normal)
        near = self.space.near([read])[0]
        decided = self._decided(read, near)
        ranking = self._ranking(decided, 10)
        adds = decided.evidence * self.decision.first
        return Explanation(
            text=normal,
            ranking=ranking,
            thresholds=self.thresholds,
            words=self._nearest(near.landmarks, near.words),
            meaning=() if near.meaning is None else self._nearest(near.landmarks, near.meaning),
            corrected=corrections,
            logits=tuple(
                (self.labels[label], round(float(output), 4))
                for label, output in zip(decided.votes.labels[:10], decided.votes.outputs[JOINT], strict=False)
            ),
            among_three=round(decided.three, 4),
            evidence=tuple(
                Evidence(name, round(float(value), 4), round(float(add), 4))
                for name, value, add in zip(EVIDENCE, decided.evidence, adds, strict=True)
            ),
        )

    def _nearest(self, landmarks: Numbers, cosines: Floats) -> tuple[Neighbour, ...]:
        order = np.argsort(-cosines, kind="stable")[:NEIGHBOURS]
        return tuple(
            Neighbour(self.phrasings[landmarks[index]], round(float(cosines[index]), 4))
            for index in order
            if cosines[index] > 0
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


def report(judgement: Judgement, known: Sequence[Phrasing], targets: Numbers, labels: Sequence[str]) -> CrossValidation:
    """Summarise the cross-validation for editors."""
    given = judgement.given
    own = targets[judgement.judged]
    wrong = np.flatnonzero(given != own)
    misplaced = [
        Misplaced(known[judgement.judged[row]], labels[given[row]], round(float(judgement.outputs[row]), 4))
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
