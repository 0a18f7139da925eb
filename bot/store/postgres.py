"""The store in PostgreSQL, for several processes and machines; each part of the chats is a lock held by one process.

The locks are PostgreSQL's session-level advisory locks. They end with the connection, however the process ends, and all
writes of a process go through the connection that holds them: a process that has lost its parts cannot write either.
"""

from __future__ import annotations

import asyncio
import logging
import random
import secrets
import time
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Sequence
from contextlib import asynccontextmanager, nullcontext, suppress
from functools import cache
from typing import Any, NamedTuple, TypeVar

import asyncpg

from bot.json_text import from_text, to_text
from bot.store.group_commit import Attempts, GroupCommit, Unavailable
from bot.store.parts import Parts
from bot.store.parts.counting import Counted
from bot.store.parts.database import LISTED, Many, Row, Steps
from bot.store.parts.turns import CALL, has_rare_effects, store_writes
from bot.store.records import PARTS, StoreError, Write
from bot.store.schema import foreign_database, newer_schema, require_current, statements, steps

log = logging.getLogger(__name__)
T = TypeVar("T")

# The first keys of this program's advisory locks; the second key is a part, a process, a name's hash, or 0.
PART, MEMBER, LEASE, MIGRATION, BROADCAST = 0x6D627001, 0x6D627002, 0x6D627003, 0x6D627004, 0x6D627005
CHANNEL = "merchant_bot"
WHERE = "DATABASE_URL"  # names the database in messages, since its address may contain a password
PATIENCE = 10.0  # seconds for a statement, a connection, and the last writes
# With these, both sides notice a lost machine within about ten seconds.
SESSION = {
    "application_name": "merchant-bot",
    "tcp_keepalives_idle": "3",
    "tcp_keepalives_interval": "2",
    "tcp_keepalives_count": "3",
}
CONNECTION_ERRORS = (
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

# The rows of a group are passed as one array per column. Two statements cover nearly every group, since a round trip
# costs as much as the work on the server.
STORE_SETTLED = """
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
INSERT_CALLS = f"""
INSERT INTO outbox ({CALL}) SELECT {CALL} FROM (SELECT $1::float8 AS made) AS now,
unnest($2::text[], $3::text[], $4::int[], $5::text[], $6::int[], $7::bigint[], $8::bigint[], $9::float8[], $10::float8[])
WITH ORDINALITY AS new (channel, chat, part, payload, priority, cause, ticket, passing, not_before, number) ORDER BY number"""
STORE_TURNS = f"""
WITH posted AS ({INSERT_CALLS}), said AS (
  INSERT INTO conversations (address, state, touched)
  SELECT address, state, $1 FROM unnest($11::text[], $12::text[]) AS new (address, state)
  ON CONFLICT (address) DO UPDATE SET state = excluded.state, touched = excluded.touched
), summed AS (
  INSERT INTO sums (day, kind, name, detail, shard, count, total)
  SELECT day, kind, name, detail, shard, count, total
  FROM unnest($16::text[], $17::text[], $18::text[], $19::text[], $20::int[], $21::bigint[], $22::float8[])
  WITH ORDINALITY AS new (day, kind, name, detail, shard, count, total, number) ORDER BY number
  ON CONFLICT (kind, day, name, detail, shard) DO UPDATE
  SET count = sums.count + excluded.count, total = sums.total + excluded.total
), written AS (
  INSERT INTO writers (day, person) SELECT day, person FROM unnest($23::text[], $24::text[]) AS new (day, person)
  ON CONFLICT (day, person) DO NOTHING
)
INSERT INTO events (time, kind, address, data) SELECT $1, kind, address, data
FROM unnest($13::text[], $14::text[], $15::text[]) AS new (kind, address, data)"""
# The killed process may have been handling the first update of each chat.
TAKE_PARTS = """
WITH left_behind AS (
  SELECT part FROM working WHERE part = ANY($1::int[]) AND process <> $2
), interrupted AS (
  UPDATE inbox SET attempts = 1 WHERE attempts = 0 AND id IN (
    SELECT min(id) FROM inbox JOIN left_behind USING (part) WHERE state = 'new' GROUP BY channel, chat
  )
)
INSERT INTO working SELECT part, $2 FROM unnest($1::int[]) AS part
ON CONFLICT (part) DO UPDATE SET process = excluded.process"""
# A regular expression instead of JSON operators, since PostgreSQL rejects some JSON, for example lone surrogates.
COUNT_ANSWERS = """
SELECT substring(data FROM '"verdict":"(\\w+)"'), count(*), count(*) FILTER (WHERE time >= $1) FROM events
WHERE time >= $2 AND kind = 'turn' GROUP BY 1"""
SELECT_LOCKS = """
SELECT objid::int FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid = $1::bigint
AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"""
NOTIFY = "SELECT pg_notify($1, $2)"


class News(NamedTuple):
    """A notification between processes: the parts with new rows in the inbox and in the outbox."""

    arrived: frozenset[int]
    posted: frozenset[int]

    @property
    def text(self) -> str:
        return to_text([sorted(self.arrived), sorted(self.posted)])

    @classmethod
    def of(cls, text: str) -> News | None:
        """Parse a notification; returns None for one of an operator's commands, which name no parts."""
        return cls(*map(frozenset, from_text(text))) if text else None


class PostgresStore(Parts):
    """A store in a PostgreSQL database; open it with `await open_postgres(url)`."""

    def __init__(self, url: str, writer: asyncpg.Connection[Any], reader: asyncpg.Connection[Any]) -> None:
        self.url = url
        self.writer, self.reader = writer, reader
        self.turnstile, self.read_turnstile = asyncio.Lock(), asyncio.Lock()
        self.attempts = Attempts()
        self.group = GroupCommit(self.commit, self.attempts)
        self.arrived, self.posted = asyncio.Event(), asyncio.Event()
        self.held: frozenset[int] = frozenset()
        self.before: frozenset[int] = frozenset()  # held when the connection was lost, to be locked again first
        self.leases: set[str] = set()
        self.process = secrets.token_hex(8)
        self.joined = False
        self.closing = False

    @property
    def parts(self) -> frozenset[int]:
        return frozenset() if self.writer.is_closed() else self.held

    @property
    def mine(self) -> Collection[int]:
        return self.parts

    # --- parts and leases ---

    async def claim(self, busy: Callable[[], Collection[int]]) -> frozenset[int]:
        return await self.attempts.until_available(lambda: self.on_writer(lambda db: self.share(db, busy)))

    async def share(self, db: asyncpg.Connection[Any], busy: Callable[[], Collection[int]]) -> frozenset[int]:
        """Take or give back parts, so that all processes hold the same number, give or take one."""
        if not self.joined:
            await db.execute("SELECT pg_advisory_lock($1, pg_backend_pid())", MEMBER)
            self.joined = True
        if self.before:
            # The outcomes of calls under way at the loss are stored by now, so the same parts can be taken again.
            await self.lock_parts(db, sorted(self.before))
            self.before = frozenset()
            return self.parts
        fair = -(-PARTS // max(1, len(await db.fetch(SELECT_LOCKS, MEMBER))))
        if len(self.held) > fair:
            # Removed from `held` before they are unlocked, so that no work on them starts in between.
            back = sorted(self.held - set(busy()))[: len(self.held) - fair]
            self.held -= set(back)
            await db.execute("DELETE FROM working WHERE part = ANY($1::int[])", back)
            await db.execute("SELECT pg_advisory_unlock($1, part) FROM unnest($2::int[]) AS part", PART, back)
        elif len(self.held) < fair:
            taken = {row[0] for row in await db.fetch(SELECT_LOCKS, PART)}
            free = [part for part in range(PARTS) if part not in taken]
            random.shuffle(free)
            await self.lock_parts(db, free[: fair - len(self.held)])
        return self.parts

    async def lock_parts(self, db: asyncpg.Connection[Any], parts: Sequence[int]) -> None:
        sql = "SELECT part FROM unnest($2::int[]) AS part WHERE pg_try_advisory_lock($1, part)"
        won = {row[0] for row in await db.fetch(sql, PART, list(parts))}
        if won:
            await db.execute(TAKE_PARTS, list(won), self.process)
            self.held |= won
            self.wake()

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
        """Run `act` on the connection that holds the locks, reconnecting if it was lost. Raises Unavailable.

        What has begun ends also where its caller is cancelled: a transaction of which only the begin is cancelled stays
        open, and all later writes would be rolled back with it.
        """
        return await asyncio.shield(asyncio.create_task(self.alone_on_writer(act)))

    async def alone_on_writer(self, act: Callable[[asyncpg.Connection[Any]], Awaitable[T]]) -> T:
        async with self.turnstile:
            try:
                if self.writer.is_closed():
                    self.before |= self.held
                    self.held, self.joined = frozenset(), False
                    self.leases.clear()
                    self.writer = await connect(self.url)
                return await act(self.writer)
            except CONNECTION_ERRORS as error:
                # The outcome is unknown: closing the connection releases its locks, and the inbox shows what is stored.
                self.writer.terminate()
                raise Unavailable(reason(error)) from error

    async def read(self, sql: str, *values: Any) -> list[Row]:
        async def rows() -> list[Row]:
            async with self.read_turnstile:
                try:
                    if self.reader.is_closed():
                        self.reader = await connect(self.url)
                        await self.listen()
                    return list(await self.reader.fetch(to_postgres(sql), *values))
                except CONNECTION_ERRORS as error:
                    self.reader.terminate()
                    raise Unavailable(reason(error)) from error

        return await self.attempts.until_available(rows)

    async def listen(self) -> None:
        await self.reader.add_listener(CHANNEL, lambda *told: self.notified(str(told[-1])))

    def notified(self, text: str) -> None:
        """Wake the dispatcher or the sender if another process's notification concerns this process's parts."""
        news = News.of(text)
        if not news:
            self.wake()
            return
        if news.arrived & self.held:
            self.arrived.set()
        if news.posted & self.held:
            self.posted.set()

    def wake(self) -> None:
        """Wake the dispatcher and the sender."""
        self.arrived.set()
        self.posted.set()

    # --- writing ---

    async def commit(self, writes: Sequence[Write]) -> list[bool]:
        """Store the writes, all or none. Raises Unavailable.

        Writes of a single statement need no explicit transaction; a notification lost after it costs a second's delay.
        """
        whole = any(map(has_rare_effects, writes))
        return await self.on_writer(lambda db: self.run_steps(db, store_writes(self, writes, time.time()), whole=whole))

    async def transact(self, steps: Callable[[], Steps[T]]) -> T:
        try:
            return await self.attempts.until_available(lambda: self.on_writer(lambda db: self.run_steps(db, steps())))
        except asyncpg.PostgresError as error:
            raise StoreError(reason(error)) from error

    async def run_steps(self, db: asyncpg.Connection[Any], steps: Steps[T], *, whole: bool = True) -> T:
        """Run the steps, in one transaction if `whole`."""
        async with db.transaction() if whole else nullcontext():
            try:
                step = next(steps)
                while True:
                    if isinstance(step, Many):
                        await db.executemany(to_postgres(step.sql), step.rows)
                        step = steps.send([])
                    else:
                        sql, values = step
                        step = steps.send(list(await db.fetch(to_postgres(sql), *values)))
            except StopIteration as end:
                value: T = end.value
                return value

    def store_settled(
        self, now: float, arrivals: list[Row], marks: list[Row], entries: Sequence[tuple[int, str | None]]
    ) -> Steps[set[int]]:
        rows = yield STORE_SETTLED, (now, *columns(arrivals, 5), *columns(marks, 5), *columns(entries, 2))
        return {id for (id,) in rows}

    def store_turns(
        self, now: float, said: list[Row], outgoing: list[Row], events: list[Row], counted: Counted
    ) -> Steps[None]:
        rows = (*columns(outgoing, 9), *columns(said, 2), *columns(events, 3))
        yield STORE_TURNS, (now, *rows, *columns(counted.sums, 7), *columns(counted.writers, 2))

    def store_content(self, id: str, content: bytes) -> Steps[None]:
        yield "UPDATE files SET content = @2 WHERE file = @1", (id, content)

    async def file_content(self, id: str) -> bytes | None:
        return next((bytes(one) for (one,) in await self.read("SELECT content FROM files WHERE file = @1", id)), None)

    def store_calls(self, now: float, outgoing: list[Row]) -> Steps[Iterable[Row]]:
        return (yield f"{INSERT_CALLS} RETURNING id, channel, chat", (now, *columns(outgoing, 9)))

    def lock_broadcasts(self) -> Steps[None]:
        yield "SELECT pg_advisory_xact_lock($1, 0)", (BROADCAST,)

    def notice(self, arrived: Collection[int] | None = None, posted: Collection[int] = ()) -> Steps[None]:
        if arrived is None:
            yield NOTIFY, (CHANNEL, "")
        elif any(news := News(frozenset(arrived) - self.held, frozenset(posted) - self.held)):
            yield NOTIFY, (CHANNEL, news.text)

    # --- reading ---

    def answers(self) -> str:
        return COUNT_ANSWERS

    async def facts(self) -> dict[str, Any]:
        return {
            "serving": len(await self.read(SELECT_LOCKS, MEMBER)),
            "schema": (await self.read("SELECT max(version) FROM merchant_bot_schema"))[0][0],
            "size": (await self.read("SELECT pg_database_size(current_database())"))[0][0],
        }

    async def close(self) -> None:
        """Store the waiting writes, then release the parts and close the connections."""
        await self.group.close(PATIENCE)
        async with self.turnstile:  # a cancelled caller's transaction ends first
            if not self.writer.is_closed():
                with suppress(*CONNECTION_ERRORS, asyncpg.PostgresError):
                    await self.writer.execute("DELETE FROM working WHERE process = $1", self.process)
        for connection in (self.writer, self.reader):
            with suppress(*CONNECTION_ERRORS):
                await connection.close(timeout=1)


@cache
def to_postgres(sql: str) -> str:
    """Translate a shared statement to PostgreSQL's syntax."""
    return LISTED.sub(lambda one: f"{'<> ALL' if one[1] else '= ANY'}({one[2]}::{one[3]}[])", sql).replace("@", "$")


def columns(rows: Iterable[Sequence[Any]], width: int) -> list[list[Any]]:
    """Transpose rows of `width` values to `width` columns."""
    return [list(column) for column in zip(*rows, strict=True)] or [[] for _ in range(width)]


def reason(error: BaseException) -> str:
    return f"PostgreSQL: {error or type(error).__name__}"


async def connect(url: str) -> asyncpg.Connection[Any]:
    """Open a connection, with PATIENCE as its time limit. Raises the errors AWAY and asyncpg.PostgresError."""
    return await asyncpg.connect(url, timeout=PATIENCE, command_timeout=PATIENCE, server_settings=SESSION)


async def open_postgres(url: str, *, existing: bool = False) -> PostgresStore:
    """Open a database and migrate its schema; with `existing`, require the current schema. Raises StoreError."""
    async with clear_errors():
        writer = await connect(url)
        try:
            if existing:
                require_current(WHERE, await version_of(writer), len(steps("postgres")))
            else:
                await migrate(writer)
            store = PostgresStore(url, writer, await connect(url))
            await store.listen()
        except BaseException:
            writer.terminate()
            raise
    return store


@asynccontextmanager
async def clear_errors() -> AsyncIterator[None]:
    """Turn connection errors into StoreErrors that say what to do."""
    try:
        yield
    except asyncpg.InvalidAuthorizationSpecificationError as error:
        raise StoreError(f"DATABASE_URL: PostgreSQL rejects the user or the password: {error}") from error
    except asyncpg.InvalidCatalogNameError as error:
        raise StoreError(f"DATABASE_URL: {error}; make it first, for example with: createdb NAME") from error
    except (*CONNECTION_ERRORS, asyncpg.PostgresError, ValueError) as error:
        raise StoreError(f"DATABASE_URL: this database cannot be used: {error or type(error).__name__}") from error


async def schema_of(url: str) -> int:
    """Return a database's schema version, 0 without a schema. Raises StoreError."""
    async with clear_errors():
        db = await connect(url)
        try:
            return await version_of(db)
        finally:
            await db.close()


async def empty(url: str) -> None:
    """Drop all tables of a database that no process serves. Raises StoreError, also for another program's database."""
    async with clear_errors():
        db = await connect(url)
        try:
            if await db.fetch(SELECT_LOCKS, MEMBER):
                raise StoreError(f"{WHERE}: `merchant-bot serve` uses this database. Stop it first")
            if await version_of(db):
                names = await db.fetch(
                    "SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = current_schema()"
                )
                await db.execute(f"DROP TABLE {', '.join(name for (name,) in names)}")
        finally:
            await db.close()


async def version_of(db: asyncpg.Connection[Any]) -> int:
    """Return a database's schema version, 0 if it is empty. Raises StoreError for another program's database."""
    tables = await db.fetchval("SELECT array_agg(tablename::text) FROM pg_tables WHERE schemaname = current_schema()")
    if not tables:
        return 0
    if "merchant_bot_schema" not in tables:
        raise StoreError(foreign_database(WHERE, tables))
    return int(await db.fetchval("SELECT max(version) FROM merchant_bot_schema") or 0)


async def migrate(db: asyncpg.Connection[Any]) -> None:
    """Migrate the schema to the newest version, one process at a time. Raises StoreError."""
    todo = steps("postgres")
    async with db.transaction():
        await db.execute("SELECT pg_advisory_xact_lock($1, 0)", MIGRATION)
        version = await version_of(db)
        await db.execute("CREATE TABLE IF NOT EXISTS merchant_bot_schema (version INTEGER NOT NULL)")
        if version > len(todo):
            raise StoreError(newer_schema(WHERE, version, len(todo)))
        for number, step in enumerate(todo[version:], version + 1):
            for statement in statements(step):
                await db.execute(statement)
            await db.execute("INSERT INTO merchant_bot_schema VALUES ($1)", number)
