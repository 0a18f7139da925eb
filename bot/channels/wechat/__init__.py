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


def trouble(settings: Settings) -> str:
    """The name of the note that says why the interface cannot be used."""
    return f"wechat-trouble:{settings.wechat_app_id}" if is_enabled(settings) else ""


PLATFORM = Platform("wechat", is_enabled, open_channel, troubles=lambda settings: (trouble(settings),))
