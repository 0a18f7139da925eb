"""The pages of the reply keywords and the courses: what a message hits, what collides, and a form for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from aiohttp import web

from bot.console.drafting import Drafting
from bot.console.editor_pages import EditorPages
from bot.console.edits import Edit
from bot.console.forms import Field, FieldKind, Section, at, changes, lines, set_edit, text_of, wrong_id
from bot.console.site import Route, Site, Tab, Visit
from bot.console.words import Words
from bot.content.kinds import Course, KeywordRule
from bot.content.tree import Plain
from bot.knowledge.library import Library
from bot.model import LANGUAGES, Language
from bot.search.keywords import Keywords, clashes

KINDS = ("equal", "contain", "anywhere")
LONGEST_MESSAGE = 1000
MOST_CLASHES = 50


class KeywordPages(EditorPages):
    tab = "keywords"

    def __init__(self, site: Site, drafting: Drafting) -> None:
        super().__init__(site, drafting)
        site.add(
            [
                Route("GET", "/keywords", "editor", self.show),
                Route("GET", "/keywords/hits", "editor", self.hits),
                Route("GET", "/keywords/new", "editor", self.new_rule),
                Route("POST", "/keywords/new", "editor", self.add_rule),
                Route("GET", "/keywords/{id}", "editor", self.edit_rule),
                Route("POST", "/keywords/{id}", "editor", self.save_rule),
                Route("GET", "/courses/new", "editor", self.new_course),
                Route("POST", "/courses/new", "editor", self.add_course),
                Route("GET", "/courses/{id}", "editor", self.edit_course),
                Route("POST", "/courses/{id}", "editor", self.save_course),
            ],
            [Tab("keywords", "/keywords", "editor")],
        )

    async def show(self, visit: Visit) -> web.StreamResponse:
        library = await self.drafting.library()
        rules = list(library.rules.values())
        return self.page(
            visit,
            "keywords.html",
            rules=[(rule, [one.text for one in rule.keywords], gives(rule, library, visit.lang)) for rule in rules],
            courses=library.data.courses,
            clashes=[one for one in clashes(rules) if not one.settled][:MOST_CLASHES],
            lang_=visit.lang,
        )

    async def hits(self, visit: Visit) -> web.StreamResponse:
        """Show the rule that matches a message, with the draft's rules."""
        text = visit.request.query.get("text", "")[:LONGEST_MESSAGE]
        library = await self.drafting.library()
        name = Keywords(library.rules.values()).find(text) if text.strip() else None
        rule = library.rules[name] if name else None
        return self.page(
            visit, "hits.html", text=text.strip(), rule=rule, gives=gives(rule, library, visit.lang) if rule else []
        )

    # --- rules

    async def edit_rule(self, visit: Visit, problem: str = "") -> web.StreamResponse:
        library = await self.drafting.library()
        rule = library.rules.get(visit.request.match_info["id"])
        if rule is None:
            return self.gone(visit)
        return self.form(
            visit,
            library,
            f"/keywords/{rule.id}",
            rule.id,
            [Section(visit.say("keywords"), tuple(rule_fields(rule, visit.say)), visit.say("keywords_more"))],
            problem,
            notes=gives(rule, library, visit.lang) if reply_of(rule) is None else [],
        )

    async def save_rule(self, visit: Visit) -> web.StreamResponse:
        library, disk = await self.drafting.library(), await self.drafting.on_disk()
        rule = library.rules.get(visit.request.match_info["id"])
        if rule is None or self.drafting.folder is None:
            return self.gone(visit)
        fields = rule_fields(rule, visit.say)
        changed = [
            one for one in fields if one.name in visit.form and visit.field(one.name) != visit.field(f"was:{one.name}")
        ]
        other = [one for one in changed if visit.field(f"was:{one.name}") not in (one.value, one.value.strip())]
        if other:
            return await self.edit_rule(visit, visit.say("conflict_rule", value=other[0].value))
        edits = []
        parts = {one.path[-1].partition(":")[0] for one in changed}
        if "keywords" in parts:
            edits.append(self.of_rule(rule.id, "keywords", keywords_of(visit), disk))
        if "reply" in parts:
            edits.append(self.of_rule(rule.id, "replies", [replies_of(visit)], disk))
        edits += [
            set_edit(one, visit.field(one.name), "keywords", disk, "", rule.id)
            for one in changed
            if one.path[-1] == "priority"
        ]
        return await self.stored(visit, "keywords", edits)

    def of_rule(self, id: str, key: str, value: Plain, disk: Library) -> Edit:
        edit = Edit("set", "keywords", (f"={id}", key), value, about=f"{id}: {told(value)}")
        return edit.over(disk)

    async def new_rule(self, visit: Visit, problem: str = "") -> web.StreamResponse:
        library = await self.drafting.library()
        fields = [Field(("id",), visit.say("topic_id")), *rule_fields(None, visit.say)]
        fields = [replace(one, value=visit.field(one.name)) if visit.form is not None else one for one in fields]
        sections = [Section(visit.say("keywords"), tuple(fields), visit.say("keywords_more"))]
        return self.form(visit, library, "/keywords/new", visit.say("new_rule"), sections, problem)

    async def add_rule(self, visit: Visit) -> web.StreamResponse:
        library, id = await self.drafting.library(), visit.field("id")
        if self.drafting.folder is None:
            return self.gone(visit)
        if problem := wrong_id(visit, id, library.rules):
            return await self.new_rule(visit, problem)
        keywords, reply = keywords_of(visit), replies_of(visit)
        if not keywords or not reply:
            return await self.new_rule(visit, visit.say("rule_needs"))
        value: dict[str, Plain] = {"id": id, "keywords": keywords, "replies": [reply]}
        if priority := visit.field("rule/priority"):
            value["priority"] = priority
        return await self.stored(
            visit, "keywords", [Edit("set", "keywords", (f"={id}",), value, about=f"+ {id}: {told(keywords)}")]
        )

    # --- courses

    async def edit_course(self, visit: Visit, sections: Sequence[Section] = ()) -> web.StreamResponse:
        library = await self.drafting.library()
        course = next((one for one in library.data.courses if one.id == visit.request.match_info["id"]), None)
        if course is None:
            return self.gone(visit)
        shown = sections or [Section(course.title[visit.lang], tuple(course_fields(course, library, visit.say)))]
        problem = visit.say("conflict") if sections else ""
        return self.form(visit, library, f"/courses/{course.id}", course.title[visit.lang], shown, problem)

    async def save_course(self, visit: Visit) -> web.StreamResponse:
        library, disk = await self.drafting.library(), await self.drafting.on_disk()
        course = next((one for one in library.data.courses if one.id == visit.request.match_info["id"]), None)
        if course is None or self.drafting.folder is None:
            return self.gone(visit)
        sections = [Section(course.title[visit.lang], tuple(course_fields(course, library, visit.say)))]
        edits, again = changes(visit, sections, "courses", disk, "", f"{course.title.en} / {course.title.zh}")
        return await self.edit_course(visit, again) if again else await self.stored(visit, "courses", edits)

    async def new_course(self, visit: Visit, problem: str = "") -> web.StreamResponse:
        library = await self.drafting.library()
        fields = [Field(("id",), visit.say("topic_id")), *course_fields(None, library, visit.say)]
        fields = [replace(one, value=visit.field(one.name)) if visit.form is not None else one for one in fields]
        return self.form(
            visit,
            library,
            "/courses/new",
            visit.say("new_course"),
            [Section(visit.say("new_course"), tuple(fields))],
            problem,
        )

    async def add_course(self, visit: Visit) -> web.StreamResponse:
        library, id = await self.drafting.library(), visit.field("id")
        if self.drafting.folder is None:
            return self.gone(visit)
        if problem := wrong_id(visit, id, [one.id for one in library.data.courses]):
            return await self.new_course(visit, problem)
        typed: dict[str, Plain] = {
            name: {lang: visit.field(f"=/{name}/{lang}") for lang in LANGUAGES} for name in ("title", "covers")
        }
        if not all(visit.field(f"=/{name}/{lang}") for name in ("title", "covers") for lang in LANGUAGES):
            return await self.new_course(visit, visit.say("course_needs"))
        value: dict[str, Plain] = {"id": id, **typed}
        if keywords := lines(visit.field("=/keywords")):
            value["keywords"] = [*keywords]
        value |= {name: typed_ for name in ("source", "link") if (typed_ := visit.field(f"=/{name}"))}
        about = f"+ {visit.field('=/title/en')} / {visit.field('=/title/zh')}"
        return await self.stored(visit, "courses", [Edit("set", "courses", (f"={id}",), value, about=about)])

    # --- what both have in common

    def form(
        self, visit: Visit, library: Library, path: str, title: str, sections: Sequence[Section], problem: str = "",
        notes: Sequence[str] = (),
    ) -> web.StreamResponse:  # fmt: skip
        return self.page(
            visit,
            "form.html",
            action=path,
            title=title,
            sections=sections,
            problem=problem,
            notes=notes,
            sources=sorted(library.sources),
            topics=sorted((topic.title[visit.lang], name) for name, topic in library.topics.items()),
        )

    async def stored(self, visit: Visit, place: str, edits: Sequence[Edit]) -> web.StreamResponse:
        await self.draft(visit, place, edits)
        raise self.site.redirect("/draft" if edits else "/keywords")


def gives(rule: KeywordRule, library: Library, lang: Language) -> list[str]:
    """Return a rule's replies, in words."""
    found = []
    for one in rule.replies:
        if one.topic:
            found.append(library.topics[one.topic].title[lang] if one.topic in library.topics else one.topic)
        elif one.check:
            found.append(library.checks[one.check].title[lang] if one.check in library.checks else one.check)
        elif one.text:
            found.append(one.text[lang])
        else:
            found.append(one.link.url if one.link else one.picture or one.file or "")
    return found


def reply_of(rule: KeywordRule) -> dict[str, str] | None:
    """Return a rule's only reply if the form can show it: a text or a topic."""
    one = rule.replies[0]
    if len(rule.replies) > 1 or not (one.text or one.topic):
        return None
    return {"topic": one.topic or "", "en": one.text.en if one.text else "", "zh": one.text.zh if one.text else ""}


def rule_fields(rule: KeywordRule | None, say: Words) -> list[Field]:
    """Return the fields of a rule, or of a new one."""
    entry = f"={rule.id}" if rule else "rule"
    made = [
        Field(
            (entry, f"keywords:{kind}"), say(f"keyword_{kind}"),
            "\n".join(one.text for one in rule.keywords if one.kind == kind) if rule else "", "lines",
        )
        for kind in KINDS
    ]  # fmt: skip
    reply = reply_of(rule) if rule else {"topic": "", "en": "", "zh": ""}
    if reply is not None:
        made += [Field((entry, f"reply:{lang}"), say(f"reply_{lang}"), reply[lang], "text", lang) for lang in LANGUAGES]
        made.append(Field((entry, "reply:topic"), say("reply_topic"), reply["topic"], hints="topics"))
    made.append(Field((entry, "priority"), say("priority"), str(rule.priority) if rule else "10"))
    return made


def sent(visit: Visit, key: str) -> str:
    """Return a field of a rule's form by its key, whichever rule it is."""
    name = next((one for one in visit.form if not one.startswith("was:") and one.endswith(f"/{key}")), "")
    return visit.field(name)


def keywords_of(visit: Visit) -> list[Plain]:
    return [{kind: one} for kind in KINDS for one in lines(sent(visit, f"keywords:{kind}"))]


def replies_of(visit: Visit) -> dict[str, Plain]:
    if topic := sent(visit, "reply:topic"):
        return {"topic": topic}
    text: dict[str, Plain] = {lang: said for lang in LANGUAGES if (said := sent(visit, f"reply:{lang}"))}
    return {"text": text} if text else {}


def told(value: Plain) -> str:
    """Return the texts of a value, without its keys."""
    if isinstance(value, dict):
        return " / ".join(map(told, value.values()))
    return ", ".join(map(told, value)) if isinstance(value, list) else str(value or "")


def course_fields(course: Course | None, library: Library, say: Words) -> list[Field]:
    entry = f"={course.id}" if course else "="
    written = library.places.get(f"courses/{course.id}") if course else None
    plain = written.plain() if written else {}

    def field(name: str, *path: str, kind: FieldKind = "line", lang: str = "", hints: str = "") -> Field:
        return Field((entry, *path), say(name), text_of(at(plain, *path)), kind, lang, hints=hints)

    return [
        *(field(f"title_{lang}", "title", lang, lang=lang) for lang in LANGUAGES),
        *(field(f"covers_{lang}", "covers", lang, kind="text", lang=lang) for lang in LANGUAGES),
        field("course_keywords", "keywords", kind="items"),
        field("link", "link"),
        field("source", "source", hints="sources"),
    ]
