"""Every way in which the assistant lives on Telegram: served or embedded, with either framework."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, Literal

from aiogram import Bot, Dispatcher
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from pydantic import SecretStr
from telegram.ext import Application

from bot import app
from bot.assistant import Assistant
from bot.channels.telegram.aiogram_router import assistant_router
from bot.channels.telegram.ptb_handlers import assistant_handlers
from bot.channels.telegram.updates import ALLOWED_UPDATES
from bot.settings import Settings
from bot.store.sqlite import SqliteStore
from tests.botapi import BotApi

PATIENCE = 30  # seconds; the first question loads the encoder
SET_UP = {"getUpdates", "getMe", "setMyCommands", "setMyDescription", "setMyShortDescription", "deleteWebhook"}

Way = Callable[[BotApi, Assistant], AbstractAsyncContextManager[None]]


def served(library: Literal["aiogram", "ptb"], **more: Any) -> Way:
    """Served through a framework, with the assistant's limits; `more` are settings."""

    @contextlib.asynccontextmanager
    async def serving(api: BotApi, assistant: Assistant) -> AsyncIterator[None]:
        settings = Settings(
            telegram_token=SecretStr(api.token),
            telegram_api_url=api.url,
            telegram_library=library,
            sends_per_second=0,
            sends_per_chat_per_second=0,
            sends_per_group_per_minute=0,
            messages_per_minute=assistant.terms.allowed.per_minute,
            group_messages_per_minute=assistant.terms.allowed.group_per_minute,
            **more,
        )
        store, stop = assistant.store, asyncio.Event()
        assert isinstance(store, SqliteStore)

        async def opening() -> Assistant:
            return assistant

        task = asyncio.create_task(app.answer(settings, opening, store, stop))
        try:
            await api.until(lambda: task.done() or api.called("getUpdates"), PATIENCE)
            yield
        finally:
            stop.set()
            await task

    return serving


@contextlib.asynccontextmanager
async def aiogram_embedded(api: BotApi, assistant: Assistant) -> AsyncIterator[None]:
    dispatcher = Dispatcher()
    dispatcher.include_router(assistant_router(assistant))
    async with Bot(api.token, AiohttpSession(api=TelegramAPIServer.from_base(api.url))) as bot:
        task = asyncio.create_task(dispatcher.start_polling(bot, handle_signals=False))
        try:
            await api.until(lambda: task.done() or api.called("getUpdates"), PATIENCE)
            yield
        finally:
            await dispatcher.stop_polling()
            await task


@contextlib.asynccontextmanager
async def ptb_embedded(api: BotApi, assistant: Assistant) -> AsyncIterator[None]:
    application: Application[Any, Any, Any, Any, Any, Any] = (
        Application.builder().token(api.token).base_url(api.ptb_url).build()
    )
    application.add_handlers(assistant_handlers(assistant))
    async with application:
        await application.start()
        assert application.updater
        await application.updater.start_polling(allowed_updates=ALLOWED_UPDATES)
        try:
            yield
        finally:
            await application.updater.stop()
            await application.stop()


WAYS: dict[str, Way] = {
    "served by aiogram": served("aiogram"),
    "served by python-telegram-bot": served("ptb"),
    "in an aiogram application": aiogram_embedded,
    "in a python-telegram-bot application": ptb_embedded,
}


def calls_of(api: BotApi) -> list[tuple[str, dict[str, Any]]]:
    """What was called besides setting up and polling, as the API understood it."""
    return [(call.method, call.params) for call in api.calls if call.method not in SET_UP]
