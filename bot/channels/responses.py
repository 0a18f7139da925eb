"""Answers in responses, for platforms that take them only in the response to the message's request."""

from __future__ import annotations

import asyncio
import math
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, TypeAlias

from bot.store import IN_RESPONSE, Arrival, Delivery, Store, Taken, part_of

if TYPE_CHECKING:
    from aiohttp import web  # slow to load, and the terminal needs no web server

# Seconds to write a response and note it; after them, the outbox sends its calls, a second time where the process was only
# slow. So much more than a busy process needs; what a killed one had begun comes that much later.
LEASE = 10.0
LOOK = 0.2  # seconds between queries for messages handled by other processes
# Seconds between queries for messages that this process handles, which then wakes the request.
OWN_LOOK = 1.0

# Builds a response from the calls taken: none if there is no answer, None if the answer is late.
Write: TypeAlias = "Callable[[Taken | None], Awaitable[web.StreamResponse]]"


def first_call(calls: Sequence[str]) -> int:
    """Choose the first call."""
    return min(1, len(calls))


class Responses:
    """Holds requests for up to `seconds` until their messages are handled, and answers with the first calls.

    `choose` says how many calls fit into a response, `patience` for how many seconds the platform reads it. The outbox
    sends later and further calls. Each call is claimed in the database before it is sent; if a response cannot be written,
    the outbox sends its calls. A repeated request gets the same response, since the channel's calls linger as long as the
    platform repeats requests. `sent` is called for each call sent.

    A platform may repeat an unanswered request, up to the `last` one: until then, calls count as sent when a response
    takes them, since the next request brings a lost response again.
    """

    def __init__(
        self,
        store: Store,
        seconds: float,
        choose: Callable[[Sequence[str]], int] = first_call,
        patience: float = math.inf,
    ) -> None:
        self.store, self.seconds, self.choose, self.patience = store, seconds, choose, patience
        self.taking: set[asyncio.Task[Taken | None]] = set()
        self.sent: Callable[[], None] = lambda: None
        self.requests: defaultdict[str, set[asyncio.Event]] = defaultdict(set)  # open requests' events by chat

    def wake(self, chat: str) -> None:
        """Wake the chat's open requests, after one of its messages was handled."""
        for news in self.requests.get(chat, ()):
            news.set()

    async def respond(
        self, request: web.Request, arrival: Arrival, write: Write, *, last: bool = True
    ) -> web.StreamResponse:
        """Store a message and answer its request. Raises TimeoutError if it is not stored in time and has to be repeated."""
        begun = asyncio.get_running_loop().time()
        deadline = begun + self.seconds
        async with asyncio.timeout_at(deadline):
            await self.store.accept([arrival])
        taking = asyncio.create_task(self.claim(arrival, deadline, LEASE if last else None))
        self.taking.add(taking)
        taking.add_done_callback(self.taking.discard)
        # The task is not cancelled at the deadline, so that no transaction of the store is interrupted.
        done, _ = await asyncio.wait([taking], timeout=deadline - asyncio.get_running_loop().time())
        taken = taking.result() if done else None
        response = await write(taken)
        try:
            if asyncio.get_running_loop().time() > begun + self.patience:
                raise ConnectionResetError
            await response.prepare(request)
            await response.write_eof()
        except ConnectionResetError:
            # Nobody reads it any more. If the platform does not ask again, the outbox has it.
            if taken and taken.calls:
                await self.store.give_back(taken.calls, LEASE if last else 3 * self.seconds)
            return response
        if taken and taken.calls:
            for call in taken.calls:
                if last:
                    await self.store.mark(Delivery(call, "sent", platform_id=IN_RESPONSE))
                self.sent()
            await asyncio.shield(self.store.release(arrival))
        return response

    async def claim(self, arrival: Arrival, deadline: float, lease: float | None) -> Taken | None:
        """Wait for a message's handling, and claim its first calls. Returns None if it is not handled by the deadline."""
        news, now = asyncio.Event(), asyncio.get_running_loop().time
        self.requests[arrival.chat].add(news)
        try:
            while (found := await self.store.take(arrival, self.choose, lease)) is None and now() < deadline:
                own = part_of(arrival.channel, arrival.chat) in self.store.parts
                with suppress(TimeoutError):
                    async with asyncio.timeout_at(min(now() + (OWN_LOOK if own else LOOK), deadline)):
                        await news.wait()
                news.clear()
            return found
        finally:
            self.requests[arrival.chat].discard(news)
            if not self.requests[arrival.chat]:
                del self.requests[arrival.chat]
