"""The content that ships, opened once in a process of tests.

Imported by the process from which tests fork `merchant-bot`, it has them find this content opened: to open it takes each a
second of processor or two, and they are started by the hundred. What they open otherwise, they open as ever: other folders,
another cache, changed files.
"""

from __future__ import annotations

import fcntl
import gc
import os
import shutil
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from bot import compiled
from bot.assistant import Assistant
from bot.knowledge.knowledge import Knowledge, version_and_key
from bot.knowledge.library import Trees, read_trees
from bot.store import MemoryStore


@cache
def shipped_knowledge() -> Knowledge:
    """Open the content that ships. The first process that needs it learns it; the others wait for what it keeps."""
    where = compiled.folder()
    where.parent.mkdir(parents=True, exist_ok=True)
    with where.with_name("learning.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        opened = Knowledge.open()
    gc.freeze()  # what lasts as long as the tests need not be gone through at each collection
    return opened


@cache
def shipped_trees() -> Trees:
    """Read the files of the content that ships. While these are kept, they are not parsed again (`PARSED` in bot/content/tree.py)."""
    return read_trees([])[0]


def with_encoder(shared: Path, own: Path) -> Path:
    """A cache in which nothing is learned: it has just the encoder and the table of pinyin, which no content changes."""
    own.mkdir(mode=0o700)
    for kind in ("encoder", "pinyin"):
        for file in shared.glob(f"{kind}-*.compiled"):
            try:
                os.link(file, own / file.name)
            except OSError:  # another file system
                shutil.copy2(file, own)
    return own


def hand_on() -> None:
    """Have forked processes find the shipped content opened, and its encoder."""
    knowledge = shipped_knowledge()
    shipped_trees()
    Assistant(knowledge, MemoryStore()).warm_up()
    gc.collect()
    gc.freeze()
    same, where, anew = version_and_key((), False), compiled.folder(), Knowledge.open.__func__  # type: ignore[attr-defined]

    def opened(
        kind: type[Knowledge], folders: Sequence[Path] = (), *, only: bool = False, cache: bool = True
    ) -> Knowledge:
        if cache and not folders and not only and where == compiled.folder() and same == version_and_key((), False):
            return knowledge
        found: Knowledge = anew(kind, folders, only=only, cache=cache)
        return found

    Knowledge.open = classmethod(opened)  # type: ignore[method-assign, assignment]
