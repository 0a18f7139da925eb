"""Telegram, through aiogram or python-telegram-bot."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.channels.channel import News, Platform, Running
from bot.settings import Settings
from bot.store import Store


def wanted(settings: Settings) -> bool:
    return settings.telegram_token is not None


@asynccontextmanager
async def opened(settings: Settings, store: Store) -> AsyncIterator[Running]:
    from bot.channels.telegram.connection import open_channel

    async with open_channel(settings, store) as running:
        yield running


def news() -> News:
    from bot.channels.telegram.replies import NEWS

    return NEWS


PLATFORM = Platform("telegram", wanted, opened, news)
