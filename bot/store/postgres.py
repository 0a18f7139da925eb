"""The store in PostgreSQL, for several processes and machines: parts of the chats are locks held by a connection.

The locks are PostgreSQL's advisory locks of a session. They end with the connection, however the process ends, and all
that a process writes goes through the connection that holds them: who has lost his parts cannot write either.
"""

from __future__ import annotations

import asyncio
import logging
import random
import secrets
import time
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, NamedTuple, TypeVar

import asyncpg

from bot.json_text import from_text, to_text
from bot.model import Address, Conversation, Group, Result, Ticket
from bot.store import tickets
from bot.store.belongings import ERASURE, OCCURRED, OWN, SUBSCRIBED, TICKETS, TOLD, filled
from bot.store.group_commit import Attempts, GroupCommit, Unavailable
from bot.store.records import (
    INTERRUPTED,
    PARTS,
    Arrival,
    Belongings,
    Delivery,
    Failure,
    Handled,
    Letter,
    Occurred,
    Outgoing,
    Posted,
    Queues,
    Received,
    Status,
    StoreError,
    Waiting,
    Write,
    part_of,
)
from bot.store.schema import foreign, newer, none_yet, older, statements, steps
from bot.store.state import from_json, group_from_json, result_from_json, talk_of, ticket_of, to_json
from bot.store.subscriptions import (
    PROGRESS,
    SUBSCRIBE,
    SUBSCRIBERS,
    SUBSCRIBERS_TO,
    UNSUBSCRIBE,
    UNSUBSCRIBE_ALL,
    Sent,
    Subscriber,
    sent,
    subscribers,
)
from bot.store.tables import (
    AGAIN,
    AS_USUAL,
    ASKED,
    ATTEMPTED,
    CARRIED,
    COUNTS,
    DROPPED,
    FAILURES,
    PASSED,
    QUEUES,
    RELEASE,
    SENT_HERE,
    SET_ASIDE,
    STRETCH,
    TABLES,
    TAKE,
    WAITING,
    Key,
    Table,
    bound,
    forgetting,
    pruning,
    reading,
    stretch,
    young_from_here,
)
from bot.store.tickets import placed

log = logging.getLogger(__name__)
T = TypeVar("T")

# The first numbers of this program's advisory locks; the second is a part, a process, a name, or nothing.
PART, MEMBER, LEASE, MIGRATION, BROADCAST = 0x6D627001, 0x6D627002, 0x6D627003, 0x6D627004, 0x6D627005
CHANNEL = "merchant_bot"
WHERE = "DATABASE_URL"  # how messages name the database, since its address may hold a password
DAY = 24 * 3600.0
GIVEN_UP, FAILED_ONCE = "state IN ('dead', 'gone')", "state = 'dead'"
PATIENCE = 10.0  # seconds for a statement, for a connection, and for the last writes
# A machine that vanishes is noticed by both sides in some ten seconds.
SESSION = {
    "application_name": "merchant-bot",
    "tcp_keepalives_idle": "3",
    "tcp_keepalives_interval": "2",
    "tcp_keepalives_count": "3",
}
AWAY = (
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.TransactionRollbackError,
    asyncpg.ObjectNotInPrerequisiteStateError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.InvalidAuthorizationSpecificationError,
)

# The rows of a group are passed as one array for each column. Two statements take what nearly every group consists of:
# each way to the server and back costs as much as what is done there.
SETTLED = """
WITH arrived AS (
  INSERT INTO inbox (key, channel, chat, part, payload, arrived)
  SELECT key, channel, chat, part, payload, $1::float8
  FROM unnest($2::text[], $3::text[], $4::text[], $5::int[], $6::text[])
  WITH ORDINALITY AS new (key, channel, chat, part, payload, number) ORDER BY number
  ON CONFLICT (key) DO NOTHING
), delivered AS (
  UPDATE outbox SET state = new.state, attempts = attempts + 1, not_before = new.not_before,
  platform_id = new.platform_id, error = new.error, finished = CASE WHEN new.state = 'waiting' THEN NULL ELSE $1 END
  FROM unnest($7::bigint[], $8::text[], $9::float8[], $10::text[], $11::text[])
  AS new (id, state, not_before, platform_id, error)
  WHERE outbox.id = new.id AND outbox.state = 'waiting'
)
UPDATE inbox SET state = CASE WHEN failed.error IS NULL THEN 'done' ELSE 'dead' END, error = failed.error,
payload = CASE WHEN failed.error IS NULL THEN '' ELSE payload END, finished = $1
FROM unnest($12::bigint[], $13::text[]) AS failed (id, error)
WHERE inbox.id = failed.id AND state = 'new' RETURNING inbox.id"""
MADE = """
WITH said AS (
  INSERT INTO conversations (address, state, touched)
  SELECT address, state, $1::float8 FROM unnest($2::text[], $3::text[]) AS new (address, state)
  ON CONFLICT (address) DO UPDATE SET state = excluded.state, touched = excluded.touched
), posted AS (
  INSERT INTO outbox (channel, chat, part, payload, priority, cause, ticket, passing, not_before, made)
  SELECT channel, chat, part, payload, priority, cause, ticket, passing, not_before, $1
  FROM unnest(
    $4::text[], $5::text[], $6::int[], $7::text[], $8::int[], $9::bigint[], $10::bigint[], $11::float8[], $12::float8[]
  )
  WITH ORDINALITY AS new (channel, chat, part, payload, priority, cause, ticket, passing, not_before, number)
  ORDER BY number
)
INSERT INTO events (time, kind, address, data) SELECT $1, kind, address, data
FROM unnest($13::text[], $14::text[], $15::text[]) AS new (kind, address, data)"""
RESULT = """
INSERT INTO results SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[])
ON CONFLICT (code) DO NOTHING"""
REMEMBER = """
INSERT INTO kept (name, value, address, touched) VALUES ($1, $2, $3, $4::float8) ON CONFLICT (name) DO UPDATE
SET value = excluded.value, address = excluded.address, touched = excluded.touched"""
GROUP = """
INSERT INTO groups (channel, chat, settings, ended)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::float8[])
ON CONFLICT (channel, chat) DO UPDATE SET settings = excluded.settings, ended = excluded.ended"""
MOVED = """
WITH moved AS (DELETE FROM groups WHERE channel = $1 AND chat = $2 RETURNING channel, settings)
INSERT INTO groups (channel, chat, settings) SELECT channel, $3, settings FROM moved
ON CONFLICT (channel, chat) DO UPDATE SET settings = excluded.settings, ended = NULL"""
RECEIVERS = """
WITH made AS (
  INSERT INTO outbox (channel, chat, part, payload, priority, made)
  SELECT channel, chat, part, payload, priority, $7::float8
  FROM unnest($2::text[], $3::text[], $4::int[], $5::text[], $6::int[])
  WITH ORDINALITY AS new (channel, chat, part, payload, priority, number)
  WHERE NOT EXISTS (
    SELECT 1 FROM receivers WHERE broadcast = $1 AND receivers.channel = new.channel AND receivers.chat = new.chat
  )
  ORDER BY number RETURNING id, channel, chat
)
INSERT INTO receivers SELECT $1, channel, chat, id FROM made RETURNING call"""
GONE = """
UPDATE outbox SET state = 'gone', error = new.error, finished = $4::float8
FROM unnest($1::text[], $2::text[], $3::text[]) AS new (channel, chat, error)
WHERE outbox.channel = new.channel AND outbox.chat = new.chat AND state = 'waiting'"""
# Of each chat the first update is what may have been handled when the process was killed that had the part.
TAKEN_OVER = """
WITH left_behind AS (
  SELECT part FROM working WHERE part = ANY($1::int[]) AND process <> $2
), interrupted AS (
  UPDATE inbox SET attempts = 1 WHERE attempts = 0 AND id IN (
    SELECT min(id) FROM inbox JOIN left_behind USING (part) WHERE state = 'new' GROUP BY channel, chat
  )
)
INSERT INTO working SELECT part, $2 FROM unnest($1::int[]) AS part
ON CONFLICT (part) DO UPDATE SET process = excluded.process"""
INBOX = """
SELECT id, channel, chat, payload, attempts FROM inbox
WHERE state = 'new' AND part = ANY($1::int[]) AND id <> ALL($2::bigint[]) ORDER BY id LIMIT $3"""
OUTBOX = """
SELECT id, channel, chat, payload, attempts, not_before, made, priority, ticket, passing FROM outbox
WHERE state = 'waiting' AND part = ANY($1::int[]) AND channel = ANY($2::text[]) AND id <> ALL($3::bigint[])
AND NOT (attempts = 0 AND not_before > $5::float8 AND made <= $5)
ORDER BY priority, id LIMIT $4"""
NEXT = """
SELECT id, payload, made FROM outbox
WHERE channel = $1 AND chat = $2 AND id > $3 AND state <> 'dropped' ORDER BY id LIMIT $4"""
LAST = """
SELECT id, payload, made FROM outbox
WHERE channel = $1 AND chat = $2 AND state <> 'dropped' ORDER BY id DESC LIMIT $3"""
NEWEST = "SELECT chat, max(id) FROM outbox WHERE channel = $1 AND chat = ANY($2::text[]) GROUP BY chat"
KEPT = """
WITH new AS (INSERT INTO kept (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING RETURNING value)
SELECT value FROM new UNION ALL SELECT value FROM kept WHERE name = $1"""
# What is no JSON to PostgreSQL, like half a surrogate pair, must not make this fail.
ANSWERS = """
SELECT substring(data FROM '"verdict":"(\\w+)"'), count(*), count(*) FILTER (WHERE time >= $1) FROM events
WHERE time >= $2 AND kind = 'turn' GROUP BY 1"""
LETTERS = """
SELECT id, channel, chat, payload, state, attempts, made, coalesce(error, '') FROM outbox
WHERE state IN ('dead', 'gone') ORDER BY id"""
MEMBERS = """
SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid = $1::bigint
AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"""
TAKEN = """
SELECT objid::int FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid = $1::bigint
AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"""


TALK, TICKET, TICKET_AT = (placed(one, "$") for one in (tickets.TALK, tickets.TICKET, tickets.TICKET_AT))
TICKETS_LEFT, BEGIN_ANEW = placed(tickets.TICKETS_LEFT, "$"), placed(tickets.BEGIN_ANEW, "$")
OPEN, CLOSE, BELONGS = (placed(one, "$") for one in (tickets.OPEN, tickets.CLOSE, tickets.BELONGS))
FIRST, HEARD = placed(tickets.FIRST, "$"), placed(tickets.HEARD, "$")


class News(NamedTuple):
    """The parts for which something is new in the inbox and in the outbox, as processes tell each other."""

    arrived: frozenset[int]
    posted: frozenset[int]

    @property
    def text(self) -> str:
        return to_text([sorted(self.arrived), sorted(self.posted)])

    @classmethod
    def of(cls, text: str) -> News | None:
        """What was told; None for an operator's commands, which say nothing of parts."""
        return cls(*map(frozenset, from_text(text))) if text else None


class PostgresStore:
    """Keeps everything in a PostgreSQL database. `await open_postgres(url)` makes one."""

    def __init__(self, url: str, writer: asyncpg.Connection[Any], reader: asyncpg.Connection[Any]) -> None:
        self.url = url
        self.writer, self.reader = writer, reader
        self.turnstile, self.read_turnstile = asyncio.Lock(), asyncio.Lock()
        self.attempts = Attempts()
        self.group = GroupCommit(self.commit, self.attempts)
        self.arrived, self.posted = asyncio.Event(), asyncio.Event()
        self.held: frozenset[int] = frozenset()
        self.before: frozenset[int] = frozenset()  # held when the connection was lost: nobody else need be waited for
        self.leases: set[str] = set()
        self.process = secrets.token_hex(8)
        self.joined = False
        self.closing = False

    @property
    def parts(self) -> frozenset[int]:
        return frozenset() if self.writer.is_closed() else self.held

    # --- who does what ---

    async def claim(self, busy: Callable[[], Collection[int]]) -> frozenset[int]:
        return await self.attempts.until_available(lambda: self.on_writer(lambda db: self.share(db, busy)))

    async def share(self, db: asyncpg.Connection[Any], busy: Callable[[], Collection[int]]) -> frozenset[int]:
        """Take or give back parts, so that the processes have as many each, give or take one."""
        if not self.joined:
            await db.execute("SELECT pg_advisory_lock($1, pg_backend_pid())", MEMBER)
            self.joined = True
        if self.before:
            # What this process was sending when it lost the database is marked by now; others had theirs marked as well.
            await self.lock_parts(db, sorted(self.before))
            self.before = frozenset()
            return self.parts
        fair = -(-PARTS // max(1, await db.fetchval(MEMBERS, MEMBER)))
        if len(self.held) > fair:
            # Not held from this moment on, and only then given back: nothing new is begun in between.
            back = sorted(self.held - set(busy()))[: len(self.held) - fair]
            self.held -= set(back)
            await db.execute("DELETE FROM working WHERE part = ANY($1::int[])", back)
            await db.execute("SELECT pg_advisory_unlock($1, part) FROM unnest($2::int[]) AS part", PART, back)
        elif len(self.held) < fair:
            taken = {row[0] for row in await db.fetch(TAKEN, PART)}
            free = [part for part in range(PARTS) if part not in taken]
            random.shuffle(free)
            await self.lock_parts(db, free[: fair - len(self.held)])
        return self.parts

    async def lock_parts(self, db: asyncpg.Connection[Any], parts: Sequence[int]) -> None:
        sql = "SELECT part FROM unnest($2::int[]) AS part WHERE pg_try_advisory_lock($1, part)"
        won = {row[0] for row in await db.fetch(sql, PART, list(parts))}
        if won:
            await db.execute(TAKEN_OVER, list(won), self.process)
            self.held |= won
            self.stir()

    async def lease(self, name: str) -> bool:
        if name in self.leases and not self.writer.is_closed():
            return True
        key = zlib.crc32(name.encode()) - (1 << 31)
        sql = "SELECT pg_try_advisory_lock($1, $2)"
        won = await self.attempts.until_available(lambda: self.on_writer(lambda db: db.fetchval(sql, LEASE, key)))
        if won:
            self.leases.add(name)
        return bool(won)

    # --- connections ---

    async def on_writer(self, act: Callable[[asyncpg.Connection[Any]], Awaitable[T]]) -> T:
        """Do something on the connection that holds the locks, made anew if it was lost. Raises Unavailable."""
        async with self.turnstile:
            try:
                if self.writer.is_closed():
                    self.before |= self.held
                    self.held, self.joined = frozenset(), False
                    self.leases.clear()
                    self.writer = await connect(self.url)
                return await act(self.writer)
            except AWAY as error:
                # What it did is not known: with the connection go its locks, and the inbox tells what was stored.
                self.writer.terminate()
                raise Unavailable(reason(error)) from error

    async def read(self, sql: str, *values: Any) -> list[Any]:
        async def rows() -> list[Any]:
            async with self.read_turnstile:
                try:
                    if self.reader.is_closed():
                        self.reader = await connect(self.url)
                        await self.listen()
                    return list(await self.reader.fetch(sql, *values))
                except AWAY as error:
                    self.reader.terminate()
                    raise Unavailable(reason(error)) from error

        return await self.attempts.until_available(rows)

    async def listen(self) -> None:
        await self.reader.add_listener(CHANNEL, lambda *told: self.told(str(told[-1])))

    def told(self, text: str) -> None:
        """Another process, or an operator, has put something into the database."""
        news = News.of(text)
        if not news:
            self.stir()
            return
        if news.arrived & self.held:
            self.arrived.set()
        if news.posted & self.held:
            self.posted.set()

    def stir(self) -> None:
        """Something may be new."""
        self.arrived.set()
        self.posted.set()

    # --- writing ---

    async def accept(self, arrivals: Sequence[Arrival]) -> None:
        await self.group.write(tuple(arrivals))
        self.arrived.set()

    async def attempted(self, entry: Received, times: int) -> None:
        sql = marked(ATTEMPTED)
        await self.attempts.until_available(lambda: self.on_writer(lambda db: db.execute(sql, entry.id, times)))

    async def finish(self, turn: Handled) -> bool:
        stored = await self.group.write(turn)
        if turn.outgoing:
            self.posted.set()
        return stored

    async def mark(self, delivery: Delivery) -> None:
        await self.group.write(delivery)

    async def commit(self, writes: Sequence[Write]) -> list[bool]:
        async def transaction(db: asyncpg.Connection[Any]) -> list[bool]:
            if one_statement(writes):
                return await self.store(db, writes)
            async with db.transaction():
                return await self.store(db, writes)

        return await self.on_writer(transaction)

    async def store(self, db: asyncpg.Connection[Any], writes: Sequence[Write]) -> list[bool]:
        """Store the writes, inside a transaction unless it is one statement."""
        now = time.time()
        arrivals = [one for write in writes if isinstance(write, tuple) for one in write]
        turns = [write for write in writes if isinstance(write, Handled)]
        deliveries = [write for write in writes if isinstance(write, Delivery)]
        arrived = [part_of(one.channel, one.chat) for one in arrivals]
        rows = [
            (one.key, one.channel, one.chat, part, one.payload) for one, part in zip(arrivals, arrived, strict=True)
        ]
        marks = [
            (one.entry.id, one.state, one.not_before, one.platform_id, one.error)
            for one in deliveries
            if one.moved_to is None
        ]
        entries = {turn.entry.id: turn.error for turn in turns if turn.entry}
        done = await db.fetch(SETTLED, now, *columns(rows, 5), *columns(marks, 5), *columns(entries.items(), 2))
        for one in deliveries:
            if one.platform_id is not None and (ticket := one.entry.ticket) is not None:
                await db.execute(BELONGS, ticket, one.entry.channel, one.entry.chat, one.platform_id, now)
                await db.execute(FIRST, ticket, one.platform_id, f"{one.entry.channel}:{one.entry.chat}:")
        for one in deliveries:
            if (to := one.moved_to) is not None:
                part = part_of(one.entry.channel, to)
                await db.execute(marked(CARRIED), to, part, one.entry.channel, one.entry.chat)
        if passed := [one.entry.id for one in deliveries if one.passed]:
            await db.execute("DELETE FROM outbox WHERE id = ANY($1::bigint[])", passed)
        gone = [(one.entry.channel, one.entry.chat, one.error) for one in deliveries if one.state == "gone"]
        if gone:
            await db.execute(GONE, *columns(gone, 3), now)
            await db.executemany(marked(UNSUBSCRIBE_ALL), [(channel, chat) for channel, chat, _ in gone])
        stored = await self.store_turns(db, turns, {row[0] for row in done}, now) if turns else []
        outgoing = [out for turn, new in zip(turns, stored, strict=True) if new for out in turn.outgoing]
        posted = [part_of(out.channel, out.chat) for out in outgoing]
        news = News(frozenset(arrived) - self.held, frozenset(posted) - self.held)
        if any(news):
            await db.execute("SELECT pg_notify($1, $2)", CHANNEL, news.text)
        of_turns = iter(stored)
        return [next(of_turns) if isinstance(write, Handled) else True for write in writes]

    async def store_turns(
        self, db: asyncpg.Connection[Any], turns: Sequence[Handled], open_: set[int], now: float
    ) -> list[bool]:
        """Store the turns whose entries were `open_` until now, and return which these were."""
        stored = []
        for turn in turns:
            stored.append(turn.entry is None or turn.entry.id in open_)
            if turn.entry is not None:
                open_.discard(turn.entry.id)
        new = [turn for turn, is_new in zip(turns, stored, strict=True) if is_new]
        for address in sorted({turn.address for turn in new if turn.erase}, key=str):
            for statement in ERASURE:
                sql, chosen = filled(statement, address, "$")
                await db.execute(sql, *chosen)
        results = [(one.code, one.address, one.until, to_json(one)) for turn in new if (one := turn.result)]
        if results:
            await db.execute(RESULT, *columns(results, 4))
        for turn in new:
            if wish := turn.subscribing:
                chat, lang = (
                    (turn.address.channel, turn.address.chat),
                    (turn.conversation or Conversation()).lang or "en",
                )
                if wish.on:
                    await db.execute(marked(SUBSCRIBE), *chat, wish.subject, str(turn.address), lang, now)
                elif wish.subject:
                    await db.execute(marked(UNSUBSCRIBE), *chat, wish.subject)
                else:
                    await db.execute(marked(UNSUBSCRIBE_ALL), *chat)
        groups = {
            (turn.address.channel, turn.address.chat): (to_json(group), None if group.here else now)
            for turn in new
            if (group := turn.group)
        }
        if groups:
            await db.execute(GROUP, *columns(((*chat, *groups[chat]) for chat in sorted(groups)), 4))
        for turn in new:
            if turn.moved_to is not None:
                await db.execute(MOVED, turn.address.channel, turn.address.chat, turn.moved_to)
                await db.execute(marked(AS_USUAL), turn.address.channel, turn.moved_to, to_json(Group()))
                await db.execute(BEGIN_ANEW, turn.address.channel, turn.address.chat, turn.moved_to)
            for note in turn.notes:
                await db.execute(REMEMBER, *note, None, None)
        for turn in new:
            if turn.closes is not None:
                await db.execute(CLOSE, turn.closes, now)
            if turn.opens is not None:
                await db.execute(OPEN, turn.opens.id, str(turn.address), turn.opens.lang, now)
            for ticket in sorted(turn.heard):
                await db.execute(HEARD, ticket, now)
            if (own := turn.belongs) is not None:
                await db.execute(BELONGS, own.ticket, own.channel, own.chat, own.message, now)
        outgoing = [
            (
                out.channel,
                out.chat,
                part_of(out.channel, out.chat),
                out.payload,
                out.priority,
                turn.entry.id if turn.entry else None,
                out.ticket,
                out.passing,
                now + out.kept if out.kept else 0.0,
            )
            for turn in new
            for out in turn.outgoing
        ]
        # In one order everywhere, so that two processes cannot wait for each other.
        said = sorted({str(turn.address): to_json(turn.conversation) for turn in new if turn.conversation}.items())
        events = [(event.kind, str(turn.address), to_text(event.data)) for turn in new for event in turn.events]
        if said or outgoing or events:
            await db.execute(MADE, now, *columns(said, 2), *columns(outgoing, 9), *columns(events, 3))
        return stored

    # --- reading ---

    async def inbox(self, known: Collection[int], limit: int) -> list[Received]:
        parts = self.parts
        rows = await self.read(INBOX, list(parts), list(known), limit) if parts else []
        return [Received(*row) for row in rows]

    async def outbox(self, channels: Collection[str], known: Collection[int], limit: int) -> list[Waiting]:
        parts = self.parts
        rows = await self.read(OUTBOX, list(parts), list(channels), list(known), limit, time.time()) if parts else []
        return [Waiting(*row) for row in rows]

    async def waiting(self, channel: str, chat: str) -> int:
        return int((await self.read(marked(WAITING), channel, chat))[0][0])

    async def conversation(self, address: Address) -> Conversation:
        return talk_of((await self.read(TALK, str(address)))[0])

    async def ticket(self, id: int) -> Ticket | None:
        rows = await self.read(TICKET, id)
        return ticket_of(rows[0]) if rows else None

    async def tickets_left(self, channel: str, old: str, new: str) -> list[Ticket]:
        return [ticket_of(row) for row in await self.read(TICKETS_LEFT, channel, old, new)]

    async def ticket_at(self, channel: str, chat: str, message: str) -> Ticket | None:
        rows = await self.read(TICKET_AT, channel, chat, message)
        return ticket_of(rows[0]) if rows else None

    async def result(self, code: str) -> Result | None:
        rows = await self.read("SELECT result FROM results WHERE code = $1", code)
        return result_from_json(rows[0][0]) if rows else None

    async def belongings(self, address: Address) -> Belongings:
        talk = await self.read("SELECT state FROM conversations WHERE address = $1", str(address))
        results, events, told, opened, subscribed = [
            await self.read(sql, *chosen)
            for sql, chosen in (filled(one, address, "$") for one in (OWN, OCCURRED, TOLD, TICKETS, SUBSCRIBED))
        ]
        return Belongings(
            from_json(talk[0][0]) if talk else None,
            tuple(result_from_json(row[0]) for row in results),
            tuple(Occurred(time, kind, from_text(data)) for time, kind, data in events),
            tuple(Posted(*row) for row in told),
            tuple(map(ticket_of, opened)),
            subscriptions=tuple(subject for (subject,) in subscribed),
        )

    async def group_of(self, channel: str, chat: str) -> Group | None:
        rows = await self.read("SELECT settings FROM groups WHERE channel = $1 AND chat = $2", channel, chat)
        return group_from_json(rows[0][0]) if rows else None

    async def history(self, channel: str, chat: str, after: int | None, limit: int) -> list[Posted]:
        if after is None:
            return [Posted(*row) for row in reversed(await self.read(LAST, channel, chat, limit))]
        return [Posted(*row) for row in await self.read(NEXT, channel, chat, after, limit)]

    async def newest(self, channel: str, chats: Collection[str]) -> dict[str, int]:
        return dict(await self.read(NEWEST, channel, list(chats)))

    async def subscribers(self, subject: str | None) -> list[Subscriber]:
        if subject is None:
            return subscribers(await self.read(SUBSCRIBERS))
        return subscribers(await self.read(marked(SUBSCRIBERS_TO), subject))

    async def broadcast(self, name: str, outgoing: Sequence[Outgoing]) -> int:
        rows = [(out.channel, out.chat, part_of(out.channel, out.chat), out.payload, out.priority) for out in outgoing]
        if not rows:
            return 0

        async def put(db: asyncpg.Connection[Any]) -> int:
            async with db.transaction():
                # One at a time, or two would find the same receivers to be new.
                await db.execute("SELECT pg_advisory_xact_lock($1, 0)", BROADCAST)
                new = await db.fetch(RECEIVERS, name, *columns(rows, 5), time.time())
                await db.execute("SELECT pg_notify($1, '')", CHANNEL)
                return len(new)

        new = await self.attempts.until_available(lambda: self.on_writer(put))
        self.posted.set()
        return new

    async def broadcast_sent(self, name: str) -> Sent:
        return sent(dict(await self.read(marked(PROGRESS), name)))

    async def kept(self, name: str, value: str) -> str:
        while True:
            # Nothing comes back where another process has just kept its own, which the next statement sees.
            rows = await self.read(KEPT, name, value)
            if rows:
                return str(rows[0][0])

    async def recall(self, name: str) -> str | None:
        rows = await self.read("SELECT value FROM kept WHERE name = $1", name)
        return str(rows[0][0]) if rows else None

    async def remember(self, name: str, value: str, whose: Address | None = None) -> None:
        await self.read(REMEMBER, name, value, *((str(whose), time.time()) if whose else (None, None)))

    async def prune(self, table: Table, before: float, after: Key | None) -> Key | None:
        first = TABLES[table].first if after is None else after

        async def step(db: asyncpg.Connection[Any]) -> Key | None:
            found = await db.fetchrow(stretch(table, "$"), first, STRETCH)
            last, oldest = found or (None, None)
            if last is None or young_from_here(oldest, before, time.time()):
                return None
            await db.execute(pruning(table, "$"), first, last, bound(table, before))
            if forget := forgetting(table, "$"):
                await db.execute(forget, first, last)
            return last  # type: ignore[no-any-return]

        try:
            return await self.attempts.until_available(lambda: self.on_writer(step))
        except asyncpg.PostgresError as error:
            raise StoreError(reason(error)) from error

    async def tidy(self, now: float) -> None:
        """Of what files still hold of deleted rows nothing is promised: PostgreSQL uses their room again."""
        await self.read(PASSED.format(mark="$"), now)

    # --- what was given up ---

    async def letters(self) -> list[Letter]:
        return [Letter(*row) for row in await self.read(LETTERS)]

    async def retry(self, ids: Collection[int] | None) -> int:
        return await self.change(
            "outbox", GIVEN_UP, "state = 'waiting', attempts = 0, not_before = 0, finished = NULL", ids
        )

    async def drop(self, ids: Collection[int] | None) -> int:
        return await self.change("outbox", GIVEN_UP, "state = 'dropped'", ids)

    async def failures(self) -> list[Failure]:
        return [Failure(*row) for row in await self.read(FAILURES)]

    async def retry_failures(self, ids: Collection[int] | None) -> int:
        return await self.change("inbox", FAILED_ONCE, AGAIN, ids)

    async def drop_failures(self, ids: Collection[int] | None) -> int:
        return await self.change("inbox", FAILED_ONCE, DROPPED, ids)

    async def change(self, table: Table, which: str, change: str, ids: Collection[int] | None) -> int:
        sql = (
            f"WITH changed AS (UPDATE {table} SET {change} WHERE {which} "
            "AND ($1::bigint[] IS NULL OR id = ANY($1)) RETURNING id) "
            f"SELECT count(*), pg_notify('{CHANNEL}', '') FROM changed"
        )
        rows = await self.read(sql, None if ids is None else list(ids))
        return int(rows[0][0])

    # --- what is kept for responses ---

    async def take(self, arrival: Arrival, most: int, lease: float) -> list[Waiting] | None:
        asked = await self.read(marked(ASKED), arrival.key)
        if not asked or asked[0][1] == "new":
            return None
        rows = await self.read(marked(TAKE), arrival.channel, arrival.chat, asked[0][0], most, time.time() + lease)
        return sorted((Waiting(*row) for row in rows), key=lambda one: one.id)

    async def release(self, arrival: Arrival) -> None:
        for id, _ in await self.read(marked(ASKED), arrival.key):
            await self.read(marked(RELEASE), arrival.channel, arrival.chat, id)
            await self.read("SELECT pg_notify($1, '')", CHANNEL)
            self.posted.set()

    async def begin(self, entry: Waiting) -> bool:
        return bool(await self.read(marked(SENT_HERE), entry.id, time.time()))

    # --- what an operator looks at ---

    async def queues(self) -> Queues:
        return Queues(*(await self.read(QUEUES))[0])

    async def status(self) -> Status:
        now = time.time()
        answers = await self.read(ANSWERS, now - DAY, now - 7 * DAY)
        return Status(
            (await self.read(MEMBERS, MEMBER))[0][0],
            (await self.read("SELECT max(version) FROM merchant_bot_schema"))[0][0],
            (await self.read("SELECT pg_database_size(current_database())"))[0][0],
            await self.queues(),
            dict(zip(TABLES, (await self.read(COUNTS))[0], strict=True)),
            {verdict: today for verdict, _, today in answers if today},
            {verdict: count for verdict, count, _ in answers},
            interrupted=(await self.read(marked(SET_ASIDE), INTERRUPTED))[0][0],
        )

    async def rows(self, table: Table, after: Key | None) -> list[tuple[Any, ...]]:
        first = TABLES[table].first if after is None else after
        return [tuple(row) for row in await self.read(reading(table, "$"), first, STRETCH)]

    async def close(self) -> None:
        """Store what waits, then give everything back."""
        await self.group.close(PATIENCE)
        if not self.writer.is_closed():
            with suppress(*AWAY, asyncpg.PostgresError):
                await self.writer.execute("DELETE FROM working WHERE process = $1", self.process)
        for connection in (self.writer, self.reader):
            with suppress(*AWAY):
                await connection.close(timeout=1)


def one_statement(writes: Sequence[Write]) -> bool:
    """Whether these are stored by one statement, which is a transaction already, and a notice, whose loss costs a second."""

    def needs_more(write: Write) -> bool:
        if isinstance(write, Delivery):
            return write.state == "gone" or write.passed or write.moved_to is not None or write.entry.ticket is not None
        return isinstance(write, Handled)

    return not any(map(needs_more, writes))


def marked(statement: str) -> str:
    """A statement of both databases with this one's placeholders."""
    return statement.replace("@", "$")


def columns(rows: Iterable[Sequence[Any]], width: int) -> list[list[Any]]:
    """The rows, each of `width` values, as columns."""
    return [list(column) for column in zip(*rows, strict=True)] or [[] for _ in range(width)]


def reason(error: BaseException) -> str:
    return f"PostgreSQL: {error or type(error).__name__}"


async def connect(url: str) -> asyncpg.Connection[Any]:
    return await asyncpg.connect(url, timeout=PATIENCE, command_timeout=PATIENCE, server_settings=SESSION)


async def open_postgres(url: str, *, existing: bool = False) -> PostgresStore:
    """The store in a database, its schema brought up to date unless it has to exist as it is. Raises StoreError."""
    async with errors_told():
        writer = await connect(url)
        try:
            if existing:
                await refuse_other(writer)
            else:
                await migrate(writer)
            store = PostgresStore(url, writer, await connect(url))
            await store.listen()
        except BaseException:
            writer.terminate()
            raise
    return store


@asynccontextmanager
async def errors_told() -> AsyncIterator[None]:
    """What goes wrong with a connection becomes a StoreError that says what to do."""
    try:
        yield
    except asyncpg.InvalidAuthorizationSpecificationError as error:
        raise StoreError(f"PostgreSQL refuses the user or the password in DATABASE_URL: {error}") from error
    except asyncpg.InvalidCatalogNameError as error:
        raise StoreError(f"DATABASE_URL: {error}; make it first, for example with: createdb NAME") from error
    except (*AWAY, asyncpg.PostgresError, ValueError) as error:
        raise StoreError(f"DATABASE_URL: this database cannot be used: {error or type(error).__name__}") from error


async def schema_of(url: str) -> int:
    """The version of a database's schema, 0 where there is none. Raises StoreError."""
    async with errors_told():
        db = await connect(url)
        try:
            return await version_of(db)
        finally:
            await db.close()


async def version_of(db: asyncpg.Connection[Any]) -> int:
    tables = await db.fetchval("SELECT array_agg(tablename::text) FROM pg_tables WHERE schemaname = current_schema()")
    if not tables:
        return 0
    if "merchant_bot_schema" not in tables:
        raise StoreError(foreign(WHERE, tables))
    return int(await db.fetchval("SELECT max(version) FROM merchant_bot_schema") or 0)


async def refuse_other(db: asyncpg.Connection[Any]) -> None:
    """Raises StoreError unless the schema is this program's."""
    found, newest = await version_of(db), len(steps("postgres"))
    if found != newest:
        raise StoreError(none_yet(WHERE) if not found else (older if found < newest else newer)(WHERE, found, newest))


async def migrate(db: asyncpg.Connection[Any]) -> None:
    """Bring the schema to the newest version, one process at a time. Raises StoreError."""
    todo = steps("postgres")
    async with db.transaction():
        await db.execute("SELECT pg_advisory_xact_lock($1, 0)", MIGRATION)
        version = await version_of(db)
        await db.execute("CREATE TABLE IF NOT EXISTS merchant_bot_schema (version INTEGER NOT NULL)")
        if version > len(todo):
            raise StoreError(newer(WHERE, version, len(todo)))
        for number, step in enumerate(todo[version:], version + 1):
            for statement in statements(step):
                await db.execute(statement)
            await db.execute("INSERT INTO merchant_bot_schema VALUES ($1)", number)
