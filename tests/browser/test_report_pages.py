"""The reports and what gets old as staff use them, in a browser: the clicks that each takes, on paper, in both languages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Open
from tests.browser.pages import Look
from tests.browser.test_console_pages import DESK, signed_in, sound
from tests.console import bakery
from tests.contract.test_reports import aged
from tests.visitors import Visitor

pytestmark = pytest.mark.asyncio(loop_scope="session")  # that of the browser

NARROW = {"width": 320, "height": 700}
FACTS = ("allergens/nuts", "cake-order/days", "sourdough/when", "sourdough/rye", "sourdough/price")


class Clicks:
    def __init__(self, page: Page) -> None:
        self.page, self.count = page, 0

    async def __call__(self, what: str) -> None:
        self.count += 1
        await self.page.locator(what).click()


@pytest.mark.parametrize(("lang", "scheme", "size"), [("en", "light", DESK), ("zh", "dark", NARROW)])
async def test_a_month_is_printed_in_three_clicks_and_five_facts_are_confirmed_in_seven(
    tmp_path: Path, database: str, open_page: Open, look: Look, lang: str, scheme: str, size: dict[str, Any]
) -> None:
    async with bakery(database, tmp_path, aged) as (url, _, store):
        async with Visitor(url, lang) as ann:
            await ann.say({"en": "allergens", "zh": "过敏原"}[lang])
            await ann.say("/start c-cake")
        page = await signed_in(open_page, url, database, "owner", lang, scheme=scheme, **size)
        await page.add_init_script("window.print = () => { document.title = 'printed'; }")
        click = Clicks(page)
        await click("nav a[href$=reports]")
        await sound(page)
        await click("main a[href*='by=month']")
        await expect(page.locator("svg.chart").first).to_be_visible()
        await sound(page)
        await look(page, f"console-reports-{lang}")
        await click("[data-print]")
        await expect(page).to_have_title("printed")
        assert click.count == 3
        paper = await page.pdf(prefer_css_page_size=True)
        assert paper.startswith(b"%PDF")
        assert b"/MediaBox [0 0 594" in paper  # A4: 595 by 842 points
        await page.emulate_media(media="print")
        await expect(page.locator("header")).to_be_hidden()
        assert not any([await one.is_visible() for one in await page.locator("form, button").all()])
        await expect(page.locator(".mark").first).to_be_visible()
        await look(page, f"console-reports-print-{lang}")
        await page.emulate_media(media="screen")

        click = Clicks(page)
        await click("nav a[href$=aging]")
        await sound(page)
        for fact in FACTS:
            await click(f"input[value='{fact}']")
        await page.fill("[name=where]", "seller backend, page Prices")  # typed, and kept for the next ones
        await look(page, f"console-aging-{lang}")
        await click("button.main")
        await expect(page.locator(".fine")).to_have_count(2)
        assert click.count == 7
        assert len(await store.edits()) == 5
        await sound(page)
        await page.context.close()
