"""Cross-validation: holds out single phrasings, and whole labels."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from bot.search.matching.decision import EVIDENCE, Sample, evidence
from bot.search.matching.familiar import Familiar
from bot.search.matching.features import Doubles, Floats
from bot.search.matching.space import Numbers, Space
from bot.search.matching.votes import JOINT, Votes, votes

MOST_JUDGED = 1000  # phrasings held out one by one; more take longer and improve little
MOST_OUTSIDE = 400  # phrasings whose label is held out whole
ENOUGH_OUTSIDE = 10  # labels of unknown subjects needed to use them alone as questions outside
TOGETHER = 128  # texts compared in one product

Truths = NDArray[np.bool_]


@dataclass(frozen=True)
class Trial:
    """The input of a judgement. Landmarks are sorted by label."""

    space: Space
    texts: Sequence[str]  # as compared
    targets: Numbers  # the label of each landmark
    starts: Numbers  # the landmarks of label i are starts[i]:starts[i + 1]
    familiar: Familiar
    outside: Truths  # true for labels of unknown subjects: to confuse these is harmless
    courtesies: Truths  # true for labels of small talk, which is easier than questions and says nothing of them

    def without(self, which: Numbers, hidden: Callable[[int], Numbers]) -> Iterator[tuple[int, Votes]]:
        """Yield landmarks with their votes when the landmarks `hidden` for them are left out."""
        for start in range(0, len(which), TOGETHER):
            some = which[start : start + TOGETHER]
            near = self.space.near(
                [self.texts[one] for one in some], self.embeddings(some), [hidden(int(one)) for one in some]
            )
            yield from zip(map(int, some), (votes(one, self.targets) for one in near), strict=True)

    def embeddings(self, which: Numbers) -> Floats | None:
        return None if self.space.embedded is None else self.space.embedded.some(which)


@dataclass(frozen=True)
class Judgement:
    """The best label and its output for phrasings held out one by one, and the samples for the decision."""

    judged: Numbers
    given: Numbers
    outputs: Floats
    inside: Sample
    outside: Sample


def judge(trial: Trial) -> Judgement:
    """Hold out all phrasings, or a sample of MOST_JUDGED."""
    judged = sampled(np.arange(len(trial.targets)), trial.texts, MOST_JUDGED)
    given, outputs, rows = [], [], Rows(trial)
    for one, found in trial.without(judged, lambda one: np.array([one])):
        own = int(trial.targets[one])
        given.append(found.labels[0] if len(found.labels) else own)
        outputs.append(found.outputs[JOINT, 0] if len(found.labels) else 0.0)
        if trial.courtesies[own]:
            continue
        if trial.starts[own + 1] - trial.starts[own] > 1 and len(found.labels):  # a label's only phrasing is no sample
            rows.add(one, found, [label == own or trial.outside[label] & trial.outside[own] for label in found.labels])
    return Judgement(
        judged,
        np.array(given, dtype=np.int64),
        np.array(outputs, dtype=np.float32),
        rows.sample(),
        without_label(trial),
    )


def without_label(trial: Trial) -> Sample:
    """Return the samples of phrasings whose label is held out, as questions outside the content.

    If there are labels of unknown subjects, only these are held out. No other label is a right result: an unknown that is
    named must be the one that was asked about.
    """
    unknown = trial.outside[trial.targets]
    which = np.flatnonzero(unknown) if trial.outside.sum() >= ENOUGH_OUTSIDE else np.arange(len(trial.targets))
    rows = Rows(trial)
    if len(trial.starts) > 2:  # more labels than one
        for one, found in trial.without(
            sampled(which, trial.texts, MOST_OUTSIDE), lambda one: own_landmarks(trial, one)
        ):
            if len(found.labels):
                rows.add(one, found, [False], whole=True)
    return rows.sample()


def own_landmarks(trial: Trial, landmark: int) -> Numbers:
    own = trial.targets[landmark]
    return np.arange(trial.starts[own], trial.starts[own + 1])


class Rows:
    """Collects a sample."""

    def __init__(self, trial: Trial) -> None:
        self.trial = trial
        self.evidence: list[Doubles] = []
        self.first: list[bool] = []
        self.three: list[bool] = []

    def add(self, landmark: int, found: Votes, right: Sequence[bool], *, whole: bool = False) -> None:
        """Add one text; `right` tells of each label of its votes whether it would be right."""
        trial, text = self.trial, self.trial.texts[landmark]
        own = int(trial.targets[landmark])
        self.evidence.append(
            evidence(text, found, trial.familiar.of_votes(text, found.labels, without=own, whole=whole))
        )
        self.first.append(bool(right[0]))
        self.three.append(any(right[:3]))

    def sample(self) -> Sample:
        rows: Doubles = np.array(self.evidence, dtype=np.float64).reshape(-1, len(EVIDENCE))
        return Sample(rows, np.array(self.first, dtype=np.bool_), np.array(self.three, dtype=np.bool_))


def sampled(which: Numbers, texts: Sequence[str], most: int) -> Numbers:
    """Return a sample that changes by one text at most where a text is added: those with the smallest digests."""
    digests = np.array([crc32(texts[one].encode()) for one in which], dtype=np.uint32)
    return np.sort(which[np.argsort(digests, kind="stable")[:most]])


def evenly(which: Numbers, most: int) -> Numbers:
    return which[np.unique(np.linspace(0, len(which) - 1, min(len(which), most)).astype(np.int64))]
