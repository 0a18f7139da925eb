"""What used to go wrong in the web chat: one test for each kind, at the widths where it shows."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest
from aiohttp import ClientSession
from playwright.async_api import Page, WebSocketRoute, expect

from bot.channels.web.sockets import NO_COOKIE
from bot.knowledge.knowledge import Knowledge
from tests.browser.conftest import Open
from tests.browser.pages import ASK, STORE_CHECK, Look, overflow, to_the_result, write
from tests.visitors import Visitor, serving

pytestmark = pytest.mark.asyncio(loop_scope="session")  # that of the browser

AXE = (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
WIDTHS = pytest.mark.parametrize("width", [320, 1280])


async def same_visitor(page: Page, url: str) -> Visitor:
    """The same visitor in another window."""
    (cookie,) = [one for one in await page.context.cookies() if one.get("name") == "merchant_chat"]
    return Visitor(url, cookie=str(cookie.get("value")))


async def top(page: Page) -> float:
    return float(await page.locator("#scroll").evaluate("one => one.scrollTop"))


@WIDTHS
async def test_a_double_click_answers_one_question(url: str, open_page: Open, width: int) -> None:
    page = await open_page(url, width=width, height=700)
    await page.get_by_role("button", name=STORE_CHECK["en"]).click()
    await expect(page.locator(".turn")).to_have_count(1)
    unknown = page.get_by_role("button", name="I don't know")
    await expect(page.locator("html.held")).to_have_count(0)
    box = await unknown.bounding_box()
    assert box
    # Presses follow each other at the same place as fast as a person's; the next question's choices come to lie there.
    await page.mouse.move(box["x"] + 9, box["y"] + 9)
    for _ in range(4):
        await page.mouse.click(box["x"] + 9, box["y"] + 9, delay=20)
        await page.wait_for_timeout(70)
    await expect(page.locator(".turn")).to_have_count(2)
    await expect(page.locator(".choice").first).to_be_visible()
    looks = "() => new Set([...document.querySelectorAll('.choice')].map((one) => getComputedStyle(one).backgroundColor)).size"
    await expect(page.locator("html.held")).to_have_count(0)
    assert await page.evaluate(looks) == 1
    assert await page.locator(".you .bubble").all_inner_texts() == [STORE_CHECK["en"], "I don't know"]


@WIDTHS
async def test_who_reads_above_is_not_moved_and_a_pill_tells_of_what_came(
    url: str, open_page: Open, look: Look, width: int
) -> None:
    page = await open_page(url, width=width, height=640)
    for _ in range(3):
        await write(page, "benefits overview")
    await page.locator("#scroll").hover()
    await page.mouse.wheel(0, -600)
    await expect(page.locator("#scroll")).not_to_have_js_property("scrollTop", await top(page) + 1)
    async with await same_visitor(page, url) as same:
        await page.wait_for_function(
            "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))"
        )
        before = await top(page)
        await same.say(ASK["en"])
        await expect(page.locator("#pill")).to_have_text("1 new message")
        assert await top(page) == before
        await same.say("commission rate")
        await expect(page.locator("#pill")).to_have_text("2 new messages")
        assert await top(page) == before
    await look(page, f"pill-{width}")
    await page.locator("#pill").click()
    await expect(page.locator(".turn").last).to_be_in_viewport()
    await expect(page.locator("#pill")).to_be_hidden()


@WIDTHS
async def test_after_an_own_long_message_the_answers_beginning_is_in_view(
    url: str, open_page: Open, width: int
) -> None:
    page = await open_page(url, width=width, height=640)
    await page.fill("#text", "how much is the deposit\n" + "it is about our shop for shoes\n" * 30)
    await page.press("#text", "Enter")
    answer = page.locator(".turn .bot .bubble").first
    await expect(answer).to_be_visible()
    await expect(answer.locator(".words > :first-child")).to_be_in_viewport()


@WIDTHS
async def test_the_language_asked_for_wins_over_an_old_choice_and_not_over_a_new_one(
    url: str, open_page: Open, width: int
) -> None:
    page = await open_page(url, width=width)
    await page.get_by_role("button", name="中文").click()
    await page.goto(f"{url}/?lang=en")
    await expect(page.locator("h1")).to_have_text("Merchant assistant")
    await page.get_by_role("button", name="中文").click()
    await page.reload()
    await expect(page.locator("h1")).to_have_text("商家助手")


@WIDTHS
async def test_switching_the_language_changes_words_and_buttons_and_nothing_else(
    url: str, open_page: Open, look: Look, width: int
) -> None:
    page = await open_page(url, width=width)
    await page.get_by_role("button", name=STORE_CHECK["en"]).click()
    await expect(page.locator(".turn")).to_have_count(1)
    await to_the_result(page)
    said = await page.locator(".you .bubble").all_inner_texts()
    english = await page.locator(".choice").all_inner_texts()
    turns = await page.locator(".turn").count()
    await page.get_by_role("button", name="中文").click()
    await expect(page.locator(".turn")).to_have_count(turns + 1)
    chinese = await page.locator(".choice").all_inner_texts()
    assert len(chinese) == len(english)
    assert all(re.search("[一-鿿]", label) for label in chinese)
    assert await page.locator(".you .bubble").all_inner_texts() == said
    assert await page.locator(".day").all_inner_texts() == ["今天"]
    await look(page, f"switched-{width}")
    await page.reload()
    await expect(page.locator(".day")).to_have_text(["今天"])
    await expect(page.locator(".you .bubble")).to_have_text(said)
    await page.locator(".choice").first.press("Enter")  # they are still valid
    await expect(page.locator(".turn")).to_have_count(turns + 2)


@WIDTHS
async def test_a_text_that_is_too_long_is_kept_and_said_to_be_so(
    url: str, open_page: Open, look: Look, width: int
) -> None:
    page = await open_page(url, width=width)
    await page.fill("#text", "x" * 4100)
    await expect(page.locator("#limit")).to_contain_text("4100 characters, 100 too many")
    await page.press("#text", "Enter")
    await expect(page.locator("#text")).to_have_value("x" * 4100)
    await expect(page.locator("#pending .row")).to_have_count(0)
    await look(page, f"too-long-{width}")
    await page.fill("#text", "commission rate")
    await expect(page.locator("#limit")).to_be_hidden()
    await page.reload()
    await expect(page.locator("#text")).to_have_value("commission rate")  # a draft survives
    await page.press("#text", "Enter")
    await expect(page.locator(".turn")).to_have_count(1)
    await page.reload()
    await expect(page.locator("#text")).to_have_value("")


@WIDTHS
async def test_without_cookies_nothing_seems_to_be_on_its_way(
    url: str, open_page: Open, look: Look, width: int
) -> None:
    page = await open_page(url, width=width, fresh=True)

    # What the server says to a page whose browser keeps no cookie.
    blocked = True

    async def without_cookie(wire: WebSocketRoute) -> None:
        if blocked:
            await wire.close(code=NO_COOKIE)
        else:
            wire.connect_to_server()

    await page.context.route_web_socket("**/socket*", without_cookie)
    await page.reload()
    await expect(page.locator("#notice")).to_contain_text("needs a cookie")
    await expect(page.locator("#start .offer").first).to_be_visible()
    await page.fill("#text", "commission rate")
    await page.press("#text", "Enter")
    await expect(page.locator("#pending .failed")).to_contain_text("needs a cookie")
    await expect(page.locator("#pending .sending")).to_have_count(0)
    await look(page, f"no-cookie-{width}")
    blocked = False
    await page.reload()
    await expect(page.locator(".turn .you .bubble")).to_have_text(["commission rate"])


@WIDTHS
async def test_older_turns_are_loaded_by_scrolling_up(
    url: str, open_page: Open, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    from bot.channels.web import sockets

    monkeypatch.setattr(sockets, "SHOWN_AGAIN", 6)
    monkeypatch.setattr(sockets, "OLDER", 4)
    page = await open_page(url, width=width, height=640)
    async with await same_visitor(page, url) as same:
        for number in range(12):
            await same.say(f"thanks {number}")
    await page.reload()
    await expect(page.locator(".turn")).to_have_count(6)
    await page.locator("#scroll").hover()
    for shown in (10, 12):
        await page.mouse.wheel(0, -9000)
        await expect(page.locator(".turn")).to_have_count(shown)
    await expect(page.locator("#earlier")).to_be_hidden()
    await expect(page.locator(".you .bubble")).to_have_text([f"thanks {number}" for number in range(12)])
    await expect(page.locator(".day")).to_have_count(1)


@WIDTHS
async def test_on_paper_the_visitors_words_are_as_dark_as_the_answers(
    url: str, open_page: Open, look: Look, width: int
) -> None:
    page = await open_page(url, scheme="dark", width=width)
    await write(page, ASK["en"])
    await page.emulate_media(media="print")
    colour = "one => getComputedStyle(one).color + getComputedStyle(one).backgroundColor"
    assert await page.locator(".you .bubble").evaluate(colour) == "rgb(0, 0, 0)rgb(255, 255, 255)"
    await expect(page.locator("footer")).to_be_hidden()
    await look(page, f"paper-{width}")


@pytest.mark.parametrize(("lang", "width"), [("en", 1280), ("zh", 320)])
async def test_a_card_has_one_verdict(url: str, open_page: Open, look: Look, lang: str, width: int) -> None:
    page = await open_page(url, lang, width=width)
    await page.get_by_role("button", name=STORE_CHECK[lang]).click()
    await expect(page.locator(".turn")).to_have_count(1)
    unknown = page.locator(".choice", has_text="I don't know" if lang == "en" else "不知道")
    for turns in range(1, 25):
        await expect(page.locator(".turn")).to_have_count(turns)
        if await page.locator(".card").count():
            break
        await (unknown if await unknown.count() else page.locator(".choice")).first.press("Enter")
    sign = page.locator(".card .sign")
    await expect(sign).to_have_text("depends on what is open" if lang == "en" else "要看没确定的几项", ignore_case=True)
    await expect(page.locator(".card")).to_contain_text("It depends" if lang == "en" else "要看下面几项")
    await look(page, f"open-{lang}")


@pytest.mark.parametrize(("width", "height", "scheme"), [(320, 640, "dark"), (1280, 800, "light")])
async def test_axe_finds_nothing_in_any_state(url: str, open_page: Open, width: int, height: int, scheme: str) -> None:
    page = await open_page(url, width=width, height=height, scheme=scheme, expect="404")
    await expect(page.locator("#start .offer").first).to_be_visible()
    found = {"start": await violations(page)}
    await page.get_by_role("button", name=STORE_CHECK["en"]).click()
    await expect(page.locator(".turn")).to_have_count(1)
    found["question"] = await violations(page)
    await page.locator("#menu").click()
    found["menu"] = await violations(page)
    await page.keyboard.press("Escape")
    await to_the_result(page)
    found["result"] = await violations(page)
    await write(page, "benefits overview")
    found["answer"] = await violations(page)
    await page.fill("#text", "x" * 4100)
    found["too long"] = await violations(page)
    await page.goto(f"{url}/nothing-here")
    found["missing"] = await violations(page)
    assert [one for state in found.values() for one in state] == []


async def violations(page: Page) -> list[str]:
    await page.evaluate(AXE)
    results = await page.evaluate("() => axe.run({ resultTypes: ['violations'] })")
    return [f"{one['id']} ({one['impact']}): {one['nodes'][0]['html'][:200]}" for one in results["violations"]]


async def test_in_little_height_the_conversation_has_half_of_it(url: str, open_page: Open, look: Look) -> None:
    """Landscape phones, and a desktop of 1,280 by 1,024 px at 400 %."""
    page = await open_page(url, width=640, height=320)
    await write(page, ASK["en"])
    for width, height in ((640, 320), (568, 320), (320, 256)):
        await page.set_viewport_size({"width": width, "height": height})
        assert await page.locator("#scroll").evaluate("one => one.clientHeight") >= height / 2, width
        assert await overflow(page) == 0, width
        await look(page, f"low-{width}")


@WIDTHS
async def test_in_forced_colours_every_button_has_an_edge(url: str, open_page: Open, look: Look, width: int) -> None:
    page = await open_page(url, width=width)
    await page.emulate_media(forced_colors="active")
    await page.get_by_role("button", name=STORE_CHECK["en"]).click()
    await expect(page.locator(".turn")).to_have_count(1)
    for one in ("#send", ".choice", ".you .bubble"):
        assert await page.locator(one).first.evaluate("one => getComputedStyle(one).borderTopWidth") != "0px"
    await look(page, f"forced-colours-{width}")


@WIDTHS
async def test_waiting_is_counted_down(knowledge: Knowledge, database: str, open_page: Open, width: int) -> None:
    async with serving(knowledge, database, messages_per_minute=2) as url:
        page = await open_page(url, width=width, expect="WebSocket")  # the server ends before the page
        await page.clock.install()
        await page.reload()
        for text in ("thanks", "thanks", "thanks"):
            await page.fill("#text", text)
            await page.press("#text", "Enter")
        alert = page.locator("#pending .failed .meta")
        await expect(alert).to_contain_text(re.compile(r"in (\d+) seconds"))
        seconds = int(re.findall(r"in (\d+) seconds", await alert.inner_text())[0])
        await page.clock.run_for(5000)
        left = int(re.findall(r"in (\d+) seconds", await alert.inner_text())[0])
        assert 0 < left <= seconds - 4  # shown once a second, while the clock goes on
        await page.clock.run_for(60_000)
        await expect(alert).to_contain_text("Not sent")


@WIDTHS
async def test_the_first_page_is_small_first_things_first_and_known_to_others(
    url: str, open_page: Open, width: int
) -> None:
    page = await open_page(url, width=width, expect="404", fresh=True)
    await expect(page.locator("#start .checks .offer").first).to_have_text(STORE_CHECK["en"])
    mark = await page.locator("#start .checks .offer").first.evaluate(
        "one => getComputedStyle(one, '::before').content"
    )
    assert mark == "none"
    for name in ("description", "og:title", "og:description"):
        assert await page.locator(f"meta[name='{name}'], meta[property='{name}']").get_attribute("content")
    sizes = "() => performance.getEntries().map((one) => one.transferSize || 0).reduce((sum, one) => sum + one, 0)"
    assert 0 < await page.evaluate(sizes) < 60_000
    assert (await page.context.request.get(f"{url}/favicon.ico")).headers["content-type"].startswith("image/svg")
    missing = await page.goto(f"{url}/nothing-here")
    assert missing
    assert missing.status == 404
    await page.get_by_role("link", name="To the chat").click()
    await expect(page.locator("#start .offer").first).to_be_visible()
    async with ClientSession() as session:
        for path in ("", "chat.js", "nothing", "healthz", "socket"):
            async with session.get(f"{url}/{path}") as response:
                assert "Server" not in response.headers
