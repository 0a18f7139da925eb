"""Telegram by long polling: updates are in the inbox before Telegram is asked for the next."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import aiohttp

from bot.channels.telegram.call import OFFICIAL
from bot.channels.telegram.reading import ALLOWED_UPDATES, Aside, arrival, nobody, number_of
from bot.channels.telegram.relay import TelegramDesk
from bot.json_text import from_text
from bot.store.ports import Intake

log = logging.getLogger(__name__)

LONG = 25  # seconds that Telegram keeps a poll open
GRACE = 10.0  # seconds more until a poll counts as lost
LEASE_EVERY = 1.0  # seconds between attempts to become the one who polls
LONGEST_PAUSE = 10.0  # seconds after failures, growing


class Poller:
    """Takes a bot's updates into the inbox while this process holds the lease on it: Telegram refuses two at once."""

    def __init__(
        self, store: Intake, token: str, url: str | None, desk: TelegramDesk | None = None, aside: Aside = nobody
    ) -> None:
        self.store, self.desk, self.aside = store, desk, aside
        self.bot = token.partition(":")[0]
        self.url = f"{url or OFFICIAL}/bot{token}/getUpdates"

    async def run(self) -> None:
        """Poll until cancelled."""
        offset, failures = 0, 0
        timeout = aiohttp.ClientTimeout(total=LONG + GRACE)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            while True:
                if not await self.store.lease(f"telegram-polling:{self.bot}"):
                    offset = 0
                    await asyncio.sleep(LEASE_EVERY)
                    continue
                try:
                    updates = await self.updates(session, offset)
                except NoUpdates as error:
                    failures += 1
                    pause = error.seconds or min(0.1 * 2.0**failures, LONGEST_PAUSE)
                    log.log(logging.WARNING if failures > 2 else logging.DEBUG, "polling Telegram: %s", error)
                    await asyncio.sleep(pause)
                    continue
                failures = 0
                if updates:
                    desks = self.desk.chats if self.desk else ()
                    await self.store.accept(
                        [
                            one
                            for update in updates.values()
                            if not self.aside(update) and (one := arrival(update, self.bot, desks))
                        ]
                    )
                    offset = max(updates) + 1

    async def updates(self, session: aiohttp.ClientSession, offset: int) -> dict[int, dict[str, Any]]:
        """The updates from an offset on, by their numbers. Raises NoUpdates."""
        params = {"offset": offset, "timeout": LONG, "limit": 100, "allowed_updates": ALLOWED_UPDATES}
        try:
            async with session.post(self.url, json=params) as answer:
                body = from_text(await answer.read())
            if not body.get("ok"):
                raise NoUpdates(str(body.get("description")), body.get("parameters", {}).get("retry_after"))
            found = {number_of(update): update for update in body["result"]}
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError, RecursionError) as error:
            raise NoUpdates(f"{type(error).__name__}: {str(error).replace(self.url, 'getUpdates')}") from error
        except (AttributeError, TypeError, KeyError) as error:
            raise NoUpdates("the answer has a shape that is not known") from error
        updates = {number: update for number, update in found.items() if number is not None}
        if found and not updates:
            raise NoUpdates("what came are no updates")
        if None in found:
            log.warning("polling Telegram: something that is no update is passed over")
        return updates


class NoUpdates(Exception):
    """A poll that brought nothing; `seconds` is the pause that Telegram asks for."""

    def __init__(self, why: str, seconds: float | None = None) -> None:
        super().__init__(why)
        self.seconds = seconds
