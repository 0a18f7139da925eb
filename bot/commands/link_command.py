"""`link`: deep links and their QR codes."""

from __future__ import annotations

import click

from bot import app
from bot.channels.channel import Unreachable
from bot.commands import qr_link
from bot.commands.root import NOT_DONE, WRONG_USE, cli, fail, knowledge_options, settings
from bot.knowledge.deep_links import NoTarget


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
        username = qr_link.username(bot) if bot else qr_link.own_username(chosen)
        address = qr_link.address(app.open_knowledge(chosen, folders), name, username)
        if svg != "-":
            click.echo(address)
        click.echo(qr_link.draw(address, svg, png), nl=False)
    except (NoTarget, qr_link.NoBot) as error:
        fail(str(error), WRONG_USE)
    except Unreachable as error:
        fail(f"{error}; or name the bot with --bot", NOT_DONE)
    except OSError as error:
        fail(f"{error.filename}: this file cannot be written: {error.strerror}", WRONG_USE)
