"""The agency's own face on the pages: name, logo, colour, avatar, greeting and privacy link, light, dark or as the host is."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine
from copy import copy
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import ClientSession, web
from PIL import Image, ImageDraw
from playwright.async_api import Page, expect

from bot.channels.web.site import Site
from bot.content.agency import Brand
from bot.knowledge.knowledge import Knowledge
from bot.settings import Settings
from bot.store import open_store
from tests.browser.conftest import Open
from tests.browser.pages import MOST_QUESTIONS, Look, overflow, write
from tests.crash import free_port
from tests.visitors import Visitor, labels, serving

pytestmark = pytest.mark.asyncio(loop_scope="session")  # that of the browser

COLOUR = "#7a1f5c"
NAME = {"en": "Straw Hat assistant", "zh": "草帽助手"}
GREETING = {"en": "Hello, I am Anna of Straw Hat.", "zh": "您好，我是草帽的小安。"}
BACKGROUND = "one => getComputedStyle(one).backgroundColor"
Foreign = Callable[..., Coroutine[None, None, str]]


def branded(knowledge: Knowledge, folder: Path) -> Knowledge:
    """The content that ships with a brand of its own."""
    logo = Image.new("RGB", (96, 96), COLOUR)
    ImageDraw.Draw(logo).ellipse((20, 20, 76, 76), fill="white")
    logo.save(folder / "logo.png")
    Image.new("RGB", (96, 96), "#e0a458").save(folder / "anna.png")
    brand = Brand.model_validate(
        {
            "name": NAME,
            "logo": "logo.png",
            "colour": COLOUR,
            "avatar": "anna.png",
            "greeting": GREETING,
            "privacy": "https://example.com/privacy",
        }
    )
    library, ours = knowledge.library, copy(knowledge)
    operator = library.operator.model_copy(update={"brand": brand})
    files = {name: str(folder / name) for name in ("logo.png", "anna.png")}
    ours.library = replace(library, data=replace(library.data, operator=operator), files=files)
    return ours


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def served(knowledge: Knowledge, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[str, str]]:
    """The chat with a brand, and a page of another site with its widget, whose theme is `?theme=`."""
    folder, port, shop = tmp_path_factory.mktemp("brand"), free_port(), free_port()

    async def page(request: web.Request) -> web.Response:
        script = (
            f'<script src="http://127.0.0.1:{port}/widget.js" data-theme="{request.query["theme"]}" async></script>'
        )
        policy = {"Content-Security-Policy": request.query.get("policy", "")}
        text = f'<!doctype html><html lang="en" data-theme="dark"><title>Shop</title><link rel="icon" href="data:,">{script}'
        return web.Response(text=text, content_type="text/html", headers=policy)

    app = web.Application()
    app.router.add_get("/", page)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", shop).start()
    site = f"http://127.0.0.1:{shop}"
    async with serving(
        branded(knowledge, folder), f"sqlite:///{folder / 'web.db'}", port=port, embed_origins=site
    ) as url:
        yield url, site
    await runner.cleanup()


@pytest.mark.parametrize(("lang", "scheme"), [("en", "light"), ("zh", "dark")])
async def test_the_chat_has_the_agencys_face(
    served: tuple[str, str], open_page: Open, look: Look, lang: str, scheme: str
) -> None:
    page = await open_page(served[0], lang, scheme=scheme)
    await expect(page.locator("header h1")).to_have_text(NAME[lang])
    assert await page.title() == NAME[lang]
    await expect(page.locator("#start h2")).to_have_text(GREETING[lang])
    await expect(page.locator("#start .privacy a")).to_have_attribute("href", "https://example.com/privacy")
    assert await page.locator("header .mark").evaluate("one => one.naturalWidth") == 96
    await look(page, f"brand-start-{lang}-{scheme}")
    await write(page, "how much is the deposit")
    if scheme == "light":
        assert await page.locator("#send").evaluate(BACKGROUND) == "rgb(122, 31, 92)"
        assert await page.locator(".you .bubble").evaluate(BACKGROUND) == "rgb(122, 31, 92)"
    avatar = await page.locator(".row.bot").first.evaluate("one => getComputedStyle(one, '::before').backgroundImage")
    assert "files/anna.png" in avatar
    await look(page, f"brand-answer-{lang}-{scheme}")
    await page.set_viewport_size({"width": 320, "height": 640})
    assert await overflow(page) == 0
    assert await page.locator('meta[property="og:title"]').get_attribute("content") == NAME[lang]
    picture = str(await page.locator('meta[property="og:image"]').get_attribute("content"))
    async with ClientSession() as session, session.get(picture) as response:
        assert response.content_type == "image/png"


@pytest.mark.parametrize(("theme", "dark"), [("", False), ("dark", True), ("light", False), ("host", True)])
async def test_the_window_on_another_site_has_the_theme_that_the_site_wants(
    served: tuple[str, str], open_page: Open, look: Look, theme: str, dark: bool
) -> None:
    page: Page = await open_page(f"{served[1]}/?theme={theme}", width=900, height=760, scheme="light", fresh=True)
    launcher = page.get_by_role("button", name=f"Chat with us – {NAME['en']}")
    assert await launcher.evaluate(BACKGROUND) == "rgb(122, 31, 92)"
    await expect(launcher.locator("img")).to_have_js_property("naturalWidth", 96)
    await expect(launcher.locator("svg")).to_have_count(0)
    await look(page, f"brand-launcher-{theme or 'visitor'}")
    await launcher.click()
    chat = page.frame_locator("iframe")
    await expect(chat.locator("#start .offer").first).to_be_visible()
    body = chat.locator("body")
    await expect(body).to_have_css("background-color", "rgb(15, 23, 30)" if dark else "rgb(242, 245, 247)")
    shut = page.get_by_role("button", name="Close the chat").first
    await expect(shut).to_have_css("color", "rgb(255, 255, 255)" if dark else "rgb(0, 0, 0)")
    await look(page, f"brand-widget-{theme or 'visitor'}")
    if theme == "host":
        await page.evaluate("document.documentElement.dataset.theme = 'light'")
        await expect(body).to_have_css("background-color", "rgb(242, 245, 247)")


async def test_the_button_keeps_its_bubble_where_the_site_forbids_the_logo(
    served: tuple[str, str], open_page: Open
) -> None:
    page = await open_page(
        f"{served[1]}/?theme=&policy=img-src%20data:", expect="img-src", width=320, height=640, fresh=True
    )
    launcher = page.get_by_role("button", name=f"Chat with us – {NAME['en']}")
    await expect(launcher.locator("svg")).to_be_visible()
    await expect(launcher.locator("img")).to_have_count(0)
    zipped = {"Accept-Encoding": "gzip"}
    async with ClientSession() as session, session.get(f"{served[0]}/widget.js", headers=zipped) as response:
        assert int(response.headers["Content-Length"]) < 4000  # with a brand, too


async def test_a_result_and_the_page_before_the_start_have_the_agencys_face(
    served: tuple[str, str], open_page: Open, look: Look, tmp_path: Path
) -> None:
    async with Visitor(served[0]) as visitor:
        turn = await visitor.say("Which way do I authenticate?")
        for _ in range(MOST_QUESTIONS):
            turn = visitor.turns[-1]
            if turn["replies"][-1].get("code"):
                break
            await visitor.press(labels(turn)[0])
        code = turn["replies"][-1]["code"]
    page = await open_page(f"{served[0]}/r/{code}", width=320, height=640)
    await expect(page.locator("header .title")).to_have_text(NAME["en"])
    await expect(page.locator("header .mark")).to_have_js_property("naturalWidth", 96)
    await expect(page.locator(".actions a").last).to_have_attribute("href", "https://example.com/privacy")
    await look(page, "brand-result")

    (tmp_path / "files").mkdir()
    Image.new("RGB", (96, 96), COLOUR).save(tmp_path / "files" / "logo.png")
    brand = f'brand: {{name: {{en: "{NAME["en"]}", zh: "{NAME["zh"]}"}}, logo: logo.png, colour: "{COLOUR}"}}\n'
    (tmp_path / "operator.yaml").write_text(brand, "utf-8")
    port, app, store = free_port(), web.Application(), await open_store(f"sqlite:///{tmp_path / 'web.db'}")
    Site(Settings(knowledge=str(tmp_path)), store).add_to(app)  # not opened: the content is being read
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    page = await open_page(f"http://127.0.0.1:{port}/", "zh", width=320, height=640, scheme="dark")
    await expect(page.locator(".brand")).to_contain_text(NAME["zh"])
    await expect(page.locator(".brand img")).to_have_js_property("naturalWidth", 96)
    await look(page, "brand-starting")
    await page.close()
    await runner.cleanup()
    await store.close()
