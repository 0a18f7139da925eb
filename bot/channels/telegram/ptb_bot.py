"""Bot API calls through python-telegram-bot, and conversion of its exceptions."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from telegram import Bot, InputFile
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    EndPointNotFound,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)
from telegram.request import HTTPXRequest

from bot.channels.channel import CallRefused, ChatMoved, RetryLater
from bot.channels.telegram.call import OFFICIAL, TIMEOUT, Call, UnknownToken, failure

CONNECTIONS = 64
# The library reports refusals without an exception of their own as network errors, with the status in the message.
REFUSED = re.compile(r"\(4\d\d\)|entity too large", re.IGNORECASE)


@asynccontextmanager
async def open_caller(token: str, url: str | None) -> AsyncIterator[PtbCaller]:
    """Open a caller for a token, to the official server or the one at `url`."""
    # httpx logs every URL, and these contain the token.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    request = HTTPXRequest(CONNECTIONS, TIMEOUT, TIMEOUT, TIMEOUT, pool_timeout=TIMEOUT, media_write_timeout=TIMEOUT)
    try:
        yield PtbCaller(Bot(token, f"{url or OFFICIAL}/bot", request=request, get_updates_request=request))
    finally:
        await request.shutdown()


class PtbCaller:
    """Makes calls with a Bot of python-telegram-bot; an application's own bot is used as configured."""

    def __init__(self, bot: Bot) -> None:
        self.bot = bot

    async def __call__(self, call: Call) -> Any:
        files = await asyncio.to_thread(read_files, call.files) if call.files else {}
        try:
            return await self.bot.do_api_request(endpoint(call.method), {**call.params, **files})
        except RetryAfter as error:
            after = error.retry_after
            raise RetryLater(error.message, after.total_seconds() if isinstance(after, timedelta) else after) from error
        except (InvalidToken, EndPointNotFound) as error:
            # The library raises the same for an unknown token and an unknown method; the cause's text differs.
            if "not found" in str(error.__cause__).lower():
                raise CallRefused(f"Telegram has no method {call.method}") from error
            raise UnknownToken from error
        except ChatMigrated as error:
            raise ChatMoved(error.message, str(error.new_chat_id)) from error
        except Forbidden as error:
            raise failure(403, error.message) from error
        except (BadRequest, Conflict) as error:
            raise failure(400, error.message) from error
        except NetworkError as error:
            why = f"{type(error).__name__}: {error.message}".replace(self.bot.token, "TELEGRAM_TOKEN")
            raise (CallRefused if REFUSED.search(error.message) else RetryLater)(why) from error
        except TelegramError as error:
            if error.message == "Invalid server response":
                raise RetryLater(error.message) from error
            raise CallRefused(error.message) from error


def read_files(files: Mapping[str, str]) -> dict[str, InputFile]:
    return {name: InputFile(Path(path).read_bytes(), Path(path).name) for name, path in files.items()}


def endpoint(method: str) -> str:
    """Spell a method as "send_Message", which the library converts to "sendMessage".

    It would warn at every call of a method spelt like one of its own functions.
    """
    return re.sub("([A-Z])", r"_\1", method)
