"""`link`: deep links and their QR codes, for posters and articles."""

from __future__ import annotations

import asyncio
import io
import re

import click

from bot import app
from bot.channels.channel import Unreachable
from bot.commands.root import NOT_DONE, WRONG_USE, cli, fail, knowledge_options, settings
from bot.knowledge.deep_links import NoTarget, target
from bot.knowledge.knowledge import Knowledge
from bot.settings import Settings
from handlers.code import code_in

USERNAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{3,31}")
SCALE = 10  # pixels per module of the QR code


@cli.command()
@click.argument("name", metavar="TOPIC|CHECK|KEYWORD|COURSE|CODE")
@click.option("--bot", metavar="USERNAME", help="The bot's name; by default that of TELEGRAM_TOKEN's bot.")
@click.option("--svg", metavar="FILE", help="Draw the QR code as SVG into this file, or - for standard output.")
@click.option("--png", metavar="FILE", help="Draw the QR code as PNG into this file.")
@knowledge_options
def link(name: str, bot: str | None, svg: str | None, png: str | None, folders: app.Folders) -> None:
    """Print a Telegram deep link to a topic, check, keyword, course or result, with its QR code.

    \b
    merchant-bot link deposit-amount
    merchant-bot link 潜力商品 --bot our_agency_bot --svg poster.svg
    """
    chosen = settings()
    try:
        user = username(bot) if bot else own_username(chosen)
        address = link_address(app.open_knowledge(chosen, folders), name, user)
        if svg != "-":
            click.echo(address)
        click.echo(draw(address, svg, png), nl=False)
    except (NoTarget, NoBot) as error:
        fail(str(error), WRONG_USE)
    except Unreachable as error:
        fail(f"{error}; or name the bot with --bot", NOT_DONE)
    except OSError as error:
        fail(f"{error.filename}: this file cannot be written: {error.strerror}", WRONG_USE)


class NoBot(Exception):
    """The bot's name is missing or invalid."""


def username(said: str) -> str:
    """Normalise a bot's name: without @ and t.me. Raises NoBot."""
    name = said.strip().removeprefix("https://t.me/").removeprefix("@")
    if not USERNAME.fullmatch(name):
        raise NoBot(f'"{said}" is not a bot\'s name; write it like --bot our_agency_bot')
    return name


def own_username(settings: Settings) -> str:
    """The name of the bot that the token is for. Raises Unreachable."""
    from bot.channels.telegram.connection import open_bot  # deferred: aiogram is slow to load

    if settings.telegram_token is None:
        raise Unreachable("without TELEGRAM_TOKEN it is not known which bot is meant: set it")

    async def asked() -> str:
        async with open_bot(settings) as (_, me):
            return me.username

    return asyncio.run(asked())


def link_address(knowledge: Knowledge, name: str, bot: str) -> str:
    """Return the deep link to a target. Raises NoTarget."""
    return f"https://t.me/{bot}?start={target(name, knowledge, code_in).payload}"


def draw(address: str, svg: str | None, png: str | None) -> str:
    """Draw the QR code into the files; return the text to print, for the terminal or `--svg -`. Raises OSError."""
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
