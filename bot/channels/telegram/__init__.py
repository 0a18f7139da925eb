"""Telegram, through aiogram or python-telegram-bot."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager

from bot.channels.channel import News, OpenChannel, Platform
from bot.settings import Settings
from bot.store import Store


def is_enabled(settings: Settings) -> bool:
    return settings.telegram_token is not None


def open_channel(settings: Settings, store: Store) -> AbstractAsyncContextManager[OpenChannel]:
    from bot.channels.telegram import connection

    return connection.open_channel(settings, store)


def news() -> News:
    from bot.channels.telegram.replies import NEWS

    return NEWS


def desk(settings: Settings) -> tuple[str, str] | None:
    from bot.channels.telegram.desk import TelegramDesk

    if settings.consultant_chat is None:
        return None
    found = TelegramDesk(settings.consultant_chat)
    return found.set, found.note


def trouble(settings: Settings) -> str:
    """The name of the note that says why Telegram cannot be used."""
    return "telegram-trouble" if is_enabled(settings) else ""


def troubles(settings: Settings) -> tuple[str, ...]:
    """The names of the notes that say why Telegram, or the consultants' chat, cannot be used."""
    from bot.channels.telegram.desk import TelegramDesk

    consultants = TelegramDesk(settings.consultant_chat).trouble if settings.consultant_chat else ""
    return (trouble(settings), consultants)


PLATFORM = Platform("telegram", is_enabled, open_channel, news, desk, troubles)
