"""Visitors' files for their consultants, and consultants' files for them: taken and served to that visitor alone."""

from __future__ import annotations

import asyncio
import logging
import secrets
from http import HTTPStatus

from aiohttp import web

from bot.assistant import Assistant
from bot.channels.assets import talk_file
from bot.channels.file_types import LARGEST, LARGEST_MB, shown_name, type_of
from bot.channels.limits import Limit
from bot.channels.web.wire import CHANNEL
from bot.model import Address, KeptFile, Language
from bot.store import StoreError
from bot.store.ports import Pages

log = logging.getLogger(__name__)

PER_MINUTE = 20  # files of a visitor
AT_ONCE = 16  # uploads, which are in memory
PATIENCE = 120.0  # seconds for a file to arrive
CHUNK = 1 << 16  # bytes
REFUSALS = {
    "file_alone": HTTPStatus.CONFLICT,
    "file_large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "file_kind": HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    "file_full": HTTPStatus.INSUFFICIENT_STORAGE,
    "file_lost": HTTPStatus.BAD_REQUEST,
    "flooded": HTTPStatus.TOO_MANY_REQUESTS,
}


class Refused(Exception):
    """The file is not taken; the message is the name of the phrase that tells why."""


class Files:
    """The files of the web chat's visitors, of at most `most` bytes in all."""

    def __init__(self, store: Pages, assistant: Assistant, most: int) -> None:
        self.store, self.assistant, self.most = store, assistant, most
        self.by_visitor, self.arriving = Limit(PER_MINUTE), 0

    async def take(self, request: web.Request, visitor: str, lang: Language) -> web.Response:
        """Store a visitor's file, the body of the request, and answer with what it is, or with the words that refuse it."""
        name = request.query.get("name", "")
        try:
            kept = await self.kept(request, visitor, name)
        except Refused as error:
            words = self.assistant.knowledge.say(f"web_{error}", lang)
            said = words.replace("{name}", name or "?").replace("{most}", str(LARGEST_MB))
            return web.json_response({"words": said}, status=REFUSALS[str(error)])
        return web.json_response(vars(kept), status=HTTPStatus.CREATED)

    async def kept(self, request: web.Request, visitor: str, name: str) -> KeptFile:
        """Store the file of a request. Raises Refused."""
        if self.arriving >= AT_ONCE or self.by_visitor.wait(visitor):
            raise Refused("flooded")
        address = Address(CHANNEL, visitor, visitor)
        ticket = await self.store.open_ticket(address)
        if ticket is None or ticket.waits_for_consultant or self.assistant.lapse(ticket):
            raise Refused("file_alone")
        self.arriving += 1
        try:
            content = await body_of(request)
        finally:
            self.arriving -= 1
        type = type_of(content)
        if type is None:
            raise Refused("file_kind")
        file = KeptFile(secrets.token_urlsafe(16), shown_name(name, type), type, len(content))
        try:
            fits = await self.store.keep_file(address, file, content, self.most)
        except StoreError as error:
            log.error("cannot keep a visitor's file: %s", error)
            fits = False
        if not fits:
            raise Refused("file_full")
        return file

    async def show(self, id: str, visitor: str) -> web.Response:
        """Serve a file to the visitor whose it is; status 404 for all others."""
        found = await self.store.file(id)
        content = await self.store.file_content(id) if found and found[0].user == visitor else None
        if found is None or content is None:
            raise web.HTTPNotFound
        file = found[1]
        return talk_file(file.name, file.type, content)


async def body_of(request: web.Request) -> bytes:
    """Read a request's body. Raises Refused if it is too large, or ends before it is there."""
    if (request.content_length or 0) > LARGEST:
        raise Refused("file_large")
    content = bytearray()
    try:
        async with asyncio.timeout(PATIENCE):
            async for part in request.content.iter_chunked(CHUNK):
                content += part
                if len(content) > LARGEST:
                    raise Refused("file_large")
    except (TimeoutError, ConnectionError, web.PayloadAccessError) as error:
        raise Refused("file_lost") from error
    return bytes(content)
