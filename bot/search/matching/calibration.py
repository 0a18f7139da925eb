"""Calibration of a ranking's outputs to probabilities comparable between knowledge bases.

Two logistic regressions on a few signals estimate the probabilities that the best label is right, and that the right
label is among the first three. They are fitted on held-out phrasings and on held-out labels (as questions outside the
knowledge base), with a normal prior around coefficients fitted on public data, so that a knowledge base with few
phrasings is calibrated, too (maximum a posteriori; Gelman et al.: Bayesian Data Analysis, 2013, ch. 16).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.search.matching.features import Doubles
from bot.search.matching.ranking import Thresholds
from bot.search.matching.views import Nearness

SIGNALS = (
    "constant",
    "output of the best label",
    "lead over the second",
    "output of the second",
    "nearest of the best label by words",
    "nearest of the best label by meaning",
    "mean of its three nearest by words",
    "mean of its three nearest by meaning",
    "its lead over the nearest of another label by meaning",
    "share of the words known",
    "logarithm of the number of words",
)
PRIOR_WEIGHT = 30.0  # inverse variance of the coefficients around those of the public data
OUTSIDE = 0.3  # assumed share of questions outside the knowledge base
BEYOND = 0.1  # the same if the knowledge base has labels for unknown subjects: share of questions outside these, too
WRONG = 0.035  # highest share of wrong answers among held-out phrasings, which are harder than real questions
LEAST_ANSWER, MOST_ANSWER = 0.3, 0.9  # range of the threshold for an answer
CLARIFY, LEAST_CLARIFY = 0.3, 0.06  # highest and lowest threshold for a clarification
LOST = 0.001  # highest share of held-out phrasings rejected although the right label is among three
NEWTON_STEPS = 30
ENOUGH = 100  # held-out phrasings needed to use a knowledge base's own threshold alone


@dataclass(frozen=True)
class Prior:
    """Coefficients fitted on public data, in the order of SIGNALS, with their threshold for an answer."""

    first: tuple[float, ...]
    three: tuple[float, ...]
    answer: float


# Fitted by `tests/benchmarks/search_public.py --fit-priors`.
LEXICAL = Prior(
    first=(-3.657, 3.844, 5.319, -1.475, 1.330, 0.000, 0.099, 0.000, 0.000, 0.015, 0.658),
    three=(-3.413, 4.340, 3.084, 1.256, 1.653, 0.000, 0.813, 0.000, 0.000, 0.160, 0.473),
    answer=0.647,
)
SEMANTIC = Prior(
    first=(-3.555, 5.166, 4.470, 0.696, 1.285, -0.252, -2.554, 0.877, 4.029, -0.254, 0.433),
    three=(-3.527, 5.638, 2.798, 2.840, 1.115, 0.244, -1.809, 0.494, 3.792, -0.087, 0.337),
    answer=0.617,
)


def signals(outputs: Doubles, nearness: Nearness, starts: NDArray[np.int64]) -> Doubles:
    """Return each text's signals, shape (texts, signals).

    `outputs` (texts × labels) are the regression's; the landmarks of label `i` are `starts[i]:starts[i + 1]`.
    """
    count, labels = outputs.shape
    best = outputs.argmax(axis=1)
    result = np.zeros((count, len(SIGNALS)))
    first = outputs.max(axis=1)
    # A single label has no lead: it would count in its favour for any question.
    second = np.partition(outputs, labels - 2, axis=1)[:, labels - 2] if labels > 1 else first
    result[:, 0], result[:, 1], result[:, 2], result[:, 3] = 1, first, first - second, second
    for index in range(count):
        own = slice(starts[best[index]], starts[best[index] + 1])
        result[index, 4], result[index, 6] = nearest_and_mean(nearness.words[index, own])
        if nearness.meaning is not None:
            row = nearness.meaning[index]
            result[index, 5], result[index, 7] = nearest_and_mean(row[own])
            if labels > 1:
                others = max(row[: own.start].max(initial=0), row[own.stop :].max(initial=0))
                result[index, 8] = result[index, 5] - others
    result[:, 9], result[:, 10] = nearness.known, nearness.lengths
    return result


def nearest_and_mean(cosines: Doubles) -> tuple[float, float]:
    """Return the largest cosine and the mean of the three largest; 0 if there are none."""
    if not len(cosines):
        return 0.0, 0.0
    top = np.sort(cosines)[-3:]
    return float(top[-1]), float(top.mean())


@dataclass(frozen=True)
class HeldOut:
    """The results for held-out texts: signals, and whether the right label came first or among the first three.

    `weights` correct for the shares of texts inside and outside the knowledge base.
    """

    signals: Doubles
    first: NDArray[np.bool_]
    three: NDArray[np.bool_]
    harm: NDArray[np.bool_]  # the first label is wrong, and has an answer
    weights: Doubles


def both(inside: HeldOut, outside: HeldOut, share: float) -> HeldOut:
    """Concatenate both samples, weighted so that `outside` has its expected share."""
    return HeldOut(
        np.concatenate([inside.signals, outside.signals]),
        np.concatenate([inside.first, outside.first]),
        np.concatenate([inside.three, outside.three]),
        np.concatenate([inside.harm, outside.harm]),
        expected(len(inside.first), len(outside.first), share),
    )


def expected(inside: int, outside: int, share: float = OUTSIDE) -> Doubles:
    """Return the weights of `inside` texts followed by `outside` ones, which have their expected share of the sum."""
    total = inside + outside
    if not inside or not outside:
        return np.ones(total)
    return np.concatenate([np.full(inside, (1 - share) * total / inside), np.full(outside, share * total / outside)])


def logistic(
    signals: Doubles,
    truth: NDArray[np.bool_],
    weights: Doubles,
    prior: Sequence[float],
    pull: float = PRIOR_WEIGHT,
) -> Doubles:
    """Fit a logistic regression with a normal prior of mean `prior` and inverse variance `pull`, by damped Newton steps."""
    centre = np.array(prior, dtype=np.float64)
    coefficients = centre.copy()

    def loss(at: Doubles) -> float:
        z = signals @ at
        return float(weights @ (np.logaddexp(0, z) - truth * z) + pull / 2 * ((at - centre) ** 2).sum())

    for _ in range(NEWTON_STEPS):
        p = probability(signals @ coefficients)
        gradient = signals.T @ (weights * (p - truth)) + pull * (coefficients - centre)
        curvature = (signals * (weights * p * (1 - p))[:, None]).T @ signals + pull * np.eye(len(centre))
        step = np.linalg.solve(curvature, gradient)
        size = 1.0
        while size > 1e-4 and loss(coefficients - size * step) > loss(coefficients):
            size /= 2
        coefficients = coefficients - size * step
        if np.abs(step).max() < 1e-6:
            break
    return coefficients


def probability(log_odds: Doubles) -> Doubles:
    return np.asarray(1 / (1 + np.exp(-np.clip(log_odds, -40, 40))))


@dataclass(frozen=True)
class Calibration:
    """The coefficients for both probabilities, and the thresholds."""

    first: Doubles
    three: Doubles
    thresholds: Thresholds

    def probabilities(self, signals: Doubles) -> tuple[Doubles, Doubles]:
        """Return the probabilities that the best label is right and that the right one is among three, shape (texts,)."""
        first = probability(signals @ self.first)
        return first, np.maximum(first, probability(signals @ self.three))


def calibrate(held_out: HeldOut, prior: Prior) -> Calibration:
    """Fit both probabilities and set the thresholds, so that at most WRONG of the held-out texts are answered wrongly
    and at most LOST of those with the right label among three are rejected."""
    first = logistic(held_out.signals, held_out.first, held_out.weights, prior.first)
    three = logistic(held_out.signals, held_out.three, held_out.weights, prior.three)
    own = lowest_safe(probability(held_out.signals @ first), ~held_out.harm, held_out.weights)
    trust = min(1.0, len(held_out.first) / ENOUGH)
    answer = float(np.clip(trust * own + (1 - trust) * prior.answer, LEAST_ANSWER, MOST_ANSWER))
    among = probability(held_out.signals @ three)[held_out.three]
    lost = float(np.quantile(among, LOST)) if len(among) else CLARIFY
    clarify = float(np.clip(trust * lost + (1 - trust) * CLARIFY, LEAST_CLARIFY, CLARIFY))
    return Calibration(first, three, Thresholds(round(answer, 4), round(clarify, 4)))


def lowest_safe(scores: Doubles, right: NDArray[np.bool_], weights: Doubles) -> float:
    """Return the lowest threshold at which wrong answers have at most WRONG of the total weight."""
    if not len(scores):
        return 1.0
    order = np.argsort(-scores, kind="stable")
    wrong = np.cumsum(weights[order] * ~right[order]) / weights.sum()
    safe = int(np.searchsorted(wrong, WRONG, side="right"))
    return 0.0 if safe == len(order) else float(np.nextafter(scores[order][safe], 2))
