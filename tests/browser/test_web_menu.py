"""The web chat's menu: everything that commands do, and what the page does by itself."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from bot.knowledge.knowledge import Knowledge
from bot.model import Terms
from tests.browser.conftest import Open
from tests.browser.pages import ANSWER, ASK, Look, overflow, write
from tests.browser.test_web_faults import same_visitor, violations
from tests.visitors import serving

pytestmark = pytest.mark.asyncio(loop_scope="session")  # that of the browser


async def choose(page: Page, name: str) -> None:
    await page.locator("#menu").click()
    await page.get_by_role("dialog").get_by_role("button", name=name, exact=True).click()
    await expect(page.locator("#sheet")).to_be_hidden()


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (1280, "dark")])
async def test_a_visitor_needs_no_commands(url: str, open_page: Open, look: Look, width: int, scheme: str) -> None:
    page = await open_page(url, width=width, height=800, scheme=scheme)
    await write(page, ASK["en"])
    await page.locator("#menu").click()
    await page.locator("#sheet").evaluate("one => one.scrollTo(0, one.scrollHeight)")
    await look(page, f"menu-{width}-{scheme}")
    assert await violations(page) == []
    assert await overflow(page) == 0
    await page.keyboard.press("Escape")
    await choose(page, "My data")
    await expect(page.locator("a.file")).to_have_attribute("download", "my-data.json")
    async with page.expect_download() as saving:
        await choose(page, "Save as text")
    saved = await saving.value
    assert saved.suggested_filename == "Merchant assistant.txt"
    text = Path(await saved.path()).read_text("utf-8")
    assert f"You: {ASK['en']}\n\nAssistant: " in text
    assert ANSWER["en"] in text
    await page.evaluate("() => { window.print = () => { window.printed = true; }; }")
    await choose(page, "Print or save as PDF")
    assert await page.evaluate("window.printed")
    await choose(page, "New conversation")
    await expect(page.locator(".turn")).to_have_count(1)
    await expect(page.locator("#log")).not_to_contain_text(ANSWER["en"])
    await page.reload()
    await expect(page.locator(".turn")).to_have_count(1)
    await choose(page, "Erase everything")
    await expect(page.get_by_role("button", name="Yes, erase everything")).to_be_visible()
    said = await page.locator(".you .bubble").all_inner_texts()
    assert not any(one.startswith("/") for one in said)


async def test_a_consultant_is_in_the_menu_where_there_is_one(
    knowledge: Knowledge, database: str, open_page: Open
) -> None:
    for there in (False, True):
        async with serving(knowledge, database, terms=Terms(consultant=there)) as url:
            page = await open_page(url)
            await page.locator("#menu").click()
            entry = page.get_by_role("dialog").get_by_role("button", name="Ask a consultant")
            await expect(entry).to_have_count(int(there))
            await page.goto("about:blank")


async def test_news_are_heard_and_counted_in_the_title_if_the_visitor_wants(url: str, open_page: Open) -> None:
    page = await open_page(url, fresh=True)
    await page.add_init_script(
        "window.heard = 0; const made = AudioContext.prototype.createOscillator;"
        "AudioContext.prototype.createOscillator = function () { window.heard += 1; return made.call(this); };"
        "window.elsewhere = false; document.hasFocus = () => !window.elsewhere;"
    )
    await page.reload()
    await write(page, "thanks")
    async with await same_visitor(page, url) as same:
        await page.evaluate("() => { elsewhere = true; }")
        await same.say("thanks")
        await expect(page.locator(".turn")).to_have_count(2)
        assert await page.title() == "Merchant assistant"  # not asked for
        await page.locator("#menu").click()
        sound = page.get_by_role("switch", name="Sound and a count in the title")
        await sound.click()
        await expect(sound).to_have_attribute("aria-checked", "true")
        await page.keyboard.press("Escape")
        before = await page.evaluate("heard")
        await same.say("thanks")
        await same.say(ASK["en"])
        await expect(page.locator(".turn")).to_have_count(4)
        assert await page.title() == "(2) Merchant assistant"
        assert await page.evaluate("heard") == before + 2
        await page.evaluate("() => { elsewhere = false; dispatchEvent(new Event('focus')); }")
        assert await page.title() == "Merchant assistant"
