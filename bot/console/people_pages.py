"""The pages of merchants: one is found, what is kept of them is shown, handed over and erased; and who may be written to."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any

from aiohttp import web

from bot.console.lists import XLSX, as_csv, as_xlsx
from bot.console.site import Route, Site, Tab, Visit, day, download
from bot.desk.consulting import Consulting
from bot.model import Address
from bot.store import Handled, Lead, as_file, utc

MOST_FOUND, MOST_LEADS, MOST_SHOWN = 50, 20_000, 200
MOST_ENTRIES = 50  # of each kind that the page shows; the file has all
LONGEST_SOUGHT = 200  # characters


class PeoplePages:
    def __init__(self, site: Site) -> None:
        self.site = site
        self.desk: Consulting | None = None
        site.add(
            [
                Route("GET", "/people", "consultant", self.index),
                Route("GET", "/people/one", "consultant", self.show),
                Route("GET", "/people/file", "consultant", self.hand_over),
                Route("GET", "/people/erase", "owner", self.ask),
                Route("POST", "/people/erase", "owner", self.erase),
                Route("GET", "/people/leads", "owner", self.leads),
                Route("GET", "/people/leads.{kind:csv|xlsx}", "owner", self.export),
            ],
            [Tab("people", "/people", "consultant")],
        )

    async def index(self, visit: Visit) -> web.StreamResponse:
        sought = " ".join(visit.request.query.get("q", "").removeprefix("#").split())[:LONGEST_SOUGHT]
        found = await self.site.store.find_people(sought, MOST_FOUND) if sought else []
        return self.site.page(
            visit,
            "people_list.html" if visit.is_fragment else "people.html",
            "people",
            q=sought,
            found=found,
            most=MOST_FOUND,
            day=day,
            erased=visit.request.query.get("done") == "erased",
        )

    async def show(self, visit: Visit) -> web.StreamResponse:
        address = person_of(visit.request.query.get("who", ""))
        if address is None:
            return self.gone(visit)
        own = await self.site.store.belongings(address)
        kept: dict[str, Any] = json.loads(as_file(own))
        tickets = sorted(own.tickets, key=lambda one: -one.opened)
        return self.site.page(
            visit,
            "person.html",
            "people",
            address=address,
            name=next((one.name for one in tickets if one.name), "") or address.user,
            tickets=tickets,
            consent=own.conversation.consent if own.conversation else None,
            lang_of=own.conversation.lang if own.conversation else None,
            sections=[section(visit, name, found) for name, found in kept.items()],
            most=MOST_ENTRIES,
            day=day,
        )

    async def hand_over(self, visit: Visit) -> web.StreamResponse:
        address = person_of(visit.request.query.get("who", ""))
        if address is None:
            return self.gone(visit)
        own = await self.site.store.belongings(address)
        # Without the address: it is erased with its merchant, the log is not.
        await self.site.logged(visit, "handed over", address.channel)
        return download(as_file(own).encode(), "application/json", "merchant-data.json")

    async def ask(self, visit: Visit) -> web.StreamResponse:
        """Ask whether to erase everything of a merchant."""
        address = person_of(visit.request.query.get("who", ""))
        if address is None:
            return self.gone(visit)
        own = await self.site.store.belongings(address)
        kept: dict[str, Any] = json.loads(as_file(own))
        name = next((one.name for one in own.tickets if one.name), "") or address.user
        counts = [section(visit, one, found) for one, found in kept.items()]
        return self.site.page(visit, "person_erase.html", "people", address=address, name=name, sections=counts)

    async def erase(self, visit: Visit) -> web.StreamResponse:
        """Erase everything of a merchant, as their own /forget does."""
        address = person_of(visit.field("who"))
        if address is None:
            return self.gone(visit)
        lock = self.site.ready.locks.setdefault(address, asyncio.Lock())
        async with lock:  # no turn of theirs brings back what is erased
            made = Handled(address, erase=True)
            ticket = await self.site.store.latest_ticket(address)
            if ticket and ticket.open and self.desk:
                words = self.desk.cards.say("desk_erased", ticket, number=ticket.id)
                calls = self.desk.to_desk(self.desk.cards.desk.post(words, to=ticket.first))
                made = Handled(address, erase=True, outgoing=calls)
            await self.site.store.finish(made)
        await self.site.logged(visit, "erased", address.channel)
        raise self.site.redirect("/people?done=erased")

    def gone(self, visit: Visit) -> web.Response:
        return self.site.notice(visit, "person_gone")

    # --- consent

    async def leads(self, visit: Visit) -> web.StreamResponse:
        found = await self.site.store.leads(MOST_LEADS)
        rows = [(one, lead_state(visit, one)) for one in found[:MOST_SHOWN]]
        return self.site.page(visit, "leads.html", "people", leads=rows, total=len(found), day=day)

    async def export(self, visit: Visit) -> web.StreamResponse:
        say = visit.say
        columns = [
            say(f"lead_{one}") for one in ("day", "name", "channel", "id", "language", "result", "state", "told")
        ]
        rows = [row_of(visit, one) for one in await self.site.store.leads(MOST_LEADS)]
        await self.site.logged(visit, "exported", f"{len(rows)} leads")
        if visit.request.match_info["kind"] == "csv":
            return download(as_csv(columns, rows), "text/csv", "leads.csv")
        return download(await asyncio.to_thread(as_xlsx, columns, rows), XLSX, "leads.xlsx")


def person_of(text: str) -> Address | None:
    """Return a merchant's private address, None for what is none."""
    channel, _, rest = text.partition(":")
    chat, colon, user = rest.partition(":")
    return Address(channel, chat, user) if channel and colon and chat == user and 0 < len(user) < 200 else None


def section(visit: Visit, name: str, found: Any) -> tuple[str, int, list[str]]:
    """Return one kind of stored data: its name in words, the number of entries, and the newest ones as text."""
    entries: Sequence[Any] = found if isinstance(found, list) else [found] if found else []
    title = visit.say(f"kept_{name}") if visit.say.has(f"kept_{name}") else name
    shown = [json.dumps(one, ensure_ascii=False, indent=2) for one in entries[-MOST_ENTRIES:]]
    return title, len(entries), shown[::-1]


def lead_state(visit: Visit, lead: Lead) -> str:
    if lead.consent is None:
        return visit.say("lead_taken_back")
    if lead.ticket is None or lead.ticket.waits_for_consultant:
        return visit.say("lead_waits")
    return visit.say("lead_written", name=lead.ticket.holder_name or "—")


def row_of(visit: Visit, lead: Lead) -> list[str]:
    consent = lead.consent
    return [
        utc(lead.since)[:10],
        lead.name,
        lead.address.channel,
        lead.address.user,
        visit.say(f"in_{lead.lang}"),
        consent.code if consent else "",
        lead_state(visit, lead),
        consent.told if consent else "",
    ]
