"""The desk's pages in a browser: a ticket answered with the draft in three clicks, live, and never unaware of a colleague."""

from __future__ import annotations

import asyncio
import contextlib

import pytest
from playwright.async_api import Page, expect

from bot.knowledge.knowledge import Knowledge
from tests.browser.conftest import Open
from tests.browser.pages import Look
from tests.browser.test_console_pages import DESK, signed_in, sound
from tests.console import BAKERY, Browser, link
from tests.visitors import PATIENCE, Visitor, serving, words

pytestmark = pytest.mark.asyncio(loop_scope="session")  # that of the browser

NARROW = {"width": 320, "height": 740}
ASKED = {"en": ("talk to a consultant", "are there nuts in your loaves"), "zh": ("转人工", "面包里有坚果吗")}


@pytest.fixture(scope="module")
def loaves() -> Knowledge:
    return Knowledge.open([BAKERY], only=True, cache=False)


async def seen(page: Page, look: Look, name: str) -> None:
    """Look at a sound page, and take away the empty styles that the picture leaves behind, which htmx would copy."""
    await sound(page)
    await look(page, name)
    await page.evaluate("document.querySelectorAll('[style=\"\"]').forEach((one) => one.removeAttribute('style'))")


@pytest.mark.parametrize(("lang", "scheme", "size"), [("en", "light", DESK), ("zh", "dark", NARROW)])
async def test_a_ticket_is_answered_with_the_draft_in_three_clicks_and_two_people_stay_aware(
    loaves: Knowledge, database: str, open_page: Open, look: Look, lang: str, scheme: str, size: dict[str, int]
) -> None:
    async with serving(loaves, database) as url, Visitor(url, lang) as ann, Browser(url) as lin:
        page = await signed_in(open_page, url, database, "consultant", lang, scheme=scheme, expect="409", **size)
        async with asyncio.timeout(PATIENCE):
            while ann.talk is None:
                await ann.say(ASKED[lang][0])  # until the service has seen that a consultant is signed in
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(ann.hear(), 1)
        await ann.send(ASKED[lang][1])
        await page.locator("nav a[href$=tickets]").click()  # 1
        await expect(page.locator("#live .said")).to_have_text(ASKED[lang][1])
        await seen(page, look, f"console-tickets-{lang}")
        await page.locator("#live li a").click()  # 2
        send = page.locator(".draft button[value=draft]")
        await expect(send).to_be_visible()
        await seen(page, look, f"console-ticket-{lang}")
        await send.click()  # 3
        async with asyncio.timeout(PATIENCE):
            while not any(turn.get("desk") for turn in ann.turns):
                await ann.hear()
        await expect(page.locator("#log .consultant")).to_have_count(1)
        # What comes is shown without reloading, and what is typed stays.
        text = page.locator("#text")
        await text.fill("So <gut> & schön")
        await ann.send("one more thing")
        await expect(page.locator("#log .merchant").last).to_contain_text("one more thing")
        await expect(text).to_have_value("So <gut> & schön")
        # A colleague answers while one types: said before it is sent.
        await lin.sign_in(await link(database, "Lin", "consultant"))
        path = page.url.removeprefix(url)
        _, form = await lin.get(path)
        holder = form.partition('name="take" value="')[2].partition('"')[0]
        assert not holder
        await lin.post(f"{path}/act", do="take")
        await lin.post(f"{path}/reply", seen="1", text="Lin was faster", **{"as": "answer"})
        await expect(page.locator("#ahead")).to_be_visible()
        await expect(page.locator("#log .consultant").last).to_contain_text("Lin was faster")
        await page.locator("#composer button[value=answer]").click()
        await expect(page.locator("#composer [role=alert]")).to_contain_text("Lin")
        await expect(text).to_have_value("So <gut> & schön")
        await seen(page, look, f"console-ticket-held-{lang}")
        await page.locator("#composer button[value=answer]").click()
        await expect(text).to_have_value("")
        async with asyncio.timeout(PATIENCE):
            while "schön" not in words(ann.turns[-1]):
                await ann.hear()
        assert "&lt;gut&gt;" in words(ann.turns[-1])
        # A reply by name, and a topic's answer, go into the text.
        await page.fill("#composer [name=name]", "allergens")
        await page.locator("form[data-named] button").click()
        await expect(text).not_to_have_value("")
        await page.keyboard.press("Tab")
        await sound(page)
        # The connection comes back.
        await page.evaluate("document.querySelector('#live').socket.close()")
        await expect(page.locator("#lost")).to_be_visible()
        await expect(page.locator("#lost")).to_be_hidden()
        await page.locator("#live button[value=close]").click()
        await expect(page.locator("#ahead")).to_be_visible()
        await expect(page.locator("#composer button[value=answer]")).to_have_count(1)
        await seen(page, look, f"console-ticket-closed-{lang}")
        await page.evaluate("delete document.querySelector('form[data-changed]').dataset.changed")
        await page.context.close()
