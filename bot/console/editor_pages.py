"""Base of the pages that show the content with the draft and add edits to the draft."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

from aiohttp import web

from bot.console.drafting import Drafting
from bot.console.edits import Edit
from bot.console.site import Site, Visit
from bot.knowledge.library import Library


class EditorPages:
    tab: str  # the name of the entry in the navigation

    def __init__(self, site: Site, drafting: Drafting) -> None:
        self.site, self.drafting = site, drafting

    @property
    def in_use(self) -> Library:
        return self.site.ready.knowledge.library

    def page(
        self, visit: Visit, template: str, status: int = HTTPStatus.OK, *, problem: str = "", **values: object
    ) -> web.Response:
        """Render a page, or a part of it; with a problem its status is 409."""
        status = HTTPStatus.CONFLICT if problem else status
        folder = self.drafting.folder
        return self.site.page(visit, template, self.tab, status, problem=problem, folder=folder, **values)

    def gone(self, visit: Visit) -> web.Response:
        return self.site.notice(visit, "group_gone", HTTPStatus.CONFLICT)

    async def draft(self, visit: Visit, place: str, edits: Sequence[Edit]) -> None:
        """Put edits into the draft and the log, if there are any."""
        if edits:
            await self.site.store.add_edits(visit.staff.name, [one.to_json() for one in edits])
            await self.site.logged(visit, "draft", place, "", "\n".join(one.about for one in edits))
