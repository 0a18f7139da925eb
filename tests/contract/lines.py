"""The smallest channel that there could be: JSON lines are read from one file, and what is said is written to another.

With `within` seconds a message may come by POST as well, and its answer goes into the response if it is made by then.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from aiohttp import web

from bot.channels.channel import News, OpenChannel, Platform
from bot.channels.responses import Responses
from bot.channels.text import TextChannel, calls
from bot.json_text import from_text, to_text
from bot.model import Address, Message
from bot.settings import Settings
from bot.store import Arrival, Store, Taken

NAME = "lines"


class Lines(TextChannel):
    """In `in.jsonl` a line is {"who": …, "text": …}, in `out.jsonl` {"to": …, "text": …}."""

    name = NAME

    def __init__(self, store: Store, settings: Settings, folder: Folder) -> None:
        super().__init__(store.belongings, settings.public_url)
        self.store, self.folder = store, folder.path
        self.brings_news, self.limit = folder.news, folder.limit
        self.responses = Responses(store, folder.within) if folder.within else None
        self.retention = 3 * folder.within

    def read(self, payload: str) -> Message | None:
        said = from_text(payload)
        return Message(Address(NAME, said["who"], said["who"]), said["text"], hint=said.get("lang"))

    async def put(self, chat: str, text: str) -> str | None:
        with (self.folder / "out.jsonl").open("a", encoding="utf-8") as file:
            file.write(to_text({"to": chat, "text": text}) + "\n")
        return None

    async def poll(self) -> None:
        """Read new lines, until cancelled; a line is known by its number."""
        done = 0
        while True:
            lines = (self.folder / "in.jsonl").read_text("utf-8").split("\n")[:-1]
            await self.store.accept([arrival(str(number), line) for number, line in enumerate(lines) if number >= done])
            done = len(lines)
            await asyncio.sleep(0.02)

    def add_to(self, app: web.Application) -> None:
        app.router.add_post("/lines", self.receive)

    async def receive(self, request: web.Request) -> web.StreamResponse:
        assert self.responses
        found = arrival(request.headers["Id"], await request.text())
        try:
            return await self.responses.respond(request, found, self.response)
        except TimeoutError:
            return web.Response(status=HTTPStatus.SERVICE_UNAVAILABLE)

    async def response(self, taken: Taken | None) -> web.Response:
        if taken is None:
            return web.json_response("later")
        return web.json_response([text for call in taken.calls for text in await self.texts(call.payload)])


def arrival(number: str, line: str) -> Arrival:
    return Arrival(f"{NAME}:{number}", NAME, json.loads(line)["who"], line)


@dataclass(frozen=True)
class Folder:
    """The files of a channel, and what it can do."""

    path: Path
    within: float = 0.0
    news: bool = True
    limit: int | None = None

    @property
    def platform(self) -> Platform:
        (self.path / "in.jsonl").touch()
        return Platform(NAME, lambda settings: True, self.opened, self.how_news_come if self.news else None)

    @asynccontextmanager
    async def opened(self, settings: Settings, store: Store) -> AsyncIterator[OpenChannel]:
        channel = Lines(store, settings, self)
        yield OpenChannel(channel, routes=[channel.add_to] if self.within else [], intakes=[channel.poll])

    def how_news_come(self) -> News:
        return News(lambda chat, reply: calls(reply))

    def write(self, who: str, text: str, **more: str) -> None:
        with (self.path / "in.jsonl").open("a", encoding="utf-8") as file:
            file.write(to_text({"who": who, "text": text, **more}) + "\n")

    def said(self, who: str) -> list[str]:
        """What somebody was told."""
        file = self.path / "out.jsonl"
        lines = map(json.loads, file.read_text("utf-8").splitlines()) if file.exists() else ()
        return [line["text"] for line in lines if line["to"] == who]
