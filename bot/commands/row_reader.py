"""Conversion of table rows to topics: recognises the columns, groups the rows, and collects mistakes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from bot.commands import spreadsheet
from bot.commands.spreadsheet import Format, Table
from bot.content.kinds import suggest, topic_id
from bot.content.tree import LONGEST_TEXT, Mistake, Node
from bot.knowledge.lint import LONGEST_TITLE, markdown
from bot.language.detect import HAN_CHARACTER, language_of
from bot.language.normalize import loose_key
from bot.lists import listed
from bot.model import LANGUAGES, Language

NAMES = {"en": "English", "zh": "Chinese"}
YES_NO = {"": True, "yes": True, "true": True, "是": True, "no": False, "false": False, "否": False}
# Names of columns and languages, by loose key.
WORDS = listed(__file__, "columns.yaml")
COLUMNS: tuple[str, ...] = tuple(WORDS["roles"])
ROLE_OF: Mapping[str, str] = {loose_key(name): role for role, names in WORDS["roles"].items() for name in names}
TONGUES: Mapping[str, Language] = {loose_key(name): lang for lang in LANGUAGES for name in WORDS["languages"][lang]}
ASIDE = re.compile(f"(?:{'|'.join(WORDS['aside'])})$")
NUMBERING = re.compile(r"^(?:[-•·*●]\s*|[（(]?\d{1,2}[.、)）]\s*|[①-⑳]\s*)")
ITEM = re.compile(r"^(?:[-*] |\d{1,9}[.)] )")


class Column(NamedTuple):
    """The role of a column, and its language if the column's name includes one."""

    role: str
    lang: Language | None = None


@dataclass(frozen=True)
class Place:
    """A row of a table, as the place of a mistake."""

    table: Table
    row: int

    def mistake(self, message: str, *, warning: bool = False) -> Mistake:
        return self.table.mistake(self.row, message, warning=warning)

    def relative_to(self, other: Place) -> str:
        where = "" if self.table.file == other.table.file else f" of {self.table.file}"
        return f"{self.table.word} {self.row}{where}"


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
    made = ImportState()
    found = spreadsheet.tables(path.read_bytes(), path.name, form, columns_of, made.mistakes)
    headed = [(table, *head) for table in found if (head := header(table))]
    for table in found:
        if not headed:
            made.mistakes += missing_header(table)
        elif table.rows and not header(table):
            made.mistakes.append(table.mistake(1, f"{no_column('phrasing')}; this sheet is left out", warning=True))
    for table, at, columns in headed:
        made.mistakes += column_mistakes(table, at, columns)
    if all(one.warning for one in made.mistakes):
        for table, at, columns in headed:
            for row, cells in table.rows[at + 1 :]:
                add_row(Place(table, row), columns, cells, made)
    if not made.topics and all(one.warning for one in made.mistakes):
        empty = "there are no phrasings in this file; each row gives a question and its answer"
        made.mistakes.append(Mistake(path.name, 1, empty))
    told = [one for one in made.topics if one.questions or one.titles or one.named]  # the others have a mistake
    return told, sorted(made.mistakes)


def columns_of(cells: Sequence[str]) -> list[Column | None] | None:
    """Return the columns' roles if the row is a header, else None."""
    columns = [column(cell) for cell in cells]
    roles = {one.role for one in columns if one}
    return columns if "phrasing" in roles and roles & {"topic", "title", "answer"} else None


def column(name: str) -> Column | None:
    """Parse a column's name, like "Question (EN)", 答案（必填） or 英文标题."""
    key = ASIDE.sub("", loose_key(name))
    if key in ROLE_OF:
        return Column(ROLE_OF[key])
    for word, lang in TONGUES.items():
        for rest in (key.removeprefix(word), key.removesuffix(word)):
            if rest != key and rest in ROLE_OF:
                return Column(ROLE_OF[rest], lang)
    return None


def header(table: Table) -> tuple[int, list[Column | None]] | None:
    """Find the header among the first rows, and return its index and columns; remarks may precede it."""
    for index, (_, cells) in enumerate(table.rows[: spreadsheet.HEAD]):
        if columns := columns_of(cells):
            return index, by_language(cells, columns)
    return None


def by_language(cells: Sequence[str], columns: Sequence[Column | None]) -> list[Column | None]:
    """Assign languages to pairs of columns such as 问题 and "Question"."""
    told = list(columns)
    for role in ("phrasing", "answer", "title"):
        here = [index for index, one in enumerate(columns) if one == Column(role)]
        if len({bool(HAN_CHARACTER.search(cells[index])) for index in here}) == 2:
            for index in here:
                told[index] = Column(role, "zh" if HAN_CHARACTER.search(cells[index]) else "en")
    return told


def no_column(role: str) -> str:
    one = {
        "phrasing": '"phrasing" is missing, or "question" (问题)',
        "answer": '"answer" is missing (答案), or "topic"',
    }
    return f"the column {one[role]}"


def missing_header(table: Table) -> list[Mistake]:
    """Report a table without a header."""
    right = f"the first {table.word} names the columns: question, answer and perhaps lang and title (问题, 答案, 语言, 标题)"
    if not table.rows:
        return [table.mistake(1, f"this is empty; {right}")]
    row, cells = table.rows[0]
    roles = {one.role for one in map(column, cells) if one}
    return [table.mistake(row, f"{no_column('answer' if 'phrasing' in roles else 'phrasing')}; {right}")]


def column_mistakes(table: Table, at: int, columns: Sequence[Column | None]) -> list[Mistake]:
    """Report duplicate columns, and note ignored ones."""
    row, cells = table.rows[at]
    names = [" ".join(cell.split()).lower() for cell in cells]
    found, unread = [], []
    for index, (name, one) in enumerate(zip(names, columns, strict=True)):
        twice = name in names[:index] if one and one.role == "phrasing" else one in columns[:index]
        if one and twice:
            found.append(table.mistake(row, f'the column "{name}" stands here twice; keep one'))
        elif name and not one:
            unread.append(name)
    if unread:
        what = f'the column "{unread[0]}" is' if len(unread) == 1 else f"the columns {', '.join(map(repr, unread))} are"
        what = what.replace("'", '"')
        found.append(table.mistake(row, f"{what} not read; {suggest(unread[0], COLUMNS)}", warning=True))
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
            place.mistake(
                f"this line has {len(cells)} cells, the first line {len(columns)}: a text with "
                f'"{place.table.delimiter}" inside must stand in quotation marks'
            )
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
    said = [
        RowText(
            spoken or lang,
            split(cell("phrasing", spoken)),
            cell("answer", spoken) if ready else paragraphs(cell("answer", spoken)),
            " ".join(cell("title", spoken).split()),
        )
        for spoken in (None, *LANGUAGES)
    ]
    wrong = list(cell_mistakes(place, ready, name, written, answerable, said))
    for index, held in enumerate(columns):
        if held and held.role == "answer" and (place.row, index) in place.table.bare:
            note = f'this answer is the number {cells[index]}, as its cell holds it; if it shows more, such as "%", write it as text'
            made.mistakes.append(place.mistake(note, warning=True))
    made.mistakes += wrong
    if any(not one.warning for one in wrong) or known is None:
        return
    if not ready and not any(one.answer or one.title for one in said):
        made.mistakes.append(place.mistake("this question has no answer; left out", warning=True))
        return
    topic = topic_of_row(place, name, known, said, made)
    if topic.known != known:
        made.mistakes.append(
            place.mistake(
                f'{topic.first.relative_to(place)} says "{"yes" if topic.known else "no"}" for known of this topic'
            )
        )
        return
    for one in said:
        add_text(place, topic, one, made)


def cell_mistakes(
    place: Place, ready: bool, name: str, written: str, known: str, said: Sequence[RowText]
) -> Iterator[Mistake]:
    """Yield the mistakes in the cells of a row."""
    if ready and not name:
        yield place.mistake("the topic is empty")
    elif ready and (problem := bad_id(name)):
        yield place.mistake(problem)
    if written and language(written) is None:
        yield place.mistake(f'lang: "{written}" is neither en nor zh')
    if known.lower() not in YES_NO:
        yield place.mistake(f'known: "{known}" is neither yes nor no')
    if not any(one.questions or one.title or (ready and one.answer) for one in said):
        yield place.mistake("the phrasing is empty: an answer needs its question")
    for one in said:
        if len(one.answer) > LONGEST_TEXT:
            yield place.mistake(f"this answer has {len(one.answer):,} letters; at most {LONGEST_TEXT:,}")
        elif one.answer:
            yield from markdown(one.answer, Node(None, place.table.file, place.row))


def topic_of_row(place: Place, name: str, known: bool, said: Sequence[RowText], made: ImportState) -> ImportedTopic:
    """Return a row's topic, identified by id, else by title, else by answer."""
    titles = [f"title {loose_key(one.title) or one.title}" for one in said if one.title]
    answers = [f"answer {' '.join(one.answer.split())}" for one in said if one.answer]
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


def add_text(place: Place, topic: ImportedTopic, said: RowText, made: ImportState) -> None:
    """Add a row's content in one language to its topic."""
    if said.title:
        topic.titles.setdefault(said.lang or language_of(said.title, "en") or "en", said.title)
    if said.answer:
        lang = said.lang or language_of(said.answer, None) or language_of(" ".join(said.questions), "en") or "en"
        there = made.answered.setdefault((id(topic), lang), place)
        if topic.answers.setdefault(lang, said.answer) != said.answer:
            made.mistakes.append(
                place.mistake(
                    f"this topic has another {NAMES[lang]} answer above, on {there.relative_to(place)}; a topic has one in each "
                    "language, and a title names one topic"
                )
            )
            return
    questions = said.questions or ([said.title] if said.title and not topic.named and said.answer else [])
    for words in questions:
        key = loose_key(words)
        if not key:
            made.mistakes.append(place.mistake(f'"{words}" has no letters; left out', warning=True))
            continue
        if key in made.claimed:
            made.mistakes.append(collision(place, topic, words, bool(said.answer), made.claimed[key]))
            continue
        made.claimed[key] = (topic, place, bool(said.answer))
        topic.phrasings[said.lang or language_of(words, "en") or "en"].append(words)


def collision(
    place: Place, topic: ImportedTopic, words: str, answered: bool, claimed: tuple[ImportedTopic, Place, bool]
) -> Mistake:
    """Report a duplicate question: a mistake if it has two answers, else a note."""
    other, there, with_answer = claimed
    where = there.relative_to(place)
    if other is topic:
        return place.mistake(f'"{words}" stands on {where} already; left out here', warning=True)
    if answered and with_answer and not topic.named:
        return place.mistake(f'"{words}" has another answer on {where}; keep one of the two')
    return place.mistake(
        f'"{words}" is given to "{other.id or title_of(other)}" by {where} already; left out here', warning=True
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


def bad_id(name: str) -> str | None:
    try:
        topic_id(name)
    except ValueError as error:
        return str(error)
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
