"""Calls of the Bot API through aiogram, and what its exceptions mean."""

from __future__ import annotations

from typing import Any

from aiogram import Bot, methods
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import PRODUCTION, TelegramAPIServer
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramAPIError,
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.types import FSInputFile

from bot.channels.channel import Later, Refused
from bot.channels.telegram.call import Call, refusal

TIMEOUT = 30.0  # seconds for a call


def bot_of(token: str, url: str | None) -> Bot:
    """aiogram's bot for a token, on the official server or another."""
    api = TelegramAPIServer.from_base(url) if url else PRODUCTION
    return Bot(token, AiohttpSession(api=api, timeout=TIMEOUT))


class AiogramCaller:
    """Makes calls with an aiogram Bot."""

    def __init__(self, bot: Bot) -> None:
        self.bot = bot

    async def __call__(self, call: Call) -> str | None:
        method = getattr(methods, call.method[0].upper() + call.method[1:])
        files = {name: FSInputFile(path) for name, path in call.files.items()}
        try:
            made: Any = await self.bot(method(**call.params, **files))
        except TelegramRetryAfter as error:
            raise Later(str(error), float(error.retry_after)) from error
        except TelegramUnauthorizedError as error:
            raise Later(f"Telegram does not know TELEGRAM_TOKEN any more: {error}") from error
        # An answer that is no JSON is a proxy's: the page of a 502.
        except (TelegramServerError, TelegramNetworkError, ClientDecodeError, TimeoutError) as error:
            raise Later(f"{type(error).__name__}: {error}") from error
        except TelegramForbiddenError as error:
            raise refusal(403, error.message) from error
        except TelegramBadRequest as error:
            raise refusal(400, error.message) from error
        except TelegramAPIError as error:
            raise Refused(str(error)) from error
        id = getattr(made, "message_id", None)
        return None if id is None else str(id)
