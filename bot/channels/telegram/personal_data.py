"""Sending of a merchant's stored data as a document, read when it is sent, so that the outbox never contains it."""

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

ReadBelongings = Callable[[Address], Awaitable[Belongings]]


async def send_call(make: Caller, call: Call, own: ReadBelongings, files: Files) -> Any:
    """Make a call, with the merchant's data as its document if it has `data`. Raises RetryLater, RecipientGone, ChatMoved, CallRefused."""
    if not call.data:
        return await files.call(make, call)
    text = as_file(await own(Address.of(call.data)))
    with TemporaryDirectory() as folder:
        path = Path(folder) / FILE
        path.write_text(text, encoding="utf-8")
        return await make(replace(call, files={"document": str(path)}, data=""))
