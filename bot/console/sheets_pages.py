"""The page of the spreadsheets: a table of questions and answers becomes a draft, and all answers become a workbook."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from aiohttp import web

from bot.console.answers_book import answers_book
from bot.console.drafting import Drafting
from bot.console.editor_pages import EditorPages
from bot.console.edits import CannotEdit, Edit, standing, with_edit
from bot.console.lists import XLSX
from bot.console.site import Route, Site, Tab, Visit, download
from bot.content.said import Notice, said
from bot.content.tree import Mistake
from bot.importing import import_plan
from bot.importing.apart import Told, Upload, of_json, read_apart, to_json
from bot.importing.columns import Column, Header, column, header
from bot.importing.import_plan import AREA, Body, Plan
from bot.importing.row_reader import ImportedTopic, topics_of
from bot.importing.spreadsheet import NotImported, Table
from bot.knowledge.library import Library
from bot.model import LANGUAGES, Language

LARGEST = 10 << 20  # bytes of a file
LARGEST_FORM = 2 * LARGEST  # what was read of one goes to and fro
MOST_ROWS = 5000
MOST_SHOWN = 50
LONGEST_NAME = 120
ROLES = ("phrasing", "answer", "title", "lang", "topic", "known")
SPOKEN = ("phrasing", "answer", "title")  # roles that a column may have in one language


@dataclass(frozen=True)
class Choice:
    """A column of a table, with its first cell, and the role that it has: "phrasing", "answer:zh", or ""."""

    name: str
    label: str
    example: str
    role: str


@dataclass(frozen=True)
class Problem:
    """A mistake or a note on a row: the row's place, its cells, and the message."""

    sheet: str
    row: int
    cells: str
    words: str
    note: bool


@dataclass(frozen=True)
class Preview:
    """The effect of a table on the content."""

    problems: tuple[Problem, ...]
    topics: int = 0
    plan: Plan | None = None
    edits: tuple[Edit, ...] = ()


class SheetsPages(EditorPages):
    tab = "sheets"

    def __init__(self, site: Site, drafting: Drafting) -> None:
        super().__init__(site, drafting)
        site.add(
            [
                Route("GET", "/sheets", "editor", self.show),
                Route("POST", "/sheets", "editor", self.read, LARGEST + (1 << 20)),
                Route("POST", "/sheets/preview", "editor", self.look, LARGEST_FORM),
                Route("POST", "/sheets/draft", "editor", self.take, LARGEST_FORM),
                Route("GET", "/sheets/answers.xlsx", "editor", self.export),
            ],
            [Tab("sheets", "/sheets", "editor")],
        )

    async def show(self, visit: Visit, problem: str = "") -> web.StreamResponse:
        return self.page(
            visit,
            "sheets.html",
            problem=problem,
            rows=MOST_ROWS,
            megabytes=LARGEST >> 20,
            has_account=bool(self.site.settings.wechat_app_id and self.site.settings.wechat_secret),
        )

    async def read(self, visit: Visit) -> web.StreamResponse:
        """Read a file, and show what it holds and would do."""
        sent = visit.form.get("file")
        if self.drafting.folder is None:
            return await self.show(visit)
        if not isinstance(sent, web.FileField) or not sent.filename:
            return await self.show(visit, visit.say("sheet_needed"))
        data = await asyncio.to_thread(sent.file.read, LARGEST + 1)
        if len(data) > LARGEST:
            return await self.show(visit, visit.say("sheet_too_large", most=LARGEST >> 20))
        name = sent.filename.replace("\\", "/").rpartition("/")[2][-LONGEST_NAME:]
        upload = await read_apart(data, name, MOST_ROWS)
        return await self.preview(visit, upload)

    async def look(self, visit: Visit) -> web.StreamResponse:
        """Render the effect of the table with the chosen columns; a part of the page."""
        upload = self.sent(visit)
        return await self.preview(visit, upload) if upload else self.gone(visit)

    async def preview(self, visit: Visit, upload: Upload, status: int = 200) -> web.StreamResponse:
        heads = [(table, head_of(visit, number, table)) for number, table in enumerate(upload.tables)]
        made = await self.planned(visit, upload, heads)
        return self.page(
            visit,
            "sheet_preview.html" if visit.is_fragment else "sheet.html",
            status,
            upload=upload,
            table=to_json(upload),
            choices=[(sheet_of(table, upload), choices(number, table, at, roles)) for number, (table, (at, roles)) in enumerate(heads)],
            roles=roles_of(visit),
            source=visit.field("source") or upload.file,
            day=visit.field("day") or date.today().isoformat(),
            made=made,
            most=MOST_SHOWN,
            line=lambda one: one.words(visit.lang) if isinstance(one, Notice) else one,
        )  # fmt: skip

    async def take(self, visit: Visit) -> web.StreamResponse:
        """Put the table's changes into the draft."""
        upload = self.sent(visit)
        if upload is None or self.drafting.folder is None:
            return self.gone(visit)
        made = await self.planned(
            visit, upload, [(table, head_of(visit, number, table)) for number, table in enumerate(upload.tables)]
        )
        if not made.edits:
            return await self.preview(visit, upload, 409)
        await self.draft(visit, f"topics/{AREA}", made.edits)
        raise self.site.redirect("/draft")

    def sent(self, visit: Visit) -> Upload | None:
        """Return the table that the form carries, None if it is none."""
        try:
            return of_json(visit.field("table"))
        except ValueError:
            return None

    async def planned(self, visit: Visit, upload: Upload, heads: Sequence[tuple[Table, Header]]) -> Preview:
        library = await self.drafting.library()
        disk = await self.drafting.on_disk()
        folder = await self.drafting.drafted_folder()
        source = (visit.field("source") or upload.file)[:LONGEST_NAME]
        try:
            day = date.fromisoformat(visit.field("day"))
        except ValueError:
            day = date.today()

        def made() -> Preview:
            told = [*upload.told]
            headed = [(table, head if is_header(head) else None) for table, head in heads]
            topics, mistakes = topics_of(upload.file, headed) if upload.tables else ([], [])
            told += map(Told.of, mistakes)
            try:
                before = import_plan.earlier_topics(folder)
                kept = list(without_others(topics, before, library, told))
                plan = import_plan.plan(kept, folder, source, day, beside=library) if kept else None
            except NotImported as error:
                return Preview(problems([*told, *map(Told.of, error.mistakes)], upload, visit.lang))
            told += map(Told.of, plan.collisions if plan else ())
            edits = tuple(edits_of(plan, disk, library, told)) if plan else ()
            return Preview(problems(told, upload, visit.lang), len(kept), plan, edits)

        return await asyncio.to_thread(made)

    async def export(self, visit: Visit) -> web.StreamResponse:
        """All answers in use as a workbook."""
        body = await asyncio.to_thread(answers_book, self.site.ready.knowledge, visit.say)
        return download(body, XLSX, f"answers-{date.today().isoformat()}.xlsx")


# --- columns


def head_of(visit: Visit, number: int, table: Table) -> Header:
    """Return a table's header: guessed, and with the roles that the form gives its columns."""
    if not table.rows:
        return 0, []
    at, guessed = header(table) or (0, list(map(column, table.rows[0][1])))
    names = [f"column:{number}:{index}" for index in range(len(guessed))]
    if not any(name in visit.form for name in names):
        return at, guessed
    return at, [role_of(visit.field(name)) for name in names]


def role_of(text: str) -> Column | None:
    role, _, spoken = text.partition(":")
    lang = next((one for one in LANGUAGES if one == spoken), None)
    return Column(role, lang if role in SPOKEN else None) if role in ROLES else None


def is_header(head: Header) -> bool:
    roles = {one.role for one in head[1] if one}
    return "phrasing" in roles and bool(roles & {"topic", "title", "answer"})


def choices(number: int, table: Table, at: int, roles: Sequence[Column | None]) -> list[Choice]:
    first = table.rows[at + 1][1] if at + 1 < len(table.rows) else ()
    return [
        Choice(
            f"column:{number}:{index}",
            " ".join(label.split()) or f"{index + 1}",
            cut(first[index] if index < len(first) else ""),
            "" if role is None else f"{role.role}:{role.lang}" if role.lang else role.role,
        )
        for index, (label, role) in enumerate(zip(table.rows[at][1] if table.rows else (), roles, strict=False))
    ]


def roles_of(visit: Visit) -> list[tuple[str, str]]:
    """Return the roles to choose from, with their words."""
    say = visit.say
    found = [("", say("column_none"))]
    for role in ROLES:
        found.append((role, say(f"column_{role}")))
        if role in SPOKEN:
            found += [(f"{role}:{lang}", f"{say(f'column_{role}')} ({say(f'in_{lang}')})") for lang in LANGUAGES]
    return found


def sheet_of(table: Table, upload: Upload) -> str:
    return table.file.removeprefix(upload.file).removeprefix(", sheet ")


# --- what it would do


def problems(told: Sequence[Told], upload: Upload, lang: Language) -> tuple[Problem, ...]:
    """Return the mistakes and notes, each with the cells of its row; mistakes first."""
    rows = {(table.file, row): cells for table in upload.tables for row, cells in table.rows}
    found = [
        Problem(
            one.file.removeprefix(upload.file).removeprefix(", sheet "),
            one.line,
            cut(" | ".join(filter(None, rows.get((one.file, one.line), ())))),
            one.words[lang],
            one.note,
        )
        for one in told
    ]
    return tuple(sorted(found, key=lambda one: (one.note, one.sheet, one.row)))


def without_others(
    topics: Sequence[ImportedTopic], before: Mapping[str, Any], library: Library, told: list[Told]
) -> Iterator[ImportedTopic]:
    """Yield the topics without those whose ids other files have: these have forms of their own."""
    for topic in topics:
        if topic.named and topic.id not in before and (topic.id in library.topics or topic.id in library.hidden):
            told.append(Told.of(topic.first.mistake(said("topic-elsewhere", name=topic.id), warning=True)))
        else:
            yield topic


def edits_of(plan: Plan, disk: Library, library: Library, told: list[Told]) -> Iterator[Edit]:
    """Yield the edits that a plan makes, and tell of the topics whose file cannot be written."""
    made = [list(topic_edits(name, before, after, disk)) for name, (before, after) in plan.bodies.items()]
    found = [edits for edits in made if edits and can_be_written(edits, told)]
    source = plan.source
    if found and source["id"] not in library.sources:
        yield Edit("set", "sources", (f"={source['id']}",), source, about=f"+ {source['en']}, {source['date']}")
    elif found:
        edit = Edit("set", "sources", (f"={source['id']}", "date"), source["date"], about=f"{source['en']}: {source['date']}")  # fmt: skip
        if standing(library, edit) != edit.value:
            yield edit.over(disk)
    for edits in found:
        yield from edits


def can_be_written(edits: Sequence[Edit], told: list[Told]) -> bool:
    try:
        for one in edits:
            if not one.path:
                with_edit(f"{one.place}.yaml", "", one)
    except CannotEdit as error:
        told.append(Told.of(Mistake("", 0, str(error))))
        return False
    return True


def topic_edits(name: str, before: Body | None, after: Body, disk: Library) -> Iterator[Edit]:
    """Yield the edits from a topic's body to another: the whole file if it is new, else each field."""
    place, title = f"topics/{name}", " / ".join(dict.fromkeys(after["title"][lang] for lang in LANGUAGES))
    if before is None:
        yield Edit("set", place, (), after, area=AREA, about=f"+ {title}")
        return

    def put(path: tuple[str, ...], value: Any, was: Any) -> Iterator[Edit]:
        if value != was:
            edit = Edit(
                "set", place, path, value, area=AREA, about=f"{title}: {'.'.join(path)} → {cut(told_of(value))}"
            )
            yield edit.over(disk)

    for lang in LANGUAGES:
        yield from put(("title", lang), after["title"][lang], before["title"].get(lang))
    yield from put(("source",), after.get("source"), before.get("source"))
    yield from put(("instead",), after.get("instead"), before.get("instead"))
    if "facts" not in after:
        yield from put(("facts",), None, before.get("facts"))
    was = {one["id"]: one for one in before.get("facts") or ()}
    for fact in after.get("facts") or ():
        yield from put(("facts", f"={fact['id']}"), fact, was.get(fact["id"]))
    for lang in LANGUAGES:
        old, new = before["phrasings"].get(lang) or [], after["phrasings"].get(lang) or []
        path = ("phrasings", lang)
        yield from (
            Edit("add", place, path, one, area=AREA, about=f"{title}: + {one}") for one in new if one not in old
        )
        yield from (
            Edit("remove", place, path, one, area=AREA, about=f"{title}: − {one}") for one in old if one not in new
        )


def told_of(value: Any) -> str:
    if isinstance(value, dict):
        return " / ".join(dict.fromkeys(str(value[lang]) for lang in LANGUAGES if lang in value))
    return str(value or "∅")


def cut(text: str) -> str:
    text = " ".join(text.split())
    return f"{text[:100]}…" if len(text) > 100 else text
