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
    mean=(0.000, 0.492, 0.299, 0.192, -0.836, 2.203, 0.492, 0.299, 0.492, 0.299, 1.000, 0.603, 0.507, 0.806, 0.234),
    spread=(1.000, 0.231, 0.249, 0.080, 0.529, 0.387, 0.231, 0.249, 0.231, 0.249, 1.000, 0.383, 0.447, 0.324, 0.467),
    first=(0.668, 0.075, 0.157, -0.272, 1.385, 0.289, 0.075, 0.157, 0.075, 0.157, 0.000, 0.389, 0.218, -0.040, -0.141),
    three=(1.052, 0.142, 0.131, 0.003, 0.957, 0.241, 0.142, 0.131, 0.142, 0.131, 0.000, 0.420, 0.152, -0.047, -0.239),
)
SEMANTIC = Prior(
    mean=(0.000, 0.488, 0.344, 0.145, -0.862, 2.203, 0.480, 0.273, 0.487, 0.341, 0.900, 0.585, 0.519, 0.806, 0.220),
    spread=(1.000, 0.238, 0.265, 0.070, 0.578, 0.387, 0.258, 0.296, 0.247, 0.284, 0.170, 0.393, 0.447, 0.324, 0.450),
    first=(1.308, 0.819, 0.718, 0.061, 1.884, 0.115, -1.407, 0.616, -0.989, 0.762, 0.024, 0.237, 0.253, 0.071, 0.045),
    three=(1.606, 1.223, 1.029, 0.255, 1.263, 0.108, -1.520, 0.624, -0.553, 0.163, -0.002, 0.364, 0.299, 0.090, -0.071),
)

# Set on questions by strangers: held-out phrasings are harder, and are answered wrongly three times as often.
THRESHOLDS = Thresholds(answer=0.6, likely=0.38, clarify=0.12)


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
