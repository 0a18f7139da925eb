"""Answers in the response to the request that brought a message, for platforms that take them there and nowhere else."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, TypeAlias

from bot.store import IN_RESPONSE, Arrival, Delivery, Store, Waiting

if TYPE_CHECKING:
    from aiohttp import web  # slow to load, and the terminal needs no web server

LEASE = 3.0  # seconds in which a response is written; a call of one that was not is sent by the outbox
LOOK = 0.2  # seconds between looks at what another process has handled

# Makes a response of calls; of none where nothing is said, of None where that is not known in time.
Write: TypeAlias = "Callable[[Sequence[str] | None], Awaitable[web.Response]]"


class Responses:
    """Waits with a request until its message is handled, for some `seconds`, and puts the first calls that answer it into the
    response, at most so many. Calls that are made later, and those beyond, go by the outbox.

    The database tells which way a call goes, so that it goes one: whoever takes it there first has it. A response that cannot
    be written leaves its calls to the outbox. When the platform repeats a request, its response says the same again; the
    channel's calls linger for as long as it may do so. `sent` counts what has gone out.
    """

    def __init__(self, store: Store, seconds: float, most: int = 1) -> None:
        self.store, self.seconds, self.most = store, seconds, most
        self.taking: set[asyncio.Task[list[Waiting] | None]] = set()
        self.sent: Callable[[], None] = lambda: None
        self.requests: defaultdict[str, set[asyncio.Event]] = defaultdict(set)  # those under way, by chat

    def handled(self, chat: str) -> None:
        """A message of this chat has been handled."""
        for news in self.requests.get(chat, ()):
            news.set()

    async def respond(self, request: web.Request, arrival: Arrival, write: Write) -> web.StreamResponse:
        """Store a message and answer its request. Raises TimeoutError where it cannot be stored in time, and is to be repeated."""
        deadline = asyncio.get_running_loop().time() + self.seconds
        async with asyncio.timeout_at(deadline):
            await self.store.accept([arrival])
        taking = asyncio.create_task(self.taken(arrival, deadline))
        self.taking.add(taking)
        taking.add_done_callback(self.taking.discard)
        # What is under way at the deadline ends by itself: the store is not to be left in the middle of a transaction.
        done, _ = await asyncio.wait([taking], timeout=deadline - asyncio.get_running_loop().time())
        taken = taking.result() if done else None
        response = await write(None if taken is None else [call.payload for call in taken])
        await response.prepare(request)
        await response.write_eof()
        if taken:
            for call in taken:
                await self.store.mark(Delivery(call, "sent", platform_id=IN_RESPONSE))
                self.sent()
            await asyncio.shield(self.store.release(arrival))
        return response

    async def taken(self, arrival: Arrival, deadline: float) -> list[Waiting] | None:
        """The first calls that answer a message, once it has been handled; None where it is not by then."""
        news, now = asyncio.Event(), asyncio.get_running_loop().time
        self.requests[arrival.chat].add(news)
        try:
            while (found := await self.store.take(arrival, self.most, LEASE)) is None and now() < deadline:
                with suppress(TimeoutError):
                    async with asyncio.timeout_at(min(now() + LOOK, deadline)):
                        await news.wait()
                news.clear()
            return found
        finally:
            self.requests[arrival.chat].discard(news)
            if not self.requests[arrival.chat]:
                del self.requests[arrival.chat]
