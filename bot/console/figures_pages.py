"""The pages of the figures: where each is used, and a change with its source and every sentence before and after."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from aiohttp import web

from bot.console.drafting import Drafting
from bot.console.editor_pages import EditorPages
from bot.console.edits import Edit
from bot.console.forms import at, short, text_of
from bot.console.site import Route, Site, Tab, Visit
from bot.content.figures import names
from bot.content.kinds import LARGEST, Text
from bot.content.templates import BadTemplate, Templates
from bot.content.tree import Plain
from bot.knowledge.library import Library
from bot.model import LANGUAGES, Language

NUMBER = re.compile(r"-?\d{1,12}")


@dataclass(frozen=True)
class Figure:
    """A figure as the content has it, and the titles of what names it."""

    group: str
    key: str
    value: str
    source: str
    day: str
    used: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"{self.group}.{self.key}"


@dataclass(frozen=True)
class Sentence:
    """A text that names a figure, before and after its change."""

    where: str
    lang: Language
    before: str
    after: str


class FiguresPages(EditorPages):
    tab = "figures"

    def __init__(self, site: Site, drafting: Drafting) -> None:
        super().__init__(site, drafting)
        self.found: dict[Language, tuple[Library, list[Figure]]] = {}
        site.add(
            [
                Route("GET", "/figures", "editor", self.show),
                Route("GET", "/figures/{group}/{key}", "editor", self.edit),
                Route("POST", "/figures/{group}/{key}", "editor", self.save),
            ],
            [Tab("figures", "/figures", "editor")],
        )

    async def figures(self, library: Library, lang: Language) -> list[Figure]:
        """Return the figures with what names them, which is looked for in all texts once for each content."""
        if lang not in self.found or self.found[lang][0] is not library:
            self.found[lang] = library, await asyncio.to_thread(figures, library, lang)
        return self.found[lang][1]

    async def show(self, visit: Visit) -> web.StreamResponse:
        found = await self.figures(await self.drafting.library(), visit.lang)
        return self.page(visit, "figures.html", figures=found)

    async def edit(self, visit: Visit, problem: str = "") -> web.StreamResponse:
        """Show a figure, and with a new value every sentence before and after."""
        library = await self.drafting.library()
        wanted = f"{visit.request.match_info['group']}.{visit.request.match_info['key']}"
        found = await self.figures(library, visit.lang)
        one = next((one for one in found if one.name == wanted), None)
        if one is None:
            return self.gone(visit)
        asked = visit.form if visit.form is not None else visit.request.query
        value = plain_number(str(asked.get("value", "")))
        fine = bool(NUMBER.fullmatch(value)) and abs(int(value)) <= LARGEST
        if value and not fine:
            problem = visit.say("not_a_number")
        return self.page(
            visit,
            "figure.html",
            one=one,
            value=str(asked.get("value", "")),
            source=str(asked.get("source", "")),
            day=str(asked.get("day", "")) or date.today().isoformat(),
            sentences=sentences(library, one, int(value), visit.lang) if fine else [],
            sources=sorted(library.sources),
            problem=problem,
        )

    async def save(self, visit: Visit) -> web.StreamResponse:
        library = await self.drafting.library()
        disk = await self.drafting.on_disk()
        group, key = visit.request.match_info["group"], visit.request.match_info["key"]
        found = await self.figures(library, visit.lang)
        one = next((one for one in found if one.name == f"{group}.{key}"), None)
        if one is None or self.drafting.folder is None:
            return self.gone(visit)
        value, source, day = plain_number(visit.field("value")), visit.field("source"), visit.field("day")
        if not NUMBER.fullmatch(value):
            return await self.edit(visit, visit.say("not_a_number"))
        if not source or not is_day(day):
            return await self.edit(visit, visit.say("figure_needs"))
        if visit.field("was") != one.value:
            return await self.edit(visit, visit.say("figure_changed", value=one.value))
        new: dict[str, Plain] = {"value": value, "source": source, "date": day}
        about = f"{one.name}: {one.value} → {value} ({short(source)}, {day})"
        edit = Edit("set", "figures", (group, key), new, about=about).over(disk)
        await self.site.store.add_edits(visit.staff.name, [edit.to_json()])
        await self.site.logged(visit, "draft", f"figures.{one.name}", one.value, edit.about)
        raise self.site.redirect("/draft")


def plain_number(text: str) -> str:
    return text.strip().replace(",", "").replace("，", "")


def is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text) <= date.today()
    except ValueError:
        return False


def figures(library: Library, lang: Language) -> list[Figure]:
    plain = library.places["figures"].plain() if "figures" in library.places else {}
    used = [(where, f"{text.en}\n{text.zh}") for where, text in texts(library, lang)]
    found = []
    for group, entries in library.data.figures.items():
        for key, value in entries.items():
            name, written = f"{group}.{key}", at(plain, group, key)
            titles = tuple(dict.fromkeys(where for where, text in used if names(text, name)))
            found.append(
                Figure(group, key, str(value), text_of(at(written, "source")), text_of(at(written, "date")), titles)
            )
    return found


def texts(library: Library, lang: Language) -> Iterator[tuple[str, Text]]:
    """Yield the texts that merchants read and that may name figures, with what they belong to."""
    for topic in library.topics.values():
        for part in topic.parts:
            yield topic.title[lang], part
        if topic.instead:
            yield topic.title[lang], topic.instead
    for check in library.checks.values():
        for _, text in check.texts():
            yield check.title[lang], text
    for name, rule in library.rules.items():
        for reply in rule.replies:
            if reply.text:
                yield name, reply.text
    for name, text in library.phrases.items():
        yield name, text


def sentences(library: Library, one: Figure, value: int, lang: Language) -> list[Sentence]:
    """Return every text that names a figure, before and after."""
    data = library.data
    changed = {**data.figures, one.group: {**data.figures[one.group], one.key: value}}
    before, after = Templates(data), Templates(replace(data, figures=changed))
    found = []
    for where, text in texts(library, lang):
        if not names(f"{text.en}\n{text.zh}", one.name):
            continue
        for each in LANGUAGES:
            try:
                was, now = before.render(text[each], each), after.render(text[each], each)
            except BadTemplate:
                continue  # names values that are there only in a talk
            if was != now:
                found.append(Sentence(where, each, was, now))
    return found
