"""A trial of a draft in a process of its own: lint, what would be answered otherwise, and a chat; it ends with its use.

The process learns the draft, so that its publication finds it learned. It takes a line of JSON for each request, and answers
each with one.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.knowledge.ahead import ONE_CORE, PLACE

PROGRAM = "import sys; sys.path.append(sys.argv.pop(1)); from bot.console.trial_process import main; main()"
NICER = 5  # than the assistant's process, whose merchants wait
IDLE = 600.0  # seconds without a request after which the process ends
ENDING: set[asyncio.Future[Any]] = set()  # processes that were killed and have not gone yet
LONGEST_LINE = 32 << 20  # bytes of a process's answer


@dataclass(frozen=True)
class Answered:
    """A question that the draft answers otherwise than the content in use: by topic, or how it is not answered."""

    text: str
    before: str
    after: str


@dataclass(frozen=True)
class Finding:
    """A finding of lint in a file: its line, the path of the field, and the message by language; a note is no mistake."""

    line: int
    path: tuple[str, ...]
    words: Mapping[str, str]
    note: bool = False


@dataclass(frozen=True)
class Tried:
    """The result of a trial: mistakes by language, or what changes; `failed`: the accepted examples that go elsewhere."""

    mistakes: Mapping[str, Sequence[str]] = field(default_factory=dict)
    asked: int = 0
    changes: tuple[Answered, ...] = ()
    failed: tuple[Answered, ...] = ()
    version: str = ""
    before: Mapping[str, str] = field(default_factory=dict)  # how the content in use answers each question

    @property
    def fine(self) -> bool:
        return not any(self.mistakes.values())


class Ended(Exception):
    """The trial's process ended before it answered."""


class Trial:
    """One draft's trial, for the folders in use and those with the draft instead of the last."""

    def __init__(self, folders: Sequence[Path], texts: Mapping[str, str | None], *, only: bool, root: Path) -> None:
        self.folders, self.only = list(folders), only
        self.place = Path(tempfile.mkdtemp(prefix="draft-", dir=root))
        self.folder = self.place / folders[-1].name
        copy_with(folders[-1], texts, self.folder)
        self.process: asyncio.subprocess.Process | None = None
        self.turn = asyncio.Lock()
        self.timer: asyncio.TimerHandle | None = None

    async def ask(self, request: Mapping[str, Any]) -> Any:
        """Send the process a request, and return its answer. Raises Ended."""
        async with self.turn:
            if self.process is None:
                kind = "only" if self.only else "over"
                self.process = await asyncio.create_subprocess_exec(
                    *(sys.executable, "-P", "-c", PROGRAM, str(PLACE), str(NICER), kind, str(self.folder)),
                    *map(str, self.folders),
                    env={**os.environ, **ONE_CORE},
                    stdin=asyncio.subprocess.PIPE,
                    stdout=asyncio.subprocess.PIPE,
                    stderr=asyncio.subprocess.DEVNULL,
                    limit=LONGEST_LINE,
                )
            self.wait_for_use()
            assert self.process.stdin
            assert self.process.stdout
            try:
                self.process.stdin.write(json.dumps(request).encode() + b"\n")
                await self.process.stdin.drain()
                line = await self.process.stdout.readline()
            except OSError:
                line = b""
            if not line:
                raise Ended
            self.wait_for_use()
            return json.loads(line)

    async def compare(
        self, questions: Sequence[str], examples: Sequence[Mapping[str, Any]], before: Mapping[str, str] | None = None
    ) -> Tried:
        """Lint the draft, and answer the questions by it and by the content in use, unless `before` has its answer. Raises Ended."""
        found = await self.ask({"compare": list(questions), "examples": list(examples), "before": {**(before or {})}})
        return Tried(
            found["mistakes"],
            found["asked"],
            tuple(Answered(*one) for one in found["changes"]),
            tuple(Answered(*one) for one in found["failed"]),
            found["version"],
            found["before"],
        )

    async def lint(self, place: str, text: str | None = None) -> list[Finding]:
        """Return lint's findings in a file of the draft, with another text if one is given. Raises Ended."""
        found = await self.ask({"lint": place, "text": text})
        return [Finding(one["line"], tuple(one["path"]), one["words"], one["note"]) for one in found]

    async def replies(self, conversation: str, text: str, lang: str, press: str | None = None) -> list[str]:
        """Answer a message or a pressed button by the draft; returns the replies as Markdown. Raises Ended."""
        request = {"say": text, "conversation": conversation, "lang": lang, "press": press}
        replies: list[str] = await self.ask(request)
        return replies

    def wait_for_use(self) -> None:
        if self.timer:
            self.timer.cancel()
        self.timer = asyncio.get_running_loop().call_later(IDLE, self.end)

    def end(self) -> None:
        """End the process and delete the copy."""
        if self.timer:
            self.timer.cancel()
        if self.process is not None and self.process.returncode is None:
            with suppress(ProcessLookupError):
                self.process.kill()
            assert self.process.stdin
            self.process.stdin.close()
            ending = asyncio.ensure_future(self.process.wait())
            ENDING.add(ending)
            ending.add_done_callback(ENDING.discard)
        shutil.rmtree(self.place, ignore_errors=True)


async def all_ended() -> None:
    """Wait until the killed processes are gone."""
    await asyncio.gather(*ENDING, return_exceptions=True)


def copy_with(folder: Path, texts: Mapping[str, str | None], to: Path) -> None:
    """Copy a folder with other texts for some of its files; files to send are links. Raises OSError."""
    shutil.copytree(folder, to, ignore=lambda here, names: [one for one in names if one.startswith(".")])
    for name, text in texts.items():
        path = to / name
        if text is None:
            path.unlink(missing_ok=True)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
