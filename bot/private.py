"""Files and folders of this user alone, whatever the umask; and which of those that exist are open to others.

On Windows, where a mode says nothing, none counts as open.
"""

from __future__ import annotations

import os
import shlex
import stat
from collections.abc import Iterable
from pathlib import Path

FOLDER, FILE = 0o700, 0o600
OTHERS = 0o077  # the bits of a mode that let others in


def make_folder(path: Path) -> None:
    """Make a folder with those above it that are missing; what exists stays as it is. Raises OSError."""
    missing = [one for one in (path, *path.parents) if not one.exists()]
    for one in reversed(missing):
        one.mkdir(FOLDER, exist_ok=True)


def make_file(path: Path) -> None:
    """Make an empty file; one that exists stays as it is. Raises OSError."""
    if not path.exists():
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, FILE))


def open_to_others(paths: Iterable[Path]) -> list[Path]:
    """Those that others on this machine may read, write or look into."""
    return [path for path in paths if os.name == "posix" and mode_of(path) & OTHERS]


def mode_of(path: Path) -> int:
    """A file's mode, 0 where there is none: those of a database come and go."""
    try:
        return path.stat().st_mode
    except OSError:
        return 0


def warning(paths: Iterable[Path]) -> str:
    """That these are open to others, and what mends it. What belongs to everybody, like /tmp, is better left."""
    found = list(paths)
    shared = [path for path in found if mode_of(path) & stat.S_ISVTX]
    ours = [path for path in found if path not in shared]
    return "; ".join(
        [
            "others on this machine can get at what merchants write and at the secret that signs cookies",
            *([f"mend it with: chmod go-rwx {shlex.join(map(str, ours))}"] if ours else []),
            *(f"{path} is everybody's folder: keep the database in one of its own" for path in shared),
        ]
    )
