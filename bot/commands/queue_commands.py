"""`inbox` and `outbox`: failed messages and undeliverable replies."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from functools import wraps
from typing import Any

import click

from bot import app
from bot.commands.root import NOT_DONE, Command, cli, fail, settings
from bot.redaction import redacted


@cli.group()
def outbox() -> None:
    """List undeliverable replies, and retry or drop them."""


@outbox.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object for each.")
def outbox_list(as_json: bool) -> None:
    """List undeliverable replies: refused by the platform (dead), or to a chat that no longer exists (gone)."""
    letters = app.with_store(settings(), lambda store: store.letters())
    for one in letters:
        if as_json:
            click.echo(json.dumps(asdict(one) | {"error": redacted(one.error)}, ensure_ascii=False))
        else:
            click.echo(redacted(f"{one.id}  {minute(one.made)}  {one.channel} {one.chat}  {one.state}  {one.error}"))
    click.echo(f"{len(letters)} given up", err=True)


@cli.group()
def inbox() -> None:
    """List failed messages, and retry or drop them."""


@inbox.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object for each.")
def inbox_list(as_json: bool) -> None:
    """List failed messages: an error, or three crashes of the process. Their senders were informed."""
    failures = app.with_store(settings(), lambda store: store.failures())
    for one in failures:
        if as_json:
            click.echo(json.dumps(asdict(one) | {"error": redacted(one.error)}, ensure_ascii=False))
        else:
            last = (one.error.strip().splitlines() or [""])[-1]
            click.echo(redacted(f"{one.id}  {minute(one.arrived)}  {one.channel} {one.chat}  {last}"))
    click.echo(f"{len(failures)} failed", err=True)


@inbox.command("show")
@click.argument("id", metavar="ID", type=int)
def inbox_show(id: int) -> None:
    """Show a failed message as it arrived, with its error."""
    failures = app.with_store(settings(), lambda store: store.failures())
    one = next((one for one in failures if one.id == id), None)
    if one is None:
        fail(f"{id} is not in `merchant-bot inbox list`", NOT_DONE)
    click.echo(f"{minute(one.arrived)}  {one.channel} {one.chat}\n{one.payload}\n\n{redacted(one.error.strip())}")


def minute(time: float) -> str:
    return datetime.fromtimestamp(time).strftime("%Y-%m-%d %H:%M")


def chosen_letters(command: Command) -> Command:
    """Add [ID]… and --all, passed to the command as `ids`, None for all."""

    @click.argument("ids", metavar="[ID]…", nargs=-1, type=int)
    @click.option("--all", "everything", is_flag=True, help="All listed ones.")
    @wraps(command)
    def with_ids(*args: Any, ids: tuple[int, ...], everything: bool, **kwargs: Any) -> Any:
        if bool(ids) == everything:
            raise click.UsageError("give the numbers from `list`, or --all")
        return command(*args, ids=None if everything else ids, **kwargs)

    return with_ids  # type: ignore[return-value]


@outbox.command("retry")
@chosen_letters
def outbox_retry(ids: tuple[int, ...] | None) -> None:
    """Retry undeliverable replies; a running `serve` sends them within two seconds."""
    report_letters(app.with_store(settings(), lambda store: store.retry(ids)), "will be sent again", ids)


@outbox.command("drop")
@chosen_letters
def outbox_drop(ids: tuple[int, ...] | None) -> None:
    """Drop undeliverable replies."""
    report_letters(app.with_store(settings(), lambda store: store.drop(ids)), "dropped", ids)


@inbox.command("retry")
@chosen_letters
def inbox_retry(ids: tuple[int, ...] | None) -> None:
    """Retry failed messages; a running `serve` handles them within two seconds."""
    report_letters(app.with_store(settings(), lambda store: store.retry_failures(ids)), "will be handled again", ids)


@inbox.command("drop")
@chosen_letters
def inbox_drop(ids: tuple[int, ...] | None) -> None:
    """Drop failed messages and erase their texts."""
    report_letters(app.with_store(settings(), lambda store: store.drop_failures(ids)), "dropped", ids)


def report_letters(count: int, what: str, ids: tuple[int, ...] | None) -> None:
    click.echo(f"{count} {what}")
    if ids is not None and count < len(set(ids)):
        fail("The others are not in `list`", NOT_DONE)
