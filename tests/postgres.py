"""A PostgreSQL server of the tests' own: its data lies in a temporary folder, and it ends with the tests."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.crash import free_port

HOW = (
    "a PostgreSQL server is missing; on Debian and Ubuntu: apt install postgresql; or name one that may be filled "
    "in TEST_DATABASE_URL=postgresql://…"
)


def program(name: str) -> str | None:
    """Where a program of the server lies; Debian keeps them off the PATH."""
    found = shutil.which(name)
    return found or next(map(str, sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)), None)


def available() -> bool:
    return bool(os.environ.get("TEST_DATABASE_URL") or (program("initdb") and program("pg_ctl")))


class Cluster:
    """A server that can be stopped and started; `fsync` off makes tests faster and no less true."""

    def __init__(self, folder: Path, fsync: bool, options: str = "") -> None:
        self.folder, self.fsync, self.options = folder, fsync, options
        self.user = unprivileged()
        self.port = free_port()

    @property
    def url(self) -> str:
        return f"postgresql://merchant:secret@127.0.0.1:{self.port}/postgres"

    def make(self) -> None:
        if self.user:
            shutil.chown(self.folder, self.user)
        password = self.folder / "password"
        password.write_text("secret")
        password.chmod(0o644)
        self.run(
            "initdb", "-D", str(self.folder / "data"), "-U", "merchant", "-A", "scram-sha-256",
            "--pwfile", str(password), "--no-sync", "-E", "UTF8", "--locale", "C",
        )  # fmt: skip

    def start(self) -> None:
        options = (
            f"-p {self.port} -h 127.0.0.1 -k {self.folder} -c fsync={'on' if self.fsync else 'off'} {self.options}"
        )
        self.run(
            "pg_ctl", "-D", str(self.folder / "data"), "-w", "-l", str(self.folder / "log"), "-o", options, "start"
        )

    def stop(self, how: str = "immediate") -> None:
        self.run("pg_ctl", "-D", str(self.folder / "data"), "-w", "-m", how, "stop")

    def run(self, name: str, *arguments: str) -> None:
        done = subprocess.run(
            [str(program(name)), *arguments],
            user=self.user,
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode and "start" not in arguments:
            raise RuntimeError(done.stderr)


def unprivileged() -> str | None:
    """The user who runs the server: root may not."""
    if os.getuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


@contextlib.contextmanager
def cluster(*, fsync: bool = False, options: str = "") -> Iterator[Cluster]:
    """A running server of its own, with further `options` of `postgres`."""
    with tempfile.TemporaryDirectory(prefix="merchant-bot-pg-", ignore_cleanup_errors=True) as name:
        made = Cluster(Path(name), fsync, options)
        made.make()
        made.start()
        try:
            yield made
        finally:
            made.stop()
