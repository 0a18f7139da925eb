"""A copy of a live database, which can be put in its place."""

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
from bot.store.schema import none_yet

DUMP = "pg_dump"


def back_up(url: str, target: Path) -> None:
    """Copy the database of a DATABASE_URL into a file, which is there whole or not at all. Raises StoreError, OSError."""
    part = target.with_name(f"{target.name}.part")
    try:
        if path := file_of(url):
            copy_file(path, part)
        else:
            dump(url, part)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def copy_file(path: Path, target: Path) -> None:
    from bot.store.sqlite_file import connect, schema_of, unusable

    if not schema_of(path):
        raise StoreError(none_yet(str(path)))
    target.unlink(missing_ok=True)
    private.make_file(target)  # it holds what merchants wrote
    try:
        with closing(connect(path)) as source, closing(sqlite3.connect(target)) as copy:
            source.backup(copy)
    except sqlite3.Error as error:
        raise unusable(path, error) from error


def dump(url: str, target: Path) -> None:
    """The work of pg_dump. The password goes into its environment, which others on the machine do not see."""
    program = shutil.which(DUMP)
    if program is None:
        raise StoreError(
            f"a PostgreSQL database is copied by {DUMP}, which is missing here. Install PostgreSQL's client programs, "
            f"or run it where they are: {DUMP} --format=custom --file={target.with_suffix('').name} DATABASE_URL"
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
    """A PostgreSQL address without its password, and that; one among the parameters counts before the user's. Raises StoreError."""
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
                f"{DUMP} takes sslpassword as an argument alone, which everybody on this machine can read; give it a key "
                "without a password, or run it by hand"
            )
        if key == "password":
            password = value
        elif parameter:
            kept.append(parameter)
    public = f"{scheme}://{name}{at if name else ''}{place}{slash}{path}"
    return public + ("?" + "&".join(kept) if kept else ""), unquote(password)
