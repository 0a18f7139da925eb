"""What the browser tests do on a page, and a page of another site."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from aiohttp import web
from playwright.async_api import Page, expect

Look = Callable[[Page, str], Coroutine[Any, Any, None]]
STORE_CHECK = {"en": "Can I open a store?", "zh": "我能开店吗？"}
ASK = {"en": "how much is the deposit", "zh": "保证金多少钱"}
ANSWER = {"en": "CNY 10,000 to CNY 50,000", "zh": "1万元至5万元"}
MOST_QUESTIONS = 25

expect.set_options(timeout=20_000)


async def write(page: Page, text: str) -> None:
    """Write a message, and wait for its turn."""
    before = await page.locator(".turn").count()
    await page.fill("#text", text)
    await page.press("#text", "Enter")
    await expect(page.locator(".turn")).to_have_count(before + 1)


async def press(page: Page, number: int = 0) -> None:
    """Press a choice by keyboard, and wait for the turn; by pointer, new choices are taken only after a while."""
    before = await page.locator(".turn").count()
    await page.locator(".choice").nth(number).press("Enter")
    await expect(page.locator(".turn")).to_have_count(before + 1)


async def to_the_result(page: Page) -> None:
    """Answer with the first choice until there is a result."""
    for _ in range(MOST_QUESTIONS):
        if await page.locator(".card").count():
            return
        await press(page)
    raise AssertionError(f"no result after {MOST_QUESTIONS} answers")


async def overflow(page: Page) -> int:
    """Pixels by which the page, or what scrolls in it, is wider than what can be seen."""
    return int(
        await page.evaluate(
            "() => Math.max(document.documentElement.scrollWidth - innerWidth,"
            " ...[...document.querySelectorAll('#scroll, dialog')].map((one) => one.scrollWidth - one.clientWidth))"
        )
    )


SHOP = """<!doctype html><html lang="{lang}"><meta charset="utf-8"><title>Shop</title><meta name="viewport" content="width=device-width">
<link rel="icon" href="data:,"><style>* {{ color: rgb(255, 0, 0) !important; font-size: 40px !important; display: block; }}</style>
{head}<body {body}><h1>A shop</h1><p id="own">Its own words</p><button id="theirs">Buy</button><a id="next" href="/next">Next</a>
<script src="{base}/widget.js" {script}></script></body></html>"""


class Shop:
    """A site of another origin; each of its pages holds the widget of `base`."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}/"
        self.base, self.policy = "", ""
        self.parts = {"lang": "en", "head": "", "body": "", "script": "async"}

    async def page(self, request: web.Request) -> web.Response:
        headers = {"Content-Security-Policy": self.policy} if self.policy else {}
        return web.Response(text=SHOP.format(base=self.base, **self.parts), content_type="text/html", headers=headers)
