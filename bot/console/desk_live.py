"""The WebSockets of the desk's pages: they tell a page that its tickets have changed, and who else is writing."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import defaultdict
from dataclasses import dataclass, field
from http import HTTPStatus

from aiohttp import WSCloseCode, WSMsgType, web

from bot.console import access
from bot.console.site import COOKIE, Site, Visit
from bot.json_text import to_text

LOOK = 0.7  # seconds between looks at what other processes have stored
RECHECK = 5.0  # seconds between looks whether the person is still signed in
MOST = 200  # sockets of this process
LARGEST = 256  # bytes that a page sends
MINUTE = 60  # seconds after which a list's waiting times are shown anew
HEARTBEAT = 20.0
SIGNED_OUT = 4401  # close code, after which the page does not connect again


@dataclass(eq=False)
class Page:
    """An open page: of one ticket, or of the list."""

    ticket: int | None
    visit: Visit
    socket: web.WebSocketResponse
    changed: asyncio.Event = field(default_factory=asyncio.Event)


class DeskLive:
    def __init__(self, site: Site) -> None:
        self.site = site
        self.pages: dict[int | None, set[Page]] = defaultdict(set)

    def wake(self, ticket: int) -> None:
        """Have the pages of a ticket, and the lists, look at once."""
        for page in (*self.pages.get(ticket, ()), *self.pages.get(None, ())):
            page.changed.set()

    async def serve(self, visit: Visit, ticket: int | None) -> web.StreamResponse:
        if not self.site.is_own_page(visit.request):
            self.site.refused.count("WebSockets of pages that are not the console's (behind a proxy, set PUBLIC_URL)")
            return web.Response(status=HTTPStatus.FORBIDDEN, text="this page is not the console's\n")
        if sum(map(len, self.pages.values())) >= MOST:
            return web.Response(status=HTTPStatus.SERVICE_UNAVAILABLE, text="too many open pages\n")
        socket = web.WebSocketResponse(heartbeat=HEARTBEAT, max_msg_size=LARGEST, compress=False)
        await socket.prepare(visit.request)
        page = Page(ticket, visit, socket)
        self.pages[ticket].add(page)
        telling = asyncio.create_task(self.tell(page))
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT and message.data == "writing" and ticket is not None:
                    await self.tell_others(page)
        finally:
            telling.cancel()
            await asyncio.gather(telling, return_exceptions=True)
            self.pages[ticket].discard(page)
            if not self.pages[ticket]:
                del self.pages[ticket]
        return socket

    async def tell(self, page: Page) -> None:
        """Tell a page each state that it has not got, until its socket closes or the person is signed out."""
        last, checked = "", time.monotonic()
        session = access.digest(page.visit.request.cookies.get(COOKIE, ""))
        with contextlib.suppress(ConnectionError):
            while not page.socket.closed:
                if time.monotonic() - checked > RECHECK:
                    checked = time.monotonic()
                    staff = await self.site.store.signed_in(session)
                    if staff is None or not staff.may("consultant"):
                        await page.socket.close(code=SIGNED_OUT, message=b"signed out")
                        return
                page.changed.clear()
                state = await self.site.store.newest_said(page.ticket)
                if page.ticket is None:
                    state += f"-{time.time() // MINUTE:.0f}"
                if state != last:
                    last = state
                    await page.socket.send_str(to_text({"state": state}))
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(page.changed.wait(), LOOK)

    async def tell_others(self, writer: Page) -> None:
        """Tell the other people who look at a ticket that somebody is writing an answer."""
        for page in tuple(self.pages.get(writer.ticket, ())):
            if page.visit.staff.id != writer.visit.staff.id:
                words = page.visit.say("desk_writes", name=writer.visit.staff.name)
                with contextlib.suppress(ConnectionError):
                    await page.socket.send_str(to_text({"writes": words}))

    async def close(self) -> None:
        pages = [page for pages in self.pages.values() for page in pages]
        closing = (page.socket.close(code=WSCloseCode.GOING_AWAY, message=b"restarting") for page in pages)
        await asyncio.gather(*closing, return_exceptions=True)
