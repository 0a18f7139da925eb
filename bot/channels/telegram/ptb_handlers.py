"""The assistant in an application of python-telegram-bot: handlers to add to it."""

from __future__ import annotations

from telegram import Update
from telegram.ext import BaseHandler, ContextTypes

from bot.assistant import Assistant
from bot.channels.telegram.embedded import Embedded
from bot.channels.telegram.ptb_bot import PtbCaller

Context = ContextTypes.DEFAULT_TYPE


def assistant_handlers(assistant: Assistant) -> list[BaseHandler[Update, Context, None]]:
    """Return handlers that answer the assistant's updates, and leave others to the next handlers."""
    return [AssistantHandler(Embedded(assistant))]


class AssistantHandler(BaseHandler[Update, Context, None]):
    """Handles the assistant's updates: a chat's in order, different chats concurrently."""

    def __init__(self, embedded: Embedded) -> None:
        self.embedded = embedded

        async def handle(update: Update, context: Context) -> None:
            await embedded.handle(PtbCaller(context.bot), update.to_dict())

        super().__init__(handle, block=False)

    def check_update(self, update: object) -> bool:
        return isinstance(update, Update) and self.embedded.concerns(update.to_dict())
