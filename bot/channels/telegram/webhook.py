"""Telegram by webhook: an update is in the inbox before Telegram is told that it has arrived."""

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
from bot.channels.telegram.reading import Aside, arrival, nobody, number_of
from bot.channels.telegram.relay import TelegramDesk
from bot.channels.telegram.writing import ACKNOWLEDGED, acknowledgement
from bot.json_text import from_text
from bot.store.ports import Intake

log = logging.getLogger(__name__)

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105
LARGEST = 1 << 20  # bytes; Telegram's updates stay far below
BODY_PATIENCE = 10.0  # seconds for an update to come as a whole
PATIENCE = 8.0  # seconds for the database, before Telegram is asked to deliver again


class Webhook:
    """Takes updates into the inbox. `secret` is what Telegram was told to send along with each."""

    def __init__(
        self,
        store: Intake,
        token: str,
        secret: str,
        url: str,
        desk: TelegramDesk | None = None,
        aside: Aside = nobody,
    ) -> None:
        self.store, self.secret, self.desk, self.aside = store, secret.encode(), desk, aside
        self.bot = token.partition(":")[0]
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
            return self.refused(413, f"more than {LARGEST} bytes")
        except TimeoutError:
            return self.refused(408, "the request did not come to an end")
        try:
            update = from_text(body)
        except (ValueError, RecursionError):
            return self.refused(400, "this is no JSON")
        if number_of(update) is None:
            return self.refused(400, "this is no update")
        if self.aside(update):
            return web.Response()
        press = pressed(update)
        if press:
            update[ACKNOWLEDGED] = True
        found = arrival(update, self.bot, self.desk.chats if self.desk else ())
        if found is None:
            return web.Response()
        try:
            async with asyncio.timeout(PATIENCE):
                await self.store.accept([found])
        except TimeoutError:
            return web.Response(status=503)
        # A reply must not travel this way, since nobody would learn that it got lost.
        return web.json_response({"method": press.method, **press.params}) if press else web.Response()

    def refused(self, status: int, why: str) -> web.Response:
        self.refusals.count(why)
        return web.Response(status=status, text=why)


def pressed(update: Mapping[str, Any]) -> Call | None:
    """The call that answers a press in a private chat, whatever is made of it; in a group it may have to say something."""
    match update:
        case {"callback_query": {"id": str(), "message": {"chat": {"type": "private"}}} as query}:
            return acknowledgement(query)
    return None
