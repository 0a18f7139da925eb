"""Takes changed content into use while the service runs; a change with mistakes leaves what there is."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from pathlib import Path

from bot.assistant import Assistant
from bot.content.folder import Unreadable
from bot.content.folder import folders as below
from bot.knowledge.knowledge import Knowledge
from bot.knowledge.library import fingerprint
from bot.service.metrics import Metrics

log = logging.getLogger(__name__)

# Several files are saved one after another: wait until nothing more has changed for so long, but not for ever.
QUIET_MS, LONGEST_MS = 500, 5_000
PAUSE = 1.0  # seconds until a folder that is gone is looked for again


class Reloading:
    """Watches the folders; `load` opens what they hold, slowly, and raises Unreadable or BadContent."""

    def __init__(
        self, assistant: Assistant, metrics: Metrics, folders: Sequence[Path], load: Callable[[], Knowledge]
    ) -> None:
        self.assistant, self.metrics, self.folders, self.load = assistant, metrics, folders, load
        self.watching = asyncio.Event()  # changes are noticed from now on

    async def run(self) -> None:
        """Take up changes until cancelled."""
        try:
            while True:
                try:
                    await self.watch(await asyncio.to_thread(self.watched))
                except FileNotFoundError:  # a folder that was there a moment ago
                    await asyncio.sleep(PAUSE)
        except OSError as error:
            log.error("changed content is not noticed until the next start: the folders cannot be watched: %s", error)
        await asyncio.Event().wait()  # what ends, ends the service

    async def watch(self, folders: Sequence[Path]) -> None:
        """Take up changes until there are other folders. Raises OSError."""
        from watchfiles import awatch

        seen = False
        # Each by itself: watching all below one follows links, and a link to / would watch the whole machine.
        async for changes in awatch(
            *folders,
            debounce=LONGEST_MS,
            step=QUIET_MS,
            rust_timeout=QUIET_MS,
            yield_on_timeout=True,
            recursive=False,
        ):
            # What changed since it was loaded, before anybody watched, counts as well.
            missed = not seen and await asyncio.to_thread(self.missed)
            if changes or missed:
                await self.reload()
            seen = True
            self.watching.set()
            if changes and await asyncio.to_thread(self.watched) != folders:
                return

    def watched(self) -> list[Path]:
        """All folders with content in them; where they are too many, or one is gone, those above. Raises OSError."""
        try:
            return sorted(one for folder in self.folders for one in below(folder))
        except (Unreadable, FileNotFoundError):
            return sorted(self.folders)

    def missed(self) -> bool:
        try:
            return fingerprint(self.folders) != self.assistant.knowledge.version
        except Unreadable:
            return True

    async def reload(self) -> None:
        """Load what the folders hold now, and use it from the next turn on, if it can be used."""
        try:
            knowledge = await asyncio.to_thread(self.load)
            if knowledge.version == self.assistant.knowledge.version:
                return
            await asyncio.to_thread(Assistant(knowledge, self.assistant.store).warm_up)
        except Exception as error:  # whatever is wrong with new content, the old one answers on
            self.metrics.reloads.labels("refused").inc()
            log.error(
                "the changed content cannot be used, so %s stays in use: %s", self.assistant.knowledge.version, error
            )
            return
        self.assistant.knowledge = knowledge
        self.metrics.uses(knowledge.version)
        self.metrics.reloads.labels("taken").inc()
        log.info("answering with changed content %s", knowledge.version)
