"""The assistant for an application of python-telegram-bot: handlers to add to it."""

from __future__ import annotations

from telegram import Update
from telegram.ext import BaseHandler, ContextTypes

from bot.assistant import Assistant
from bot.channels.telegram.ptb_bot import PtbCaller
from bot.channels.telegram.wire import Wire

Context = ContextTypes.DEFAULT_TYPE


def assistant_handlers(assistant: Assistant) -> list[BaseHandler[Update, Context, None]]:
    """Handlers that answer what is meant for the assistant, and leave other updates to the handlers after them."""
    return [AssistantHandler(Wire(assistant))]


class AssistantHandler(BaseHandler[Update, Context, None]):
    """Takes the updates that the assistant answers, one chat's in order and the chats side by side."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire

        async def handle(update: Update, context: Context) -> None:
            await wire.handle(PtbCaller(context.bot), update.to_dict())

        super().__init__(handle, block=False)

    def check_update(self, update: object) -> bool:
        return isinstance(update, Update) and self.wire.answers(update.to_dict())
