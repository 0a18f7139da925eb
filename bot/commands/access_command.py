"""`access`: which groups and business accounts are answered, where the operator is asked."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from bot import app
from bot.channels.admission import NOTE, Sort, State, applicants, decide
from bot.commands.root import cli, settings


@cli.group()
def access() -> None:
    """Allow or refuse groups and business accounts, with ALLOW_GROUPS=asked and ALLOW_BUSINESS=asked.

    Those that are new ask, and are answered once you allow them. A running `serve` follows within seconds.
    """


@access.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object for each.")
def access_list(as_json: bool) -> None:
    """List the groups and accounts that ask, are allowed, or are refused."""
    found = applicants(app.with_store(settings(), lambda store: store.recall(NOTE)))
    for one in found.values():
        shown = f"{one.id}  {one.sort}  {one.state}  since {one.since[:10]}  {one.name}".rstrip()
        click.echo(json.dumps(asdict(one), ensure_ascii=False) if as_json else shown)
    click.echo(f"{sum(one.state == 'asks' for one in found.values())} ask", err=True)


def decision(name: str, state: State, told: str) -> None:
    """Add the command that stores this decision."""

    @access.command(name, help=f"{told} A group's number begins with -; an account's is its owner's.",
                    context_settings={"ignore_unknown_options": True})  # fmt: skip
    @click.argument("id", metavar="ID")
    def decided(id: str) -> None:
        sort: Sort = "group" if id.startswith("-") else "business"
        app.with_store(settings(), lambda store: decide(store, id, state, sort))
        click.echo(f"{id}: {state}")


decision("allow", "allowed", "Have a group or account answered.")
decision("refuse", "refused", "Have a group or account left unanswered.")
