"""The file of a SQLite store: opening, migrating, copies, and the lock of the serving process."""

from __future__ import annotations

import contextlib
import glob
import logging
import sqlite3
from contextlib import closing
from pathlib import Path

from bot import private
from bot.store.records import Copy, StoreError
from bot.store.schema import foreign_database, newer_schema, statements, steps

log = logging.getLogger(__name__)

APPLICATION_ID = 0x6D626F74  # "mbot", in the file's header
BUSY = 5.0  # seconds to wait for another program's lock
DAY = 24 * 3600.0
COPIES_KEPT = 30 * DAY  # seconds for which a copy made before a migration is kept
DAMAGED = (
    "{path}: this database is damaged: {error}. Stop the service and restore a backup; "
    "what can be read of the damaged file is saved by: sqlite3 FILE .recover"
)
OURS_BEFORE_NUMBERS = {"conversations", "results"}


def is_damaged(error: Exception) -> bool:
    """Return true if an error tells that the file's content is damaged, or that it is no database."""
    return (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def unusable_file(path: Path, error: Exception) -> StoreError:
    """Return the StoreError for a file that cannot be opened."""
    if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_NOTADB:
        return StoreError(
            f"{path}: this database cannot be used: {error}. Name another file in DATABASE_URL, or restore a backup if this was yours"
        )
    if is_damaged(error):
        return StoreError(DAMAGED.format(path=path, error=error))
    return StoreError(
        f"{path}: this database cannot be used: {error}. Name a file in DATABASE_URL, in a folder that can be written to"
    )


def schema_of(path: Path) -> int:
    """Return a file's schema version, 0 without a file. Raises StoreError."""
    if not path.exists():
        return 0
    try:
        with closing(connect(path)) as look:
            return version_of(path, look)
    except sqlite3.Error as error:
        raise unusable_file(path, error) from error


def is_served(path: Path) -> bool:
    """Return true if a process serves the file, that is, holds the lock of `guard`; only reads the lock file."""
    lock = path.with_name(f"{path.name}.serving")
    if not lock.exists():
        return False
    with closing(sqlite3.connect(lock, timeout=0)) as look:
        try:
            look.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except sqlite3.OperationalError:
            return True
    return False


def connect(path: Path, busy: float = BUSY) -> sqlite3.Connection:
    """Open a connection, for one thread at a time; it waits up to `busy` seconds for a locked file."""
    return sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=busy)


def settle(connection: sqlite3.Connection) -> sqlite3.Connection:
    """Set up a connection: readers and writer never wait for each other, commits are durable, deletions overwrite."""
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA secure_delete = ON")
    return connection


def migrate(path: Path, connection: sqlite3.Connection) -> None:
    """Migrate the schema to the newest version, after copying the file unless it is empty. Raises StoreError."""
    todo = steps("sqlite")
    version = version_of(path, connection)
    if version > len(todo):
        raise StoreError(newer_schema(str(path), version, len(todo)))
    if version == len(todo):
        return
    if is_served(path):
        raise StoreError(f"{path}: `merchant-bot serve` uses this file, of schema {version}. Stop it, then migrate")
    if tables_of(connection):
        back_up(path, connection, copy_path(path))
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
            connection.execute("VACUUM")  # earlier versions left deleted rows in the file
        except sqlite3.OperationalError as error:
            log.warning("%s: VACUUM failed, so the file still contains deleted rows: %s", path, error)


def version_of(path: Path, connection: sqlite3.Connection) -> int:
    """Return a file's schema version, 0 for a new file. Raises StoreError for another program's file."""
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    tables = tables_of(connection)
    if application != APPLICATION_ID and (application or version or tables - OURS_BEFORE_NUMBERS):
        raise StoreError(foreign_database(str(path), sorted(tables)))
    return int(version)


def tables_of(connection: sqlite3.Connection) -> set[str]:
    """Return the names of a database's tables, without SQLite's own."""
    rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    return {name for (name,) in rows}


def copy_path(path: Path) -> Path:
    """Return the path for the copy of a file from before its migration."""
    return path.with_name(f"{path.name}.before-schema-{len(steps('sqlite'))}")


def copies_of(path: Path) -> list[Copy]:
    """Return a file's copies from before migrations."""
    found = []
    for one in sorted(path.parent.glob(f"{glob.escape(path.name)}.before-schema-*")):
        with contextlib.suppress(FileNotFoundError):  # deleted meanwhile by the serving process
            made = one.stat().st_mtime
            found.append(Copy(one, made, made + COPIES_KEPT))
    return found


def files_folder(path: Path) -> Path:
    """Return the folder of the files between merchants and consultants, beside the database."""
    return path.with_name(f"{path.name}.files")


def delete_file(path: Path) -> None:
    """Delete a file; a failure is logged, since it must not block a merchant's erasure."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        log.error("%s: this file cannot be deleted, and holds what merchants have erased: %s", path, error)


def exposed_paths(path: Path) -> list[Path]:
    """Return the paths open to other users: the folder, the file, and the files beside it with the same prefix."""
    return private.open_to_others(
        [path.parent.absolute(), *sorted(path.parent.absolute().glob(f"{glob.escape(path.name)}*"))]
    )


def back_up(path: Path, connection: sqlite3.Connection, copy: Path) -> None:
    """Copy the database, even while in use, into a new file."""
    copy.unlink(missing_ok=True)
    private.make_file(copy)
    with closing(sqlite3.connect(copy)) as target:
        connection.backup(target)
    log.info("%s: copied to %s before the schema changes", path, copy)


def guard(path: Path) -> sqlite3.Connection:
    """Take a lock that ends with this process, however it ends. Raises StoreError if another process holds it."""
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
