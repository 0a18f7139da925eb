"""Telegram's connection, built from the settings: the caller, the intake of updates, and the desk."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from aiohttp import web

from bot.assistant import Assistant
from bot.channels.admission import Admission
from bot.channels.channel import CallRefused, ChatMoved, Intake, OpenChannel, RecipientGone, RetryLater, Unreachable
from bot.channels.telegram import groups, trouble
from bot.channels.telegram.call import OFFICIAL, Call, Caller, UnknownToken
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.desk import TelegramDesk, trial
from bot.channels.telegram.desk.downloads import Downloads
from bot.channels.telegram.desk.members import Members
from bot.channels.telegram.desk.topics import Topics
from bot.channels.telegram.fields import Me, me_of
from bot.channels.telegram.inlet import Inlet
from bot.channels.telegram.inline import Lookups
from bot.channels.telegram.menus import introduction
from bot.channels.telegram.polling import Poller
from bot.channels.telegram.updates import ALLOWED_UPDATES
from bot.channels.telegram.webhook import Webhook
from bot.channels.watch import Watch
from bot.settings import Settings
from bot.store import Store

log = logging.getLogger(__name__)

ATTEMPTS = 5  # for each call at the start
WATCH_POLLS, WATCH_CALLS = 1.0, 60.0  # seconds between looks at the polls, and between calls that try the token
PAUSE = 0.3  # seconds before the second attempt, growing with each


@dataclass(frozen=True)
class Connection:
    """A connected bot."""

    settings: Settings
    username: str
    channel: TelegramChannel
    make: Caller
    lookups: Lookups
    desk: TelegramDesk | None = None

    async def new_desk(self) -> str | None:
        """Return the new id of the consultants' chat if it moved unnoticed, else None.

        Raises Unreachable if the bot cannot reach the chat.
        """
        if self.desk is None:
            return None
        became = None
        try:
            try:
                await call_with_retries(self.make, Call("getChat", {"chat_id": int(self.desk.chat)}))
            except Unreachable as error:
                if not isinstance(error.__cause__, ChatMoved):
                    raise
                became = error.__cause__.to
                await call_with_retries(self.make, Call("getChat", {"chat_id": int(became)}))
            await trial.try_desk(partial(call_with_retries, self.make), self.desk, became or self.desk.chat)
        except Unreachable as error:
            if error.__cause__ is None:
                raise
            raise Unreachable(
                f"CONSULTANT_CHAT: the bot cannot reach this chat ({error.__cause__}); add the bot to the group, and set "
                "the group's id, which begins with -100"
            ) from error
        return became

    async def begin(self, assistant: Assistant) -> str:
        """Set the menus, and the webhook or none for polling. Returns the line to print. Raises Unreachable."""
        settings = self.settings
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
            await call_with_retries(self.make, call)
        if hidden := groups.privacy_mode_note(self.channel.me):
            log.warning("%s", hidden)
        return f"Answering as @{self.username} on Telegram. Stop with Ctrl+C."


@asynccontextmanager
async def open_channel(settings: Settings, store: Store) -> AsyncIterator[OpenChannel]:
    """Open the channel of a process, with its desk, routes and intakes. Raises Unreachable."""
    async with open_bot(settings) as (make, me):
        channel = TelegramChannel(
            make,
            store,
            settings.sends_per_second,
            settings.sends_per_chat_per_second,
            settings.sends_per_group_per_minute,
            me,
        )
        channel.admission = Admission(settings.allow_groups, settings.allow_business, store)
        desk = TelegramDesk(settings.consultant_chat, me) if settings.consultant_chat else None
        assert settings.telegram_token is not None
        token = settings.telegram_token.get_secret_value()
        channel.downloads = Downloads(make, token, settings.telegram_api_url)
        if desk:
            channel.desk = desk
            await desk.recall(store)
            desk.members, channel.topics = Members(make), Topics(store, desk)
            desk.downloads = channel.downloads
        connection = Connection(
            settings, me.username, channel, make, Lookups(make, desk.admits) if desk else Lookups(make), desk
        )
        inlet = Inlet(store, me, desk, connection.lookups.take)
        watch = Watch(store, trouble(settings), channel)
        yield OpenChannel(
            channel,
            desk,
            routes(settings, inlet),
            intakes(settings, inlet, watch, make),
            begin=connection.begin,
            new_desk=connection.new_desk,
        )


@asynccontextmanager
async def open_bot(settings: Settings) -> AsyncIterator[tuple[Caller, Me]]:
    """Open the caller of the settings' bot. Yields it with the bot's identity. Raises Unreachable."""
    assert settings.telegram_token is not None
    token, url = settings.telegram_token.get_secret_value(), settings.telegram_api_url
    async with open_caller(settings.telegram_library, token, url) as make:
        try:
            me = me_of(await call_with_retries(make, Call("getMe", {})))
        except Unreachable as error:
            # For malformed tokens, Telegram answers that the page does not exist.
            if isinstance(error.__cause__, UnknownToken | CallRefused):
                raise Unreachable(str(UnknownToken())) from error
            raise Unreachable(
                f"Telegram cannot be reached at {url or OFFICIAL}: check the network and TELEGRAM_API_URL"
            ) from error
        yield make, me


def open_caller(library: str, token: str, url: str | None) -> AbstractAsyncContextManager[Caller]:
    """Open a caller of the framework `library`, without loading the other."""
    if library == "ptb":
        from bot.channels.telegram import ptb_bot

        return ptb_bot.open_caller(token, url)
    from bot.channels.telegram import aiogram_bot

    return aiogram_bot.open_caller(token, url)


async def call_with_retries(make: Caller, call: Call) -> Any:
    """Make a call, and repeat it after temporary failures. Returns its result. Raises Unreachable."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return await make(call)
        except RetryLater as error:
            if attempt == ATTEMPTS or isinstance(error, UnknownToken):
                raise Unreachable(f"{call.method}: {error}") from error
            await asyncio.sleep(error.seconds or PAUSE * attempt)
        except (CallRefused, RecipientGone) as error:
            raise Unreachable(f"Telegram refuses {call.method}: {error}") from error
    raise AssertionError("the last attempt returns or raises")


def routes(settings: Settings, inlet: Inlet) -> list[Callable[[web.Application], None]]:
    """Return the functions that add Telegram's routes to the web server: the webhook's, if it is set."""
    if not (settings.telegram_webhook_url and settings.telegram_webhook_secret):
        return []
    secret = settings.telegram_webhook_secret.get_secret_value()
    return [Webhook(inlet, secret, settings.telegram_webhook_url).add_to]


def intakes(settings: Settings, inlet: Inlet, watch: Watch, make: Caller) -> list[Intake]:
    """Return the background tasks: polling, if no webhook is set, watching the platform, and following the desk's chat."""
    looking: list[Intake] = [partial(inlet.desk.follow_notes, inlet.store)] if inlet.desk else []
    if settings.telegram_webhook_url or not settings.telegram_token:
        return [partial(watch_calls, watch, make), *looking]
    poller = Poller(inlet, settings.telegram_token.get_secret_value(), settings.telegram_api_url)
    return [poller.run, partial(watch_polls, watch, poller), *looking]


async def watch_polls(watch: Watch, poller: Poller) -> None:
    """Tell whether polls fail, until cancelled."""
    while True:
        if poller.polls:
            await watch.tell(poller.trouble)
        await asyncio.sleep(WATCH_POLLS)


async def watch_calls(watch: Watch, make: Caller) -> None:
    """Tell whether the bot's token still works, until cancelled: with a webhook nothing arrives where it does not."""
    while True:
        try:
            await make(Call("getMe", {}))
            told = ""
        except (RetryLater, RecipientGone, CallRefused) as error:
            told = f"Telegram cannot be called: {error}"
        await watch.tell(told)
        await asyncio.sleep(WATCH_CALLS)
