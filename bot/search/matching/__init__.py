"""The matcher: which topic a question is about, with a calibrated "I don't know".

`Matcher.fit` learns phrasings of labels, `rank` ranks the labels for a question and says whether to answer, to offer the
first three or to say that it is not known; `explain` shows why, `cross_validation` what an editor should look at.
"""

from bot.search.matching.matcher import Matcher
from bot.search.matching.meaning import SemanticMissing, semantic_available
from bot.search.matching.ranking import (
    Candidate,
    Confusion,
    CrossValidation,
    Evidence,
    Explanation,
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
    "Matcher",
    "Misplaced",
    "Neighbour",
    "Phrasing",
    "Ranking",
    "SemanticMissing",
    "Thresholds",
    "semantic_available",
]
