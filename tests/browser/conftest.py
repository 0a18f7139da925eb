"""A real browser: Debian's Chromium, driven by Playwright. What pages look like lies in test-output/browser afterwards."""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from bot.knowledge.knowledge import Knowledge
from tests.browser.pages import Shop
from tests.crash import free_port
from tests.visitors import serving

HOW = "the browser tests need Chromium; on Debian and Ubuntu: apt install chromium fonts-noto-cjk"
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
Open = Callable[..., Coroutine[Any, Any, Page]]
Visitors = defaultdict[tuple[str, str], list[BrowserContext]]


def chromium() -> str | None:
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    path = chromium()
    if path is None:
        pytest.skip(HOW)
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield launched
        await launched.close()


@pytest.fixture(scope="session")
def visitors() -> Visitors:
    """Browsers of visitors who have gone, by language and colours: a new one costs more than most of what is done with it."""
    return defaultdict(list)


@pytest_asyncio.fixture(loop_scope="session")
async def open_page(browser: Browser, visitors: Visitors) -> AsyncIterator[Open]:
    """Open an address as a visitor of its own. Requests to other hosts and complaints of the browser fail the test.

    `fresh`: what the test does to the visitor's browser cannot be undone.
    """
    complaints: list[str] = []
    opened_here: list[tuple[tuple[str, str], Page, dict[str, Any], bool]] = []

    async def opened(
        url: str,
        lang: str = "en",
        *,
        width: int = 390,
        height: int = 844,
        scheme: Any = "light",
        expect: str = "",
        fresh: bool = False,
    ) -> Page:
        known = visitors[lang, scheme]
        context = (
            known.pop()
            if known and not fresh
            else await browser.new_context(locale="zh-CN" if lang == "zh" else "en-US", reduced_motion="reduce")
        )
        page = context.pages[0] if context.pages else await context.new_page()
        await page.set_viewport_size({"width": width, "height": height})
        await page.emulate_media(media="null", color_scheme=scheme, forced_colors="null")
        host = urlsplit(url).hostname

        def requested(address: str) -> None:
            if urlsplit(address).hostname not in (host, "127.0.0.1", None):
                complaints.append(f"a request to {address}")

        heard: dict[str, Any] = {
            "request": lambda request: requested(request.url),
            "pageerror": lambda error: complaints.append(f"an error in a script: {error}"),
            "console": lambda said: (
                complaints.append(said.text) if said.type == "error" and not (expect and expect in said.text) else None
            ),
        }
        for event, listener in heard.items():
            page.on(event, listener)  # type: ignore[call-overload]
        opened_here.append(((lang, scheme), page, heard, fresh))
        await page.goto(url)
        return page

    yield opened
    for who, page, heard, fresh in opened_here:
        if page.is_closed():
            continue
        context = page.context
        for other in context.pages[1:] if not fresh else ():
            await other.close()
        if fresh:
            await context.close()
            continue
        await page.goto("about:blank")
        for event, listener in heard.items():
            page.remove_listener(event, listener)
        await context.clear_cookies()
        visitors[who].append(context)
    assert complaints == []


@pytest.fixture
def database(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'web.db'}"


@pytest_asyncio.fixture(loop_scope="session")
async def url(knowledge: Knowledge, database: str) -> AsyncIterator[str]:
    async with serving(knowledge, database) as address:
        yield address


@pytest_asyncio.fixture(loop_scope="session")
async def shop() -> AsyncIterator[Shop]:
    port = free_port()
    made, app = Shop(port), web.Application()
    app.router.add_get("/{path:.*}", made.page)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    yield made
    await runner.cleanup()


@pytest_asyncio.fixture(loop_scope="session")
async def embedded(knowledge: Knowledge, database: str, shop: Shop) -> AsyncIterator[str]:
    """A chat that the shop may embed, and does; gives its address."""
    async with serving(knowledge, database, embed_origins=shop.url.rstrip("/")) as shop.base:
        yield shop.base


@pytest.fixture
def look(request: pytest.FixtureRequest) -> Callable[[Page, str], Coroutine[Any, Any, None]]:
    """Keep a picture of a page, for people to look at."""
    folder = Path(request.config.rootpath) / "test-output" / "browser"
    folder.mkdir(parents=True, exist_ok=True)

    async def keep(page: Page, name: str) -> None:
        await page.screenshot(path=folder / f"{name}.png")

    return keep
