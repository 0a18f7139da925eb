"""The outbox: waiting, sent and given up calls."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence

from bot.store.parts.database import Row, Steps
from bot.store.parts.inbox import AMONG_IDS, InboxPart
from bot.store.ports import Choose
from bot.store.records import IN_RESPONSE, MORE_WAITS, PARKED, Arrival, Delivery, Letter, Posted, Taken, Waiting

# `channel || ''` keeps SQLite from using the index over all calls of a chat.
SELECT_NEXT = """
SELECT id, channel, chat, payload, attempts, not_before, made, priority, ticket, passing FROM outbox
WHERE state = 'waiting' AND part IN @1:int[] AND channel || '' IN @2:text[] AND id NOT IN @3:bigint[]
AND NOT (attempts = 0 AND not_before > @5 AND made <= @5) ORDER BY priority, id LIMIT @4"""
COUNT_WAITING = "SELECT count(*) FROM outbox WHERE channel = @1 AND chat = @2 AND state = 'waiting'"
SELECT_AFTER = """
SELECT id, payload, made FROM outbox WHERE channel = @1 AND chat = @2 AND id > @3 AND state <> 'dropped'
ORDER BY id LIMIT @4"""
SELECT_LAST = """
SELECT id, payload, made FROM outbox WHERE channel = @1 AND chat = @2 AND id < @4 AND state <> 'dropped'
ORDER BY id DESC LIMIT @3"""
NEWEST = (1 << 63) - 1  # beyond all ids
SELECT_NEWEST = "SELECT chat, max(id) FROM outbox WHERE channel = @1 AND chat IN @2:text[] GROUP BY chat"
SELECT_LETTERS = """
SELECT id, channel, chat, payload, state, attempts, made, coalesce(error, '') FROM outbox
WHERE state IN ('dead', 'gone') ORDER BY id"""
GIVEN_UP = f"WHERE state IN ('dead', 'gone') AND {AMONG_IDS}"
RETRY = f"UPDATE outbox SET state = 'waiting', attempts = 0, not_before = 0, finished = NULL {GIVEN_UP}"
DROP = f"UPDATE outbox SET state = 'dropped' {GIVEN_UP}"


# Calls kept for a response have a time and no attempts. Taking them changes the time, so that they are taken once.
IS_KEPT = "state = 'waiting' AND attempts = 0 AND not_before > 0"
SELECT_ENTRY = "SELECT id, state FROM inbox WHERE key = @1"  # by key, since an erasure clears the chat
SELECT_ARRIVED = "SELECT arrived FROM inbox WHERE key = @1"
# The calls that a response has taken, and those that it may take: the request's own, and those parked for any.
SELECT_FOR_RESPONSE = f"""
SELECT id, channel, chat, payload, attempts, not_before, made, priority, ticket, passing, cause, platform_id
FROM outbox WHERE channel = @1 AND chat = @2
AND (cause = @3 AND state = 'sent' AND platform_id IN ('{IN_RESPONSE}', '{MORE_WAITS}')
  OR {IS_KEPT} AND (cause = @3 OR not_before >= {PARKED:.0f} AND not_before <= @4)) ORDER BY id"""
REST = "rest"  # the platform id of parked calls of which a response has brought the first ones
MARK_REST = f"UPDATE outbox SET platform_id = '{REST}' WHERE id = @1 AND {IS_KEPT}"
# A parked call now answers the request whose response brings it. Of several requests one has it.
TAKE = f"""
UPDATE outbox SET cause = @2, platform_id = @3, not_before = @4, state = @5, finished = @6
WHERE id = @1 AND {IS_KEPT} AND not_before = @7 RETURNING id"""
GIVE_BACK = f"""
UPDATE outbox SET state = 'waiting', attempts = 0, not_before = @2, finished = NULL
WHERE id = @1 AND state = 'sent' AND platform_id IN ('{IN_RESPONSE}', '{MORE_WAITS}')"""
TAKE_AGAIN = f"UPDATE outbox SET not_before = @2, state = @3, finished = @4 WHERE id = @1 AND {IS_KEPT}"
RELEASE = f"""
UPDATE outbox SET not_before = CASE WHEN not_before >= {PARKED:.0f} THEN {PARKED:.0f} ELSE 0 END
WHERE channel = @1 AND chat = @2 AND cause = @3 AND {IS_KEPT}"""
BEGIN = f"UPDATE outbox SET not_before = 0 WHERE id = @1 AND {IS_KEPT} AND (not_before <= @2 OR made > @2) RETURNING id"
PARK = f"UPDATE outbox SET attempts = 0, not_before = {PARKED:.0f} WHERE id = @1 AND state = 'waiting'"
SELECT_PARKED = (
    "SELECT id FROM outbox WHERE channel = @1 AND chat = @2 AND state = 'waiting' "
    f"AND not_before >= {PARKED:.0f} AND not_before <= @3 LIMIT 1"
)


class OutboxPart(InboxPart):
    async def outbox(self, channels: Collection[str], known: Collection[int], limit: int) -> list[Waiting]:
        parts = list(self.mine)
        rows = await self.look(SELECT_NEXT, parts, list(channels), list(known), limit, time.time()) if parts else []
        return [Waiting(*row) for row in rows]

    async def waiting_count(self, channel: str, chat: str) -> int:
        return int((await self.look(COUNT_WAITING, channel, chat))[0][0])

    async def mark(self, delivery: Delivery) -> None:
        await self.write(delivery)

    async def take(self, arrival: Arrival, choose: Choose, lease: float | None) -> Taken | None:
        asked = await self.look(SELECT_ENTRY, arrival.key)
        if not asked or asked[0][1] == "new":
            return None
        now = time.time()

        def steps() -> Steps[Taken]:
            id = asked[0][0]
            state, finished = ("sent", now) if lease is None else ("waiting", None)
            while True:
                rows = yield SELECT_FOR_RESPONSE, (arrival.channel, arrival.chat, id, PARKED + now)
                if taken := [row for row in rows if row[-2] == id and row[-1] in (IN_RESPONSE, MORE_WAITS)]:
                    for row in taken:  # those that were given back
                        yield TAKE_AGAIN, (row[0], kept_until(row[5], now + (lease or 0.0)), state, finished)
                    return taken_of(taken, taken[-1][-1] == MORE_WAITS)
                rows = in_order(rows, id)
                count = choose([row[3] for row in rows])
                more = any(row[5] >= PARKED for row in rows[count:])
                missed = False
                for place, row in enumerate(rows[:count], 1):
                    mark = MORE_WAITS if more and place == count else IN_RESPONSE
                    until = kept_until(row[5], now + (lease or 0.0))
                    missed |= not (yield TAKE, (row[0], id, mark, until, state, finished, row[5]))
                for row in rows[count:] if count else ():
                    if row[5] >= PARKED and row[-2] == rows[count - 1][-2]:
                        yield MARK_REST, (row[0],)
                if not missed:
                    return taken_of(rows[:count], more)

        return await self.transact(steps)

    async def give_back(self, calls: Sequence[Waiting], lease: float) -> None:
        until = time.time() + lease

        def steps() -> Steps[None]:
            for call in calls:
                yield GIVE_BACK, (call.id, kept_until(call.not_before, until))

        await self.transact(steps)

    async def arrival_time(self, arrival: Arrival) -> float | None:
        return next((float(at) for (at,) in await self.look(SELECT_ARRIVED, arrival.key)), None)

    async def park(self, entry: Waiting) -> None:
        await self.change(PARK, entry.id)

    async def is_parked(self, channel: str, chat: str) -> bool:
        return bool(await self.look(SELECT_PARKED, channel, chat, PARKED + time.time()))

    async def release(self, arrival: Arrival) -> None:
        asked = await self.look(SELECT_ENTRY, arrival.key)

        def steps() -> Steps[None]:
            for id, _ in asked:
                yield RELEASE, (arrival.channel, arrival.chat, id)
            yield from self.notice()

        await self.transact(steps)
        self.posted.set()

    async def begin(self, entry: Waiting) -> bool:
        def steps() -> Steps[list[Row]]:
            return (yield BEGIN, (entry.id, time.time()))

        return bool(await self.transact(steps))

    async def history(
        self, channel: str, chat: str, after: int | None, limit: int, before: int | None = None
    ) -> list[Posted]:
        if after is None:
            newest = await self.read(SELECT_LAST, channel, chat, limit, NEWEST if before is None else before)
            return [Posted(*row) for row in reversed(newest)]
        return [Posted(*row) for row in await self.read(SELECT_AFTER, channel, chat, after, limit)]

    async def newest(self, channel: str, chats: Collection[str]) -> dict[str, int]:
        return dict(map(tuple, await self.read(SELECT_NEWEST, channel, list(chats))))

    async def letters(self) -> list[Letter]:
        return [Letter(*row) for row in await self.read(SELECT_LETTERS)]

    async def retry(self, ids: Collection[int] | None) -> int:
        return await self.choose(RETRY, ids)

    async def drop(self, ids: Collection[int] | None) -> int:
        return await self.choose(DROP, ids)


def kept_until(before: float, until: float) -> float:
    """Return the time until which a call is kept, which stays parked if it was until `before`."""
    return until + PARKED if before >= PARKED else until


def in_order(rows: Sequence[Row], id: int) -> list[Row]:
    """Return the calls that the response to an entry's request may bring, in order; their last columns are cause and platform id.

    Answers that are late come first, then the entry's own. The rest of an answer whose beginning was read comes where the
    entry has no answer of its own, the newest one first: otherwise it would come between a question and its answer.
    """
    own = [row for row in rows if row[-2] == id or row[-1] != REST]
    rest = [] if any(row[-2] == id for row in rows) else [row for row in rows if row[-1] == REST]
    return own + sorted(rest, key=lambda row: (-(row[-2] or 0), row[0]))


def taken_of(rows: Sequence[Row], more: bool) -> Taken:
    return Taken(tuple(Waiting(*row[:-2]) for row in rows), more)
