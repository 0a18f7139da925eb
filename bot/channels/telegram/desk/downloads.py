"""Files that consultants send, fetched from Telegram to be shown on other platforms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import ClientError, ClientSession, ClientTimeout

from bot.channels.channel import CallRefused, RetryLater, TooLarge
from bot.channels.telegram.call import OFFICIAL, Call, Caller
from bot.channels.telegram.desk.copies import kind_name, sent_file
from bot.json_text import to_text

KINDS = ("photo", "document", "video", "animation", "audio", "voice", "video_note")
PATIENCE = ClientTimeout(total=60)


def file_in(sent: Mapping[str, Any]) -> str:
    """Return the part of a message by which its file can be fetched later, as JSON; "" if it has none."""
    kind = next((kind for kind in KINDS if kind in sent), None)
    if kind is None:
        return ""
    file = sent_file(sent, kind)
    return to_text({kind: {name: file[name] for name in ("file_id", "file_name", "file_size") if name in file}})


class Downloads:
    """Fetches the files of a bot's chats; `url` is the Bot API server, None for the official one."""

    def __init__(self, make: Caller, token: str, url: str | None) -> None:
        self.make, self.token, self.files = make, token, f"{url or OFFICIAL}/file/bot{token}"

    async def of(self, sent: Mapping[str, Any], most: int) -> tuple[str, bytes] | None:
        """Fetch the file of a message, of at most `most` bytes. Raises TooLarge, CallRefused, RetryLater."""
        kind = next((kind for kind in KINDS if kind in sent), None)
        if kind is None:
            return None
        file = sent_file(sent, kind)
        if file.get("file_size", 0) > most:
            raise TooLarge("the file is too large")
        found = await self.make(Call("getFile", {"file_id": file["file_id"]}))
        return file.get("file_name") or kind_name(sent), await self.content(str(found.get("file_path", "")), most)

    async def content(self, path: str, most: int) -> bytes:
        try:
            async with ClientSession(timeout=PATIENCE) as session, session.get(f"{self.files}/{path}") as answer:
                if answer.status >= 500:
                    raise RetryLater(f"status {answer.status} for a file")
                if answer.status >= 400:
                    raise CallRefused(f"status {answer.status} for a file")
                content = bytearray()
                async for part in answer.content.iter_chunked(1 << 16):
                    content += part
                    if len(content) > most:
                        raise TooLarge("the file is too large")
                return bytes(content)
        except (ClientError, TimeoutError, OSError) as error:
            raise RetryLater(f"{type(error).__name__}: {error}".replace(self.token, "TELEGRAM_TOKEN")) from error
