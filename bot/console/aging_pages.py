"""The page of what gets old: each fact is still true, has changed, or is not known any more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import quote

from aiohttp import web

from bot.console.aging import Old, confirmed, drafted, forgotten, olds
from bot.console.drafting import Drafting
from bot.console.editor_pages import EditorPages
from bot.console.edits import Edit
from bot.console.forms import short
from bot.console.site import Route, Site, Tab, Visit
from bot.console.weekly import Weekly
from bot.knowledge.writer import long_date
from bot.model import Language

LONGEST_WHERE = 200
MOST_PLACES = 50


@dataclass(frozen=True)
class Row:
    """A fact with how often merchants were told it since it is out of date."""

    one: Old
    told: int


@dataclass(frozen=True)
class Group:
    """Facts of one source or backend page; "" are those announced for a day that has passed."""

    place: str
    announced: bool
    rows: tuple[Row, ...]


class AgingPages(EditorPages):
    tab = "aging"

    def __init__(self, site: Site, drafting: Drafting, weekly: Weekly) -> None:
        super().__init__(site, drafting)
        self.weekly = weekly
        self.known: dict[tuple[str, date, Language], list[Old]] = {}
        site.add(
            [
                Route("GET", "/aging", "editor", self.show),
                Route("POST", "/aging", "editor", self.save),
                Route("POST", "/aging/weekly", "editor", self.switch),
            ],
            [Tab("aging", "/aging", "editor")],
        )

    def today(self) -> date:
        return datetime.now(self.site.ready.knowledge.library.operator.zone).date()

    def olds(self, lang: Language) -> list[Old]:
        """Return the facts to look at again, which are looked for once for each content and day."""
        knowledge = self.site.ready.knowledge
        key = (knowledge.version, self.today(), lang)
        if key not in self.known:
            self.known = {old: found for old, found in self.known.items() if old[:2] == key[:2]}
            self.known[key] = olds(knowledge.library, self.today(), lang)
        return self.known[key]

    async def show(self, visit: Visit, problem: str = "") -> web.StreamResponse:
        library = self.site.ready.knowledge.library
        found = self.olds(visit.lang)
        pending = drafted(Edit.of(row.edit) for row in await self.site.store.edits())
        open_ = [one for one in found if one.id not in pending]
        places = [fact.confirmed.source for topic in library.topics.values() for fact in topic.facts if fact.confirmed]
        return self.page(
            visit,
            "aging.html",
            groups=grouped(await self.told(open_)),
            total=len(open_),
            drafted=len(found) - len(open_),
            problem=problem,
            where=visit.field("where") or visit.request.query.get("where", "")[:LONGEST_WHERE],
            ticked=set(visit.fields("fact")),
            places=sorted(set(places))[:MOST_PLACES],
            day=lambda one: long_date(one, visit.lang),
            path=lambda name: quote(name, safe=""),
            months=library.operator.confirm_months,
            weekly=await self.weekly.state(visit.staff, "aging"),
        )

    async def told(self, found: Sequence[Old]) -> list[Row]:
        counts = await self.site.store.told_since({one.counted: one.since for one in found})
        return [Row(one, counts.get(one.counted, 0)) for one in found]

    async def save(self, visit: Visit) -> web.StreamResponse:
        """Put the confirmations or withdrawals of the ticked facts into the draft."""
        today, ticked, wish = self.today(), set(visit.fields("fact")), visit.field("wish")
        where = " ".join(visit.field("where").split())[:LONGEST_WHERE]
        chosen = [one for one in self.olds(visit.lang) if one.id in ticked]
        if self.drafting.folder is None or wish not in ("true", "unknown"):
            return self.gone(visit)
        if not chosen:
            return await self.show(visit, visit.say("aging_none_ticked"))
        if wish == "true" and not where:
            return await self.show(visit, visit.say("aging_where_needed"))
        edits: list[Edit] = []
        for one in chosen:
            about = f"{one.topic.title.en} / {one.topic.title.zh}: {short(one.text)}"
            if wish == "true":
                edits.append(confirmed(one, where, today, f"{about} ✓ {where}, {visit.staff.name}"))
            else:
                edits += forgotten(one, f"{about} → {visit.say('aging_unknown')}")
        disk = await self.drafting.on_disk()
        edits = [edit.over(disk) for edit in edits]
        await self.site.store.add_edits(visit.staff.name, [edit.to_json() for edit in edits])
        for about in dict.fromkeys(edit.about for edit in edits):
            await self.site.logged(visit, "confirm" if wish == "true" else "draft", "aging", "", about)
        raise self.site.redirect(f"/aging?done={len(chosen)}&where={quote(where, safe='')}")

    async def switch(self, visit: Visit) -> web.StreamResponse:
        await self.weekly.switch(visit.staff, "aging", visit.lang if visit.field("on") else None)
        raise self.site.redirect("/aging#weekly")


def grouped(rows: Sequence[Row]) -> list[Group]:
    """Return the facts by source or backend page; first those announced for a day that has passed, then the most facts first."""
    places: dict[str, list[Row]] = {}
    for row in rows:
        if not row.one.announced:
            places.setdefault(row.one.place, []).append(row)
    announced = tuple(row for row in rows if row.one.announced)
    made = [Group(place, False, tuple(some)) for place, some in places.items()]
    made.sort(key=lambda one: (-len(one.rows), one.place))
    return [Group("", True, announced), *made] if announced else made
