"""The console in this process, and staff with a browser's cookies."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import shutil
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any, Self

import aiohttp
from pydantic import SecretStr

from bot import app
from bot.assistant import Assistant
from bot.console import access, trial
from bot.knowledge.last_good import LastGood
from bot.model import Address
from bot.settings import Settings
from bot.store import Handled, Question, Role, Store, open_store
from tests.crash import free_port
from tests.opened import with_encoder
from tests.visitors import PATIENCE, SECRET, ready

trial.NICER = 0  # the tests' processes share the processor already

BAKERY = Path(__file__).parent / "bakery"

SMALL_TALK = """\
- id: greeting
  reply: {en: Hello., zh: 您好。}
  phrasings: {en: [hello, hello there, good morning, good evening, hey], zh: [你好, 您好, 早上好, 晚上好, 嗨]}
- id: thanks
  reply: {en: You are welcome., zh: 不客气。}
  phrasings: {en: [thanks, thank you, many thanks, thanks a lot, cheers], zh: [谢谢, 多谢, 谢谢你, 非常感谢, 感谢]}
"""
OWN: list[TemporaryDirectory[str]] = []
TOKEN = re.compile(r'name="token" value="(\w+)"')


async def link(database: str, name: str = "Mei", role: Role = "editor") -> str:
    """Invite a person, as the command does beside a running `serve`: the path of their link."""
    store = await open_store(database, existing=True)
    try:
        made = await access.invite(store, name, role)
        assert made
        return f"/console/in/{made[1]}"
    finally:
        await store.close()


class Browser:
    """One browser at the console's address."""

    def __init__(self, url: str, lang: str = "en") -> None:
        self.url, self.lang, self.token = url.rstrip("/"), lang, ""

    async def __aenter__(self) -> Self:
        jar = aiohttp.CookieJar(unsafe=True)
        self.session = aiohttp.ClientSession(headers={"Accept-Language": self.lang}, cookie_jar=jar)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.session.close()

    async def get(self, path: str = "/console", **headers: str) -> tuple[int, str]:
        async with self.session.get(f"{self.url}{path}", headers=headers) as response:
            text = await response.text()
            if found := TOKEN.search(text):
                self.token = found[1]
            return response.status, text

    async def post(self, path: str, /, **fields: str) -> tuple[int, str]:
        """Send a form with its token; `token` in the fields overrides it."""
        data = {"token": self.token, **fields}
        async with self.session.post(f"{self.url}{path}", data=data) as response:
            return response.status, await response.text()

    async def sign_in(self, path: str) -> None:
        status, _ = await self.post(path)
        assert status == 200
        await self.get()


@contextlib.asynccontextmanager
async def signed_in(url: str, database: str, role: Role = "editor", lang: str = "en") -> AsyncIterator[Browser]:
    async with Browser(url, lang) as browser:
        await browser.sign_in(await link(database, f"a {role}", role))
        yield browser


@contextlib.contextmanager
def own_cache() -> Iterator[None]:
    """Keep what is learned of drafts where it pushes out nothing that other tests share."""
    shared = os.environ["MERCHANT_BOT_CACHE"]
    if not OWN:
        OWN.append(TemporaryDirectory(prefix="merchant-bot-bakery-"))
        with_encoder(Path(shared), Path(OWN[0].name, "cache"))
    os.environ["MERCHANT_BOT_CACHE"] = str(Path(OWN[0].name, "cache"))
    try:
        yield
    finally:
        os.environ["MERCHANT_BOT_CACHE"] = shared


@contextlib.asynccontextmanager
async def bakery(
    database: str, folder: Path, change: Callable[[Path], object] = lambda ours: None
) -> AsyncIterator[tuple[str, Path, Store]]:
    """The console over a bakery's own content: its address, folder and store.

    Its small talk is its own, too: with what ships, to learn a draft would take six times as long.

    `change` is called with the folder before it is opened.
    """
    ours = folder / "bakery"
    shutil.copytree(BAKERY, ours)
    (ours / "smalltalk.yaml").write_text(SMALL_TALK, "utf-8")
    change(ours)
    chosen: dict[str, Any] = {
        "_env_file": None,
        "host": "127.0.0.1",
        "port": free_port(),
        "secret": SecretStr(SECRET),
        "knowledge": str(ours),
        "knowledge_only": True,
        "messages_per_minute": 0,
    }
    settings = Settings(**chosen)
    store, stop = await open_store(database), asyncio.Event()
    content = LastGood(folder / "last-good", [ours], only=True)

    async def opening() -> Assistant:
        return Assistant(await asyncio.to_thread(content.open), store)

    with own_cache():
        task = asyncio.create_task(app.answer(settings, opening, store, stop, content))
        url = f"http://127.0.0.1:{settings.port}"
        try:
            await ready(url, task, 3 * PATIENCE)
            yield url, ours, store
        finally:
            stop.set()
            await task
            await store.close()


async def ask_in_vain(store: Store, words: Sequence[tuple[str, Any]], user: str = "ann") -> None:
    """Keep questions as a merchant's turns do."""
    for text, lang in words:
        question = Question(lang, text, "unknown", time.time() + 3600)
        await store.finish(Handled(Address("web", user, user), question=question))


async def until(browser: Browser, path: str, *words: str) -> str:
    """Look at a page until one of these words stands on it."""
    async with asyncio.timeout(6 * PATIENCE):  # a draft is learned meanwhile, with less of a busy processor
        while True:
            _, text = await browser.get(path)
            if any(one in text for one in words):
                return text
            await asyncio.sleep(0.2)
