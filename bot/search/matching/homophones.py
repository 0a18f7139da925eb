"""Chinese characters typed for others that sound or look alike, and pinyin in Latin letters, read by the phrasings' words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

from bot.compiled import Form
from bot.search.matching.features import is_han, pieces
from bot.search.matching.pinyin import syllables

LONGEST = 4  # characters of a stretch
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
        self._know(known, held, {one: sounds[one] for one in characters}, frequent)

    def _know(self, pairs: Collection[str], held: Mapping[str, str], sounds: Mapping[str, str], frequent: int) -> None:
        self.pairs, self.held, self.sounds, self.frequent = frozenset(pairs), held, sounds, frequent
        self.by_sound: dict[str, list[str]] = {}  # syllables → stretches, the most frequent first
        self.by_letters: dict[str, tuple[str, int]] = {}  # the same without spaces, with the place in the order
        for place, stretch in enumerate(held):
            spoken = [sounds[character] for character in stretch]
            self.by_sound.setdefault(" ".join(spoken), []).append(stretch)
            self.by_letters.setdefault("".join(spoken), (stretch, place))
        for character, sound in sounds.items():
            self.by_letters.setdefault(sound, (character, len(held)))

    def form(self) -> Form:
        lines = {
            "pairs": sorted(self.pairs),
            "held": self.held,
            "marks": self.held.values(),
            "sounds": self.sounds.values(),
        }
        joined = {name: "\n".join(values) for name, values in lines.items()}  # long texts load faster than lists
        return Form({**joined, "characters": "".join(self.sounds), "frequent": self.frequent})

    @classmethod
    def of(cls, form: Form) -> Homophones:
        made, facts = cls.__new__(cls), form.facts
        pairs, held, marks, sounds = (facts[name].split("\n") for name in ("pairs", "held", "marks", "sounds"))
        if not facts["characters"]:
            made._know((), {}, {}, 0)
        else:
            held_by = dict(zip(held, marks, strict=True)) if facts["held"] else {}
            made._know(pairs, held_by, dict(zip(facts["characters"], sounds, strict=True)), facts["frequent"])
        return made

    def odd(self, run: str) -> list[int]:
        """Return where the unknown pairs of a run of characters begin."""
        return [start for start in range(len(run) - 1) if run[start : start + 2] not in self.pairs]

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
        written = run[start:end]
        if written in self.held:
            return None
        heard = self.by_sound.get(" ".join([self.sounds.get(character, character) for character in written]), ())
        for stretch in sorted(heard, key=lambda stretch: -alike(stretch, written)):  # 买夹 is 买家, not 卖家
            if self.fits(run, start, stretch):
                return stretch
        for place, character in enumerate(written):
            for other in look_alikes().get(character, ""):
                seen = written[:place] + other + written[place + 1 :]
                if seen in self.held and self.fits(run, start, seen):
                    return seen
        return None

    def fits(self, run: str, start: int, meant: str) -> bool:
        """Return true if a stretch shares a character with the written one, and each other character belongs to it.

        A written character that makes a known pair with its neighbour is right. A stretch of two characters is short
        evidence: it must be known with a neighbour, too.
        """
        end = start + len(meant)
        others = [start + place for place, character in enumerate(meant) if character != run[start + place]]
        if len(others) == len(meant) or any(self.held[meant][place - start] == "0" for place in others):
            return False
        before, after = run[max(0, start - 1) : start], run[end : end + 1]
        if len(meant) == 2:
            wider = [text for text in (before + meant, meant + after) if len(text) > 2]
            edges = [pair for pair in (before + meant[0], meant[1] + after) if len(pair) > 1]
            return all(pair in self.pairs for pair in edges) and (not wider or any(text in self.held for text in wider))
        first = start - len(before) if len(meant) == 3 else start
        read = run[first : end + len(after)] if len(meant) == 3 else run[start:end]
        around = (read[max(0, place - first - 1) : place - first + 2] for place in others)
        return not any(pair in self.pairs for text in around for pair in windows(text, 2))

    def frequently_spoken(self, word: str) -> str | None:
        """Return the characters of a single word in pinyin, if it is frequent in the phrasings."""
        stretch, place = self.by_letters.get(word, ("", 0)) if len(word) >= SHORTEST_ALONE else ("", 0)
        return stretch if len(stretch) > 1 and place < self.frequent else None

    def spoken(self, letters: str) -> str | None:
        """Return the characters of pinyin without spaces, in the fewest words; None if too many stand alone."""
        if len(letters) > MOST_LETTERS:
            return None
        best: list[tuple[float, int, str] | None] = [(0.0, 0, "")] + [None] * len(letters)
        for end in range(1, len(letters) + 1):
            for start in range(max(0, end - LONGEST_SOUND), end):
                before, found = best[start], self.by_letters.get(letters[start:end])
                if before is None or found is None:
                    continue
                stretch, place = found
                cost = before[0] + (SINGLE if len(stretch) == 1 else 1 + place / (1 + len(self.held)) / 2)
                now = best[end]
                if now is None or cost < now[0]:
                    covered = before[1] + (end - start if len(stretch) > 1 else 0)
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
