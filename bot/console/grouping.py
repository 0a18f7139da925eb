"""Questions asked in vain, grouped by meaning: by the known unknown that they ask for, else by their embeddings."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.knowledge.knowledge import Knowledge
from bot.language.masking import MASK, without_masks
from bot.language.normalize import loose_key
from bot.model import Language
from bot.search.matching import semantic_available
from bot.search.matching.meaning import WIDTH, coded, embed
from bot.store import KeptQuestion
from bot.store.ports import Questions

MOST = 10_000  # questions read
MOST_CLUSTERED = 2_000  # different ones, the most asked; clustering takes the square of it
DISTANCE = 0.45  # cosine distance on average between the members of a group
BATCH = 64  # questions embedded between two others' turns
MOST_NEAR = 3  # topics offered for a group
MOST_ASKED = 5  # of a group's questions that the offered topics are looked up for


@dataclass(frozen=True)
class Said:
    """One wording with how often it came, by loose spelling."""

    words: str
    lang: Language
    count: int


@dataclass(frozen=True)
class Group:
    """Questions that mean the same: their ids, the wordings, most frequent first, and the likeliest topics.

    `unknown`: the known unknown that they ask for, if any.
    """

    id: int
    questions: tuple[int, ...]
    said: tuple[Said, ...]
    near: tuple[str, ...]
    newest: float
    unknown: str = ""

    @property
    def count(self) -> int:
        return len(self.questions)


@dataclass(frozen=True)
class Wording:
    """Questions with the same loose spelling, and the embedding of the newest."""

    questions: tuple[KeptQuestion, ...]

    @property
    def first(self) -> KeptQuestion:
        return self.questions[0]


class Grouping:
    """The groups of now; they are made anew in the background when questions or the content have changed."""

    def __init__(self, store: Questions) -> None:
        self.store = store
        self.groups: tuple[Group, ...] | None = None
        self.made_of: tuple[object, ...] = ()
        self.task: asyncio.Task[None] | None = None

    async def now(self, knowledge: Knowledge) -> tuple[Group, ...] | None:
        """Return the groups, those of before while new ones are made; None while the first ones are."""
        state = (*await self.store.questions_state(), knowledge.version)
        if state != self.made_of and (self.task is None or self.task.done()):
            if self.task is not None and not self.task.cancelled():
                self.task.result()
            self.task = asyncio.create_task(self.make(knowledge, state))
        if self.task is not None:
            await asyncio.wait([self.task], timeout=0.1)
        return self.groups

    @property
    def is_under_way(self) -> bool:
        return self.task is not None and not self.task.done()

    async def make(self, knowledge: Knowledge, state: tuple[object, ...]) -> None:
        found = await self.embedded(await self.store.questions(MOST))
        self.groups = await asyncio.to_thread(grouped, found, knowledge)
        self.made_of = state

    async def embedded(self, found: list[KeptQuestion]) -> list[KeptQuestion]:
        """Add the embeddings that are missing, and store them with the questions, to be erased with them."""
        if not semantic_available():
            return found
        vectors = {one.id: one.vector for one in found if one.vector}
        missing = [one for one in found if not one.vector]
        for start in range(0, len(missing), BATCH):
            some = missing[start : start + BATCH]
            codes = await asyncio.to_thread(codes_of, some)
            fresh = [(one.id, code.tobytes()) for one, code in zip(some, codes, strict=True)]
            await self.store.set_vectors(fresh)
            vectors |= dict(fresh)
            await asyncio.sleep(0)
        return [
            KeptQuestion(one.id, one.time, one.lang, one.words, one.reason, one.topic, vectors.get(one.id))
            for one in found
        ]

    def forget(self, questions: Sequence[int]) -> None:
        """Take questions out of the groups at once."""
        gone = set(questions)
        self.groups = tuple(one for one in self.groups or () if not gone.issuperset(one.questions))


def codes_of(some: Sequence[KeptQuestion]) -> NDArray[np.int8]:
    return coded(embed([plain(one.words) for one in some]))


def plain(words: str) -> str:
    return without_masks(words) or words


def grouped(found: Sequence[KeptQuestion], knowledge: Knowledge) -> tuple[Group, ...]:
    """Group questions, the largest group first."""
    unknowns: dict[str, list[KeptQuestion]] = {}
    others: list[KeptQuestion] = []
    for one in found:
        if one.topic:
            unknowns.setdefault(one.topic, []).append(one)
        else:
            others.append(one)
    made = [group_of(some, knowledge, name) for name, some in unknowns.items()]
    made += [group_of(some, knowledge) for some in clusters(others)]
    return tuple(sorted(made, key=lambda one: (-one.count, -one.newest)))


def clusters(found: Sequence[KeptQuestion]) -> list[list[KeptQuestion]]:
    """Cluster questions by the cosine of their embeddings; without embeddings, by their spelling."""
    spelled: dict[str, list[KeptQuestion]] = {}
    for one in found:
        spelled.setdefault(loose_key(plain(one.words)), []).append(one)
    wordings = [Wording(tuple(some)) for some in sorted(spelled.values(), key=len, reverse=True)]
    read = [one for one in wordings if one.first.vector][:MOST_CLUSTERED]
    known = {id(one) for one in read}
    alone = [list(one.questions) for one in wordings if id(one) not in known]
    if len(read) < 2:
        return [*(list(one.questions) for one in read), *alone]
    from scipy.cluster.hierarchy import fcluster, linkage  # deferred: takes half a second

    codes = np.frombuffer(b"".join(one.first.vector or b"" for one in read), dtype=np.int8).reshape(-1, WIDTH)
    vectors = codes.astype(np.float32)
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    numbers = fcluster(linkage(vectors, "average", "cosine"), DISTANCE, "distance")
    together: dict[int, list[KeptQuestion]] = {}
    for number, wording in zip(numbers.tolist(), read, strict=True):
        together.setdefault(number, []).extend(wording.questions)
    return [*together.values(), *alone]


def group_of(some: Sequence[KeptQuestion], knowledge: Knowledge, unknown: str = "") -> Group:
    counts: Counter[str] = Counter()
    newest: dict[str, KeptQuestion] = {}
    for one in some:
        key = loose_key(plain(one.words))
        counts[key] += 1
        newest.setdefault(key, one)
    said = tuple(Said(newest[key].words, newest[key].lang, count) for key, count in counts.most_common())
    near = () if unknown else likeliest(said[:MOST_ASKED], knowledge)
    ids = tuple(one.id for one in some)
    return Group(min(ids), ids, said, near, max(one.time for one in some), unknown)


def likeliest(said: Sequence[Said], knowledge: Knowledge) -> tuple[str, ...]:
    """Return the topics that a group's wordings most likely mean."""
    scores: dict[str, float] = {}
    for one in said:
        for candidate in knowledge.finder.find(plain(one.words)).candidates:
            scores[candidate.topic] = scores.get(candidate.topic, 0.0) + candidate.score * one.count
    known = knowledge.library.topics
    return tuple(sorted((name for name in scores if name in known), key=lambda name: -scores[name]))[:MOST_NEAR]


def phrasings(group: Group, knowledge: Knowledge, most: int) -> dict[Language, list[str]]:
    """Return a group's wordings as phrasings: without masks, not known yet, up to `most` in each language."""
    made: dict[Language, list[str]] = {"en": [], "zh": []}
    for one in group.said:
        words = without_masks(one.words)
        whole = not MASK.search(one.words) or len(words) * 2 > len(one.words)
        new = loose_key(words) not in knowledge.finder.exact and len(words) <= LONGEST
        if whole and new and len(made[one.lang]) < most and any(map(str.isalpha, words)):
            made[one.lang].append(words)
    return made


LONGEST = 150  # characters of a phrasing made of a question
