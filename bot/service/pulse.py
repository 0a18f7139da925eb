"""A check that the database stores what arrives, by writing to it."""

from __future__ import annotations

import asyncio
import time

from bot.store import StoreError
from bot.store.ports import Health

EVERY = 1.0  # seconds between tries, since each writes, and strangers may ask
PATIENCE = 2.0  # seconds for the store to answer


class Pulse:
    """Tries a write, one at a time: whoever asks meanwhile waits for the same one."""

    def __init__(self, store: Health) -> None:
        self.store, self.tried = store, 0.0
        self.trying: asyncio.Task[None] | None = None

    async def trouble(self) -> str:
        """Return the reason why the database stores nothing now, or ""."""
        if self.trying is None or (self.trying.done() and time.monotonic() > self.tried + EVERY):
            self.trying, self.tried = asyncio.create_task(self.store.probe()), time.monotonic()
        try:
            async with asyncio.timeout(PATIENCE):
                await asyncio.shield(self.trying)
        except TimeoutError:
            return self.store.trouble or "it does not answer"
        except StoreError as error:
            return str(error)
        return ""

    def close(self) -> None:
        if self.trying is not None:
            self.trying.cancel()
