"""The inbox: new updates and failed ones."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from bot.store.parts.database import Database, Steps
from bot.store.records import Arrival, Failure, Handled, Received

SELECT_NEW = """
SELECT id, channel, chat, payload, attempts FROM inbox
WHERE state = 'new' AND part IN @1:int[] AND id NOT IN @2:bigint[] ORDER BY id LIMIT @3"""
SET_ATTEMPTS = "UPDATE inbox SET attempts = @2 WHERE id = @1"
SELECT_FAILURES = (
    "SELECT id, channel, chat, payload, arrived, coalesce(error, '') FROM inbox WHERE state = 'dead' ORDER BY id"
)
AMONG_IDS = "(id IN @1:bigint[] OR @1 IS NULL) RETURNING id"
# Retried after interruptions, an update is suspected again and handled alone.
RETRY = (
    "UPDATE inbox SET state = 'new', error = NULL, finished = NULL, "
    f"attempts = CASE WHEN attempts > 1 THEN 1 ELSE attempts END WHERE state = 'dead' AND {AMONG_IDS}"
)
DROP = f"UPDATE inbox SET state = 'done', error = NULL, payload = '' WHERE state = 'dead' AND {AMONG_IDS}"


class InboxPart(Database):
    async def accept(self, arrivals: Sequence[Arrival]) -> None:
        await self.write(tuple(arrivals))
        self.arrived.set()

    async def inbox(self, known: Collection[int], limit: int) -> list[Received]:
        parts = list(self.mine)
        rows = await self.look(SELECT_NEW, parts, list(known), limit) if parts else []
        return [Received(*row) for row in rows]

    async def set_attempts(self, entry: Received, times: int) -> None:
        await self.change(SET_ATTEMPTS, entry.id, times)

    async def finish(self, turn: Handled) -> bool:
        stored = await self.write(turn)
        if turn.outgoing:
            self.posted.set()
        return stored

    async def failures(self) -> list[Failure]:
        return [Failure(*row) for row in await self.read(SELECT_FAILURES)]

    async def retry_failures(self, ids: Collection[int] | None) -> int:
        return await self.choose(RETRY, ids)

    async def drop_failures(self, ids: Collection[int] | None) -> int:
        return await self.choose(DROP, ids)

    async def choose(self, change: str, ids: Collection[int] | None) -> int:
        """Apply a change to given up entries, all for None, and notify serving processes. Returns their number."""

        def steps() -> Steps[int]:
            changed = yield change, (None if ids is None else list(ids),)
            yield from self.notice()
            return len(changed)

        return await self.transact(steps)
