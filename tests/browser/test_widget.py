"""The chat's button and window on another site: whatever the site does, the visitor gets in, out and back."""

from __future__ import annotations

import time
from typing import Any

import pytest
from playwright.async_api import Page, expect
from pydantic import SecretStr

from bot.channels.web.visitor import signature
from bot.channels.web.wire import WebChannel
from bot.knowledge.knowledge import Knowledge
from bot.model import Reply
from bot.store import Outgoing, open_store
from tests.browser.conftest import Open
from tests.browser.pages import ANSWER, ASK, Look, Shop
from tests.crash import free_port
from tests.visitors import Visitor, serving

pytestmark = pytest.mark.asyncio(loop_scope="session")  # that of the browser

PHONE, DESKTOP = {"width": 320, "height": 640}, {"width": 1280, "height": 800}
SIZES = pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])


async def opened(page: Page, name: str = "Chat with us") -> Any:
    """Open the window, and return its frame once the chat is there."""
    await page.get_by_role("button", name=name).click()
    chat = page.frame_locator("iframe")
    await expect(chat.locator("#start .offer, .turn").first).to_be_visible()
    return chat


async def ask(chat: Any, text: str) -> None:
    before = await chat.locator(".turn").count()
    await chat.locator("#text").fill(text)
    await chat.locator("#text").press("Enter")
    await expect(chat.locator(".turn")).to_have_count(before + 1)


async def another_window(page: Page, base: str) -> Visitor:
    """The same visitor in another window."""
    (cookie,) = [one for one in await page.context.cookies() if one.get("name") == "merchant_chat_embedded"]
    same = Visitor(base, embedded=True)
    same.session.cookie_jar.update_cookies({"merchant_chat_embedded": str(cookie.get("value"))})
    return same


async def test_it_works_on_another_site_and_no_style_leaks(
    embedded: str, shop: Shop, open_page: Open, look: Look
) -> None:
    page = await open_page(shop.url, width=1024, height=768)
    button = page.get_by_role("button", name="Chat with us")
    await expect(button).to_be_visible()
    own = "() => getComputedStyle(document.getElementById('theirs')).backgroundColor"
    before = await page.evaluate(own)
    await look(page, "widget-closed")
    chat = await opened(page)
    title = chat.locator("h1")
    assert await title.evaluate("one => getComputedStyle(one).color") != "rgb(255, 0, 0)"
    assert await title.evaluate("one => parseFloat(getComputedStyle(one).fontSize)") < 20
    await ask(chat, ASK["en"])
    await expect(chat.locator(".turn .words")).to_contain_text(ANSWER["en"])
    await look(page, "widget-open")
    assert await page.evaluate(own) == before
    await chat.locator("#text").press("Escape")
    await expect(page.locator("iframe")).to_be_hidden()
    await expect(button).to_be_focused()
    await button.click()
    await expect(chat.locator(".turn")).to_have_count(1)


async def test_it_fills_a_phone_and_can_be_closed(embedded: str, shop: Shop, open_page: Open, look: Look) -> None:
    for width, height in ((320, 640), (640, 320)):
        page = await open_page(shop.url, "zh", width=width, height=height)
        await opened(page)
        box = await page.locator("iframe").bounding_box()
        assert box == {"x": 0, "y": 0, "width": width, "height": height}
        name = page.frame_locator("iframe").locator("h1")
        assert await name.evaluate("one => one.scrollWidth - one.clientWidth") == 0
        await look(page, f"widget-phone-{width}")
        await page.get_by_role("button", name="Close the chat").click()
        await expect(page.locator("iframe")).to_be_hidden()


@SIZES
async def test_nobody_is_trapped_where_the_chat_does_not_load(
    knowledge: Knowledge, url: str, shop: Shop, open_page: Open, look: Look, size: dict[str, int]
) -> None:
    shop.base = url  # this site may not embed it
    page = await open_page(shop.url, expect="frame-ancestors", **size)
    launch = page.get_by_role("button", name="Chat with us")
    await launch.click()
    await page.keyboard.press("Escape")
    await expect(page.locator("section")).to_be_hidden()
    await launch.click()
    await expect(page.get_by_text("The chat cannot be reached.")).to_be_visible()
    await look(page, f"widget-failed-{size['width']}")
    again = page.get_by_role("button", name="Try again")
    await again.focus()
    await page.keyboard.press("Escape")
    await expect(again).to_be_hidden()
    await expect(launch).to_be_focused()
    await launch.click()
    await page.get_by_role("button", name="Close the chat").first.click()
    await expect(page.locator("section")).to_be_hidden()


async def test_a_chat_that_is_down_is_opened_by_trying_again(
    knowledge: Knowledge, database: str, shop: Shop, open_page: Open
) -> None:
    port, site = free_port(), shop.url.rstrip("/")
    async with serving(knowledge, database, port=port, embed_origins=site) as shop.base:
        page = await open_page(shop.url, expect="ERR_CONNECTION_REFUSED", **PHONE)
        await expect(page.get_by_role("button", name="Chat with us")).to_be_visible()
    await page.get_by_role("button", name="Chat with us").click()
    again = page.get_by_role("button", name="Try again")
    await expect(again).to_be_focused()
    async with serving(knowledge, database, port=port, embed_origins=site):
        await again.click()
        await expect(page.frame_locator("iframe").locator("#start .offer").first).to_be_visible()
        await expect(again).to_be_hidden()


REPLACEMENTS = {
    "body replaced": "document.body.replaceWith(document.createElement('body'))",
    "body rewritten": "document.body.innerHTML = '<h1>Next</h1>'",
    "root rewritten": "document.documentElement.innerHTML = '<head></head><body>Next</body>'",
    "root replaced": "document.documentElement.replaceWith(document.createElement('html'))",
    "script again": "document.documentElement.append(Object.assign(document.createElement('script'), { src: script }))",
}


@SIZES
async def test_it_outlives_whatever_the_site_does_to_its_page(
    embedded: str, shop: Shop, open_page: Open, size: dict[str, int]
) -> None:
    page = await open_page(shop.url, **size)
    chat = await opened(page)
    await ask(chat, ASK["en"])
    for name, script in REPLACEMENTS.items():
        await page.evaluate(f"(script) => {{ {script}; }}", f"{embedded}/widget.js")
        await expect(page.locator("merchant-chat"), name).to_have_count(1)
        await expect(page.locator("iframe"), name).to_be_visible()
        await expect(chat.locator(".turn .words").first, name).to_contain_text(ANSWER["en"])


@pytest.mark.parametrize(
    ("script", "head", "body", "policy"),
    [
        ('type="module"', "", "", ""),
        ('async crossorigin="anonymous"', "", "", ""),
        ("async", "", "", "require-trusted-types-for 'script'; trusted-types 'none'"),
        ("async", "<style>body { transform: scale(.5); filter: blur(0); overflow: hidden; height: 90px; }</style>", "", ""),
    ],
    ids=["module", "crossorigin", "trusted types", "transformed"],
)  # fmt: skip
async def test_it_works_however_it_is_put_into_the_page(
    embedded: str, shop: Shop, open_page: Open, script: str, head: str, body: str, policy: str
) -> None:
    shop.parts |= {"script": script, "head": head, "body": body}
    shop.policy = policy
    page = await open_page(shop.url, **DESKTOP)
    await opened(page)
    box = await page.locator("section").bounding_box()
    assert box
    assert (box["x"] + box["width"], box["y"] + box["height"]) == (1260, 708)


SLOW_TO_HEAR = """
if (window === top) {
  const listen = window.addEventListener;
  window.addEventListener = (type, heard, ...more) =>
    listen(type, type === "message" ? (event) => setTimeout(heard, 2000, event) : heard, ...more);
}
"""


async def test_what_comes_while_the_window_is_closed_is_counted_on_the_button(
    embedded: str, shop: Shop, open_page: Open
) -> None:
    page = await open_page(shop.url, **DESKTOP, fresh=True)
    # A slow site, which closes the window only after the answer has come.
    await page.add_init_script(SLOW_TO_HEAR)
    await page.reload()
    chat = await opened(page)
    await expect(chat.locator("#text")).to_be_focused()  # it knows that it is open
    # A question answered shows that the window is connected: what is there when it connects is not news.
    await ask(chat, "thanks")
    await chat.locator("#text").press("Escape")
    async with await another_window(page, embedded) as same:
        await same.say(ASK["en"])
    await expect(page.get_by_role("button", name="Chat with us")).to_contain_text("1")


@SIZES
async def test_the_count_and_the_open_window_are_kept_from_page_to_page(
    embedded: str, shop: Shop, open_page: Open, size: dict[str, int]
) -> None:
    page = await open_page(shop.url, **size)
    launch = page.get_by_role("button", name="Chat with us")
    chat = await opened(page)
    await ask(chat, ASK["en"])
    await page.goto(f"{shop.url}next")
    await expect(page.frame_locator("iframe").locator(".turn .words")).to_contain_text(ANSWER["en"])
    await page.get_by_role("button", name="Close the chat").first.click()
    await page.goto(f"{shop.url}third")
    await expect(launch).to_be_visible()
    await expect(launch.locator("b")).to_be_hidden()
    async with await another_window(page, embedded) as same:
        await same.say("commission rate")
    await page.goto(f"{shop.url}fourth")
    await expect(launch.locator("b")).to_have_text("1")
    assert await page.locator("iframe").count() == 0  # nothing was opened for it
    await launch.click()
    await expect(launch.locator("b")).to_be_hidden()
    await expect(page.frame_locator("iframe").locator(".turn")).to_have_count(2)


async def test_before_the_click_only_the_script_is_loaded(embedded: str, shop: Shop, open_page: Open) -> None:
    page = await open_page(shop.url, fresh=True)
    await expect(page.get_by_role("button", name="Chat with us")).to_be_visible()
    sizes = await page.evaluate(
        "(base) => performance.getEntriesByType('resource').filter((one) => one.name.startsWith(base))"
        ".map((one) => one.encodedBodySize)",
        embedded,
    )
    response = await page.context.request.get(f"{embedded}/widget.js", headers={"Accept-Encoding": "gzip"})
    assert response.headers["content-encoding"] == "gzip"
    assert len(sizes) == 1
    assert int(response.headers["content-length"]) < 4000


SIGNED = "a secret of the shop's server"


@SIZES
async def test_a_site_opens_asks_listens_and_says_who_its_visitor_is(
    knowledge: Knowledge, database: str, shop: Shop, open_page: Open, size: dict[str, int]
) -> None:
    site = shop.url.rstrip("/")
    async with serving(knowledge, database, embed_origins=site, widget_secret=SecretStr(SIGNED)) as shop.base:
        page = await open_page(shop.url, expect="WebSocket", **size)  # the server ends before the page
        await page.evaluate(
            "() => { window.heard = []; for (const one of ['open', 'close', 'unread']) merchantChat.on(one, () => heard.push(one)); }"
        )
        await page.evaluate("(text) => merchantChat.ask(text)", ASK["en"])
        await expect(page.frame_locator("iframe").locator(".you .bubble")).to_have_text([ASK["en"]])
        await expect(page.frame_locator("iframe").locator(".turn .words")).to_contain_text(ANSWER["en"])
        expires = int(time.time()) + 60
        person = {"id": "42", "name": "Wei", "expires": expires, "signature": signature(SIGNED, "42", expires)}
        identify = "(person) => merchantChat.identify(person).then(() => 'welcome', (error) => error.message)"
        for change in ({"id": "43"}, {"expires": expires + 1}, {"signature": "0" * 64}, {"expires": 1}, {"name": 7}):
            assert "was not identified" in await page.evaluate(identify, person | change)
        assert await page.evaluate(identify, person) == "welcome"
        await page.evaluate("() => merchantChat.close()")
        await expect(page.locator("iframe")).to_be_hidden()
        assert await page.evaluate("heard") == ["open", "close"]


@SIZES
async def test_a_greeting_is_shown_where_it_is_wished_and_once(
    embedded: str, shop: Shop, open_page: Open, look: Look, size: dict[str, int]
) -> None:
    shop.parts["script"] = 'data-greeting="Any questions?" data-greeting-after="0.1" data-greeting-on="/next" async'
    page = await open_page(shop.url, **size)
    await expect(page.get_by_role("button", name="Chat with us")).to_be_visible()
    await page.goto(f"{shop.url}next")
    greeting = page.get_by_role("button", name="Any questions?")
    await expect(greeting).to_be_visible()
    await look(page, f"widget-greeting-{size['width']}")
    await greeting.click()
    await expect(page.frame_locator("iframe").locator("#start .offer").first).to_be_visible()
    await expect(greeting).to_be_hidden()


async def test_a_consultants_answer_is_told_beside_the_button(
    knowledge: Knowledge, database: str, shop: Shop, open_page: Open, look: Look
) -> None:
    async with serving(knowledge, database, embed_origins=shop.url.rstrip("/")) as shop.base:
        page = await open_page(shop.url, expect="WebSocket", **PHONE)  # the server ends before the page
        chat = await opened(page)
        await ask(chat, "thanks")
        (cookie,) = [one for one in await page.context.cookies() if one.get("name") == "merchant_chat_embedded"]
        await page.get_by_role("button", name="Close the chat").first.click()
        visitor = str(cookie.get("value")).partition(".")[0]
        store = await open_store(database)
        told = WebChannel(lambda _: None).tell(visitor, [Reply("**Anna:** Yes, we can help with that.")])
        await store.broadcast("an answer", [Outgoing("web", visitor, call) for call in told])
        await store.close()
        await page.goto(f"{shop.url}next")
        await expect(page.get_by_role("button", name="A consultant has answered.")).to_be_visible()
        await look(page, "widget-consultant")
