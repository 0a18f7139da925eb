"""The platform's own names, which nearly every question contains and which are therefore no evidence."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.language.normalize import normalize

BEFORE, AFTER = r"(?:\b(?:on|in|at|with|for|to|of)\s+)?(?:\bthe\s+)?", r"(?:\s*(?:platform|平台))?(?:上面?|里)?"


class Names:
    """Removes names from normalised texts, with the preposition before and the word "platform" after them."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = tuple(sorted({normalized for name in names if (normalized := normalize(name))}))
        every = "|".join(map(bounded, sorted(self.names, key=len, reverse=True)))
        self.pattern = re.compile(rf"{BEFORE}(?:{every}){AFTER}|在(?:{every}){AFTER}") if every else None

    def masked(self, text: str) -> str:
        """Remove the names; a text of nothing else stays."""
        if self.pattern is None:
            return text
        return " ".join(self.pattern.sub(" ", text).split()) or text


def bounded(name: str) -> str:
    return rf"(?<![a-z0-9]){re.escape(name)}(?![a-z0-9])" if name.isascii() else re.escape(name)
