"""The store in one SQLite file: group commits, one serving process.

What every message needs is read and written by the loop itself: a row by its key takes microseconds, while a thread has
to be woken, and gets Python's lock anew for each statement. Readers of a WAL file wait for nobody. What waits for the
disk or for another program, which is above all the commit, does so in a thread.
"""

from __future__ import annotations

import asyncio
import contextlib
import glob
import logging
import os
import sqlite3
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from bot import private
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
    Copy,
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

APPLICATION_ID = 0x6D626F74  # "mbot", in the file's header
BUSY = 5.0  # seconds that another program may hold the file
PATIENCE = 10.0  # seconds for the last writes when the store is closed
ALL_PARTS = frozenset(range(PARTS))
DAY = 24 * 3600.0
COPIES_KEPT = 30 * DAY  # seconds for which a copy made before a migration is kept
# Bytes up to which a file is written anew when a merchant was erased, and with the housekeeping. Writers wait meanwhile: about
# a tenth of a second, and one or two.
SMALL, LARGE = 16 << 20, 256 << 20
HELD = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
SHARE, RETRY = 0.1, 0.5  # of the time that may go into that; seconds until it is tried again while others read
GIVEN_UP, FAILED_ONCE = "state IN ('dead', 'gone')", "state = 'dead'"
OURS_BEFORE_NUMBERS = {"conversations", "results"}

BEGIN = "BEGIN IMMEDIATE"
ARRIVED = (
    "INSERT INTO inbox (key, channel, chat, part, payload, arrived) VALUES (?, ?, ?, ?, ?, ?) "
    "ON CONFLICT (key) DO NOTHING"
)
DONE = "UPDATE inbox SET state = 'done', payload = '', finished = ? WHERE id = ? AND state = 'new'"
FAILED = "UPDATE inbox SET state = 'dead', error = ?, finished = ? WHERE id = ? AND state = 'new'"
CONVERSATION = (
    "INSERT INTO conversations (address, state, touched) VALUES (?, ?, ?) "
    "ON CONFLICT (address) DO UPDATE SET state = excluded.state, touched = excluded.touched"
)
RESULT = "INSERT INTO results VALUES (?, ?, ?, ?) ON CONFLICT (code) DO NOTHING"
KEEP = "INSERT INTO kept (name, value) VALUES (?, ?) ON CONFLICT (name) DO NOTHING"
REMEMBER = (
    "INSERT INTO kept (name, value, address, touched) VALUES (?, ?, ?, ?) ON CONFLICT (name) DO UPDATE "
    "SET value = excluded.value, address = excluded.address, touched = excluded.touched"
)
GROUP = (
    "INSERT INTO groups (channel, chat, settings, ended) VALUES (?, ?, ?, ?) "
    "ON CONFLICT (channel, chat) DO UPDATE SET settings = excluded.settings, ended = excluded.ended"
)
MOVED = (
    "INSERT INTO groups (channel, chat, settings) SELECT channel, ?, settings FROM groups WHERE channel = ? AND chat = ? "
    "ON CONFLICT (channel, chat) DO UPDATE SET settings = excluded.settings, ended = NULL"
)
LEFT_BEHIND = "DELETE FROM groups WHERE channel = ? AND chat = ?"
OUTGOING = (
    "INSERT INTO outbox (channel, chat, part, payload, priority, cause, made, ticket, passing, not_before, attempts) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)"
)
RECEIVER = "INSERT INTO receivers VALUES (?, ?, ?, 0) ON CONFLICT (broadcast, channel, chat) DO NOTHING"
CALLED = "UPDATE receivers SET call = ? WHERE broadcast = ? AND channel = ? AND chat = ?"
EVENT = "INSERT INTO events (time, kind, address, data) VALUES (?, ?, ?, ?)"
DELIVERY = (
    "UPDATE outbox SET state = ?, attempts = attempts + 1, not_before = ?, platform_id = ?, error = ?, finished = ? "
    "WHERE id = ? AND state = 'waiting'"
)
GONE = "UPDATE outbox SET state = 'gone', error = ?, finished = ? WHERE channel = ? AND chat = ? AND state = 'waiting'"
# Of each chat the first update is what may have been handled when the process was killed.
INTERRUPTION = (
    "UPDATE inbox SET attempts = 1 WHERE attempts = 0 "
    "AND id IN (SELECT min(id) FROM inbox WHERE state = 'new' GROUP BY channel, chat)"
)
GIVEN_BACK = "DELETE FROM working"
WORKING = "INSERT INTO working VALUES (0, ?) ON CONFLICT (part) DO UPDATE SET process = excluded.process"
INBOX = (
    "SELECT id, channel, chat, payload, attempts FROM inbox "
    "WHERE state = 'new' AND id NOT IN (SELECT value FROM json_each(?)) ORDER BY id LIMIT ?"
)
OUTBOX = (
    "SELECT id, channel, chat, payload, attempts, not_before, made, priority, ticket, passing FROM outbox WHERE state = 'waiting' "
    "AND +channel IN (SELECT value FROM json_each(?)) AND id NOT IN (SELECT value FROM json_each(?)) "
    "AND NOT (attempts = 0 AND not_before > ? AND made <= ?) ORDER BY priority, id LIMIT ?"
)
NEXT = (
    "SELECT id, payload, made FROM outbox WHERE channel = ? AND chat = ? AND id > ? AND state != 'dropped' "
    "ORDER BY id LIMIT ?"
)
LAST = (
    "SELECT id, payload, made FROM outbox WHERE channel = ? AND chat = ? AND state != 'dropped' "
    "ORDER BY id DESC LIMIT ?"
)
NEWEST = "SELECT chat, max(id) FROM outbox WHERE channel = ? AND chat IN (SELECT value FROM json_each(?)) GROUP BY chat"
ANSWERS = (
    "SELECT json_extract(data, '$.verdict'), count(*), sum(time >= ?) FROM events "
    "WHERE time >= ? AND kind = 'turn' GROUP BY 1"
)
LETTERS = (
    "SELECT id, channel, chat, payload, state, attempts, made, coalesce(error, '') FROM outbox "
    "WHERE state IN ('dead', 'gone') ORDER BY id"
)


TALK, TICKET, TICKET_AT = (placed(one, "?") for one in (tickets.TALK, tickets.TICKET, tickets.TICKET_AT))
TICKETS_LEFT, BEGIN_ANEW = placed(tickets.TICKETS_LEFT, "?"), placed(tickets.BEGIN_ANEW, "?")
OPEN, CLOSE, BELONGS = (placed(one, "?") for one in (tickets.OPEN, tickets.CLOSE, tickets.BELONGS))
FIRST, HEARD = placed(tickets.FIRST, "?"), placed(tickets.HEARD, "?")


class SqliteStore:
    """Keeps everything in one file, made when it is first needed. `await open_sqlite(path)` makes one."""

    def __init__(
        self, path: Path, writer: sqlite3.Connection, reader: sqlite3.Connection, looker: sqlite3.Connection
    ) -> None:
        self.path, self.writer, self.reader, self.looker = path, writer, reader, looker
        self.writing = ThreadPoolExecutor(1, "store-writer")
        self.turnstile = asyncio.Lock()  # who uses the writer
        writer.execute("PRAGMA busy_timeout = 0")  # the loop waits for nobody
        self.reading = ThreadPoolExecutor(1, "store-reader")
        self.attempts = Attempts()
        self.group = GroupCommit(self.commit, self.attempts)
        self.arrived, self.posted = asyncio.Event(), asyncio.Event()
        self.guard: sqlite3.Connection | None = None
        self.leftovers = asyncio.Event()  # the files may hold something of rows that were deleted
        self.also_large = False
        self.wiping: asyncio.Task[None] | None = None

    @property
    def parts(self) -> frozenset[int]:
        return ALL_PARTS if self.guard else frozenset()

    async def claim(self, busy: Callable[[], Collection[int]]) -> frozenset[int]:
        """Take the file for this process: there is one that serves. Raises StoreError while another does."""
        if self.guard is None:
            self.guard = guard(self.path)
            await self.in_thread(self.take_over)
            self.wipe()  # the process before this one may have been killed
        return self.parts

    def take_over(self) -> None:
        """Note that a process works here, and count what the one before it was killed in."""
        with self.transacting():
            if self.writer.execute("SELECT 1 FROM working").fetchone():
                self.writer.execute(INTERRUPTION)
            self.writer.execute(WORKING, (str(os.getpid()),))

    async def lease(self, name: str) -> bool:
        return self.guard is not None

    # --- writing ---

    async def accept(self, arrivals: Sequence[Arrival]) -> None:
        await self.group.write(tuple(arrivals))
        self.arrived.set()

    async def attempted(self, entry: Received, times: int) -> None:
        def keep() -> None:
            with self.transacting():
                self.writer.execute(marked(ATTEMPTED), (entry.id, times))

        await self.in_thread(keep)

    async def finish(self, turn: Handled) -> bool:
        stored = await self.group.write(turn)
        if turn.outgoing:
            self.posted.set()
        return stored

    async def mark(self, delivery: Delivery) -> None:
        await self.group.write(delivery)

    async def commit(self, writes: Sequence[Write]) -> list[bool]:
        """Store all the writes or none. Raises Unavailable."""
        loop, run = asyncio.get_running_loop(), self.writer.execute
        async with self.turnstile:
            with self.undone_where_it_fails():
                if not self.begun_at_once():
                    await loop.run_in_executor(self.writing, self.patiently, lambda: run(BEGIN))
                if any(isinstance(write, Handled) and write.erase for write in writes):
                    stored = await loop.run_in_executor(self.writing, self.store_all, writes)
                else:
                    stored = self.store_all(writes)
                await loop.run_in_executor(self.writing, run, "COMMIT")
        if any(map(deletes, writes)):
            self.wipe()
        return stored

    def store_all(self, writes: Sequence[Write]) -> list[bool]:
        """Store the writes inside a transaction: microseconds each, but for what erases a merchant everywhere."""
        now = time.time()
        return [self.store(write, now) for write in writes]

    def begun_at_once(self) -> bool:
        """Whether a transaction has begun; not while another program writes."""
        try:
            self.writer.execute(BEGIN)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise
        return self.writer.in_transaction

    def patiently(self, act: Callable[[], T]) -> T:
        """Do something with the writer that waits while another program has the file, in the writer's thread."""
        self.writer.execute(f"PRAGMA busy_timeout = {BUSY * 1000:.0f}")
        try:
            return act()
        finally:
            self.writer.execute("PRAGMA busy_timeout = 0")

    async def in_thread(self, act: Callable[[], T]) -> T:
        """Do something with the writer that may take long, as often as it is needed. Raises what it raises."""

        async def done() -> T:
            async with self.turnstile:
                return await asyncio.get_running_loop().run_in_executor(self.writing, self.patiently, act)

        return await self.attempts.until_available(done)

    @contextmanager
    def transacting(self) -> Iterator[None]:
        """All that is written inside is stored, or nothing. In the writer's thread; raises Unavailable."""
        with self.undone_where_it_fails():
            self.writer.execute(BEGIN)
            yield
            self.writer.execute("COMMIT")

    @contextmanager
    def undone_where_it_fails(self) -> Iterator[None]:
        """Raises Unavailable. What is cancelled is not undone: its commit may be under way, and the store is closing."""
        try:
            yield
        except Exception as error:
            if self.writer.in_transaction:
                self.writer.execute("ROLLBACK")
            if isinstance(error, sqlite3.OperationalError):
                raise Unavailable(f"{self.path}: {error}") from error
            raise

    def store(self, write: Write, now: float) -> bool:
        if isinstance(write, Handled):
            return self.store_turn(write, now)
        run = self.writer.execute
        if isinstance(write, Delivery):
            entry = write.entry
            if (chat := write.moved_to) is not None:
                run(marked(CARRIED), (chat, part_of(entry.channel, chat), entry.channel, entry.chat))
                return True
            finished = None if write.state == "waiting" else now
            run(DELIVERY, (write.state, write.not_before, write.platform_id, write.error, finished, entry.id))
            if write.passed:
                run("DELETE FROM outbox WHERE id = ?", (entry.id,))
            if write.platform_id is not None and entry.ticket is not None:
                run(BELONGS, (entry.ticket, entry.channel, entry.chat, write.platform_id, now))
                run(FIRST, (entry.ticket, write.platform_id, f"{entry.channel}:{entry.chat}:"))
            if write.state == "gone":
                run(GONE, (write.error, now, entry.channel, entry.chat))
                run(marked(UNSUBSCRIBE_ALL), (entry.channel, entry.chat))
            return True
        rows = [(one.key, one.channel, one.chat, part_of(one.channel, one.chat), one.payload, now) for one in write]
        self.writer.executemany(ARRIVED, rows)
        return True

    def store_turn(self, turn: Handled, now: float) -> bool:
        run = self.writer.execute
        if turn.entry is not None:
            id = turn.entry.id
            done = run(DONE, (now, id)) if turn.error is None else run(FAILED, (turn.error, now, id))
            if done.rowcount == 0:
                return False
        address = str(turn.address)
        if turn.erase:
            for statement in ERASURE:
                run(*filled(statement, turn.address, "?"))
            for copy in copies_of(self.path):
                delete(copy)
        if turn.conversation is not None:
            run(CONVERSATION, (address, to_json(turn.conversation), now))
        if turn.result is not None:
            run(RESULT, (turn.result.code, turn.result.address, turn.result.until, to_json(turn.result)))
        channel, chat = turn.address.channel, turn.address.chat
        if wish := turn.subscribing:
            lang = (turn.conversation.lang if turn.conversation else None) or "en"
            if wish.on:
                run(marked(SUBSCRIBE), (channel, chat, wish.subject, address, lang, now))
            elif wish.subject:
                run(marked(UNSUBSCRIBE), (channel, chat, wish.subject))
            else:
                run(marked(UNSUBSCRIBE_ALL), (channel, chat))
        if turn.group is not None:
            run(GROUP, (channel, chat, to_json(turn.group), None if turn.group.here else now))
        if turn.moved_to is not None:
            run(MOVED, (turn.moved_to, channel, chat))
            run(LEFT_BEHIND, (channel, chat))
            run(marked(AS_USUAL), (channel, turn.moved_to, to_json(Group())))
            run(BEGIN_ANEW, (channel, chat, turn.moved_to))
        for note in turn.notes:
            run(REMEMBER, (*note, None, None))
        if turn.closes is not None:
            run(CLOSE, (turn.closes, now))
        if turn.opens is not None:
            run(OPEN, (turn.opens.id, address, turn.opens.lang, now))
        for ticket in turn.heard:
            run(HEARD, (ticket, now))
        if turn.belongs is not None:
            one = turn.belongs
            run(BELONGS, (one.ticket, one.channel, one.chat, one.message, now))
        for out in turn.outgoing:
            cause = turn.entry.id if turn.entry else None
            part = part_of(out.channel, out.chat)
            until = now + out.kept if out.kept else 0
            row = (out.channel, out.chat, part, out.payload, out.priority, cause, now, out.ticket, out.passing, until)
            run(OUTGOING, row)
        for event in turn.events:
            run(EVENT, (now, event.kind, address, to_text(event.data)))
        return True

    # --- reading ---

    async def read(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        def rows() -> list[tuple[Any, ...]]:
            try:
                return self.reader.execute(sql, values).fetchall()
            except sqlite3.OperationalError as error:
                raise Unavailable(f"{self.path}: {error}") from error

        loop = asyncio.get_running_loop()
        return await self.attempts.until_available(lambda: loop.run_in_executor(self.reading, rows))

    async def look(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Read a few rows by an index, at once; while the file is held by another program, in the reader's thread."""
        try:
            return self.looker.execute(sql, values).fetchall()
        except sqlite3.OperationalError:
            return await self.read(sql, *values)

    async def inbox(self, known: Collection[int], limit: int) -> list[Received]:
        return [Received(*row) for row in await self.look(INBOX, to_text(list(known)), limit)]

    async def outbox(self, channels: Collection[str], known: Collection[int], limit: int) -> list[Waiting]:
        now = time.time()
        rows = await self.look(OUTBOX, to_text(list(channels)), to_text(list(known)), now, now, limit)
        return [Waiting(*row) for row in rows]

    async def waiting(self, channel: str, chat: str) -> int:
        return int((await self.look(marked(WAITING), channel, chat))[0][0])

    async def conversation(self, address: Address) -> Conversation:
        return talk_of((await self.look(TALK, str(address)))[0])

    async def ticket(self, id: int) -> Ticket | None:
        rows = await self.look(TICKET, id)
        return ticket_of(rows[0]) if rows else None

    async def tickets_left(self, channel: str, old: str, new: str) -> list[Ticket]:
        return [ticket_of(row) for row in await self.read(TICKETS_LEFT, channel, old, new)]

    async def ticket_at(self, channel: str, chat: str, message: str) -> Ticket | None:
        rows = await self.look(TICKET_AT, channel, chat, message)
        return ticket_of(rows[0]) if rows else None

    async def result(self, code: str) -> Result | None:
        rows = await self.look("SELECT result FROM results WHERE code = ?", code)
        return result_from_json(rows[0][0]) if rows else None

    async def belongings(self, address: Address) -> Belongings:
        talk = await self.read("SELECT state FROM conversations WHERE address = ?", str(address))
        results, events, told, opened, subscribed = [
            await self.read(sql, *chosen)
            for sql, chosen in (filled(one, address, "?") for one in (OWN, OCCURRED, TOLD, TICKETS, SUBSCRIBED))
        ]
        return Belongings(
            from_json(talk[0][0]) if talk else None,
            tuple(result_from_json(text) for (text,) in results),
            tuple(Occurred(time, kind, from_text(data)) for time, kind, data in events),
            tuple(Posted(*row) for row in told),
            tuple(map(ticket_of, opened)),
            subscriptions=tuple(subject for (subject,) in subscribed),
        )

    async def group_of(self, channel: str, chat: str) -> Group | None:
        rows = await self.look("SELECT settings FROM groups WHERE channel = ? AND chat = ?", channel, chat)
        return group_from_json(rows[0][0]) if rows else None

    async def history(self, channel: str, chat: str, after: int | None, limit: int) -> list[Posted]:
        if after is None:
            return [Posted(*row) for row in reversed(await self.read(LAST, channel, chat, limit))]
        return [Posted(*row) for row in await self.read(NEXT, channel, chat, after, limit)]

    async def newest(self, channel: str, chats: Collection[str]) -> dict[str, int]:
        return dict(await self.read(NEWEST, channel, to_text(list(chats))))

    async def subscribers(self, subject: str | None) -> list[Subscriber]:
        if subject is None:
            return subscribers(await self.read(SUBSCRIBERS))
        return subscribers(await self.read(marked(SUBSCRIBERS_TO), subject))

    async def broadcast(self, name: str, outgoing: Sequence[Outgoing]) -> int:
        def put() -> int:
            run, new = self.writer.execute, 0
            with self.transacting():
                for out in outgoing:
                    if run(RECEIVER, (name, out.channel, out.chat)).rowcount:
                        part = part_of(out.channel, out.chat)
                        row = (out.channel, out.chat, part, out.payload, out.priority, None, time.time(), None, None, 0)
                        run(CALLED, (run(OUTGOING, row).lastrowid, name, out.channel, out.chat))
                        new += 1
            return new

        new = await self.in_thread(put)
        self.posted.set()
        return new

    async def broadcast_sent(self, name: str) -> Sent:
        return sent(dict(await self.read(marked(PROGRESS), name)))

    async def kept(self, name: str, value: str) -> str:
        def keep() -> str:
            try:
                self.writer.execute(KEEP, (name, value))
                return str(self.writer.execute("SELECT value FROM kept WHERE name = ?", (name,)).fetchone()[0])
            except sqlite3.OperationalError as error:
                raise Unavailable(f"{self.path}: {error}") from error

        return await self.in_thread(keep)

    async def recall(self, name: str) -> str | None:
        rows = await self.read("SELECT value FROM kept WHERE name = ?", name)
        return str(rows[0][0]) if rows else None

    async def remember(self, name: str, value: str, whose: Address | None = None) -> None:
        def keep() -> None:
            try:
                self.writer.execute(
                    REMEMBER, (name, value, str(whose), time.time()) if whose else (name, value, None, None)
                )
            except sqlite3.OperationalError as error:
                raise Unavailable(f"{self.path}: {error}") from error

        await self.in_thread(keep)

    async def prune(self, table: Table, before: float, after: Key | None) -> Key | None:
        def step() -> Key | None:
            first = TABLES[table].first if after is None else after
            last: Key | None
            try:
                with self.transacting():
                    last, oldest = self.writer.execute(stretch(table, "?"), (first, STRETCH)).fetchone()
                    if last is None or young_from_here(oldest, before, time.time()):
                        return None
                    self.writer.execute(pruning(table, "?"), (first, last, bound(table, before)))
                    if forget := forgetting(table, "?"):
                        self.writer.execute(forget, (first, last))
            except sqlite3.Error as error:
                raise StoreError(f"{self.path}: {error}") from error
            return last

        return await self.in_thread(step)

    async def tidy(self, now: float) -> None:
        def passed() -> None:
            try:
                with self.transacting():
                    self.writer.execute(PASSED.format(mark="?"), (now,))
            except sqlite3.Error as error:
                raise StoreError(f"{self.path}: {error}") from error
            for copy in copies_of(self.path):
                if copy.until <= now:
                    delete(copy)

        await self.in_thread(passed)
        self.wipe(also_large=True)

    # --- what files still hold of what was deleted ---

    def wipe(self, *, also_large: bool = False) -> None:
        """See to it, soon, that the files hold nothing more of what was deleted."""
        self.also_large |= also_large
        self.leftovers.set()
        if self.wiping is None:
            self.wiping = asyncio.create_task(self.keep_wiping())

    async def keep_wiping(self) -> None:
        """Wipe whenever something was deleted, as often as its share of the time allows, until cancelled."""
        while True:
            await self.leftovers.wait()
            self.leftovers.clear()
            taken, steps = 0.0, [self.emptied, self.written_anew]
            try:
                while steps:
                    begun = time.monotonic()
                    if await self.with_writer(steps[-1]):
                        taken += time.monotonic() - begun
                        steps.pop()
                    else:
                        await asyncio.sleep(RETRY)
            except asyncio.CancelledError:
                self.leftovers.set()  # it is left to the end
                raise
            await asyncio.sleep(taken / SHARE)

    async def with_writer(self, act: Callable[[], T]) -> T:
        """Do something with the writer in its thread, once."""
        async with self.turnstile:
            return await asyncio.get_running_loop().run_in_executor(self.writing, act)

    def written_anew(self) -> bool:
        """Write the file anew, if that is quickly done. False while others have it.

        `secure_delete` overwrites a row where it stands, but not the copies that SQLite leaves between the rows of a page when it
        moves some of them to another.
        """
        large, self.also_large = self.also_large, False
        sizes = self.wiped("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")
        if any(size > (LARGE if large else SMALL) for (size,) in sizes or ()) or self.wiped("VACUUM") is not None:
            return True
        self.also_large = large
        return False

    def emptied(self) -> bool:
        """Empty the WAL. False while others read what is in it."""
        rows = self.wiped("PRAGMA wal_checkpoint(TRUNCATE)")
        return rows is not None and not any(busy for busy, _, _ in rows)

    def wiped(self, statement: str) -> list[tuple[int, ...]] | None:
        """The rows of a statement; None while others have the file. What fails otherwise is left for the next time."""
        try:
            return self.writer.execute(statement).fetchall()
        except sqlite3.Error as error:
            if isinstance(error, sqlite3.OperationalError) and error.sqlite_errorcode & 0xFF in HELD:
                return None
            log.warning("%s: what was deleted may be left in the file: %s", self.path, error)
            return []

    # --- what is kept for responses ---

    async def take(self, arrival: Arrival, most: int, lease: float) -> list[Waiting] | None:
        asked = await self.look(marked(ASKED), arrival.key)
        if not asked or asked[0][1] == "new":
            return None
        rows = await self.writes(TAKE, arrival.channel, arrival.chat, asked[0][0], most, time.time() + lease)
        return sorted((Waiting(*row) for row in rows), key=lambda one: one.id)

    async def release(self, arrival: Arrival) -> None:
        for id, _ in await self.look(marked(ASKED), arrival.key):
            await self.writes(RELEASE, arrival.channel, arrival.chat, id)
            self.posted.set()

    async def begin(self, entry: Waiting) -> bool:
        return bool(await self.writes(SENT_HERE, entry.id, time.time()))

    async def writes(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """What a statement that writes returns, once it is stored."""

        def run() -> list[tuple[Any, ...]]:
            with self.transacting():
                return self.writer.execute(marked(statement), values).fetchall()

        return await self.in_thread(run)

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
        sql = f"UPDATE {table} SET {change} WHERE {which}"
        chosen = "" if ids is None else " AND id IN (SELECT value FROM json_each(?))"
        values = () if ids is None else (to_text(list(ids)),)

        def run() -> int:
            try:
                return self.writer.execute(sql + chosen, values).rowcount
            except sqlite3.Error as error:
                raise StoreError(f"{self.path}: {error}") from error

        return await self.in_thread(run)

    # --- what an operator looks at ---

    async def queues(self) -> Queues:
        return Queues(*(await self.read(QUEUES))[0])

    async def status(self) -> Status:
        now = time.time()
        ((schema,),) = await self.read("PRAGMA user_version")
        answers = await self.read(ANSWERS, now - DAY, now - 7 * DAY)
        return Status(
            int(is_served(self.path)),
            schema,
            sum(
                file.stat().st_size
                for file in (self.path, self.path.with_name(f"{self.path.name}-wal"))
                if file.exists()
            ),
            await self.queues(),
            dict(zip(TABLES, (await self.read(COUNTS))[0], strict=True)),
            {verdict: today for verdict, _, today in answers if today},
            {verdict: count for verdict, count, _ in answers},
            interrupted=(await self.read(marked(SET_ASIDE), INTERRUPTED))[0][0],
            copies=tuple(copies_of(self.path)),
            exposed=tuple(exposed(self.path)),
        )

    async def rows(self, table: Table, after: Key | None) -> list[tuple[Any, ...]]:
        first = TABLES[table].first if after is None else after
        return await self.read(reading(table, "?"), first, STRETCH)

    async def close(self) -> None:
        """Store what waits, then let the file go."""
        await self.group.close(PATIENCE)
        if self.wiping is not None:
            self.wiping.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self.wiping
            if self.leftovers.is_set():
                await self.with_writer(self.written_anew)
                await self.with_writer(self.emptied)
        if self.guard is not None:
            with suppress(sqlite3.Error):
                await asyncio.get_running_loop().run_in_executor(self.writing, self.writer.execute, GIVEN_BACK)
        self.writing.shutdown()
        self.reading.shutdown()
        for connection in (self.looker, self.reader, self.writer):
            connection.close()
        if self.guard is not None:
            self.guard.close()
            self.guard = None


def deletes(write: Write) -> bool:
    """Whether nothing is to stay of what this deletes."""
    return write.erase if isinstance(write, Handled) else isinstance(write, Delivery) and write.passed


async def open_sqlite(path: Path, *, existing: bool = False) -> SqliteStore:
    """The store in a file, its schema brought up to date unless it has to exist as it is. Raises StoreError."""
    if existing:
        found, newest = schema_of(path), len(steps("sqlite"))
        if not found:
            raise StoreError(none_yet(str(path)))
        if found < newest:
            raise StoreError(older(str(path), found, newest))
    try:
        private.make_folder(path.parent)
        private.make_file(path)  # whatever SQLite makes beside it gets its mode
        writer = connect(path)
        try:
            version_of(path, writer)  # before anything is changed in what may be another program's file
            settle(writer)
            migrate(path, writer)
            store = SqliteStore(path, writer, settle(connect(path)), connect(path, busy=0))
        except BaseException:
            writer.close()
            raise
    except (OSError, sqlite3.Error) as error:
        raise unusable(path, error) from error
    if not existing and (opened := exposed(path)):
        log.warning("%s", private.warning(opened))
    return store


def unusable(path: Path, error: Exception) -> StoreError:
    return StoreError(
        f"{path}: this database cannot be used: {error}. Name a file in DATABASE_URL, in a folder that can be written to"
    )


def schema_of(path: Path) -> int:
    """The version of a file's schema, 0 where there is no file. Raises StoreError."""
    if not path.exists():
        return 0
    try:
        with closing(connect(path)) as look:
            return version_of(path, look)
    except sqlite3.Error as error:
        raise unusable(path, error) from error


def is_served(path: Path) -> bool:
    """Whether a process serves a file: it holds the lock of `guard`, which is asked for nothing but a look."""
    lock = path.with_name(f"{path.name}.serving")
    if not lock.exists():
        return False
    with closing(sqlite3.connect(lock, timeout=0)) as look:
        try:
            look.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except sqlite3.OperationalError:
            return True
    return False


def marked(statement: str) -> str:
    """A statement of both databases with this one's placeholders."""
    return statement.replace("@", "?")


def connect(path: Path, busy: float = BUSY) -> sqlite3.Connection:
    """A connection that one thread at a time uses; it waits `busy` seconds for a file that is held."""
    return sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=busy)


def settle(connection: sqlite3.Connection) -> sqlite3.Connection:
    """Readers and the writer do not wait for each other, and what is committed is on the disk."""
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA secure_delete = ON")
    return connection


def migrate(path: Path, connection: sqlite3.Connection) -> None:
    """Bring the schema to the newest version, after a copy of the file if it held anything. Raises StoreError."""
    todo = steps("sqlite")
    version = version_of(path, connection)
    if version > len(todo):
        raise StoreError(newer(str(path), version, len(todo)))
    if version == len(todo):
        return
    if is_served(path):
        raise StoreError(f"{path}: `merchant-bot serve` uses this file, of schema {version}. Stop it, then migrate")
    if tables_of(connection):
        back_up(path, connection, before(path))
    connection.execute("BEGIN IMMEDIATE")
    try:
        for step in todo[version_of(path, connection) :]:
            for statement in statements(step):
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {len(todo)}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    log.info("%s: schema %d is now %d", path, version, len(todo))
    if version:
        try:
            connection.execute("VACUUM")  # earlier versions left in the file what they deleted
        except sqlite3.OperationalError as error:
            log.warning("%s: it cannot be written anew, and still holds what was deleted: %s", path, error)


def version_of(path: Path, connection: sqlite3.Connection) -> int:
    """The version of a file's schema, 0 for a new file. Raises StoreError for another program's file."""
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    tables = tables_of(connection)
    if application != APPLICATION_ID and (application or version or tables - OURS_BEFORE_NUMBERS):
        raise StoreError(foreign(str(path), sorted(tables)))
    return int(version)


def tables_of(connection: sqlite3.Connection) -> set[str]:
    rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    return {name for (name,) in rows}


def before(path: Path) -> Path:
    """Where a file is copied before its schema changes."""
    return path.with_name(f"{path.name}.before-schema-{len(steps('sqlite'))}")


def copies_of(path: Path) -> list[Copy]:
    """The copies of a file that were made before its schema changed."""
    found = []
    for one in sorted(path.parent.glob(f"{glob.escape(path.name)}.before-schema-*")):
        with contextlib.suppress(FileNotFoundError):  # deleted by the process that serves
            made = one.stat().st_mtime
            found.append(Copy(one, made, made + COPIES_KEPT))
    return found


def delete(copy: Copy) -> None:
    """Delete a copy; one that cannot be deleted must not keep a merchant from being erased."""
    try:
        copy.path.unlink(missing_ok=True)
    except OSError as error:
        log.error("%s: this copy cannot be deleted, and holds what merchants have erased: %s", copy.path, error)


def exposed(path: Path) -> list[Path]:
    """What is open to others of a file's folder, the file itself and all that lies beside it with its name."""
    return private.open_to_others(
        [path.parent.absolute(), *sorted(path.parent.absolute().glob(f"{glob.escape(path.name)}*"))]
    )


def back_up(path: Path, connection: sqlite3.Connection, copy: Path) -> None:
    """Copy the database, which may be in use, into a new file."""
    copy.unlink(missing_ok=True)
    private.make_file(copy)
    with closing(sqlite3.connect(copy)) as target:
        connection.backup(target)
    log.info("%s: copied to %s before the schema changes", path, copy)


def guard(path: Path) -> sqlite3.Connection:
    """Hold a lock that ends with this process, however it ends. Raises StoreError if another process holds it."""
    lock = path.with_name(f"{path.name}.serving")
    private.make_file(lock)
    held = sqlite3.connect(lock, isolation_level=None, check_same_thread=False)
    try:
        held.execute("PRAGMA locking_mode = EXCLUSIVE")
        held.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        held.close()
        raise StoreError(
            f"{path}: another `merchant-bot serve` uses this file. Stop it first; "
            "for several processes set DATABASE_URL=postgresql://…"
        ) from error
    return held
