"""`serve`, `status`, `migrate`, `backup`, `restore`, `move` and `export`: the service and its database."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any, Literal

import click

from bot import app
from bot.channels.admission import NOTE, applicants
from bot.commands import database_export, status_report
from bot.commands.root import NOT_DONE, cli, fail, knowledge_options, require_free, settings
from bot.knowledge.last_good import About
from bot.store import backup as backup_of
from bot.store import file_of, schema_of


@cli.command()
@knowledge_options
def serve(folders: app.Folders) -> None:
    """Serve all configured channels; without any, a web chat on this machine.

    \b
    merchant-bot serve                        the web chat, on http://127.0.0.1:8080/
    TELEGRAM_TOKEN=… merchant-bot serve       Telegram; @BotFather on Telegram gives you a token
    WECHAT_TOKEN=… WECHAT_APP_ID=… WECHAT_SECRET=… merchant-bot serve   a WeChat official account
    PUBLIC_URL=https://… merchant-bot serve   the web chat behind a proxy, and Telegram if a token is set
    """
    chosen = settings()
    if sys.stderr.isatty():
        click.echo("Starting …", err=True)
    app.serve(chosen, folders)


@cli.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def status(as_json: bool) -> None:
    """Show the service's state: running or not, queues, failures and answers.

    Reads only; safe beside a running `serve`.
    """
    chosen = settings()

    async def look(store: Any) -> Any:
        desks = [status_report.Desk(chat, await store.recall(note)) for chat, note in app.desks(chosen)]
        troubles = [told for note in app.trouble_notes(chosen) if (told := await store.recall(note))]
        asking = [one for one in applicants(await store.recall(NOTE)).values() if one.state == "asks"]
        troubles += [
            f"{one.sort} {one.id} ({one.name}) asks to be answered: merchant-bot access allow {one.id}"
            for one in asking
        ]
        return await store.status(), next(iter(desks), None), troubles

    found, desk, troubles = app.with_store(chosen, look)
    rejected = About.read(app.last_good_folder(chosen)).rejected
    if as_json:
        click.echo(json.dumps(status_report.report(found, desk, rejected, troubles), ensure_ascii=False, indent=2))
    else:
        where = status_report.database_name(chosen.database_url)
        click.echo(status_report.text(where, found, desk, rejected, troubles))


@cli.command()
def migrate() -> None:
    """Upgrade the database to this version's schema, as `serve` does at its start.

    A SQLite file is backed up beside it first. Stop a running `serve` before.
    """
    chosen = settings()
    found, newest = app.migrate(chosen)
    click.echo(status_report.migration_text(chosen.database_url, found, newest))


@cli.command()
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--replace", is_flag=True, help="Replace FILE if it exists.")
def backup(file: Path, replace: bool) -> None:
    """Back up the database into FILE, also while it is in use.

    PostgreSQL is dumped by pg_dump. `merchant-bot restore` puts it back.
    """
    chosen = settings()
    require_free(replace, file if file.exists() else None)
    try:
        backup_of.back_up(chosen.database_url, file)
    except OSError as error:
        fail(f"{file}: this file cannot be written: {error.strerror}", NOT_DONE)
    click.echo(f"{file}: {file.stat().st_size:,} bytes")


@cli.command()
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--replace", is_flag=True, help="Replace the database if there is one.")
def restore(file: Path, replace: bool) -> None:
    """Restore a backup FILE into the database of DATABASE_URL. Stop `serve` first.

    What is newer than the backup is lost. PostgreSQL needs pg_restore.
    """
    chosen = settings()
    if not file.is_file():
        fail(f"{file}: there is no such file", NOT_DONE)
    try:
        path = file_of(chosen.database_url)
        if not replace and (path.exists() if path else asyncio.run(schema_of(chosen.database_url))[0]):
            fail("DATABASE_URL: there is a database; --replace replaces it, and what is newer is lost", NOT_DONE)
        backup_of.restore(chosen.database_url, file)
    except OSError as error:
        fail(f"{error.filename}: this file cannot be written: {error.strerror}", NOT_DONE)
    click.echo(f"{status_report.database_name(chosen.database_url)}: restored from {file}")


@cli.command()
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
def move(file: Path) -> None:
    """Move the SQLite database FILE into the PostgreSQL database of DATABASE_URL, for several processes.

    Stop `serve` first, and set DATABASE_URL to an empty database. All is moved or nothing; FILE stays as it is.
    """
    from bot.store.moving import move  # deferred: loads the driver of PostgreSQL

    chosen = settings()
    if file_of(chosen.database_url):
        fail(
            "DATABASE_URL: it names SQLite; set it to the new database, for example postgresql://USER@HOST/NAME",
            NOT_DONE,
        )
    if not file.is_file():
        fail(f"{file}: there is no such file", NOT_DONE)
    counts = asyncio.run(move(file, chosen.database_url))
    where = status_report.database_name(chosen.database_url)
    click.echo(f"{where}: " + ", ".join(f"{count:,} {name}" for name, count in counts.items() if count))


@cli.command()
@click.argument("format", metavar="FORMAT", type=click.Choice(["csv", "json", "sqlite"]))
@click.argument("target", metavar="FILE_OR_FOLDER", type=click.Path(path_type=Path))
@click.option("--replace", is_flag=True, help="Replace files that exist.")
def export(format: Literal["csv", "json", "sqlite"], target: Path, replace: bool) -> None:
    """Export events, conversations and results: csv into a folder, json or sqlite into a file.

    Safe beside a running `serve`. Times are in UTC.

    \b
    merchant-bot export csv exported            events.csv, conversations.csv, results.csv
    merchant-bot export json merchants.json
    merchant-bot export sqlite merchants.db     for Datasette: datasette merchants.db
    """
    require_free(replace, database_export.existing_target(format, target))

    async def copy(store: Any) -> Any:
        with database_export.writing(format, target) as writer:
            return await database_export.export(store, writer)

    try:
        counts = app.with_store(settings(), copy)
    except OSError as error:
        fail(f"{target}: this cannot be written: {error.strerror}", NOT_DONE)
    click.echo(f"{target}: " + ", ".join(f"{count:,} {name}" for name, count in counts.items()))
