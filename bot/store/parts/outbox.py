"""What has to be sent, what was sent, and what was given up."""

from __future__ import annotations

from collections.abc import Collection

from bot.store.parts.inbox import CHOSEN, InboxPart
from bot.store.records import Delivery, Letter, Posted, Waiting

# The channel is no column here: SQLite would take an index of all that any chat was sent.
NEXT = """
SELECT id, channel, chat, payload, attempts, not_before, made, priority, ticket, passing FROM outbox
WHERE state = 'waiting' AND part IN @1:int[] AND channel || '' IN @2:text[] AND id NOT IN @3:bigint[]
ORDER BY priority, id LIMIT @4"""
WAITING = "SELECT count(*) FROM outbox WHERE channel = @1 AND chat = @2 AND state = 'waiting'"
AFTER = """
SELECT id, payload, made FROM outbox WHERE channel = @1 AND chat = @2 AND id > @3 AND state <> 'dropped'
ORDER BY id LIMIT @4"""
LAST = """
SELECT id, payload, made FROM outbox WHERE channel = @1 AND chat = @2 AND state <> 'dropped'
ORDER BY id DESC LIMIT @3"""
NEWEST = "SELECT chat, max(id) FROM outbox WHERE channel = @1 AND chat IN @2:text[] GROUP BY chat"
LETTERS = """
SELECT id, channel, chat, payload, state, attempts, made, coalesce(error, '') FROM outbox
WHERE state IN ('dead', 'gone') ORDER BY id"""
GIVEN_UP = f"WHERE state IN ('dead', 'gone') AND {CHOSEN}"
AGAIN = f"UPDATE outbox SET state = 'waiting', attempts = 0, not_before = 0, finished = NULL {GIVEN_UP}"
DROPPED = f"UPDATE outbox SET state = 'dropped' {GIVEN_UP}"


class OutboxPart(InboxPart):
    async def outbox(self, channels: Collection[str], known: Collection[int], limit: int) -> list[Waiting]:
        parts = list(self.mine)
        rows = await self.look(NEXT, parts, list(channels), list(known), limit) if parts else []
        return [Waiting(*row) for row in rows]

    async def waiting(self, channel: str, chat: str) -> int:
        return int((await self.look(WAITING, channel, chat))[0][0])

    async def mark(self, delivery: Delivery) -> None:
        await self.write(delivery)

    async def history(self, channel: str, chat: str, after: int | None, limit: int) -> list[Posted]:
        if after is None:
            return [Posted(*row) for row in reversed(await self.read(LAST, channel, chat, limit))]
        return [Posted(*row) for row in await self.read(AFTER, channel, chat, after, limit)]

    async def newest(self, channel: str, chats: Collection[str]) -> dict[str, int]:
        return dict(map(tuple, await self.read(NEWEST, channel, list(chats))))

    async def letters(self) -> list[Letter]:
        return [Letter(*row) for row in await self.read(LETTERS)]

    async def retry(self, ids: Collection[int] | None) -> int:
        return await self.choose(AGAIN, ids)

    async def drop(self, ids: Collection[int] | None) -> int:
        return await self.choose(DROPPED, ids)
