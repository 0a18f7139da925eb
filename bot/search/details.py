"""Recognition of questions for a topic's missing details."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from bot.compiled import Form
from bot.language.normalize import normalize
from bot.search.matching import Phrasing
from bot.search.matching.features import Floats
from bot.search.matching.views import Views

RIDGE = 0.1
LEAD = 0.05  # lowest margin of a missing detail over the topic's answer


class Details:
    """Classifies questions into a topic's parts by kernel ridge regression on its phrasings, one output per part."""

    def __init__(self, phrasings: Sequence[Phrasing], semantic: bool) -> None:
        """Train; each phrasing's `label` is its part, "" for the topic's answer."""
        texts = [normalize(phrasing.text) for phrasing in phrasings]
        parts = sorted({phrasing.label for phrasing in phrasings})
        views = Views(texts, semantic)
        kernel = views.see(texts, embeddings=views.embeddings).kernel()
        targets = np.array([[phrasing.label == part for part in parts] for phrasing in phrasings], dtype=float)
        coefficients = np.linalg.solve(kernel + RIDGE * np.eye(len(texts)), targets).astype(np.float32)
        self._know(parts, views, coefficients)

    def _know(self, parts: Sequence[str], views: Views, coefficients: Floats) -> None:
        self.parts, self.views, self.coefficients = tuple(parts), views, coefficients

    def form(self) -> Form:
        return Form({"parts": self.parts}, {"coefficients": self.coefficients}, {"views": self.views.form()})

    @classmethod
    def of(cls, form: Form) -> Details:
        made = cls.__new__(cls)
        made._know(form.facts["parts"], Views.of(form.parts["views"]), form.arrays["coefficients"])
        return made

    def part(self, text: str) -> str:
        """Return the id of the missing detail that a question asks for, or ""."""
        near, _ = self.views.read([normalize(text[:2000])])
        outputs = (near.kernel() @ self.coefficients)[0]
        told = outputs[self.parts.index("")] if "" in self.parts else 0.0
        best = int(outputs.argmax())
        return self.parts[best] if outputs[best] > told + LEAD else ""


class KeptDetails(Mapping[str, Details]):
    """The details by topic, restored from their forms on first use, since a run needs few of them."""

    def __init__(self, forms: Mapping[str, Form]) -> None:
        self.forms = forms
        self.made: dict[str, Details] = {}

    def __getitem__(self, name: str) -> Details:
        if name not in self.made:
            self.made[name] = Details.of(self.forms[name])
        return self.made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.forms)

    def __len__(self) -> int:
        return len(self.forms)

    def __contains__(self, name: object) -> bool:
        return name in self.forms
