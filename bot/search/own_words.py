"""The topics' vocabularies, to detect words of another subject in a message."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from itertools import pairwise

from bot.compiled import Form
from bot.language.normalize import normalize
from bot.search.matching.features import is_han, pieces

# Highest share of topics that use a distinctive word: "trademark", not "how". A pair of Chinese characters is more
# distinctive than one, but only if several topics use it (else it is a coincidence) and neither is ubiquitous (的, 有, 么).
TELLING, TELLING_PAIR, TELLING_TITLE = 0.095, 0.15, 0.2
LEAST_PAIR = 0.04
ANYWHERE = 0.4
KEPT = 64  # sets of words


class OwnWords:
    """The words of each topic's title and phrasings; for Chinese, characters and pairs of adjacent ones."""

    def __init__(
        self, spoken: Iterable[tuple[str, Iterable[str]]], titles: Iterable[tuple[str, Iterable[str]]] = ()
    ) -> None:
        """Learn from (topic, texts); the same topic may come several times. Words of a title tell although others use them, too."""
        words: dict[str, set[str]] = {}
        titled = tuple(titles)
        telling = {word for _, texts in titled for text in texts for word in words_of(text)}
        for name, texts in (*titled, *spoken):
            own = words.setdefault(name, set())
            for text in texts:
                own.update(words_of(text))
        counts = Counter(word for own in words.values() for word in own)
        every = max(1, len(words))
        shares = {word: count / every for word, count in counts.items()}
        known = [word for word in shares if not is_pair(word) or is_word(word, shares)]
        common = {
            word
            for word, share in shares.items()
            if counts[word] > 1
            and share > (TELLING_TITLE if word in telling else TELLING_PAIR if is_pair(word) else TELLING)
        }
        self._know(known, common, {name: " ".join(sorted(own - common)) for name, own in words.items()})

    def _know(self, known: Iterable[str], common: Iterable[str], own: Mapping[str, str]) -> None:
        self.known, self.common = frozenset(known), frozenset(common)
        # One string per topic: sets for a thousand topics would take as much memory as the matcher.
        self.own = own
        self.of_topic = lru_cache(KEPT)(self.words_of_topic)

    def form(self) -> Form:
        return Form({"known": sorted(self.known), "common": sorted(self.common), "own": self.own})

    @classmethod
    def of(cls, form: Form) -> OwnWords:
        made = cls.__new__(cls)
        made._know(**form.facts)
        return made

    def words_of_topic(self, name: str) -> frozenset[str]:
        return frozenset(self.own.get(name, "").split())

    def foreign(self, text: str, names: Collection[str], strange: bool) -> bool:
        """Return true if a text contains a distinctive word that none of these topics uses.

        `strange`: words that no topic uses count, too.
        """
        others = words_of(text).difference(self.common, *map(self.of_topic, names))
        return any(word in self.known or (strange and not is_pair(word)) for word in others)

    def strange(self, text: str, topic: str) -> float:
        """Return the share of a text's words, in Chinese pairs of characters, that are neither a topic's nor everybody's."""
        words = [word for word in words_of(text) if len(word) > 1]
        own = self.of_topic(topic)
        return sum(word not in own and word not in self.common for word in words) / max(1, len(words))

    def names(self, text: str, topic: str, before: str) -> bool:
        """Return true if a text contains a distinctive word of a topic that the topic before does not use."""
        own = (words_of(text) & self.of_topic(topic)) - self.of_topic(before)
        return any(len(word) > 1 or not is_han(word) for word in own)


@lru_cache(KEPT)  # of messages, which a turn reads for several topics
def words_of(text: str) -> frozenset[str]:
    """Return the words of a text, and its Chinese characters and pairs of them."""
    found: set[str] = set()
    for piece in pieces(normalize(text)):
        if is_han(piece):
            found.update(piece, map("".join, pairwise(piece)))
        else:
            found.add(piece)
    return frozenset(found)


def is_pair(word: str) -> bool:
    return len(word) == 2 and is_han(word)


def is_word(pair: str, shares: Mapping[str, float]) -> bool:
    """Return true if a pair of Chinese characters is a word, not a coincidence."""
    return shares[pair] > LEAST_PAIR and all(shares[character] <= ANYWHERE for character in pair)
