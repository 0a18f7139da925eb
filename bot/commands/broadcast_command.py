"""`broadcast`: news to subscribers."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from bot import app
from bot.channels import broadcasting
from bot.commands.root import NOT_DONE, WRONG_USE, cli, fail, knowledge_options, settings
from bot.content.kinds import suggest
from bot.model import LANGUAGES, Language


@cli.command()
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--subject", metavar="ID", help="Only to subscribers of this subject of operator.yaml.")
@click.option("--language", type=click.Choice(LANGUAGES), help="Only to subscribers with this language.")
@click.option("--dry-run", is_flag=True, help="Show the message and the number of receivers; send nothing.")
@click.option("--yes", is_flag=True, help="Send without confirmation.")
@knowledge_options
def broadcast(
    file: Path, subject: str | None, language: Language | None, dry_run: bool, yes: bool, folders: app.Folders
) -> None:
    """Send FILE to all subscribers, once, with lower priority than answers.

    FILE is Markdown in both languages, below the headings "# English" and "# 中文". A running `serve` sends it. Repeat the
    command to resume an interrupted broadcast; nobody gets it twice.

    \b
    merchant-bot broadcast spring.md --dry-run
    merchant-bot broadcast spring.md --subject campaigns
    """
    from rich.console import Console  # deferred: rich is slow to import
    from rich.markdown import Markdown
    from rich.panel import Panel
    from rich.progress import Progress

    ways = app.news()
    try:
        read = broadcasting.read(file, ways)
    except broadcasting.BadBroadcast as error:
        fail(str(error), WRONG_USE)
    except OSError as error:
        fail(f"{file}: this file cannot be read: {error.strerror}", WRONG_USE)
    chosen = settings()
    knowledge = app.open_knowledge(chosen, folders)
    subjects = knowledge.library.operator.subjects
    if subject is not None and subject not in subjects:
        fail(f'--subject: no subject is called "{subject}"; {suggest(subject, list(subjects))}', WRONG_USE)
    plan = app.with_store(chosen, lambda store: broadcasting.plan(store, read, subject, language, ways))
    console = Console()
    for lang in LANGUAGES:
        if language in (None, lang):
            title = f"{lang}: {plan.languages.get(lang, 0):,} receivers"
            console.print(Panel(Markdown(read.text[lang]), title=title, title_align="left"))
    if plan.before.all:
        console.print(f"It was begun before, for {plan.before.all:,} receivers; those do not get it again.")
    if plan.unreached:
        console.print(f"{plan.unreached:,} more subscribe in chats to which no news can be sent.")
    if dry_run or not plan.receivers:
        console.print(f"{len(plan.receivers):,} receivers; nothing is sent.")
        return
    if not yes:
        if not sys.stdin.isatty():
            fail("Nobody can be asked here whether to send it: give --yes", WRONG_USE)
        if not click.confirm(f"Send it to {len(plan.receivers):,} receivers?"):
            raise SystemExit(NOT_DONE)

    async def send(store: Any) -> Any:
        with Progress(console=console) as progress:
            stored = progress.add_task("stored", total=len(plan.receivers))
            await broadcasting.enqueue(
                store, read, plan.receivers, subject, knowledge, ways, lambda count: progress.advance(stored, count)
            )
            under_way = progress.add_task("sent", total=None)
            return await broadcasting.watch(
                store,
                read,
                lambda now: progress.update(under_way, total=now.all, completed=now.all - now.waiting),
                lambda: progress.console.print("Nothing moves: is `merchant-bot serve` running? It does the sending."),
            )

    try:
        sent = app.with_store(chosen, send)
    except KeyboardInterrupt:
        fail("Stopped watching. What is stored is sent all the same; the same command goes on with the rest.", NOT_DONE)
    console.print(
        f"{sent.sent:,} sent, {sent.gone:,} have blocked the bot or are gone and are no longer subscribed, "
        f"{sent.failed:,} failed" + (" (see `merchant-bot outbox list`)." if sent.failed else ".")
    )
    if sent.failed:
        raise SystemExit(NOT_DONE)
