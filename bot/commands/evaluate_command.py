"""`evaluate`: accuracy on a file of questions."""

from __future__ import annotations

import json
from typing import Any

import click

from bot import app
from bot.commands import json_reports
from bot.commands.root import NOT_DONE, cli, fail, knowledge_options, progress, read_lines, settings


@cli.command()
@click.argument("file", metavar="FILE")
@click.option("--json", "as_json", is_flag=True, help="Print the whole report as JSON.")
@knowledge_options
def evaluate(file: str, as_json: bool, folders: app.Folders) -> None:
    """Measure the accuracy on a file of questions.

    Each line of FILE is a JSON object: {"text": …, "topics": [correct topics; empty: out of scope], "lang": …, "kind": …}.
    The measures are given for all questions, and for each language and kind; shares are in percent.

    \b
    n           number of questions
    accuracy    in scope: the answered or first offered topic is correct
    outright    in scope: answered without a question back
    precision   of the outright ones: the topic is correct
    right       in scope: answered outright with a correct topic
    in3         in scope: a correct topic is answered or offered
    clarified   in scope: answered with a question back
    wrong       of all: answered outright with a wrong topic, or out of scope and answered
    oos_recall  out of scope: reported as unknown, without an answer or a question back
    oos_kept    out of scope: not answered
    auroc       probability that a question in scope scores above one out of scope
    ms          mean milliseconds per question
    """
    questions = [parse_question(line, number, file) for number, line in enumerate(read_lines(file), 1) if line.strip()]
    if not questions:
        fail(f"{file}: there are no questions in this file", NOT_DONE)
    assistant = app.memory_assistant(settings(), folders)
    for line in json_reports.unknown_topics(questions, assistant.knowledge):
        click.echo(f"{file}: {line}", err=True)
    with progress(len(questions), "Asking") as step:
        report = json_reports.evaluate(assistant, questions, step)
    click.echo(json.dumps(report, ensure_ascii=False, indent=2) if as_json else json_reports.summary(report))


def parse_question(line: str, number: int, file: str) -> dict[str, Any]:
    try:
        question = json.loads(line)
    except ValueError:
        fail(f"{file}:{number}: this line is not JSON", NOT_DONE)
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
