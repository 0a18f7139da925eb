"""Changed outcomes of shipped check examples after an agency's changes: reported as notes, accepted into its folder."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from bot import private
from bot.checks import BadAnswers, Unsound, decide, logic, parse_answers
from bot.checks.check import Example
from bot.checks.proof import plain_example
from bot.content.folder import content_files
from bot.content.problem import Problem
from bot.content.said import said
from bot.content.tree import Mistake, Node, Plain
from bot.knowledge.causes import because, cause
from bot.knowledge.library import Library, place_of
from bot.knowledge.overlay import EXAMPLES

PLAIN = re.compile(r"[\w.-]*\w")  # valid YAML without quotation marks


class NotAccepted(Exception):
    """A file cannot be edited automatically; the message contains the lines to add by hand."""


@dataclass(frozen=True)
class Changed:
    """A shipped example with its old and new outcome, in words; there is no new one if its answers became invalid."""

    check: str
    answers: Plain
    was: str
    now: str
    entry: str  # the YAML entry that accepts the change

    def __str__(self) -> str:
        return f'"{self.check}" would change: {flow(self.answers)}: {self.was} → {self.now}'


def located(library: Library, name: str, problems: Iterable[Problem]) -> Iterator[Mistake]:
    """Turn a check's problems into mistakes with lines; an agency's effects on shipped examples and entries into notes."""
    place, by = library.places[f"checks/{name}"], cause(library, f"checks/{name}")
    notes = False
    for problem in problems:
        node = place.at(problem.path)
        if by is not None and problem.path[:1] == (EXAMPLES,) and ships(library, place.at(problem.path[:2])):
            notes = True
        elif by is not None and problem.idle and ships(library, node):
            yield because(by, node.mistake(problem.said, warning=True))
        else:
            yield node.mistake(problem.said)
    if by is None or not notes:
        return
    for one in changed(library, name):
        change = {"check": name, "answers": flow(one.answers), "was": one.was, "now": one.now}
        told = said("would-change", **change, folder=by.file.partition("/")[0])
        yield by.mistake(told, warning=True)


def changed(library: Library, name: str) -> list[Changed]:
    """Return the shipped examples with a new outcome because of an agency's changes."""
    if cause(library, f"checks/{name}") is None:
        return []
    return [one for node, one in otherwise(library, name) if ships(library, node)]


def otherwise(library: Library, name: str) -> Iterator[tuple[Node, Changed]]:
    """Yield the examples of a check with another outcome than the expected one, each with its place."""
    check, figures = library.checks[name], library.data.figures
    try:
        ready = logic(check, figures)
    except Unsound:
        return  # reported by `prove`
    for number, example in enumerate(check.examples):
        node = library.place("checks", name, EXAMPLES, number)
        answers = node.at(("answers",)).plain() if example.answers else {}
        was: dict[str, Any] = {"verdict": example.verdict}
        now: dict[str, Any] | None
        try:
            made = decide(ready, parse_answers(ready, plain_example(ready, example, figures)), with_changes=False)
            now = {"verdict": made.verdict}
            rules = [rule.id for rule in (*made.findings, *made.notes)]
        except BadAnswers:
            now, rules = None, []
        if example.findings is not None:
            was["findings"] = list(example.findings)
            if now is not None:
                now["findings"] = rules if set(rules) != set(example.findings) else list(example.findings)
        if now != was:
            yield node, Changed(name, answers, *shown(example, now, rules), entry(answers, now))


def shown(example: Example, now: dict[str, Any] | None, rules: Sequence[str]) -> tuple[str, str]:
    """Describe an example's old and new outcome."""
    if now is None:
        return example.verdict, "these answers can no longer be given"
    names = f"{example.verdict} ({', '.join(example.findings) or 'no finding'})" if example.findings is not None else ""
    return names or example.verdict, f"{now['verdict']} ({', '.join(rules) or 'no finding'})"


def entry(answers: Plain, now: dict[str, Any] | None) -> str:
    return flow({"answers": answers, **(now if now is not None else {"remove": "yes"})})


def ships(library: Library, node: Node) -> bool:
    return node.file.startswith(library.base)


def flow(value: Any) -> str:
    """Format a value as flow-style YAML."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {flow(one)}" for name, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow, value)) + "]"
    text = str(value)
    return text if PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)


def accept(folder: Path, name: str, accepted: Sequence[Changed]) -> Path:
    """Write the new outcomes into the folder's file of the check. Raises NotAccepted, OSError, Unreadable."""
    file = next(
        (one.path for one in content_files(folder) if place_of(PurePosixPath(one.name)) == f"checks/{name}"),
        folder / "checks" / f"{name}.yaml",
    )
    before = file.read_text("utf-8-sig") if file.exists() else ""
    lines = [(one.entry, f"  # accepted on {date.today()}; as it ships: {one.was}") for one in accepted]
    after = with_examples(before, lines)
    try:
        right = after is not None and entries(after)[: len(lines)] == [
            yaml.load(line, Loader=yaml.BaseLoader) for line, _ in lines
        ]
    except yaml.YAMLError:
        right = False
    if after is None or not right:
        raise NotAccepted(
            f"{file}: add these lines under {EXAMPLES}:\n" + "\n".join(f"  - {line}" for line, _ in lines)
        )
    private.write_whole(file, after.encode())
    return file


def with_examples(text: str, lines: Sequence[tuple[str, str]]) -> str | None:
    """Insert lines at the head of the examples in a check's YAML text; None if its layout is not supported."""
    written = [f"- {line}{comment}\n" for line, comment in lines]
    try:
        root = yaml.compose(text, Loader=yaml.BaseLoader)
    except yaml.YAMLError:
        return None
    if root is None or not isinstance(root, yaml.MappingNode):
        return (
            None if root is not None and root.value else f"{text}{EXAMPLES}:\n" + "".join(f"  {one}" for one in written)
        )
    found = next((value for key, value in root.value if key.value == EXAMPLES), None)
    if found is None:
        return f"{text.rstrip()}\n\n{EXAMPLES}:\n" + "".join(f"  {one}" for one in written)
    at = found.start_mark.index
    if isinstance(found, yaml.SequenceNode) and found.flow_style:
        more = ", " if found.value else ""
        return f"{text[: at + 1]}{', '.join(line for line, _ in lines)}{more}{text[at + 1 :]}"
    if isinstance(found, yaml.SequenceNode):
        at -= found.start_mark.column
        return text[:at] + "".join(" " * found.start_mark.column + one for one in written) + text[at:]
    return None


def entries(text: str) -> list[Any]:
    read = yaml.load(text, Loader=yaml.BaseLoader)
    return read[EXAMPLES] if isinstance(read, dict) and isinstance(read.get(EXAMPLES), list) else []
