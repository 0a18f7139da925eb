"""Group commit: writes that arrive during a transaction share the next one."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from itertools import chain, repeat
from typing import TypeVar

from bot.store.records import StoreError, Write

log = logging.getLogger(__name__)
T = TypeVar("T")

MOST = 256  # writes per transaction
PAUSES = (0.05, 0.1, 0.2, 0.5, 1.0)  # seconds between attempts while the database is unavailable


class Unavailable(Exception):
    """The database is unreachable, full or locked; a retry may succeed."""


class Attempts:
    """Retries while the database is unavailable, with growing pauses; logs one line for each outage and recovery.

    An outage lasts while anything is retried: on a full disk reads go on, and tell nothing of writes.
    """

    def __init__(self) -> None:
        self.retrying = self.failures = 0  # what is retried now; failures since the outage began
        self.trouble = ""  # the last failure's reason, until the outage ends

    async def until_available(self, act: Callable[[], Awaitable[T]]) -> T:
        try:
            done = await act()
        except Unavailable as error:
            self.count(error)
            self.retrying += 1
            try:
                done = await self.retry(act)
            finally:
                self.retrying -= 1
        if self.failures and not self.retrying:
            log.warning("The database answers again, after %d attempts.", self.failures)
            self.failures, self.trouble = 0, ""
        return done

    async def retry(self, act: Callable[[], Awaitable[T]]) -> T:
        pauses = chain(PAUSES, repeat(PAUSES[-1]))
        while True:
            await asyncio.sleep(next(pauses))
            try:
                return await act()
            except Unavailable as error:
                self.count(error)

    def count(self, error: Unavailable) -> None:
        if not self.failures:
            log.error("The database does not answer: %s. Retrying until it does.", error)
        self.failures, self.trouble = self.failures + 1, str(error)


class GroupCommit:
    """Passes all waiting writes to `commit`, which stores them in one transaction and returns a result for each.

    If a transaction fails for good, each of its writes is retried alone; only the invalid one raises StoreError.
    """

    def __init__(self, commit: Callable[[Sequence[Write]], Awaitable[Sequence[bool]]], attempts: Attempts) -> None:
        self.commit, self.attempts = commit, attempts
        self.queue: asyncio.Queue[tuple[Write, asyncio.Future[bool]] | None] = asyncio.Queue()
        self.task = asyncio.create_task(self.run())

    async def write(self, write: Write) -> bool:
        """Store a write, durable on return. Raises StoreError."""
        done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self.queue.put_nowait((write, done))
        return await done

    async def run(self) -> None:
        ended = False
        while not ended:
            group = [await self.queue.get()]
            while not self.queue.empty() and len(group) < MOST:
                group.append(self.queue.get_nowait())
            ended = None in group
            await self.store([one for one in group if one is not None])

    async def store(self, group: list[tuple[Write, asyncio.Future[bool]]]) -> None:
        if not group:
            return
        writes = [write for write, _ in group]
        try:
            stored = await self.attempts.until_available(lambda: self.commit(writes))
        except Exception as error:
            if len(group) > 1:
                for one in group:
                    await self.store([one])
            elif not group[0][1].done():
                known = error if isinstance(error, StoreError) else None
                group[0][1].set_exception(known or StoreError(f"this cannot be stored: {type(error).__name__}"))
            return
        for (_, done), result in zip(group, stored, strict=True):
            if not done.done():
                done.set_result(result)

    async def close(self, patience: float) -> None:
        """Store the waiting writes, for at most `patience` seconds."""
        self.queue.put_nowait(None)
        _, unfinished = await asyncio.wait([self.task], timeout=patience)
        if unfinished:
            log.error("The database did not answer in time; unstored work will be repeated at the next start.")
            self.task.cancel()
