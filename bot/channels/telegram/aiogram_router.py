"""The assistant in an aiogram application: a Router to include in its Dispatcher."""

from __future__ import annotations

from typing import Any

from aiogram import Bot, Router
from aiogram.dispatcher.event.bases import SkipHandler
from aiogram.types import TelegramObject, Update

from bot.assistant import Assistant
from bot.channels.telegram.aiogram_bot import AiogramCaller, plain_json
from bot.channels.telegram.embedded import Embedded
from bot.channels.telegram.updates import ALLOWED_UPDATES


def assistant_router(assistant: Assistant) -> Router:
    """Return a Router that answers the assistant's updates, and leaves others to the next routers."""
    router = Router(name="merchant-assistant")
    embedded = Embedded(assistant)

    def mine(_: TelegramObject, event_update: Update) -> bool | dict[str, Any]:
        update = plain_json(event_update)
        return embedded.concerns(update) and {"update": update}

    async def handle(_: TelegramObject, bot: Bot, update: dict[str, Any]) -> None:
        if not await embedded.handle(AiogramCaller(bot), update):
            raise SkipHandler  # not addressed to the assistant; left to the next routers

    for kind in ALLOWED_UPDATES:
        router.observers[kind].register(handle, mine)
    return router
