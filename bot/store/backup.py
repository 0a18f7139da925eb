"""Backups of a live database, to restore it from."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from urllib.parse import unquote

from bot import private
from bot.store import file_of
from bot.store.records import StoreError
from bot.store.schema import no_schema

DUMP = "pg_dump"


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
    from bot.store.sqlite_file import connect, schema_of, unusable_file

    if not schema_of(path):
        raise StoreError(no_schema(str(path)))
    target.unlink(missing_ok=True)
    private.make_file(target)  # it contains merchants' messages
    try:
        with closing(connect(path)) as source, closing(sqlite3.connect(target)) as copy:
            source.backup(copy)
    except sqlite3.Error as error:
        raise unusable_file(path, error) from error


def copy_files(path: Path, target: Path) -> None:
    """Copy the folder of files beside a SQLite file. Raises OSError."""
    from bot.store.sqlite_file import files_folder

    if files_folder(path).is_dir():
        shutil.rmtree(files_folder(target), ignore_errors=True)
        shutil.copytree(files_folder(path), files_folder(target), ignore_dangling_symlinks=True)


def dump(url: str, target: Path) -> None:
    """Run pg_dump. Raises StoreError. The password goes into its environment, since other users can see arguments."""
    program = shutil.which(DUMP)
    if program is None:
        raise StoreError(
            f"backing up PostgreSQL needs {DUMP}, which is not installed. Install PostgreSQL's client programs, or run "
            f"on a machine that has them: {DUMP} --format=custom --file={target.with_suffix('').name} DATABASE_URL"
        )
    public, password = without_password(url)
    environment = {**os.environ, **({"PGPASSWORD": password} if password else {})}
    target.unlink(missing_ok=True)
    private.make_file(target)
    done = subprocess.run(
        [program, "--format=custom", "--no-password", f"--file={target}", f"--dbname={public}"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise StoreError(f"{DUMP}: {done.stderr.strip() or f'exit code {done.returncode}'}")


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
                f"{DUMP} accepts sslpassword only as an argument, which every user of this machine can read; use a key "
                "without a password, or make the backup by hand"
            )
        if key == "password":
            password = value
        elif parameter:
            kept.append(parameter)
    public = f"{scheme}://{name}{at if name else ''}{place}{slash}{path}"
    return public + ("?" + "&".join(kept) if kept else ""), unquote(password)
