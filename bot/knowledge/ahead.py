"""Learns content in a process of its own, which fills the cache: the serving process answers meanwhile and stays small."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from bot.compiled import progress
from bot.content.folder import Unreadable
from bot.knowledge.knowledge import BadContent, Knowledge

log = logging.getLogger(__name__)

# The module's own path comes last, so that nothing beside it hides a module of Python.
PROGRAM = "import sys; sys.path.append(sys.argv.pop(1)); from bot.knowledge.ahead import main; main()"
PLACE = Path(__file__).resolve().parents[2]
ONE_CORE = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}  # the others answer
NICE = 5  # answers get three quarters of a core that both want
REFUSED = 3  # exit code


class Killed(Exception):
    """The process that learned the content was killed, which is likely to happen here, too."""

    def __init__(self, number: int) -> None:
        super().__init__(f"the process that learned it was killed (signal {number}), perhaps since memory is short")


async def learn_ahead(folders: Sequence[Path], *, only: bool = False) -> None:
    """Learn the folders' content unless the cache has it. Opening it afterwards is fast, or raises its mistakes.

    Raises Killed.
    """
    if not sys.executable or await asyncio.to_thread(Knowledge.is_cached, folders, only=only):
        return
    arguments = ["only" if only else "over", *map(str, folders)]
    try:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-c", PROGRAM, str(PLACE), *arguments),
            env={**os.environ, **ONE_CORE},
            stdin=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
    except OSError as error:
        log.warning("the content is learned in the serving process, so answers are slower meanwhile: %s", error)
        return
    assert process.stderr
    try:
        async for line in process.stderr:
            progress.info("%s", line.decode("utf-8", "replace").rstrip())
        code = await process.wait()
    except asyncio.CancelledError:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        raise
    if code < 0:
        raise Killed(-code)
    if code not in (0, REFUSED):
        log.warning("the content could not be learned in a process of its own (exit code %s)", code)


def main() -> None:
    """Learn the content that the command line names, and tell the progress, a line each."""
    if hasattr(os, "nice"):
        os.nice(NICE)
    progress.addHandler(logging.StreamHandler())
    progress.setLevel(logging.INFO)
    kind, *folders = sys.argv[1:]
    try:
        Knowledge.learn([Path(folder) for folder in folders], only=kind == "only")
    except (BadContent, Unreadable):
        sys.exit(REFUSED)
