"""The matcher: a classifier of questions with calibrated probabilities and rejection.

`Matcher.fit` learns phrasings of labels; `rank` ranks the labels for a question and decides whether to answer, to offer
the first three or to reject it; `explain` shows the evidence, `cross_validation` the phrasings for an editor to review.
"""

from bot.search.matching.matcher import Matcher
from bot.search.matching.meaning import SemanticMissing, semantic_available
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

__all__ = [
    "Candidate",
    "Confusion",
    "CrossValidation",
    "Evidence",
    "Explanation",
    "Finding",
    "Matcher",
    "Misplaced",
    "Neighbour",
    "Phrasing",
    "Ranking",
    "SemanticMissing",
    "Thresholds",
    "semantic_available",
]
