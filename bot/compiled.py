"""Cache of compiled content on disk, so that the same files are trained and rendered once.

File layout: a line with the format and a SHA-256 hash of the rest, the length of a JSON head (8 bytes, big-endian), the
head, then the arrays as raw memory, each aligned to 64 bytes. Arrays are memory-mapped: processes share them, and only
used pages are read. No code is loaded from a file. A file is used only if it and its folder belong to this user, nobody
else can write to them, and the hash matches; otherwise its content is compiled again.
"""

from __future__ import annotations

import hashlib
import logging
import os
import stat
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from io import BufferedRandom, BufferedReader
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import platformdirs
from numpy.typing import NDArray

from bot import private
from bot.json_text import from_text, to_text

log = logging.getLogger(__name__)
progress = logging.getLogger("bot.progress")  # what takes long; shown on a terminal too

KEPT = 2  # contents, unless MERCHANT_BOT_CACHE_CONTENTS says how many; the least recently used are deleted
FILES = {"matcher": 2}  # of one content, where a kind has more than one: a language each
LONG = 2.0  # seconds; what takes longer is told
ABANDONED = 3600.0  # seconds after which a partly written file belongs to a process that was killed
FORMAT = b"merchant-bot compiled 1 "
HASHED = len(FORMAT) + 64 + 1  # offset of the hashed part
LENGTH = 8  # bytes of the head's length
ALIGNED = 64  # bytes
PLAIN = "biuf"  # numpy's kinds of plain numbers: bool, int, unsigned, float

T = TypeVar("T")


def tell(doing: str, seconds: float) -> None:
    """Tell what is done if it takes long: "learning the content, about 5 s"."""
    if seconds >= LONG:
        progress.info("%s, about %.0f s", doing, seconds)


@dataclass(frozen=True)
class Form:
    """The serialisable form of an object: JSON values, numeric arrays, and the forms of its parts."""

    facts: Mapping[str, Any] = field(default_factory=dict)
    arrays: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    parts: Mapping[str, Form] = field(default_factory=dict)


def folder() -> Path:
    """The cache folder: MERCHANT_BOT_CACHE, else the user's cache folder."""
    return Path(os.environ.get("MERCHANT_BOT_CACHE") or platformdirs.user_cache_dir("merchant-bot", appauthor=False))


def contents_kept() -> int:
    """The number of contents in the cache: more than usual where several assistants share the folder."""
    told = os.environ.get("MERCHANT_BOT_CACHE_CONTENTS", "")
    return max(1, int(told)) if told.isdecimal() else KEPT


def program(*paths: Path) -> str:
    """Hash the names, sizes and times of the program's files below these folders: another version's cache is not used.

    Times are in whole seconds, as a container image keeps them: with more, its learned content would be another version's."""
    files = (file for path in paths for kind in ("*.py", "*.yaml") for file in sorted(path.rglob(kind)))
    return digest(
        "".join(f"{file.name} {found.st_size} {int(found.st_mtime)}\n" for file in files if (found := file.stat()))
    )


def digest(parts: Iterable[str]) -> str:
    total = hashlib.sha256()
    for part in parts:
        total.update(part.encode("utf-8", "surrogatepass") + b"\0")
    return total.hexdigest()[:16]


def keep(
    kind: str,
    key: str,
    of: Callable[[Form], T],
    form: Callable[[T], Form],
    make: Callable[[], T],
) -> T:
    """Return the cached object of this key, or make it and cache it."""
    kept = read(kind, key, of)
    if kept is None:
        fresh = make()
        write(kind, key, form(fresh))
        kept = read(kind, key, of) or fresh  # the mapped copy is shared with other processes
    return kept


def read(kind: str, key: str, of: Callable[[Form], T]) -> T | None:
    """Read the cached form of this key and build the object with `of`. None if it is missing, damaged or outdated."""
    path = path_of(kind, key)
    if not usable(path.parent):
        return None
    try:
        with path.open("rb") as file:
            if not trusted(path, os.fstat(file.fileno())):
                return None
            made = of(loaded(file))
        with suppress(OSError):  # a file system may be read-only
            os.utime(path)  # for the order in which `write` deletes
        return made
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        warn(f"Compiled content in {path.parent} is damaged, so this start makes it again.")
        log.info("%s is compiled again: %s", path, error)
        return None


def exists(kind: str, key: str) -> bool:
    return path_of(kind, key).exists()


def path_of(kind: str, key: str) -> Path:
    return folder() / f"{kind}-{key}.compiled"


def write(kind: str, key: str, form: Form) -> None:
    """Cache a compiled form. A failed write is told; the next start is slower then."""
    where = folder()
    try:
        private.make_folder(where)
        if not usable(where):
            return
        with tempfile.NamedTemporaryFile(dir=where, prefix=kind, suffix=".part", delete=False) as file:
            try:
                store(file, form)
            except BaseException:
                os.unlink(file.name)
                raise
        os.replace(file.name, path_of(kind, key))
        files = sorted(where.glob(f"{kind}-*.compiled"), key=used, reverse=True)
        abandoned = (path for path in where.glob("*.part") if used(path) < time.time() - ABANDONED)
        pickles = where.glob(f"{kind}-*.pickle")  # by versions before 0.2, never read
        for path in (*files[contents_kept() * FILES.get(kind, 1) :], *abandoned, *pickles):
            path.unlink(missing_ok=True)
    except OSError as error:
        warn_unused(f"{where}: {error.strerror}: free some space there, or set MERCHANT_BOT_CACHE to another folder")


def used(path: Path) -> float:
    """Return the time of a file's last use; 0 if another process has deleted it."""
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


# --- ownership


def usable(where: Path) -> bool:
    """True if the folder exists and only this user can write to it."""
    try:
        return trusted(where, where.stat())
    except OSError:
        return False


def trusted(path: Path, found: os.stat_result) -> bool:
    """True if a file or folder belongs to this user and nobody else can write to it. Logs the reason if not."""
    if os.name != "posix":
        return True
    if found.st_uid != os.getuid():
        warn_unused(f"{path} belongs to another user: set MERCHANT_BOT_CACHE to a folder of your own")
        return False
    if found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        warn_unused(f"others can write to {path}: run chmod go-w on it, or set MERCHANT_BOT_CACHE to another folder")
        return False
    return True


def warn_unused(why: str) -> None:
    warn(f"Compiled content is not cached, so every start is slower. {why}")


@cache
def warn(message: str) -> None:
    """Log a warning, once."""
    log.warning(message)


# --- the file format


def store(file: Any, form: Form) -> None:
    """Write a form into an empty file. Raises TypeError for an array that is not of plain numbers."""
    arrays: list[NDArray[Any]] = []
    tree = laid_out(form, arrays)
    places, at = [], 0
    for array in arrays:
        if array.dtype.kind not in PLAIN:
            raise TypeError(f"an array of {array.dtype} cannot be stored")
        places.append((array.dtype.str, array.shape, at))
        at = aligned(at + array.nbytes)
    head = to_text({"form": tree, "arrays": places}).encode()
    start = aligned(HASHED + LENGTH + len(head))
    total = hashlib.sha256()
    file.seek(HASHED)
    for piece in pieces(head, start, arrays):
        total.update(piece)
        file.write(piece)
    file.seek(0)
    file.write(FORMAT + total.hexdigest().encode() + b"\n")


def pieces(head: bytes, start: int, arrays: Iterable[NDArray[Any]]) -> Iterator[bytes | memoryview]:
    yield len(head).to_bytes(LENGTH, "big") + head
    yield bytes(start - HASHED - LENGTH - len(head))
    for array in arrays:
        yield np.ascontiguousarray(array).data.cast("B") if array.size else b""
        yield bytes(aligned(array.nbytes) - array.nbytes)


def laid_out(form: Form, arrays: list[NDArray[Any]]) -> dict[str, Any]:
    """Convert a form to JSON values. Its arrays are appended to `arrays` and replaced by their indices."""
    numbers = {}
    for name, array in form.arrays.items():
        numbers[name] = len(arrays)
        arrays.append(array)
    return {
        "facts": form.facts,
        "arrays": numbers,
        "parts": {name: laid_out(part, arrays) for name, part in form.parts.items()},
    }


def loaded(file: BufferedReader | BufferedRandom) -> Form:
    """Read the form in a file, with read-only mapped arrays. Raises ValueError if the format or the hash does not match."""
    line = file.read(HASHED)
    if not line.startswith(FORMAT):
        raise ValueError("its format is another version's")
    if line != FORMAT + hashlib.file_digest(file, "sha256").hexdigest().encode() + b"\n":
        raise ValueError("its hash is wrong")
    file.seek(HASHED)
    length = int.from_bytes(file.read(LENGTH), "big")
    head = from_text(file.read(length))
    start = aligned(HASHED + LENGTH + length)
    mapped = np.asarray(np.memmap(file, dtype=np.uint8, mode="r"))
    return formed(head["form"], [array_at(mapped[start:], *place) for place in head["arrays"]])


def array_at(data: NDArray[np.uint8], kind: str, shape: list[int], at: int) -> NDArray[Any]:
    dtype = np.dtype(kind)
    if dtype.kind not in PLAIN:
        raise ValueError(f"an array of {dtype} is not allowed")
    return np.ndarray(shape, dtype, buffer=data, offset=at)


def formed(tree: Mapping[str, Any], arrays: list[NDArray[Any]]) -> Form:
    return Form(
        tree["facts"],
        {name: arrays[number] for name, number in tree["arrays"].items()},
        {name: formed(part, arrays) for name, part in tree["parts"].items()},
    )


def aligned(size: int) -> int:
    return -(-size // ALIGNED) * ALIGNED
