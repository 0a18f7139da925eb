"""The web chat in this process, and visitors who speak on the wire as its page does."""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
from pydantic import SecretStr
from yarl import URL

from bot import app
from bot.assistant import Assistant
from bot.knowledge.knowledge import Knowledge
from bot.model import USUAL_TERMS, Terms
from bot.settings import Settings
from bot.store import open_store
from tests.conftest import TODAY
from tests.crash import free_port

PATIENCE = 20.0  # seconds for an answer
START = 60.0  # seconds for a start; the first one in a process loads the encoder


SECRET = "a secret of the tests only"


@contextlib.asynccontextmanager
async def serving(
    knowledge: Knowledge, database: str, *, terms: Terms = USUAL_TERMS, **settings: Any
) -> AsyncIterator[str]:
    """The web chat of a process with this database; gives its address."""
    chosen = Settings(
        **{
            "_env_file": None,
            "host": "127.0.0.1",
            "port": free_port(),
            "secret": SecretStr(SECRET),
            "messages_per_minute": 0,
            **settings,
        }
    )
    store, stop = await open_store(database), asyncio.Event()

    async def opening() -> Assistant:
        return Assistant(knowledge, store, lambda: TODAY, terms=terms)

    task = asyncio.create_task(app.answer(chosen, opening, store, stop))
    url = f"http://127.0.0.1:{chosen.port}"
    try:
        await ready(url, task)
        yield url
    finally:
        stop.set()
        await task
        await store.close()


async def ready(url: str, task: asyncio.Task[None], seconds: float = START) -> None:
    async with asyncio.timeout(seconds), aiohttp.ClientSession() as session:
        while not task.done():
            with contextlib.suppress(aiohttp.ClientError):
                async with session.get(f"{url}/readyz") as response:
                    if response.status == 200:
                        return
            await asyncio.sleep(0.02)
    task.result()


class Visitor:
    """One browser with one page; its cookie lives in the session, also one that it has from before."""

    def __init__(
        self, url: str, lang: str = "en", *, address: str | None = None, embedded: bool = False, cookie: str = ""
    ) -> None:
        self.url, self.lang = url.rstrip("/"), lang
        self.page, self.query = ("/embed", "?embedded") if embedded else ("/", "")
        headers = {"Origin": "/".join(url.split("/")[:3]), "Accept-Language": lang}
        if address:
            headers["X-Forwarded-For"] = address
        self.session = aiohttp.ClientSession(headers=headers, cookie_jar=aiohttp.CookieJar(unsafe=True))
        if cookie:
            self.session.cookie_jar.update_cookies({"merchant_chat": cookie}, URL(url))
        self.socket: aiohttp.ClientWebSocketResponse
        self.turns: list[dict[str, Any]] = []
        self.talk: dict[str, Any] | None = None
        self.got: list[str] = []

    async def __aenter__(self) -> Visitor:
        try:
            await self.load()
            await self.connect()
        except BaseException:
            await self.session.close()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.socket.close()
        await self.session.close()

    async def load(self) -> str:
        """Load the page, which brings the cookie."""
        async with self.session.get(self.url + self.page) as response:
            response.raise_for_status()
            return await response.text()

    async def connect(self, after: int | None = None) -> None:
        """Open the WebSocket, and take the turns after the last one that is known."""
        self.socket = await self.session.ws_connect(f"{self.url}/socket{self.query}")
        with contextlib.suppress(ConnectionResetError):  # the server may be closing, and says why
            await self.socket.send_json({"type": "hello", "after": after})
        await self.hear()

    async def hear(self) -> dict[str, Any]:
        """The next frame."""
        async with asyncio.timeout(PATIENCE):
            try:
                message = await self.socket.receive()
            except ConnectionResetError:
                raise ConnectionResetError(f"closed with {self.socket.close_code}") from None
        if message.type is not aiohttp.WSMsgType.TEXT:
            raise ConnectionResetError(f"closed with {self.socket.close_code}")
        frame: dict[str, Any] = json.loads(message.data)
        if frame["type"] == "turns":
            self.turns += frame["turns"]
        if frame["type"] == "talk":
            self.talk = frame["talk"]
        if frame["type"] == "got":
            self.got.append(frame["id"])
        return frame

    async def closed(self) -> int | None:
        """The code with which the server closes."""
        try:
            while True:
                await self.hear()
        except ConnectionResetError:
            return self.socket.close_code

    async def send(self, text: str, id: str | None = None) -> str:
        """Send a message without waiting for anything; returns its id."""
        id = id or secrets.token_hex(12)
        await self.socket.send_json({"type": "say", "id": id, "text": text, "lang": self.lang})
        return id

    async def say(self, text: str, id: str | None = None) -> dict[str, Any]:
        """Send a message; returns its turn."""
        return await self.turn_of(await self.send(text, id))

    async def press(self, label: str, back: int = 0) -> dict[str, Any]:
        """Press a button of the last reply, or of one so many turns before it; returns the turn."""
        says = dict(self.turns[-1 - back]["replies"][-1]["buttons"])[label]
        id = secrets.token_hex(12)
        await self.socket.send_json({"type": "press", "id": id, "says": says, "label": label, "lang": self.lang})
        return await self.turn_of(id)

    async def turn_of(self, id: str) -> dict[str, Any]:
        while True:
            for turn in self.turns:
                if turn["said"] and turn["said"]["id"] == id:
                    return turn
            await self.hear()


def words(turn: dict[str, Any]) -> str:
    """The HTML of all replies of a turn."""
    return "\n".join(reply["html"] for reply in turn["replies"])


def labels(turn: dict[str, Any]) -> list[str]:
    return [label for label, _ in turn["replies"][-1].get("buttons", [])]
