"""`link`: deep links and their QR codes, for posters and articles."""

from __future__ import annotations

import asyncio
import io
import re

import click

from bot import app
from bot.channels.channel import Unreachable
from bot.commands.root import NOT_DONE, WRONG_USE, cli, fail, knowledge_options, settings
from bot.commands.wechat_account import with_account
from bot.knowledge.deep_links import NoTarget, target
from bot.knowledge.knowledge import Knowledge
from bot.settings import Settings
from handlers.code import code_in

USERNAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{3,31}")
SCALE = 10  # pixels per module of the QR code


@cli.command()
@click.argument("name", metavar="TOPIC|CHECK|KEYWORD|COURSE|CODE")
@click.option("--bot", metavar="USERNAME", help="The bot's name; by default that of TELEGRAM_TOKEN's bot.")
@click.option("--wechat", metavar="ACCOUNT", help="Make a code of this WeChat official account, by its AppID.")
@click.option("--permanent", is_flag=True, help="With --wechat: the code never ends; an account has 100,000 of these.")
@click.option(
    "--days", type=click.IntRange(1, 30), default=30, show_default=True, help="With --wechat: the code's days."
)
@click.option("--svg", metavar="FILE", help="Draw the QR code as SVG into this file, or - for standard output.")
@click.option("--png", metavar="FILE", help="Draw the QR code as PNG into this file.")
@knowledge_options
def link(
    name: str,
    bot: str | None,
    wechat: str | None,
    permanent: bool,
    days: int,
    svg: str | None,
    png: str | None,
    folders: app.Folders,
) -> None:
    """Print a deep link to a topic, check, keyword, course or result, with its QR code, on Telegram or WeChat.

    \b
    merchant-bot link deposit-amount
    merchant-bot link 潜力商品 --bot our_agency_bot --svg poster.svg
    merchant-bot link deposit-amount --wechat wx0123456789abcdef --permanent --png poster.png
    """
    chosen = settings()
    if bot and wechat:
        fail("--bot and --wechat: a link is for one of them", WRONG_USE)
    try:
        if wechat:
            address = wechat_address(
                app.open_knowledge(chosen, folders), name, wechat, None if permanent else days, chosen
            )
        else:
            user = username(bot) if bot else own_username(chosen)
            address = link_address(app.open_knowledge(chosen, folders), name, user)
        if svg != "-":
            click.echo(address)
        click.echo(draw(address, svg, png), nl=False)
    except (NoTarget, NoBot, NoAccount) as error:
        fail(str(error), WRONG_USE)
    except Unreachable as error:
        fail(f"{error}; or name the bot with --bot", NOT_DONE)
    except OSError as error:
        fail(f"{error.filename}: this file cannot be written: {error.strerror}", WRONG_USE)


class NoBot(Exception):
    """The bot's name is missing or invalid."""


class NoAccount(Exception):
    """The official account is not the one of the settings."""


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


def wechat_address(knowledge: Knowledge, name: str, account: str, days: int | None, chosen: Settings) -> str:
    """Return the address in an official account's code for a target. Raises NoTarget, NoAccount."""
    from bot.channels.wechat.scene_codes import make_code  # deferred: aiohttp is slow to load

    scene = target(name, knowledge, code_in).payload
    if chosen.wechat_app_id != account:
        raise NoAccount(f"--wechat {account}: set WECHAT_APP_ID to it, and WECHAT_SECRET to its AppSecret")
    return with_account(chosen, lambda api: make_code(api, scene, days))


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
