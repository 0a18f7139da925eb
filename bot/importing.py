"""From tables of questions and answers to a knowledge folder, or to what such a folder would become."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from dataclasses import replace as replaced
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

import yaml

from bot import spreadsheet
from bot.knowledge.content import suggest, topic_id
from bot.knowledge.language import HAN_CHARACTER, language_of
from bot.knowledge.library import Library, file_name, phrasings_of, shipped
from bot.knowledge.lint import LONGEST_TITLE, markdown
from bot.knowledge.normalize import loose_key
from bot.knowledge.reading import LONGEST_TEXT, Loader, Mistake, Node
from bot.knowledge.reading import read as read_yaml
from bot.model import LANGUAGES, Language
from bot.spreadsheet import Format, NotImported, Table

NAMES = {"en": "English", "zh": "Chinese"}
YES_NO = {"": True, "yes": True, "true": True, "是": True, "no": False, "false": False, "否": False}
AREA = "imported"
ANSWER = "answer"  # the fact that an import writes
LONGEST_ID = 48
Dumper: Any = type("Dumper", (getattr(yaml, "CSafeDumper", yaml.SafeDumper),), {})


def as_lines(dumper: Any, text: str) -> Any:
    """A text of several lines as an editor would write it, below "|"."""
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


Dumper.add_representer(str, as_lines)

# How tables name their columns, and the languages, by their loose keys.
WORDS = yaml.safe_load((Path(__file__).parent / "columns.yaml").read_text("utf-8"))
COLUMNS: tuple[str, ...] = tuple(WORDS["roles"])
ROLE_OF: Mapping[str, str] = {loose_key(name): role for role, names in WORDS["roles"].items() for name in names}
TONGUES: Mapping[str, Language] = {loose_key(name): lang for lang in LANGUAGES for name in WORDS["languages"][lang]}
ASIDE = re.compile(f"(?:{'|'.join(WORDS['aside'])})$")
NUMBERING = re.compile(r"^(?:[-•·*●]\s*|[（(]?\d{1,2}[.、)）]\s*|[①-⑳]\s*)")
ITEM = re.compile(r"^(?:[-*] |\d{1,9}[.)] )")


class NotEmpty(Exception):
    """The folder to write to holds something already."""


class Column(NamedTuple):
    """What a column holds, and of which language where its name says so."""

    role: str
    lang: Language | None = None


@dataclass(frozen=True)
class Place:
    """A row of a table, for messages."""

    table: Table
    row: int

    def mistake(self, message: str, *, warning: bool = False) -> Mistake:
        return self.table.mistake(self.row, message, warning=warning)

    def seen_from(self, other: Place) -> str:
        where = "" if self.table.file == other.table.file else f" of {self.table.file}"
        return f"{self.table.word} {self.row}{where}"


@dataclass
class Imported:
    """A topic as it is gathered from the rows of a file; without an id until it is known what there is already."""

    id: str
    known: bool
    first: Place
    named: bool  # by the file; its id is its title then
    titles: dict[Language, str] = field(default_factory=dict)
    answers: dict[Language, str] = field(default_factory=dict)
    phrasings: dict[Language, list[str]] = field(default_factory=lambda: {"en": [], "zh": []})

    @property
    def asked(self) -> list[str]:
        return [words for lang in LANGUAGES for words in self.phrasings[lang]]


@dataclass
class Gathering:
    """The topics of a file in its order, what leads to them, and what is wrong."""

    topics: list[Imported] = field(default_factory=list)
    groups: dict[str, Imported] = field(default_factory=dict)  # by id, title or answer
    claimed: dict[str, tuple[Imported, Place, bool]] = field(
        default_factory=dict
    )  # a question, and whether it came with an answer
    answered: dict[tuple[int, Language], Place] = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)


def read(path: Path, form: Format = "csv") -> tuple[list[Imported], list[Mistake]]:
    """The topics of a file in its order, and notes on what was left out.

    Raises NotImported with every mistake, OSError.
    """
    topics, mistakes = understood(path, form)
    if bad := [one for one in mistakes if not one.warning]:
        raise NotImported(bad)
    return topics, mistakes


def understood(path: Path, form: Format) -> tuple[list[Imported], list[Mistake]]:
    """What could be made of a file, and all that is wrong with it. Raises NotImported where it is no table, OSError."""
    made = Gathering()
    found = spreadsheet.tables(path.read_bytes(), path.name, form, columns_of, made.mistakes)
    headed = [(table, *head) for table in found if (head := header(table))]
    for table in found:
        if not headed:
            made.mistakes += unnamed(table)
        elif table.rows and not header(table):
            made.mistakes.append(table.mistake(1, f"{no_column('phrasing')}; this sheet is left out", warning=True))
    for table, at, columns in headed:
        made.mistakes += misnamed(table, at, columns)
    if all(one.warning for one in made.mistakes):
        for table, at, columns in headed:
            for row, cells in table.rows[at + 1 :]:
                gather(Place(table, row), columns, cells, made)
    if not made.topics and all(one.warning for one in made.mistakes):
        empty = "there are no phrasings in this file; each row gives a question and its answer"
        made.mistakes.append(Mistake(path.name, 1, empty))
    told = [one for one in made.topics if one.asked or one.titles or one.named]  # of the others a mistake tells
    return told, sorted(made.mistakes)


def columns_of(cells: Sequence[str]) -> list[Column | None] | None:
    """What each column holds, if this row names the columns."""
    columns = [column(cell) for cell in cells]
    roles = {one.role for one in columns if one}
    return columns if "phrasing" in roles and roles & {"topic", "title", "answer"} else None


def column(name: str) -> Column | None:
    """What a column of this name holds: "Question (EN)", 答案（必填）, 英文标题."""
    key = ASIDE.sub("", loose_key(name))
    if key in ROLE_OF:
        return Column(ROLE_OF[key])
    for word, lang in TONGUES.items():
        for rest in (key.removeprefix(word), key.removesuffix(word)):
            if rest != key and rest in ROLE_OF:
                return Column(ROLE_OF[rest], lang)
    return None


def header(table: Table) -> tuple[int, list[Column | None]] | None:
    """Which row of a table names the columns, and what they hold: a title and remarks may stand above."""
    for index, (_, cells) in enumerate(table.rows[: spreadsheet.HEAD]):
        if columns := columns_of(cells):
            return index, by_language(cells, columns)
    return None


def by_language(cells: Sequence[str], columns: Sequence[Column | None]) -> list[Column | None]:
    """问题 and "Question" side by side are one in each language."""
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


def unnamed(table: Table) -> list[Mistake]:
    """What is wrong with a table none of whose first rows names the columns."""
    right = f"the first {table.word} names the columns: question, answer and perhaps lang and title (问题, 答案, 语言, 标题)"
    if not table.rows:
        return [table.mistake(1, f"this is empty; {right}")]
    row, cells = table.rows[0]
    roles = {one.role for one in map(column, cells) if one}
    return [table.mistake(row, f"{no_column('answer' if 'phrasing' in roles else 'phrasing')}; {right}")]


def misnamed(table: Table, at: int, columns: Sequence[Column | None]) -> list[Mistake]:
    """Columns that stand twice, and a note on those that are not read."""
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


class Said(NamedTuple):
    """What a row says in one language, or in one that has to be found out."""

    lang: Language | None
    questions: list[str]
    answer: str
    title: str


def gather(place: Place, columns: Sequence[Column | None], cells: Sequence[str], made: Gathering) -> None:
    """Add one row to its topic, and what is wrong with it."""
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
        Said(
            spoken or lang,
            split(cell("phrasing", spoken)),
            cell("answer", spoken) if ready else paragraphs(cell("answer", spoken)),
            " ".join(cell("title", spoken).split()),
        )
        for spoken in (None, *LANGUAGES)
    ]
    wrong = list(misfits(place, ready, name, written, answerable, said))
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
    topic = grouped(place, name, known, said, made)
    if topic.known != known:
        made.mistakes.append(
            place.mistake(
                f'{topic.first.seen_from(place)} says "{"yes" if topic.known else "no"}" for known of this topic'
            )
        )
        return
    for one in said:
        add(place, topic, one, made)


def misfits(place: Place, ready: bool, name: str, written: str, known: str, said: Sequence[Said]) -> Iterator[Mistake]:
    """What is wrong with the cells of a row."""
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


def grouped(place: Place, name: str, known: bool, said: Sequence[Said], made: Gathering) -> Imported:
    """The topic of a row: by its id; by its title; without either, by its answer."""
    titles = [f"title {loose_key(one.title) or one.title}" for one in said if one.title]
    answers = [f"answer {' '.join(one.answer.split())}" for one in said if one.answer]
    keys = [f"id {name}"] if name else [*titles, *answers]
    topic = next(
        (made.groups[key] for key in ([f"id {name}"] if name else titles or answers) if key in made.groups), None
    )
    if topic is None:
        topic = Imported(name, known, place, bool(name))
        made.topics.append(topic)
    for key in keys:
        made.groups.setdefault(key, topic)
    return topic


def add(place: Place, topic: Imported, said: Said, made: Gathering) -> None:
    """Add what a row says in one language to its topic."""
    if said.title:
        topic.titles.setdefault(said.lang or language_of(said.title, "en") or "en", said.title)
    if said.answer:
        lang = said.lang or language_of(said.answer, None) or language_of(" ".join(said.questions), "en") or "en"
        there = made.answered.setdefault((id(topic), lang), place)
        if topic.answers.setdefault(lang, said.answer) != said.answer:
            made.mistakes.append(
                place.mistake(
                    f"this topic has another {NAMES[lang]} answer above, on {there.seen_from(place)}; a topic has one in each "
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
    place: Place, topic: Imported, words: str, answered: bool, claimed: tuple[Imported, Place, bool]
) -> Mistake:
    """That a question stands in the file already; with two answers, nobody but the editor knows which is right."""
    other, there, with_answer = claimed
    where = there.seen_from(place)
    if other is topic:
        return place.mistake(f'"{words}" stands on {where} already; left out here', warning=True)
    if answered and with_answer and not topic.named:
        return place.mistake(f'"{words}" has another answer on {where}; keep one of the two')
    return place.mistake(
        f'"{words}" is given to "{other.id or title_of(other)}" by {where} already; left out here', warning=True
    )


def split(cell: str) -> list[str]:
    """The questions of a cell, one on each line, without the numbers before them."""
    lines = [line.strip() for line in cell.split("\n") if line.strip()]
    return [NUMBERING.sub("", line) or line for line in lines] if len(lines) > 1 else lines


def paragraphs(cell: str) -> str:
    """A cell's lines as Markdown: each a paragraph, unless they are a list."""
    lines = [line.strip() for line in cell.split("\n") if line.strip()]
    pairs = zip(lines, ["", *lines], strict=False)
    gaps = ("\n" if ITEM.match(line) and ITEM.match(before) else "\n\n" for line, before in pairs)
    return "".join(f"{gap}{line}" for gap, line in zip(gaps, lines, strict=True)).strip()


def language(cell: str) -> Language | None:
    """The language that a cell names: `en`, `zh`, one of their kinds such as zh-CN, English, 中文."""
    found = next((lang for lang in LANGUAGES if re.fullmatch(rf"{lang}(?:[-_]\w+)*", cell, re.IGNORECASE)), None)
    return found or TONGUES.get(loose_key(cell))


def bad_id(name: str) -> str | None:
    try:
        topic_id(name)
    except ValueError as error:
        return str(error)
    return None


def title_of(topic: Imported) -> str:
    """A topic's title as the file gives it: by its name, or its first question as far as a button shows it."""
    if topic.titles:
        return next(iter(topic.titles.values()))
    if topic.named:
        return " ".join(re.sub(r"[_-]+", " ", topic.id).split()) or topic.id
    return short(topic.asked[0]) if topic.asked else "?"


def short(question: str) -> str:
    words = " ".join(question.split()).rstrip("?？。.!！ ") or question
    most = LONGEST_TITLE["zh" if HAN_CHARACTER.search(words) else "en"]
    return words if len(words) <= most else words[: most - 1].rsplit(" ", 1)[0].rstrip(" ,，") + "…"


def titles(topic: Imported) -> dict[Language, str]:
    given = {
        lang: topic.titles.get(lang) or (short(topic.phrasings[lang][0]) if topic.phrasings[lang] else "")
        for lang in LANGUAGES
    }
    own = topic.titles if topic.titles or topic.named else given
    return {lang: own.get(lang) or title_of(topic) for lang in LANGUAGES}


def slug(title: str) -> str:
    """An id from a title: its Latin letters and digits, Chinese as it sounds."""
    from pypinyin import lazy_pinyin  # deferred: slow to import

    name = re.sub(r"[^a-z0-9]+", "-", "-".join(lazy_pinyin(title)).lower()).strip("-")
    return (name if len(name) <= LONGEST_ID else name[:LONGEST_ID].rpartition("-")[0] or name[:LONGEST_ID]) or "topic"


# What there is already, and what becomes of it.

Body = dict[str, Any]  # of a topic's file


class Change(NamedTuple):
    """What an import does to a topic, and what differs, a line each."""

    id: str
    title: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """Files to be written and deleted, and what that means."""

    files: Mapping[Path, str]
    gone: tuple[Path, ...]
    added: tuple[Change, ...]
    changed: tuple[Change, ...]
    same: tuple[Change, ...]
    absent: tuple[Change, ...]  # of an earlier import, and no longer in the file
    collisions: tuple[Mistake, ...]
    questions: int

    def write(self) -> None:
        """Raises OSError."""
        for path in self.gone:
            path.unlink()
        for path, text in self.files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")

    def text(self, replace: bool) -> str:
        """For an editor who has not decided yet."""
        parts = [
            *listed("Added", self.added),
            *listed("Changed", self.changed),
            *listed(
                "Taken away" if replace else "No longer in the file (they stay; --replace takes them away)", self.absent
            ),
            *([f"Unchanged: {len(self.same)}"] if self.same else []),
            *(
                [f"Collides: {len(self.collisions)}", *(f"  {one}" for one in self.collisions)]
                if self.collisions
                else []
            ),
        ]
        return "\n".join(parts)


def listed(what: str, changes: Sequence[Change]) -> Iterator[str]:
    if changes:
        yield f"{what}: {len(changes)}"
    for one in changes:
        yield f"  {one.id}" + (f"  {one.title}" if one.title != one.id else "")
        yield from (f"    {line}" for line in one.lines)


def write(topics: Sequence[Imported], folder: Path, title: str, day: date, *, replace: bool = False) -> None:
    """Write a knowledge folder that stands alone. Raises NotEmpty, NotImported, OSError."""
    refuse_strange(folder, replace=replace)
    plan(topics, folder, title, day, replace=replace).write()


def refuse_strange(folder: Path, *, replace: bool) -> None:
    """Raises NotEmpty where a folder holds what an import may not delete."""
    held = [path.relative_to(folder) for path in folder.rglob("*") if path.is_file()] if folder.exists() else []
    strange = [path for path in held if not (replace and ours(path))]
    if strange:
        ways = "--update adds to it" if replace else "--update adds to it, --replace an earlier import"
        raise NotEmpty(f"{folder}: this folder is not empty ({strange[0]}); {ways}, or choose another folder")


def ours(inside: Path) -> bool:
    return inside.parts in (("sources.yaml",), ("smalltalk.yaml",)) or inside.parts[:2] == ("topics", AREA)


def plan(
    topics: Sequence[Imported],
    folder: Path,
    title: str,
    day: date,
    *,
    replace: bool = False,
    beside: Library | None = None,
) -> Plan:
    """What the topics of a file make of a folder; `title` is the source's name, `day` its date.

    With `replace`, nothing of an earlier import is kept but the topics' ids. `beside` is the content that is used together with them:
    a question that it has already stays where it is. Raises NotImported, OSError.
    """
    before = earlier(folder)
    bodies = {name: body for name, (_, body) in before.items()}
    name_topics(topics, bodies, beside)
    collisions: list[Mistake] = []
    claims = claims_of(beside, folder) if beside else {}
    kept = [one for topic in topics if (one := apart(topic, claims, collisions))]
    source, taken = slug(title), {path.stem.casefold() for path, _ in before.values()}
    claimed = {loose_key(words): topic.id for topic in kept for words in topic.asked}
    files: dict[Path, str] = {}
    added, changed, same, absent = list[Change](), list[Change](), list[Change](), list[Change]()
    for topic in kept:
        body, new = bodies.get(topic.id), entry(topic, source)
        if body and not replace:
            new = merged(body, new, topic, claimed)
        path = before[topic.id][0] if body else folder / "topics" / AREA / f"{file_name(topic.id, taken)}.yaml"
        files[path] = dumped(new)
        lines = tuple(differences(body or {}, new))
        (same if body and not lines else changed if body else added).append(Change(topic.id, title_of(topic), lines))
    for name in bodies.keys() - {topic.id for topic in kept}:
        path, body = before[name]
        rest = without(body, claimed, name)
        absent.append(Change(name, body["title"]["en"]))
        if not replace and rest != body:
            files[path] = dumped(rest)
            changed.append(Change(name, body["title"]["en"], tuple(differences(body, rest))))
    files[folder / "sources.yaml"] = sources(folder / "sources.yaml", source, title, day, replace=replace)
    if replace or not folder.exists():
        files[folder / "smalltalk.yaml"] = dumped([])  # none of what ships: a topic may well be a greeting
    gone = tuple(path for path, _ in before.values() if replace and path not in files)
    return Plan(
        files,
        gone,
        tuple(added),
        tuple(sorted(changed)),
        tuple(same),
        tuple(sorted(absent)),
        tuple(collisions),
        len(claimed),
    )


def earlier(folder: Path) -> dict[str, tuple[Path, Body]]:
    """What an earlier import has written into a folder, by topic. Raises NotImported."""
    found: dict[str, tuple[Path, Body]] = {}
    mistakes: list[Mistake] = []
    for path in sorted((folder / "topics" / AREA).glob("*.yaml")):
        node = read_yaml(path, str(path), mistakes)
        body = node.plain() if node else None
        if isinstance(body, dict) and isinstance(body.get("title"), dict) and isinstance(body.get("phrasings"), dict):
            found[unquote(path.stem)] = (path, body)
        elif node:
            mistakes.append(node.mistake('this topic lacks "title" or "phrasings"; mend it, or take the file away'))
    if bad := [one for one in mistakes if not one.warning]:
        raise NotImported(bad)
    return found


def name_topics(topics: Sequence[Imported], bodies: Mapping[str, Body], beside: Library | None) -> None:
    """Give each topic an id: that of the earlier one of the same title, else of the same questions, else a new one of its title."""
    titled = {loose_key(title): name for name, body in bodies.items() for title in body["title"].values()}
    asked = {loose_key(words): name for name, body in bodies.items() for words in questions_of(body)}
    used = {topic.id for topic in topics if topic.id}
    for topic in topics:
        take(topic, (titled.get(loose_key(title)) for title in titles(topic).values() if not topic.id), used)
    for topic in topics:
        take(topic, (asked.get(loose_key(words)) for words in topic.asked if not topic.id), used)
    taken = {
        *used,
        *bodies,
        *(path.stem for path in shipped().glob("topics/*/*.yaml")),
        *(beside.topics if beside else ()),
    }
    for topic in topics:
        if not topic.id:
            name = slug(topic.titles.get("en") or title_of(topic))
            topic.id = next(
                one for one in (name, *(f"{name}-{n}" for n in range(2, len(taken) + 3))) if one not in taken
            )
            taken.add(topic.id)


def take(topic: Imported, names: Iterable[str | None], used: set[str]) -> None:
    topic.id = next((name for name in names if name and name not in used), topic.id)
    used.add(topic.id)


def questions_of(body: Body) -> list[str]:
    return [words for lang in LANGUAGES for words in body["phrasings"].get(lang) or ()]


def claims_of(beside: Library, folder: Path) -> dict[str, tuple[str, Node]]:
    """What has each phrasing of the content, and where; an earlier import into the same folder aside."""
    return {
        loose_key(words): (label, place.at((lang, index)))
        for label, phrasings, place in phrasings_of(beside)
        if not place.file.startswith(f"{folder.name}/topics/{AREA}/")
        for lang in LANGUAGES
        for index, words in enumerate(phrasings[lang])
    }


def apart(topic: Imported, claims: Mapping[str, tuple[str, Node]], collisions: list[Mistake]) -> Imported | None:
    """The topic without the questions that other content has; None where none is left."""
    kept: dict[Language, list[str]] = {lang: [] for lang in LANGUAGES}
    for lang in LANGUAGES:
        for words in topic.phrasings[lang]:
            label, place = claims.get(loose_key(words), ("", None))
            if not place or label == f"topic:{topic.id}":
                kept[lang].append(words)
                continue
            kind, _, name = label.partition(":")
            has = {
                "topic": f"the topic {name}",
                "missing": f"a missing detail of {name}",
                "talk": f"the small talk {name}",
            }
            collisions.append(
                topic.first.mistake(
                    f'"{words}" is a phrasing of {has.get(kind, f"the check {name}")} ({place.file}:{place.line}), which keeps it; '
                    "left out here",
                    warning=True,
                )
            )
    if topic.asked and not any(kept.values()):
        collisions.append(
            topic.first.mistake(
                f'no question is left for "{title_of(topic)}", so that its answer is left out too', warning=True
            )
        )
        return None
    return replaced(topic, phrasings=kept)


def merged(body: Body, new: Body, topic: Imported, claimed: Mapping[str, str]) -> Body:
    """What an earlier import wrote with what the file says now. What an editor has added stays, and nothing is taken away."""
    one_title, told = len(set(body["title"].values())) == 1, answer_of(body)
    texts = dict(answer_of(new))
    for lang in LANGUAGES if told else ():
        if not topic.answers or (lang not in topic.answers and told["en"] != told["zh"]):
            texts[lang] = told[lang]
    title = {
        lang: topic.titles.get(lang) or (new if one_title and topic.titles else body)["title"][lang]
        for lang in LANGUAGES
    }
    made = {**body, **new, "title": title, "phrasings": {}}
    if topic.known:
        made.pop("instead", None)
        facts = {fact["id"]: fact for fact in (*(body.get("facts") or ()), *new["facts"])}
        before: Body = next((fact for fact in body.get("facts") or () if fact["id"] == ANSWER), {})
        unchanged = before if all(before.get(lang) == texts[lang] for lang in LANGUAGES) else {}
        status = "stated" if topic.answers else before.get("status", "missing")
        facts[ANSWER] = {**unchanged, "id": ANSWER, "status": status, **texts}
        made["facts"] = list(facts.values())
    else:
        made.pop("facts", None)
        made["instead"] = texts
    rest = without(body, claimed, topic.id)["phrasings"]
    for lang in LANGUAGES:
        own = {loose_key(words) for words in topic.phrasings[lang]}
        others = {key for key, name in claimed.items() if name == topic.id} - own
        stay = [words for words in rest.get(lang) or () if loose_key(words) not in others]
        there = set(map(loose_key, stay))
        made["phrasings"][lang] = [*stay, *(words for words in topic.phrasings[lang] if loose_key(words) not in there)]
    return made


def without(body: Body, claimed: Mapping[str, str], name: str) -> Body:
    """A topic without the questions that the file gives to others."""
    said = {
        lang: [words for words in body["phrasings"].get(lang) or () if claimed.get(loose_key(words), name) == name]
        for lang in LANGUAGES
    }
    return {**body, "phrasings": said}


def answer_of(body: Body) -> dict[str, str]:
    facts = [fact for fact in body.get("facts") or () if fact["id"] == ANSWER]
    return {lang: one[lang] for one in [*facts, body.get("instead") or {}][:1] if one for lang in LANGUAGES}


def differences(old: Body, new: Body) -> Iterator[str]:
    """What an editor should see: old and new titles and answers, and the questions that come and go."""
    for what, before, after in (
        ("title", old.get("title") or {}, new["title"] if old else {}),
        ("answer", answer_of(old), answer_of(new)),
    ):
        one = len(set(before.values())) < 2 and len(set(after.values())) < 2
        for lang in LANGUAGES[:1] if one else LANGUAGES:
            if before.get(lang) != after.get(lang):
                was = f"{line_of(before[lang])} → " if lang in before else ""
                yield f"{what}{'' if one else f' in {NAMES[lang]}'}: {was}{line_of(after[lang])}"
    had, has = (questions_of(body) if body else [] for body in (old, new))
    yield from (f"+ {words}" for words in has if words not in had)
    yield from (f"- {words}" for words in had if words not in has)


def line_of(text: str) -> str:
    """A text of a file as a merchant reads it, on one line."""
    return " ".join(GIVEN.sub(lambda match: chr(int(match[2], 16)) if match[2] else match[1], text).split())


def sources(path: Path, source: str, title: str, day: date, *, replace: bool) -> str:
    """The file of sources with the imported file among them; what else stands there stays to the letter. Raises NotImported, OSError."""
    fresh = dumped([{"id": source, "date": day.isoformat(), "en": title, "zh": title}])
    if replace or not path.exists():
        return fresh
    mistakes: list[Mistake] = []
    text, node = path.read_text("utf-8-sig"), read_yaml(path, str(path), mistakes)
    before = node.plain() if node else None
    there = before if isinstance(before, list) else []
    for one in there:
        if isinstance(one, dict) and one.get("id") == source:
            return text.replace(dumped([one]), dumped([{**one, "date": day.isoformat()}]))
    whole = f"{text.rstrip()}\n{fresh}".lstrip("\n")
    try:
        fits = len(yaml.load(whole, Loader=Loader)) == len(there) + 1
    except (yaml.YAMLError, TypeError):
        fits = False
    if not fits:
        words = f"nothing can be added to this file as it is written; add this by hand and import again:\n{fresh}"
        raise NotImported(mistakes or [Mistake(str(path), 1, words)])
    return whole


def dumped(data: Any) -> str:
    return str(yaml.dump(data, Dumper=Dumper, allow_unicode=True, sort_keys=False, width=10**6))


def entry(topic: Imported, source: str) -> Body:
    """The topic as a content file holds it; where no answer is given, one says so."""
    shown, given = title_of(topic), topic.answers
    neutral: dict[Language, str] = {
        "en": f"No answer to “{escaped(shown)}” has been written yet.",
        "zh": f"“{escaped(shown)}”还没有写好的回答。",
    }
    texts: dict[str, str] = {
        lang: verbatim(given.get(lang) or next(iter(given.values()), neutral[lang])) for lang in LANGUAGES
    }
    fact = {"id": ANSWER, "status": "stated" if given else "missing", **texts}
    body: Body = {"source": source, "facts": [fact]} if topic.known else {"instead": texts}
    phrasings = {lang: topic.phrasings[lang] for lang in LANGUAGES}
    return {"title": titles(topic), **body, "phrasings": phrasings}


def escaped(text: str) -> str:
    """The text as Markdown that shows it to the letter."""
    return re.sub(r"([\\`*_\[\]<>#&])", r"\\\1", text)


# What a template would read, or lint would take for a slip of the keyboard.
TAKEN = re.compile(r"\{(?=[{%#]| ?[a-z_])|[｛｝]|^“")
GIVEN = re.compile(r"\{\{ '(?:(\{)|\\u([0-9a-f]{4}))' \}\}")


def verbatim(text: str) -> str:
    """The text as a template that gives it to the letter."""
    return TAKEN.sub(lambda match: "{{ '" + (match[0] if match[0] == "{" else f"\\u{ord(match[0]):04x}") + "' }}", text)
