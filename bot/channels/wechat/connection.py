"""The official account's connection, built from the settings."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from aiohttp import web

from bot.assistant import Assistant
from bot.channels.channel import CallRefused, OpenChannel, RetryLater
from bot.channels.watch import Watch
from bot.channels.wechat import trouble
from bot.channels.wechat.api import WeChatApi, open_api
from bot.channels.wechat.channel import WeChatChannel
from bot.channels.wechat.data_page import DATA_PATH, DataPages
from bot.channels.wechat.envelope import Envelope
from bot.channels.wechat.server import Server
from bot.channels.wechat.verified import Verified
from bot.language.normalize import loose_key
from bot.model import LANGUAGES
from bot.settings import Settings
from bot.store import Store

AGAIN = 300.0  # seconds between looks for the interface


@dataclass(frozen=True)
class Connection:
    """The account's parts that this process serves."""

    settings: Settings
    store: Store
    channel: WeChatChannel
    server: Server
    pages: DataPages
    api: WeChatApi

    def add_to(self, app: web.Application) -> None:
        prefix = urlsplit(self.settings.public_url or "").path.rstrip("/")
        self.server.add_to(app, prefix)
        for path in dict.fromkeys((f"{prefix}{DATA_PATH}", DATA_PATH)):
            app.router.add_get(f"{path}{{signed}}", self.pages.serve)

    async def begin(self, assistant: Assistant) -> str:
        """Take the phrases of the content."""

        def say(name: str, lang: str, **values: object) -> str:
            return assistant.knowledge.say(name, "zh" if lang == "zh" else "en", **values)

        self.channel.say = say
        words = (word for lang in LANGUAGES for word in say("wechat_more_words", lang).split("|"))
        self.channel.more_words = frozenset(map(loose_key, words))
        return f"Answering on WeChat as {self.settings.wechat_app_id}, under the path /wechat. Stop with Ctrl+C."

    async def watch(self) -> None:
        """Tell in the log and in the status if the interface cannot be used, until cancelled.

        Passive replies need no interface, so nothing else depends on it.
        """
        watch = Watch(self.store, trouble(self.settings), self.channel, self.channel.clock)
        while True:
            try:
                await self.api.token()
                told = ""
            except (RetryLater, CallRefused) as error:
                told = f"the interface of WeChat cannot be used: {error}"
            await watch.tell(told, "; answers still go out in responses")
            await self.channel.verified.recall()
            await asyncio.sleep(AGAIN)


@asynccontextmanager
async def open_channel(settings: Settings, store: Store) -> AsyncIterator[OpenChannel]:
    """Open the channel of a process."""
    assert settings.wechat_app_id is not None
    assert settings.wechat_secret is not None
    assert settings.wechat_token is not None
    app_id, token = settings.wechat_app_id, settings.wechat_token.get_secret_value()
    async with open_api(settings, store) as api:
        verified = Verified(app_id, settings.wechat_verified, store)
        await verified.recall()
        pages = DataPages(store.belongings, settings.wechat_secret.get_secret_value())
        channel = WeChatChannel(store, api, verified, pages, settings.public_url, desk=settings.wechat_desk)
        key = settings.wechat_aes_key
        assert channel.responses
        server = Server(
            channel, channel.responses, app_id, token, Envelope(key.get_secret_value(), app_id) if key else None
        )
        connection = Connection(settings, store, channel, server, pages, api)
        routes: list[Callable[[web.Application], None]] = [connection.add_to]
        yield OpenChannel(channel, routes=routes, intakes=[connection.watch], begin=connection.begin)
