"""The web chat as people use it: in a browser, on a phone's width, by keyboard, with a bad connection, on another site."""

from __future__ import annotations

import asyncio
import re

import pytest
from playwright.async_api import WebSocketRoute, expect

from bot.knowledge.knowledge import Knowledge
from tests.browser.conftest import Open
from tests.browser.pages import ANSWER, ASK, MOST_QUESTIONS, STORE_CHECK, Look, overflow, press, to_the_result, write
from tests.crash import free_port
from tests.visitors import serving

pytestmark = pytest.mark.asyncio(loop_scope="session")  # that of the browser


@pytest.mark.parametrize("lang", ["en", "zh"])
async def test_a_visitor_asks_and_reads_the_answer_with_its_source_in_small_print(
    url: str, open_page: Open, look: Look, lang: str
) -> None:
    page = await open_page(url, lang)
    await expect(page.locator("#start .offer")).to_have_count(6 + 8)
    await look(page, f"start-{lang}")
    await write(page, ASK[lang])
    await expect(page.locator(".turn .bot .words")).to_contain_text(ANSWER[lang])
    small = page.locator(".turn .bot .words .small")
    await expect(small).to_contain_text("2022")
    size = "one => parseFloat(getComputedStyle(one).fontSize)"
    assert await small.evaluate(size) < await page.locator(".turn .bot .words p").first.evaluate(size)
    await expect(page.locator(".turn time").first).to_have_text(re.compile(r"^\d\d:\d\d$"))
    assert await page.locator("#spoken").inner_text() != ""
    await look(page, f"answer-{lang}")


@pytest.mark.parametrize(
    ("lang", "more", "name"),
    [("en", "what commission do you charge", "Show the full source"), ("zh", "佣金多少", "查看完整来源")],
)
async def test_the_full_source_is_shown_beside_the_short_date_and_by_keyboard(
    url: str, open_page: Open, look: Look, lang: str, more: str, name: str
) -> None:
    page = await open_page(url, lang)
    await write(page, ASK[lang])
    await write(page, more)
    later = page.locator(".turn").last
    await expect(later.locator(".small")).to_have_text("29 March 2022" if lang == "en" else "2022年3月29日")
    button = later.get_by_role("button", name=name)
    await expect(button).to_have_attribute("aria-expanded", "false")
    await expect(later.locator(".source")).to_be_hidden()
    spoken = await page.locator("#spoken").inner_text()
    assert "Straw Hat" not in spoken
    assert "草帽" not in spoken
    await button.focus()
    await page.keyboard.press("Enter")
    await expect(button).to_have_attribute("aria-expanded", "true")
    await expect(later.locator(".source")).to_contain_text("Straw Hat" if lang == "en" else "草帽")
    assert await button.get_attribute("aria-controls") == await later.locator(".source").get_attribute("id")
    await look(page, f"source-{lang}")
    await page.keyboard.press("Space")
    await expect(later.locator(".source")).to_be_hidden()
    await page.reload()
    await expect(page.get_by_role("button", name=name)).to_have_count(2)


@pytest.mark.parametrize(("lang", "scheme"), [("en", "light"), ("zh", "dark")])
async def test_a_whole_check_with_a_change_and_a_reload_in_the_middle(
    url: str, open_page: Open, look: Look, lang: str, scheme: str
) -> None:
    page = await open_page(url, lang, scheme=scheme)
    await page.get_by_role("button", name=STORE_CHECK[lang]).click()
    await expect(page.locator(".turn")).to_have_count(1)
    await press(page)
    await press(page)
    done = await page.locator("progress").last.get_attribute("value")
    assert done == "2"
    await look(page, f"check-{lang}-{scheme}")
    await page.reload()
    await expect(page.locator(".turn")).to_have_count(3)
    await expect(page.locator("progress").last).to_have_attribute("value", "2")
    await to_the_result(page)
    await expect(page.locator(".card .sign")).to_be_visible()
    await press(page)
    await press(page, 2)
    await press(page, 1)
    for _ in range(MOST_QUESTIONS):
        if await page.locator(".card").count() > 1:
            break
        await press(page)
    await expect(page.locator(".card")).to_have_count(2)
    await look(page, f"result-{lang}-{scheme}")


async def test_a_result_is_opened_by_its_link_and_made_for_paper(url: str, open_page: Open, look: Look) -> None:
    page = await open_page(url)
    await page.get_by_role("button", name=STORE_CHECK["en"]).click()
    await expect(page.locator(".turn")).to_have_count(1)
    await to_the_result(page)
    async with page.context.expect_page() as opening:
        await page.locator(".keep a").last.click()
    result = await opening.value
    await expect(result.locator(".card h2").first).to_be_visible()
    await expect(result.locator("#print")).to_be_visible()
    await look(result, "result-page")
    await result.get_by_role("link", name="中文").click()
    await expect(result.locator("h1")).to_contain_text("我能开店吗")
    await result.emulate_media(media="print")
    await expect(result.locator("#print")).to_be_hidden()
    await expect(result.locator(".card")).to_be_visible()
    await look(result, "result-paper")
    assert len(await result.pdf()) > 5000
    # Whoever has the code has the result, in a browser of his own too.
    other = await open_page(result.url)
    await expect(other.locator(".card")).to_be_visible()


async def test_what_is_written_without_a_connection_arrives_once_it_is_back(
    knowledge: Knowledge, database: str, open_page: Open, look: Look
) -> None:
    port = free_port()
    async with serving(knowledge, database, port=port) as url:
        page = await open_page(url, expect="WebSocket connection")
        await write(page, ASK["en"])
    await page.fill("#text", "commission rate")
    await page.press("#text", "Enter")
    await expect(page.locator("#pending .sending")).to_have_count(1)
    await expect(page.locator("#notice")).to_contain_text("No connection")
    await look(page, "no-connection")
    async with serving(knowledge, database, port=port):
        await expect(page.locator(".turn")).to_have_count(2)
        await expect(page.locator("#notice")).to_be_hidden()
        await expect(page.locator("#pending .row")).to_have_count(0)
        await page.reload()
        await expect(page.locator(".turn .you .bubble")).to_have_text([ASK["en"], "commission rate"])
        await expect(page.locator(".turn .bot .words")).to_have_count(2)


async def test_a_message_that_the_server_never_got_is_sent_again(url: str, open_page: Open) -> None:
    page = await open_page(url, fresh=True)
    lost: list[str] = []

    def swallow_twice(wire: WebSocketRoute) -> None:
        server = wire.connect_to_server()

        def pass_on(frame: str | bytes) -> None:
            if '"say"' in str(frame) and len(lost) < 2:
                lost.append(str(frame))
            else:
                server.send(frame)

        wire.on_message(pass_on)

    await page.context.route_web_socket("**/socket*", swallow_twice)
    await page.reload()
    await expect(page.locator("#start .offer").first).to_be_visible()
    await page.fill("#text", "commission rate")
    await page.press("#text", "Enter")
    await expect(page.locator("#pending .sending")).to_have_count(1)
    # Once after a reload, and once because nobody says that it has arrived.
    await page.reload()
    await expect(page.locator(".turn .you .bubble")).to_have_text(["commission rate"])
    await expect(page.locator("#pending .row")).to_have_count(0)
    assert len(lost) == 2


async def test_two_visitors_at_once_see_their_own(url: str, open_page: Open) -> None:
    ann, wei = await open_page(url), await open_page(url, "zh")
    await asyncio.gather(write(ann, ASK["en"]), write(wei, ASK["zh"]))
    await asyncio.gather(write(ann, "commission rate"), write(wei, "佣金"))
    await expect(ann.locator(".you .bubble")).to_have_text([ASK["en"], "commission rate"])
    await expect(wei.locator(".you .bubble")).to_have_text([ASK["zh"], "佣金"])
    assert ANSWER["zh"] not in await ann.locator("#log").inner_text()
    assert ANSWER["en"] not in await wei.locator("#log").inner_text()


async def test_the_language_is_switched_and_the_assistant_follows(url: str, open_page: Open, look: Look) -> None:
    page = await open_page(url)
    await page.get_by_role("button", name="中文").click()
    await expect(page.locator("#text")).to_have_attribute("placeholder", "输入您的问题…")
    await page.get_by_role("button", name="保证金金额").click()
    await expect(page.locator(".turn .words")).to_contain_text(ANSWER["zh"])
    await page.get_by_role("button", name="EN", exact=True).click()
    await expect(page.locator(".turn").last).to_contain_text("I will answer in English")
    await page.reload()
    await expect(page.locator("h1")).to_have_text("Merchant assistant")


async def test_everything_is_reached_by_keyboard_alone(url: str, open_page: Open) -> None:
    page = await open_page(url)
    await expect(page.locator("#start .offer").first).to_be_visible()
    await expect(page.locator("#text")).to_be_focused()
    await page.locator("#start .offer").first.focus()
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.locator(".turn")).to_have_count(1)
    await expect(page.locator(".choice").first).to_be_focused()
    await page.keyboard.press("Space")
    await expect(page.locator(".turn")).to_have_count(2)
    await page.locator("#menu").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("#sheet")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.locator("#sheet")).to_be_hidden()
    await expect(page.locator("#menu")).to_be_focused()


async def test_screen_readers_are_told_names_roles_and_what_is_new(url: str, open_page: Open) -> None:
    page = await open_page(url, "zh")
    await write(page, ASK["zh"])
    await expect(page.get_by_role("log", name="对话")).to_be_visible()
    await expect(page.get_by_role("textbox", name="输入您的问题…")).to_be_visible()
    await expect(page.get_by_role("button", name="发送")).to_be_visible()
    await expect(page.get_by_role("group", name="选项")).to_be_visible()
    await expect(page.locator("#spoken[aria-live=polite]")).to_contain_text(ANSWER["zh"])
    assert await page.evaluate("document.documentElement.lang") == "zh-CN"
    unnamed = (
        "() => [...document.querySelectorAll('button, a, img, textarea, progress')].filter((one) =>"
        " !(one.innerText || one.getAttribute('aria-label') || one.title || one.hasAttribute('alt'))).map((one) => one.outerHTML)"
    )
    assert await page.evaluate(unnamed) == []


async def test_enter_while_chinese_is_composed_sends_nothing(url: str, open_page: Open) -> None:
    page = await open_page(url, "zh")
    await expect(page.locator("#start .offer").first).to_be_visible()
    await page.fill("#text", "baozhengjin")
    await page.evaluate(
        "() => document.getElementById('text').dispatchEvent("
        "new KeyboardEvent('keydown', { key: 'Enter', isComposing: true, bubbles: true, cancelable: true }))"
    )
    await expect(page.locator("#text")).to_have_value("baozhengjin")
    await page.press("#text", "Shift+Enter")
    await expect(page.locator("#text")).to_have_value("baozhengjin\n")
    await expect(page.locator("#pending .row, .turn")).to_have_count(0)


async def test_markup_is_shown_as_it_was_written(url: str, open_page: Open) -> None:
    page = await open_page(url)
    for text in (
        "<script>document.title='owned'</script>",
        "<img src=x onerror=\"document.title='owned'\">",
        "<b>x</b> **y**",
    ):
        await write(page, text)
        await expect(page.locator(".you .bubble").last).to_have_text(text)
    assert await page.title() == "Merchant assistant"
    assert await page.locator("#log script, #log img").count() == 0


async def test_who_writes_too_fast_reads_why_and_can_send_again(
    knowledge: Knowledge, database: str, open_page: Open, look: Look
) -> None:
    async with serving(knowledge, database, messages_per_minute=2) as url:
        page = await open_page(url)
        await write(page, "thanks")
        await write(page, ASK["en"])
        await page.fill("#text", "commission rate")
        await page.press("#text", "Enter")
        await expect(page.locator("#pending .failed .meta")).to_contain_text("One thing at a time")
        await expect(page.get_by_role("button", name="Send again")).to_be_visible()
        await look(page, "too-fast")


SIZES = [(320, 640), (390, 844), (768, 844), (1440, 844)]


@pytest.mark.parametrize(("lang", "scheme"), [("en", "dark"), ("zh", "light")])
async def test_nothing_is_cut_off_at_any_width(url: str, open_page: Open, look: Look, lang: str, scheme: str) -> None:
    page = await open_page(url, lang, scheme=scheme)

    async def cuts_off_nothing(state: str = "") -> None:
        for width, height in SIZES:
            await page.set_viewport_size({"width": width, "height": height})
            assert await overflow(page) == 0, (state, width)
            if state:
                await look(page, f"width-{width}-{lang}-{state}")

    await expect(page.locator("#start .offer").first).to_be_visible()
    await cuts_off_nothing("start")
    await write(page, "benefits overview" if lang == "en" else "权益一览")
    await write(page, ("x" if lang == "en" else "很") * 300)
    await cuts_off_nothing()
    await page.locator("#menu").click()
    await cuts_off_nothing("menu")
    await page.get_by_role("dialog").get_by_role("button", name=STORE_CHECK[lang]).click()
    await expect(page.locator(".turn")).to_have_count(3)
    await to_the_result(page)
    small = "() => [...document.querySelectorAll('button')].filter((one) => one.offsetParent && one.offsetHeight < 32).length"
    for width, height in SIZES:
        await page.set_viewport_size({"width": width, "height": height})
        assert await page.evaluate(small) == 0, width
    await cuts_off_nothing("result")


async def test_a_wide_table_moves_sideways_by_itself(url: str, open_page: Open) -> None:
    from bot.channels.web.rendering import html

    page = await open_page(url, width=320)
    await write(page, ASK["en"])
    rows = (
        "| "
        + " | ".join(f"a rather long heading {n}" for n in range(6))
        + " |\n"
        + "|---" * 6
        + "|\n"
        + "| value " * 6
        + "|"
    )
    await page.evaluate("(made) => { document.querySelector('.turn .words').innerHTML = made; }", html(rows))
    await expect(page.locator(".table table")).to_be_visible()
    assert await overflow(page) == 0
    assert await page.evaluate(
        "() => { const one = document.querySelector('.table'); return one.scrollWidth > one.clientWidth; }"
    )


async def test_a_visitor_saves_his_data_and_sees_nothing_of_it_after_erasing(open_page: Open, url: str) -> None:
    page = await open_page(url)
    await write(page, ASK["en"])
    await write(page, "/mydata")
    async with page.expect_download() as download:
        await page.locator("a.file").click()
    assert (await download.value).suggested_filename == "my-data.json"
    await write(page, "/forget")
    await page.locator(".choice").first.click()
    await expect(page.locator(".turn")).to_have_count(1)
    await expect(page.locator("#log")).not_to_contain_text("10,000")
