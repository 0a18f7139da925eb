"""From the kernel to an output for each label, and what each output would be had some phrasings not been there.

Kernel ridge regression onto label indicators comes within a point of logistic regression here, and what it would say of
a group of phrasings had it never seen them follows from one matrix inverse (Rifkin & Lippert: Notes on Regularized Least
Squares, MIT 2007; Cook & Weisberg: Residuals and Influence in Regression, 1982). That makes thousands of retrainings
affordable.

Where there are more phrasings than landmarks, the regression is restricted to functions of the landmarks' kernels
(subset of regressors; Rasmussen & Williams: Gaussian Processes for Machine Learning, 2006, ch. 8.3). Where there are too
many labels for that, the nearest landmark decides.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from bot.knowledge.search.features import Doubles

PENALTY = 0.1  # lambda
JITTER = 1e-6  # keeps matrices invertible where two landmarks are the same
BLOCK = 1000  # rows of the kernel held at a time

Numbers = NDArray[np.int64]
KernelRows = Callable[[Numbers], Doubles]  # numbers of phrasings -> their kernel with the landmarks


class Regression(Protocol):
    """Something fitted on phrasings, each of one label."""

    @property
    def coefficients(self) -> Doubles | None:
        """Shape (landmarks, labels): outputs are the kernel times these. None: the nearest landmark decides."""

    def held_out(self, group: Numbers) -> Doubles:
        """The outputs for a group of phrasings when fitted without them: shape (group, labels)."""


def indicators(targets: Numbers, labels: int) -> Doubles:
    ones = np.zeros((len(targets), labels))
    ones[np.arange(len(targets)), targets] = 1
    return ones


class ExactRidge:
    """Every phrasing is a landmark: (K + λI)⁻¹ Y."""

    def __init__(self, rows: KernelRows, targets: Numbers, labels: int) -> None:
        kernel = np.concatenate([rows(block) for block in blocks(len(targets))])
        kernel.flat[:: len(targets) + 1] += PENALTY
        self.inverse: Doubles = np.asarray(np.linalg.inv(kernel))
        self.targets, self.labels = targets, labels
        self.coefficients: Doubles = self.inverse @ indicators(targets, labels)

    def held_out(self, group: Numbers) -> Doubles:
        among = self.inverse[np.ix_(group, group)].astype(np.float64)
        return indicators(self.targets[group], self.labels) - np.linalg.solve(among, self.coefficients[group])


class RestrictedRidge:
    """Some phrasings are landmarks: (KᵀK + λ K_landmarks)⁻¹ KᵀY, one pass over the phrasings in blocks."""

    def __init__(self, rows: KernelRows, targets: Numbers, labels: int, landmarks: Numbers) -> None:
        self.rows, self.targets, self.labels = rows, targets, labels
        size = len(landmarks)
        moment = np.zeros((size, size))
        sums = np.zeros((size, labels))
        for block in blocks(len(targets)):
            kernel = rows(block)
            moment += kernel.T @ kernel
            sums += kernel.T @ indicators(targets[block], labels)
        for block in blocks(size):
            moment[block] += PENALTY * rows(landmarks[block])
        moment.flat[:: size + 1] += JITTER * len(targets)
        self.inverse: Doubles = np.asarray(np.linalg.inv(moment))
        self.coefficients: Doubles = self.inverse @ sums

    def held_out(self, group: Numbers) -> Doubles:
        kernel = self.rows(group)
        own = indicators(self.targets[group], self.labels)
        gap = np.eye(len(group)) - kernel @ self.inverse @ kernel.T
        gap.flat[:: len(group) + 1] += JITTER
        return own - np.linalg.solve(gap, own - kernel @ self.coefficients)


class NearestLandmark:
    """The output of a label is the kernel with the nearest of its landmarks."""

    coefficients: Doubles | None = None

    def __init__(self, rows: KernelRows, landmarks: Numbers, starts: Numbers) -> None:
        self.rows, self.landmarks, self.starts = rows, landmarks, starts

    def held_out(self, group: Numbers) -> Doubles:
        kernel = self.rows(group)
        kernel[:, np.isin(self.landmarks, group)] = 0
        return nearest(kernel, self.starts)


def nearest(kernel: Doubles, starts: Numbers) -> Doubles:
    """The largest kernel of each label's landmarks `starts[i]:starts[i + 1]`; every label has one."""
    result: Doubles = np.maximum.reduceat(kernel, starts[:-1], axis=1)
    return result


def blocks(count: int) -> list[Numbers]:
    return [np.arange(start, min(start + BLOCK, count)) for start in range(0, count, BLOCK)]
