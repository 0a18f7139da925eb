"""Webhook: updates are stored in the inbox before they are confirmed to Telegram."""

from __future__ import annotations

import asyncio
import hmac
import logging
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from bot.channels.sums import Sums
from bot.channels.telegram.call import Call
from bot.channels.telegram.inlet import Inlet
from bot.channels.telegram.reading import number_of
from bot.channels.telegram.writing import ACKNOWLEDGED, acknowledgement
from bot.json_text import from_text

log = logging.getLogger(__name__)

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105
LARGEST = 1 << 20  # bytes of an update; Telegram's are far smaller
BODY_PATIENCE = 10.0  # seconds to receive an update's body
PATIENCE = 8.0  # seconds to store an update; after them, Telegram has to deliver it again


class Webhook:
    """Stores updates in the inbox. `secret` is the token that Telegram sends with each update."""

    def __init__(self, inlet: Inlet, secret: str, url: str) -> None:
        self.inlet, self.secret = inlet, secret.encode()
        self.path = urlsplit(url).path or "/"
        self.refusals = Sums(log, "webhook")

    def add_to(self, app: web.Application) -> None:
        app.router.add_post(self.path, self.receive)
        app.on_shutdown.append(self.shut)

    async def shut(self, app: web.Application) -> None:
        self.refusals.end()

    async def receive(self, request: web.Request) -> web.Response:
        sent = request.headers.get(SECRET_HEADER, "")
        if not hmac.compare_digest(sent.encode("utf-8", "surrogateescape"), self.secret):
            return self.refused(401, "the secret is missing or wrong; Telegram sends TELEGRAM_WEBHOOK_SECRET")
        try:
            async with asyncio.timeout(BODY_PATIENCE):
                body = await request.read()
        except web.HTTPRequestEntityTooLarge:
            return self.refused(413, f"the update has more than {LARGEST} bytes")
        except TimeoutError:
            return self.refused(408, f"the request took more than {BODY_PATIENCE:.0f} seconds")
        try:
            update = from_text(body)
        except (ValueError, RecursionError):
            return self.refused(400, "the request is not JSON")
        if number_of(update) is None:
            return self.refused(400, "the request is not a Telegram update")
        press = pressed(update)
        if press:
            update[ACKNOWLEDGED] = True
        try:
            async with asyncio.timeout(PATIENCE):
                if not await self.inlet.accept([update]):
                    return web.Response()
        except TimeoutError:
            return web.Response(status=503)
        # Replies are never sent in the response, since their loss would go unnoticed.
        return web.json_response({"method": press.method, **press.params}) if press else web.Response()

    def refused(self, status: int, why: str) -> web.Response:
        self.refusals.count(why)
        return web.Response(status=status, text=why)


def pressed(update: Mapping[str, Any]) -> Call | None:
    """Return the call that acknowledges a press in a private chat; in groups, the acknowledgement may contain a reply."""
    match update:
        case {"callback_query": {"id": str(), "message": {"chat": {"type": "private"}}} as query}:
            return acknowledgement(query)
    return None
