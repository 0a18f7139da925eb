"""Compiled forms of the content, kept between starts: nothing is trained or rendered twice for the same files.

A file holds a line with the format and a SHA-256 hash of all the rest, the length of what JSON can hold, that JSON, and arrays
as they lie in memory, each at a multiple of 64 bytes. The arrays are mapped, so that processes share them and only what is
used is read. Nothing in a file is ever executed; it is used only if it and its folder are this user's own, nobody else can
write to them, and the hash is right. All else is made anew.
"""

from __future__ import annotations

import hashlib
import logging
import os
import stat
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
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

KEPT = 8  # of each kind; those that were not used for longest are deleted
FORMAT = b"merchant-bot compiled 1 "
HASHED = len(FORMAT) + 64 + 1  # where what is hashed begins
LENGTH = 8  # bytes of the JSON's length
ALIGNED = 64
PLAIN = "biuf"  # the kinds of arrays that are numbers and nothing else

T = TypeVar("T")


@dataclass(frozen=True)
class Form:
    """What something is made of: what JSON can hold, arrays of numbers, and the forms of its parts."""

    facts: Mapping[str, Any] = field(default_factory=dict)
    arrays: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    parts: Mapping[str, Form] = field(default_factory=dict)


def folder() -> Path:
    """Where compiled forms lie: MERCHANT_BOT_CACHE, else the user's cache folder."""
    return Path(os.environ.get("MERCHANT_BOT_CACHE") or platformdirs.user_cache_dir("merchant-bot", appauthor=False))


def program(*paths: Path) -> str:
    """A hash that changes with the program's own files in these folders: what another version has compiled is not used."""
    files = (file for path in paths for file in sorted(path.rglob("*.py")))
    return digest(
        "".join(f"{file.name} {found.st_size} {found.st_mtime_ns}\n" for file in files if (found := file.stat()))
    )


def digest(parts: Iterable[str]) -> str:
    total = hashlib.sha256()
    for part in parts:
        total.update(part.encode("utf-8", "surrogatepass") + b"\0")
    return total.hexdigest()[:16]


def keep(kind: str, key: str, of: Callable[[Form], T], form: Callable[[T], Form], make: Callable[[], T]) -> T:
    """What was made under this key before, else what `make` makes now."""
    kept = read(kind, key, of)
    if kept is None:
        fresh = make()
        write(kind, key, form(fresh))
        kept = read(kind, key, of) or fresh  # the one that is kept can be shared with other processes
    return kept


def read(kind: str, key: str, of: Callable[[Form], T]) -> T | None:
    """What `of` makes of the compiled form of this key; None where there is none, or one that does not fit."""
    path = folder() / f"{kind}-{key}.compiled"
    if not usable(path.parent):
        return None
    try:
        with path.open("rb") as file:
            if not trusted(path, os.fstat(file.fileno())):
                return None
            made = of(loaded(file))
            os.utime(path)  # it was used
            return made
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        log.info("%s is made anew: %s", path, error)
        return None


def write(kind: str, key: str, form: Form) -> None:
    """Keep a compiled form; where nothing can be written, the next start is slower."""
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
        os.replace(file.name, where / f"{kind}-{key}.compiled")
        files = sorted(where.glob(f"{kind}-*.compiled"), key=lambda path: path.stat().st_mtime, reverse=True)
        for path in (*files[KEPT:], *where.glob(f"{kind}-*.pickle")):  # what versions before 0.2 made is never read
            path.unlink(missing_ok=True)
    except OSError as error:
        log.info("nothing compiled is kept in %s: %s", where, error)


# --- whose it is


def usable(where: Path) -> bool:
    """Whether a folder is there and nobody else could have put anything into it."""
    try:
        return trusted(where, where.stat())
    except OSError:
        return False


def trusted(path: Path, found: os.stat_result) -> bool:
    """Whether a file or folder is this user's own and no other can write to it; a log line says why not."""
    if os.name != "posix":
        return True
    if found.st_uid != os.getuid():
        say_unused(f"{path} belongs to another user: name a folder of your own in MERCHANT_BOT_CACHE")
        return False
    if found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        say_unused(f"others can write to {path}: mend it with chmod go-w, or name another folder in MERCHANT_BOT_CACHE")
        return False
    return True


@cache
def say_unused(why: str) -> None:
    log.warning("What is compiled is not kept between starts, which makes each slower. %s", why)


# --- the file


def store(file: Any, form: Form) -> None:
    """Write a form into an empty file."""
    arrays: list[NDArray[Any]] = []
    tree = laid_out(form, arrays)
    places, at = [], 0
    for array in arrays:
        if array.dtype.kind not in PLAIN:
            raise TypeError(f"an array of {array.dtype} cannot be kept")
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
    """A form as JSON, with its arrays by their numbers in the list, to which they are added."""
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
    """The form in a file, its arrays mapped and not to be written to. Raises ValueError where a byte is not as it was written."""
    line = file.read(HASHED)
    if not line.startswith(FORMAT):
        raise ValueError("it is of another version")
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
        raise ValueError(f"an array of {dtype} is not read")
    return np.ndarray(shape, dtype, buffer=data, offset=at)


def formed(tree: Mapping[str, Any], arrays: list[NDArray[Any]]) -> Form:
    return Form(
        tree["facts"],
        {name: arrays[number] for name, number in tree["arrays"].items()},
        {name: formed(part, arrays) for name, part in tree["parts"].items()},
    )


def aligned(size: int) -> int:
    return -(-size // ALIGNED) * ALIGNED
