"""The files of a content folder: regular files of bounded size inside it; anything else is refused by name."""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from bot.content.said import Notice, said

MOST_FILES, MOST_FOLDERS = 50_000, 5_000
DEEPEST = 12  # levels of folders
LARGEST_TEXT = 1 << 20  # bytes of one YAML file
LARGEST_TEXTS = 64 << 20  # bytes of all YAML files of a folder
LARGEST_FILE = 50 << 20  # bytes of a file to send: Telegram's limit
TEXTS = (".yaml", ".yml")
MISNAMED = re.compile(r"[.．]ya?ml(?:\.txt)?$", re.IGNORECASE)  # common misspellings of the extension


class Unreadable(Exception):
    """A knowledge folder cannot be read; the message names the folder and the reason."""

    def __init__(self, message: Notice) -> None:
        super().__init__(message)
        self.said = message


@dataclass(frozen=True, order=True)
class ContentFile:
    """A file of a folder: its relative name, resolved path, size in bytes, and the reason if it is refused."""

    name: str
    path: Path
    size: int = 0
    refused: Notice | None = None

    @property
    def is_text(self) -> bool:
        return self.name.endswith(TEXTS) and not self.is_sent

    @property
    def is_sent(self) -> bool:
        return self.name.startswith("files/")


def content_files(folder: Path) -> list[ContentFile]:
    """List the YAML files of a folder, the files to send, and the refused files, sorted by name. Raises Unreadable.

    Links are followed only to files inside the folder, and from `files/` only to files in `files/`, since anyone can
    be sent its files.
    """
    if not folder.is_dir():
        raise Unreadable(said("no-folder", folder=folder))
    found: list[ContentFile] = []
    try:
        for number, (entry, name) in enumerate(entries(folder)):
            if number == MOST_FILES:
                raise Unreadable(said("too-many-files", folder=folder, most=f"{MOST_FILES:,}"))
            if one := looked_at(folder, entry, name):
                found.append(one)
    except OSError as error:
        raise Unreadable(said("unreadable-folder", folder=error.filename or folder, why=error.strerror)) from error
    if sum(one.size for one in found if one.is_text) > LARGEST_TEXTS:
        raise Unreadable(said("texts-too-large", folder=folder, most=LARGEST_TEXTS >> 20))
    return sorted(found)


def entries(folder: Path) -> Iterator[tuple[os.DirEntry[str], str]]:
    """Yield everything below a folder except folders and hidden files, with its relative name."""
    for here in folders(folder):
        prefix = "" if here == folder else f"{here.relative_to(folder).as_posix()}/"
        with os.scandir(here) as listed:
            for entry in listed:
                if not hidden(entry.name) and not entry.is_dir(follow_symlinks=False):
                    yield entry, f"{prefix}{entry.name}"


def folders(folder: Path) -> Iterator[Path]:
    """Yield a folder and its subfolders, without following links. Raises Unreadable if there are too many, OSError."""
    waiting, count = [(folder, 1)], 0
    while waiting:
        here, depth = waiting.pop()
        count += 1
        if depth > DEEPEST or count > MOST_FOLDERS:
            raise Unreadable(said("too-many-folders", folder=here, most=f"{MOST_FOLDERS:,}", deepest=DEEPEST))
        yield here
        with os.scandir(here) as listed:
            inner = [one for one in listed if not hidden(one.name) and one.is_dir(follow_symlinks=False)]
        waiting += [(here / one.name, depth + 1) for one in inner]


def hidden(name: str) -> bool:
    return name.startswith(".") or name == "__pycache__"


def looked_at(folder: Path, entry: os.DirEntry[str], name: str) -> ContentFile | None:
    """Return a file with its resolved path and size, or the reason for refusal. None if it is not content."""
    shown = name.encode("utf-8", "replace").decode()
    one = ContentFile(shown, Path(entry.path))
    real = Path(os.path.realpath(entry.path))
    try:
        about = real.stat()
    except FileNotFoundError:
        return replace(one, refused=said("link-to-nowhere"))
    if stat.S_ISDIR(about.st_mode):
        return replace(one, refused=said("link-to-a-folder"))
    if not stat.S_ISREG(about.st_mode):
        return replace(one, refused=said("no-plain-file"))
    if not (one.is_text or one.is_sent):
        ending = MISNAMED.search(name)
        if not ending:
            return None
        right = f"{PurePosixPath(name[: ending.start()]).name}.yaml"
        return replace(one, refused=said("ending-not-read", ending=ending[0], name=right))
    if shown != name or not name.isprintable():
        return replace(one, refused=said("name-cannot-be-shown"))
    inside = folder / "files" if one.is_sent else folder
    if entry.is_symlink() and not real.is_relative_to(os.path.realpath(inside)):
        return replace(one, refused=said("link-leads-out", folder=inside.name))
    most = LARGEST_FILE if one.is_sent else LARGEST_TEXT
    if about.st_size > most:
        return replace(one, refused=said("file-too-large", most=most >> 20))
    return replace(one, path=real, size=about.st_size)


def read_bytes(path: Path, most: int = LARGEST_TEXT) -> bytes:
    """Read a regular file. Raises OSError, also if it has been replaced by a link or a pipe, or exceeds `most` bytes."""
    with open(path, "rb", opener=plainly) as file:
        read = file.read(most + 1)
    if len(read) > most:
        raise OSError(errno.EFBIG, f"it is larger than {most >> 20} MB", str(path))
    return read


def plainly(path: str, flags: int) -> int:
    """An opener that refuses links and pipes, and does not block on them. Raises OSError."""
    try:
        opened = os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        if error.errno == errno.ELOOP:
            error.strerror = "it is a link"
        raise
    if not stat.S_ISREG(os.fstat(opened).st_mode):
        os.close(opened)
        raise OSError(errno.EINVAL, "it is not a regular file", path)
    return opened


def still_there(path: str) -> bool:
    """True if the path is still a file and no part of it has been replaced by a link."""
    return os.path.realpath(path) == path and os.path.isfile(path)
