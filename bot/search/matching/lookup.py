"""Texts and their places as arrays: mapped from the cache and shared, where objects would be made anew by each process."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import overload

import numpy as np
from numpy.typing import NDArray

from bot.compiled import Form


class Texts(Sequence[str]):
    """A sequence of texts, each made when it is read."""

    def __init__(self, joined: NDArray[np.uint8], ends: NDArray[np.int64]) -> None:
        self.joined, self.ends = joined, ends

    @classmethod
    def from_texts(cls, texts: Iterable[str]) -> Texts:
        encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
        ends = np.cumsum([0, *map(len, encoded)], dtype=np.int64)
        return cls(np.frombuffer(b"".join(encoded), dtype=np.uint8), ends)

    def form(self) -> Form:
        return Form({}, vars(self))

    @classmethod
    def of(cls, form: Form) -> Texts:
        return cls(**form.arrays)

    def __len__(self) -> int:
        return len(self.ends) - 1

    @overload
    def __getitem__(self, place: int) -> str: ...

    @overload
    def __getitem__(self, place: slice) -> list[str]: ...

    def __getitem__(self, place: int | slice) -> str | list[str]:
        if isinstance(place, slice):
            return [self[one] for one in range(len(self))[place]]
        place = range(len(self))[place]
        return self.joined[self.ends[place] : self.ends[place + 1]].tobytes().decode("utf-8", "surrogatepass")


class Places:
    """The places of texts in a list, found by their hashes of 64 bits, in which no two of a content's texts agree."""

    def __init__(self, hashes: NDArray[np.uint64], places: NDArray[np.int32]) -> None:
        """`hashes` are sorted; those of equal texts are in the order of their places."""
        self.hashes, self.places = hashes, places
        self.sorted = hashes.data  # whose items are Python's numbers, for `bisect`

    @classmethod
    def from_texts(cls, texts: Iterable[str]) -> Places:
        hashes = hashed(texts)
        order = np.argsort(hashes, kind="stable")
        return cls(hashes[order], order.astype(np.int32))

    def form(self) -> Form:
        return Form({}, {"hashes": self.hashes, "places": self.places})

    @classmethod
    def of(cls, form: Form) -> Places:
        return cls(**form.arrays)

    def __contains__(self, text: str) -> bool:
        return self.first(text) is not None

    def first(self, text: str) -> int | None:
        """Return the first place of a text, or None."""
        wanted = int.from_bytes(digest(text), "little")
        at = bisect_left(self.sorted, wanted)
        return int(self.places[at]) if at < len(self.sorted) and self.sorted[at] == wanted else None

    def every(self, text: str) -> list[int]:
        """Return all places of a text."""
        wanted = int.from_bytes(digest(text), "little")
        start = end = bisect_left(self.sorted, wanted)
        while end < len(self.sorted) and self.sorted[end] == wanted:
            end += 1
        return self.places[start:end].tolist() if end > start else []

    def of_each(self, texts: Sequence[str]) -> NDArray[np.int64]:
        """Return the first place of each text, -1 for an unknown one."""
        if not len(self.hashes):
            return np.full(len(texts), -1)
        wanted = hashed(texts)
        found = np.minimum(np.searchsorted(self.hashes, wanted), len(self.hashes) - 1)
        return np.where(self.hashes[found] == wanted, self.places[found], -1)


def digest(text: str) -> bytes:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()


def hashed(texts: Iterable[str]) -> NDArray[np.uint64]:
    return np.frombuffer(b"".join(map(digest, texts)), dtype="<u8").astype(np.uint64, copy=False)
