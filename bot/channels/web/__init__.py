"""The web chat."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.channels.channel import News, OpenChannel, Platform
from bot.settings import Settings
from bot.store import Store


def is_enabled(settings: Settings) -> bool:
    return settings.public_url is not None or bool(settings.embed_origins)


@asynccontextmanager
async def open_channel(settings: Settings, store: Store) -> AsyncIterator[OpenChannel]:
    from bot.channels.web.site import Site

    yield Site(settings, store).open_channel


def news() -> News:
    from bot.channels.web.wire import NEWS

    return NEWS


PLATFORM = Platform("web", is_enabled, open_channel, news)
