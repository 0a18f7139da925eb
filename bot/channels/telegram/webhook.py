"""Webhook: updates are stored in the inbox before they are confirmed to Telegram."""

from __future__ import annotations

import asyncio
import hmac
import logging
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from bot.channels.tally import RefusalTally
from bot.channels.telegram.call import Call
from bot.channels.telegram.inlet import Inlet
from bot.channels.telegram.replies import ACKNOWLEDGED, acknowledgement
from bot.channels.telegram.updates import update_number
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
        self.refusals = RefusalTally(log, "webhook")

    def add_to(self, app: web.Application) -> None:
        app.router.add_post(self.path, self.receive)
        app.on_shutdown.append(self.close)

    async def close(self, app: web.Application) -> None:
        self.refusals.close()

    async def receive(self, request: web.Request) -> web.Response:
        sent = request.headers.get(SECRET_HEADER, "")
        if not hmac.compare_digest(sent.encode("utf-8", "surrogateescape"), self.secret):
            return self.refuse(401, "the secret is missing or wrong; Telegram sends TELEGRAM_WEBHOOK_SECRET")
        try:
            async with asyncio.timeout(BODY_PATIENCE):
                body = await request.read()
        except web.HTTPRequestEntityTooLarge:
            return self.refuse(413, f"the update has more than {LARGEST} bytes")
        except TimeoutError:
            return self.refuse(408, f"the request took more than {BODY_PATIENCE:.0f} seconds")
        try:
            update = from_text(body)
        except (ValueError, RecursionError):
            return self.refuse(400, "the request is not JSON")
        if update_number(update) is None:
            return self.refuse(400, "the request is not a Telegram update")
        press = press_acknowledgement(update)
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

    def refuse(self, status: int, why: str) -> web.Response:
        self.refusals.count(why)
        return web.Response(status=status, text=why)


def press_acknowledgement(update: Mapping[str, Any]) -> Call | None:
    """Return the call that acknowledges a press in a private chat; in groups, the acknowledgement may contain a reply."""
    match update:
        case {"callback_query": {"id": str(), "message": {"chat": {"type": "private"}}} as query}:
            return acknowledgement(query)
    return None
