"""The owner's broadcasts: written in both languages, previewed, tried, sent, watched, stopped and gone on with.

A serving process puts a running broadcast into the outbox bit by bit, so that little is under way when it is stopped; who
was given it is stored, so that nobody gets it twice, however often it is stopped.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from dataclasses import dataclass, replace
from http import HTTPStatus

from aiohttp import web

from bot.channels import broadcasting
from bot.channels.broadcasting import Broadcast, Ways
from bot.channels.markup import telegram_html
from bot.channels.web.rendering import html
from bot.console.site import Route, Site, Tab, Visit, minute
from bot.language.detect import HAN_CHARACTER
from bot.model import LANGUAGES, Address, Language
from bot.store import Bulletin, Handled, Outgoing, Sent, StoreError, Subscriber

log = logging.getLogger(__name__)

EVERY = 0.5  # seconds between looks at what is running
STEP, AHEAD = 25, 50  # receivers put into the outbox at once, and most that wait there
LONGEST = 20_000  # characters of a text
MOST_LISTED = 50
TRIAL = "console-trial:"  # begins the note of whom a person tries broadcasts on


@dataclass(frozen=True)
class Reach:
    """Whom a broadcast reaches now, by language and channel, and how many subscribers it cannot reach."""

    total: int
    languages: Counter[str]
    channels: Counter[str]
    unreached: int


class BroadcastsPages:
    """The pages, and `run`, which sends what is running; `ways` are there once the service runs."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.ways: Ways = {}
        one = "/broadcasts/{id:[0-9]{1,18}}"
        site.add(
            [
                Route("GET", "/broadcasts", "owner", self.index),
                Route("GET", "/broadcasts/new", "owner", self.new),
                Route("POST", "/broadcasts/new", "owner", self.save),
                Route("GET", one, "owner", self.show),
                Route("POST", one, "owner", self.save),
                Route("POST", f"{one}/do", "owner", self.act),
            ],
            [Tab("broadcasts", "/broadcasts", "owner")],
        )

    async def index(self, visit: Visit) -> web.StreamResponse:
        found = [(one, await self.sent(one)) for one in await self.site.store.bulletins(MOST_LISTED)]
        return self.site.page(visit, "broadcasts.html", "broadcasts", found=found, day=minute)

    async def sent(self, one: Bulletin) -> Sent:
        return Sent() if one.state == "draft" else await self.site.store.broadcast_sent(one.name)

    async def bulletin(self, visit: Visit) -> Bulletin | None:
        id = visit.request.match_info.get("id")
        return await self.site.store.bulletin(int(id)) if id else None

    def gone(self, visit: Visit) -> web.Response:
        return self.site.notice(visit, "broadcast_gone")

    # --- writing

    async def new(self, visit: Visit) -> web.StreamResponse:
        return await self.page(visit, Bulletin())

    async def save(self, visit: Visit) -> web.StreamResponse:
        """Store the broadcast as a draft; with mistakes, show the form again."""
        known = await self.bulletin(visit)
        if known is None and "id" in visit.request.match_info:
            return self.gone(visit)
        subject, lang = visit.field("subject"), visit.field("lang")
        made = replace(
            known or Bulletin(),
            en=visit.field("en"),
            zh=visit.field("zh"),
            subject=subject if subject in self.subjects(visit.lang) else "",
            lang=lang if lang in LANGUAGES else "",
            who=visit.staff.name,
        )
        made = replace(made, name=broadcast_of(made).name)
        mistakes = [*self.mistakes(visit, "en", made.en), *self.mistakes(visit, "zh", made.zh)]
        if mistakes:
            return await self.page(visit, made, mistakes)
        id = await self.site.store.save_bulletin(made)
        if id is None:  # begun by somebody else meanwhile
            return await self.page(visit, made, [visit.say("broadcast_begun")])
        raise self.site.redirect(f"/broadcasts/{id}")

    def subjects(self, lang: Language) -> dict[str, str]:
        found = self.site.ready.knowledge.library.operator.subjects
        return {name: title[lang] for name, title in found.items()}

    def mistakes(self, visit: Visit, lang: Language, text: str) -> list[str]:
        say, named = visit.say, visit.say(f"in_{lang}")
        if not text:
            return [say("broadcast_empty", language=named)]
        if len(text) > LONGEST:
            return [say("broadcast_long", language=named, channel=say("broadcast_every"))]
        if lang == "zh" and not HAN_CHARACTER.search(text):
            return [say("broadcast_not_chinese")]
        return [
            say("broadcast_long", language=named, channel=name.capitalize())
            for name, way in self.ways.items()
            if way.too_long(text)
        ]

    # --- one broadcast

    async def show(self, visit: Visit) -> web.StreamResponse:
        one = await self.bulletin(visit)
        return await self.page(visit, one) if one else self.gone(visit)

    async def page(
        self, visit: Visit, one: Bulletin, mistakes: list[str] | None = None, told: str = "", problem: str = ""
    ) -> web.Response:
        reach = await self.reach(one) if one.id else None
        sent = await self.sent(one)
        return self.site.page(
            visit,
            "broadcast_progress.html" if visit.is_fragment else "broadcast.html",
            "broadcasts",
            HTTPStatus.CONFLICT if mistakes or problem else HTTPStatus.OK,
            one=one,
            mistakes=mistakes or [],
            problem=problem,
            told=told,
            subjects=self.subjects(visit.lang),
            reach=reach,
            sent=sent,
            left=max(0, one.total - sent.all),
            previews=[(lang, html(text), telegram_html(text)) for lang, text in (("en", one.en), ("zh", one.zh)) if text],
            trial=await self.site.store.recall(f"{TRIAL}{visit.staff.id}") or "",
            day=minute,
        )  # fmt: skip

    async def reach(self, one: Bulletin) -> Reach:
        plan = await self.plan(one)
        channels = Counter(to.address.channel for to in plan.receivers)
        return Reach(len(plan.receivers), Counter(plan.languages), channels, plan.unreached)

    async def plan(self, one: Bulletin) -> broadcasting.Plan:
        lang: Language | None = "en" if one.lang == "en" else "zh" if one.lang == "zh" else None
        return await broadcasting.plan(self.site.store, broadcast_of(one), one.subject or None, lang, self.ways)

    async def act(self, visit: Visit) -> web.StreamResponse:
        """Try a broadcast on oneself, send it, stop it, go on with it, or throw its draft away."""
        one, what, store = await self.bulletin(visit), visit.field("do"), self.site.store
        if one is None:
            return self.gone(visit)
        if what == "try":
            return await self.tried(visit, one)
        if what == "drop":
            await store.drop_bulletin(one.id)
            raise self.site.redirect("/broadcasts")
        if what == "send":
            begun = next((other for other in await store.bulletins(MOST_LISTED) if other.name == one.name and other.state != "draft"), None)  # fmt: skip
            if begun is not None:
                return await self.page(visit, one, problem=visit.say("broadcast_same", number=begun.id))
            reach = await self.reach(one)
            if not reach.total:
                return await self.page(visit, one, problem=visit.say("broadcast_nobody"))
            done = await store.move_bulletin(one.id, ("draft",), "running", reach.total)
        elif what == "stop":
            done = await store.move_bulletin(one.id, ("running",), "stopped")
        else:
            total = (await self.reach(one)).total
            done = await store.move_bulletin(one.id, ("stopped",), "running", max(total, (await self.sent(one)).all))
        if not done:
            now = await store.bulletin(one.id) or one
            return await self.page(visit, now, problem=visit.say("broadcast_begun"))
        await self.site.logged(visit, f"broadcast: {what}", f"broadcasts/{one.id}")
        raise self.site.redirect(f"/broadcasts/{one.id}")

    async def tried(self, visit: Visit, one: Bulletin) -> web.StreamResponse:
        """Send both languages to the one merchant's account that the person names as theirs."""
        sought = " ".join(visit.field("to").split())
        found = (
            [to for to in await self.site.store.find_people(sought, 3) if self.reaches(to.address)] if sought else []
        )
        if len(found) != 1:
            return await self.page(visit, one, problem=visit.say("broadcast_try_whom", count=len(found)))
        address = found[0].address
        calls: list[Outgoing] = [
            replace(self.call(Subscriber(address, lang), one), priority=0)
            for lang in LANGUAGES
            if one.lang in ("", lang)
        ]
        await self.site.store.finish(Handled(address, outgoing=tuple(calls)))
        await self.site.store.remember(f"{TRIAL}{visit.staff.id}", sought, address)
        told = visit.say("broadcast_tried", name=found[0].name or address.user)
        return await self.page(visit, one, told=told)

    def reaches(self, address: Address) -> bool:
        return broadcasting.is_reachable(address, self.ways)

    def call(self, to: Subscriber, one: Bulletin) -> Outgoing:
        return broadcasting.call(to, broadcast_of(one), one.subject or None, self.site.ready.knowledge, self.ways)

    # --- sending

    async def run(self) -> None:
        """Send what is running, in one process at a time, until cancelled."""
        while True:
            try:
                if await self.site.store.lease("broadcasts"):
                    for one in await self.site.store.bulletins(MOST_LISTED):
                        if one.state == "running":
                            await self.send(one)
            except StoreError as error:
                log.error("cannot send a broadcast: %s", error)
            await asyncio.sleep(EVERY)

    async def send(self, one: Bulletin) -> None:
        """Put a broadcast into the outbox as fast as it is sent, until everybody has it or it is stopped. Raises StoreError."""
        receivers = (await self.plan(one)).receivers
        for start in range(0, len(receivers), STEP):
            while (await self.site.store.broadcast_sent(one.name)).waiting >= AHEAD:
                if await self.is_stopped(one):
                    return
                await asyncio.sleep(EVERY)
            if await self.is_stopped(one):
                return
            calls = [self.call(to, one) for to in receivers[start : start + STEP]]
            await self.site.store.broadcast(one.name, calls)
        await self.site.store.move_bulletin(one.id, ("running",), "done")
        log.info("broadcast %d was given to all of its %d receivers", one.id, len(receivers))

    async def is_stopped(self, one: Bulletin) -> bool:
        now = await self.site.store.bulletin(one.id)
        return now is None or now.state != "running"


def broadcast_of(one: Bulletin) -> Broadcast:
    return Broadcast({"en": one.en, "zh": one.zh})
