"""Phrasings as a CSV file: from one to a knowledge folder of its own, and from a knowledge base to one."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from bot.knowledge.content import suggest, topic_id
from bot.knowledge.dating import undated
from bot.knowledge.knowledge import Knowledge
from bot.knowledge.library import file_name
from bot.knowledge.lint import markdown
from bot.knowledge.normalize import loose_key
from bot.knowledge.reading import Mistake, Node
from bot.model import LANGUAGES, Language

COLUMNS = ("topic", "lang", "phrasing", "answer", "known")
NEEDED = ("topic", "lang", "phrasing")
DELIMITERS = ",;\t"
NAMES = {"en": "English", "zh": "Chinese"}
YES_NO = {"": True, "yes": True, "no": False}
SOURCE = "csv"
AREA = "imported"
SAVE = 'save it as "CSV UTF-8"'
Dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


class NotImported(Exception):
    """A file that cannot be imported; `mistakes` names each line and what would be right."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        super().__init__("\n".join(map(str, mistakes)))
        self.mistakes = tuple(mistakes)


class NotEmpty(Exception):
    """The folder to write to holds something already."""


@dataclass
class Imported:
    """A topic as it is gathered from the lines of a file."""

    id: str
    known: bool
    first: int  # the line on which it is first named
    answers: dict[Language, str] = field(default_factory=dict)
    phrasings: dict[Language, list[str]] = field(default_factory=lambda: {"en": [], "zh": []})


def read(path: Path) -> tuple[list[Imported], list[Mistake]]:
    """The topics of a file in its order, and notes on what was left out.

    Raises NotImported with every mistake, OSError.
    """
    mistakes: list[Mistake] = []
    topics: dict[str, Imported] = {}
    claimed: dict[str, tuple[str, int]] = {}
    for line, cells in rows(decoded(path.read_bytes(), path.name), path.name, mistakes):
        problem = gather(cells, line, path.name, topics, claimed)
        mistakes += problem
    bad = sorted(mistake for mistake in mistakes if not mistake.warning)
    if not bad and not topics:
        bad = [Mistake(path.name, 1, "there are no phrasings in this file; each line gives topic, lang and phrasing")]
    if bad:
        raise NotImported(bad)
    return list(topics.values()), sorted(mistakes)


def decoded(data: bytes, file: str) -> str:
    """The text of a file in UTF-8, with or without its mark. Raises NotImported."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise NotImported([Mistake(file, 1, f"this file is UTF-16; {SAVE}")])
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        try:
            data.decode("gb18030")
            what = "this is not UTF-8 text; it looks like GBK, as Excel writes it"
        except UnicodeDecodeError:
            what = "this is not UTF-8 text"
        raise NotImported([Mistake(file, line, f"{what}; {SAVE}")]) from error


def rows(text: str, file: str, mistakes: list[Mistake]) -> Iterator[tuple[int, dict[str, str]]]:
    """The cells of each line by column, with the line on which they begin; what is wrong with a line is added."""
    head = text.partition("\n")[0]
    delimiter = max(DELIMITERS, key=head.count)
    if delimiter != "," and head.count(delimiter):
        shown = "tabs" if delimiter == "\t" else "semicolons"
        mistakes.append(Mistake(file, 1, f"read with {shown} between the columns", warning=True))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    columns: list[str] | None = None
    line = 1
    try:
        for cells in reader:
            here, line = line, reader.line_num + 1
            if not any(cell.strip() for cell in cells):
                continue
            if columns is None:
                columns = [cell.strip().lower() for cell in cells]
                wrong = header(columns, file, here)
                mistakes += wrong
                if any(not one.warning for one in wrong):
                    return
            elif len(cells) > len(columns):
                mistakes.append(
                    Mistake(
                        file,
                        here,
                        f"this line has {len(cells)} cells, the first line {len(columns)}: a text with "
                        f'"{delimiter}" inside must stand in quotation marks',
                    )
                )
            else:
                padded = [*cells, *[""] * (len(columns) - len(cells))]
                yield here, {name: cell.strip() for name, cell in zip(columns, padded, strict=True)}
    except csv.Error as error:
        why = "a quotation mark is not closed, or not doubled inside a text" if '"' in text else str(error)
        mistakes.append(Mistake(file, line, f"this line cannot be read: {why}"))
    if columns is None:
        mistakes.append(Mistake(file, 1, f"the first line names the columns: {', '.join(NEEDED)}, and perhaps answer"))


def header(columns: Sequence[str], file: str, line: int) -> list[Mistake]:
    found = [
        Mistake(file, line, f'the column "{name}" is missing; the first line names the columns: {", ".join(NEEDED)}')
        for name in NEEDED
        if name not in columns
    ]
    found += [
        Mistake(file, line, f'the column "{name}" stands here twice; keep one')
        for name in COLUMNS
        if columns.count(name) > 1
    ]
    found += [
        Mistake(file, line, f'the column "{name}" is not read; {suggest(name, COLUMNS)}', warning=True)
        for name in columns
        if name not in COLUMNS
    ]
    return found


def gather(
    cells: Mapping[str, str], line: int, file: str, topics: dict[str, Imported], claimed: dict[str, tuple[str, int]]
) -> list[Mistake]:
    """Add one line to its topic. Returns what is wrong with it, and notes."""

    def wrong(message: str, *, warning: bool = False) -> Mistake:
        return Mistake(file, line, message, warning)

    name, words, answer = cells["topic"], cells["phrasing"], cells.get("answer", "")
    lang = language(cells["lang"])
    known = YES_NO.get(cells.get("known", "").lower())
    found = []
    if not name:
        found.append(wrong("the topic is empty"))
    elif problem := bad_id(name):
        found.append(wrong(problem))
    if lang is None:
        found.append(wrong(f'lang: "{cells["lang"]}" is neither en nor zh'))
    if known is None:
        found.append(wrong(f'known: "{cells["known"]}" is neither yes nor no'))
    if not words and not answer:
        found.append(wrong("the phrasing is empty"))
    found += markdown(answer, Node(None, file, line)) if answer else []
    if found or lang is None or known is None:
        return found
    topic = topics.setdefault(name, Imported(name, known, line))
    if topic.known != known:
        return [wrong(f'line {topic.first} says "{"yes" if topic.known else "no"}" for known of this topic')]
    if answer and topic.answers.setdefault(lang, answer) != answer:
        return [wrong(f"this topic has another {NAMES[lang]} answer above; a topic has one in each language")]
    if not words:
        return []
    key = loose_key(words)
    if not key:
        return [wrong(f'"{words}" has no letters; left out', warning=True)]
    if key in claimed:
        other, there = claimed[key]
        whose = "stands on" if other == name else f'is given to "{other}" by'
        return [wrong(f'"{words}" {whose} line {there} already; left out here', warning=True)]
    claimed[key] = (name, line)
    topic.phrasings[lang].append(words)
    return []


def language(cell: str) -> Language | None:
    """`en`, `zh`, or one of their kinds, such as zh-CN."""
    return next((lang for lang in LANGUAGES if re.fullmatch(rf"{lang}(?:[-_]\w+)*", cell, re.IGNORECASE)), None)


def bad_id(name: str) -> str | None:
    try:
        topic_id(name)
    except ValueError as error:
        return str(error)
    return None


def write(topics: Sequence[Imported], folder: Path, title: str, day: date, *, replace: bool = False) -> None:
    """Write a knowledge folder that stands alone. Raises NotEmpty, OSError.

    `title` is the source's name, `day` its date; `replace` deletes what an earlier import has written.
    """
    written = folder / "topics" / AREA
    if folder.exists():
        held = [path for path in folder.rglob("*") if path.is_file()]
        strange = [path for path in held if not (replace and ours(path.relative_to(folder)))]
        if strange:
            way = "choose another folder" if replace else "choose another folder, or --replace an earlier import"
            raise NotEmpty(f"{folder}: this folder is not empty ({strange[0].relative_to(folder)}); {way}")
        for path in held:
            path.unlink()
    written.mkdir(parents=True, exist_ok=True)
    dump(folder / "sources.yaml", [{"id": SOURCE, "date": day.isoformat(), "en": title, "zh": title}])
    # None of the small talk that ships: a topic may well be a greeting.
    dump(folder / "smalltalk.yaml", [])
    taken: set[str] = set()
    for topic in topics:
        dump(written / f"{file_name(topic.id, taken)}.yaml", entry(topic))


def ours(inside: Path) -> bool:
    return inside.parts in (("sources.yaml",), ("smalltalk.yaml",)) or inside.parts[:2] == ("topics", AREA)


def dump(path: Path, data: Any) -> None:
    text = yaml.dump(data, Dumper=Dumper, allow_unicode=True, sort_keys=False, width=10**6)
    path.write_text(text, encoding="utf-8")


def entry(topic: Imported) -> dict[str, Any]:
    """The topic as a content file holds it; where no answer is given, one says so."""
    title = " ".join(re.sub(r"[_-]+", " ", topic.id).split()) or topic.id
    given = topic.answers
    neutral: dict[Language, str] = {
        "en": f"No answer to “{escaped(title)}” has been written yet.",
        "zh": f"“{escaped(title)}”还没有写好的回答。",
    }
    texts: dict[str, str] = {
        lang: verbatim(given.get(lang) or next(iter(given.values()), neutral[lang])) for lang in LANGUAGES
    }
    fact = {"id": "answer", "status": "stated" if given else "missing", **texts}
    body: dict[str, Any] = {"source": SOURCE, "facts": [fact]} if topic.known else {"instead": texts}
    phrasings = {lang: topic.phrasings[lang] for lang in LANGUAGES}
    return {"title": dict.fromkeys(LANGUAGES, title), **body, "phrasings": phrasings}


def escaped(text: str) -> str:
    """The text as Markdown that shows it to the letter."""
    return re.sub(r"([\\`*_\[\]<>#&])", r"\\\1", text)


def verbatim(text: str) -> str:
    """The text as a template that gives it to the letter."""
    return re.sub(r"\{(?=[{%#])", "{{ '{' }}", text)


def export(knowledge: Knowledge) -> str:
    """Every phrasing of the topics as a file that `read` reads; the answer stands on the first line of its language."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for name, topic in knowledge.library.topics.items():
        for lang in LANGUAGES:
            answer, known = told(knowledge, name, lang), "" if topic.known else "no"
            for number, words in enumerate(topic.phrasings[lang] or ("",)):
                writer.writerow((name, lang, words, "" if number else answer, known))
    return out.getvalue()


def told(knowledge: Knowledge, name: str, lang: Language) -> str:
    """What a topic tells, without its source and its age."""
    topic, texts = knowledge.topic(name), knowledge.texts[name, lang]
    parts: Iterable[str] = [fact.id for fact in topic.facts] or ["instead"]
    return "\n\n".join(undated(texts[part], lang) for part in parts)
