"""Questions asked in vain, grouped by meaning: by the known unknown that they ask for, else by their embeddings."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bot.knowledge.knowledge import Knowledge
from bot.language.masking import MASK, without_masks
from bot.language.normalize import loose_key
from bot.model import Language
from bot.search.matching import semantic_available
from bot.search.matching.meaning import WIDTH, coded, embed
from bot.store import KeptQuestion, Reason
from bot.store.ports import Questions

MOST = 10_000  # questions read
MOST_CLUSTERED = 500  # different ones at a time, the most asked first; clustering takes the square of it
DISTANCE = 0.45  # cosine distance on average between the members of a group
BATCH = 16  # questions embedded between two others' turns
SHORT = 0.05  # seconds within which a few questions are grouped
FAULTS = ("unhelpful", "corrected")  # reasons of questions that were answered, but badly
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
    """Questions that mean the same: their ids, and the wordings, most frequent first.

    `unknown`: the known unknown that they ask for, if any. `faults`: how often each topic's answer to them was called unhelpful
    by merchants, and corrected by consultants.
    """

    id: int
    questions: tuple[int, ...]
    said: tuple[Said, ...]
    newest: float
    unknown: str = ""
    faults: tuple[tuple[str, Reason, int], ...] = ()

    @property
    def count(self) -> int:
        return len(self.questions)


class Grouping:
    """The groups of now. What is new joins them in the background; a page is shown what is there, and never waits."""

    def __init__(self, store: Questions) -> None:
        self.store, self.sorting = store, Sorting()
        self.groups: tuple[Group, ...] | None = None
        self.likely: dict[tuple[object, ...], tuple[str, ...]] = {}
        self.task: asyncio.Task[None] | None = None

    async def now(self, *, whole: bool = False) -> tuple[Group, ...] | None:
        """Return the groups without questions that are gone; None while the first ones are made.

        `whole`: with everything that is there, however long that takes.
        """
        ids = set(await self.store.question_ids(MOST))
        if self.task is None or self.task.done():
            if self.task is not None and not self.task.cancelled():
                self.task.result()
            if self.groups is not None and (gone := self.sorting.known.keys() - ids):
                self.sorting.drop(gone)
                self.groups = self.sorting.groups()
            if self.groups is None or ids - self.sorting.known.keys():
                self.task = asyncio.create_task(self.make(ids - self.sorting.known.keys()))
        if self.task is not None and not self.task.done():
            await asyncio.wait([self.task], timeout=None if whole else SHORT)
        return None if self.groups is None else tuple(one for one in self.groups if ids.issuperset(one.questions))

    def close(self) -> None:
        if self.task is not None:
            self.task.cancel()

    async def make(self, ids: set[int]) -> None:
        found = await self.store.questions(MOST, min(ids, default=1) - 1)
        new = await self.embedded([one for one in found if one.id in ids])
        self.groups = await asyncio.to_thread(self.sorting.add, new)

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
        return [replace(one, vector=vectors.get(one.id)) for one in found]

    def near(self, group: Group, knowledge: Knowledge) -> tuple[str, ...] | None:
        """Return the likeliest topics of a group if they were looked up."""
        return () if group.unknown else self.likely.get(key_of(group, knowledge))

    async def look_up(self, groups: Sequence[Group], knowledge: Knowledge) -> None:
        """Look up the likeliest topics of groups."""
        for one in groups:
            if self.near(one, knowledge) is None:
                if len(self.likely) >= MOST:
                    self.likely.clear()
                self.likely[key_of(one, knowledge)] = await asyncio.to_thread(
                    likeliest, one.said[:MOST_ASKED], knowledge
                )


def key_of(group: Group, knowledge: Knowledge) -> tuple[object, ...]:
    return knowledge.version, *((one.words, one.count) for one in group.said[:MOST_ASKED])


class Sorting:
    """Questions sorted into groups, one after the other; what is in a group stays there.

    Questions that name a known unknown go to its group, those with the same loose spelling together, and the others by
    the cosine of their embeddings: many new ones are clustered among themselves, then each group that is near enough
    to one that is there joins it.
    """

    def __init__(self) -> None:
        self.known: dict[int, KeptQuestion] = {}
        self.group_of: dict[str, str] = {}  # key of a wording → name of its group
        self.members: dict[str, dict[int, str]] = {}  # name of a group → its questions with the keys of their wordings
        self.made: dict[str, Group] = {}
        self.names: list[str] = []  # of the groups with a center, in its order
        self.centers = np.zeros((0, WIDTH), np.float32)
        self.made_names = 0

    def drop(self, gone: Collection[int]) -> None:
        """Forget questions, and their words with them."""
        for id in gone:
            one = self.known.pop(id)
            key = key_of_words(one)
            name = name_of_unknown(one) or self.group_of[key]
            members = self.members[name]
            del members[id]
            self.made.pop(name, None)
            if not name_of_unknown(one) and key not in members.values():
                del self.group_of[key]
            if not members:
                del self.members[name]
        kept = [number for number, name in enumerate(self.names) if name in self.members]
        self.names, self.centers = [self.names[number] for number in kept], self.centers[kept]

    def add(self, new: Sequence[KeptQuestion]) -> tuple[Group, ...]:
        """Sort new questions in, and return all groups."""
        spelled: dict[str, list[KeptQuestion]] = {}
        for one in new:
            self.known[one.id] = one
            key = key_of_words(one)
            name = name_of_unknown(one) or self.group_of.get(key)
            if name is None:
                spelled.setdefault(key, []).append(one)
            else:
                self.put(name, key, [one])
        fresh = sorted(spelled.items(), key=lambda one: -len(one[1]))
        read = [(key, some) for key, some in fresh if some[0].vector]
        for start in range(0, len(read), MOST_CLUSTERED):
            self.sort_in(read[start : start + MOST_CLUSTERED])
        for key, some in fresh:
            if not some[0].vector:
                self.put(self.new_name(), key, some)
        return self.groups()

    def sort_in(self, some: Sequence[tuple[str, list[KeptQuestion]]]) -> None:
        """Cluster wordings among themselves, then let clusters join the groups that they are near to."""
        codes = np.frombuffer(b"".join(said[0].vector or b"" for _, said in some), dtype=np.int8).reshape(-1, WIDTH)
        vectors = unit(codes.astype(np.float32))
        numbers = clustered(vectors)
        clusters = [np.flatnonzero(numbers == cluster) for cluster in range(int(numbers.max()) + 1)]
        means = np.array([vectors[here].mean(axis=0) for here in clusters])
        # The mean of the distances between the members of two groups, as while clustering.
        near = means @ self.centers.T if self.names else np.zeros((len(clusters), 1), np.float32)
        fresh = []
        for here, mean, best, closest in zip(clusters, means, near.argmax(axis=1), near.max(axis=1), strict=True):
            if 1 - closest <= DISTANCE:
                name, size = self.names[best], len(here)
                before = len(set(self.members[name].values()))
                self.centers[best] = (self.centers[best] * before + mean * size) / (before + size)
            else:
                name = self.new_name()
                fresh.append((name, mean))
            for number in here:
                self.put(name, *some[int(number)])
        if fresh:
            self.names += [name for name, _ in fresh]
            self.centers = np.vstack([self.centers, *(mean[None] for _, mean in fresh)])

    def put(self, name: str, key: str, some: Sequence[KeptQuestion]) -> None:
        self.members.setdefault(name, {}).update((one.id, key) for one in some)
        self.made.pop(name, None)
        if not name_of_unknown(some[0]):
            self.group_of[key] = name

    def new_name(self) -> str:
        self.made_names += 1
        return str(self.made_names)

    def groups(self) -> tuple[Group, ...]:
        """Return the groups, the largest first."""
        for name, members in self.members.items():
            if name not in self.made:
                self.made[name] = group_of([(self.known[id], key) for id, key in members.items()])
        return tuple(sorted(self.made.values(), key=lambda one: (-one.count, -one.newest)))


def name_of_unknown(one: KeptQuestion) -> str:
    """Return the name of the group of the known unknown that a question asks for, or ""."""
    return f"unknown {one.topic}" if one.reason == "known_unknown" else ""


def key_of_words(one: KeptQuestion) -> str:
    return loose_key(plain(one.words))


def unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    made: NDArray[np.float32] = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    return made


def clustered(vectors: NDArray[np.float32]) -> NDArray[np.int64]:
    """Return the number of each vector's cluster: the two that are nearest by their members' mean cosine distance are joined
    as long as that is at most DISTANCE. Vectors have length 1."""
    size = len(vectors)
    distances = 1 - vectors.astype(np.float64) @ vectors.T
    np.fill_diagonal(distances, np.inf)
    members, numbers = np.ones(size), np.arange(size)
    for _ in range(size - 1):
        one, other = divmod(int(distances.argmin()), size)
        if distances[one, other] > DISTANCE:
            break
        mean = members[[one, other]] @ distances[[one, other]] / (members[one] + members[other])
        mean[one] = np.inf
        distances[one] = distances[:, one] = mean
        distances[other] = distances[:, other] = np.inf
        members[one] += members[other]
        numbers[numbers == other] = one
    return np.unique(numbers, return_inverse=True)[1]


def codes_of(some: Sequence[KeptQuestion]) -> NDArray[np.int8]:
    return coded(embed([plain(one.words) for one in some]))


def plain(words: str) -> str:
    return without_masks(words) or words


def group_of(some: Sequence[tuple[KeptQuestion, str]]) -> Group:
    """Return the group of questions with the keys of their wordings."""
    counts: Counter[str] = Counter()
    newest: dict[str, KeptQuestion] = {}
    for one, key in sorted(some, key=lambda one: -one[0].id):
        counts[key] += 1
        newest.setdefault(key, one)
    said = tuple(Said(newest[key].words, newest[key].lang, count) for key, count in counts.most_common())
    ids = tuple(one.id for one, _ in some)
    faults = Counter((one.topic, one.reason) for one, _ in some if one.reason in FAULTS)
    first = some[0][0]
    unknown = first.topic if name_of_unknown(first) else ""
    return Group(
        min(ids), ids, said, max(one.time for one, _ in some), unknown,
        tuple((topic, reason, count) for (topic, reason), count in faults.most_common()),
    )  # fmt: skip


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
