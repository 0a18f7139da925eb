"""Long polling: updates are stored in the inbox before the next ones are requested, which confirms them."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import aiohttp

from bot.channels.telegram.call import OFFICIAL
from bot.channels.telegram.inlet import Inlet
from bot.channels.telegram.updates import ALLOWED_UPDATES, update_number
from bot.json_text import from_text

log = logging.getLogger(__name__)

LONG = 25  # seconds for which Telegram holds a poll open
GRACE = 10.0  # more seconds until a poll times out
LEASE_EVERY = 1.0  # seconds between attempts to get the lease
FAILURES = 2  # polls that may fail one after the other, as networks have it
LONGEST_PAUSE = 10.0  # seconds; upper bound of the growing pause after failures


class Poller:
    """Polls a bot's updates while this process holds the lease, since Telegram allows one poller at a time."""

    def __init__(self, inlet: Inlet, token: str, url: str | None) -> None:
        self.inlet = inlet
        self.polls, self.trouble = False, ""  # whether this process polls, and why the last polls failed
        self.url = f"{url or OFFICIAL}/bot{token}/getUpdates"

    async def run(self) -> None:
        """Poll until cancelled."""
        offset, failures = 0, 0
        timeout = aiohttp.ClientTimeout(total=LONG + GRACE)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            while True:
                if not await self.inlet.store.lease(f"telegram-polling:{self.inlet.me.id}"):
                    offset, self.polls = 0, False
                    await asyncio.sleep(LEASE_EVERY)
                    continue
                self.polls = True
                try:
                    updates = await self.updates(session, offset, 0 if failures else LONG)
                except NoUpdates as error:
                    failures += 1
                    pause = error.seconds or min(0.1 * 2.0**failures, LONGEST_PAUSE)
                    log.debug("polling Telegram: %s", error)
                    if failures > FAILURES:
                        self.trouble = f"polling Telegram fails: {error}"
                    await asyncio.sleep(pause)
                    continue
                failures, self.trouble = 0, ""
                if updates:
                    await self.inlet.accept(updates.values())
                    offset = max(updates) + 1

    async def updates(self, session: aiohttp.ClientSession, offset: int, seconds: int) -> dict[int, dict[str, Any]]:
        """Request the updates from an offset on, held for some seconds while there are none. Returns them by number. Raises NoUpdates."""
        params = {"offset": offset, "timeout": seconds, "limit": 100, "allowed_updates": ALLOWED_UPDATES}
        try:
            async with session.post(self.url, json=params) as answer:
                body = from_text(await answer.read())
            if not body.get("ok"):
                raise NoUpdates(str(body.get("description")), body.get("parameters", {}).get("retry_after"))
            found = {update_number(update): update for update in body["result"]}
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError, RecursionError) as error:
            raise NoUpdates(f"{type(error).__name__}: {str(error).replace(self.url, 'getUpdates')}") from error
        except (AttributeError, TypeError, KeyError) as error:
            raise NoUpdates("the answer has an unknown structure") from error
        updates = {number: update for number, update in found.items() if number is not None}
        if found and not updates:
            raise NoUpdates("the answer has no valid updates")
        if None in found:
            log.warning("polling Telegram: ignoring an invalid update")
        return updates


class NoUpdates(Exception):
    """The poll failed; `seconds` is the pause requested by Telegram, if any."""

    def __init__(self, why: str, seconds: float | None = None) -> None:
        super().__init__(why)
        self.seconds = seconds
