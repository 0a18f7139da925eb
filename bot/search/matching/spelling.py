"""Spelling correction towards the phrasings' words: Latin ones, and Chinese ones by their sound and look."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from itertools import groupby

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein

from bot.compiled import Form
from bot.language.english import english_words
from bot.search.matching.features import is_han, pieces
from bot.search.matching.homophones import Homophones

SHORTEST, LONGEST = 3, 30  # letters of words that are corrected
SURE_FROM = 5  # letters of the shortest word in which any error is corrected; in shorter ones, only usual slips
TWO_SLIPS_FROM = 8  # letters of the shortest word in which two errors are corrected
COMMON = 0.01  # lowest share of texts with a word that a word of three letters is corrected to, or that has two letters in a joined one
BAG = 27  # the alphabet, and one for all other letters
MOST = 8  # words tried in one text; more unknown words are another language
MOST_ODD = 24  # unknown pairs of Chinese characters looked at in one text; more are another subject
JOINED_FROM, MOST_JOINED = 7, 6  # letters of the shortest word that may be several, and their greatest number
LEAST_JOINED = 3  # texts with a word that may be joined with others, or of two letters with one of them repeated
SINGLE_LETTERS = ("a", "i")
REPEATED = re.compile(r"(.)\1{2,}")
KEYBOARD = ("qwertyuiop", "asdfghjkl", "zxcvbnm")  # each row half a key to the right of the one above
INTERCHANGED = tuple(map(frozenset, ("sz", "ck", "cs", "ph", "fv", "gj", "mn")))  # letters of like sound or shape
VOWELS = frozenset("aeiouy")
SYLLABLE = re.compile(
    "(?:[bpmfdtnlgkhjqxrzcsyw]|[zcs]h)?(?:[iu]?ang|[iu]?an|i?ong|i?ao|uai|eng|ing|[iu]?a|ai|ei|ou|en|er|i[ueno]?|u[oein]?|[oev])"
)
LONGEST_SYLLABLE = 6
KEPT = 128  # texts whose corrections are kept, since a turn needs them several times
WORDS_KEPT = 4096  # in the cache of words that may be pinyin


class Spelling:
    """The known words, and the search for the nearest."""

    def __init__(self, texts: Sequence[str]) -> None:
        """Learn the words of normalised texts."""
        words = Counter(word for text in texts for word in pieces(text) if not is_han(word))
        targets = sorted((word for word in words if correctable(word)), key=lambda word: (-words[word], word))
        bags = np.array([bag(word) for word in targets], dtype=np.int8).reshape(-1, BAG)
        self._know(words, max(LEAST_JOINED, COMMON * len(texts)), targets, bags, Homophones(texts))

    def _know(
        self, words: Mapping[str, int], common: float, targets: list[str], bags: NDArray[np.int8], han: Homophones
    ) -> None:
        self.words, self.common, self.targets, self.bags, self.han = words, common, targets, bags, han
        self.lengths = np.array([len(word) for word in targets], dtype=np.int16)
        self.known = frozenset(words)
        self.correct = lru_cache(KEPT)(self.corrected)
        self.english = english_words()  # now, since the first message would wait for the file

    def form(self) -> Form:
        words = dict(sorted(self.words.items()))
        facts = {"words": list(words), "counts": list(words.values()), "common": self.common, "targets": self.targets}
        return Form(facts, {"bags": self.bags}, {"han": self.han.form()})

    @classmethod
    def of(cls, form: Form) -> Spelling:
        made, facts = cls.__new__(cls), form.facts
        words = dict(zip(facts["words"], facts["counts"], strict=True))
        made._know(words, facts["common"], facts["targets"], form.arrays["bags"], Homophones.of(form.parts["han"]))
        return made

    def corrected(self, text: str) -> tuple[str, tuple[tuple[str, str], ...]]:
        """Return the corrected text and the corrections as (word, correction)."""
        replaced: dict[str, str] = {}
        read: list[str] = []
        end = tried = looked_at = 0
        for word in pieces(text):
            start = text.index(word, end)
            read.append(text[end:start])
            end = start + len(word)
            if is_han(word):
                odd = self.han.odd(word)[: MOST_ODD - looked_at] if looked_at < MOST_ODD else []
                looked_at += len(odd)
                for at, meant in self.han.correct(word, odd):
                    replaced[word[at : at + len(meant)]] = meant
                    word = word[:at] + meant + word[at + len(meant) :]
            elif word not in replaced and word not in self.known and correctable(word) and tried < MOST:
                tried += 1
                if target := self.meant(word):
                    replaced[word] = target
            read.append(replaced.get(word, word))
        return ("".join(read), tuple(replaced.items())) if replaced else (text, ())

    def from_pinyin(self, text: str, english: Collection[str]) -> str:
        """Return a normalised text with Chinese words in pinyin as characters; `english`: more English words.

        All words are read together if they may all be pinyin and most are not English; else only single frequent words.
        """
        found = pieces(text)
        latin = [word for word in found if not is_han(word) and word.isalpha() and word not in self.known]
        strange = {word for word in latin if word not in self.english and word not in english and is_pinyin(word)}
        if not strange:
            return text
        together = all(map(is_pinyin, latin)) and 2 * sum(len(word) for word in latin if word in strange) >= len(
            "".join(latin)
        )
        read: list[str] = []
        for alike, group in groupby(found, lambda word: word in latin):
            words = list(group)
            whole = self.han.spoken("".join(words)) if alike and together else None
            read += (
                [whole] if whole else [(word in strange and self.han.frequently_spoken(word)) or word for word in words]
            )
        return " ".join(read)

    def meant(self, word: str) -> str | None:
        """Return the word or words probably meant by an unknown one; None if it is right or nothing is near."""
        if self.right(word):
            return None
        for times in (r"\1", r"\1\1"):
            once = REPEATED.sub(times, word)
            frequent = len(once) >= SHORTEST or self.words.get(once, 0) >= LEAST_JOINED or once in self.english
            # a single letter held down, as in "qqq", is no longer form of any word
            if once != word and once in self.known and frequent and len(set(word)) > 1:
                return once
        distance, target = self.nearest(word)
        return target if distance == 1 else self.split(word) or target

    def right(self, word: str) -> bool:
        """Return true for English words and their forms without apostrophe: wheres, couldnt."""
        stem = word[:-1] if word.endswith("s") else word[:-2] if word.endswith("nt") else word
        return word in self.english or (stem[-1] not in "sy" and (stem in self.english or stem in self.known))

    def nearest(self, word: str) -> tuple[int, str | None]:
        """Return the known word with the fewest and most usual errors, the most frequent of several, and their number."""
        named = is_pinyin(word)  # probably a name
        forgiven = 2 if len(word) >= TWO_SLIPS_FROM and not named else 1
        # filter first: one error changes the bag of letters by two at most
        long = np.flatnonzero(np.abs(self.lengths - len(word)) <= forgiven)
        apart = np.abs(self.bags[long] - np.array(bag(word), dtype=np.int8)).sum(axis=1, dtype=np.int8)
        choices = [self.targets[index] for index in long[apart <= 2 * forgiven]]
        near = process.extract(word, choices, scorer=DamerauLevenshtein.distance, score_cutoff=forgiven, limit=None)
        fitting = [
            (int(distance), not usual, place, target)
            for target, distance, place in near
            for usual in [distance == 1 and usual_slip(word, target)]
            if self.likely(word, target, usual) and not (named and another_name(word, target))
        ]
        distance, _, _, target = min(fitting, default=(0, True, 0, None))
        return distance, target

    def likely(self, word: str, target: str, usual: bool) -> bool:
        if len(word) == SHORTEST or len(target) < SHORTEST:
            return usual and self.words[target] >= self.common
        return usual or (len(word) >= SURE_FROM and word[0] == target[0])

    def split(self, word: str) -> str | None:
        """Return the fewest known words that make up a word written without spaces, or None."""
        if len(word) < JOINED_FROM:
            return None
        best: list[tuple[int, int, str] | None] = [(0, 0, "")] + [None] * len(
            word
        )  # number of words, -frequencies, text
        for end in range(1, len(word) + 1):
            for start in range(end):
                before, part = best[start], word[start:end]
                if before is None or before[0] == MOST_JOINED or not self.joins(part):
                    continue
                now = (before[0] + 1, before[1] - self.words.get(part, 0), f"{before[2]} {part}".strip())
                best[end] = min(now, best[end] or now)
        return best[-1][2] if best[-1] else None

    def joins(self, part: str) -> bool:
        least = self.common if len(part) <= SHORTEST else LEAST_JOINED
        return self.words.get(part, 0) >= least and (len(part) > 1 or part in SINGLE_LETTERS)


def bag(word: str) -> list[int]:
    """Count a word's letters: a to z, and all others."""
    counts = [0] * BAG
    for letter in word:
        place = ord(letter) - ord("a")
        counts[place if 0 <= place < BAG - 1 else BAG - 1] += 1
    return counts


def usual_slip(word: str, target: str) -> bool:
    """Return true if one slip of the fingers or the ear makes a word of another that is one error away.

    These are a letter left out or doubled, two letters swapped, and a letter for one beside it or of like sound.
    """
    if len(word) < len(target):
        return True
    same = next(
        (place for place, (one, other) in enumerate(zip(word, target, strict=False)) if one != other), len(target)
    )
    if len(word) > len(target):
        near = (word[place] for place in (same - 1, same + 1) if 0 <= place < len(word))
        return len(word) >= SURE_FROM or any(beside(word[same], letter) for letter in near)
    swapped = word[same : same + 2] == target[same : same + 2][::-1]
    return swapped or (same > 0 and alike(word[same], target[same])) or beside(word[same], target[same])


@lru_cache(WORDS_KEPT)
def is_pinyin(word: str) -> bool:
    """Return true if a word may be made of syllables of pinyin."""
    if len(word) > LONGEST:
        return False
    ends = {0}
    for end in range(1, len(word) + 1):
        if any(
            start in ends and SYLLABLE.fullmatch(word, start, end)
            for start in range(max(0, end - LONGEST_SYLLABLE), end)
        ):
            ends.add(end)
    return len(word) in ends


def another_name(word: str, target: str) -> bool:
    """Return true if two words of the same length differ in a letter of another sound: Wang and want."""
    if len(word) != len(target) or sorted(word) == sorted(target):
        return False
    return not any(alike(one, other) for one, other in zip(word, target, strict=True) if one != other)


def alike(one: str, other: str) -> bool:
    return {one, other} in INTERCHANGED or {one, other} <= VOWELS


def beside(one: str, other: str) -> bool:
    """Return true for the same key or adjacent ones."""
    places = [
        (row, keys.index(letter) + row / 2)
        for letter in (one, other)
        for row, keys in enumerate(KEYBOARD)
        if letter in keys
    ]
    return len(places) == 2 and all(abs(a - b) <= 1 for a, b in zip(*places, strict=True))


def correctable(word: str) -> bool:
    return SHORTEST <= len(word) <= LONGEST and word.isalpha() and not is_han(word)
