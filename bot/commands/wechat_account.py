"""The interface of the settings' official account, for commands."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from bot import app
from bot.channels.channel import CallRefused, RetryLater
from bot.commands.root import NOT_DONE, WRONG_USE, fail
from bot.settings import Settings
from bot.store import Store, StoreError

if TYPE_CHECKING:
    from bot.channels.wechat.api import WeChatApi

T = TypeVar("T")


def with_account(chosen: Settings, act: Callable[[WeChatApi], Awaitable[T]]) -> T:
    """Do something with the interface of the settings' account; a refusal ends the command."""
    from bot.channels.wechat.api import open_api  # deferred: aiohttp is slow to load

    async def run(notes: Store | None) -> T:
        async with open_api(chosen, notes) as api:
            return await act(api)

    try:
        try:
            return app.with_store(chosen, run)
        except StoreError:  # nothing was served here yet, so no process shares its access token
            return asyncio.run(run(None))
    except ValueError as error:
        fail(str(error), WRONG_USE)
    except (CallRefused, RetryLater) as error:
        fail(f"WeChat: {error}", NOT_DONE)
