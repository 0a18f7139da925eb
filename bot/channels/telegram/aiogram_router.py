"""The assistant for an aiogram application: a Router to include in its Dispatcher."""

from __future__ import annotations

from aiogram import Bot, Router, types
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import FSInputFile, TelegramObject, Update

from bot.assistant import Assistant
from bot.channels.telegram.wire import Types, Wire

AIOGRAM = Types(
    keyboard=types.InlineKeyboardMarkup,
    button=types.InlineKeyboardButton,
    preview=types.LinkPreviewOptions,
    command=types.BotCommand,
    file=FSInputFile,
    refused=TelegramBadRequest,
)


def assistant_router(assistant: Assistant) -> Router:
    """A Router that answers the messages and presses of private chats."""
    router = Router(name="merchant-assistant")
    wire = Wire(assistant, AIOGRAM)

    async def handle(event: TelegramObject, bot: Bot, event_update: Update) -> None:
        await wire.handle(bot, event_update.model_dump(mode="json", by_alias=True, exclude_none=True))

    router.message.register(handle)
    router.callback_query.register(handle)
    return router
