"""The command line: `merchant-bot chat | ask | check | evaluate | knowledge … | serve | status …`."""

from __future__ import annotations

import json
import logging
import sys
import traceback
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from datetime import date, datetime
from functools import wraps
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Literal, NoReturn, TypeVar

import click

from bot import app
from bot.knowledge.content import suggest
from bot.knowledge.folder import Unreadable
from bot.knowledge.knowledge import BadContent
from bot.knowledge.reading import Mistake
from bot.knowledge.said import language_of_system, said
from bot.knowledge.search import semantic_available
from bot.model import LANGUAGES, Language
from bot.redaction import redacted
from bot.settings import BadSettings, Settings, misspelt, read_settings

DONE, NOT_DONE, WRONG_USE = 0, 1, 2
SEMANTIC_MISSING = said("less-well-understood")
MOST_LINES = 20  # of a list of mistakes or notes, unless all are asked for
Command = TypeVar("Command", bound=Callable[..., Any])


def program_version() -> str:
    try:
        return version("merchant-assistant")
    except PackageNotFoundError:
        return "unknown"


def fail(message: str, code: int) -> NoReturn:
    """End with a message on standard error."""
    click.echo(redacted(message), err=True)
    raise SystemExit(code)


def settings() -> Settings:
    try:
        for one in misspelt():
            click.echo(one.words(language_of_system()), err=True)
        return read_settings()
    except BadSettings as error:
        fail(str(error), WRONG_USE)


def main() -> None:
    """Run the command line; what the content or the machine has wrong becomes a message, never a traceback.

    A fault of ours is a traceback, in which no secret stands either.
    """
    if logging.lastResort:
        logging.lastResort.setFormatter(WithoutSecrets())
    try:
        cli.main(standalone_mode=True)
    except BadContent as error:
        lang, shown = language_of_system(), error.mistakes[:10]
        rest = len(error.mistakes) - len(shown)
        more = [said("lint-lists-all", count=rest).words(lang)] if rest else []
        lines = [said("content-has-mistakes").words(lang), *(one.words(lang) for one in shown), *more]
        fail("\n".join(lines), NOT_DONE)
    except Unreadable as error:
        fail(error.said.words(language_of_system()), WRONG_USE)
    except BrokenPipeError:
        sys.stderr.close()
        raise SystemExit(DONE) from None
    except Exception:
        fail(traceback.format_exc().rstrip(), NOT_DONE)


class WithoutSecrets(logging.Formatter):
    """For what libraries log where nobody has set up logs."""

    def format(self, record: logging.LogRecord) -> str:
        return redacted(super().format(record))


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(program_version(), prog_name="merchant-bot")
def cli() -> None:
    """The merchant assistant: dated, sourced answers in English and Chinese.

    Start with `merchant-bot serve`, and open the address that it prints; in the terminal: `merchant-bot chat`.
    """


def knowledge_options(command: Command) -> Command:
    """Add --knowledge and --only-knowledge; the command gets them as one `folders`."""

    @click.option(
        "--knowledge",
        "over",
        metavar="DIR",
        multiple=True,
        type=click.Path(path_type=Path),
        help="A folder of your own content, laid over the content that ships. May be given several times.",
    )
    @click.option(
        "--only-knowledge",
        "only",
        metavar="DIR",
        type=click.Path(path_type=Path),
        help="Use the content of this folder alone.",
    )
    @wraps(command)
    def with_folders(*args: Any, over: tuple[Path, ...], only: Path | None, **kwargs: Any) -> Any:
        if over and only:
            raise click.UsageError("give either --knowledge or --only-knowledge, not both")
        return command(*args, folders=app.Folders(over, only), **kwargs)

    return with_folders  # type: ignore[return-value]


@cli.command()
@click.option("--lang", type=click.Choice(LANGUAGES), help="The language to begin with; it follows yours from then on.")
@click.option("--json", "as_json", is_flag=True, help="Read a JSON object a line, and print one for each turn.")
@click.option(
    "--today", type=click.DateTime(["%Y-%m-%d"]), help="The day on which the talk takes place, like 2026-11-29."
)
@knowledge_options
def chat(folders: app.Folders, lang: Language | None, as_json: bool, today: datetime | None) -> None:
    """Talk to the assistant in the terminal.

    Ask in English or Chinese; a number chooses what is offered; /help shows more; /quit leaves.

    For scripts, with --json, conversations come mixed as they like, told apart by their names:

    \b
    {"conversation": "1", "text": "how much is the deposit"}
    {"conversation": "1", "press": "topic=deposit-refund"}
    {"conversation": "2", "check": "medal", "answers": {"gmv": 8000}, "ask": "orders", "lang": "zh"}
    """
    if not as_json:
        app.chat(settings(), folders, lang, today=today.date() if today else None)
        return
    from bot import reports
    from bot.json_chat import Talks

    assistant = app.asking(settings(), folders, today.date() if today else None)
    failed = False
    lines = (line.decode("utf-8", "replace") for line in sys.stdin.buffer)
    for made in Talks(assistant, lang).lines(lines):
        failed |= "error" in made
        click.echo(reports.line(made))
    if failed:
        sys.exit(NOT_DONE)


@cli.command()
@click.option(
    "--to", "folder", metavar="DIR", default="ours", type=click.Path(path_type=Path), help="Your content folder."
)
@click.option(
    "--answers",
    metavar="FILE",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A YAML file with the answers, where nobody can be asked.",
)
def setup(folder: Path, answers: Path | None) -> None:
    """Ask for your agency's name, contact, links and gift, and write them into a folder of your own and .env.

    All of it may be skipped. What merchants will read is shown; no file that exists is changed unasked.
    The keys of an answers file, all of which may be left out:

    \b
    agency: {en: Blue Gate, zh: 蓝门}
    consultant: {en: "WeChat: blue-anna", zh: "微信：blue-anna"}
    consultant_qr: wechat.png          # the picture of the code to scan
    course_links: {potential-goods: https://example.com/course}
    gift: {en: …, zh: …}
    hours: mon-fri 09:00-12:00 13:30-18:00, sat 10:00-16:00
    registration_link: https://…
    telegram_token: "123456789:…"
    overwrite: yes                     # change files that exist
    """
    from bot import setting_up

    if answers is None and not sys.stdin.isatty():
        fail(
            "Nobody can be asked here: give a file with --answers; `merchant-bot setup --help` shows its keys",
            WRONG_USE,
        )
    try:
        said = setting_up.read_answers(answers) if answers else setting_up.made_of(ask_operator(setting_up.courses()))
        plan = setting_up.plan(said, folder)
        click.echo("Merchants who send a keyword read:\n")
        for word, text in plan.preview:
            click.echo(f"> {word}\n" + "".join(f"  {line}\n" for line in text.splitlines() if line))
        may_change = said.overwrite
        for file in plan.files if answers is None else ():
            if file.exists() and not click.confirm(f"{file} exists. Change it? What you skipped stays in it."):
                fail("Nothing was written.", NOT_DONE)
            may_change = True
        plan.write(may_change)
    except setting_up.InTheWay as error:
        fail(f'{error}; nothing was written. To change it, say "overwrite: yes" in {answers}', NOT_DONE)
    except setting_up.CannotSetUp as error:
        fail(str(error), NOT_DONE)
    except OSError as error:
        fail(f"{error.filename}: this file cannot be used: {error.strerror}", NOT_DONE)
    click.echo(f"Written: {', '.join(map(str, plan.files))}. Start with: merchant-bot serve")


def ask_operator(courses: Iterable[Any]) -> dict[str, Any]:
    """Ask for everything on the terminal; Enter skips."""

    def asked(question: str, **options: Any) -> str:
        return str(click.prompt(question, default="", show_default=False, **options)).strip()

    def both(question: str) -> dict[str, str] | None:
        english = asked(f"{question}, in English")
        chinese = asked(f"{question}, in Chinese") if english else ""
        return {"en": english, "zh": chinese or english} if english else None

    click.echo("Enter skips a question.")
    said: dict[str, Any] = {"agency": both("Your agency's name")}
    said["consultant"] = both('How merchants reach a consultant, like "WeChat: blue-anna"')
    if said["consultant"]:
        said["consultant_qr"] = asked("The picture of the QR code to scan, a file")
    links = {course.id: asked(f'The link of the course "{course.title.en}"') for course in courses}
    said["course_links"] = {name: link for name, link in links.items() if link}
    said["gift"] = both("What new merchants get as a gift, and how")
    said["hours"] = asked('When consultants are there, like "mon-fri 09:00-12:00 13:30-18:00, sat 10:00-16:00"')
    said["registration_link"] = asked("Your own link for registering a store")
    said["telegram_token"] = asked("The Telegram bot's token, from @BotFather", hide_input=True)
    return said


@cli.command()
@click.argument("text", required=False)
@click.option("--batch", metavar="FILE", help="A file with a message on each line, or - for standard input.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of the reply's text.")
@click.option("--explain", is_flag=True, help="Also show why: phrasings, scores, thresholds, guards; JSON: `explain`.")
@knowledge_options
def ask(text: str | None, batch: str | None, as_json: bool, explain: bool, folders: app.Folders) -> None:
    """Get one answer, or one for each line of a file.

    \b
    merchant-bot ask "how much is the deposit"
    merchant-bot ask --json "个体户能入驻吗"
    merchant-bot ask --explain "how much is the depsoit"
    merchant-bot ask --batch questions.txt > answers.jsonl
    """
    from bot import reports

    if (text is None) == (batch is None):
        raise click.UsageError(
            'give one question in quotation marks, or a file with --batch; for a talk: "merchant-bot chat"'
        )
    assistant = app.asking(settings(), folders)

    def report(message: str) -> dict[str, Any]:
        made = reports.ask(assistant, message)
        if explain:
            from bot import explanation  # deferred: rich is slow to load

            made["explain"] = explanation.as_json(explanation.explain(assistant, message))
        return made

    if text is not None and as_json:
        click.echo(reports.line(report(text)))
        return
    if text is not None:
        click.echo(reports.ask(assistant, text)["reply"])
        if explain:
            from bot import explanation

            click.echo()
            explanation.show(explanation.explain(assistant, text))
        return
    lines = read_lines(batch or "-")
    with progress(len(lines), "Answering") as step:
        for line in lines:
            click.echo(reports.line(report(line)))
            step(1)


@cli.command()
@click.argument("name", metavar="[ID]", required=False)
@click.option("--answers", metavar="FILE", help="A JSON object of answers by question, or - for standard input.")
@click.option("--batch", metavar="FILE", help="A JSON object of answers on each line, or - for standard input.")
@click.option("--json", "as_json", is_flag=True, help="Print the decision as JSON instead of text.")
@click.option("--lang", type=click.Choice(LANGUAGES), help="The language of the conversation, or of the texts.")
@knowledge_options
def check(
    name: str | None, answers: str | None, batch: str | None, as_json: bool, lang: Language | None, folders: app.Folders
) -> None:
    """Go through a guided check, or decide on answers from a file.

    Without answers it is a conversation; without an ID the checks are listed to choose from. Answers that are missing
    count as "unknown".

    \b
    merchant-bot check store-entry
    merchant-bot check store-entry --answers answers.json --json
    merchant-bot check medal --batch merchants.jsonl > decisions.jsonl
    """
    from bot import checking

    if answers and batch:
        raise click.UsageError("give either --answers or --batch, not both")
    if (answers or batch) and name is None:
        raise click.UsageError(
            "name the check that the answers are for, like: merchant-bot check store-entry --answers FILE"
        )
    if as_json and not (answers or batch):
        raise click.UsageError("--json needs answers: give a file with --answers, or - for standard input")
    chosen = settings()
    knowledge = app.open_knowledge(chosen, folders)
    try:
        if name is not None:
            checking.known(knowledge, name)
        if batch:
            print_batch(checking.batch(knowledge, str(name), read_lines(batch), lang or "en"))
        elif answers:
            given = checking.read_json("\n".join(read_lines(answers)))
            made = checking.decision(knowledge, str(name), given)
            if as_json:
                click.echo(json.dumps(checking.report(knowledge, made, lang or "en"), ensure_ascii=False, indent=2))
            else:
                click.echo(checking.card(knowledge, made, lang or "en"))
    except ValueError as error:
        fail(str(error), WRONG_USE)
    if not (answers or batch):
        app.chat(chosen, folders, lang, first=f"/check {name or ''}".strip())


def print_batch(reports: Iterable[dict[str, Any]]) -> None:
    """One JSON line for each report; the exit code tells whether one of them is an error."""
    wrong = 0
    for report in reports:
        wrong += "error" in report
        click.echo(json.dumps(report, ensure_ascii=False))
    if wrong:
        raise SystemExit(NOT_DONE)


@cli.command()
@click.argument("file", metavar="FILE")
@click.option("--json", "as_json", is_flag=True, help="Print the whole report as JSON.")
@knowledge_options
def evaluate(file: str, as_json: bool, folders: app.Folders) -> None:
    """Measure the answers to a file of questions.

    Each line of FILE is a JSON object: {"text": …, "topics": [the right ones; none: out of scope], "lang": …, "kind": …}.
    The measures are given for all questions and for each language and kind; shares are in percent.

    \b
    n           questions
    accuracy    in scope: the topic answered, or the first one offered, is the right one
    outright    in scope: answered without asking back
    precision   of these: answered with the right topic
    right       in scope: the right topic is answered outright
    in3         in scope: the right topic is answered, or among the choices offered
    clarified   in scope: asked back
    wrong       of all: a wrong topic is answered outright, or any to a question out of scope
    oos_recall  out of scope: said to be unknown; neither answered nor asked back
    oos_kept    out of scope: not answered
    auroc       how often a question in scope scores above one out of scope
    ms          milliseconds a question
    """
    from bot import reports

    questions = [parse_question(line, number, file) for number, line in enumerate(read_lines(file), 1) if line.strip()]
    if not questions:
        fail(f"{file}: there are no questions in this file", NOT_DONE)
    assistant = app.asking(settings(), folders)
    for line in reports.strange_topics(questions, assistant.knowledge):
        click.echo(f"{file}: {line}", err=True)
    with progress(len(questions), "Asking") as step:
        report = reports.evaluate(assistant, questions, step)
    click.echo(json.dumps(report, ensure_ascii=False, indent=2) if as_json else reports.summary(report))


def parse_question(line: str, number: int, file: str) -> dict[str, Any]:
    try:
        question = json.loads(line)
    except ValueError:
        fail(f"{file}:{number}: this line is no JSON", NOT_DONE)
    if (
        not isinstance(question, dict)
        or not isinstance(question.get("text"), str)
        or not isinstance(question.get("topics"), list)
    ):
        fail(
            f'{file}:{number}: a question is a JSON object like {{"text": "…", "topics": ["deposit-amount"], "lang": "en"}}',
            NOT_DONE,
        )
    return question


def read_lines(file: str) -> list[str]:
    """The lines of a text file, or of standard input for "-"."""
    try:
        data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        fail(f"{file}: this file cannot be read: {error.strerror}", WRONG_USE)
    text = data.decode("utf-8-sig", "replace")
    lines = text.split("\n")
    return [line.rstrip("\r") for line in (lines[:-1] if lines[-1] == "" else lines)]


class progress:
    """A progress bar on standard error while a person is watching; nothing otherwise."""

    def __init__(self, length: int, label: str) -> None:
        self.shown = sys.stderr.isatty() and length > 1
        self.bar = click.progressbar(length=length, label=label, file=sys.stderr) if self.shown else None

    def __enter__(self) -> Callable[[int], None]:
        if self.bar is None:
            return lambda steps: None
        return self.bar.__enter__().update

    def __exit__(self, *error: Any) -> None:
        if self.bar is not None:
            self.bar.__exit__(*error)


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
    from bot import editing

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
    from bot import editing

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
    from bot import editing

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
    from bot import import_plan, importing, spreadsheet

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
    from bot import phrasings

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
    from bot import editing
    from bot.knowledge.content import suggest

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
    from bot import checking

    opened = app.open_knowledge(settings(), folders)
    try:
        if svg is None:
            click.echo(checking.mermaid(opened, name, lang), nl=False)
        elif svg == "-":
            click.echo(checking.svg(opened, name, lang), nl=False)
        else:
            Path(svg).write_bytes(checking.svg(opened, name, lang))
    except checking.NoSuchCheck as error:
        fail(str(error), WRONG_USE)
    except checking.NotDrawn as error:
        fail(str(error), NOT_DONE)
    except OSError as error:
        fail(f"{svg}: this file cannot be written: {error.strerror}", WRONG_USE)


@cli.command()
@click.argument("name", metavar="TOPIC|CHECK|KEYWORD|COURSE|CODE")
@click.option("--bot", metavar="USERNAME", help="The bot's name; with TELEGRAM_TOKEN set, Telegram is asked for it.")
@click.option("--svg", metavar="FILE", help="Draw the QR code as SVG into this file, or - for standard output.")
@click.option("--png", metavar="FILE", help="Draw it as PNG into this file.")
@knowledge_options
def link(name: str, bot: str | None, svg: str | None, png: str | None, folders: app.Folders) -> None:
    """Print the link that opens Telegram at a topic, a check or whatever it names, and draw its QR code.

    \b
    merchant-bot link deposit-amount
    merchant-bot link 潜力商品 --bot our_agency_bot --svg poster.svg
    """
    from bot import linking
    from bot.channels.telegram.call import NotReached
    from bot.knowledge.links import NoTarget

    chosen = settings()
    try:
        username = linking.username(bot) if bot else app.telegram_name(chosen)
        address = linking.address(app.open_knowledge(chosen, folders), name, username)
        if svg != "-":
            click.echo(address)
        click.echo(linking.draw(address, svg, png), nl=False)
    except (NoTarget, linking.NoBot) as error:
        fail(str(error), WRONG_USE)
    except NotReached as error:
        fail(f"{error}; or name the bot with --bot", NOT_DONE)
    except OSError as error:
        fail(f"{error.filename}: this file cannot be written: {error.strerror}", WRONG_USE)


@cli.command()
@knowledge_options
def serve(folders: app.Folders) -> None:
    """Answer on every channel that is configured; without any, in a web chat on this machine.

    \b
    merchant-bot serve                        the web chat, on http://127.0.0.1:8080/
    TELEGRAM_TOKEN=… merchant-bot serve       Telegram; @BotFather on Telegram gives you a token
    PUBLIC_URL=https://… merchant-bot serve   the web chat behind a proxy, beside Telegram where there is a token
    """
    from bot.channels.telegram.call import NotReached
    from bot.service.server import CannotListen
    from bot.store import StoreError

    chosen = settings()
    if sys.stderr.isatty():
        click.echo("Starting …", err=True)
    try:
        app.serve(chosen, folders)
    except (StoreError, NotReached, CannotListen) as error:
        fail(str(error), NOT_DONE)


@cli.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def status(as_json: bool) -> None:
    """Show how the service is doing: whether it runs, what waits, what was given up, what was answered.

    It works beside a running `serve`, and changes nothing.
    """
    from bot import condition
    from bot.knowledge.last_good import About

    chosen = settings()

    async def look(store: Any) -> Any:
        return await store.status(), await condition.Desk.of(chosen.consultant_chat, store)

    found, desk = with_store(chosen, look)
    rejected = About.read(app.kept_in(chosen)).rejected
    if as_json:
        click.echo(json.dumps(condition.report(found, desk, rejected), ensure_ascii=False, indent=2))
    else:
        click.echo(condition.text(condition.where(chosen.database_url), found, desk, rejected))


@cli.command()
def migrate() -> None:
    """Bring the database to the schema of this program, as `serve` does when it starts.

    A SQLite file is copied first, into a file beside it. Stop a running `serve` before.
    """
    from bot import condition
    from bot.store import StoreError

    chosen = settings()
    try:
        found, newest = app.migrate(chosen)
    except StoreError as error:
        fail(str(error), NOT_DONE)
    click.echo(condition.migrated(chosen.database_url, found, newest))


@cli.command()
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--replace", is_flag=True, help="Replace FILE if it exists.")
def backup(file: Path, replace: bool) -> None:
    """Copy the database into FILE, while it is in use.

    A copy of SQLite is used by naming it in DATABASE_URL, or by putting it in the place of the database while nothing serves.
    PostgreSQL is copied by its pg_dump, and brought back by its pg_restore.
    """
    from bot.store import StoreError
    from bot.store.backup import back_up

    chosen = settings()
    keep_unless(replace, file if file.exists() else None)
    try:
        back_up(chosen.database_url, file)
    except StoreError as error:
        fail(str(error), NOT_DONE)
    except OSError as error:
        fail(f"{file}: this file cannot be written: {error.strerror}", NOT_DONE)
    click.echo(f"{file}: {file.stat().st_size:,} bytes")


@cli.command()
@click.argument("format", metavar="FORMAT", type=click.Choice(["csv", "json", "sqlite"]))
@click.argument("target", metavar="FILE_OR_FOLDER", type=click.Path(path_type=Path))
@click.option("--replace", is_flag=True, help="Replace files that exist.")
def export(format: Literal["csv", "json", "sqlite"], target: Path, replace: bool) -> None:
    """Export events, conversations and results: csv into a folder, json or sqlite into a file.

    It works beside a running `serve`. Times are in UTC.

    \b
    merchant-bot export csv exported            events.csv, conversations.csv, results.csv
    merchant-bot export json merchants.json
    merchant-bot export sqlite merchants.db     for Datasette: datasette merchants.db
    """
    from bot import exporting

    keep_unless(replace, exporting.in_the_way(format, target))

    async def copy(store: Any) -> Any:
        with exporting.writing(format, target) as writer:
            return await exporting.export(store, writer)

    try:
        counts = with_store(settings(), copy)
    except OSError as error:
        fail(f"{target}: this cannot be written: {error.strerror}", NOT_DONE)
    click.echo(f"{target}: " + ", ".join(f"{count:,} {name}" for name, count in counts.items()))


def keep_unless(replace: bool, file: Path | None) -> None:
    if file is not None and not replace:
        fail(f"{file}: this file exists; choose another name, or give --replace", NOT_DONE)


def with_store(chosen: Settings, act: Callable[[Any], Any]) -> Any:
    from bot.store import StoreError

    try:
        return app.with_store(chosen, act)
    except StoreError as error:
        fail(str(error), NOT_DONE)


@cli.command()
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--subject", metavar="ID", help="Only to those who subscribe to this subject of operator.yaml.")
@click.option("--language", type=click.Choice(LANGUAGES), help="Only to those who speak this language.")
@click.option("--dry-run", is_flag=True, help="Show it and the number of receivers, and send nothing.")
@click.option("--yes", is_flag=True, help="Send without asking.")
@knowledge_options
def broadcast(
    file: Path, subject: str | None, language: Language | None, dry_run: bool, yes: bool, folders: app.Folders
) -> None:
    """Send FILE to everybody who subscribes, once, behind the answers to questions.

    FILE is Markdown in both languages, each below a heading of its own: "# English" and "# 中文". A running `serve` does the
    sending. Stopped or not, the same FILE goes on where it was, and nobody gets it twice.

    \b
    merchant-bot broadcast spring.md --dry-run
    merchant-bot broadcast spring.md --subject campaigns
    """
    from rich.console import Console
    from rich.markdown import Markdown
    from rich.panel import Panel
    from rich.progress import Progress

    from bot import broadcasting

    try:
        read = broadcasting.read(file)
    except broadcasting.BadBroadcast as error:
        fail(str(error), WRONG_USE)
    except OSError as error:
        fail(f"{file}: this file cannot be read: {error.strerror}", WRONG_USE)
    chosen = settings()
    knowledge = app.open_knowledge(chosen, folders)
    subjects = knowledge.library.operator.subjects
    if subject is not None and subject not in subjects:
        fail(f'--subject: no subject is called "{subject}"; {suggest(subject, list(subjects))}', WRONG_USE)
    plan = with_store(chosen, lambda store: broadcasting.plan(store, read, subject, language))
    console = Console()
    for lang in LANGUAGES:
        if language in (None, lang):
            title = f"{lang}: {plan.languages.get(lang, 0):,} receivers"
            console.print(Panel(Markdown(read.text[lang]), title=title, title_align="left"))
    if plan.before.all:
        console.print(f"It was begun before, for {plan.before.all:,} receivers; those do not get it again.")
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
                store, read, plan.receivers, subject, knowledge, lambda count: progress.advance(stored, count)
            )
            under_way = progress.add_task("sent", total=None)
            return await broadcasting.watch(
                store,
                read,
                lambda now: progress.update(under_way, total=now.all, completed=now.all - now.waiting),
                lambda: progress.console.print("Nothing moves: is `merchant-bot serve` running? It does the sending."),
            )

    try:
        sent = with_store(chosen, send)
    except KeyboardInterrupt:
        fail("Stopped watching. What is stored is sent all the same; the same command goes on with the rest.", NOT_DONE)
    console.print(
        f"{sent.sent:,} sent, {sent.gone:,} have blocked the bot or are gone and are no longer subscribed, "
        f"{sent.failed:,} failed" + (" (see `merchant-bot outbox list`)." if sent.failed else ".")
    )
    if sent.failed:
        raise SystemExit(NOT_DONE)


@cli.group()
def outbox() -> None:
    """See replies that were given up, and send them again or drop them."""


@outbox.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object for each.")
def outbox_list(as_json: bool) -> None:
    """List the replies that were given up: refused by the platform (dead), or for a chat that is no more (gone)."""
    letters = with_store(settings(), lambda store: store.letters())
    for one in letters:
        if as_json:
            click.echo(json.dumps(asdict(one) | {"error": redacted(one.error)}, ensure_ascii=False))
        else:
            click.echo(redacted(f"{one.id}  {minute(one.made)}  {one.channel} {one.chat}  {one.state}  {one.error}"))
    click.echo(f"{len(letters)} given up", err=True)


@cli.group()
def inbox() -> None:
    """See messages whose handling failed, and handle them again or drop them."""


@inbox.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object for each.")
def inbox_list(as_json: bool) -> None:
    """List the messages whose handling failed, or ended with the process three times. Who wrote them was told so."""
    failures = with_store(settings(), lambda store: store.failures())
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
    """Show a message whose handling failed, as it arrived, and where it failed."""
    failures = with_store(settings(), lambda store: store.failures())
    one = next((one for one in failures if one.id == id), None)
    if one is None:
        fail(f"{id} is not among what `merchant-bot inbox list` shows", NOT_DONE)
    click.echo(f"{minute(one.arrived)}  {one.channel} {one.chat}\n{one.payload}\n\n{redacted(one.error.strip())}")


def minute(time: float) -> str:
    return datetime.fromtimestamp(time).strftime("%Y-%m-%d %H:%M")


def chosen_letters(command: Command) -> Command:
    """Add [ID]… and --all; the command gets them as one `ids`, None for all."""

    @click.argument("ids", metavar="[ID]…", nargs=-1, type=int)
    @click.option("--all", "everything", is_flag=True, help="Everything that is listed.")
    @wraps(command)
    def with_ids(*args: Any, ids: tuple[int, ...], everything: bool, **kwargs: Any) -> Any:
        if bool(ids) == everything:
            raise click.UsageError("name the numbers that `list` shows, or give --all")
        return command(*args, ids=None if everything else ids, **kwargs)

    return with_ids  # type: ignore[return-value]


@outbox.command("retry")
@chosen_letters
def outbox_retry(ids: tuple[int, ...] | None) -> None:
    """Send replies again that were given up; a running `serve` does it within a second or two."""
    report_letters(with_store(settings(), lambda store: store.retry(ids)), "will be sent again", ids)


@outbox.command("drop")
@chosen_letters
def outbox_drop(ids: tuple[int, ...] | None) -> None:
    """Drop replies that were given up."""
    report_letters(with_store(settings(), lambda store: store.drop(ids)), "dropped", ids)


@inbox.command("retry")
@chosen_letters
def inbox_retry(ids: tuple[int, ...] | None) -> None:
    """Handle messages again whose handling failed; a running `serve` does it within a second or two."""
    report_letters(with_store(settings(), lambda store: store.retry_failures(ids)), "will be handled again", ids)


@inbox.command("drop")
@chosen_letters
def inbox_drop(ids: tuple[int, ...] | None) -> None:
    """Drop messages whose handling failed, and erase their words."""
    report_letters(with_store(settings(), lambda store: store.drop_failures(ids)), "dropped", ids)


def report_letters(count: int, what: str, ids: tuple[int, ...] | None) -> None:
    click.echo(f"{count} {what}")
    if ids is not None and count < len(set(ids)):
        fail("The others are not among what `list` shows", NOT_DONE)


@cli.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the completion script for your shell.

    \b
    bash: merchant-bot completion bash >> ~/.bashrc
    zsh:  merchant-bot completion zsh >> ~/.zshrc
    fish: merchant-bot completion fish > ~/.config/fish/completions/merchant-bot.fish
    """
    from click.shell_completion import get_completion_class

    found = get_completion_class(shell)
    assert found is not None
    click.echo(found(cli, {}, "merchant-bot", "_MERCHANT_BOT_COMPLETE").source())
