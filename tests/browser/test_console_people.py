"""Merchants in the console, in a browser: one is erased in four clicks, by the owner alone."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import expect

from bot.knowledge.knowledge import Knowledge
from bot.store import open_store
from tests.browser.conftest import Open
from tests.browser.pages import Look
from tests.browser.test_console_pages import DESK, signed_in, sound
from tests.browser.test_console_tickets import NARROW, loaves
from tests.contract.test_people import ANN, with_talk
from tests.visitors import serving

pytestmark = pytest.mark.asyncio(loop_scope="session")  # that of the browser
__all__ = ["loaves"]


@pytest.mark.parametrize(("lang", "scheme", "size"), [("en", "dark", NARROW), ("zh", "light", DESK)])
async def test_a_merchant_is_erased_in_four_clicks(
    loaves: Knowledge, database: str, open_page: Open, look: Look, lang: str, scheme: Any, size: dict[str, int]
) -> None:
    async with serving(loaves, database) as url:
        store = await open_store(database, existing=True)
        await with_talk(store)
        page = await signed_in(open_page, url, database, "owner", lang, scheme=scheme, **size)
        await page.locator("nav a[href$=people]").click()  # 1
        await sound(page)
        await page.fill("#q", "o'neil")
        found = page.locator("#list a")
        await expect(found).to_have_count(1)
        await sound(page)
        await look(page, f"console-people-{lang}")
        await found.click()  # 2
        await page.locator("details summary").first.focus()
        await page.keyboard.press("Enter")
        await expect(page.locator("details[open] pre").first).to_be_visible()
        await sound(page)
        await look(page, f"console-person-{lang}")
        await page.locator("main a[href*=erase]").click()  # 3
        await sound(page)
        await look(page, f"console-erase-{lang}")
        await page.locator("main form button").click()  # 4
        await expect(page.locator(".fine")).to_be_visible()
        assert not (await store.belongings(ANN)).tickets
        await with_talk(store, id=600)
        await page.locator("main a[href$=leads]").click()
        await sound(page)
        await look(page, f"console-leads-{lang}")
        await page.context.close()
        await store.close()
