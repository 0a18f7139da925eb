"""Kernel ridge regression among a text's nearest landmarks.

A regression on all landmarks costs minutes to train; its outputs depend on little more than the nearest ones. So none is
trained: each text solves the system of its own neighbourhood (Bottou & Vapnik: Local Learning Algorithms, 1992), and a
changed phrasing counts at once. On strangers' questions, the first label is right as often as with the regression on all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.search.matching.features import Doubles, Floats
from bot.search.matching.space import Near, Numbers

PENALTY = 0.2  # lambda
JOINT, WORDS, MEANING = 0, 1, 2


@dataclass(frozen=True)
class Votes:
    """The outputs of a text's labels, sorted by the joint view's output, best first, ties by label.

    `outputs` has shape (views, labels), with the views joint, words and meaning; without embeddings all three are equal.
    """

    labels: Numbers
    outputs: Doubles


def votes(near: Near, targets: NDArray[np.int64]) -> Votes:
    """Return the votes of the landmarks, whose labels are `targets`."""
    count = len(near.landmarks)
    if not count:
        return Votes(np.zeros(0, dtype=np.int64), np.zeros((3, 0)))
    kernel = near.kernel.astype(np.float64)
    kernel[:, np.arange(count), np.arange(count)] += PENALTY
    weights = np.linalg.solve(kernel, near.likeness.astype(np.float64)[:, :, None])[:, :, 0]
    labels, place = np.unique(targets[near.landmarks], return_inverse=True)
    outputs = np.array([np.bincount(place, row, minlength=len(labels)) for row in weights])
    order = np.lexsort((labels, -np.round(outputs[JOINT], 6)))
    outputs = outputs[:, order]
    return Votes(labels[order], outputs if len(outputs) == 3 else np.repeat(outputs, 3, axis=0))


def weighing(kernel: Floats, labels: Numbers) -> Doubles:
    """Return the matrix that turns a text's likenesses to these landmarks into their labels' outputs, labels sorted."""
    members = np.array([labels == label for label in np.unique(labels)], dtype=np.float64)
    regular = kernel.astype(np.float64) + PENALTY * np.eye(len(kernel))
    return np.asarray(np.linalg.solve(regular, members.T).T, dtype=np.float64)
