"""Judges phrasings as if they had not been learned: one by one, with their nearest kin, and label by label."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.knowledge.search.calibration import BEYOND, OUTSIDE, HeldOut, signals, weigh
from bot.knowledge.search.features import Doubles
from bot.knowledge.search.ridge import Numbers, Regression
from bot.knowledge.search.views import Nearness

# One author's phrasings resemble each other more than a stranger's question resembles any of them. So a phrasing is
# judged without this share of its label's others, the nearest to it, at most so many.
KIN = 0.0
MOST_KIN = 3  # many phrasings come from many authors
MOST_JUDGED = 3000  # phrasings judged; more make training longer and little better
ENOUGH_OUTSIDE = 10  # labels for what is not known from which on they alone stand for questions outside
MOST_IN_A_LABEL = 1500  # phrasings of a label held out whole: the cube of it is work

Truths = NDArray[np.bool_]


@dataclass(frozen=True)
class Trial:
    """All that a judgement needs. Phrasings and landmarks are sorted by label."""

    regression: Regression
    see: Callable[[Numbers], Nearness]  # numbers of phrasings -> their nearness to the landmarks
    targets: Numbers  # the label of each phrasing
    landmarks: Numbers  # which phrasings are landmarks
    starts: Numbers  # the landmarks of label i are starts[i]:starts[i + 1]
    outside: Truths  # which labels stand for what is not known: taking one of them for another does no harm

    def alike(self, label: int, taken: Numbers) -> Truths:
        """For each label that a phrasing of `label` was taken for, whether that is right or does no harm."""
        return np.asarray((taken == label) | (self.outside[taken] & self.outside[label]))


@dataclass(frozen=True)
class Judgement:
    """Outputs for phrasings held out one by one, and the samples that probabilities are fitted on."""

    judged: Numbers
    outputs: Doubles
    samples: HeldOut


def judge(trial: Trial, most: int = MOST_JUDGED) -> Judgement:
    """Hold out phrasings (an even sample of them where there are more than `most`)."""
    count = len(trial.targets)
    judged = np.unique(np.linspace(0, count - 1, min(count, most)).astype(np.int64))
    labels = len(trial.starts) - 1
    alone = np.concatenate(
        [trial.regression.held_out(judged[i : i + 1]) for i in range(len(judged))] or [np.zeros((0, labels))]
    )
    inside = among_kin(trial, judged)
    outside = without_label(trial, judged)
    return Judgement(
        judged,
        alone,
        HeldOut(
            np.concatenate([inside[0], outside[0]]),
            np.concatenate([inside[1], outside[1]]),
            np.concatenate([inside[2], outside[2]]),
            np.concatenate([inside[3], outside[3]]),
            weigh(len(inside[0]), len(outside[0]), BEYOND if foreseen(trial) else OUTSIDE),
        ),
    )


def foreseen(trial: Trial) -> bool:
    """Whether there are enough labels for what is not known to show what questions outside look like."""
    return bool(trial.outside.sum() >= ENOUGH_OUTSIDE)


def among_kin(trial: Trial, judged: Numbers) -> tuple[Doubles, Truths, Truths, Truths]:
    """Signals of phrasings held out with their nearest kin; whether their own label came first, or among three, or
    whether the first does harm."""
    rows, first, three, harm = [], [], [], []
    for number in judged:
        label = trial.targets[number]
        near = trial.see(np.array([number]))
        own = np.arange(trial.starts[label], trial.starts[label + 1])
        others = own[trial.landmarks[own] != number]
        if not len(others):
            continue
        kernel = near.kernel()[0, others]
        kin = others[np.argsort(-kernel, kind="stable")[: min(MOST_KIN, int(KIN * len(others)))]]
        hidden = np.concatenate([kin, own[trial.landmarks[own] == number]])
        group = np.unique(np.concatenate([[number], trial.landmarks[kin]]))
        outputs = trial.regression.held_out(group)[np.searchsorted(group, number)][None]
        rows.append(signals(outputs, without(near, hidden), trial.starts))
        order = np.argsort(-outputs[0], kind="stable")[:3]
        alike = trial.alike(label, order)
        harm.append(not alike[0] and not trial.outside[order[0]])
        first.append(alike[0])
        three.append(alike.any())
    width = signals(np.zeros((0, 1)), trial.see(np.arange(0)), np.array([0, 0])).shape[1]
    return (
        np.concatenate(rows or [np.zeros((0, width))]),
        np.array(first, dtype=np.bool_),
        np.array(three, dtype=np.bool_),
        np.array(harm, dtype=np.bool_),
    )


def without_label(trial: Trial, judged: Numbers) -> tuple[Doubles, Truths, Truths, Truths]:
    """Signals of phrasings whose whole label is held out, as questions are that nothing was learned about.

    Where some labels stand for what is not known, those are held out, and are right to be taken for another of them.
    """
    labels = len(trial.starts) - 1
    rows = [signals(np.zeros((0, 1)), trial.see(np.arange(0)), np.array([0, 0]))]
    nothing = np.zeros(0, dtype=np.bool_)
    first, three, harm = [nothing], [nothing], [nothing]
    chosen = np.flatnonzero(trial.outside) if foreseen(trial) else np.arange(labels)
    for label in np.intersect1d(trial.targets[judged], chosen if labels > 1 else []):
        group = np.flatnonzero(trial.targets == label)
        if len(group) > MOST_IN_A_LABEL:
            continue
        asked = judged[trial.targets[judged] == label]
        outputs = trial.regression.held_out(group)[np.searchsorted(group, asked)]
        outputs[:, label] = -1.0
        near = without(trial.see(asked), np.arange(trial.starts[label], trial.starts[label + 1]))
        rows.append(signals(outputs, near, trial.starts))
        order = np.argsort(-outputs, axis=1, kind="stable")[:, :3]
        alike = trial.outside[order] & trial.outside[label]
        harm.append(~trial.outside[order[:, 0]])
        first.append(alike[:, 0])
        three.append(alike.any(axis=1))
    return np.concatenate(rows), np.concatenate(first), np.concatenate(three), np.concatenate(harm)


def without(near: Nearness, landmarks: Numbers) -> Nearness:
    """The same nearness, had these landmarks not been there."""
    words = near.words.copy()
    words[:, landmarks] = 0
    meaning = None
    if near.meaning is not None:
        meaning = near.meaning.copy()
        meaning[:, landmarks] = 0
    return Nearness(words, meaning, near.known, near.lengths)
