"""The auto-replies of an official account as a draft, with the report of what the account answers differently."""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from bot import private
from bot.channels.channel import CallRefused, RetryLater
from bot.channels.wechat import autoreply
from bot.channels.wechat.api import open_api
from bot.channels.wechat.autoreply import AutoReplies
from bot.console.drafting import Drafting
from bot.console.editor_pages import EditorPages
from bot.console.edits import Edit
from bot.console.sheets_pages import SheetsPages
from bot.console.site import Route, Site, Visit
from bot.content.said import Notice
from bot.content.tree import Plain
from bot.importing import wechat_import, wechat_report
from bot.importing.wechat_findings import findings
from bot.importing.wechat_import import Fetched, Plan
from bot.importing.wechat_rules import Translated, translate
from bot.importing.yaml_text import as_read
from bot.knowledge import lint
from bot.knowledge.library import Library, load
from bot.model import LANGUAGES

LARGEST = 10 << 20  # bytes of an interface's answer
MOST_SHOWN = 50  # lines of a part of the report


@dataclass(frozen=True)
class Made:
    """An import as it would be: the report's parts by the code of their headings, or what is wrong with it."""

    parts: Mapping[str, Sequence[Notice | str]]
    welcome: tuple[Notice, ...] = ()
    mistakes: tuple[str, ...] = ()
    edits: tuple[Edit, ...] = ()
    media: Mapping[str, bytes] | None = None


class AccountPages(EditorPages):
    tab = "sheets"

    def __init__(self, site: Site, drafting: Drafting, sheets: SheetsPages) -> None:
        super().__init__(site, drafting)
        self.sheets = sheets
        self.fetched: tuple[str, Fetched] | None = None  # the media of the account's replies that were seen last
        site.add(
            [
                Route("POST", "/sheets/account", "editor", self.read, LARGEST + (1 << 20)),
                Route("POST", "/sheets/account/draft", "editor", self.take, 2 * LARGEST),
            ]
        )

    async def read(self, visit: Visit) -> web.StreamResponse:
        """Preview the import of the account's auto-replies, from a file or from its interface."""
        sent = visit.form.get("replies")
        data = b""
        if isinstance(sent, web.FileField):
            data = await asyncio.to_thread(sent.file.read, LARGEST + 1)
        if len(data) > LARGEST:
            return await self.sheets.show(visit, visit.say("sheet_too_large", most=LARGEST >> 20))
        if not data and not self.has_account:
            return await self.sheets.show(visit, visit.say("account_needed"))
        return await self.shown(visit, data)

    async def shown(self, visit: Visit, data: bytes, status: int = 200) -> web.StreamResponse:
        try:
            replies, made = await self.made(visit, data)
        except autoreply.NotRead as error:
            return await self.sheets.show(visit, visit.say("account_unread", why=error))
        except (CallRefused, RetryLater, wechat_import.NotPlanned) as error:
            return await self.sheets.show(visit, visit.say("account_refused", why=error))
        return self.page(
            visit,
            "account.html",
            status,
            made=made,
            replies=replies.model_dump_json(by_alias=True),
            update=bool(visit.field("update")),
            most=MOST_SHOWN,
            words=lambda one: one.words(visit.lang) if isinstance(one, Notice) else one,
            heading=lambda code: Notice(code).words(visit.lang),
        )

    async def take(self, visit: Visit) -> web.StreamResponse:
        """Put the account's rules into the draft, and its pictures, voices and videos beside the content."""
        data = visit.field("replies").encode()
        if self.drafting.folder is None or not data:
            return self.gone(visit)
        try:
            _, made = await self.made(visit, data)
        except (autoreply.NotRead, CallRefused, RetryLater, wechat_import.NotPlanned):
            return await self.shown(visit, data)
        if not made.edits:
            return await self.shown(visit, data, 409)
        for name, body in (made.media or {}).items():
            await asyncio.to_thread(private.write_whole, self.drafting.folder / "files" / name, body)
        await self.draft(visit, "keywords", made.edits)
        raise self.site.redirect("/draft")

    @property
    def has_account(self) -> bool:
        return bool(self.site.settings.wechat_app_id and self.site.settings.wechat_secret)

    async def replies(self, data: bytes) -> tuple[AutoReplies, Fetched]:
        """Read the replies, and fetch their media. Raises NotRead, CallRefused, RetryLater."""
        given = await asyncio.to_thread(autoreply.read, data, "JSON") if data else None
        if given and self.fetched and self.fetched[0] == digest(given):
            return given, self.fetched[1]
        if given and not self.has_account:
            return given, await wechat_import.fetch(given, None, None)
        async with open_api(self.site.settings, self.site.store) as api:
            replies, fetched = await wechat_import.of_account(api, given)
        self.fetched = digest(replies), fetched
        return replies, fetched

    async def made(self, visit: Visit, data: bytes) -> tuple[AutoReplies, Made]:
        replies, fetched = await self.replies(data)
        in_use, content = self.site.ready.knowledge, self.drafting.content
        folder = await self.drafting.drafted_folder()
        disk = await self.drafting.on_disk()
        assert content
        below, only, update = content.folders[:-1], content.only, bool(visit.field("update"))

        def make() -> Made:
            translated = translate(replies, fetched.media)
            plan = wechat_import.plan(translated, fetched, folder, update=update)
            with tempfile.TemporaryDirectory() as room:
                library, mistakes = load([*below, plan.trial(folder, Path(room))], only=only)
                bad = [one for one in sorted({*mistakes, *lint.check(library)}) if not one.warning]
            found = findings(in_use, library, translated.names)
            parts = wechat_report.sections(plan, translated, found)
            welcome = tuple(wechat_report.welcome(plan, translated))
            if bad:
                return Made(parts, welcome, tuple(one.words(visit.lang) for one in bad))
            media = {path.name: body for path, body in plan.files.items() if path.parent.name == "files"}
            return Made(parts, welcome, (), edits_of(plan, translated, disk), media)

        return replies, await asyncio.to_thread(make)


def digest(replies: AutoReplies) -> str:
    return hashlib.sha256(replies.model_dump_json(by_alias=True).encode()).hexdigest()


def edits_of(plan: Plan, translated: Translated, disk: Library) -> tuple[Edit, ...]:
    wanted = {*plan.added, *plan.changed}
    made = [
        Edit("set", "keywords", (f"={body['id']}",), as_read(body), about=f"+ {translated.names[body['id']]}")
        for body in translated.rules
        if body["id"] in wanted
    ]
    if plan.welcome:
        text: dict[str, Plain] = dict.fromkeys(LANGUAGES, translated.welcome or "")
        made.append(Edit("set", "phrases", ("welcome",), text, about=f"welcome → {translated.welcome}"))
    return tuple(one.over(disk) for one in made)
