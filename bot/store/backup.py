"""Backups of a live database, and what restores them."""

from __future__ import annotations

import asyncio
import glob
import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from urllib.parse import unquote

from bot import private
from bot.store import file_of, sqlite_file
from bot.store.records import StoreError
from bot.store.schema import newer_schema, no_schema, steps

DUMP, LOAD = "pg_dump", "pg_restore"


def back_up(url: str, target: Path) -> None:
    """Copy the database of a DATABASE_URL into a file, atomically, and the files beside a SQLite one. Raises StoreError, OSError."""
    part = target.with_name(f"{target.name}.part")
    try:
        if path := file_of(url):
            copy_file(path, part)
        else:
            dump(url, part)
        part.replace(target)
        if path:
            copy_files(path, target)
    finally:
        part.unlink(missing_ok=True)


def copy_file(path: Path, target: Path) -> None:
    """Copy a SQLite file, even while it is in use. Raises StoreError, OSError."""
    if not sqlite_file.schema_of(path):
        raise StoreError(no_schema(str(path)))
    target.unlink(missing_ok=True)
    private.make_file(target)  # it contains merchants' messages
    try:
        with closing(sqlite_file.connect(path)) as source, closing(sqlite3.connect(target)) as copy:
            source.backup(copy)
    except sqlite3.Error as error:
        raise sqlite_file.unusable_file(path, error) from error


def copy_files(path: Path, target: Path) -> None:
    """Copy the folder of files beside a SQLite file, which replaces the target's. Raises OSError."""
    source, copies = sqlite_file.files_folder(path), sqlite_file.files_folder(target)
    shutil.rmtree(copies, ignore_errors=True)
    if source.is_dir():
        private.make_folder(copies)
        for file in source.iterdir():
            private.make_file(copies / file.name)  # before its content is in it
            shutil.copyfile(file, copies / file.name)


def restore(url: str, source: Path) -> None:
    """Replace the database of a DATABASE_URL, which no process may serve, by a backup. Raises StoreError, OSError."""
    if path := file_of(url):
        restore_file(path, source)
    else:
        load(url, source)


def restore_file(path: Path, source: Path) -> None:
    """Replace a SQLite file and the files beside it. Where root does it, they belong to their folder's owner."""
    known = len(steps("sqlite"))
    if (found := sqlite_file.schema_of(source)) > known:
        raise StoreError(newer_schema(str(source), found, known))
    private.make_folder(path.parent)
    with closing(sqlite_file.guard(path)):
        part = path.with_name(f"{path.name}.part")
        copy_file(source, part)
        for end in ("-wal", "-shm"):  # they belong to what is replaced
            path.with_name(f"{path.name}{end}").unlink(missing_ok=True)
        part.replace(path)
        copy_files(source, path)
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        owner = path.parent.stat()
        for top in path.parent.glob(f"{glob.escape(path.name)}*"):
            for one in (top, *top.rglob("*")) if not top.is_symlink() else ():
                os.lchown(one, owner.st_uid, owner.st_gid)  # a link of that user's may lead anywhere


def load(url: str, source: Path) -> None:
    """Run pg_restore on an emptied database: an older backup leaves out tables that a newer version has made. Raises StoreError."""
    from bot.store import postgres  # deferred: loads the driver

    run_program(LOAD, url, "--list", str(source), connects=False)  # refuses what is no backup
    asyncio.run(postgres.empty(url))
    run_program(LOAD, url, "--no-owner", "--no-privileges", "--single-transaction", str(source))
    found, known = asyncio.run(postgres.schema_of(url)), len(steps("postgres"))
    if found > known:
        raise StoreError(newer_schema("DATABASE_URL", found, known))


def dump(url: str, target: Path) -> None:
    """Run pg_dump. Raises StoreError."""
    target.unlink(missing_ok=True)
    private.make_file(target)
    run_program(DUMP, url, f"--file={target}")


def run_program(name: str, url: str, *arguments: str, connects: bool = True) -> None:
    """Run a client program of PostgreSQL. Raises StoreError.

    The password goes into its environment, since other users can see arguments.
    """
    program = shutil.which(name)
    if program is None:
        raise StoreError(
            f"PostgreSQL needs {name} here, which is not installed. Install PostgreSQL's client programs, or run on a "
            f"machine that has them: {name} --format=custom …"
        )
    public, password = without_password(url)
    environment = {**os.environ, **({"PGPASSWORD": password} if password else {})}
    to = ["--no-password", f"--dbname={public}"] if connects else []
    done = subprocess.run(
        [program, "--format=custom", *arguments, *to], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise StoreError(f"{name}: {done.stderr.strip() or f'exit code {done.returncode}'}")


def without_password(url: str) -> tuple[str, str]:
    """Split a PostgreSQL address into the address without its password, and the password; a parameter takes precedence.

    Raises StoreError for an `sslpassword`.
    """
    address, _, query = url.partition("?")
    scheme, _, rest = address.partition("://")
    authority, slash, path = rest.partition("/")
    user, at, place = authority.rpartition("@")
    name, _, password = user.partition(":")
    kept = []
    for parameter in query.split("&"):
        key, _, value = parameter.partition("=")
        if key == "sslpassword":
            raise StoreError(
                "PostgreSQL's programs accept sslpassword only as an argument, which every user of this machine can read; "
                "use a key without a password, or run them by hand"
            )
        if key == "password":
            password = value
        elif parameter:
            kept.append(parameter)
    public = f"{scheme}://{name}{at if name else ''}{place}{slash}{path}"
    return public + ("?" + "&".join(kept) if kept else ""), unquote(password)
