"""What is kept of a merchant, as a document that is gathered when it is sent, so that it waits nowhere."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bot.channels.telegram.call import Call, Caller
from bot.channels.telegram.files import Files
from bot.model import Address
from bot.store import Belongings, as_file

FILE = "my-data.json"

Own = Callable[[Address], Awaitable[Belongings]]


async def made(make: Caller, call: Call, own: Own, files: Files) -> Any:
    """Make a call, with its merchant's data as the document if it is to bring that. Raises Later, Gone, Refused."""
    if not call.data:
        return await files.made(make, call)
    text = as_file(await own(Address.of(call.data)))
    with TemporaryDirectory() as folder:
        path = Path(folder) / FILE
        path.write_text(text, encoding="utf-8")
        return await make(replace(call, files={"document": str(path)}, data=""))
