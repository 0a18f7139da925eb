"""Cross-validation: holds out single phrasings, and whole labels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.search.matching.calibration import BEYOND, OUTSIDE, HeldOut, both, signals
from bot.search.matching.features import Doubles
from bot.search.matching.ridge import Numbers, Regression, blocks
from bot.search.matching.views import Nearness

MOST_JUDGED = 2000  # phrasings judged; more take longer and improve little
ENOUGH_OUTSIDE = 10  # labels for unknown subjects needed to use them alone as questions outside
MOST_IN_A_LABEL = 1500  # phrasings of the largest label held out whole, since the cost is cubic

Truths = NDArray[np.bool_]


@dataclass(frozen=True)
class Trial:
    """The input of a judgement. Phrasings and landmarks are sorted by label."""

    regression: Regression
    see: Callable[[Numbers], Nearness]  # numbers of phrasings -> their nearness to the landmarks
    targets: Numbers  # the label of each phrasing
    landmarks: Numbers  # numbers of the phrasings that are landmarks
    starts: Numbers  # the landmarks of label i are starts[i]:starts[i + 1]
    outside: Truths  # true for labels of unknown subjects: to confuse these is harmless


@dataclass(frozen=True)
class Judgement:
    """The outputs for phrasings held out one by one, and the samples for calibration."""

    judged: Numbers
    outputs: Doubles
    samples: HeldOut


def judge(trial: Trial, most: int = MOST_JUDGED) -> Judgement:
    """Hold out all phrasings, or an even sample of `most`."""
    count = len(trial.targets)
    judged = np.unique(np.linspace(0, count - 1, min(count, most)).astype(np.int64))
    outputs, inside = one_by_one(trial, judged)
    outside = without_label(trial, judged)
    return Judgement(judged, outputs, both(inside, outside, BEYOND if has_outside_labels(trial) else OUTSIDE))


def has_outside_labels(trial: Trial) -> bool:
    """Return true if there are enough labels of unknown subjects to represent questions outside."""
    return bool(trial.outside.sum() >= ENOUGH_OUTSIDE)


def one_by_one(trial: Trial, judged: Numbers) -> tuple[Doubles, HeldOut]:
    """Return each phrasing's outputs when fitted without it, and the samples; a label's only phrasing is no sample."""
    outputs = [np.zeros((0, len(trial.starts) - 1))]
    rows = [empty_signals(trial)]
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
    """Return the samples of phrasings whose label is held out, as questions outside the knowledge base.

    If there are labels of unknown subjects, only these are held out, and another of them is a right result.
    """
    labels = len(trial.starts) - 1
    rows = [empty_signals(trial)]
    none = np.zeros(0, dtype=np.bool_)
    first, three, harm = [none], [none], [none]
    chosen = np.flatnonzero(trial.outside) if has_outside_labels(trial) else np.arange(labels)
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


def empty_signals(trial: Trial) -> Doubles:
    """Return the signals of no text, shape (0, signals)."""
    return signals(np.zeros((0, 1)), trial.see(np.arange(0)), np.array([0, 0]))


def hide(near: Nearness, rows: int | slice, landmarks: Numbers) -> None:
    """Remove landmarks from these rows, as cosines of zero."""
    near.words[rows, landmarks] = 0
    if near.meaning is not None:
        near.meaning[rows, landmarks] = 0
