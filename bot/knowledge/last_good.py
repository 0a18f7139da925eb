"""A copy of the last valid content beside the database, as a fallback for content with mistakes."""

from __future__ import annotations

import json
import logging
import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.content.folder import LARGEST_FILE, Unreadable, content_files, read_bytes
from bot.knowledge.ahead import learn_ahead
from bot.knowledge.knowledge import BadContent, Knowledge
from bot.knowledge.library import fingerprint, shipped

log = logging.getLogger(__name__)
MOST_NAMED = 20  # mistakes kept with a rejection


@dataclass(frozen=True)
class Rejected:
    """A rejected version of the content: the time, the number of mistakes, and the first of them."""

    since: str
    count: int
    mistakes: tuple[str, ...]

    def text(self) -> str:
        more = f"\n… and {self.count - len(self.mistakes)} more" if self.count > len(self.mistakes) else ""
        return "\n".join(self.mistakes) + more


@dataclass(frozen=True)
class About:
    """The metadata of the copy: its folders, version, location and time, and a later rejection."""

    folders: tuple[str, ...] = ()
    version: str = ""
    copy: str = ""  # a subfolder, with a folder for each layer: 00, 01, …
    since: str = ""
    rejected: Rejected | None = None

    @classmethod
    def read(cls, place: Path) -> About:
        """Read the metadata; empty if the file is missing or damaged."""
        try:
            found = json.loads((place / "about.json").read_text("utf-8"))
            rejected = found.pop("rejected")
            if rejected:
                rejected = Rejected(**{**rejected, "mistakes": tuple(rejected["mistakes"])})
            return cls(**{**found, "folders": tuple(found["folders"])}, rejected=rejected)
        except (OSError, ValueError, TypeError, KeyError):
            return cls()


class LastGood:
    """Loads content folders and keeps a copy of the last valid version in the folder `place`."""

    def __init__(self, place: Path, folders: Sequence[Path], *, only: bool = False) -> None:
        self.place, self.folders, self.only = place, list(folders), only
        self.layers = self.folders if only else [shipped(), *self.folders]
        self.names = tuple(str(folder.absolute()) for folder in self.folders) + (("alone",) if only else ())
        self.rejected: Rejected | None = None

    async def learn_ahead(self) -> None:
        """Learn the folders' content in a process of its own, so that `load` and `open` are fast. Raises Killed."""
        await learn_ahead(self.folders, only=self.only)

    def load(self) -> Knowledge:
        """Load the folders and copy them, or record the rejection. Raises Unreadable, BadContent."""
        try:
            knowledge = Knowledge.open(self.folders, only=self.only)
        except Exception as error:  # any failure is recorded
            self.reject(error)
            raise
        self.rejected = None
        try:
            self.keep(knowledge.version)
        except (OSError, Unreadable) as error:
            log.warning("the content is in use, but cannot be copied to %s: %s", self.place, error)
        return knowledge

    def open(self) -> Knowledge:
        """Load the folders, else the copy of their last valid version. Raises Unreadable, BadContent without a copy."""
        try:
            return self.load()
        except Exception as error:
            if not (since := self.since()):
                raise
            log.error(
                "the content cannot be used, so what worked on %s is in use until this is mended: %s", since, error
            )
            kept = sorted((self.place / About.read(self.place).copy).iterdir())
            # The copy includes the shipped content of its time: today's may not fit it.
            return Knowledge.open([next(layer.iterdir()) for layer in kept], only=True)

    def since(self) -> str:
        """Return the time of the copy of these folders; "" without one."""
        about = About.read(self.place)
        return about.since if about.copy and about.folders == self.names else ""

    def reject(self, error: Exception) -> None:
        """Record the rejection, on disk only if there is a copy to fall back on."""
        told = list(map(str, error.mistakes)) if isinstance(error, BadContent) else [str(error) or type(error).__name__]
        self.rejected = Rejected(now(), len(told), tuple(told[:MOST_NAMED]))
        about = About.read(self.place)
        if about.folders == self.names:
            self.write({**asdict(about), "rejected": asdict(self.rejected)})

    def keep(self, version: str) -> None:
        """Copy the layers, unless they have changed since `version` was loaded. Raises OSError, Unreadable."""
        about = About.read(self.place)
        if not self.folders:  # shipped content needs no copy
            shutil.rmtree(self.place, ignore_errors=True)
            return
        if (about.folders, about.version) == (self.names, version) and (self.place / about.copy).is_dir():
            if about.rejected:
                self.write({**asdict(about), "rejected": None})
            return
        self.place.mkdir(mode=0o700, parents=True, exist_ok=True)
        copy = Path(tempfile.mkdtemp(prefix=f"{version}-", dir=self.place))
        for number, layer in enumerate(self.layers):
            copied(layer, copy / f"{number:02}" / (layer.name or "content"))
        if fingerprint(self.layers) != version:  # changed meanwhile: the next load copies it
            shutil.rmtree(copy, ignore_errors=True)
            return
        self.write(asdict(About(self.names, version, copy.name, now())))
        for other in self.place.iterdir():
            if other.is_dir() and other != copy:
                shutil.rmtree(other, ignore_errors=True)

    def write(self, about: dict[str, Any]) -> None:
        written = self.place / f"about.{os.getpid()}.tmp"
        try:
            written.write_text(json.dumps(about, ensure_ascii=False, indent=1), "utf-8")
            written.replace(self.place / "about.json")
        except OSError as error:
            log.warning("the state of the content cannot be written to %s: %s", self.place, error)


def copied(layer: Path, to: Path) -> None:
    """Copy the content files of a folder. Raises OSError, Unreadable."""
    to.mkdir(parents=True)
    for one in content_files(layer):
        if not one.refused:
            path = to / one.name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(read_bytes(one.path, LARGEST_FILE))


def now() -> str:
    return f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
