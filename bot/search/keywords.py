"""Matching of reply keywords, as on a WeChat official account."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations

from rapidfuzz.distance import DamerauLevenshtein

from bot.content.kinds import KeywordReply, KeywordRule
from bot.language.frames import readings
from bot.language.normalize import loose_key, normalize

LONGEST = 1000  # characters of the longest message searched
SHORT = 2  # characters of the longest `contain` keyword that matches whole messages only
NEAR_LENGTH = 8  # characters of the shortest Latin keyword that matches with a typing error


@dataclass(frozen=True)
class Spelling:
    """One keyword of a rule, normalised."""

    rule: str
    priority: int
    whole: bool
    text: str  # normalized
    key: str  # without spaces
    words: re.Pattern[str] | None  # matches a Latin keyword: as whole words, or with `anywhere` as letters

    def rank(self) -> tuple[int, bool, int, str]:
        """Return the sort key, best first: priority, whole before part, longer before shorter, the rule's id."""
        return (-self.priority, not self.whole, -len(self.key), self.rule)


class Keywords:
    """Finds the rule that a message matches."""

    def __init__(self, rules: Iterable[KeywordRule]) -> None:
        spellings = sorted((spelling for rule in rules for spelling in spell(rule)), key=Spelling.rank)
        self.parts = [spelling for spelling in spellings if not spelling.whole]
        self.whole: dict[str, Spelling] = {}
        for spelling in spellings:
            if spelling.whole:
                self.whole.setdefault(spelling.key, spelling)
        self.near = [key for key in self.whole if len(key) >= NEAR_LENGTH and key.isascii()]

    def find(self, text: str) -> str | None:
        """Return the matching rule's id, or None."""
        if len(text) > LONGEST:
            return None
        key = loose_key(text)[:LONGEST]
        if not key:
            return None
        keys = [key, *(loose_key(reading) for reading in readings(text, "polite", "keyword"))]
        whole = self.whole_of(keys)
        words = normalize(text)[:LONGEST]
        hits = [whole] if whole else []
        hits += [part for part in self.parts if holds(part, words, key)]
        if hits:
            return min(hits, key=Spelling.rank).rule
        return next((rule for one in keys if (rule := self.nearly(one))), None)

    def exact(self, text: str) -> str | None:
        """Return the id of the rule whose keyword is the whole message except framing words, or None."""
        whole = self.whole_of(loose_key(reading) for reading in (text, *readings(text, "polite", "keyword")))
        return whole.rule if whole else None

    def whole_of(self, keys: Iterable[str]) -> Spelling | None:
        """Return the first match; a key may also be two keywords of one rule: "Potential Goods 潜力商品"."""
        for key in keys:
            if key in self.whole:
                return self.whole[key]
            for middle in range(1, len(key)):
                first, second = self.whole.get(key[:middle]), self.whole.get(key[middle:])
                if first and second and first.rule == second.rule:
                    return first
        return None

    def nearly(self, key: str) -> str | None:
        """Return the only rule with a keyword one typing error away, or None."""
        if len(key) < NEAR_LENGTH - 1 or not key.isascii():
            return None
        close = {
            self.whole[near].rule for near in self.near if DamerauLevenshtein.distance(key, near, score_cutoff=1) <= 1
        }
        return close.pop() if len(close) == 1 else None


def spell(rule: KeywordRule) -> Iterator[Spelling]:
    for keyword in rule.keywords:
        text, key = normalize(keyword.text), loose_key(keyword.text)
        whole = keyword.kind == "equal" or (keyword.kind == "contain" and len(key) <= SHORT)
        words = None
        if not whole and key.isascii():
            edges = ("", "") if keyword.kind == "anywhere" else ("(?<![a-z0-9])", "(?![a-z0-9])")
            words = re.compile(re.escape(text).join(edges))
        yield Spelling(rule.id, rule.priority, whole, text, key, words)


def holds(part: Spelling, words: str, key: str) -> bool:
    return bool(part.words.search(words)) if part.words else part.key in key


def chosen(rule: KeywordRule, seed: str) -> tuple[KeywordReply, ...]:
    """Return the replies to give; a random choice is seeded, so that a repeated message id repeats the reply."""
    if rule.give == "all":
        return rule.replies
    return (random.Random(f"{rule.id} {seed}").choice(rule.replies),)


@dataclass(frozen=True)
class Clash:
    """Two rules, the winner first, that the same message matches."""

    first: str
    second: str
    message: str
    settled: bool


def clashes(rules: Iterable[KeywordRule]) -> Iterator[Clash]:
    """Yield every two rules that the same message matches; `settled` if their priorities differ.

    A message that only names both is settled by different priorities without a word: any two parts make one.
    """
    spelled = [(rule, list(spell(rule))) for rule in sorted(rules, key=lambda rule: (-rule.priority, rule.id))]
    for (one, first), (two, second) in combinations(spelled, 2):
        settled = one.priority != two.priority
        message = common(first, second, joined=not settled)
        if message is not None:
            yield Clash(one.id, two.id, message, settled)


def common(one: list[Spelling], two: list[Spelling], *, joined: bool) -> str | None:
    """Return a message that matches both, or None; with `joined`, also one that names two parts."""
    for left in one:
        for right in two:
            if left.whole and right.whole:
                if left.key == right.key:
                    return left.text
            elif left.whole or right.whole:
                whole, part = (left, right) if left.whole else (right, left)
                if holds(part, whole.text, whole.key):
                    return whole.text
            elif holds(left, right.text, right.key):
                return right.text
            elif joined or holds(right, left.text, left.key):
                return left.text if holds(right, left.text, left.key) else f"{left.text} {right.text}"
    return None
