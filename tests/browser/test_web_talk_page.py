"""A talk with a consultant on the page: the line above it, End, and pictures and files both ways."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from PIL import Image
from playwright.async_api import expect

from bot.knowledge.knowledge import Knowledge
from tests.botapi import BotApi
from tests.browser.conftest import Open
from tests.browser.pages import Look, overflow
from tests.browser.test_web_faults import violations
from tests.contract.test_desk import bakery
from tests.contract.test_web_talk import HTML, PDF, Talking, picture

__all__ = ["bakery"]  # a fixture
pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),  # that of the browser
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


@pytest_asyncio.fixture(loop_scope="session")
async def office(database: str, bakery: Knowledge) -> AsyncIterator[Talking]:
    async with BotApi() as api:
        made = Talking(api, database, bakery)
        async with made.open():
            yield made


@pytest.mark.parametrize(("width", "lang", "scheme"), [(320, "en", "light"), (1280, "zh", "dark")])
async def test_a_talk_with_a_consultant_looks_like_one(
    office: Talking, open_page: Open, look: Look, tmp_path: Path, width: int, lang: str, scheme: str
) -> None:
    english = lang == "en"
    page = await open_page(office.url, lang, width=width, height=700, scheme=scheme, expect="415")
    line, attach = page.locator("#talk"), page.locator("#attach")
    await page.fill("#text", "/consultant may I pay by card")
    await page.press("#text", "Enter")
    await expect(line).to_contain_text("Our consultants" if english else "我们的顾问")
    await expect(attach).to_be_visible()
    await office.until(lambda: office.api.room(office.group).topics and office.in_topic())
    office.says(office.anna, "Yes. What does your shop look like?")
    await expect(line.locator(".title")).to_have_text("Anna")
    await expect(line.locator(".face")).to_have_text("A")

    Image.new("RGB", (640, 420), "#0b6b63").save(tmp_path / "shop.png")
    (tmp_path / "licence.pdf").write_bytes(PDF)
    await page.set_input_files("#chooser", [tmp_path / "shop.png", tmp_path / "licence.pdf"])
    shown = page.locator(".turn .you .sent")
    await expect(shown).to_have_count(2)
    await expect(shown.locator("img")).to_have_js_property("naturalWidth", 640)
    await office.until(lambda: sum("caption" in one for one in office.in_topic()) == 2)

    form = office.api.new_file("document", picture(), "map.png") | {"file_name": "map.png"}
    office.api.message(office.anna, chat=office.group, thread=office.topic, document=form, caption="Please come here")
    await expect(page.locator(".turn .bot .sent img")).to_have_js_property("naturalWidth", 64)
    came = page.locator(".meta .came")
    await expect(came).to_have_text([" · Seen" if english else " · 已读"])
    await office.until(lambda: office.api.called("setMessageReaction"))
    await look(page, f"talk-{lang}-{width}")
    assert await violations(page) == []
    assert await overflow(page) == 0

    # What is not taken says why, and nothing of it runs.
    (tmp_path / "photo.png").write_bytes(HTML)
    (tmp_path / "film.mp4").write_bytes(bytes(11 << 20))
    await page.set_input_files("#chooser", [tmp_path / "photo.png", tmp_path / "film.mp4"])
    failed = page.locator("#pending .failed")
    await expect(failed.first).to_contain_text("cannot be sent" if english else "发不了")
    await expect(failed.last).to_contain_text("10 MB")
    await look(page, f"talk-refused-{lang}-{width}")
    assert await violations(page) == []
    await failed.first.get_by_role("button", name="Close" if english else "关闭").click()
    await expect(failed).to_have_count(1)
    await page.reload()
    await expect(page.locator("#pending .row")).to_have_count(0)
    await expect(shown).to_have_count(2)

    await page.locator("#end").click()
    await expect(line).to_be_hidden()
    await expect(attach).to_be_hidden()
    await expect(page.locator(".turn").last).to_contain_text("over" if english else "已结束")
