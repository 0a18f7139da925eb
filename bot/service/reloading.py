"""Reloads changed content while the service runs; content with mistakes is refused and the current one stays."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from bot.assistant import Assistant
from bot.content.folder import Unreadable
from bot.content.folder import folders as below
from bot.knowledge.knowledge import Knowledge
from bot.knowledge.library import fingerprint
from bot.memory import settle, uncollected
from bot.service.metrics import Metrics

log = logging.getLogger(__name__)

# Editors save several files one after another: wait for QUIET_MS without changes, at most LONGEST_MS.
QUIET_MS, LONGEST_MS = 500, 5_000
PAUSE = 1.0  # seconds until a missing folder is looked for again


class Reloading:
    """Watches the content folders. `load` raises Unreadable or BadContent, and takes seconds without `learn` before it."""

    def __init__(
        self,
        assistant: Assistant,
        metrics: Metrics,
        folders: Sequence[Path],
        load: Callable[[], Knowledge],
        learn: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self.learn = learn
        self.refused = False  # the last change
        self.assistant, self.metrics, self.folders, self.load = assistant, metrics, folders, load
        self.watching = asyncio.Event()  # set once changes are noticed

    async def run(self) -> None:
        """Reload changed content until cancelled."""
        try:
            while True:
                try:
                    await self.watch(await asyncio.to_thread(self.watched_folders))
                except FileNotFoundError:  # a folder was deleted in between
                    await asyncio.sleep(PAUSE)
        except OSError as error:
            log.error("cannot watch the content folders, so changes need a restart: %s", error)
        await asyncio.Event().wait()  # returning would end the service

    async def watch(self, folders: Sequence[Path]) -> None:
        """Reload changed content until the set of folders changes. Raises OSError."""
        from watchfiles import awatch

        seen = False
        # Not recursive: a recursive watch follows links, and a link to / would watch the whole machine.
        async for changes in awatch(
            *folders,
            debounce=LONGEST_MS,
            step=QUIET_MS,
            rust_timeout=QUIET_MS,
            yield_on_timeout=True,
            recursive=False,
        ):
            # Changes between loading and the start of watching count as well.
            missed = not seen and await asyncio.to_thread(self.is_outdated)
            if changes or missed:
                await self.reload()
            seen = True
            self.watching.set()
            if changes and await asyncio.to_thread(self.watched_folders) != folders:
                return

    def watched_folders(self) -> list[Path]:
        """Return all subfolders with content, or only the top folders if there are too many or one is missing.

        Raises OSError.
        """
        try:
            return sorted(one for folder in self.folders for one in below(folder))
        except (Unreadable, FileNotFoundError):
            return sorted(self.folders)

    def is_outdated(self) -> bool:
        try:
            return fingerprint(self.folders) != self.assistant.knowledge.version
        except Unreadable:
            return True

    async def reload(self) -> None:
        """Load the content and use it from the next turn on; if that fails, log the error and keep the current one."""
        if not self.refused and not await asyncio.to_thread(self.is_outdated):
            return  # an editor saves in several steps
        try:
            if self.learn:
                await self.learn()
            with uncollected():
                knowledge = await asyncio.to_thread(self.load)
                await asyncio.to_thread(Assistant(knowledge, self.assistant.store).warm_up)
        except Exception as error:  # no mistake in new content may stop the service
            self.refused = True
            self.metrics.reloads.labels("refused").inc()
            log.error("cannot use the changed content, so %s stays in use: %s", self.assistant.knowledge.version, error)
            return
        self.assistant.knowledge, self.refused = knowledge, False
        self.metrics.set_version(knowledge.version)
        self.metrics.reloads.labels("taken").inc()
        log.info("answering with changed content %s", knowledge.version)
        await asyncio.to_thread(settle, replaced=True)
