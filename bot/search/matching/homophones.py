"""Chinese characters typed for others that sound or look alike, and pinyin in Latin letters, read by the phrasings' words."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from itertools import chain
from pathlib import Path

from bot.compiled import Form
from bot.search.matching.features import is_han, pieces
from bot.search.matching.lookup import Places, Texts
from bot.search.matching.pinyin import syllables

LONGEST = 4  # characters of a stretch
KEPT = 8192  # lookups
LEAST = {2: 3, 3: 2, 4: 2}  # occurrences of a stretch, by its length
# A character belongs to a word if it stands beside its neighbour there in this share of its occurrences (佣 before 金, not 要
# before 多); if the neighbour does, in this share of its own and often enough (个 before 体); or if it begins or ends the word
# in this share of the occurrences of the rest (金 after 保证).
HOLDS, HOLDS_IT, FOLLOWS, OFTEN = 0.15, 0.4, 0.6, 10
SHORTEST_ALONE, LEAST_ALONE = 6, 5  # letters and occurrences of a single word in pinyin
MOST_LETTERS = 80  # of pinyin read at once
LONGEST_SOUND = 24  # letters of four syllables
COVERED = 0.5  # lowest share of the letters in words of several syllables
SINGLE = 1.2  # cost of a syllable alone, against 1 for a word


class Homophones:
    """The stretches of two to four characters in the phrasings, by their characters and by their sound."""

    def __init__(self, texts: Sequence[str]) -> None:
        """Learn normalised texts."""
        runs = [piece for text in texts for piece in pieces(text) if is_han(piece)]
        single = Counter(character for run in runs for character in run)
        counts = Counter(stretch for run in runs for length in LEAST for stretch in windows(run, length))
        known = [stretch for stretch in counts if len(stretch) == 2]
        often = [stretch for stretch, count in counts.items() if count >= LEAST[len(stretch)]]
        held = {
            stretch: "".join(belonging(stretch, single, counts))
            for stretch in sorted(often, key=lambda stretch: (-counts[stretch], stretch))
        }
        first = {character: place for place, (character, _) in enumerate(single.most_common())}
        sounds = syllables(runs)
        characters = sorted(sounds, key=lambda one: (first.get(one, len(first)), one))
        frequent = sum(counts[stretch] >= LEAST_ALONE for stretch in held)
        spoken = [[sounds[character] for character in stretch] for stretch in held]
        self._know(
            Places.from_texts(known),
            Texts.from_texts(held),
            Texts.from_texts(held.values()),
            Places.from_texts(held),
            Places.from_texts(map(" ".join, spoken)),
            Places.from_texts(chain(map("".join, spoken), (sounds[one] for one in characters))),
            {one: sounds[one] for one in characters},
            frequent,
        )

    def _know(
        self,
        pairs: Places,
        held: Texts,
        marks: Texts,
        held_at: Places,
        by_sound: Places,
        by_letters: Places,
        sounds: Mapping[str, str],
        frequent: int,
    ) -> None:
        self.pairs = pairs  # the known ones
        self.held, self.marks = held, marks  # stretches, the most frequent first, and which of their characters belong
        self.held_at, self.by_sound = held_at, by_sound  # the stretches' places, by characters and by syllables
        self.by_letters = by_letters  # the same without spaces, and after them the characters' places
        self.sounds, self.frequent = sounds, frequent
        # Of characters that stand together again and again, since each lookup takes a digest.
        self.known = lru_cache(KEPT)(self.pairs.__contains__)
        self.candidates = lru_cache(KEPT)(self.look_up)

    def form(self) -> Form:
        names = ("pairs", "held", "marks", "held_at", "by_sound", "by_letters")
        # Joined, since long texts load faster than lists.
        sounds = {"characters": "".join(self.sounds), "sounds": "\n".join(self.sounds.values())}
        return Form({**sounds, "frequent": self.frequent}, {}, {name: getattr(self, name).form() for name in names})

    @classmethod
    def of(cls, form: Form) -> Homophones:
        made, facts, parts = cls.__new__(cls), form.facts, form.parts
        made._know(
            Places.of(parts["pairs"]),
            Texts.of(parts["held"]),
            Texts.of(parts["marks"]),
            Places.of(parts["held_at"]),
            Places.of(parts["by_sound"]),
            Places.of(parts["by_letters"]),
            dict(zip(facts["characters"], map(sys.intern, facts["sounds"].split("\n")), strict=False)),
            facts["frequent"],
        )
        return made

    def odd(self, run: str) -> list[int]:
        """Return where the unknown pairs of a run of characters begin."""
        return [start for start in range(len(run) - 1) if not self.known(run[start : start + 2])]

    def correct(self, run: str, odd: Sequence[int]) -> Iterator[tuple[int, str]]:
        """Yield the corrections of a run's unknown pairs as (start, characters), without overlaps."""
        done: set[int] = set()
        for length in range(LONGEST, 1, -1):
            for pair in odd:
                for start in range(max(0, pair - length + 2), min(pair, len(run) - length) + 1):
                    place = range(start, start + length)
                    if done.isdisjoint(place) and (meant := self.meant(run, start, start + length)):
                        done.update(place)
                        yield start, meant

    def meant(self, run: str, start: int, end: int) -> str | None:
        """Return the stretch that was probably meant by another one, or None."""
        return next((one for one in self.candidates(run[start:end]) if self.fits(run, start, one)), None)

    def look_up(self, written: str) -> tuple[str, ...]:
        """Return the stretches that may be meant by another one: of its sound, the most alike first, then of its look."""
        if written in self.held_at:
            return ()
        spoken = " ".join([self.sounds.get(character, character) for character in written])
        heard = [self.held[place] for place in self.by_sound.every(spoken)]
        seen = [
            written[:place] + other + written[place + 1 :]
            for place, character in enumerate(written)
            for other in look_alikes().get(character, "")
        ]
        # 买夹 is 买家, not 卖家
        return (
            *sorted(heard, key=lambda stretch: -alike(stretch, written)),
            *(one for one in seen if one in self.held_at),
        )

    def fits(self, run: str, start: int, meant: str) -> bool:
        """Return true if a stretch shares a character with the written one, and each other character belongs to it.

        A written character that makes a known pair with its neighbour is right. A stretch of two characters is short
        evidence: it must be known with a neighbour, too.
        """
        end = start + len(meant)
        others = [start + place for place, character in enumerate(meant) if character != run[start + place]]
        place_of = self.held_at.first(meant)
        marks = "" if place_of is None else self.marks[place_of]
        if len(others) == len(meant) or any(marks[place - start] == "0" for place in others):
            return False
        before, after = run[max(0, start - 1) : start], run[end : end + 1]
        if len(meant) == 2:
            wider = [text for text in (before + meant, meant + after) if len(text) > 2]
            edges = [pair for pair in (before + meant[0], meant[1] + after) if len(pair) > 1]
            return all(pair in self.pairs for pair in edges) and (
                not wider or any(text in self.held_at for text in wider)
            )
        first = start - len(before) if len(meant) == 3 else start
        read = run[first : end + len(after)] if len(meant) == 3 else run[start:end]
        around = (read[max(0, place - first - 1) : place - first + 2] for place in others)
        return not any(pair in self.pairs for text in around for pair in windows(text, 2))

    def frequently_spoken(self, word: str) -> str | None:
        """Return the characters of a single word in pinyin, if it is frequent in the phrasings."""
        place = self.by_letters.first(word) if len(word) >= SHORTEST_ALONE else None
        return self.held[place] if place is not None and place < min(self.frequent, len(self.held)) else None

    def spoken(self, letters: str) -> str | None:
        """Return the characters of pinyin without spaces, in the fewest words; None if too many stand alone."""
        if len(letters) > MOST_LETTERS:
            return None
        best: list[tuple[float, int, str] | None] = [(0.0, 0, "")] + [None] * len(letters)
        spans = [
            (start, end) for end in range(1, len(letters) + 1) for start in range(max(0, end - LONGEST_SOUND), end)
        ]
        places = self.by_letters.of_each([letters[start:end] for start, end in spans])
        characters = list(self.sounds) if (places >= len(self.held)).any() else []
        for (start, end), place in zip(spans, places.tolist(), strict=True):
            before = best[start]
            if before is not None and place >= 0:
                alone = place - len(self.held)
                stretch = self.held[place] if alone < 0 else characters[alone]
                cost = before[0] + (SINGLE if alone >= 0 else 1 + place / (1 + len(self.held)) / 2)
                now = best[end]
                if now is None or cost < now[0]:
                    covered = before[1] + (end - start if alone < 0 else 0)
                    best[end] = cost, covered, before[2] + stretch
        last = best[-1]
        return last[2] if last and last[1] >= COVERED * len(letters) else None


def alike(one: str, other: str) -> int:
    """Count the equal characters of two stretches of the same length."""
    return sum(a == b for a, b in zip(one, other, strict=True))


def windows(run: str, length: int) -> Iterator[str]:
    return (run[start : start + length] for start in range(len(run) - length + 1))


def belonging(stretch: str, single: Mapping[str, int], counts: Mapping[str, int]) -> Iterator[str]:
    """Yield for each character "1" if it belongs to the others in the stretch, else "0"."""
    last = len(stretch) - 1
    for place, character in enumerate(stretch):
        pairs = [(start, counts[stretch[start : start + 2]]) for start in (place - 1, place) if 0 <= start < last]
        neighbours = [(single[stretch[2 * start + 1 - place]], count) for start, count in pairs]
        rest = stretch[1:] if place == 0 else stretch[:-1]
        yield (
            "1"
            if (
                any(count >= HOLDS * single[character] for _, count in pairs)
                or any(count >= max(OFTEN, HOLDS_IT * times) for times, count in neighbours)
                or (place in (0, last) and last > 1 and counts[stretch] >= max(OFTEN, FOLLOWS * counts[rest]))
            )
            else "0"
        )


@cache
def look_alikes() -> Mapping[str, str]:
    """Return each character's look-alikes."""
    groups = Path(__file__).with_name("look_alikes.txt").read_text(encoding="utf-8").split()
    found: dict[str, str] = {}
    for group in groups:
        for one in group:
            found[one] = found.get(one, "") + group.replace(one, "")
    return found
