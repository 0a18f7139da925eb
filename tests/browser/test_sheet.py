"""A check's result as a sheet to keep: letterhead, verdict, sources, boxes, answers, its address as a QR code; on screen and paper."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
import zxingcpp
from PIL import Image
from playwright.async_api import Page, expect

from bot.knowledge.knowledge import Knowledge
from tests.browser.conftest import Open
from tests.browser.pages import Look, overflow, write
from tests.browser.test_web_faults import violations
from tests.visitors import Visitor, labels, serving

pytestmark = pytest.mark.asyncio(loop_scope="session")  # that of the browser

CHECK = "authentication"
TITLE = {"en": "Which way do I authenticate?", "zh": "我该用哪种方式认证？"}
SIGN = {"en": "depends on what is open", "zh": "要看没确定的几项"}
HEADINGS = {
    "en": ["Why", "To do", "Still open", "What you answered"],
    "zh": ["原因", "要办的事", "还没确定", "您的回答"],
}
SOURCE = {
    "en": "Straw Hat, store opening process and precautions, 29 March 2022, stated there. Not confirmed since.",
    "zh": "草帽关于开店流程的文章，2022年3月29日，文中写明。此后未再确认。",
}
HASH = re.compile(r"\b[0-9a-f]{8,}\b")


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def url(knowledge: Knowledge, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    async with serving(knowledge, f"sqlite:///{tmp_path_factory.mktemp('sheet') / 'web.db'}") as address:
        yield address


async def result_code(url: str, lang: str) -> str:
    """Answer the first question with its first choice, and the others with "I don't know"; return the result's code."""
    async with Visitor(url, lang) as ann:
        turn = await ann.say(f"/check {CHECK}")
        turn = await ann.press(labels(turn)[0])
        while not (code := turn["replies"][-1].get("code")):
            offered = turn["replies"][-1]["buttons"]
            turn = await ann.press(next((label for label, says in offered if says.endswith("unknown")), offered[0][0]))
        return str(code)


async def pages_of(page: Page) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", await page.pdf(format="A4")))


@pytest.mark.parametrize(("lang", "scheme"), [("en", "light"), ("zh", "dark")])
async def test_a_result_is_a_sheet_worth_handing_over(
    url: str, open_page: Open, look: Look, lang: str, scheme: str, tmp_path: Path
) -> None:
    page = await open_page(
        f"{url}/r/{await result_code(url, lang)}", lang, width=820, height=1250, scheme=scheme, expect="400"
    )
    await expect(page.locator("h1")).to_have_text(TITLE[lang])
    await expect(page.locator(".sign")).to_have_text(SIGN[lang])
    await expect(page.locator(".card h2")).to_have_text(HEADINGS[lang])
    assert await page.locator(".signs .small").all_inner_texts() == [SOURCE[lang]] * 2
    await expect(page.locator(".signs .todo")).to_have_count(1)
    box = page.locator(".signs .todo span")
    assert await box.evaluate("one => parseFloat(getComputedStyle(one).borderTopWidth)") >= 1
    # All lines of a list begin at the same place.
    begins = await page.locator(".signs li").evaluate_all("all => all.map((one) => one.getBoundingClientRect().left)")
    assert len(set(begins)) == 1
    await expect(page.locator("dl div")).to_have_count(2)
    await expect(page.locator("footer .address")).to_have_text(page.url)
    assert not HASH.search(await page.locator("body").inner_text())
    assert await page.locator("meta[name=robots]").get_attribute("content") == "noindex"
    assert await overflow(page) == 0
    assert await violations(page) == []
    await look(page, f"sheet-{lang}-{scheme}")
    await page.locator(".qr").screenshot(path=tmp_path / "code.png")
    with Image.open(tmp_path / "code.png") as picture:
        assert [one.text for one in zxingcpp.read_barcodes(picture)] == [page.url]
    await page.emulate_media(media="print")
    await look(page, f"sheet-{lang}-paper")
    header, main = await page.locator("header").bounding_box(), await page.locator("main").bounding_box()
    assert header
    assert main
    assert header["y"] + header["height"] <= main["y"]
    await expect(page.locator("footer .qr")).to_be_visible()
    await expect(page.locator("footer .address")).to_be_visible()
    assert await page.locator("header").evaluate("one => getComputedStyle(one).position") == "static"
    assert await pages_of(page) <= 2
    await page.set_viewport_size({"width": 320, "height": 640})
    await page.emulate_media(media="screen")
    assert await overflow(page) == 0
    await look(page, f"sheet-{lang}-320")


async def test_the_chat_is_readable_on_paper(url: str, open_page: Open, look: Look) -> None:
    page = await open_page(url, width=820, scheme="dark")
    await write(page, "how much is the deposit")
    await page.emulate_media(media="print")
    await look(page, "chat-paper")
    mine = page.locator(".you .bubble")
    colour, back, frame = await mine.evaluate(
        "one => { const is = getComputedStyle(one); return [is.color, is.backgroundColor, is.borderTopWidth]; }"
    )
    assert (colour, back) == ("rgb(0, 0, 0)", "rgb(255, 255, 255)")
    assert float(frame.removesuffix("px")) >= 1
    await expect(page.locator(".row.you .unseen")).to_be_visible()
    await expect(page.locator("#composer")).to_be_hidden()
    assert await page.locator(".bot .small").first.evaluate("one => getComputedStyle(one).color") == "rgb(51, 51, 51)"


@pytest.mark.parametrize("lang", ["en", "zh"])
async def test_one_tap_says_whether_an_answer_helped_and_a_word_says_why_not(
    url: str, open_page: Open, look: Look, lang: str
) -> None:
    thanks, missing = ("Thank you!", "What was missing?") if lang == "en" else ("谢谢反馈", "哪里没说到")
    page = await open_page(url, lang)
    await write(page, "benefits overview" if lang == "en" else "权益一览")
    await expect(page.locator(".rating button")).to_have_count(2)
    await write(page, "how much is the deposit" if lang == "en" else "保证金多少钱")
    await expect(page.locator(".rating")).to_have_count(1)  # that of the last answer alone
    first, second = page.locator(".rating").first, page.locator(".rating").last
    await first.locator("button").first.click()
    await expect(first).to_contain_text(thanks)
    await write(page, "what commission do you charge" if lang == "en" else "佣金多少")
    choices = await page.locator(".choice").all_inner_texts()
    await expect(page.locator(".rating button")).to_have_count(2)
    await second.locator("button").last.click()
    await expect(second).to_contain_text(missing)
    await expect(page.locator("#text")).to_be_focused()
    # Neither says anything in the visitor's name, nor takes the choices away.
    await expect(page.locator(".you .bubble")).to_have_count(3)
    assert await page.locator(".choice").all_inner_texts() == choices
    await look(page, f"helped-{lang}")
    await page.reload()
    await expect(page.locator(".rating").last).to_contain_text(missing)
    await expect(page.locator(".rating").first).to_contain_text(thanks)
    await expect(page.locator(".rating button")).to_have_count(0)
    await expect(page.locator(".you .bubble")).to_have_count(3)


async def test_benefits_are_told_in_a_table(url: str, open_page: Open, look: Look) -> None:
    page = await open_page(url, width=320, height=640)
    await write(page, "benefits overview")
    rows = page.locator(".bot table tr")
    await expect(rows.first.locator("th")).to_have_text("MALL, gold and silver")
    assert await rows.first.locator("td li").count() > 3
    assert await overflow(page) == 0
    await look(page, "benefits-320")


@pytest.mark.parametrize(("lang", "width"), [("en", 820), ("zh", 320)])
async def test_a_checks_way_is_drawn_on_its_page(url: str, open_page: Open, look: Look, lang: str, width: int) -> None:
    page = await open_page(f"{url}/checks/store-entry", lang, width=width, height=1600)
    await expect(page.locator("h1")).to_have_text("Can I open a store?" if lang == "en" else "我能开店吗？")
    questions = page.locator(".way > li")
    await expect(questions).to_have_count(10)
    first = questions.first
    await expect(first.locator(".not_eligible .sign")).to_be_visible()
    below = await first.locator(".on").bounding_box()
    second = await questions.nth(1).locator(".question").bounding_box()
    assert below
    assert second
    assert await violations(page) == []
    assert 0 <= second["y"] - (below["y"] + below["height"]) < 8  # the arrow reaches the next question
    await look(page, f"way-{lang}-{width}")
    skip = page.locator(".way .skip a").first
    await expect(page.locator(str(await skip.get_attribute("href")))).to_be_attached()
    assert await overflow(page) == 0
    await expect(page.locator(".way .eligible .sign")).to_have_count(1)
