"""The interface of the settings' official account, for commands."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from bot.channels.channel import CallRefused, RetryLater
from bot.commands.root import NOT_DONE, WRONG_USE, fail
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.channels.wechat.api import WeChatApi

T = TypeVar("T")


def with_account(chosen: Settings, act: Callable[[WeChatApi], Awaitable[T]]) -> T:
    """Do something with the interface of the settings' account; a refusal ends the command."""
    from bot.channels.wechat.api import open_api  # deferred: aiohttp is slow to load

    async def run() -> T:
        async with open_api(chosen) as api:
            return await act(api)

    try:
        return asyncio.run(run())
    except ValueError as error:
        fail(str(error), WRONG_USE)
    except (CallRefused, RetryLater) as error:
        fail(str(error), NOT_DONE)
