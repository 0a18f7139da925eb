"""The page of the agency's own words and links, which the first page asks for as long as they are empty."""

from __future__ import annotations

from collections.abc import Sequence

from aiohttp import web

from bot.console.drafting import Drafting
from bot.console.editor_pages import EditorPages
from bot.console.edits import Edit
from bot.console.forms import NEW, Field, FieldKind, Section, at, changes, split_ids, text_of
from bot.console.site import Route, Site, Tab, Visit
from bot.console.words import Words
from bot.content.tree import Plain
from bot.knowledge.library import Library
from bot.knowledge.lint import unset
from bot.model import LANGUAGES

ABOUT_HOURS = ("zone", "zone_name", "closed")
HOURS = f"{NEW}hours"


class AgencyPage(EditorPages):
    tab = "agency"

    def __init__(self, site: Site, drafting: Drafting) -> None:
        super().__init__(site, drafting)
        site.add(
            [Route("GET", "/agency", "editor", self.show), Route("POST", "/agency", "editor", self.save)],
            [Tab("agency", "/agency", "editor")],
        )

    async def show(self, visit: Visit, again: Sequence[Section] = ()) -> web.StreamResponse:
        library = await self.drafting.library()
        return self.page(
            visit,
            "form.html",
            action="/agency",
            title=visit.say("nav_agency"),
            sections=again or sections_of(library, visit.say),
            problem=visit.say("conflict") if again else "",
            notes=[],
            empty=[one.words(visit.lang) for one in unset(library)],
            sources=[],
            topics=sorted((topic.title[visit.lang], name) for name, topic in library.topics.items()),
        )

    async def save(self, visit: Visit) -> web.StreamResponse:
        library = await self.drafting.library()
        disk = await self.drafting.on_disk()
        if self.drafting.folder is None:
            return await self.show(visit)
        sections = sections_of(library, visit.say)
        edits, again = changes(visit, sections, "operator", disk, "", visit.say("nav_agency"))
        if again:
            return await self.show(visit, again)
        zone, week = visit.field(f"{HOURS}/zone"), visit.field(f"{HOURS}/week")
        if (zone, week) != (visit.field(f"was:{HOURS}/zone"), visit.field(f"was:{HOURS}/week")):
            kept = at(operator(library), "hours")
            rest: dict[str, Plain] = {}
            if isinstance(kept, dict):
                rest = {key: one for key, one in kept.items() if key in ("zone_name", "closed")}
            value: Plain = {"zone": zone, **rest, **days_of(week)} if zone or week else None
            edit = Edit("set", "operator", ("hours",), value, about=f"{visit.say('hours')}: {' '.join(week.split())}")
            edits.append(edit.over(disk))
        await self.draft(visit, "operator", edits)
        raise self.site.redirect("/draft" if edits else "/agency")


def operator(library: Library) -> Plain:
    return library.places["operator"].plain() if "operator" in library.places else {}


def sections_of(library: Library, say: Words) -> list[Section]:
    plain = operator(library)

    def both(label: str, *path: str, kind: FieldKind = "line") -> list[Field]:
        return [
            Field((*path, lang), f"{say(label)} ({say(f'in_{lang}')})", text_of(at(plain, *path, lang)), kind, lang)
            for lang in LANGUAGES
        ]

    asked = ", ".join(split_ids(text_of(at(plain, "most_asked"))))
    made = [
        Section(say("nav_agency"), (*both("agency_name", "agency"), *both("agency_subject", "subject"))),
        Section(say("agency_contact"), tuple(both("agency_consultant", "consultant"))),
        Section(say("agency_gift"), tuple(both("agency_gift", "gift", kind="text"))),
        Section(
            say("agency_links"),
            (
                Field(("registration_link",), say("agency_registration"), text_of(at(plain, "registration_link"))),
                *(
                    Field(
                        ("course_links", one.id),
                        f"{one.title.en} / {one.title.zh}",
                        text_of(at(plain, "course_links", one.id)),
                    )
                    for one in library.data.courses
                ),
            ),
        ),
        Section(say("agency_asked"), (Field(("most_asked",), say("agency_asked_ids"), asked, "ids"),)),
        Section(
            say("hours"),
            (
                Field((HOURS, "zone"), say("hours_zone"), text_of(at(plain, "hours", "zone"))),
                Field((HOURS, "week"), say("hours_week"), "\n".join(week_of(at(plain, "hours"))), "text"),
            ),
            say("hours_more"),
        ),
    ]
    subjects = at(plain, "subjects")
    if isinstance(subjects, dict) and subjects:
        fields = tuple(
            Field(
                ("subjects", name, lang),
                f"{name} ({say(f'in_{lang}')})",
                text_of(at(plain, "subjects", name, lang)),
                lang=lang,
            )
            for name in subjects
            for lang in LANGUAGES
        )
        made.append(Section(say("agency_subjects"), fields))
    return made


def week_of(hours: Plain) -> list[str]:
    """Return the hours, a line for each day or range of days: "mon-fri: 09:00-12:00, 13:30-18:00"."""
    if not isinstance(hours, dict):
        return []
    return [
        f"{days}: {', '.join(filter(None, (text_of(one) for one in spans))) if isinstance(spans, list) else text_of(spans)}"
        for days, spans in hours.items()
        if days not in ABOUT_HOURS
    ]


def days_of(week: str) -> dict[str, Plain]:
    found: dict[str, Plain] = {}
    for line in week.splitlines():
        days, _, spans = line.replace("：", ":").partition(":")
        if days.strip():
            found[days.strip()] = [*split_ids(spans)]
    return found
