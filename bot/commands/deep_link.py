"""Links that open Telegram at a topic, a check or a keyword, with their QR codes: for posters and the ends of articles."""

from __future__ import annotations

import asyncio
import io
import re

from bot.channels.channel import NotReached
from bot.knowledge import deep_links
from bot.knowledge.knowledge import Knowledge
from bot.settings import Settings
from handlers.code import code_in

USERNAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{3,31}")
SCALE = 10  # dots of the PNG for each of the code's


class NoBot(Exception):
    """It is not known which bot a link is to open."""


def username(said: str) -> str:
    """A bot's name without what people write around it. Raises NoBot."""
    name = said.strip().removeprefix("https://t.me/").removeprefix("@")
    if not USERNAME.fullmatch(name):
        raise NoBot(f'"{said}" is not the name of a bot; right would be, for example, --bot our_agency_bot')
    return name


def own_username(settings: Settings) -> str:
    """The name of the bot that the token is for. Raises NotReached."""
    from bot.channels.telegram.serving import reached

    if settings.telegram_token is None:
        raise NotReached("without TELEGRAM_TOKEN it is not known which bot is meant: set it")

    async def asked() -> str:
        async with reached(settings) as (_, me):
            return me.username

    return asyncio.run(asked())


def address(knowledge: Knowledge, name: str, bot: str) -> str:
    """The link that opens a bot at something. Raises NoTarget."""
    return f"https://t.me/{bot}?start={deep_links.target(name, knowledge, code_in).payload}"


def draw(address: str, svg: str | None, png: str | None) -> str:
    """Draw the code into the files that are asked for; what is to be printed is returned. Raises OSError."""
    import segno

    code = segno.make_qr(address, error="m")
    if png:
        code.save(png, kind="png", scale=SCALE)
    if svg and svg != "-":
        code.save(svg, kind="svg", scale=SCALE)
    if svg == "-":
        page = io.BytesIO()
        code.save(page, kind="svg", scale=SCALE)
        return page.getvalue().decode()
    if svg or png:
        return ""
    drawn = io.StringIO()
    code.terminal(drawn, compact=True)
    return drawn.getvalue()
