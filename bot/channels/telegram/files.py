"""File uploads: each file is uploaded once, then sent by its Telegram id."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
import os
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.channels.channel import CallRefused, RecipientGone, RetryLater
from bot.channels.telegram.call import Call, Caller
from bot.content.folder import plainly
from bot.store.ports import Notes

log = logging.getLogger(__name__)

ANNOUNCED_SIZE = 1 << 20  # bytes of the smallest upload announced in the chat
# Parts of Telegram's descriptions of rejected file ids.
REJECTED_ID = ("file identifier", "file_id", "file reference", "can't use file of type", "wrong remote file")


class Files:
    """A bot's uploads; `bot` is its id, since file ids are valid for one bot only."""

    def __init__(self, notes: Notes, bot: int) -> None:
        self.notes, self.bot = notes, bot
        self.hashes: dict[tuple[str, int, int], str] = {}
        self.ids: dict[str, str] = {}

    async def call(self, make: Caller, call: Call) -> Any:
        """Make a call, with its file's id if it was uploaded before. Raises RetryLater, RecipientGone, ChatMoved, CallRefused."""
        if len(call.files) != 1:
            return await make(call)
        ((field, path),) = call.files.items()
        try:
            size, content = await asyncio.to_thread(self.hash_file, path)
        except OSError as error:
            raise CallRefused(f"{path}: this file cannot be read: {error.strerror}") from error
        name = f"telegram-file:{self.bot}:{field}:{content}"
        if id := self.ids.get(name) or await self.notes.recall(name):
            try:
                return await make(replace(call, params={**call.params, field: id}, files={}))
            except CallRefused as error:
                if not any(words in str(error).lower() for words in REJECTED_ID):
                    raise
                log.info("uploading %s again: %s", path, error)
        if size >= ANNOUNCED_SIZE:
            await announce(make, call, field)
        answer = await make(call)
        if id := id_of(answer, field):
            self.ids[name] = id
            await self.notes.remember(name, id)
        return answer

    def hash_file(self, path: str) -> tuple[int, str]:
        """Return a file's size in bytes and its SHA-256 in hex, cached until the file changes. Raises OSError."""
        with open(path, "rb", opener=plainly) as file:
            stat = os.fstat(file.fileno())
            key = (path, stat.st_size, stat.st_mtime_ns)
            if key not in self.hashes:
                self.hashes[key] = hashlib.file_digest(file, "sha256").hexdigest()
        return stat.st_size, self.hashes[key]


def id_of(answer: Any, field: str) -> str | None:
    """Return the file's id in a sent message, of pictures the largest size's, or None."""
    sent = answer.get(field) if isinstance(answer, Mapping) else None
    sent = sent[-1] if isinstance(sent, list) and sent else sent
    return sent.get("file_id") if isinstance(sent, Mapping) else None


async def announce(make: Caller, call: Call, field: str) -> None:
    """Show in the chat that a file is being uploaded; failures are ignored."""
    kept = ("chat_id", "message_thread_id", "business_connection_id")
    params = {name: call.params[name] for name in kept if name in call.params}
    with contextlib.suppress(RetryLater, RecipientGone, CallRefused):
        await make(Call("sendChatAction", {**params, "action": f"upload_{field}"}))
