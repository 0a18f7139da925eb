"""Files and folders that only this user can access, whatever the umask, and a warning about those open to others.

On Windows, where modes mean nothing, no file counts as open.
"""

from __future__ import annotations

import os
import shlex
import stat
from collections.abc import Iterable
from pathlib import Path

FOLDER, FILE = 0o700, 0o600
OTHERS = 0o077  # permission bits of group and others


def make_folder(path: Path) -> None:
    """Create a folder and its missing parents with mode 0700; existing folders keep their modes. Raises OSError."""
    missing = [one for one in (path, *path.parents) if not one.exists()]
    for one in reversed(missing):
        one.mkdir(FOLDER, exist_ok=True)


def make_file(path: Path) -> None:
    """Create an empty file with mode 0600, unless it exists. Raises OSError."""
    if not path.exists():
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, FILE))


def write_whole(path: Path, body: bytes, *, secret: bool = False) -> None:
    """Write a file at once, with its missing folders: readers see it whole or as it was. Raises OSError.

    Existing files keep their permissions; a new `secret` one is for this user alone from the beginning.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.new")
    new.unlink(missing_ok=True)
    if secret or path.exists():
        make_file(new)
    new.write_bytes(body)
    if path.exists():
        new.chmod(path.stat().st_mode & 0o777)
    new.replace(path)


def open_to_others(paths: Iterable[Path]) -> list[Path]:
    """Return the paths with permissions for group or others."""
    return [path for path in paths if os.name == "posix" and mode_of(path) & OTHERS]


def mode_of(path: Path) -> int:
    """Return a file's mode, 0 if the file is missing: a database's side files come and go."""
    try:
        return path.stat().st_mode
    except OSError:
        return 0


def warning(paths: Iterable[Path]) -> str:
    """Describe the risk and the fix. A shared folder such as /tmp keeps its mode; the database should move."""
    found = list(paths)
    shared = [path for path in found if mode_of(path) & stat.S_ISVTX]
    ours = [path for path in found if path not in shared]
    return "; ".join(
        [
            "other users of this machine can read the merchants' messages and the secret that signs cookies",
            *([f"run: chmod go-rwx {shlex.join(map(str, ours))}"] if ours else []),
            *(f"{path} is a shared folder: move the database into a folder of its own" for path in shared),
        ]
    )
