"""The console as staff use it, in a browser: both languages, light and dark, on a phone and by keyboard."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect

from bot.knowledge.knowledge import Knowledge
from tests.browser.conftest import Open
from tests.browser.test_chat import Look
from tests.console import link
from tests.visitors import Visitor, serving

pytestmark = pytest.mark.asyncio(loop_scope="session")  # that of the browser

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}


@pytest.fixture
def database(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'web.db'}"


@pytest_asyncio.fixture(loop_scope="session")
async def url(knowledge: Knowledge, database: str) -> AsyncIterator[str]:
    async with serving(knowledge, database) as address:
        yield address


async def sound(page: Page) -> None:
    """A page breaks no rule of axe-core, and nothing on it is wider than the screen."""
    found = await Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


async def signed_in(open_page: Open, url: str, database: str, role: Any, lang: str, **how: Any) -> Page:
    page = await open_page(f"{url}{await link(database, f'Mei {role}', role)}", lang, **how)
    await sound(page)
    await page.locator("main button").click()
    await expect(page.locator("nav")).to_be_visible()
    return page


@pytest.mark.parametrize(("lang", "scheme", "size"), [("en", "light", DESK), ("zh", "dark", PHONE)])
async def test_today_is_sound_and_follows_what_happens(
    url: str, database: str, open_page: Open, look: Look, lang: str, scheme: str, size: dict[str, int]
) -> None:
    async with Visitor(url) as ann:
        await ann.say("how much is the deposit")
        page = await signed_in(open_page, url, database, "consultant", lang, scheme=scheme, expect="401", **size)
        await expect(page.locator(".big")).to_have_text("1")
        await ann.say("can I sell on Shopee")
        await expect(page.locator(".big")).to_have_text("2", timeout=12_000)
        await look(page, f"console-today-{lang}")
        await sound(page)
        await page.keyboard.press("Tab")
        await expect(page.locator(".skip")).to_be_focused()
        await page.locator(".who button").click()
        await expect(page.locator("nav")).to_have_count(0)
        await sound(page)
