"""`staff`: who may use the console."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import click

from bot import app
from bot.commands.root import NOT_DONE, cli, fail, settings
from bot.settings import Settings
from bot.store import ROLES, Change, Role

LONGEST_NAME = 60


@cli.group()
def staff() -> None:
    """Let people into the console, and see or revoke who may use it.

    \b
    consultant   sees what happens today
    editor       and what merchants asked in vain, and changes the content
    owner        and what was changed by whom
    """


@staff.command("invite")
@click.argument("name", metavar="NAME")
@click.option("--role", type=click.Choice(ROLES), help="What the person may do; needed for a new one.")
def staff_invite(name: str, role: Role | None) -> None:
    """Print a link to the console for a person, which works once and for ten minutes.

    It is for a browser; earlier links of the person end. `serve` may be running meanwhile.
    """
    from bot.console import access  # deferred: the web server's library takes half a second

    chosen = settings()
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        fail(f"a name has 1 to {LONGEST_NAME} characters that can be shown", NOT_DONE)

    async def invite(store: Any) -> Any:
        made = await access.invite(store, name, role)
        if made:
            await store.log_change(Change("merchant-bot", "invited", name, after=made[0].role))
        return made

    made = app.with_store(chosen, invite)
    if made is None:
        fail(f"{name} is new: say what they may do, for example --role editor", NOT_DONE)
    click.echo(f"{console_url(chosen)}/in/{made[1]}")
    click.echo(f"For {made[0].name}, {made[0].role}: once, within ten minutes.", err=True)


@staff.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object for each.")
def staff_list(as_json: bool) -> None:
    """List who may use the console, and in how many browsers they are signed in."""
    found = app.with_store(settings(), lambda store: store.staff())
    for one in found:
        made = datetime.fromtimestamp(one.made).strftime("%Y-%m-%d")
        if as_json:
            about = {"name": one.name, "role": one.role, "since": made, "sessions": one.sessions}
            click.echo(json.dumps(about, ensure_ascii=False))
        else:
            click.echo(f"{one.name}  {one.role}  since {made}  signed in: {one.sessions}")
    click.echo(f"{len(found)} may use the console", err=True)


@staff.command("revoke")
@click.argument("name", metavar="NAME")
def staff_revoke(name: str) -> None:
    """Sign a person out everywhere, for good; a running `serve` shows them nothing from then on."""

    async def revoke(store: Any) -> Any:
        done = await store.revoke(name)
        if done:
            await store.log_change(Change("merchant-bot", "revoked", name))
        return done

    if not app.with_store(settings(), revoke):
        fail(f"{name} is not in `merchant-bot staff list`", NOT_DONE)
    click.echo(f"{name} may not use the console any more")


def console_url(chosen: Settings) -> str:
    """Return the console's address, as `serve` has it."""
    from bot.service.server import PORT, browser_host  # deferred: takes half a second

    port = PORT if chosen.port is None else chosen.port
    return f"{chosen.public_url or f'http://{browser_host(chosen.host)}:{port}'}/console"
