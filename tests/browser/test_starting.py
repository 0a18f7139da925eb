"""The time until the assistant is ready, on its own page and in a window of another site."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import Request, expect

from bot import app
from bot.assistant import Assistant
from bot.knowledge.knowledge import Knowledge
from bot.settings import Settings
from bot.store import open_store
from tests.browser.conftest import Open
from tests.browser.pages import Look, Shop
from tests.conftest import TODAY
from tests.crash import free_port

pytestmark = pytest.mark.asyncio(loop_scope="session")  # that of the browser


async def test_the_page_does_not_load_itself_again_and_again_and_opens_by_itself(
    knowledge: Knowledge, database: str, shop: Shop, open_page: Open, look: Look
) -> None:
    store, stop, go_on = await open_store(database), asyncio.Event(), asyncio.Event()
    chosen = Settings(host="127.0.0.1", port=free_port(), embed_origins=shop.url.rstrip("/"))

    async def opening() -> Assistant:
        await go_on.wait()
        return Assistant(knowledge, store, lambda: TODAY)

    task = asyncio.create_task(app.answer(chosen, opening, store, stop))
    shop.base = f"http://127.0.0.1:{chosen.port}"
    while True:
        try:
            (await asyncio.open_connection("127.0.0.1", chosen.port))[1].close()
            break
        except OSError:
            await asyncio.sleep(0.02)
    # The server ends before the pages.
    page = await open_page(shop.base, expect="WebSocket")
    other = await open_page(shop.url, width=320, height=640, expect="WebSocket")
    loads: list[str] = []

    def note(request: Request) -> None:
        if request.is_navigation_request():
            loads.append(request.url)

    page.on("request", note)
    await other.get_by_role("button", name="Chat with us").click()
    await expect(page.get_by_text("The assistant is starting")).to_be_visible()
    await expect(other.frame_locator("iframe").get_by_text("The assistant is starting")).to_be_visible()
    async with page.expect_request(lambda request: request.method == "HEAD"):
        pass
    assert loads == []
    await look(other, "widget-starting")
    await expect(other.get_by_role("button", name="Close the chat").first).to_be_visible()
    go_on.set()
    await expect(page.locator("#start .offer").first).to_be_visible()
    await expect(other.frame_locator("iframe").locator("#start .offer").first).to_be_visible()
    assert len(loads) == 1
    stop.set()
    await task
    await store.close()
