"""Reading of an uploaded table in a process of its own, whose memory and time are bounded whatever the file says."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter

from bot.content.said import Notice, said
from bot.content.tree import Mistake
from bot.importing.columns import columns_of
from bot.importing.spreadsheet import NotImported, Table, form_of, tables
from bot.model import LANGUAGES, Language

PLACE = Path(__file__).resolve().parents[2]
# The module's own path comes last, so that nothing beside it hides a module of Python.
PROGRAM = "import sys; sys.path.append(sys.argv.pop(1)); from bot.importing.apart import main; main()"
MEMORY = 1 << 30  # bytes
SECONDS = 30  # of processor time
MOST_CELLS, MOST_LETTERS = 300_000, 3_000_000
LONGEST = 120.0  # seconds, however busy the machine is


@dataclass(frozen=True)
class Told:
    """A mistake or a note in a file, with its words by language."""

    file: str
    line: int
    words: Mapping[Language, str]
    note: bool = False

    @classmethod
    def of(cls, one: Mistake) -> Told:
        """Return a mistake as it can be sent and kept."""
        words = {lang: one.said.words(lang) if isinstance(one.said, Notice) else one.said for lang in LANGUAGES}
        return cls(one.file, one.line, words, one.warning)


@dataclass(frozen=True)
class Upload:
    """The content of a file: its tables, with mistakes and notes."""

    file: str
    tables: tuple[Table, ...] = ()
    told: tuple[Told, ...] = ()


FORM = TypeAdapter(Upload)


def read(data: bytes, file: str, most: int) -> Upload:
    """Read a file's tables of at most `most` rows."""
    notes: list[Mistake] = []
    try:
        found = tables(data, file, form_of(data, file), columns_of, notes, most)
    except NotImported as error:
        return Upload(file, told=tuple(map(Told.of, error.mistakes)))
    cells = [cell for table in found for _, row in table.rows for cell in row]
    if len(cells) > MOST_CELLS or sum(map(len, cells)) > MOST_LETTERS:
        return Upload(file, told=(Told.of(Mistake(file, 1, said("too-costly-to-read"))),))
    return Upload(file, tuple(found), tuple(map(Told.of, notes)))


async def read_apart(data: bytes, file: str, most: int) -> Upload:
    """Read a file as `read` does, in a process that ends with it."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-c", PROGRAM, str(PLACE), file, str(most)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        out, _ = await asyncio.wait_for(process.communicate(data), LONGEST)
    except TimeoutError:
        out = b""
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    if process.returncode or not out:  # the bounds ended it
        return Upload(file, told=(Told.of(Mistake(file, 1, said("too-costly-to-read"))),))
    return FORM.validate_json(out)


def to_json(upload: Upload) -> str:
    """Encode an upload for a field of a form."""
    return FORM.dump_json(upload).decode()


def of_json(text: str) -> Upload:
    """Read `to_json`. Raises ValueError."""
    return FORM.validate_json(text)


def bound() -> None:
    """Bound this process's memory and time, where the system can."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the file on standard input, and write what was read to standard output as JSON."""
    file, most = sys.argv[1:] if arguments is None else arguments
    bound()
    answers, sys.stdout = sys.stdout.buffer, sys.stderr  # nothing else may speak there
    answers.write(FORM.dump_json(read(sys.stdin.buffer.read(), file, int(most))))
    answers.flush()
