"""The visitors' WebSockets: store their messages in the inbox, and send them the outbox's turns."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from socket import SO_SNDBUF, SOL_SOCKET
from typing import Any

from aiohttp import WSCloseCode, WSMsgType, web

from bot.assistant import Assistant
from bot.channels.limits import Limit
from bot.channels.tally import RefusalTally
from bot.channels.web.talk import line
from bot.channels.web.visitor import identified
from bot.channels.web.wire import (
    CHANNEL,
    Hello,
    Identify,
    Incoming,
    InvalidFrame,
    OlderTurns,
    Receipt,
    Typing,
    arrival,
    parse,
    seen_arrival,
    turn_frame,
)
from bot.json_text import to_text
from bot.model import Address
from bot.store import Posted, StoreError, part_of
from bot.store.ports import Pages

log = logging.getLogger(__name__)

LARGEST = 32 * 1024  # bytes of a frame
MOST_AT_ONCE = 20  # turns in a frame
SHOWN_AGAIN = 100  # last turns sent to a newly opened page
OLDER = 50  # turns before them sent at a time
HEARTBEAT = 25.0  # seconds; proxies close connections that are silent for a minute
UNREAD = 64 * 1024  # bytes of a connection's send buffer
SEND_PATIENCE = 15.0  # seconds for a page to read a frame
HELLO_PATIENCE = 15.0  # seconds for a page to send hello
ELSEWHERE = 0.5  # seconds between queries for replies made by other processes
TYPES = 4.0  # seconds for which a chat shows that somebody is typing
TALKS = 2.0  # seconds between looks at what consultants do beside answering
LAST_WAITS = 20  # talks from which the usual time to an answer is told
PER_ADDRESS = 10  # an address's share of messages, in visitors' shares; a whole office may share it
SOCKETS_PER_ADDRESS = 100
FAREWELL = 2.0  # seconds for a page to answer a close frame
STRIKES = 20  # messages refused in a row before a socket is closed

# Application close codes, and the page's reaction.
INVALID_FRAME = 4400  # invalid frame
NO_COOKIE = 4401  # the page reloads to get a cookie
TOO_SLOW = 4408  # the page does not read or send in time
FLOOD = 4429  # over the limit; the page waits


@dataclass(eq=False)
class Page:
    """An open page. `has` is the number of the last turn sent; None before hello is handled.

    `name`: the visitor's name, if the embedding site has identified them. `talk`: the line of a talk with a consultant, as sent.
    `typed`: when the desk was last told that the visitor is typing, by the monotonic clock.
    """

    visitor: str
    socket: web.WebSocketResponse
    transport: asyncio.Transport | None
    has: int | None = None
    name: str = ""
    talk: dict[str, Any] | None = None
    typed: float = float("-inf")
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def dismiss(self, code: int, why: str) -> None:
        await dismiss(self.socket, self.transport, code, why)


class Sockets:
    """This process's WebSockets: at most `most`, each visitor with `per_minute` messages.

    Messages over a visitor's limit are refused, since the page can send them again; if `queued`, they are accepted.
    """

    def __init__(
        self,
        store: Pages,
        assistant: Assistant,
        most: int,
        per_minute: float,
        refused: RefusalTally,
        typing: Callable[[Address], Awaitable[None]],
        *,
        queued: bool = False,
        widget_secret: str | None = None,
    ) -> None:
        self.widget_secret = widget_secret
        self.typing = typing
        self.store, self.assistant, self.most, self.refused = store, assistant, most, refused
        self.pages: dict[str, set[Page]] = defaultdict(set)
        self.addresses: Counter[str] = Counter()
        self.by_visitor, self.by_address = Limit(0 if queued else per_minute), Limit(per_minute * PER_ADDRESS)

    def wake(self, visitor: str) -> None:
        """Make the visitor's pages read their new turns."""
        for page in self.pages.get(visitor, ()):
            page.changed.set()

    async def serve(self, request: web.Request, visitor: str, address: str) -> web.WebSocketResponse:
        """Serve a page until its WebSocket closes."""
        socket = await open_socket(request)
        if self.addresses.total() >= self.most:
            self.refused.count("WebSockets over the limit of open ones")
            await dismiss(socket, request.transport, WSCloseCode.TRY_AGAIN_LATER, "too many visitors")
            return socket
        if self.addresses[address] >= SOCKETS_PER_ADDRESS:
            self.refused.count("WebSockets over the limit of one address")
            await dismiss(socket, request.transport, FLOOD, "too many pages from one address")
            return socket
        self.addresses[address] += 1
        page = Page(visitor, socket, request.transport)
        self.pages[visitor].add(page)
        try:
            await self.converse(page, address)
        finally:
            self.pages[visitor].discard(page)
            if not self.pages[visitor]:
                del self.pages[visitor]
            self.addresses[address] -= 1
            if not self.addresses[address]:
                del self.addresses[address]
            # Without abort, a page that does not read would keep its connection open.
            if page.transport is not None:
                page.transport.abort()
        return socket

    async def converse(self, page: Page, address: str) -> None:
        """Greet the page, then send and receive until it leaves or is dismissed."""
        try:
            try:
                async with asyncio.timeout(HELLO_PATIENCE):
                    hello = parse(await receive_text(page.socket))
            except TimeoutError:
                await page.dismiss(TOO_SLOW, "hello is missing")
                return
            if not isinstance(hello, Hello):
                raise InvalidFrame("the first frame must be hello")
            sending = asyncio.create_task(self.send_turns(page, hello.after))
            try:
                await self.receive(page, address)
            finally:
                sending.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await sending
        except InvalidFrame as error:
            await page.dismiss(INVALID_FRAME, str(error))
        except (PageClosed, ConnectionError):
            return

    async def receive(self, page: Page, address: str) -> None:
        """Receive the visitor's messages in order, until they leave or are over the limit too often."""
        strikes = 0
        while strikes <= STRIKES:
            said = parse(await receive_text(page.socket))
            if isinstance(said, OlderTurns):
                strikes += await self.send_older(page, said.before, address)
                continue
            if isinstance(said, Typing):
                await self.types(page)
                continue
            if isinstance(said, Receipt):
                strikes += await self.saw(page, said.turn, address)
                continue
            if isinstance(said, Identify):
                strikes += await self.identify(page, said)
                continue
            if not isinstance(said, Incoming):
                raise InvalidFrame("hello must be sent only once")
            wait = math.ceil(self.by_visitor.wait(page.visitor) or self.by_address.wait(address))
            strikes = strikes + 1 if wait else 0
            if not wait:
                await self.take(page, said)
            elif strikes <= STRIKES:
                await self.refuse(page, said, "web_too_fast", wait)
        await page.dismiss(FLOOD, "too many messages")

    async def types(self, page: Page) -> None:
        """Tell the desk that the visitor is typing, unless it was told just before."""
        now = time.monotonic()
        if page.talk and now - page.typed >= TYPES:
            page.typed = now
            await self.typing(Address(CHANNEL, page.visitor, page.visitor))

    async def saw(self, page: Page, turn: int, address: str) -> bool:
        """Store that the visitor has seen a consultant's message; returns true if the address tells it too often."""
        if self.by_address.wait(address):
            return True
        shown = await self.store.history(CHANNEL, page.visitor, turn - 1, 1)
        if shown and shown[0].id == turn and (seen := seen_arrival(page.visitor, shown[0])):
            with contextlib.suppress(StoreError):
                await self.store.accept([seen])
        return False

    async def identify(self, page: Page, said: Identify) -> bool:
        """Take the visitor's name from the embedding site, or refuse it and store nothing; returns true if refused."""
        person = identified(self.widget_secret, said.given, time.time())
        words = "" if person else self.assistant.knowledge.say("web_identity_refused", said.lang)
        page.name = str(person or "")
        await self.send(page, {"type": "identified", "words": words})
        return person is None

    async def refuse(self, page: Page, said: Incoming, phrase: str, seconds: int) -> None:
        words = self.assistant.knowledge.say(phrase, said.lang, seconds=seconds)
        await self.send(page, {"type": "refused", "id": said.id, "text": words, "wait": seconds})

    async def take(self, page: Page, said: Incoming) -> None:
        """Store a message, and acknowledge it only then."""
        try:
            found = await self.store.file(said.file) if said.file else None
            if said.file and (found is None or found[0].user != page.visitor):
                await self.refuse(page, said, "web_not_taken", 0)
                return
            await self.store.accept([arrival(page.visitor, said, page.name, found[1] if found else None)])
        except StoreError as error:
            log.error("cannot store a visitor's message: %s", error)
            await self.refuse(page, said, "web_not_taken", 0)
        else:
            await self.send(page, {"type": "got", "id": said.id})

    async def send_turns(self, page: Page, after: int | None) -> None:
        """Send the page its missing turns, then new ones as they come."""
        try:
            first = await self.store.history(CHANNEL, page.visitor, after, SHOWN_AGAIN)
            page.has = first[-1].id if first else after or 0
            more = {"more": True} if after is None and len(first) == SHOWN_AGAIN else {}
            await self.send(page, {"type": "turns", "turns": self.frames(first), **more})
            await self.show_talk(page)
            if len(first) == SHOWN_AGAIN:
                page.changed.set()
            while True:
                await page.changed.wait()
                page.changed.clear()
                new = await self.store.history(CHANNEL, page.visitor, page.has, MOST_AT_ONCE)
                if new:
                    await self.send(page, {"type": "turns", "turns": self.frames(new)})
                    page.has = new[-1].id
                await self.show_talk(page)
                if len(new) == MOST_AT_ONCE:
                    page.changed.set()
        except ConnectionError:
            return
        except Exception:
            # Closing makes the page connect again; otherwise it would wait for ever.
            log.exception("cannot show a visitor's conversation")
            await page.dismiss(WSCloseCode.INTERNAL_ERROR, "the conversation cannot be shown")

    async def show_talk(self, page: Page) -> None:
        """Send the line of the visitor's talk with a consultant, if it has changed."""
        if not self.assistant.terms.consultant:
            return
        ticket = await self.store.open_ticket(Address(CHANNEL, page.visitor, page.visitor))
        talk = None
        if ticket and not ticket.waits_for_consultant and not self.assistant.lapse(ticket):
            waits, marks = await self.store.last_waits(LAST_WAITS), await self.store.marks(ticket)
            talk = line(ticket, self.assistant.knowledge, waits, marks, self.assistant.clock())
        if talk != page.talk:
            page.talk = talk
            await self.send(page, {"type": "talk", "talk": talk})

    async def watch_talks(self) -> None:
        """Look again and again at the talks whose pages are open, until cancelled: who has one is no turn."""
        while True:
            await asyncio.sleep(TALKS)
            for pages in self.pages.values():
                for page in pages:
                    if page.talk:
                        page.changed.set()

    async def send_older(self, page: Page, before: int, address: str) -> bool:
        """Send the turns before one that the page has; returns true if the address asks too often."""
        if self.by_address.wait(address):
            return True
        older = await self.store.history(CHANNEL, page.visitor, None, OLDER, before)
        await self.send(page, {"type": "older", "turns": self.frames(older), "more": len(older) == OLDER})
        return False

    def frames(self, posted: Sequence[Posted]) -> list[dict[str, Any]]:
        return [turn_frame(one, self.assistant.knowledge) for one in posted]

    async def send(self, page: Page, frame: dict[str, Any]) -> None:
        """Send a frame; disconnect the page if it does not read. Raises ConnectionError."""
        try:
            async with asyncio.timeout(SEND_PATIENCE):
                await page.socket.send_str(to_text(frame))
        except TimeoutError:
            log.info("disconnecting a page that does not read")
            if page.transport is not None:
                page.transport.abort()
            raise ConnectionResetError("the page does not read") from None

    async def poll_other_processes(self) -> None:
        """Wake the pages whose replies are made by another process, until cancelled."""
        while True:
            await asyncio.sleep(ELSEWHERE)
            ours = self.store.parts
            visitors = [visitor for visitor in self.pages if part_of(CHANNEL, visitor) not in ours]
            if not visitors:
                continue
            newest = await self.store.newest(CHANNEL, visitors)
            for visitor, number in newest.items():
                if any(page.has is not None and page.has < number for page in self.pages.get(visitor, ())):
                    self.wake(visitor)

    async def close(self) -> None:
        """Close all pages' WebSockets; the pages connect again after a restart."""
        pages = [page for pages in self.pages.values() for page in pages]
        closing = (page.dismiss(WSCloseCode.GOING_AWAY, "the server is restarting") for page in pages)
        await asyncio.gather(*closing)


class PageClosed(Exception):
    """The page has closed its WebSocket."""


async def dismiss(socket: web.WebSocketResponse, transport: asyncio.Transport | None, code: int, why: str) -> None:
    """Close a WebSocket; abort its connection if the page does not answer in time."""
    try:
        async with asyncio.timeout(FAREWELL):
            await socket.close(code=code, message=why.encode()[:120])
    except TimeoutError:
        log.info("a page does not answer the close frame")
    finally:
        if transport is not None:
            transport.abort()


async def open_socket(request: web.Request) -> web.WebSocketResponse:
    """Accept a WebSocket. A small send buffer and no compression save megabytes for each."""
    if request.transport is not None:
        request.transport.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_SNDBUF, UNREAD)
    socket = web.WebSocketResponse(timeout=FAREWELL, heartbeat=HEARTBEAT, max_msg_size=LARGEST, compress=False)
    await socket.prepare(request)
    return socket


async def receive_text(socket: web.WebSocketResponse) -> str:
    """Receive the next text frame. Raises PageClosed, InvalidFrame."""
    message = await socket.receive()
    if message.type is WSMsgType.TEXT:
        return str(message.data)
    if message.type is WSMsgType.BINARY:
        raise InvalidFrame("frames must be text")
    raise PageClosed
