"""`evaluate`: how well questions are answered."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

import click

from bot import app
from bot.commands.base import NOT_DONE, cli, fail, knowledge_options, read_lines, settings


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
    from bot.commands import reports

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
