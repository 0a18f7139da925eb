"""The web server's door: connections that send no request soon are closed, and no address takes all of them.

aiohttp waits for the end of a request's headers for as long as somebody keeps the connection open. Each connection here
has a time limit until its request has come, and where too many wait, the one that has waited longest goes: so whoever
sends a request at once is always let in, whatever address a flood comes from.
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
from bot.channels.peers import Proxies, address_of, counted
from bot.channels.sums import Sums

log = logging.getLogger(__name__)

FIRST = 10.0  # seconds from a connection's first byte, or its beginning, until the headers of a request are there
BETWEEN = 75.0  # seconds of silence between two requests
SLOWEST = 20  # such times of silence in which an answer is being read
MOST_WAITING = 2_000  # connections whose request has not come
MOST_OF_ADDRESS = 200  # connections of one address that is no proxy of ours
MOST, SPARE = 10_200, 100  # connections in all, and files that the rest of the process needs
BACKLOG = 1_024  # connections that the system holds until they are accepted, all at once


class Door:
    """Makes a protocol for each connection, as `loop.create_server` wants it."""

    def __init__(self, proxies: Proxies) -> None:
        self.proxies = proxies
        self.server: web.Server | None = None
        self.most = max(2, open_files(MOST) - SPARE)
        self.most_waiting = min(MOST_WAITING, self.most // 2)
        self.backlog = max(1, min(BACKLOG, self.most_waiting // 2))
        # Whoever has waited longest first: for the end of a first or next request, and between two.
        self.waiting: dict[Guarded, None] = {}
        self.idle: dict[Guarded, None] = {}
        self.guarded: dict[asyncio.BaseTransport, Guarded] = {}
        self.addresses: Counter[str] = Counter()
        self.refused = Sums(log, "web server")

    def __call__(self) -> Guarded:
        assert self.server is not None
        return Guarded(self, self.server())

    async def attend(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer a request: it has come, and its handler may take its time."""
        one = self.guarded.get(request.transport) if request.transport is not None else None
        if one is None:
            return await handler(request)
        one.go_on()
        try:
            return await handler(request)
        finally:
            one.wait(BETWEEN, self.idle)

    def is_news(self, record: logging.LogRecord) -> bool:
        """A filter of aiohttp's log: what strangers send that is no HTTP is counted, not told with its trail each time."""
        if not (record.exc_info and isinstance(record.exc_info[1], HttpProcessingError)):
            return True
        self.refused.count("requests that are no HTTP")
        return False

    def lets_in(self, one: Guarded) -> bool:
        """Whether a new connection may stay; another may have to go for it."""
        if one.address and self.addresses[one.address] >= MOST_OF_ADDRESS:
            return self.sends_away("connections beyond those of one address", one.address)
        if len(self.waiting) >= self.most_waiting or len(self.guarded) >= self.most:
            return self.sends_away("connections without a request")
        return True

    def sends_away(self, kind: str, address: str = "") -> bool:
        """Close the connection that has waited longest, of one address or of all; False where none waits."""
        longest = next((one for one in chain(self.waiting, self.idle) if address in ("", one.address)), None)
        if longest not in self.idle:
            self.refused.count(kind)
        if longest is not None:
            longest.leave()
        return longest is not None


class Guarded(asyncio.Protocol):
    """One connection: passes everything on to aiohttp's protocol, and ends what does not come to a request."""

    def __init__(self, door: Door, inner: asyncio.Protocol) -> None:
        self.door, self.inner = door, inner
        self.address = ""  # to be counted by; none where it is a proxy's, behind which many may be
        self.transport: asyncio.Transport | None = None
        self.timer: asyncio.TimerHandle | None = None
        self.silent = True  # since the wait began
        self.inside = False
        self.slow = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's is none by its class
        peer = transport.get_extra_info("peername")
        address = address_of(str(peer[0])) if peer else None
        if address is not None and not self.door.proxies.trust(address):
            self.address = counted(address)
        self.inside = self.door.lets_in(self)
        if not self.inside:
            self.transport.abort()
            return
        self.door.guarded[transport] = self
        self.door.addresses[self.address] += 1
        self.inner.connection_made(transport)
        self.wait(FIRST, self.door.waiting)

    def wait(self, seconds: float, among: dict[Guarded, None]) -> None:
        """For a request."""
        self.go_on()
        if self.inside:
            self.silent = True
            among[self] = None
            self.timer = asyncio.get_running_loop().call_later(seconds, self.too_late)

    def go_on(self) -> None:
        """No longer: it has come, or never will."""
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None
        self.door.waiting.pop(self, None)
        self.door.idle.pop(self, None)

    def too_late(self) -> None:
        # The answer is made, but a large file may still be on its way to a slow reader.
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
