"""Bot API calls through aiogram, and conversion of its exceptions."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from typing import Any

from aiogram import Bot, methods
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import PRODUCTION, TelegramAPIServer
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramAPIError,
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.methods import TelegramMethod
from aiogram.types import FSInputFile, TelegramObject
from aiohttp import ClientError, ClientTimeout
from pydantic import BaseModel

from bot.channels.channel import CallRefused, ChatMoved, RetryLater
from bot.channels.telegram.call import TIMEOUT, Call, UnknownToken, failure, result_of
from bot.json_text import to_text

JSON = {"Content-Type": "application/json"}


class JsonSession(AiohttpSession):
    """An aiogram session that can also post JSON, without building, validating and dumping models."""

    async def post(self, token: str, call: Call) -> Any:
        """Make a call without files. Returns its decoded JSON result. Raises RetryLater, RecipientGone, ChatMoved, CallRefused."""
        session = await self.create_session()
        url = self.api.api_url(token=token, method=call.method)
        body, timeout = to_text(call.params).encode(), ClientTimeout(total=self.timeout)
        try:
            async with session.post(url, data=body, headers=JSON, timeout=timeout) as answer:
                status, told = answer.status, await answer.read()
        except (ClientError, TimeoutError, OSError) as error:
            raise RetryLater(f"{type(error).__name__}: {error}".replace(token, "TELEGRAM_TOKEN")) from error
        return result_of(status, told)


@asynccontextmanager
async def open_caller(token: str, url: str | None) -> AsyncIterator[AiogramCaller]:
    """Open a caller for a token, to the official server or the one at `url`."""
    api = TelegramAPIServer.from_base(url) if url else PRODUCTION
    async with Bot(token, JsonSession(api=api, timeout=TIMEOUT)) as bot:
        yield AiogramCaller(bot)


class AiogramCaller:
    """Makes calls with an aiogram Bot; an application's own bot is used as configured."""

    def __init__(self, bot: Bot) -> None:
        self.bot = bot

    async def __call__(self, call: Call) -> Any:
        if isinstance(self.bot.session, JsonSession) and not call.files:
            return await self.bot.session.post(self.bot.token, call)
        method = (
            untyped_method(call.method) if call.asks else getattr(methods, call.method[0].upper() + call.method[1:])
        )
        files = {name: FSInputFile(path) for name, path in call.files.items()}
        try:
            made: Any = await self.bot(method(**call.params, **files))
        except TelegramRetryAfter as error:
            raise RetryLater(error.message, float(error.retry_after)) from error
        except TelegramUnauthorizedError as error:
            raise UnknownToken from error
        # Answers that are not JSON come from proxies, such as the page of a 502.
        except (TelegramServerError, TelegramNetworkError, ClientDecodeError, TimeoutError) as error:
            raise RetryLater(f"{type(error).__name__}: {error}".replace(self.bot.token, "TELEGRAM_TOKEN")) from error
        except TelegramMigrateToChat as error:
            raise ChatMoved(error.message, str(error.migrate_to_chat_id)) from error
        except TelegramForbiddenError as error:
            raise failure(403, error.message) from error
        except TelegramBadRequest as error:
            raise failure(400, error.message) from error
        except TelegramAPIError as error:
            raise CallRefused(error.message) from error
        return plain_json(made) if isinstance(made, TelegramObject) else made


@cache
def untyped_method(name: str) -> type[TelegramMethod[Any]]:
    """Define a method with an unvalidated result, since aiogram's models reject objects with unexpected fields."""
    return type(name, (TelegramMethod[Any],), {"__returning__": Any, "__api_method__": name, "__module__": __name__})


def plain_json(made: BaseModel) -> dict[str, Any]:
    """Dump an object to Telegram's JSON; aiogram's placeholders for defaults become null."""
    return made.model_dump(mode="json", by_alias=True, exclude_none=True, fallback=lambda _: None)
