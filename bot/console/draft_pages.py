"""The pages of the draft: what it changes, a chat with it, its publication, and the history with undo."""

from __future__ import annotations

import json
import secrets

from aiohttp import web

from bot.channels.web.rendering import html
from bot.console.drafting import Drafting, NotPublished
from bot.console.site import Route, Site, Tab, Visit, minute, number
from bot.console.trial import Ended
from bot.store import Publication

MOST_SHOWN = 50
MOST_HISTORY = 100
LONGEST_MESSAGE = 2000


class DraftPages:
    def __init__(self, site: Site, drafting: Drafting) -> None:
        self.site, self.drafting = site, drafting
        site.add(
            [
                Route("GET", "/draft", "editor", self.show),
                Route("GET", "/draft/effects", "editor", self.effects),
                Route("POST", "/draft/say", "editor", self.reply),
                Route("POST", "/draft/drop", "editor", self.drop),
                Route("POST", "/draft/publish", "editor", self.publish),
                Route("GET", "/history", "editor", self.history),
                Route("POST", "/history/undo", "editor", self.undo),
            ],
            [Tab("draft", "/draft", "editor"), Tab("history", "/history", "editor")],
        )

    async def show(self, visit: Visit, problem: str = "", **values: str) -> web.StreamResponse:
        draft = await self.drafting.draft()
        return self.site.page(
            visit,
            "draft.html",
            "draft",
            draft=draft,
            problem=visit.say(problem, **values) if problem else draft.problem,
            conversation=secrets.token_hex(8),
            folder=self.drafting.folder,
            day=minute,
            done=visit.request.query.get("done", ""),
            status=409 if problem else 200,
        )

    async def effects(self, visit: Visit) -> web.StreamResponse:
        """Render the effects of the draft's publication; a part of the page, polled until the trial is over."""
        library = self.site.ready.knowledge.library
        draft = await self.drafting.draft()
        tried = await self.drafting.tried(draft) if draft.texts and not draft.problem else None

        def title(name: str) -> str:
            if name in library.topics:
                return library.topics[name].title[visit.lang]
            if name in library.checks:
                return library.checks[name].title[visit.lang]
            return visit.say(f"verdict_{name}") if visit.say.has(f"verdict_{name}") else name

        return self.site.page(
            visit, "draft_effects.html", draft=draft, tried=tried, title=title, most=MOST_SHOWN,
        )  # fmt: skip

    async def reply(self, visit: Visit) -> web.StreamResponse:
        """Answer a message by the draft."""
        text = visit.field("text")[:LONGEST_MESSAGE]
        draft = await self.drafting.draft()
        replies: list[str] = []
        if text and draft.texts:
            trial = await self.drafting.started(draft)
            try:
                replies = [html(one) for one in await trial.replies(visit.field("conversation")[:40], text, visit.lang)]
            except Ended:
                self.drafting.end()
        return self.site.page(visit, "draft_said.html", text=text, replies=replies)

    async def drop(self, visit: Visit) -> web.StreamResponse:
        chosen = {number(one) for one in visit.fields("edit")}
        draft = await self.drafting.draft()
        gone = [(row.id, edit) for row, edit in zip(draft.rows, draft.edits, strict=True) if row.id in chosen]
        await self.site.store.drop_edits([id for id, _ in gone])
        for _, edit in gone:
            await self.site.logged(visit, "drop", edit.place, edit.about)
        raise self.site.redirect("/draft")

    async def publish(self, visit: Visit) -> web.StreamResponse:
        draft = await self.drafting.draft()
        try:
            await self.drafting.publish(visit.staff.name, visit.field("digest"), anyway=bool(visit.field("anyway")))
        except NotPublished as error:
            return await self.show(visit, error.code, **error.values)
        for edit in draft.edits:
            before, after = (json.dumps(one, ensure_ascii=False) for one in (edit.was, edit.value))
            await self.site.logged(visit, "publish", edit.place, before, f"{edit.about}\n{after}")
        raise self.site.redirect("/history?done=published")

    async def history(self, visit: Visit, problem: str = "", **values: str) -> web.StreamResponse:
        made = await self.site.store.publications(MOST_HISTORY)
        return self.site.page(
            visit,
            "history.html",
            "history",
            made=[(one, told(one)) for one in made],
            changes=await self.site.store.changes(MOST_HISTORY) if visit.staff.may("owner") else [],
            problem=visit.say(problem, **values) if problem else "",
            done=visit.request.query.get("done", ""),
            day=minute,
            status=409 if problem else 200,
        )

    async def undo(self, visit: Visit) -> web.StreamResponse:
        chosen = number(visit.field("publication"))
        found = await self.site.store.publication(chosen) if chosen is not None else None
        if found is None or self.drafting.folder is None:
            return await self.history(visit, "group_gone")
        try:
            await self.drafting.undo(visit.staff.name, found)
        except NotPublished as error:
            return await self.history(visit, error.code, **error.values)
        await self.site.logged(visit, "undo", "", "\n".join(told(found)))
        raise self.site.redirect("/history?done=undone")


def told(publication: Publication) -> list[str]:
    made: list[str] = json.loads(publication.told)
    return made
