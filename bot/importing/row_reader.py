"""Conversion of table rows to topics: recognises the columns, groups the rows, and collects mistakes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from bot.content.kinds import suggest, topic_id
from bot.content.said import Notice, Wrong, said
from bot.content.tree import LONGEST_TEXT, Mistake, Node
from bot.importing import spreadsheet
from bot.importing.columns import COLUMNS, TONGUES, Column, Header, column, columns_of, header
from bot.importing.spreadsheet import Format, Table
from bot.knowledge.lint import LONGEST_TITLE, markdown
from bot.language.detect import HAN_CHARACTER, language_of
from bot.language.normalize import loose_key
from bot.model import LANGUAGES, Language

TONGUE = {"en": "english", "zh": "chinese"}  # codes of their names
YES_NO = {"": True, "yes": True, "true": True, "是": True, "no": False, "false": False, "否": False}
NUMBERING = re.compile(r"^(?:[-•·*●]\s*|[（(]?\d{1,2}[.、)）]\s*|[①-⑳]\s*)")
ITEM = re.compile(r"^(?:[-*] |\d{1,9}[.)] )")


@dataclass(frozen=True)
class Place:
    """A row of a table, as the place of a mistake."""

    table: Table
    row: int

    def mistake(self, message: Notice, *, warning: bool = False) -> Mistake:
        return self.table.mistake(self.row, message, warning=warning)

    def relative_to(self, other: Place) -> Notice:
        line = self.table.word == "line"
        if self.table.file == other.table.file:
            return said("on-line" if line else "on-row", row=self.row)
        return said("on-line-of" if line else "on-row-of", row=self.row, file=self.table.file)


@dataclass
class ImportedTopic:
    """A topic gathered from the rows of a file; its id may be assigned later, by `import_plan.name_topics`."""

    id: str
    known: bool
    first: Place
    named: bool  # by the file; then the id serves as the title
    titles: dict[Language, str] = field(default_factory=dict)
    answers: dict[Language, str] = field(default_factory=dict)
    phrasings: dict[Language, list[str]] = field(default_factory=lambda: {"en": [], "zh": []})

    @property
    def questions(self) -> list[str]:
        return [words for lang in LANGUAGES for words in self.phrasings[lang]]


@dataclass
class ImportState:
    """The state of an import: topics in file order, lookup tables, and mistakes."""

    topics: list[ImportedTopic] = field(default_factory=list)
    groups: dict[str, ImportedTopic] = field(default_factory=dict)  # by id, title or answer
    # By the question's loose key; the last value: with an answer in the same row.
    claimed: dict[str, tuple[ImportedTopic, Place, bool]] = field(default_factory=dict)
    answered: dict[tuple[int, Language], Place] = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)


def read(path: Path, form: Format) -> tuple[list[ImportedTopic], list[Mistake]]:
    """Read the topics of a file in its order, with all mistakes. Raises NotImported if the file is not a table, OSError."""
    notes: list[Mistake] = []
    found = spreadsheet.tables(path.read_bytes(), path.name, form, columns_of, notes)
    return topics_of(path.name, [(table, header(table)) for table in found], notes)


def topics_of(
    name: str, tables: Sequence[tuple[Table, Header | None]], notes: Sequence[Mistake] = ()
) -> tuple[list[ImportedTopic], list[Mistake]]:
    """Return the topics of a file's tables, each with its header if it has one, and all mistakes."""
    made = ImportState(mistakes=[*notes])
    headed = [(table, *head) for table, head in tables if head]
    for table, head in tables:
        if not headed:
            made.mistakes += missing_header(table)
        elif table.rows and not head:
            made.mistakes.append(table.mistake(1, said("sheet-without-phrasing"), warning=True))
    for table, at, columns in headed:
        made.mistakes += column_mistakes(table, at, columns)
    if all(one.warning for one in made.mistakes):
        for table, at, columns in headed:
            for row, cells in table.rows[at + 1 :]:
                add_row(Place(table, row), columns, cells, made)
    if not made.topics and all(one.warning for one in made.mistakes):
        made.mistakes.append(Mistake(name, 1, said("table-without-phrasings")))
    told = [one for one in made.topics if one.questions or one.titles or one.named]  # the others have a mistake
    return told, sorted(made.mistakes)


def missing_header(table: Table) -> list[Mistake]:
    """Report a table without a header."""
    first = said("first-line-names" if table.word == "line" else "first-row-names")
    if not table.rows:
        return [table.mistake(1, said("table-empty", right=first))]
    row, cells = table.rows[0]
    roles = {one.role for one in map(column, cells) if one}
    return [table.mistake(row, said("no-answer-column" if "phrasing" in roles else "no-phrasing-column", right=first))]


def column_mistakes(table: Table, at: int, columns: Sequence[Column | None]) -> list[Mistake]:
    """Report duplicate columns, and note ignored ones."""
    row, cells = table.rows[at]
    names = [" ".join(cell.split()).lower() for cell in cells]
    found, unread = [], []
    for index, (name, one) in enumerate(zip(names, columns, strict=True)):
        twice = name in names[:index] if one and one.role == "phrasing" else one in columns[:index]
        if one and twice:
            found.append(table.mistake(row, said("column-twice", name=name)))
        elif name and not one:
            unread.append(name)
    if unread:
        found.append(
            table.mistake(
                row, said("columns-unread", names=tuple(unread), hint=suggest(unread[0], COLUMNS)), warning=True
            )
        )
    return found


class RowText(NamedTuple):
    """A row's content in one language; None if it is to be detected."""

    lang: Language | None
    questions: list[str]
    answer: str
    title: str


def add_row(place: Place, columns: Sequence[Column | None], cells: Sequence[str], made: ImportState) -> None:
    """Add a row to its topic, or report its mistakes."""
    if any(cells[len(columns) :]) and place.table.delimiter:
        made.mistakes.append(
            place.mistake(said("too-many-cells", count=len(cells), columns=len(columns), sign=place.table.delimiter))
        )
        return
    values: dict[Column, list[str]] = {}
    for held, value in zip(columns, cells, strict=False):
        if held and value:
            values.setdefault(held, []).append(value)

    def cell(role: str, lang: Language | None = None) -> str:
        return "\n".join(values.get(Column(role, lang), ()))

    ready = Column("topic") in columns
    name, written, answerable = cell("topic"), cell("lang"), cell("known")
    lang, known = language(written), YES_NO.get(answerable.lower())
    if not values:
        return
    texts = [
        RowText(
            spoken or lang,
            split(cell("phrasing", spoken)),
            cell("answer", spoken) if ready else paragraphs(cell("answer", spoken)),
            " ".join(cell("title", spoken).split()),
        )
        for spoken in (None, *LANGUAGES)
    ]
    wrong = list(cell_mistakes(place, ready, name, written, answerable, texts))
    for index, held in enumerate(columns):
        if held and held.role == "answer" and (place.row, index) in place.table.bare:
            made.mistakes.append(place.mistake(said("answer-is-number", number=cells[index]), warning=True))
    made.mistakes += wrong
    if any(not one.warning for one in wrong) or known is None:
        return
    if not ready and not any(one.answer or one.title for one in texts):
        made.mistakes.append(place.mistake(said("row-without-answer"), warning=True))
        return
    topic = topic_of_row(place, name, known, texts, made)
    if topic.known != known:
        made.mistakes.append(
            place.mistake(
                said("known-otherwise", where=topic.first.relative_to(place), known="yes" if topic.known else "no")
            )
        )
        return
    for one in texts:
        add_text(place, topic, one, made)


def cell_mistakes(
    place: Place, ready: bool, name: str, written: str, known: str, texts: Sequence[RowText]
) -> Iterator[Mistake]:
    """Yield the mistakes in the cells of a row."""
    if ready and not name:
        yield place.mistake(said("row-without-topic"))
    elif ready and (problem := bad_id(name)):
        yield place.mistake(problem)
    if written and language(written) is None:
        yield place.mistake(said("row-language", name=written))
    if known.lower() not in YES_NO:
        yield place.mistake(said("row-known", name=known))
    if not any(one.questions or one.title or (ready and one.answer) for one in texts):
        yield place.mistake(said("row-without-phrasing"))
    for one in texts:
        if len(one.answer) > LONGEST_TEXT:
            yield place.mistake(said("table-answer-too-long", count=f"{len(one.answer):,}", most=f"{LONGEST_TEXT:,}"))
        elif one.answer:
            yield from markdown(one.answer, Node(None, place.table.file, place.row))


def topic_of_row(place: Place, name: str, known: bool, texts: Sequence[RowText], made: ImportState) -> ImportedTopic:
    """Return a row's topic, identified by id, else by title, else by answer."""
    titles = [f"title {loose_key(one.title) or one.title}" for one in texts if one.title]
    answers = [f"answer {' '.join(one.answer.split())}" for one in texts if one.answer]
    keys = [f"id {name}"] if name else [*titles, *answers]
    topic = next(
        (made.groups[key] for key in ([f"id {name}"] if name else titles or answers) if key in made.groups), None
    )
    if topic is None:
        topic = ImportedTopic(name, known, place, bool(name))
        made.topics.append(topic)
    for key in keys:
        made.groups.setdefault(key, topic)
    return topic


def add_text(place: Place, topic: ImportedTopic, text: RowText, made: ImportState) -> None:
    """Add a row's content in one language to its topic."""
    if text.title:
        topic.titles.setdefault(text.lang or language_of(text.title, "en") or "en", text.title)
    if text.answer:
        lang = text.lang or language_of(text.answer, None) or language_of(" ".join(text.questions), "en") or "en"
        there = made.answered.setdefault((id(topic), lang), place)
        if topic.answers.setdefault(lang, text.answer) != text.answer:
            made.mistakes.append(
                place.mistake(said("another-answer", lang=said(TONGUE[lang]), where=there.relative_to(place)))
            )
            return
    questions = text.questions or ([text.title] if text.title and not topic.named and text.answer else [])
    for words in questions:
        key = loose_key(words)
        if not key:
            made.mistakes.append(place.mistake(said("table-phrasing-without-letters", words=words), warning=True))
            continue
        if key in made.claimed:
            made.mistakes.append(collision(place, topic, words, bool(text.answer), made.claimed[key]))
            continue
        made.claimed[key] = (topic, place, bool(text.answer))
        topic.phrasings[text.lang or language_of(words, "en") or "en"].append(words)


def collision(
    place: Place, topic: ImportedTopic, words: str, answered: bool, claimed: tuple[ImportedTopic, Place, bool]
) -> Mistake:
    """Report a duplicate question: a mistake if it has two answers, else a note."""
    other, there, with_answer = claimed
    where = there.relative_to(place)
    if other is topic:
        return place.mistake(said("phrasing-stands", words=words, where=where), warning=True)
    if answered and with_answer and not topic.named:
        return place.mistake(said("phrasing-answered", words=words, where=where))
    return place.mistake(
        said("phrasing-given", words=words, name=other.id or title_of(other), where=where), warning=True
    )


def split(cell: str) -> list[str]:
    """Split a cell into questions, one per line, without their numbering."""
    lines = [line.strip() for line in cell.split("\n") if line.strip()]
    return [NUMBERING.sub("", line) or line for line in lines] if len(lines) > 1 else lines


def paragraphs(cell: str) -> str:
    """Convert a cell's lines to Markdown paragraphs or lists."""
    lines = [line.strip() for line in cell.split("\n") if line.strip()]
    pairs = zip(lines, ["", *lines], strict=False)
    gaps = ("\n" if ITEM.match(line) and ITEM.match(before) else "\n\n" for line, before in pairs)
    return "".join(f"{gap}{line}" for gap, line in zip(gaps, lines, strict=True)).strip()


def language(cell: str) -> Language | None:
    """Parse the name of a language: `en`, `zh`, a subtag such as zh-CN, English, 中文."""
    found = next((lang for lang in LANGUAGES if re.fullmatch(rf"{lang}(?:[-_]\w+)*", cell, re.IGNORECASE)), None)
    return found or TONGUES.get(loose_key(cell))


def bad_id(name: str) -> Notice | None:
    try:
        topic_id(name)
    except Wrong as error:
        return error.said
    return None


def title_of(topic: ImportedTopic) -> str:
    """Return a topic's title: from the file, from its id, or its first question, shortened for a button."""
    if topic.titles:
        return next(iter(topic.titles.values()))
    if topic.named:
        return " ".join(re.sub(r"[_-]+", " ", topic.id).split()) or topic.id
    return short(topic.questions[0]) if topic.questions else "?"


def short(question: str) -> str:
    words = " ".join(question.split()).rstrip("?？。.!！ ") or question
    most = LONGEST_TITLE["zh" if HAN_CHARACTER.search(words) else "en"]
    return words if len(words) <= most else words[: most - 1].rsplit(" ", 1)[0].rstrip(" ,，") + "…"


def titles(topic: ImportedTopic) -> dict[Language, str]:
    given = {
        lang: topic.titles.get(lang) or (short(topic.phrasings[lang][0]) if topic.phrasings[lang] else "")
        for lang in LANGUAGES
    }
    own = topic.titles if topic.titles or topic.named else given
    return {lang: own.get(lang) or title_of(topic) for lang in LANGUAGES}
