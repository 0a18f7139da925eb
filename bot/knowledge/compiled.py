"""Compiled forms of the content, kept between starts: nothing is trained or rendered twice for the same files."""

from __future__ import annotations

import hashlib
import os
import pickle
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

import platformdirs

KEPT = 4  # of each kind; older ones are deleted

T = TypeVar("T")


def folder() -> Path:
    """Where compiled forms lie: MERCHANT_BOT_CACHE, else the user's cache folder."""
    return Path(os.environ.get("MERCHANT_BOT_CACHE") or platformdirs.user_cache_dir("merchant-bot", appauthor=False))


def program(path: Path) -> str:
    """A hash that changes with the program's own files: what another version has compiled is not used."""
    stamps = "".join(
        f"{file.name} {file.stat().st_size} {file.stat().st_mtime_ns}\n" for file in sorted(path.rglob("*.py"))
    )
    return digest([stamps])


def digest(parts: Iterable[str]) -> str:
    total = hashlib.sha256()
    for part in parts:
        total.update(part.encode() + b"\0")
    return total.hexdigest()[:16]


def keep(kind: str, key: str, made: type[T], make: Callable[[], T]) -> T:
    """What was made under this key before, else what `make` makes now."""
    kept = read(kind, key)
    if isinstance(kept, made):
        return kept
    fresh = make()
    write(kind, key, fresh)
    return fresh


def read(kind: str, key: str) -> object:
    """The compiled form of this key, or None; an unreadable one counts as none."""
    try:
        return pickle.loads((folder() / f"{kind}-{key}.pickle").read_bytes())
    except (OSError, pickle.UnpicklingError, AttributeError, ImportError, EOFError, IndexError, ValueError, TypeError):
        return None


def write(kind: str, key: str, value: object) -> None:
    """Keep a compiled form; where nothing can be written, the next start is slower."""
    try:
        folder().mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder(), delete=False) as file:
            file.write(pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL))
        os.replace(file.name, folder() / f"{kind}-{key}.pickle")
        files = sorted(folder().glob(f"{kind}-*.pickle"), key=lambda path: path.stat().st_mtime, reverse=True)
        for path in files[KEPT:]:
            path.unlink(missing_ok=True)
    except OSError:
        return
