"""The WeChat official account, in server mode."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager

from bot.channels.channel import OpenChannel, Platform
from bot.settings import Settings
from bot.store import Store


def is_enabled(settings: Settings) -> bool:
    return settings.wechat_token is not None


def open_channel(settings: Settings, store: Store) -> AbstractAsyncContextManager[OpenChannel]:
    from bot.channels.wechat import connection

    return connection.open_channel(settings, store)


PLATFORM = Platform("wechat", is_enabled, open_channel)
