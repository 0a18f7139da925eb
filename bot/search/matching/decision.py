"""The decision: from the votes to calibrated probabilities, and from these to what becomes of a question.

Two logistic regressions estimate the probabilities that the best label is right, and that the right label is among the
first three. They are fitted on phrasings held out one by one and on labels held out whole (as questions outside the
content), with a normal prior around coefficients fitted on public data, so that a content with few phrasings is
calibrated, too (maximum a posteriori; Gelman et al.: Bayesian Data Analysis, 2013, ch. 16).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log, log1p

import numpy as np
from numpy.typing import NDArray

from bot.search.matching.familiar import Familiarity
from bot.search.matching.features import Doubles, words_in
from bot.search.matching.ranking import Thresholds
from bot.search.matching.votes import JOINT, MEANING, WORDS, Votes

EVIDENCE = (
    "constant",
    "output of the best label",
    "lead over the second",
    "output of the second",
    "logarithm of the best label's output",
    "logarithm of the number of words",
    "output by words",
    "lead by words",
    "output by meaning",
    "lead by meaning",
    "share of views that agree",
    "share of its words that the best label knows",
    "weight of the rarest that it does not know",
    "share of its words that any label knows",
    "lead of the best label's share over the second's",
)
LEAST = 0.02  # least output, for its logarithm
MOST_WORDS = 20  # cap of the length
PULL = 3.0  # inverse variance of the standardised coefficients around those of the prior, but of the constant
OUTSIDE = 0.2  # share of questions outside the content among those to decide
NEWTON_STEPS = 30


@dataclass(frozen=True)
class Prior:
    """The evidence's mean and standard deviation, and coefficients of the standardised evidence, all fitted on public
    data, in the order of EVIDENCE; the constant is not standardised."""

    mean: tuple[float, ...]
    spread: tuple[float, ...]
    first: tuple[float, ...]
    three: tuple[float, ...]


@dataclass(frozen=True)
class Sample:
    """Evidence of held-out texts, and whether the right label came first or among the first three."""

    evidence: Doubles
    first: NDArray[np.bool_]
    three: NDArray[np.bool_]


# Fitted by `tests/benchmarks/search_public.py --fit-priors`.
LEXICAL = Prior(
    mean=(0.000, 0.483, 0.296, 0.188, -0.862, 2.203, 0.483, 0.296, 0.483, 0.296, 1.000, 0.575, 0.623, 0.772, 0.280),
    spread=(1.000, 0.233, 0.247, 0.080, 0.551, 0.386, 0.233, 0.247, 0.233, 0.247, 1.000, 0.335, 0.426, 0.307, 0.388),
    first=(0.685, 0.058, 0.129, -0.228, 1.278, 0.271, 0.058, 0.129, 0.058, 0.129, 0.000, 0.902, 0.531, -0.189, 0.159),
    three=(1.060, 0.138, 0.127, 0.010, 0.843, 0.232, 0.138, 0.127, 0.138, 0.127, 0.000, 0.862, 0.369, -0.144, -0.188),
)
SEMANTIC = Prior(
    mean=(0.000, 0.488, 0.345, 0.143, -0.864, 2.203, 0.472, 0.270, 0.489, 0.344, 0.900, 0.570, 0.626, 0.772, 0.265),
    spread=(1.000, 0.238, 0.264, 0.070, 0.584, 0.386, 0.260, 0.294, 0.246, 0.282, 0.169, 0.340, 0.427, 0.307, 0.370),
    first=(1.355, 0.822, 0.718, 0.076, 1.856, 0.110, -1.377, 0.506, -1.042, 0.831, -0.018, 0.330, 0.332, 0.064, 0.214),
    three=(1.637, 1.285, 1.088, 0.252, 1.186, 0.118, -1.491, 0.519, -0.630, 0.195, -0.040, 0.469, 0.330, 0.059, 0.009),
)

# Set on questions by strangers: held-out phrasings are harder, and are answered wrongly three times as often.
THRESHOLDS = Thresholds(answer=0.64, likely=0.42, clarify=0.12)


def evidence(text: str, found: Votes, familiar: Familiarity) -> Doubles:
    """Return a normalised text's evidence for its best label, shape (len(EVIDENCE),)."""
    best, *leads = (lead(row) for row in found.outputs)
    by_words, by_meaning = leads
    agree = 1 + sum(row.argmax() == 0 for row in found.outputs[[WORDS, MEANING]])
    second = float(found.outputs[JOINT, 1]) if len(found.labels) > 1 else 0.0
    length = log1p(min(words_in(text), MOST_WORDS))
    known = familiar.best, familiar.rarest, familiar.any, familiar.lead
    return np.array((1.0, *best, second, log(max(best[0], LEAST)), length, *by_words, *by_meaning, agree / 3, *known))


def lead(outputs: Doubles) -> tuple[float, float]:
    """Return the first label's output, and its lead over the largest of the others; a single label has none."""
    first = float(outputs[0])
    return first, first - float(outputs[1:].max()) if len(outputs) > 1 else 0.0


@dataclass(frozen=True)
class Decision:
    """The coefficients of the evidence for both probabilities, and the thresholds."""

    first: Doubles
    three: Doubles
    thresholds: Thresholds = THRESHOLDS

    @classmethod
    def fit(cls, inside: Sample, outside: Sample, prior: Prior) -> Decision:
        """Fit on both samples, weighted so that those outside have their expected share."""
        mean, spread = np.array(prior.mean), np.array(prior.spread)
        rows = (np.concatenate([inside.evidence, outside.evidence]) - mean) / spread
        weights = expected(len(inside.first), len(outside.first))
        both = []
        for name, centre in (("first", prior.first), ("three", prior.three)):
            truth = np.concatenate([getattr(inside, name), getattr(outside, name)])
            coefficients = logistic(rows, truth, weights, centre) / spread
            coefficients[0] -= coefficients[1:] @ mean[1:]
            both.append(coefficients)
        return cls(*both)

    def probabilities(self, evidence: Doubles) -> tuple[float, float]:
        """Return the probabilities that the best label is right, and that the right one is among the first three."""
        first = float(probability(evidence @ self.first))
        return first, max(first, float(probability(evidence @ self.three)))


def expected(inside: int, outside: int, share: float = OUTSIDE) -> Doubles:
    """Return the weights of `inside` texts followed by `outside` ones, which have their expected share of the sum."""
    total = inside + outside
    if not inside or not outside:
        return np.ones(total)
    return np.concatenate([np.full(inside, (1 - share) * total / inside), np.full(outside, share * total / outside)])


def logistic(
    rows: Doubles, truth: NDArray[np.bool_], weights: Doubles, prior: Sequence[float], pull: float = PULL
) -> Doubles:
    """Fit a logistic regression with a normal prior of mean `prior` and inverse variance `pull`, by damped Newton steps.

    The constant is pulled little, since the share of right labels differs between contents.
    """
    centre = np.array(prior, dtype=np.float64)
    pulls = np.full(len(centre), pull)
    pulls[0] = 1.0
    coefficients = centre.copy()

    def loss(at: Doubles) -> float:
        z = rows @ at
        return float(weights @ (np.logaddexp(0, z) - truth * z) + (pulls * (at - centre) ** 2).sum() / 2)

    for _ in range(NEWTON_STEPS):
        p = probability(rows @ coefficients)
        gradient = rows.T @ (weights * (p - truth)) + pulls * (coefficients - centre)
        curvature = (rows * (weights * p * (1 - p))[:, None]).T @ rows + np.diag(pulls)
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
