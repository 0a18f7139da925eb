"""The pages of the checks: how each decides, and its file as text, with lint beside it."""

from __future__ import annotations

import asyncio
import difflib
import hashlib

from aiohttp import web

from bot.channels.web.way import way
from bot.console.drafting import Draft, Drafting
from bot.console.editor_pages import EditorPages
from bot.console.edits import Edit, file_of, read_texts
from bot.console.site import Route, Site, Tab, Visit
from bot.content.folder import LARGEST_TEXT, Unreadable

MOST_CHANGED = 60  # lines shown of another editor's change


class ChecksPages(EditorPages):
    tab = "checks"

    def __init__(self, site: Site, drafting: Drafting) -> None:
        super().__init__(site, drafting)
        site.add(
            [
                Route("GET", "/checks", "editor", self.show),
                Route("GET", "/checks/{check}", "editor", self.edit),
                Route("POST", "/checks/{check}", "editor", self.save),
                Route("POST", "/checks/{check}/lint", "editor", self.lint),
            ],
            [Tab("checks", "/checks", "editor")],
        )

    async def show(self, visit: Visit) -> web.StreamResponse:
        library = await self.drafting.library()
        checks = {**self.in_use.checks, **library.checks}
        return self.page(
            visit,
            "checks.html",
            checks=sorted((one.title[visit.lang], name, len(one.questions)) for name, one in checks.items()),
        )

    async def texts(self, name: str) -> tuple[Draft, str, str]:
        """Return the draft, and the operator's own file of a check: as it stands, and as the draft has it."""
        assert self.drafting.folder
        draft = await self.drafting.draft()
        try:
            files = await asyncio.to_thread(read_texts, self.drafting.folder)
        except (OSError, Unreadable):
            files = {}
        file = file_of(Edit("text", f"checks/{name}"), [*files, *draft.texts])
        on_disk = files.get(file, "")
        return draft, on_disk, draft.texts.get(file, on_disk) or ""

    async def edit(
        self, visit: Visit, typed: str | None = None, problem: str = "", theirs: str = ""
    ) -> web.StreamResponse:
        name, knowledge = visit.request.match_info["check"], self.site.ready.knowledge
        check = self.in_use.checks.get(name)
        if check is None:
            return self.gone(visit)
        text = below = ""
        if self.drafting.folder is not None:
            _, _, text = await self.texts(name)
            below = await asyncio.to_thread(self.below, name)
        steps = await asyncio.to_thread(way, knowledge, name, visit.lang)
        return self.page(
            visit,
            "check.html",
            name=name,
            title=check.title[visit.lang],
            steps=steps,
            text=text if typed is None else typed,
            seen=digest(text),
            below=below,
            theirs=theirs,
            problem=problem,
        )

    def below(self, name: str) -> str:
        """Return the text of the check's file in the folders below the operator's own, or ""."""
        node = self.in_use.places.get(f"checks/{name}")
        content = self.drafting.content
        layers = content.layers[:-1] if content else []
        for layer in reversed(layers):
            texts = read_texts(layer)
            file = file_of(Edit("text", f"checks/{name}"), texts)
            if node is not None and file in texts:
                return texts[file]
        return ""

    async def save(self, visit: Visit) -> web.StreamResponse:
        name = visit.request.match_info["check"]
        check = self.in_use.checks.get(name)
        if check is None or self.drafting.folder is None:
            return self.gone(visit)
        typed = text_of(visit)
        _, on_disk, now = await self.texts(name)
        if len(typed.encode()) > LARGEST_TEXT // 2:
            return await self.edit(visit, typed, visit.say("too_large"))
        if visit.field("seen") != digest(now) and typed != now:
            return await self.edit(visit, typed, visit.say("conflict_text"), changed(now, typed))
        if typed != now:
            about = f"{check.title.en} / {check.title.zh}: {visit.say('file_changed')}"
            edit = Edit("text", f"checks/{name}", value=typed, was=on_disk, about=about)
            await self.site.store.add_edits(visit.staff.name, [edit.to_json()])
            await self.site.logged(visit, "draft", edit.place, now, typed)
        raise self.site.redirect("/draft" if typed != now else f"/checks/{name}")

    async def lint(self, visit: Visit) -> web.StreamResponse:
        """Render lint's findings in the text as it is typed; a part of the page."""
        name = visit.request.match_info["check"]
        if name not in self.in_use.checks:
            return self.gone(visit)
        found = await self.drafting.findings(f"checks/{name}", text_of(visit))
        return self.page(visit, "check_findings.html", found=found)


def text_of(visit: Visit) -> str:
    """Return the typed file, with a line's end at its end."""
    sent = visit.form.get("text", "") if visit.form is not None else ""
    text = sent.replace("\r\n", "\n").strip("\n") if isinstance(sent, str) else ""
    return f"{text}\n" if text.strip() else ""


def digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]


def changed(theirs: str, typed: str) -> str:
    """Return by which lines another editor's text differs from the typed one."""
    lines = difflib.unified_diff(typed.splitlines(), theirs.splitlines(), lineterm="", n=1)
    return "\n".join(list(lines)[2 : 2 + MOST_CHANGED])
