"""The form of a check: questions with their values, rules as rows "if … then …", and the examples to accept."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import yaml
from aiohttp import web

from bot.checks import Unsound, logic
from bot.checks.check import KINDS, NUMBERS, SHOWN, Check, Question
from bot.console import drawing
from bot.console.answers import field_of
from bot.console.checks_pages import ChecksPages
from bot.console.conditions import RELATIONS, Row, as_text, condition_of, of_text, rows_of, same
from bot.console.drafting import Drafting
from bot.console.editor_pages import EditorPages
from bot.console.edits import CannotEdit, Edit, with_edit
from bot.console.forms import ID, NEW, Field, FieldKind, Section, at, changes, text_of, wrong_id
from bot.console.site import HEADERS, Route, Site, Visit
from bot.console.trial import Finding
from bot.console.words import Words
from bot.content.templates import BadTemplate, Templates
from bot.content.tree import Loader, Plain
from bot.knowledge.accepting import Changed, flow, otherwise
from bot.knowledge.library import Library
from bot.model import LANGUAGES

BLANK_ROWS = 2  # below those of a condition
MOST_ROWS = 40
REQUIRED = ("name", "ask", "why", "how_to_find_out")  # texts of a question


@dataclass(frozen=True)
class Condition:
    """A condition in the form: rows, or a text where rows cannot say it."""

    path: tuple[str, ...]
    label: str
    raw: Plain = None
    rows: tuple[Row, ...] | None = ()
    text: str = ""

    @property
    def name(self) -> str:
        return "/".join(self.path)

    @property
    def slug(self) -> str:
        return Field(self.path, "").slug

    @property
    def was(self) -> str:
        return json.dumps(self.raw, ensure_ascii=False)


@dataclass(frozen=True)
class Block:
    """A part of the form: fields, perhaps a condition, and the values of a question as blocks of their own.

    `remove`: the path of the entry, if it can be taken away.
    """

    section: Section
    condition: Condition | None = None
    inner: tuple[Block, ...] = ()
    remove: tuple[str, ...] = ()
    open: bool = False
    summary: str = ""
    question: str = ""  # its id, where values can be added

    @property
    def gone(self) -> str:
        return f"remove:{'/'.join(self.remove)}"


@dataclass
class Form:
    """The form with what every handler needs of the check."""

    check: Check
    library: Library
    blocks: list[Block] = field(default_factory=list)

    def each(self) -> Iterator[Block]:
        for one in self.blocks:
            yield one
            yield from one.inner

    @property
    def questions(self) -> dict[str, Question]:
        return {one.id: one for one in self.check.questions}


class CheckForm(EditorPages):
    tab = "checks"

    def __init__(self, site: Site, drafting: Drafting, pages: ChecksPages) -> None:
        super().__init__(site, drafting)
        self.pages = pages
        site.add(
            [
                Route("GET", "/checks/{check}/form", "editor", self.show),
                Route("POST", "/checks/{check}/form", "editor", self.save),
                Route("POST", "/checks/{check}/form/lint", "editor", self.lint),
                Route("POST", "/checks/{check}/accept", "editor", self.accept),
                Route("GET", "/checks/{check}/diagram.svg", "editor", self.diagram),
            ]
        )

    async def form(self, visit: Visit) -> Form | None:
        """Return the form of the draft's check, or of the one in use if the draft's cannot be read."""
        name = visit.request.match_info["check"]
        library = await self.drafting.library()
        if name not in library.checks:
            library = self.in_use
        check = library.checks.get(name)
        if check is None:
            return None
        raw = library.places[f"checks/{name}"].plain()
        return Form(check, library, list(blocks_of(check, raw, visit)))

    async def show(self, visit: Visit, problem: str = "", form: Form | None = None) -> web.StreamResponse:
        form = form or await self.form(visit)
        if form is None:
            return self.gone(visit)
        check, library = form.check, form.library
        changed = await asyncio.to_thread(lambda: [one for _, one in otherwise(library, check.id)])
        sound = await asyncio.to_thread(is_sound, check, library)
        return self.page(
            visit,
            "check_form.html",
            check=check,
            title=check.title[visit.lang],
            blocks=form.blocks,
            relations=[(one, relation(one, visit.say)) for one in RELATIONS],
            questions=[("", visit.say("relation_none")), *((one.id, one.name[visit.lang]) for one in check.questions)],
            values=[(one.id, value.id, value.label[visit.lang]) for one in check.questions for value in one.options],
            figures=sorted(f"{group}.{key}" for group, keys in library.data.figures.items() for key in keys),
            topics=sorted((topic.title[visit.lang], name) for name, topic in library.topics.items()),
            changed=[
                (flow(one.answers), *map(visit.say, (verdict(one.was), verdict(one.now))), one) for one in changed
            ],
            drawn=sound and drawing.can_draw(),
            problem=problem,
            sources=[],
        )

    async def diagram(self, visit: Visit) -> web.StreamResponse:
        """The draft's check as a picture."""
        form = await self.form(visit)
        if form is None:
            raise web.HTTPNotFound
        library, check = form.library, form.check

        def drawn() -> bytes:
            return drawing.svg(logic(check, library.data.figures), Templates(library.data), visit.lang)

        try:
            body = await asyncio.to_thread(drawn)
        except (Unsound, BadTemplate, drawing.NotDrawn):
            raise web.HTTPNotFound from None
        return web.Response(body=body, content_type="image/svg+xml", headers=HEADERS)

    # --- changes

    async def save(self, visit: Visit) -> web.StreamResponse:
        form = await self.form(visit)
        if form is None or self.drafting.folder is None:
            return self.gone(visit)
        disk = await self.drafting.on_disk()
        lower = await asyncio.to_thread(self.pages.below, form.check.id)
        edits, again, problem = self.edits(visit, form, disk, plain_of(lower))
        if again or problem:
            return await self.show(
                visit, problem or visit.say("conflict"), Form(form.check, form.library, again or typed(visit, form))
            )
        await self.draft(visit, f"checks/{form.check.id}", edits)
        raise self.site.redirect("/draft" if edits else f"/checks/{form.check.id}/form")

    def edits(self, visit: Visit, form: Form, disk: Library, lower: Plain) -> tuple[list[Edit], list[Block], str]:
        """Return the edits that a sent form makes; or the form to show again, where somebody else changed the same; or a problem."""
        check, place = form.check, f"checks/{form.check.id}"
        about = f"{check.title.en} / {check.title.zh}"
        made: list[Edit] = []
        again: dict[str, Block] = {}
        problem = ""

        def put(path: tuple[str, ...], value: Plain, told: str) -> None:
            edit = Edit("set", place, path, value, about=f"{about}: {told}")
            made.append(edit.over(disk))

        for block in form.each():
            if block.remove and visit.field(block.gone):
                there = entry_at(lower, block.remove) is not None
                gone: Plain = {"id": block.remove[-1][1:], "remove": "yes"} if there else None
                put(block.remove, gone, f"− {block.section.title}")
                continue
            some, fields = changes(visit, [block.section], place, disk, "", about)
            made += some
            if fields:
                again[key_of(block)] = replace(block, section=fields[0], open=True)
            if (one := block.condition) and not one.path[0].startswith(NEW) and f"was:{one.name}" in visit.form:
                try:
                    wanted = sent_condition(visit, one, form.questions)
                except ValueError as error:
                    problem = visit.say("condition_wrong", problem=error)
                    continue
                was = visit.field(f"was:{one.name}")
                if not same(wanted, json.loads(was)) and not same(wanted, one.raw):
                    if was != one.was:
                        problem = visit.say("conflict_condition", what=block.section.title)
                    else:
                        put(one.path, wanted, f"{one.label}: {flow(one.raw or {})} → {flow(wanted or {})}")
        for new in (self.new_question, self.new_rule):
            entry, path, wrong = new(visit, form)
            problem = problem or wrong
            if entry:
                put(path, entry, f"+ {entry['id']}")
        for question in check.questions:
            for line in visit.field(f"+values/{question.id}").splitlines():
                parts = [one.strip() for one in re.split(r"[|｜]", line)]
                if not line.strip():
                    continue
                if len(parts) != 3 or not all(parts) or not ID.fullmatch(parts[0]):
                    problem = problem or visit.say("values_wrong", line=line)
                    continue
                value: dict[str, Plain] = {"id": parts[0], "label": {"en": parts[1], "zh": parts[2]}}
                put(("questions", f"={question.id}", "values", f"={parts[0]}"), value, f"+ {parts[1]} / {parts[2]}")
        return made, [again.get(key_of(one), one) for one in typed(visit, form)] if again else [], problem

    def new_question(self, visit: Visit, form: Form) -> tuple[dict[str, Plain], tuple[str, ...], str]:
        id = visit.field("+question/id")
        if not any(visit.field(f"+question/{key}/{lang}") for key in REQUIRED for lang in LANGUAGES) and not id:
            return {}, (), ""
        if problem := wrong_id(visit, id, form.questions):
            return {}, (), problem
        found: dict[str, Plain] = {"id": id, "kind": visit.field("+question/kind")}
        for key in REQUIRED:
            found[key] = {lang: visit.field(f"+question/{key}/{lang}") for lang in LANGUAGES}
            if not all(visit.field(f"+question/{key}/{lang}") for lang in LANGUAGES):
                return {}, (), visit.say("question_needs")
        values: list[Plain] = []
        for line in visit.field("+question/values").splitlines():
            parts = [one.strip() for one in re.split(r"[|｜]", line)]
            if line.strip() and (len(parts) != 3 or not all(parts)):
                return {}, (), visit.say("values_wrong", line=line)
            if line.strip():
                values.append({"id": parts[0], "label": {"en": parts[1], "zh": parts[2]}})
        if values:
            found["values"] = values
        return found, ("questions", f"={id}"), ""

    def new_rule(self, visit: Visit, form: Form) -> tuple[dict[str, Plain], tuple[str, ...], str]:
        id = visit.field("+rule/id")
        texts: dict[str, Plain] = {lang: visit.field(f"+rule/text/{lang}") for lang in LANGUAGES}
        if not id and not any(texts.values()):
            return {}, (), ""
        if problem := wrong_id(visit, id, [one.id for one in form.check.rules]):
            return {}, (), problem
        if not all(texts.values()) or not visit.field("+rule/topic"):
            return {}, (), visit.say("check_rule_needs")
        when = sent_condition(visit, Condition(("+rule", "when"), ""), form.questions)
        found: dict[str, Plain] = {"id": id}
        if when:
            found["when"] = when
        found |= {"verdict": visit.field("+rule/verdict"), "topic": visit.field("+rule/topic"), "text": texts}
        return found, ("rules", f"={id}"), ""

    async def lint(self, visit: Visit) -> web.StreamResponse:
        """Render lint's findings in the form as it is filled in, at its fields; parts of the page."""
        form = await self.form(visit)
        if form is None or self.drafting.folder is None:
            return self.gone(visit)
        name = form.check.id
        disk = await self.drafting.on_disk()
        _, _, text = await self.pages.texts(name)
        lower = await asyncio.to_thread(self.pages.below, name)
        edits, _, problem = self.edits(visit, form, disk, plain_of(lower))
        try:
            for edit in edits:
                text = with_edit(f"{name}.yaml", text, edit)
        except CannotEdit as error:
            problem = str(error)
        found = await self.drafting.findings(f"checks/{name}", text) or []
        fields = []
        for block in form.each():
            named = [(one.path, one.label) for one in block.section.fields]
            named += [(block.condition.path, block.condition.label)] if block.condition else []
            fields += [Field(path, f"{block.section.title}: {label}") for path, label in named]
        by_field: dict[str, list[Finding]] = {}
        for each in found:
            target = field_of(each.path, fields)
            by_field.setdefault(target.slug if target else "", []).append(each)
        return self.page(
            visit, "check_form_findings.html", found=by_field, fields=fields, problem=problem, count=sum(not one.note for one in found)
        )  # fmt: skip

    # --- examples

    async def accept(self, visit: Visit) -> web.StreamResponse:
        """Accept the new verdicts of the chosen examples, as `knowledge accept` does."""
        form = await self.form(visit)
        if form is None or self.drafting.folder is None:
            return self.gone(visit)
        check, library, chosen = form.check, form.library, set(visit.fields("example"))
        changed = await asyncio.to_thread(lambda: [one for _, one in otherwise(library, check.id)])
        accepted = [one for one in changed if flow(one.answers) in chosen]
        _, _, text = await self.pages.texts(check.id)
        lower = at(plain_of(await asyncio.to_thread(self.pages.below, check.id)), "examples")
        own = at(plain_of(text), "examples")
        examples = with_accepted(
            own if isinstance(own, list) else [], lower if isinstance(lower, list) else [], accepted
        )
        if accepted:
            disk = await self.drafting.on_disk()
            about = "; ".join(f"{flow(one.answers)}: {one.was} → {one.now}" for one in accepted)
            edit = Edit(
                "set",
                f"checks/{check.id}",
                ("examples",),
                examples,
                about=f"{check.title.en} / {check.title.zh}: {about}",
            )
            await self.draft(visit, edit.place, [edit.over(disk)])
        raise self.site.redirect("/draft" if accepted else f"/checks/{check.id}/form")


def with_accepted(own: Sequence[Plain], lower: Sequence[Plain], accepted: Sequence[Changed]) -> list[Plain]:
    """Return the folder's own examples with the accepted outcomes; what a lower folder has is overlaid."""
    made = list(own)
    for one in accepted:
        entry: Plain = yaml.load(one.entry, Loader=Loader)
        place = next(
            (index for index, each in enumerate(made) if flow(at(each, "answers") or {}) == flow(one.answers)), None
        )
        is_below = any(flow(at(each, "answers") or {}) == flow(one.answers) for each in lower)
        if place is not None:
            made[place] = entry
        else:
            made.append(entry)
            place = len(made) - 1
        if at(entry, "remove") and not is_below:
            del made[place]
    return made


def verdict(told: str) -> str:
    """Return the name of the words for an outcome, such as "not_eligible (too-soon)"."""
    name = told.partition(" ")[0]
    return f"check_verdict_{name}" if name in SHOWN else "check_verdict_none"


def is_sound(check: Check, library: Library) -> bool:
    try:
        logic(check, library.data.figures)
    except Unsound:
        return False
    return True


def plain_of(text: str) -> Plain:
    try:
        found: Plain = yaml.load(text, Loader=Loader) if text.strip() else None
    except yaml.YAMLError:
        return None
    return found


def entry_at(value: Plain, path: Sequence[str]) -> Plain:
    """Return the value at an edit's path in a plain value."""
    for step in path:
        if step.startswith("="):
            value = next((one for one in value if at(one, "id") == step[1:]), None) if isinstance(value, list) else None
        else:
            value = at(value, step)
    return value


def key_of(block: Block) -> str:
    return "/".join(block.remove) or block.section.title


# --- the form


def blocks_of(check: Check, raw: Plain, visit: Visit) -> Iterator[Block]:
    say = visit.say
    headlines = [one for one in (*SHOWN, "open") if at(raw, "verdicts", one)]
    yield Block(
        Section(
            say("check_words"),
            (
                *texts(raw, ("title",), say("title"), "line"),
                *texts(raw, ("intro",), say("check_intro")),
                *(each for one in headlines for each in texts(raw, ("verdicts", one), say(f"check_verdict_{one}"))),
                *texts(raw, ("start",), say("check_start"), "lines"),
            ),
        )
    )  # fmt: skip
    questions = {one.id: one for one in check.questions}
    for question in check.questions:
        path = ("questions", f"={question.id}")
        fields = [*(each for key in REQUIRED for each in texts(raw, (*path, key), say(f"check_{key}")))]
        if question.kind in NUMBERS:
            fields += texts(raw, (*path, "unit"), say("check_unit"), "line")
            fields += [
                Field((*path, key), say(f"check_{key}"), text_of(entry_at(raw, (*path, key))))
                for key in ("lowest", "highest")
            ]
        values = tuple(
            Block(
                Section(
                    f"{one.label[visit.lang]} ({one.id})",
                    (
                        *texts(raw, (*path, "values", f"={one.id}", "label"), say("check_label"), "line"),
                        *texts(raw, (*path, "values", f"={one.id}", "means"), say("check_means"), "line"),
                    ),
                ),
                remove=(*path, "values", f"={one.id}"),
            )
            for one in question.values
        )
        asked_if = condition_at(raw, (*path, "ask_if"), say("check_ask_if"), questions, visit)
        title = f"{say('check_question')}: {question.name[visit.lang]} ({question.id})"
        yield Block(Section(title, tuple(fields)), asked_if, values, path, question=question.id)
    new = [
        Field(("+question", "id"), say("topic_id"), visit.field("+question/id")),
        Field(("+question", "kind"), say("check_kind"), visit.field("+question/kind") or "choice", "choice", options=tuple((one, say(f"kind_{one}")) for one in KINDS)),
        *(
            Field(("+question", key, lang), f"{say(f'check_{key}')} ({say(f'in_{lang}')})", visit.field(f"+question/{key}/{lang}"), "text", lang)
            for key in REQUIRED
            for lang in LANGUAGES
        ),
        Field(("+question", "values"), say("check_new_values"), visit.field("+question/values"), "text"),
    ]  # fmt: skip
    yield Block(Section(say("check_new_question"), tuple(new)))
    verdicts = tuple((one, say(f"check_verdict_{one}")) for one in (*SHOWN, "note"))
    for rule in check.rules:
        path = ("rules", f"={rule.id}")
        when = condition_at(raw, (*path, "when"), say("check_if"), questions, visit)
        fields = [
            Field((*path, "verdict"), say("check_then"), rule.verdict, "choice", options=verdicts),
            Field((*path, "topic"), say("check_topic"), rule.topic, hints="topics"),
            *texts(raw, (*path, "text"), say("check_text")),
            *texts(raw, (*path, "next_step"), say("check_next_step")),
        ]
        told = f"{summary_of(when, questions, say)} → {say(f'check_verdict_{rule.verdict}')}"
        yield Block(Section(f"{say('check_rule')}: {rule.id}", tuple(fields)), when, (), path, summary=told)
    fields = [
        Field(("+rule", "id"), say("topic_id"), visit.field("+rule/id")),
        Field(("+rule", "verdict"), say("check_then"), visit.field("+rule/verdict") or SHOWN[0], "choice", options=verdicts),
        Field(("+rule", "topic"), say("check_topic"), visit.field("+rule/topic"), hints="topics"),
        *(Field(("+rule", "text", lang), f"{say('check_text')} ({say(f'in_{lang}')})", visit.field(f"+rule/text/{lang}"), "text", lang) for lang in LANGUAGES),
    ]  # fmt: skip
    rows = sent_rows(visit, "+rule/when") if visit.form is not None else []
    yield Block(
        Section(say("check_new_rule"), tuple(fields)), Condition(("+rule", "when"), say("check_if"), None, padded(rows))
    )


def texts(raw: Plain, path: tuple[str, ...], label: str, kind: FieldKind = "text") -> list[Field]:
    value = entry_at(raw, path)
    return [
        Field((*path, lang), f"{label} ({LANGUAGE_NAMES[lang]})", text_of(at(value, lang)), kind, lang)
        for lang in LANGUAGES
    ]


LANGUAGE_NAMES = {"en": "English", "zh": "中文"}


def condition_at(
    raw: Plain, path: tuple[str, ...], label: str, questions: Mapping[str, Question], visit: Visit
) -> Condition:
    value = entry_at(raw, path)
    rows = rows_of(value, questions, visit.lang)
    if rows is None:
        return Condition(path, label, value, None, as_text(value))
    return Condition(path, label, value, padded(rows))


def padded(rows: Sequence[Row]) -> tuple[Row, ...]:
    return (*rows, *([Row()] * BLANK_ROWS))


def summary_of(one: Condition, questions: Mapping[str, Question], say: Words) -> str:
    """Return a condition in words."""
    if one.rows is None:
        return " ".join(one.text.split())[:80]
    return "; ".join(
        " ".join(
            filter(None, (questions[row.question].name[say.lang], relation(row.relation, say), row.words or row.value))
        )
        for row in one.rows
        if row.question in questions
    )


def relation(name: str, say: Words) -> str:
    return say(f"relation_{name.replace(' ', '_')}")


def sent_rows(visit: Visit, name: str) -> list[Row]:
    """Return the rows that a form sends of a condition."""
    found = []
    for number in range(MOST_ROWS):
        if f"{name}:{number}:question" not in visit.form:
            break
        keys = ("question", "relation", "value")
        found.append(Row(*(visit.field(f"{name}:{number}:{key}") for key in keys)))
    return [one for one in found if one.question]


def sent_condition(visit: Visit, one: Condition, questions: Mapping[str, Question]) -> Plain:
    """Return the condition that a form sends. Raises ValueError."""
    if f"{one.name}:text" in visit.form:
        return of_text(visit.field(f"{one.name}:text"))
    return condition_of(sent_rows(visit, one.name), questions)


def typed(visit: Visit, form: Form) -> list[Block]:
    """Return the form with what was typed, so that nothing is lost where it is shown again."""

    def block(one: Block) -> Block:
        fields = tuple(
            replace(each, typed=visit.field(each.name))
            if each.name in visit.form and visit.field(each.name) != each.value
            else each
            for each in one.section.fields
        )
        condition = one.condition
        if condition is not None and f"{condition.name}:text" in visit.form:
            condition = replace(condition, text=visit.field(f"{condition.name}:text"))
        elif condition is not None and condition.rows is not None and f"{condition.name}:0:question" in visit.form:
            condition = replace(condition, rows=padded(sent_rows(visit, condition.name)))
        inner = tuple(map(block, one.inner))
        changed = fields != one.section.fields or condition != one.condition or inner != one.inner
        return replace(one, section=replace(one.section, fields=fields), condition=condition, inner=inner, open=changed)

    return [block(one) for one in form.blocks]
