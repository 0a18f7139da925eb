"""Processes of `merchant-bot` that start at once: each is forked from one that has imported what they need and opened
the shipped content.

Each has a pid, an environment, a folder and streams of its own, and runs the command line to its exit code. Importing and
opening take two seconds or more of processor for each start; tests/cli/test_serve.py and the benchmarks start whole interpreters.
"""

from __future__ import annotations

import gc
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from weakref import finalize

FORKED = get_context("forkserver")
FORKED.set_forkserver_preload(
    [
        *("tests.uncollected", "aiogram", "telegram.ext", "asyncpg", "uvloop", "tests.started"),
        *(
            "bot.commands.line",
            "bot.service",
            "bot.service.server",
            "bot.channels.telegram",
            "bot.channels.web",
            "tests.botapi.__main__",
            "tests.handed_on",
        ),
    ]
)
# So many contents stay in the cache which all tests share that the one that ships is never pushed out.
MANY = {"MERCHANT_BOT_CACHE_CONTENTS": "50"}
STREAMS = (("stdin", os.O_RDONLY), ("stdout", os.O_WRONLY), ("stderr", os.O_WRONLY))  # by their numbers
PAUSE = 0.005  # seconds


class Started:
    """A forked process that runs the `main` of a module with these arguments. What it writes lies in files of `folder`."""

    def __init__(
        self,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        *,
        cwd: Path | None = None,
        stdin: str = "",
        module: str = "bot.commands.line",
    ) -> None:
        self.folder, self.arguments = Path(tempfile.mkdtemp(prefix="merchant-bot-process-")), list(arguments)
        finalize(self, shutil.rmtree, self.folder, ignore_errors=True)
        for name, _ in STREAMS:
            (self.folder / name).write_text(stdin if name == "stdin" else "", encoding="utf-8")
        self.process = self.begun(module, dict(environment), cwd or Path.cwd())
        assert self.process.pid
        self.pid: int = self.process.pid

    def begun(self, module: str, environment: dict[str, str], cwd: Path) -> Any:
        what = (module, self.arguments, environment, str(cwd), str(self.folder))
        process = FORKED.Process(target=begin, args=what, daemon=True)
        process.start()
        return process

    @property
    def returncode(self) -> int | None:
        code: int | None = self.process.exitcode
        return code

    def told(self, name: str = "stdout") -> str:
        """What it has written so far."""
        return (self.folder / name).read_text("utf-8", "replace")

    def send_signal(self, number: int) -> None:
        if self.returncode is None:
            os.kill(self.pid, number)

    def wait(self, timeout: float) -> tuple[str, str]:
        """Wait for its end: what it has written on both streams. Raises TimeoutExpired."""
        deadline = time.monotonic() + timeout
        while self.returncode is None:
            if time.monotonic() > deadline:
                self.process.kill()
                raise subprocess.TimeoutExpired(self.arguments, timeout, self.told(), self.told("stderr"))
            time.sleep(PAUSE)
        return self.told(), self.told("stderr")


class Whole(Started):
    """A process with an interpreter of its own, as a shell starts it: what it holds and spends is its own."""

    def begun(self, module: str, environment: dict[str, str], cwd: Path) -> Any:
        with ExitStack() as stack:
            files = {name: stack.enter_context((self.folder / name).open("r+b")) for name, _ in STREAMS}
            command = [sys.executable, "-m", module, *self.arguments]
            environment |= {"PYTHONPATH": os.pathsep.join(sys.path), **MANY}
            return subprocess.Popen(
                command, env=environment, cwd=cwd,
                stdin=files["stdin"], stdout=files["stdout"], stderr=files["stderr"],
            )  # fmt: skip

    @property
    def returncode(self) -> int | None:
        code: int | None = self.process.poll()
        return code


def run(
    arguments: Sequence[str], environment: Mapping[str, str], *, cwd: Path, stdin: str = "", timeout: float = 60
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, as `subprocess.run` does. Raises TimeoutExpired."""
    started = Started(arguments, environment, cwd=cwd, stdin=stdin)
    stdout, stderr = started.wait(timeout)
    return subprocess.CompletedProcess(list(arguments), started.returncode or 0, stdout, stderr)


def begin(module: str, arguments: list[str], environment: dict[str, str], cwd: str, folder: str) -> None:
    """In the new process: put on what a shell would have given it, and run."""
    for number, (name, flags) in enumerate(STREAMS):
        opened = os.open(os.path.join(folder, name), flags | os.O_APPEND)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin = os.fdopen(0, "r", encoding="utf-8", errors="surrogateescape", closefd=False)
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", errors="surrogateescape", closefd=False)
    sys.stderr = os.fdopen(2, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(environment | MANY)
    time.tzset()
    gc.enable()
    sys.argv = ["merchant-bot", *arguments]
    import_module(module).main()
