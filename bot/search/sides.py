"""The sides that facts differ by, such as tiers, as messages name them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from bot.content.kinds import SideKind
from bot.language.normalize import normalize
from bot.model import LANGUAGES
from bot.search.guards import expression

# What may stand around a side that is all a message says: "and what about our big stores?", 升到大店呢.
BESIDE = re.compile(
    r"\b(?:and|or|ok|okay|so|then|but|also|too|for|with|as|at|in|of|on|to|a|an|the|my|our|we|are|were|re|i|am|m|if|is|it|what|how|about|"
    r"ones?|merchants?|sellers?|stores?|shops?|s|sell(?:ing)?|make|making|do|mainly|mostly|some|few|other|all|kinds? of|small|big|same|store)\b"
    r"|[那呢我们咱是的话如果要换成升到做有个这商家店铺卖也和跟及以还些点等主营要同时就再加类目之]+|\W"
)

OTHERWISE = 0.35  # share of a message that only mentions goods, of which no word is known as such: "smart watches"

Sided = Mapping[str, str]  # kind → value


class Sides:
    """The words of each kind's values."""

    def __init__(self, kinds: Iterable[SideKind]) -> None:
        self.mentions: set[str] = set()  # kinds of a single value, such as goods
        self.words: list[tuple[str, str, re.Pattern[str]]] = []
        for kind in kinds:
            if len(kind.values) == 1:
                self.mentions.add(kind.id)
            for value in kind.values:
                said = [normalize(words) for lang in LANGUAGES for words in (value[lang], *value.said[lang])]
                if (pattern := expression(said)) is not None:
                    self.words.append((kind.id, value.id, pattern))

    def named(self, text: str) -> dict[str, str]:
        """Return the side of each kind that a message names; of several values of a kind none."""
        read, found = normalize(text), dict[str, set[str]]()
        for kind, value, pattern in self.words:
            if pattern.search(read):
                found.setdefault(kind, set()).add(value)
        return {kind: values.pop() for kind, values in found.items() if len(values) == 1}

    def alone(self, text: str) -> bool:
        """Return true if a message says little beside a side: "and for companies?", 公司呢."""
        left = normalize(text)
        for _, _, pattern in self.words:
            left = pattern.sub(" ", left)
        return not BESIDE.sub("", left)

    def only_mentions(self, text: str) -> bool:
        """Return true if a message mentions hardly more than what is of a kind of a single value: "shoes, mostly"."""
        if self.mentions.isdisjoint(self.named(text)):
            return False
        read, left = normalize(text), normalize(text)
        for kind, _, pattern in self.words:
            if kind in self.mentions:
                left = pattern.sub(" ", left)
        return len(BESIDE.sub("", left)) <= OTHERWISE * len(BESIDE.sub("", read))


def conflict(one: Sided, other: Sided) -> bool:
    return any(other.get(kind, value) != value for kind, value in one.items())
