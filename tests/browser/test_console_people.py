"""Merchants in the console, in a browser: one is erased in four clicks, by the owner alone."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import expect

from bot.knowledge.knowledge import Knowledge
from bot.model import Address, Conversation, Subscribing
from bot.store import Handled, open_store
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


async def test_an_owner_writes_previews_and_sends_a_broadcast(
    loaves: Knowledge, database: str, open_page: Open, look: Look
) -> None:
    async with serving(loaves, database) as url:
        store = await open_store(database, existing=True)
        for user in ("ann", "bob"):
            address = Address("web", user, user)
            talk = Conversation(lang="zh")
            await store.finish(Handled(address, conversation=talk, subscribing=Subscribing("news", True)))
        page = await signed_in(open_page, url, database, "owner", "zh", scheme="light", **NARROW)
        await page.locator("nav a[href$=broadcasts]").click()
        await sound(page)
        await page.locator("main a[href$=new]").click()
        await page.fill("#en", "**Spring** is here.\n\n- rolls\n- rye")
        await page.fill("#zh", "**春天**来了。\n\n- 小面包\n- 黑麦面包")
        await sound(page)
        await page.locator("main form button").click()
        send = page.locator("button[value=send]")
        await expect(send).to_have_text("发给2人")
        await sound(page)
        await look(page, "console-broadcast-zh")
        await send.click()
        await expect(page.locator("#progress")).to_have_text("已全部发出", timeout=15_000)
        await expect(page.locator("#watch .answer dd")).to_have_text("2", timeout=15_000)
        await sound(page)
        await look(page, "console-broadcast-done-zh")
        await page.locator("nav a[href$=broadcasts]").click()
        await expect(page.locator("#main li")).to_have_count(1)
        await sound(page)
        await page.context.close()
        await store.close()
