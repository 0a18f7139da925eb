"""Telegram as the settings have it: the connection, how updates come in, and how calls go out."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from aiohttp import web

from bot.assistant import Assistant
from bot.channels.channel import Gone, Later, Moved, Refused
from bot.channels.telegram import groups
from bot.channels.telegram.call import OFFICIAL, Call, Caller, NotReached, UnknownToken
from bot.channels.telegram.fields import Me
from bot.channels.telegram.inline import Lookups
from bot.channels.telegram.menus import introduction
from bot.channels.telegram.polling import Poller
from bot.channels.telegram.reading import ALLOWED_UPDATES
from bot.channels.telegram.relay import TelegramDesk
from bot.channels.telegram.webhook import Webhook
from bot.channels.telegram.wire import TelegramChannel, me_of
from bot.settings import Settings
from bot.store.ports import Conversations, Intake

log = logging.getLogger(__name__)

ATTEMPTS = 5  # at the start, each call
PAUSE = 0.3  # seconds between them


@dataclass(frozen=True)
class Connection:
    """A bot that Telegram knows."""

    username: str
    channel: TelegramChannel
    make: Caller
    lookups: Lookups
    desk: TelegramDesk | None = None

    async def desk_became(self) -> str | None:
        """What the consultants' chat has become, if it did so and nobody has noticed. Raises NotReached where the bot is not
        in it."""
        if self.desk is None:
            return None
        became = None
        try:
            try:
                await insisted(self.make, Call("getChat", {"chat_id": int(self.desk.chat)}))
            except NotReached as error:
                if not isinstance(error.__cause__, Moved):
                    raise
                became = error.__cause__.to
                await insisted(self.make, Call("getChat", {"chat_id": int(became)}))
        except NotReached as error:
            raise NotReached(
                f"CONSULTANT_CHAT: the bot cannot reach this chat ({error.__cause__}); add the bot to the group, and give "
                "its number, which begins with -100"
            ) from error
        return became

    async def begin(self, settings: Settings, assistant: Assistant) -> None:
        """Set the menus, and tell Telegram where to deliver: to the webhook, or to whoever polls. Raises NotReached."""
        self.lookups.open(lambda: (assistant.knowledge, assistant.today()))
        calls = introduction(assistant.knowledge, assistant.terms)
        if settings.telegram_webhook_url and settings.telegram_webhook_secret:
            hook = {
                "url": settings.telegram_webhook_url,
                "secret_token": settings.telegram_webhook_secret.get_secret_value(),
                "allowed_updates": ALLOWED_UPDATES,
            }
            calls.append(Call("setWebhook", hook))
        else:
            calls.append(Call("deleteWebhook", {}))
        for call in calls:
            await insisted(self.make, call)
        if hidden := groups.limits(self.channel.me):
            log.warning("%s", hidden)


@asynccontextmanager
async def connected(settings: Settings, store: Conversations) -> AsyncIterator[Connection]:
    """The connection. Raises NotReached."""
    async with reached(settings) as (make, me):
        channel = TelegramChannel(
            make,
            store,
            settings.sends_per_second,
            settings.sends_per_chat_per_second,
            settings.sends_per_group_per_minute,
            me,
        )
        desk = TelegramDesk(settings.consultant_chat) if settings.consultant_chat else None
        if desk:
            await desk.recall(store)
        yield Connection(me.username, channel, make, Lookups(make), desk)


@asynccontextmanager
async def reached(settings: Settings) -> AsyncIterator[tuple[Caller, Me]]:
    """Calls for the bot of the settings, and who it is. Raises NotReached."""
    assert settings.telegram_token is not None
    token, url = settings.telegram_token.get_secret_value(), settings.telegram_api_url
    async with calling(settings.telegram_library, token, url) as make:
        try:
            me = me_of(await insisted(make, Call("getMe", {})))
        except NotReached as error:
            # Of a token that cannot be one Telegram says that there is no such page.
            if isinstance(error.__cause__, UnknownToken | Refused):
                raise NotReached(str(UnknownToken())) from error
            raise NotReached(
                f"Telegram cannot be reached at {url or OFFICIAL}: check the network and TELEGRAM_API_URL"
            ) from error
        yield make, me


def calling(library: str, token: str, url: str | None) -> AbstractAsyncContextManager[Caller]:
    """Calls through one of the frameworks; the other is not loaded."""
    if library == "ptb":
        from bot.channels.telegram import ptb_bot

        return ptb_bot.calling(token, url)
    from bot.channels.telegram import aiogram_bot

    return aiogram_bot.calling(token, url)


async def insisted(make: Caller, call: Call) -> Any:
    """The result of a call, made several times if need be. Raises NotReached."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return await make(call)
        except Later as error:
            if attempt == ATTEMPTS or isinstance(error, UnknownToken):
                raise NotReached(f"{call.method}: {error}") from error
            await asyncio.sleep(error.seconds or PAUSE * attempt)
        except (Refused, Gone) as error:
            raise NotReached(f"Telegram refuses {call.method}: {error}") from error
    raise AssertionError("the last attempt returns or raises")


def routes(settings: Settings, store: Intake, connection: Connection) -> list[Callable[[web.Application], None]]:
    """What the web server is to serve for Telegram."""
    if not (settings.telegram_webhook_url and settings.telegram_webhook_secret and settings.telegram_token):
        return []
    token, secret = settings.telegram_token.get_secret_value(), settings.telegram_webhook_secret.get_secret_value()
    desk, aside = connection.desk, connection.lookups.take
    return [Webhook(store, token, secret, settings.telegram_webhook_url, desk, aside).add_to]


def intakes(settings: Settings, store: Intake, connection: Connection) -> list[Callable[[], Coroutine[Any, Any, None]]]:
    """What brings updates in besides the web server, and what other processes know of the consultants' chat."""
    desk, aside = connection.desk, connection.lookups.take
    looking: list[Callable[[], Coroutine[Any, Any, None]]] = [partial(desk.keep_up, store)] if desk else []
    if settings.telegram_webhook_url or not settings.telegram_token:
        return looking
    token = settings.telegram_token.get_secret_value()
    return [Poller(store, token, settings.telegram_api_url, desk, aside).run, *looking]
