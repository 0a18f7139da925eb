"""Judges phrasings as if they had not been learned: one by one, and label by label."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.search.matching.calibration import BEYOND, OUTSIDE, HeldOut, both, signals
from bot.search.matching.features import Doubles
from bot.search.matching.ridge import Numbers, Regression, blocks
from bot.search.matching.views import Nearness

MOST_JUDGED = 2000  # phrasings judged; more make training longer and little better
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
    outputs, inside = one_by_one(trial, judged)
    outside = without_label(trial, judged)
    return Judgement(judged, outputs, both(inside, outside, BEYOND if foreseen(trial) else OUTSIDE))


def foreseen(trial: Trial) -> bool:
    """Whether there are enough labels for what is not known to show what questions outside look like."""
    return bool(trial.outside.sum() >= ENOUGH_OUTSIDE)


def one_by_one(trial: Trial, judged: Numbers) -> tuple[Doubles, HeldOut]:
    """The outputs for each phrasing without it, and what they make of it; the only phrasing of a label is no sample."""
    outputs = [np.zeros((0, len(trial.starts) - 1))]
    rows = [nothing_seen(trial)]
    for some in blocks(len(judged)):
        alone = np.concatenate([trial.regression.held_out(judged[i : i + 1]) for i in some])
        near = trial.see(judged[some])
        for row, number in enumerate(judged[some]):
            hide(near, row, np.flatnonzero(trial.landmarks == number))
        outputs.append(alone)
        rows.append(signals(alone, near, trial.starts))
    every = np.concatenate(outputs)
    own = trial.targets[judged]
    order = np.argsort(-every, axis=1, kind="stable")[:, :3]
    alike = (order == own[:, None]) | (trial.outside[order] & trial.outside[own][:, None])
    harm = ~alike[:, 0] & ~trial.outside[order[:, 0]]
    kept = np.bincount(trial.targets, minlength=len(trial.starts) - 1)[own] > 1
    return every, HeldOut(
        np.concatenate(rows)[kept], alike[kept, 0], alike[kept].any(axis=1), harm[kept], np.ones(kept.sum())
    )


def without_label(trial: Trial, judged: Numbers) -> HeldOut:
    """What is made of phrasings whose whole label is held out, as questions are that nothing was learned about.

    Where some labels stand for what is not known, those are held out, and are right to be taken for another of them.
    """
    labels = len(trial.starts) - 1
    rows = [nothing_seen(trial)]
    none = np.zeros(0, dtype=np.bool_)
    first, three, harm = [none], [none], [none]
    chosen = np.flatnonzero(trial.outside) if foreseen(trial) else np.arange(labels)
    for label in np.intersect1d(trial.targets[judged], chosen if labels > 1 else []):
        group = np.flatnonzero(trial.targets == label)
        if len(group) > MOST_IN_A_LABEL:
            continue
        asked = judged[trial.targets[judged] == label]
        outputs = trial.regression.held_out(group)[np.searchsorted(group, asked)]
        outputs[:, label] = -1.0
        near = trial.see(asked)
        hide(near, slice(None), np.arange(trial.starts[label], trial.starts[label + 1]))
        rows.append(signals(outputs, near, trial.starts))
        order = np.argsort(-outputs, axis=1, kind="stable")[:, :3]
        alike = trial.outside[order] & trial.outside[label]
        harm.append(~trial.outside[order[:, 0]])
        first.append(alike[:, 0])
        three.append(alike.any(axis=1))
    right = np.concatenate(first)
    return HeldOut(np.concatenate(rows), right, np.concatenate(three), np.concatenate(harm), np.ones(len(right)))


def nothing_seen(trial: Trial) -> Doubles:
    """The signals of no text: shape (0, signals)."""
    return signals(np.zeros((0, 1)), trial.see(np.arange(0)), np.array([0, 0]))


def hide(near: Nearness, rows: int | slice, landmarks: Numbers) -> None:
    """Make landmarks as far from these rows as if they were not there."""
    near.words[rows, landmarks] = 0
    if near.meaning is not None:
        near.meaning[rows, landmarks] = 0
