"""The console in this process, and staff with a browser's cookies."""

from __future__ import annotations

import contextlib
import re
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Any, Self

import aiohttp

from bot.console import access
from bot.store import Role, open_store

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

    async def post(self, path: str, follow: bool = True, **fields: Any) -> tuple[int, str]:
        """Send a form with its token; `token` in the fields overrides it."""
        data = {"token": self.token, **fields}
        async with self.session.post(f"{self.url}{path}", data=data, allow_redirects=follow) as response:
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
