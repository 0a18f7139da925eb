"""Connection limits of the web server: a time limit for each request, and a maximum of connections per address.

aiohttp waits for a request's headers for as long as the client keeps the connection open. Here each connection has a
time limit until its request is complete, and over the maximum the longest waiting connection is closed. A client that
sends its request at once is therefore always served, wherever a flood comes from.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from itertools import chain
from typing import cast

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.typedefs import Handler

from bot.channels.limits import open_files
from bot.channels.peers import Proxies, address_key, address_of
from bot.channels.tally import RefusalTally

log = logging.getLogger(__name__)

FIRST = 10.0  # seconds from the connection, or from its first byte, to complete request headers
BETWEEN = 75.0  # seconds of idle time between two requests
SLOWEST = 20  # idle times (of BETWEEN seconds) for a slow client to read its response
MOST_WAITING = 2_000  # connections without a complete request
MOST_OF_ADDRESS = 200  # connections per address, except trusted proxies
MOST, SPARE = 10_200, 100  # connections in all; file descriptors reserved for the rest of the process
BACKLOG = 1_024  # connections queued by the system until they are accepted


class Door:
    """Protocol factory for `loop.create_server`: counts connections and closes those over the limits."""

    def __init__(self, proxies: Proxies) -> None:
        self.proxies = proxies
        self.server: web.Server | None = None
        self.most = max(2, open_files(MOST) - SPARE)
        self.most_waiting = min(MOST_WAITING, self.most // 2)
        self.backlog = max(1, min(BACKLOG, self.most_waiting // 2))
        # Oldest first: connections with an incomplete request, and connections idle between two requests.
        self.waiting: dict[Guarded, None] = {}
        self.idle: dict[Guarded, None] = {}
        self.guarded: dict[asyncio.BaseTransport, Guarded] = {}
        self.addresses: Counter[str] = Counter()
        self.refused = RefusalTally(log, "web server")

    def __call__(self) -> Guarded:
        assert self.server is not None
        return Guarded(self, self.server())

    async def attend(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Call a request's handler without a time limit."""
        one = self.guarded.get(request.transport) if request.transport is not None else None
        if one is None:
            return await handler(request)
        one.go_on()
        try:
            return await handler(request)
        finally:
            one.wait(BETWEEN, self.idle)

    def is_logged(self, record: logging.LogRecord) -> bool:
        """Filter aiohttp's log: count requests that are not HTTP instead of logging each with a traceback."""
        if not (record.exc_info and isinstance(record.exc_info[1], HttpProcessingError)):
            return True
        self.refused.count("requests that are no HTTP")
        return False

    def admit(self, one: Guarded) -> bool:
        """Return true if a new connection may stay; over a limit, the longest waiting one is closed for it."""
        if one.address and self.addresses[one.address] >= MOST_OF_ADDRESS:
            return self.close_longest_waiting("connections beyond those of one address", one.address)
        if len(self.waiting) >= self.most_waiting or len(self.guarded) >= self.most:
            return self.close_longest_waiting("connections without a request")
        return True

    def close_longest_waiting(self, kind: str, address: str = "") -> bool:
        """Close the longest waiting connection, of one address or of all. Returns false if none waits."""
        longest = next((one for one in chain(self.waiting, self.idle) if address in ("", one.address)), None)
        if longest not in self.idle:
            self.refused.count(kind)
        if longest is not None:
            longest.leave()
        return longest is not None


class Guarded(asyncio.Protocol):
    """One connection: forwards to aiohttp's protocol, and closes if no complete request arrives in time."""

    def __init__(self, door: Door, inner: asyncio.Protocol) -> None:
        self.door, self.inner = door, inner
        self.address = ""  # for the count per address; "" for a trusted proxy, which serves many clients
        self.transport: asyncio.Transport | None = None
        self.timer: asyncio.TimerHandle | None = None
        self.silent = True  # no byte since the wait began
        self.inside = False
        self.slow = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's transport is not a subclass
        peer = transport.get_extra_info("peername")
        address = address_of(str(peer[0])) if peer else None
        if address is not None and not self.door.proxies.trust(address):
            self.address = address_key(address)
        self.inside = self.door.admit(self)
        if not self.inside:
            self.transport.abort()
            return
        self.door.guarded[transport] = self
        self.door.addresses[self.address] += 1
        self.inner.connection_made(transport)
        self.wait(FIRST, self.door.waiting)

    def wait(self, seconds: float, among: dict[Guarded, None]) -> None:
        """Wait for a request; the connection closes after some seconds."""
        self.go_on()
        if self.inside:
            self.silent = True
            among[self] = None
            self.timer = asyncio.get_running_loop().call_later(seconds, self.too_late)

    def go_on(self) -> None:
        """Stop waiting: the request is complete, or the connection closes."""
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None
        self.door.waiting.pop(self, None)
        self.door.idle.pop(self, None)

    def too_late(self) -> None:
        # A slow client may still be reading a large file.
        if self.transport is not None and self.transport.get_write_buffer_size() and self.slow < SLOWEST:
            self.slow += 1
            self.wait(BETWEEN, self.door.idle)
            return
        if not self.silent:
            self.door.refused.count("requests that did not come to an end")
        self.leave()

    def leave(self) -> None:
        self.go_on()
        if self.transport is not None:
            self.transport.abort()

    def data_received(self, data: bytes) -> None:
        if self.inside:
            if self.silent and self.timer is not None:
                self.wait(FIRST, self.door.waiting)
                self.silent = False
            self.inner.data_received(data)

    def eof_received(self) -> bool | None:
        return self.inner.eof_received() if self.inside else None

    def pause_writing(self) -> None:
        self.inner.pause_writing()

    def resume_writing(self) -> None:
        self.inner.resume_writing()

    def connection_lost(self, error: Exception | None) -> None:
        self.go_on()
        if self.inside:
            self.inside = False
            if self.transport is not None:
                self.door.guarded.pop(self.transport, None)
            self.door.addresses[self.address] -= 1
            if not self.door.addresses[self.address]:
                del self.door.addresses[self.address]
            self.inner.connection_lost(error)
