"""Within one topic: does a question ask for what the topic tells, or for a detail that is missing?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bot.knowledge.normalize import normalize
from bot.knowledge.search import Phrasing
from bot.knowledge.search.views import Views

RIDGE = 0.1
LEAD = 0.05  # by how much a missing detail must be likelier than what the topic tells


class Details:
    """Tells the parts of one topic apart: kernel ridge regression on all its phrasings, one output a part."""

    def __init__(self, phrasings: Sequence[Phrasing], semantic: bool) -> None:
        """`label` of each phrasing is its part, "" for what the topic tells."""
        texts = [normalize(phrasing.text) for phrasing in phrasings]
        self.parts = tuple(sorted({phrasing.label for phrasing in phrasings}))
        self.views = Views(texts, semantic)
        kernel = self.views.see(texts, embeddings=self.views.embeddings).kernel()
        targets = np.array([[phrasing.label == part for part in self.parts] for phrasing in phrasings], dtype=float)
        self.coefficients = np.linalg.solve(kernel + RIDGE * np.eye(len(texts)), targets).astype(np.float32)

    def part(self, text: str) -> str:
        """The missing detail that a question asks for, or "" for none of them."""
        near, _ = self.views.read([normalize(text[:2000])])
        outputs = (near.kernel() @ self.coefficients)[0]
        told = outputs[self.parts.index("")] if "" in self.parts else 0.0
        best = int(outputs.argmax())
        return self.parts[best] if outputs[best] > told + LEAD else ""
