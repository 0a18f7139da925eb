"""`knowledge …`: the editors' commands."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any, Literal

import click

from bot import app
from bot.commands import content_reports, decisions, phrasings
from bot.commands.root import DONE, NOT_DONE, WRONG_USE, Command, cli, fail, knowledge_options, settings
from bot.console.drawing import NotDrawn
from bot.content.folder import Unreadable
from bot.content.kinds import suggest
from bot.content.said import language_of_system, said
from bot.content.tree import Mistake
from bot.importing import import_plan, row_reader, spreadsheet
from bot.knowledge.accepting import NotAccepted
from bot.knowledge.library import shipped
from bot.model import LANGUAGES, Language
from bot.search.matching import semantic_available

SEMANTIC_MISSING = said("less-well-understood")
MOST_LINES = 20  # of a list of mistakes or notes, without --all


@cli.group()
def knowledge() -> None:
    """Check, list, show, import and export the content of the answers."""


@knowledge.command("lint")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON, with codes and both languages.")
@click.option("--all", "every", is_flag=True, help="Show every note, also on the shipped content.")
@click.option("--lang", type=click.Choice(LANGUAGES), help="The language of the messages; by default your system's.")
@knowledge_options
def knowledge_lint(as_json: bool, every: bool, lang: Language | None, folders: app.Folders) -> None:
    """Find all mistakes in the content, with file, line and correction.

    The exit code is 1 if there are mistakes. Notes are advice. Without mistakes, the phrasings are learned, if they have
    changed, and each is compared with the others: notes name misplaced phrasings and topics that are hard to tell apart.
    """
    chosen = settings()
    lang = lang or language_of_system()
    try:
        found = content_reports.lint(folders.layers(chosen), only=folders.alone(chosen), every=every)
    except Unreadable as error:
        fail(error.said.words(lang), WRONG_USE)
    if as_json:
        click.echo(json.dumps(content_reports.lint_report(found), ensure_ascii=False, indent=2))
    else:
        notes = [*first_lines(found.notes, every, lang), *first_lines(found.advice, every, lang)]
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
    """Accept the new verdicts of shipped check examples after your changes: of one check, or of all.

    `knowledge lint` lists these examples ("would change"). The new verdicts are written into your folder; of several,
    into the last one.
    """
    layers = folders.layers(settings())
    if folders.only or not layers:
        fail("name your own folder over the shipped content: --knowledge DIR", WRONG_USE)
    try:
        accepted = content_reports.accept(layers, check)
    except decisions.NoSuchCheck as error:
        fail(str(error), WRONG_USE)
    except NotAccepted as error:
        fail(str(error), NOT_DONE)
    except OSError as error:
        fail(f"{error.filename}: this file cannot be written: {error.strerror}", NOT_DONE)
    click.echo("\n".join(accepted) or "No shipped example would change.")


@knowledge.command("list")
@click.option("--unconfirmed", is_flag=True, help="Only unconfirmed facts and readings of the translation.")
@click.option(
    "--older-than", metavar="AGE", help="Only facts with an older article or confirmation; an age like 180d or 6m."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@knowledge_options
def knowledge_list(unconfirmed: bool, older_than: str | None, as_json: bool, folders: app.Folders) -> None:
    """List the topics, or the facts to be reviewed."""
    days = None
    if older_than is not None:
        days = content_reports.days_of(older_than)
        if days is None:
            raise click.UsageError(f'--older-than: "{older_than}" is not an age; write days or months like 180d or 6m')
    library = app.open_knowledge(settings(), folders).library
    rows = (
        content_reports.facts(library, unconfirmed, days)
        if unconfirmed or days is not None
        else content_reports.topics(library)
    )
    click.echo(json.dumps(rows, ensure_ascii=False, indent=2) if as_json else content_reports.table(rows))


@knowledge.group("import")
def knowledge_import() -> None:
    """Build a knowledge base from a file of another format."""


def import_options(command: Command) -> Command:
    """Add the common arguments and options of the import commands."""
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
            click.option("--dry-run", is_flag=True, help="Show additions, changes and collisions; write nothing."),
            click.option("--update", is_flag=True, help="Add to the folder, and update an earlier import."),
            click.option("--replace", is_flag=True, help="Delete an earlier import from the folder first."),
            click.option(
                "--over/--alone",
                default=None,
                help="Import a folder to use over the shipped content and KNOWLEDGE, without the questions that they have; or "
                "one to use alone. Default: alone if there is a column topic, else over.",
            ),
            click.option("--all", "every", is_flag=True, help="Show every note."),
        ]
    ):
        command = option(command)
    return command


@knowledge_import.command("csv")
@import_options
def knowledge_import_csv(**options: Any) -> None:
    """Build a knowledge base from a CSV file, or extend the shipped content.

    Encodings: UTF-8, UTF-16, GBK. Delimiters: commas, semicolons, tabs. One of the first lines names the columns, in English
    or Chinese: question (问题) and answer (答案), optionally lang (语言) and title (标题). Rows with the same title, or without
    titles the same answer, become one topic. One language is enough.

    Alternatively, name the topics: topic, lang (en or zh) and phrasing, optionally answer (one for each topic and language;
    without any, a placeholder is written) and known (no: a known unknown). Such a file is used alone unless --over is given.

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
    """Build a knowledge base from an Excel workbook, or extend the shipped content.

    Every visible sheet with named columns is read; see `knowledge import csv --help`. A cell may hold several questions,
    one on each line; a merged cell counts for each of its rows. .xls and .ods are read too.

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
    if update and replace:
        raise click.UsageError("give either --update or --replace, not both")
    try:
        topics, told = row_reader.read(file, form)
        bad = [one for one in told if not one.warning]
        if bad and not (dry_run and topics):
            raise spreadsheet.NotImported(bad)
        if not (update or dry_run):
            import_plan.require_import_folder(folder, replace=replace)
        over = not any(topic.id for topic in topics) if over is None else over
        beside = app.content_with(settings() if over else None, folder)
        plan = import_plan.plan(topics, folder, file.name, source_day(file), replace=replace, beside=beside)
        if not dry_run:
            plan.write()
    except spreadsheet.NotImported as error:
        fail("\n".join([*first_lines(error.mistakes, every), "Nothing was written."]), NOT_DONE)
    except import_plan.NotEmpty as error:
        fail(str(error), NOT_DONE)
    except OSError as error:
        fail(f"{error.filename}: {error.strerror}", WRONG_USE)
    for line in first_lines([*told, *(() if dry_run else plan.collisions)], every):
        click.echo(line, err=True)
    if dry_run:
        click.echo(f"{plan.text(replace)}\nNothing was written.")
        raise SystemExit(NOT_DONE if bad else DONE)
    written = [*plan.added, *plan.changed, *plan.same]
    use = f"--knowledge {folder}, or KNOWLEDGE={folder} in .env" if over else f"--only-knowledge {folder}"
    click.echo(f"{folder}: {len(written)} topics, {plan.questions} phrasings. Use it with {use}")


def source_day(file: Path) -> date:
    """Return the modification date of a file, at most today: clocks differ."""
    return min(date.fromtimestamp(file.stat().st_mtime), date.today())


def first_lines(mistakes: Sequence[Mistake], every: bool, lang: Language = "en") -> list[str]:
    """Format the first mistakes, and the number of the rest."""
    shown = [one.words(lang) for one in (mistakes if every else mistakes[:MOST_LINES])]
    rest = len(mistakes) - len(shown)
    return [*shown, said("more-of-them", count=rest).words(lang)] if rest else shown


@knowledge.command("export")
@knowledge_options
def knowledge_export(folders: app.Folders) -> None:
    """Print the phrasings of all topics as CSV, with their answers.

    `knowledge import csv` reads the file. Phrasings of missing details, checks and small talk are not exported.

    \b
    merchant-bot knowledge export > phrasings.csv
    """
    click.echo(phrasings.export(app.open_knowledge(settings(), folders)), nl=False)


def complete_topic(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    return sorted(path.stem for path in shipped().glob("topics/*/*.yaml") if path.stem.startswith(incomplete))


@knowledge.command("show")
@click.argument("topic", metavar="ID", shell_complete=complete_topic)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@knowledge_options
def knowledge_show(topic: str, as_json: bool, folders: app.Folders) -> None:
    """Show a topic: its answer in both languages, its facts and its references."""
    knowledge = app.open_knowledge(settings(), folders)
    if topic not in knowledge.library.topics:
        fail(f'no topic is called "{topic}"; {suggest(topic, knowledge.library.topics)}', WRONG_USE)
    shown = content_reports.show(knowledge, topic)
    click.echo(json.dumps(shown, ensure_ascii=False, indent=2) if as_json else content_reports.shown_text(shown))


@knowledge.command("diagram")
@click.argument("name", metavar="CHECK")
@click.option("--svg", metavar="FILE", help="Draw an SVG into this file, or - for standard output; needs Graphviz.")
@click.option("--lang", type=click.Choice(LANGUAGES), default="en", help="The language of the texts.")
@knowledge_options
def knowledge_diagram(name: str, svg: str | None, lang: Language, folders: app.Folders) -> None:
    """Draw the decision diagram of a check, as Mermaid text or SVG."""
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
    except NotDrawn as error:
        fail(str(error), NOT_DONE)
    except OSError as error:
        fail(f"{svg}: this file cannot be written: {error.strerror}", WRONG_USE)
