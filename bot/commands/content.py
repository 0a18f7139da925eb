"""`knowledge …`: what an editor does with the content."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any, Literal

import click

from bot import app
from bot.commands.base import DONE, NOT_DONE, WRONG_USE, Command, cli, fail, knowledge_options, settings
from bot.content.folder import Unreadable
from bot.content.kinds import suggest
from bot.content.said import language_of_system, said
from bot.content.tree import Mistake
from bot.model import LANGUAGES, Language
from bot.search.matching import semantic_available

SEMANTIC_MISSING = said("less-well-understood")
MOST_LINES = 20  # of a list of mistakes or notes, unless all are asked for


@cli.group()
def knowledge() -> None:
    """Check, list, show, import and export the content that the assistant answers from."""


@knowledge.command("lint")
@click.option("--json", "as_json", is_flag=True, help="Print all of it as JSON, each with its kind and both languages.")
@click.option("--all", "every", is_flag=True, help="Show every note, and those on the content that ships.")
@click.option("--lang", type=click.Choice(LANGUAGES), help="The language of the messages; else that of your system.")
@knowledge_options
def knowledge_lint(as_json: bool, every: bool, lang: Language | None, folders: app.Folders) -> None:
    """Find every mistake in the content: file, line, what is wrong, and what would be right.

    The exit code is 1 if there are mistakes. Notes are advice and stop nothing. Where there are no mistakes, the phrasings
    are learned, if they are new, and each is judged by the others: notes name those that pull against their own topic,
    and topics that can hardly be told apart.
    """
    from bot.commands import editing

    chosen = settings()
    lang = lang or language_of_system()
    try:
        found = editing.lint(folders.layers(chosen), only=folders.alone(chosen), every=every)
    except Unreadable as error:
        fail(error.said.words(lang), WRONG_USE)
    if as_json:
        click.echo(json.dumps(editing.lint_report(found), ensure_ascii=False, indent=2))
    else:
        notes = [*shortened(found.notes, every, lang), *shortened(found.advice, every, lang)]
        click.echo("\n".join([*(one.words(lang) for one in found.mistakes), *notes]))
        if not semantic_available():
            click.echo(SEMANTIC_MISSING.words(lang), err=True)
        count = len(found.notes) + len(found.advice)
        told = said("counted", mistakes=len(found.mistakes), notes=count, read=found.read)
        click.echo(told.words(lang), err=True)
        if found.mistakes and (since := app.last_good(chosen, folders).since()):
            click.echo(said("answers-with-old", day=since).words(lang), err=True)
    if found.mistakes:
        raise SystemExit(NOT_DONE)


@knowledge.command("accept")
@click.argument("check", required=False)
@knowledge_options
def knowledge_accept(check: str | None, folders: app.Folders) -> None:
    """Accept what your changes make of the examples of the checks that ship: of one check, or of all.

    `knowledge lint` tells which "would change". Their new verdicts are written into your folder, the last one that is laid
    over the content that ships.
    """
    from bot.commands import editing

    layers = folders.layers(settings())
    if folders.only or not layers:
        fail("name the folder of your own that is laid over the content that ships: --knowledge DIR", WRONG_USE)
    try:
        accepted = editing.accept(layers, check)
    except editing.NoSuchCheck as error:
        fail(str(error), WRONG_USE)
    except editing.NotAccepted as error:
        fail(str(error), NOT_DONE)
    except OSError as error:
        fail(f"{error.filename}: this file cannot be written: {error.strerror}", NOT_DONE)
    click.echo("\n".join(accepted) or "No example that ships would change.")


@knowledge.command("list")
@click.option(
    "--unconfirmed", is_flag=True, help="Only facts and readings of the translation that nobody has confirmed."
)
@click.option("--older-than", metavar="AGE", help="Only facts whose article or confirmation is older, like 180d or 6m.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@knowledge_options
def knowledge_list(unconfirmed: bool, older_than: str | None, as_json: bool, folders: app.Folders) -> None:
    """List the topics, or the facts that an editor should look at."""
    from bot.commands import editing

    days = None
    if older_than is not None:
        days = editing.days_of(older_than)
        if days is None:
            raise click.UsageError(f'--older-than: "{older_than}" is no age; write days or months like 180d or 6m')
    library = app.open_knowledge(settings(), folders).library
    rows = editing.facts(library, unconfirmed, days) if unconfirmed or days is not None else editing.topics(library)
    click.echo(json.dumps(rows, ensure_ascii=False, indent=2) if as_json else editing.table(rows))


@knowledge.group("import")
def knowledge_import() -> None:
    """Build a knowledge base from a file of another format."""


def import_options(command: Command) -> Command:
    """What every import takes."""
    for option in reversed(
        [
            click.argument("file", metavar="FILE", type=click.Path(path_type=Path)),
            click.option(
                "--to",
                "folder",
                metavar="DIR",
                required=True,
                type=click.Path(path_type=Path),
                help="A new folder, or one to --update or --replace.",
            ),
            click.option(
                "--dry-run", is_flag=True, help="Say what would be added, changed and what collides; write nothing."
            ),
            click.option(
                "--update", is_flag=True, help="Add to what the folder holds, and change what an earlier import wrote."
            ),
            click.option("--replace", is_flag=True, help="Delete what an earlier import has written into this folder."),
            click.option(
                "--over/--alone",
                default=None,
                help="The folder will lie over the content that ships and KNOWLEDGE: leave out questions that these have; "
                "or it will be used alone. If neither is given: alone if there is a column topic, else over.",
            ),
            click.option("--all", "every", is_flag=True, help="Show every note."),
        ]
    ):
        command = option(command)
    return command


@knowledge_import.command("csv")
@import_options
def knowledge_import_csv(**options: Any) -> None:
    """Build a knowledge base from a CSV file, or add one to the content that ships.

    UTF-8, UTF-16 and GBK are read, with commas, semicolons or tabs. One of the first lines names the columns, in English or
    Chinese: question (问题) and answer (答案), and perhaps lang (语言) and title (标题). Rows with one title or, without titles,
    one answer become one topic. One language is enough.

    Or give each topic's own name: topic, lang (en or zh) and phrasing, and perhaps answer (one for each topic and
    language; without any, the answer says that none has been written yet) and known (no: merchants ask it, and it is
    not answered). Such a file stands alone unless --over is given.

    \b
    merchant-bot knowledge import csv faq.csv --to ours --dry-run
    merchant-bot knowledge import csv faq.csv --to ours
    merchant-bot chat --knowledge ours
    merchant-bot chat --only-knowledge ours
    """
    import_table("csv", **options)


@knowledge_import.command("xlsx")
@import_options
def knowledge_import_xlsx(**options: Any) -> None:
    """Build a knowledge base from an Excel workbook, or add one to the content that ships.

    Every visible sheet is read whose first rows name the columns, as `knowledge import csv --help` says. A cell may hold
    several questions, one on each line; cells merged over several rows count for each. .xls and .ods are read too.

    \b
    merchant-bot knowledge import xlsx faq.xlsx --to ours --dry-run
    merchant-bot knowledge import xlsx faq.xlsx --to ours
    merchant-bot knowledge import xlsx faq.xlsx --to ours --update     when the workbook has changed
    """
    import_table("xlsx", **options)


def import_table(
    form: Literal["csv", "xlsx"],
    file: Path,
    folder: Path,
    dry_run: bool,
    update: bool,
    replace: bool,
    over: bool | None,
    every: bool,
) -> None:
    from bot.commands import import_plan, importing, spreadsheet

    if update and replace:
        raise click.UsageError("give either --update or --replace, not both")
    try:
        topics, told = importing.understood(file, form)
        bad = [one for one in told if not one.warning]
        if bad and not (dry_run and topics):
            raise spreadsheet.NotImported(bad)
        if not (update or dry_run):
            import_plan.refuse_strange(folder, replace=replace)
        over = not any(topic.id for topic in topics) if over is None else over
        beside = app.content_beside(settings() if over else None, folder)
        plan = import_plan.plan(topics, folder, file.name, source_day(file), replace=replace, beside=beside)
        if not dry_run:
            plan.write()
    except spreadsheet.NotImported as error:
        fail("\n".join([*shortened(error.mistakes, every), "Nothing was written."]), NOT_DONE)
    except import_plan.NotEmpty as error:
        fail(str(error), NOT_DONE)
    except OSError as error:
        fail(f"{error.filename}: {error.strerror}", WRONG_USE)
    for line in shortened([*told, *(() if dry_run else plan.collisions)], every):
        click.echo(line, err=True)
    if dry_run:
        click.echo(f"{plan.text(replace)}\nNothing was written.")
        raise SystemExit(NOT_DONE if bad else DONE)
    written = [*plan.added, *plan.changed, *plan.same]
    use = f"--knowledge {folder}, or KNOWLEDGE={folder} in .env" if over else f"--only-knowledge {folder}"
    click.echo(f"{folder}: {len(written)} topics, {plan.questions} phrasings. Use it with {use}")


def source_day(file: Path) -> date:
    """The day of a file, which lies in the future on some clocks."""
    return min(date.fromtimestamp(file.stat().st_mtime), date.today())


def shortened(mistakes: Sequence[Mistake], every: bool, lang: Language = "en") -> list[str]:
    """A line for each; of many only the first, and how many more there are."""
    shown = [one.words(lang) for one in (mistakes if every else mistakes[:MOST_LINES])]
    rest = len(mistakes) - len(shown)
    return [*shown, said("more-of-them", count=rest).words(lang)] if rest else shown


@knowledge.command("export")
@knowledge_options
def knowledge_export(folders: app.Folders) -> None:
    """Print the phrasings of all topics as CSV, with their answers.

    `knowledge import csv` reads it again; what belongs to a missing detail, a check or small talk is not in it.

    \b
    merchant-bot knowledge export > phrasings.csv
    """
    from bot.commands import phrasings

    click.echo(phrasings.export(app.open_knowledge(settings(), folders)), nl=False)


def complete_topic(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    from bot.knowledge.library import shipped

    return sorted(path.stem for path in shipped().glob("topics/*/*.yaml") if path.stem.startswith(incomplete))


@knowledge.command("show")
@click.argument("topic", metavar="ID", shell_complete=complete_topic)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@knowledge_options
def knowledge_show(topic: str, as_json: bool, folders: app.Folders) -> None:
    """Show a topic as merchants read it, in both languages, and what it rests on."""
    from bot.commands import editing

    knowledge = app.open_knowledge(settings(), folders)
    if topic not in knowledge.library.topics:
        fail(f'no topic is called "{topic}"; {suggest(topic, knowledge.library.topics)}', WRONG_USE)
    shown = editing.show(knowledge, topic)
    click.echo(json.dumps(shown, ensure_ascii=False, indent=2) if as_json else editing.shown_text(shown))


@knowledge.command("diagram")
@click.argument("name", metavar="CHECK")
@click.option("--svg", metavar="FILE", help="Draw it as SVG into this file, or - for standard output; needs Graphviz.")
@click.option("--lang", type=click.Choice(LANGUAGES), default="en", help="The language of the texts.")
@knowledge_options
def knowledge_diagram(name: str, svg: str | None, lang: Language, folders: app.Folders) -> None:
    """Draw a check: its questions, where the answers lead, and the verdicts, as Mermaid text or as SVG."""
    from bot.commands import decisions

    opened = app.open_knowledge(settings(), folders)
    try:
        if svg is None:
            click.echo(decisions.mermaid(opened, name, lang), nl=False)
        elif svg == "-":
            click.echo(decisions.svg(opened, name, lang), nl=False)
        else:
            Path(svg).write_bytes(decisions.svg(opened, name, lang))
    except decisions.NoSuchCheck as error:
        fail(str(error), WRONG_USE)
    except decisions.NotDrawn as error:
        fail(str(error), NOT_DONE)
    except OSError as error:
        fail(f"{svg}: this file cannot be written: {error.strerror}", WRONG_USE)
