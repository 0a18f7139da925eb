"""The store in one SQLite file: group commits, one serving process.

Statements needed for every message run on the event loop itself: a row by its key takes microseconds, less than waking
a thread that needs the GIL for each statement, and readers of a WAL file never wait. Statements that wait for the disk
or another program, above all COMMIT, run in a thread.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sqlite3
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from bot import private
from bot.json_text import to_text
from bot.store.group_commit import Attempts, GroupCommit, Unavailable
from bot.store.parts import Parts
from bot.store.parts.counting import Counted
from bot.store.parts.database import LISTED, Many, Row, Steps
from bot.store.parts.sums import ADD_SUM, ADD_WRITER
from bot.store.parts.turns import CALL, leaves_traces, store_writes
from bot.store.records import PARTS, Handled, StoreError, Write
from bot.store.schema import require_current, steps
from bot.store.sqlite_file import (
    BUSY,
    DAMAGED,
    connect,
    copies_of,
    delete_file,
    exposed_paths,
    files_folder,
    guard,
    is_damaged,
    is_served,
    migrate,
    schema_of,
    settle,
    unusable_file,
    version_of,
)

log = logging.getLogger(__name__)
T = TypeVar("T")

PATIENCE = 10.0  # seconds for the last writes when the store is closed
ALL_PARTS = frozenset(range(PARTS))
# Largest files, in bytes, to VACUUM after an erasure, and during housekeeping. Writers wait meanwhile, for about
# a tenth of a second, and for one or two seconds.
SMALL, LARGE = 16 << 20, 256 << 20
LOCK_ERRORS = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
SHARE, RETRY = 0.1, 0.5  # the most time spent on that, as a share; seconds between attempts while others read

BEGIN = "BEGIN IMMEDIATE"
INSERT_ARRIVAL = """
INSERT INTO inbox (key, channel, chat, part, payload, arrived) VALUES (@1, @2, @3, @4, @5, @6)
ON CONFLICT (key) DO NOTHING"""
MARK_DELIVERY = """
UPDATE outbox SET state = @2, attempts = attempts + 1, not_before = @3, platform_id = @4, error = @5,
finished = CASE WHEN @2 = 'waiting' THEN NULL ELSE @6 END WHERE id = @1 AND state = 'waiting'"""
FINISH_ENTRY = """
UPDATE inbox SET state = CASE WHEN @2 IS NULL THEN 'done' ELSE 'dead' END, error = @2,
payload = CASE WHEN @2 IS NULL THEN '' ELSE payload END, finished = @3 WHERE id = @1 AND state = 'new' RETURNING id"""
SAVE_CONVERSATION = """
INSERT INTO conversations (address, state, touched) VALUES (@1, @2, @3)
ON CONFLICT (address) DO UPDATE SET state = excluded.state, touched = excluded.touched"""
INSERT_CALL = f"INSERT INTO outbox ({CALL}) VALUES (@1, @2, @3, @4, @5, @6, @7, @8, @9, @10)"
INSERT_EVENT = "INSERT INTO events (kind, address, data, time) VALUES (@1, @2, @3, @4)"
# The killed process may have been handling the first update of each chat.
COUNT_INTERRUPTION = (
    "UPDATE inbox SET attempts = 1 WHERE attempts = 0 "
    "AND id IN (SELECT min(id) FROM inbox WHERE state = 'new' GROUP BY channel, chat)"
)
LEAVE_PARTS = "DELETE FROM working"
TAKE_PARTS = "INSERT INTO working VALUES (0, @1) ON CONFLICT (part) DO UPDATE SET process = excluded.process"
COUNT_ANSWERS = """
SELECT json_extract(data, '$.verdict'), count(*), sum(time >= @1) FROM events
WHERE time >= @2 AND kind = 'turn' GROUP BY 1"""


@cache
def to_sqlite(sql: str) -> str:
    """Translate a shared statement to SQLite's syntax."""
    return LISTED.sub(r"\1IN (SELECT value FROM json_each(\2))", sql).replace("@", "?")


def bind_values(values: Row) -> Row:
    """Convert values for SQLite: lists to JSON."""
    return [to_text(one) if isinstance(one, list) else one for one in values]


class SqliteStore(Parts):
    """A store in one file; open it with `await open_sqlite(path)`."""

    def __init__(
        self, path: Path, writer: sqlite3.Connection, reader: sqlite3.Connection, looker: sqlite3.Connection
    ) -> None:
        self.path, self.writer, self.reader, self.looker = path, writer, reader, looker
        self.folder = files_folder(path)
        self.writing = ThreadPoolExecutor(1, "store-writer")
        self.turnstile = asyncio.Lock()  # for the writer
        writer.execute("PRAGMA busy_timeout = 0")  # the event loop must not block
        self.reading = ThreadPoolExecutor(1, "store-reader")
        self.attempts = Attempts()
        self.group = GroupCommit(self.commit, self.attempts)
        self.arrived, self.posted = asyncio.Event(), asyncio.Event()
        self.guard: sqlite3.Connection | None = None
        self.files: dict[Path, tuple[int, int]] = {}  # the served files: device and inode
        self.lost = ""  # why the file keeps nothing any more
        self.leftovers = asyncio.Event()  # the files may still contain deleted rows
        self.also_large = False
        self.wiping: asyncio.Task[None] | None = None

    @property
    def parts(self) -> frozenset[int]:
        return ALL_PARTS if self.guard else frozenset()

    async def claim(self, busy: Callable[[], Collection[int]]) -> frozenset[int]:
        """Take all parts: one process serves the file. Raises StoreError while another does."""
        if self.guard is None:
            self.guard = guard(self.path)
            await self.transact(self.take_over)
            self.files = {file: identity(file) for file in (self.path, wal_of(self.path))}
            await self.in_thread(self.delete_orphans)
            self.wipe()  # the process before this one may have been killed
        self.require_files()
        return self.parts

    def require_files(self) -> None:
        """Raise StoreError if what is written is lost: SQLite goes on writing into files that were deleted or replaced."""
        for file, before in self.files.items():
            try:
                became = identity(file)
            except FileNotFoundError:
                became = (0, 0)
            except OSError:
                continue
            if became != before:
                how = "replaced" if any(became) else "deleted"
                self.lost = (
                    f"{file}: this file was {how} while it was served, so what merchants write would be lost. Stop the "
                    "service before you restore, move or delete its database; the next start uses what is there then"
                )
        if self.lost:
            raise StoreError(self.lost)

    async def probe(self) -> None:
        self.require_files()
        await super().probe()

    def damaged(self, error: sqlite3.Error) -> StoreError | None:
        """Return the StoreError for a damaged file, or None for other errors."""
        if not is_damaged(error):
            return None
        self.lost = DAMAGED.format(path=self.path, error=error)
        return StoreError(self.lost)

    def take_over(self) -> Steps[None]:
        """Record that a process serves, and count an attempt for the updates that the one before was killed in."""
        if (yield "SELECT 1 FROM working", ()):
            yield COUNT_INTERRUPTION, ()
        yield TAKE_PARTS, (str(os.getpid()),)

    async def lease(self, name: str) -> bool:
        return self.guard is not None

    # --- writing ---

    async def commit(self, writes: Sequence[Write]) -> list[bool]:
        """Store the writes, all or none. Raises Unavailable."""
        loop, run = asyncio.get_running_loop(), self.writer.execute
        erases = any(isinstance(write, Handled) and write.erase for write in writes)
        async with self.turnstile:
            with self.rollback_on_error():
                if not self.try_begin():
                    await loop.run_in_executor(self.writing, self.wait_for_lock, lambda: run(BEGIN))
                if erases:
                    counts = await loop.run_in_executor(self.writing, self.store_all, writes)
                    await loop.run_in_executor(self.writing, self.delete_copies)
                else:
                    counts = self.store_all(writes)
                await loop.run_in_executor(self.writing, run, "COMMIT")
                if erases:
                    await loop.run_in_executor(self.writing, self.delete_orphans)
        if any(map(leaves_traces, writes)):
            self.wipe()
        return counts

    def store_all(self, writes: Sequence[Write]) -> list[bool]:
        """Store the writes inside a transaction; each takes microseconds, except erasures."""
        return self.run_steps(store_writes(self, writes, time.time()))

    def run_steps(self, steps: Steps[T]) -> T:
        """Run the steps inside a transaction."""
        try:
            step = next(steps)
            while True:
                if isinstance(step, Many):
                    self.writer.executemany(to_sqlite(step.sql), step.rows)
                    step = steps.send([])
                else:
                    sql, values = step
                    step = steps.send(self.writer.execute(to_sqlite(sql), bind_values(values)).fetchall())
        except StopIteration as end:
            value: T = end.value
            return value

    def store_settled(
        self, now: float, arrivals: list[Row], marks: list[Row], entries: Sequence[tuple[int, str | None]]
    ) -> Steps[set[int]]:
        if arrivals:
            yield Many(INSERT_ARRIVAL, [(*row, now) for row in arrivals])
        if marks:
            yield Many(MARK_DELIVERY, [(*row, now) for row in marks])
        finished: set[int] = set()
        for entry in entries:
            for (id,) in (yield FINISH_ENTRY, (*entry, now)):
                finished.add(id)
        return finished

    def store_turns(
        self, now: float, said: list[Row], outgoing: list[Row], events: list[Row], counted: Counted
    ) -> Steps[None]:
        for sql, rows in ((SAVE_CONVERSATION, said), (INSERT_CALL, outgoing), (INSERT_EVENT, events)):
            if rows:
                yield Many(sql, [(*row, now) for row in rows])
        for sql, rows in ((ADD_SUM, counted.sums), (ADD_WRITER, counted.writers)):
            if rows:
                yield Many(sql, rows)

    def store_calls(self, now: float, outgoing: list[Row]) -> Steps[Iterable[Row]]:
        made: list[Row] = []
        for row in outgoing:
            made += yield f"{INSERT_CALL} RETURNING id, channel, chat", (*row, now)
        return made

    async def transact(self, steps: Callable[[], Steps[T]]) -> T:
        def transaction() -> T:
            try:
                with self.rollback_on_error():
                    self.writer.execute(BEGIN)
                    made = self.run_steps(steps())
                    self.writer.execute("COMMIT")
                    return made
            except sqlite3.Error as error:
                raise StoreError(f"{self.path}: {error}") from error

        return await self.in_thread(transaction)

    # --- files

    def store_content(self, id: str, content: bytes) -> Steps[None]:
        """Write a file into the folder; in the writer's thread, as are deletions."""
        try:
            private.make_folder(self.folder)
            private.make_file(self.folder / id)
            (self.folder / id).write_bytes(content)
        except OSError as error:
            raise StoreError(f"{self.folder}: this file cannot be kept: {error.strerror}") from error
        yield from ()

    async def file_content(self, id: str) -> bytes | None:
        if not await self.file(id):
            return None
        with suppress(FileNotFoundError):
            return await asyncio.to_thread((self.folder / id).read_bytes)
        return None

    def delete_orphans(self) -> None:
        """Delete the files whose rows are gone, or were never stored."""
        if not self.folder.is_dir():
            return
        known = {name for (name,) in self.writer.execute("SELECT file FROM files")}
        for path in self.folder.iterdir():
            if path.name not in known:
                delete_file(path)

    def try_begin(self) -> bool:
        """Try to begin a transaction. Returns false while another program writes."""
        try:
            self.writer.execute(BEGIN)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise
        return self.writer.in_transaction

    def wait_for_lock(self, act: Callable[[], T]) -> T:
        """Run `act` in the writer's thread, waiting up to BUSY seconds while another program locks the file."""
        self.writer.execute(f"PRAGMA busy_timeout = {BUSY * 1000:.0f}")
        try:
            return act()
        finally:
            self.writer.execute("PRAGMA busy_timeout = 0")

    async def in_thread(self, act: Callable[[], T]) -> T:
        """Run `act` with the writer in its thread, again while the file is unavailable. Raises the errors of `act`."""

        async def done() -> T:
            async with self.turnstile:
                return await asyncio.get_running_loop().run_in_executor(self.writing, self.wait_for_lock, act)

        return await self.attempts.until_available(done)

    @contextmanager
    def rollback_on_error(self) -> Iterator[None]:
        """Roll back on errors. Raises Unavailable for operational errors.

        A cancelled transaction is not rolled back: its commit may be running, and the store is closing.
        """
        try:
            yield
        except Exception as error:
            if self.writer.in_transaction:
                self.writer.execute("ROLLBACK")
            if isinstance(error, sqlite3.Error) and (damaged := self.damaged(error)):
                raise damaged from error
            if isinstance(error, sqlite3.OperationalError):
                raise Unavailable(f"{self.path}: {error}") from error
            raise

    # --- reading ---

    @property
    def mine(self) -> Collection[int]:
        return ALL_PARTS

    async def read(self, sql: str, *values: Any) -> list[Row]:
        def rows() -> list[Row]:
            try:
                return self.reader.execute(to_sqlite(sql), bind_values(values)).fetchall()
            except sqlite3.OperationalError as error:
                raise Unavailable(f"{self.path}: {error}") from error
            except sqlite3.DatabaseError as error:
                raise self.damaged(error) or error from error

        loop = asyncio.get_running_loop()
        return await self.attempts.until_available(lambda: loop.run_in_executor(self.reading, rows))

    async def look(self, sql: str, *values: Any) -> list[Row]:
        """Read a few rows by an index, on the event loop; in the reader's thread if another program locks the file."""
        try:
            return self.looker.execute(to_sqlite(sql), bind_values(values)).fetchall()
        except sqlite3.DatabaseError:
            return await self.read(sql, *values)

    def answers(self) -> str:
        return COUNT_ANSWERS

    async def facts(self) -> dict[str, Any]:
        files = (self.path, wal_of(self.path))
        return {
            "serving": int(is_served(self.path)),
            "schema": (await self.read("PRAGMA user_version"))[0][0],
            "size": sum(file.stat().st_size for file in files if file.exists()),
            "copies": tuple(copies_of(self.path)),
            "exposed": tuple(exposed_paths(self.path)),
        }

    # --- wiping deleted data ---

    async def tidy(self, now: float) -> None:
        await super().tidy(now)
        await self.in_thread(lambda: self.delete_copies(now))
        await self.in_thread(self.delete_orphans)
        self.wipe(also_large=True)

    def delete_copies(self, until: float = float("inf")) -> None:
        """Delete the copies that expire by `until` (Unix seconds); by default all."""
        for copy in copies_of(self.path):
            if copy.until <= until:
                delete_file(copy.path)

    def wipe(self, *, also_large: bool = False) -> None:
        """Schedule wiping deleted rows from the files; large files only with `also_large`."""
        self.also_large |= also_large
        self.leftovers.set()
        if self.wiping is None:
            self.wiping = asyncio.create_task(self.keep_wiping())

    async def keep_wiping(self) -> None:
        """Wipe after deletions until cancelled, for at most SHARE of the time."""
        while True:
            await self.leftovers.wait()
            self.leftovers.clear()
            taken, steps = 0.0, [self.truncate_wal, self.vacuum]
            try:
                while steps:
                    begun = time.monotonic()
                    if await self.with_writer(steps[-1]):
                        taken += time.monotonic() - begun
                        steps.pop()
                    else:
                        await asyncio.sleep(RETRY)
            except asyncio.CancelledError:
                self.leftovers.set()  # `close` wipes once more
                raise
            await asyncio.sleep(taken / SHARE)

    async def with_writer(self, act: Callable[[], T]) -> T:
        """Run `act` once, with the writer in its thread."""
        async with self.turnstile:
            return await asyncio.get_running_loop().run_in_executor(self.writing, act)

    def vacuum(self) -> bool:
        """VACUUM the file unless it is too large. Returns false while others use it.

        `secure_delete` overwrites a deleted row, but not the copies left behind when SQLite moves rows between pages.
        """
        large, self.also_large = self.also_large, False
        sizes = self.run_wipe("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")
        if any(size > (LARGE if large else SMALL) for (size,) in sizes or ()) or self.run_wipe("VACUUM") is not None:
            return True
        self.also_large = large
        return False

    def truncate_wal(self) -> bool:
        """Truncate the WAL. Returns false while others read from it."""
        rows = self.run_wipe("PRAGMA wal_checkpoint(TRUNCATE)")
        return rows is not None and not any(busy for busy, _, _ in rows)

    def run_wipe(self, statement: str) -> list[tuple[int, ...]] | None:
        """Return a statement's rows, or None while others lock the file; other errors are logged and give no rows."""
        try:
            return self.writer.execute(statement).fetchall()
        except sqlite3.Error as error:
            if isinstance(error, sqlite3.OperationalError) and error.sqlite_errorcode & 0xFF in LOCK_ERRORS:
                return None
            log.warning("%s: what was deleted may be left in the file: %s", self.path, error)
            return []

    async def close(self) -> None:
        """Store the waiting writes, wipe deleted rows, and release the file."""
        await self.group.close(PATIENCE)
        if self.wiping is not None:
            self.wiping.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self.wiping
            if self.leftovers.is_set():
                await self.with_writer(self.vacuum)
                await self.with_writer(self.truncate_wal)
        if self.guard is not None:
            with suppress(sqlite3.Error):
                await asyncio.get_running_loop().run_in_executor(self.writing, self.writer.execute, LEAVE_PARTS)
        self.writing.shutdown()
        self.reading.shutdown()
        for connection in (self.looker, self.reader, self.writer):
            connection.close()
        if self.guard is not None:
            self.guard.close()
            self.guard = None


def identity(file: Path) -> tuple[int, int]:
    """Return the identity of the file at a path: its device and inode. Raises OSError."""
    found = file.stat()
    return found.st_dev, found.st_ino


def wal_of(path: Path) -> Path:
    """Return the path of a database's write-ahead log."""
    return path.with_name(f"{path.name}-wal")


async def open_sqlite(path: Path, *, existing: bool = False) -> SqliteStore:
    """Open a file and create or migrate its schema; with `existing`, require the current schema. Raises StoreError."""
    if existing:
        require_current(str(path), schema_of(path), len(steps("sqlite")))
    try:
        private.make_folder(path.parent)
        private.make_file(path)  # SQLite gives its other files the same mode
        writer = connect(path)
        try:
            version_of(path, writer)  # refuses another program's file before any change
            settle(writer)
            migrate(path, writer)
            store = SqliteStore(path, writer, settle(connect(path)), connect(path, busy=0))
        except BaseException:
            writer.close()
            raise
    except (OSError, sqlite3.Error) as error:
        raise unusable_file(path, error) from error
    if not existing and (opened := exposed_paths(path)):
        log.warning("%s", private.warning(opened))
    return store
