"""The pages of the answers: all topics, and a form for each; new ones, also from questions asked in vain."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import quote

import filetype
from aiohttp import web

from bot.channels.markup import plain as plain_text
from bot.channels.markup import telegram_html
from bot.channels.web.rendering import html
from bot.console.drafting import Drafting
from bot.console.editor_pages import EditorPages
from bot.console.edits import Edit
from bot.console.forms import (
    ID,
    NEW,
    Field,
    FieldKind,
    Section,
    at,
    changes,
    lines,
    new_entry,
    short,
    split_ids,
    text_of,
    wrong_id,
)
from bot.console.grouping import Group, phrasings
from bot.console.questions import QuestionsPages
from bot.console.site import Route, Site, Tab, Visit
from bot.console.trial import Ended, Finding
from bot.console.words import Words
from bot.content.kinds import STATUSES, Topic
from bot.content.picture import picture_problem
from bot.content.said import Notice
from bot.content.tree import Plain
from bot.knowledge.library import Library
from bot.language.normalize import loose_key
from bot.model import LANGUAGES, Language

MONTH = timedelta(days=30)
MOST_PHRASINGS = 8  # that a new topic takes from a group, in each language
PICTURES = ("png", "jpg", "webp")


@dataclass(frozen=True)
class Row:
    """A topic in the list: `state` is known, unknown or hidden; `newest` the day of its newest source."""

    id: str
    title: str
    state: str
    ours: bool
    newest: str
    asked: int


class AnswersPages(EditorPages):
    tab = "answers"

    def __init__(self, site: Site, drafting: Drafting, questions: QuestionsPages) -> None:
        super().__init__(site, drafting)
        self.questions = questions
        site.add(
            [
                Route("GET", "/answers", "editor", self.show),
                Route("GET", "/answers/new", "editor", self.new),
                Route("POST", "/answers/new", "editor", self.add),
                Route("GET", "/answers/{topic}", "editor", self.edit),
                Route("POST", "/answers/{topic}", "editor", self.save),
                Route("GET", "/answers/{topic}/preview", "editor", self.preview),
                Route("GET", "/answers/{topic}/findings", "editor", self.findings),
                Route("POST", "/answers/{topic}/picture", "editor", self.picture),
                Route("POST", "/answers/{topic}/hide", "editor", self.hide),
            ],
            [Tab("answers", "/answers", "editor")],
        )

    # --- the list

    async def show(self, visit: Visit) -> web.StreamResponse:
        library = await self.drafting.library()
        asked = await self.site.store.counts_since(date.today() - MONTH, ("topic", "gap"))
        wanted = loose_key(visit.request.query.get("q", ""))
        rows = [
            row_of(topic, state, library, asked, visit.lang)
            for topic, state in [
                *((one, "known" if one.known else "unknown") for one in library.topics.values()),
                *((one, "hidden") for one in library.hidden.values()),
            ]
            if wanted in loose_key(searched(topic))
        ]
        return self.page(
            visit,
            "answers_list.html" if visit.is_fragment else "answers.html",
            rows=sorted(rows, key=lambda one: (-one.asked, one.title)),
            q=visit.request.query.get("q", ""),
            path=lambda name: quote(name, safe=""),
        )

    # --- one topic

    def topic(self, library: Library, name: str) -> Topic | None:
        """Return a topic of the draft, or the one in use if the draft's has mistakes, so that its form can be shown."""
        return library.topics.get(name) or (None if name in library.hidden else self.in_use.topics.get(name))

    async def edit(self, visit: Visit, sections: Sequence[Section] = (), problem: str = "") -> web.StreamResponse:
        name = visit.request.match_info["topic"]
        library = await self.drafting.library()
        topic = library.hidden.get(name) or self.topic(library, name)
        if topic is None:
            return self.gone(visit)
        return self.page(
            visit,
            "answer.html",
            topic=topic,
            title=topic.title[visit.lang],
            hidden=name in library.hidden,
            can_hide=await self.is_below(name),
            sections=sections or sections_of(topic, library, visit.say),
            problem=problem or (visit.say("conflict") if sections else ""),
            sources=sorted(library.sources),
            action=f"/answers/{quote(name, safe='')}",
            notes=[],
            topics=[],
        )

    async def findings(self, visit: Visit) -> web.StreamResponse:
        """Render lint's findings in the topic's file, at their fields; parts of the page."""
        name = visit.request.match_info["topic"]
        library = await self.drafting.library()
        topic = self.topic(library, name)
        if topic is None:
            return self.gone(visit)
        found = await self.drafting.findings(f"topics/{name}") or []
        fields = [field for section in sections_of(topic, library, visit.say) for field in section.fields]
        by_field: dict[str, list[Finding]] = {}
        for one in found:
            field = field_of(one.path, fields)
            by_field.setdefault(field.slug if field else "", []).append(one)
        return self.page(visit, "findings.html", found=by_field)

    async def picture(self, visit: Visit) -> web.StreamResponse:
        """Keep an uploaded picture beside the content, and name it in the topic's draft."""
        name, folder = visit.request.match_info["topic"], self.drafting.folder
        library = await self.drafting.library()
        topic = self.topic(library, name)
        sent = visit.form.get("picture")
        if topic is None or folder is None:
            return self.gone(visit)
        if not isinstance(sent, web.FileField):
            return await self.edit(visit, problem=visit.say("picture_needed"))
        body = await asyncio.to_thread(sent.file.read)
        found = filetype.guess_extension(body)
        ending = f".{found}" if found in PICTURES else ""
        file = f"{name}-{hashlib.sha256(body).hexdigest()[:8]}{ending}"
        problem = await asyncio.to_thread(kept_picture, folder / "files", file, body) if ending else None
        if not ending or problem:
            told = problem.words(visit.lang) if problem else ""
            return await self.edit(
                visit, problem=visit.say("picture_wrong", name=sent.filename[:80], problem=told).strip()
            )
        if file not in topic.pictures:
            about = f"{topic.title.en} / {topic.title.zh}: + {file}"
            edit = Edit("set", f"topics/{name}", ("pictures",), [*topic.pictures, file], area=topic.area, about=about)
            disk = await self.drafting.on_disk()
            await self.draft(visit, edit.place, [edit.over(disk)])
        raise self.site.redirect("/draft")

    async def save(self, visit: Visit) -> web.StreamResponse:
        name = visit.request.match_info["topic"]
        library = await self.drafting.library()
        disk = await self.drafting.on_disk()
        topic = self.topic(library, name)
        if topic is None or self.drafting.folder is None:
            return self.gone(visit)
        about, place = f"{topic.title.en} / {topic.title.zh}", f"topics/{name}"
        sections = sections_of(topic, library, visit.say)
        edits, again = changes(visit, sections, place, disk, topic.area, about)
        fact = new_entry(visit, "fact", ("en", "zh", "status", "source"))
        if "en" in fact or "zh" in fact:
            taken = {one.id for one in topic.parts}
            id = next(f"fact-{number}" for number in range(1, 10_000) if f"fact-{number}" not in taken)
            told = f"{about}: + {short(text_of(fact.get(visit.lang)))}"
            value: dict[str, Plain] = {"id": id, **fact}
            edits.append(Edit("set", place, ("facts", f"={id}"), value, area=topic.area, about=told))
        edits += source_edits(visit, library)
        if again:
            return await self.edit(visit, again)
        await self.draft(visit, place, edits)
        raise self.site.redirect("/draft" if edits else f"/answers/{quote(name, safe='')}")

    async def hide(self, visit: Visit) -> web.StreamResponse:
        """Hide a topic of a lower folder, or bring it back."""
        name = visit.request.match_info["topic"]
        library = await self.drafting.library()
        disk = await self.drafting.on_disk()
        topic = library.topics.get(name) or library.hidden.get(name)
        if topic is None or self.drafting.folder is None or not await self.is_below(name):
            return self.gone(visit)
        wish = "hide" if name in library.topics else "bring_back"
        edit = Edit(
            "set", f"topics/{name}", ("hide",), "yes" if wish == "hide" else None, area=topic.area,
            about=f"{topic.title.en} / {topic.title.zh}: {wish.replace('_', ' ')}",
        )  # fmt: skip
        await self.draft(visit, edit.place, [edit.over(disk)])
        raise self.site.redirect("/draft")

    async def is_below(self, name: str) -> bool:
        """Return true if a folder below the operator's own has the topic, so that hiding it has something to hide."""
        return f"topics/{name}" in await self.drafting.below()

    async def preview(self, visit: Visit) -> web.StreamResponse:
        """Show the topic as the draft answers it, as the channels do."""
        name = visit.request.match_info["topic"]
        draft = await self.drafting.draft()
        shown: list[str] = []
        if draft.texts and not draft.problem:
            trial = await self.drafting.started(draft)
            try:
                shown = await trial.replies("preview", "", visit.lang, press=f"topic={name}")
            except Ended:
                self.drafting.end()
        elif name in self.in_use.topics:
            shown = [self.site.ready.knowledge.tell(name, visit.lang, date.today()).text]
        return self.page(
            visit,
            "preview.html",
            shown=[(html(one), telegram_html(one), plain_text(one)) for one in shown],
        )

    # --- a new topic

    async def new(self, visit: Visit, problem: str = "") -> web.StreamResponse:
        """Ask for a new topic; `kind` is answer or unknown, `group` a group of questions that becomes its phrasings."""
        library = await self.drafting.library()
        group = await self.group(visit, visit.request.query.get("group", ""))
        said = phrasings(group, self.site.ready.knowledge, MOST_PHRASINGS) if group else {}
        unknown = (visit.request.query.get("kind") or visit.field("kind")) == "unknown"

        def kept(name: str, value: str = "") -> str:
            return visit.field(name) or value

        say = visit.say
        areas = sorted({topic.area for topic in library.topics.values()})
        text = "instead" if unknown else "fact"
        fields = [
            Field(("id",), say("topic_id"), kept("id")),
            Field(("area",), say("topic_area"), kept("area", areas[0] if areas else "other"), "choice", options=tuple((one, one) for one in areas)),
            *(Field(("title", lang), say(f"title_{lang}"), kept(f"title/{lang}"), lang=lang) for lang in LANGUAGES),
            *(Field((text, lang), say(f"{text}_{lang}"), kept(f"{text}/{lang}"), "text", lang) for lang in LANGUAGES),
            *(
                Field(("phrasings", lang), say(f"phrasings_{lang}"), kept(f"phrasings/{lang}", "\n".join(said.get(lang, []))), "lines", lang)
                for lang in LANGUAGES
            ),
        ]  # fmt: skip
        if not unknown:
            fields.insert(6, Field(("source",), say("source"), kept("source"), hints="sources"))
        return self.page(
            visit,
            "new_answer.html",
            unknown=unknown,
            group=group,
            action="/answers/new",
            title=say("honestly_unknown" if unknown else "new_answer"),
            sections=[
                Section("", tuple(fields)),
                *([] if unknown else [Section(say("new_source"), tuple(source_fields(say)), say("new_source_more"))]),
            ],
            sources=sorted(library.sources),
            problem=problem,
            notes=[],
            topics=[],
        )

    async def add(self, visit: Visit) -> web.StreamResponse:
        library = await self.drafting.library()
        name, area, unknown = visit.field("id"), visit.field("area"), visit.field("kind") == "unknown"
        group = await self.group(visit, visit.field("group"))
        if self.drafting.folder is None:
            return self.gone(visit)
        if problem := wrong_id(visit, name, {*library.topics, *library.hidden}):
            return await self.new(visit, problem)
        title: dict[str, Plain] = {lang: visit.field(f"title/{lang}") for lang in LANGUAGES}
        text: dict[str, Plain] = {lang: visit.field(f"{'instead' if unknown else 'fact'}/{lang}") for lang in LANGUAGES}
        said: dict[str, Plain] = {lang: [*lines(visit.field(f"phrasings/{lang}"))] for lang in LANGUAGES}
        if not all(title.values()) or not all(text.values()):
            return await self.new(visit, visit.say("both_languages"))
        value: dict[str, Plain] = {"title": {**title}}
        if unknown:
            value["instead"] = {**text}
        else:
            if source := visit.field("source") or visit.field(f"{NEW}source/id"):
                value["source"] = source
            value["facts"] = [{"id": "answer", **text}]
        value["phrasings"] = said
        settled = group.questions if group else ()
        about = f"+ {title['en']} / {title['zh']}"
        edit = Edit(
            "set",
            f"topics/{name}",
            (),
            value,
            area=area if ID.fullmatch(area) else "other",
            about=about,
            questions=settled,
        )
        await self.draft(visit, edit.place, [edit, *source_edits(visit, library)])
        raise self.site.redirect("/draft")

    async def group(self, visit: Visit, id: str) -> Group | None:
        groups = await self.questions.groups(whole=True) if id else ()
        return next((one for one in groups or () if str(one.id) == id), None)


def field_of(path: Sequence[str], fields: Sequence[Field]) -> Field | None:
    """Return the field that a path of a finding leads into, or the first one below it."""
    found = {tuple(step.removeprefix("=") for step in one.path): one for one in fields}
    inside = [one for way, one in found.items() if tuple(path[: len(way)]) == way]
    below = [one for way, one in found.items() if path and way[: len(path)] == tuple(path)]
    return max(inside, key=lambda one: len(one.path)) if inside else next(iter(below), None)


def kept_picture(folder: Path, name: str, body: bytes) -> Notice | None:
    """Write a picture into a folder, unless it is none; returns why not. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    new = folder / f".{name}"
    try:
        new.write_bytes(body)
        problem = picture_problem(name, str(new))
        if problem is None:
            os.replace(new, folder / name)
        return problem
    finally:
        new.unlink(missing_ok=True)


def searched(topic: Topic) -> str:
    said = (*topic.phrasings.en, *topic.phrasings.zh, *(f"{fact.en} {fact.zh}" for fact in topic.facts))
    return " ".join((topic.id, topic.title.en, topic.title.zh, *said))


def row_of(topic: Topic, state: str, library: Library, asked: dict[str, int], lang: Language) -> Row:
    node = library.places.get(f"topics/{topic.id}")
    days = [
        fact.confirmed.date if fact.confirmed else library.sources[source].date
        for fact in topic.facts
        for source in [fact.source or topic.source or ""]
        if fact.confirmed or source in library.sources
    ]
    ours = node is not None and not node.file.startswith(library.base)
    return Row(topic.id, topic.title[lang], state, ours, max(days).isoformat() if days else "", asked.get(topic.id, 0))


def sections_of(topic: Topic, library: Library, say: Words) -> list[Section]:
    """Return a topic's form."""
    plain = library.places[f"topics/{topic.id}"].plain() if f"topics/{topic.id}" in library.places else {}
    statuses = tuple((one, say(f"status_{one}")) for one in STATUSES)

    def texts(path: tuple[str, ...], label: str, value: Plain, kind: FieldKind = "text") -> list[Field]:
        return [
            Field((*path, lang), say(f"{label}_{lang}"), text_of(at(value, lang)), kind, lang) for lang in LANGUAGES
        ]

    made = [Section(say("title"), tuple(texts(("title",), "title", at(plain, "title"), "line")))]
    for fact in topic.facts:
        one, path = entry(plain, "facts", fact.id), ("facts", f"={fact.id}")
        more = [
            Field((*path, "status"), say("status"), text_of(at(one, "status")) or "stated", "choice", options=statuses),
            Field((*path, "source"), say("source"), text_of(at(one, "source")), hints="sources"),
            Field((*path, "confirmed", "date"), say("confirmed_on"), text_of(at(one, "confirmed", "date")), "day"),
            Field((*path, "confirmed", "source"), say("confirmed_by"), text_of(at(one, "confirmed", "source"))),
        ]
        made.append(Section(say("fact", name=fact.id), (*texts(path, "fact", one), *more)))
    if topic.instead:
        made.append(Section(say("instead"), tuple(texts(("instead",), "instead", at(plain, "instead")))))
    else:
        fields = (
            Field((f"{NEW}fact", "en"), say("fact_en"), kind="text", lang="en"),
            Field((f"{NEW}fact", "zh"), say("fact_zh"), kind="text", lang="zh"),
            Field((f"{NEW}fact", "status"), say("status"), "stated", "choice", options=statuses),
            Field((f"{NEW}fact", "source"), say("source"), hints="sources"),
        )
        made.append(Section(say("new_fact"), fields, say("new_fact_more")))
    made.append(
        Section(
            say("phrasings"),
            tuple(texts(("phrasings",), "phrasings", at(plain, "phrasings"), "lines")),
            say("phrasings_more"),
        )
    )
    for part in topic.missing:
        one, path = entry(plain, "missing", part.id), ("missing", f"={part.id}")
        asked = texts((*path, "asked"), "phrasings", at(one, "asked"), "lines")
        made.append(Section(say("missing_detail", name=part.id), (*texts(path, "fact", one), *asked)))
    checks = (
        ("", say("none")),
        *((name, f"{check.title.en} / {check.title.zh}") for name, check in library.checks.items()),
    )
    related = at(plain, "related")
    made.append(
        Section(
            say("beside"),
            (
                Field(("source",), say("topic_source"), text_of(at(plain, "source")), hints="sources"),
                Field(("related",), say("related"), ", ".join(split_ids(text_of(related))), "ids"),
                Field(("check",), say("check"), text_of(at(plain, "check")), "choice", options=checks),
                Field(("pictures",), say("pictures"), text_of(at(plain, "pictures")), "items"),
            ),
        )
    )
    made.append(Section(say("new_source"), source_fields(say), say("new_source_more")))
    return made


def source_fields(say: Words) -> tuple[Field, ...]:
    return (
        Field((f"{NEW}source", "id"), say("source_id")),
        Field((f"{NEW}source", "date"), say("source_date"), kind="day"),
        Field((f"{NEW}source", "en"), say("title_en"), lang="en"),
        Field((f"{NEW}source", "zh"), say("title_zh"), lang="zh"),
    )


def source_edits(visit: Visit, library: Library) -> list[Edit]:
    """Return the edit that adds a new source, if one was typed."""
    source = new_entry(visit, "source", ("id", "date", "en", "zh"))
    id = source.get("id")
    if not isinstance(id, str) or id in library.sources:
        return []
    return [Edit("set", "sources", (f"={id}",), source, about=f"+ {id}")]


def entry(plain: Plain, kind: str, id: str) -> Plain:
    found = at(plain, kind)
    return next((one for one in found if at(one, "id") == id), None) if isinstance(found, list) else None
