"""The assistant for an aiogram application: a Router to include in its Dispatcher."""

from __future__ import annotations

from typing import Any

from aiogram import Bot, Router
from aiogram.types import TelegramObject, Update

from bot.assistant import Assistant
from bot.channels.telegram.aiogram_bot import AiogramCaller
from bot.channels.telegram.wire import Wire


def assistant_router(assistant: Assistant) -> Router:
    """A Router that answers the messages and presses of private chats."""
    router = Router(name="merchant-assistant")
    wire = Wire(assistant)

    async def handle(event: TelegramObject, bot: Bot, event_update: Update) -> None:
        await wire.handle(AiogramCaller(bot), raw(event_update))

    router.message.register(handle)
    router.callback_query.register(handle)
    return router


def raw(update: Update) -> dict[str, Any]:
    """The update as Telegram sent it; aiogram's marks for its own defaults become null."""
    return update.model_dump(mode="json", by_alias=True, exclude_none=True, fallback=lambda _: None)
