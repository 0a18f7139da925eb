"""Sending of what the store keeps of merchants: their data, and their files. It is read when it is sent; the outbox never contains it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bot.channels.channel import CallRefused
from bot.channels.telegram.call import Call, Caller
from bot.channels.telegram.files import Files
from bot.model import Address
from bot.store import Belongings, as_file

FILE = "my-data.json"

ReadBelongings = Callable[[Address], Awaitable[Belongings]]


ReadFile = Callable[[str], Awaitable[bytes | None]]


async def send_call(make: Caller, call: Call, own: ReadBelongings, files: Files, read: ReadFile | None = None) -> Any:
    """Make a call, with the merchant's data or file if it has `data` or `kept`. Raises RetryLater, RecipientGone, ChatMoved, CallRefused."""
    if call.data:
        text = as_file(await own(Address.of(call.data)))
        return await sent(make, replace(call, data=""), "document", FILE, text.encode())
    if call.kept and read:
        content = await read(call.kept["id"])
        if content is None:
            raise CallRefused("the file was erased")
        return await sent(make, replace(call, kept={}), call.kept["parameter"], call.kept["name"], content)
    return await files.call(make, call)


async def sent(make: Caller, call: Call, parameter: str, name: str, content: bytes) -> Any:
    """Make a call with a file of this name and content."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        await asyncio.to_thread(path.write_bytes, content)
        return await make(replace(call, files={parameter: str(path)}))
