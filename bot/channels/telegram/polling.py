"""Telegram by long polling: aiogram asks for updates, and the router answers them."""

from __future__ import annotations

import logging

from bot.assistant import Assistant
from bot.settings import Settings


class NotReached(Exception):
    """Telegram cannot be used; the message says why."""


async def poll(assistant: Assistant, settings: Settings, *, signals: bool = True) -> None:
    """Answer until cancelled, or until a signal where `signals` are obeyed. Raises NotReached."""
    # aiogram takes seconds to import, and only a process that serves Telegram needs it.
    from aiogram import Bot, Dispatcher
    from aiogram.client.session.aiohttp import AiohttpSession
    from aiogram.client.telegram import PRODUCTION, TelegramAPIServer
    from aiogram.exceptions import TelegramNetworkError, TelegramUnauthorizedError

    from bot.channels.telegram.aiogram_router import AIOGRAM, assistant_router
    from bot.channels.telegram.wire import Wire

    assert settings.telegram_token is not None
    api = TelegramAPIServer.from_base(settings.telegram_api_url) if settings.telegram_api_url else PRODUCTION
    async with Bot(settings.telegram_token.get_secret_value(), AiohttpSession(api=api)) as bot:
        try:
            me = await bot.get_me()
            await Wire(assistant, AIOGRAM).introduce(bot)
        except TelegramUnauthorizedError as error:
            raise NotReached("Telegram does not know TELEGRAM_TOKEN; ask @BotFather for the bot's token") from error
        except TelegramNetworkError as error:
            raise NotReached(
                f"Telegram cannot be reached at {api.base.split('/bot')[0]}: check the network and TELEGRAM_API_URL"
            ) from error
        print(f"Answering as @{me.username} on Telegram. Stop with Ctrl+C.", flush=True)
        logging.getLogger("aiogram").setLevel(logging.WARNING)
        dispatcher = Dispatcher()
        dispatcher.include_router(assistant_router(assistant))
        await dispatcher.start_polling(bot, allowed_updates=["message", "callback_query"], handle_signals=signals)
