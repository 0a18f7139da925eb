"""`wechat …`: an official account's auto-replies and its menu."""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot import app
from bot.channels.wechat import autoreply, menu
from bot.channels.wechat.errors import WeChatRefused
from bot.commands.root import NOT_DONE, WRONG_USE, cli, fail, knowledge_options, require_free, settings
from bot.commands.wechat_account import with_account
from bot.commands.wechat_export import Export
from bot.content.tree import Mistake
from bot.importing import wechat_import
from bot.importing.wechat_findings import findings
from bot.importing.wechat_report import report, section
from bot.importing.wechat_rules import translate
from bot.knowledge import lint
from bot.knowledge.knowledge import Knowledge
from bot.knowledge.library import Library, load
from bot.model import LANGUAGES, Language
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.channels.wechat.api import WeChatApi

LARGEST = 10 << 20  # bytes of an interface's answer
NO_MENU = 46003  # the interface's code


@cli.group()
def wechat() -> None:
    """Import and export the auto-replies of a WeChat official account, and set its menu."""


@wechat.command("import")
@click.argument("file", metavar="[FILE]", required=False, type=click.Path(path_type=Path))
@click.option("--fetch", is_flag=True, help="Ask the interface; needs WECHAT_APP_ID and WECHAT_SECRET.")
@click.option(
    "--to", "folder", metavar="DIR", required=True, type=click.Path(path_type=Path), help="Your own content folder."
)
@click.option("--dry-run", is_flag=True, help="Show the report; write nothing.")
@click.option("--update", is_flag=True, help="Replace rules of an earlier import that have changed, and the welcome.")
@click.option("--all", "every", is_flag=True, help="Show every line of the report.")
def wechat_import_command(
    file: Path | None, fetch: bool, folder: Path, dry_run: bool, update: bool, every: bool
) -> None:
    """Import the auto-replies that the account's console has, as reply keywords.

    Server mode switches the console's auto-replies off, so import them first. FILE is the answer of the interface
    get_current_autoreply_info, saved as it comes. Rules go into keywords.yaml of your folder, with the console's order as
    their priority, the welcome into phrases.yaml, pictures, voices and videos into files/. Everything else in these files
    stays. The report names what collides, what is never reached, and which questions the keywords take away.

    \b
    merchant-bot wechat import --fetch --to ours --dry-run
    merchant-bot wechat import autoreplies.json --to ours
    """
    if (file is None) == (not fetch):
        raise click.UsageError("give either a FILE or --fetch")
    chosen = settings()
    try:
        replies, fetched = account_replies(chosen, file)
        translated = translate(replies, fetched.media)
        plan = wechat_import.plan(translated, fetched, folder, update=update)
        today = Knowledge.open(
            [*others(chosen, folder), *([folder] if folder.is_dir() else [])], only=chosen.knowledge_only
        )
        after = tried(chosen, plan, folder)
        for one in autoreply.unknown_fields(replies):
            click.echo(f'note: the field "{one}" is not in the platform\'s description; it was not read', err=True)
        shown = report(plan, translated, findings(today, after, translated.names), every=every)
        if not dry_run:
            plan.write()
    except (autoreply.NotRead, wechat_import.NotPlanned) as error:
        fail(f"{error}\nNothing was written.", NOT_DONE)
    except OSError as error:
        fail(f"{error.filename}: {error.strerror}", WRONG_USE)
    click.echo(shown or "There are no auto-replies in this account.")
    click.echo("Nothing was written." if dry_run else f"{folder}: {len(plan.files)} files written.")


@wechat.command("export")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--lang", type=click.Choice(LANGUAGES), default="zh", help="The language of the replies.")
@click.option("--replace", is_flag=True, help="Replace the file if it exists.")
@knowledge_options
def wechat_export_command(file: Path, lang: Language, replace: bool, folders: app.Folders) -> None:
    """Write our reply keywords into FILE within the platform's limits, and name what does not fit.

    An account has 200 rules, a rule ten keywords of 30 characters and five replies of 300. The form is that of the interface's
    answer. The platform has no interface that sets auto-replies: enter them in the console, for example before you leave
    server mode.

    \b
    merchant-bot wechat export autoreplies.json --knowledge ours
    """
    require_free(replace, file if file.exists() else None)
    export = Export(app.open_knowledge(settings(), folders), lang, date.today())
    made = export.made(int(time.time()))
    try:
        file.write_text(json.dumps(made, ensure_ascii=False, indent=2) + "\n", "utf-8")
    except OSError as error:
        fail(f"{error.filename}: this file cannot be written: {error.strerror}", WRONG_USE)
    click.echo("\n".join(section("Does not fit", export.left_out)), nl=bool(export.left_out))
    click.echo(f"{file}: {len(made['keyword_autoreply_info']['list'])} rules")


@wechat.command("menu")
@click.option("--set", "act", flag_value="set", help="Set the account's menu; it replaces the console's.")
@click.option("--show", "act", flag_value="show", help="Show the menu that the account has.")
@click.option("--dry-run", "act", flag_value="dry-run", help="Check and show the content's menu; change nothing.")
@click.option("--lang", type=click.Choice(LANGUAGES), default="zh", help="The language of the names.")
@knowledge_options
def wechat_menu(act: str | None, lang: Language, folders: app.Folders) -> None:
    """Set the account's menu from `menu` in operator.yaml, or show it.

    \b
    merchant-bot wechat menu --dry-run
    merchant-bot wechat menu --set
    """
    if act is None:
        raise click.UsageError("give --set, --show or --dry-run")
    chosen = settings()
    knowledge = app.open_knowledge(chosen, folders)
    if act == "show":
        shown = menu.buttons_of(with_account(chosen, current_menu))
        click.echo("\n".join(menu.lines(shown, knowledge)) or "The account has no menu.")
        return
    try:
        made = menu.menu_of(knowledge, lang)
    except menu.BadMenu as error:
        fail(str(error), NOT_DONE)
    if act == "set":
        with_account(chosen, lambda api: api.post("menu/create", made))
    click.echo("\n".join(menu.lines(made["button"], knowledge)))
    click.echo("The menu is set. WeChat shows it within minutes." if act == "set" else "Nothing was changed.")


async def current_menu(api: WeChatApi) -> dict[str, Any]:
    """Return the menu set through the interface, or else that of the console."""
    try:
        return await api.get("menu/get")
    except WeChatRefused as error:
        if error.code != NO_MENU:
            raise
        return await api.get("get_current_selfmenu_info")


def account_replies(chosen: Settings, file: Path | None) -> tuple[autoreply.AutoReplies, wechat_import.Fetched]:
    """Read the account's auto-replies, from a file or the interface, and fetch their media. Raises NotRead, OSError."""
    given = read_file(file) if file else None
    if given and not (chosen.wechat_app_id and chosen.wechat_secret):
        return given, asyncio.run(wechat_import.fetch(given, None, None))

    return with_account(chosen, lambda api: wechat_import.of_account(api, given))


def read_file(file: Path) -> autoreply.AutoReplies:
    with file.open("rb") as opened:
        data = opened.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise autoreply.NotRead(f"{file}: this file has more than {LARGEST >> 20} MB; an account has at most 200 rules")
    return autoreply.read(data, str(file))


def others(chosen: Settings, folder: Path) -> list[Path]:
    return [one for one in chosen.knowledge_folders if one.resolve() != folder.resolve()]


def tried(chosen: Settings, plan: wechat_import.Plan, folder: Path) -> Library:
    """Load the content as it is after the import. Raises NotPlanned if it has mistakes."""
    with tempfile.TemporaryDirectory() as made:
        copy = plan.trial(folder, Path(made))
        library, mistakes = load([*others(chosen, folder), copy], only=chosen.knowledge_only)
        bad = [one for one in sorted({*mistakes, *lint.check(library)}) if not one.warning]
    if bad:
        raise wechat_import.NotPlanned("\n".join(map(Mistake.__str__, bad)))
    return library
