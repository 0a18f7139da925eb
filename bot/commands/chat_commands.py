"""`chat`, `ask` and `check`: conversations, single answers and guided checks."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import click

from bot import app
from bot.commands import decisions, json_reports
from bot.commands.json_chat import Talks
from bot.commands.root import NOT_DONE, WRONG_USE, cli, fail, knowledge_options, progress, read_lines, settings
from bot.model import LANGUAGES, Language


@cli.command()
@click.option("--lang", type=click.Choice(LANGUAGES), help="The initial language; it follows your messages.")
@click.option("--json", "as_json", is_flag=True, help="Read a JSON object from each line, and print one for each turn.")
@click.option("--today", type=click.DateTime(["%Y-%m-%d"]), help="The date of the conversation, like 2026-11-29.")
@knowledge_options
def chat(folders: app.Folders, lang: Language | None, as_json: bool, today: datetime | None) -> None:
    """Talk to the assistant in the terminal.

    Ask in English or Chinese. Type a number to choose an offer, /help for help, /quit to leave.

    For scripts, use --json; lines of several conversations may be mixed:

    \b
    {"conversation": "1", "text": "how much is the deposit"}
    {"conversation": "1", "press": "topic=deposit-refund"}
    {"conversation": "2", "check": "medal", "answers": {"gmv": 8000}, "ask": "orders", "lang": "zh"}
    """
    if not as_json:
        from bot.channels import terminal

        terminal.chat(app.memory_assistant(settings(), folders, today.date() if today else None), lang)
        return
    assistant = app.memory_assistant(settings(), folders, today.date() if today else None)
    failed = False
    lines = (line.decode("utf-8", "replace") for line in sys.stdin.buffer)
    for made in Talks(assistant, lang).lines(lines):
        failed |= "error" in made
        click.echo(json_reports.line(made))
    if failed:
        sys.exit(NOT_DONE)


@cli.command()
@click.argument("text", required=False)
@click.option("--batch", metavar="FILE", help="A file with a message on each line, or - for standard input.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of the reply's text.")
@click.option(
    "--explain", is_flag=True, help="Explain the answer: phrasings, scores, thresholds, guards; in JSON as `explain`."
)
@knowledge_options
def ask(text: str | None, batch: str | None, as_json: bool, explain: bool, folders: app.Folders) -> None:
    """Answer a question, or each line of a file.

    \b
    merchant-bot ask "how much is the deposit"
    merchant-bot ask --json "个体户能入驻吗"
    merchant-bot ask --explain "how much is the depsoit"
    merchant-bot ask --batch questions.txt > answers.jsonl
    """
    if (text is None) == (batch is None):
        raise click.UsageError(
            'give one question in quotation marks, or a file with --batch; for a conversation: "merchant-bot chat"'
        )
    assistant = app.memory_assistant(settings(), folders)

    def report(message: str) -> dict[str, Any]:
        made = json_reports.ask(assistant, message)
        if explain:
            from bot.commands import explanation  # deferred: rich is slow to load

            made["explain"] = explanation.as_json(explanation.explain(assistant, message))
        return made

    if text is not None and as_json:
        click.echo(json_reports.line(report(text)))
        return
    if text is not None:
        click.echo(json_reports.ask(assistant, text)["reply"])
        if explain:
            from bot.commands import explanation  # deferred: rich is slow to load

            click.echo()
            explanation.show(explanation.explain(assistant, text))
        return
    lines = read_lines(batch or "-")
    with progress(len(lines), "Answering") as step:
        for line in lines:
            click.echo(json_reports.line(report(line)))
            step(1)


@cli.command()
@click.argument("name", metavar="[ID]", required=False)
@click.option("--answers", metavar="FILE", help="A JSON object of answers by question, or - for standard input.")
@click.option("--batch", metavar="FILE", help="A JSON object of answers on each line, or - for standard input.")
@click.option("--json", "as_json", is_flag=True, help="Print the decision as JSON instead of text.")
@click.option("--lang", type=click.Choice(LANGUAGES), help="The language of the conversation or the report.")
@knowledge_options
def check(
    name: str | None, answers: str | None, batch: str | None, as_json: bool, lang: Language | None, folders: app.Folders
) -> None:
    """Run a guided check as a conversation, or decide on answers from a file.

    Without an ID, choose from a list of the checks. Missing answers count as "unknown".

    \b
    merchant-bot check store-entry
    merchant-bot check store-entry --answers answers.json --json
    merchant-bot check medal --batch merchants.jsonl > decisions.jsonl
    """
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
            decisions.find_check(knowledge.library, name)
        if batch:
            print_batch(decisions.batch(knowledge, str(name), read_lines(batch), lang or "en"))
        elif answers:
            given = decisions.read_json("\n".join(read_lines(answers)))
            made = decisions.decision(knowledge, str(name), given)
            if as_json:
                click.echo(json.dumps(decisions.report(knowledge, made, lang or "en"), ensure_ascii=False, indent=2))
            else:
                click.echo(decisions.card(knowledge, made, lang or "en"))
    except ValueError as error:
        fail(str(error), WRONG_USE)
    if not (answers or batch):
        from bot.channels import terminal

        terminal.chat(app.memory_assistant(chosen, folders), lang, f"/check {name or ''}".strip())


def print_batch(decided: Iterable[dict[str, Any]]) -> None:
    """Print each report as a line of JSON. Exits with 1 if one is an error."""
    wrong = False
    for report in decided:
        wrong |= "error" in report
        click.echo(json.dumps(report, ensure_ascii=False))
    if wrong:
        raise SystemExit(NOT_DONE)
