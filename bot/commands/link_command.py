"""`link`: deep links and their QR codes, for posters and articles."""

from __future__ import annotations

import asyncio
import io
import re

import click

from bot import app
from bot.channels.channel import Unreachable
from bot.channels.wechat.codes import LONGEST_DAYS, Code, make_code
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
@click.option("--wechat", metavar="APPID", help="A code of this official account, whose secret is WECHAT_SECRET.")
@click.option(
    "--days",
    type=click.IntRange(1, LONGEST_DAYS),
    help=f"With --wechat: how long the code lasts; by default {LONGEST_DAYS}, the most.",
)
@click.option("--permanent", is_flag=True, help="With --wechat: a code without an end; an account has at most 100,000.")
@click.option("--svg", metavar="FILE", help="Draw the QR code as SVG into this file, or - for standard output.")
@click.option("--png", metavar="FILE", help="Draw the QR code as PNG into this file.")
@knowledge_options
def link(
    name: str,
    bot: str | None,
    wechat: str | None,
    days: int | None,
    permanent: bool,
    svg: str | None,
    png: str | None,
    folders: app.Folders,
) -> None:
    """Print a deep link to a topic, check, keyword, course or result, with its QR code: on Telegram, or of an official account.

    With --wechat, the platform makes the code: who scans it follows the account, if they do not yet, and gets the target.

    \b
    merchant-bot link deposit-amount
    merchant-bot link 潜力商品 --bot our_agency_bot --svg poster.svg
    merchant-bot link 潜力商品 --wechat wx0123456789abcdef --permanent --png poster.png
    """
    if (days or permanent) and not wechat:
        raise click.UsageError("--days and --permanent are for codes of an official account: name it with --wechat")
    if (bot and wechat) or (days and permanent):
        raise click.UsageError("give either --bot or --wechat" if bot else "give either --days or --permanent")
    chosen = settings()
    try:
        if wechat:
            scene = target(name, app.open_knowledge(chosen, folders), code_in).payload
            code = account_code(chosen, wechat, scene, None if permanent else days or LONGEST_DAYS)
            address, lines = code.address, [code.address, code.picture]
        else:
            user = username(bot) if bot else own_username(chosen)
            address = link_address(app.open_knowledge(chosen, folders), name, user)
            lines = [address]
        if svg != "-":
            click.echo("\n".join(lines))
        click.echo(draw(address, svg, png), nl=False)
    except (NoTarget, NoBot) as error:
        fail(str(error), WRONG_USE)
    except Unreachable as error:
        fail(f"{error}; or name the bot with --bot", NOT_DONE)
    except OSError as error:
        fail(f"{error.filename}: this file cannot be written: {error.strerror}", WRONG_USE)


def account_code(chosen: Settings, account: str, scene: str, days: int | None) -> Code:
    """Have the platform make a code. Raises NoBot for another account than that of the settings."""
    if chosen.wechat_app_id and account != chosen.wechat_app_id:
        raise NoBot(f'"{account}" is not the account of the settings, WECHAT_APP_ID={chosen.wechat_app_id}')
    return with_account(chosen, lambda api: make_code(api, scene, days))


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
