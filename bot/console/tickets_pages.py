"""The desk's pages: the list of tickets, and each ticket with its talk, for consultants to answer."""

from __future__ import annotations

import hashlib
import re
import secrets
import time
from dataclasses import dataclass, replace
from html import escape
from http import HTTPStatus
from typing import Any

from aiohttp import web

from bot.channels.assets import talk_file
from bot.channels.channel import CallRefused, Channel, RetryLater, TooLarge
from bot.channels.file_types import LARGEST, LARGEST_MB, shown_name, type_of
from bot.channels.web.rendering import html
from bot.console.desk_live import DeskLive
from bot.console.entrance import NAMED
from bot.console.site import Route, Site, Tab, Visit, number
from bot.console.words import Words
from bot.content.templates import BadTemplate
from bot.desk import canned
from bot.desk.consulting import KNOWN, STAFF, Consultant, Consulting, expecting
from bot.model import KeptFile, Ticket
from bot.store import Draft, Handled, Staff, StoreError, TalkEntry, TicketList

PER_PAGE = 50
MOST_TOLD = 40  # of the assistant's replies beside a talk
LONGEST_SHOWN = 120  # characters of the last words in the list
MOST_FORM = LARGEST + (1 << 20)  # bytes of a form with a file
ON_PLATFORM = re.compile(r"^(?P<name>.*?) ?\((?P<channel>\w+) (?P<user>-?\d+)\)$")
SINGLE_BREAK = re.compile(r"(?<!\n)\n(?!\n)")
WHICH: tuple[TicketList, ...] = ("open", "mine", "closed")
AGAIN = 60.0  # seconds within which the same words are taken for a second press
LONGEST_TEXT = 16_000  # characters of an answer
LONGEST_NAME = 200  # characters of a reply's name


@dataclass(frozen=True)
class Line:
    """An entry of a talk as it is shown; `who` is "assistant", or as in TalkEntry."""

    who: str
    html: str
    time: float
    name: str = ""
    kind: str = "text"
    file: str = ""  # its address, if it has one
    picture: bool = False
    draft: Draft | None = None


@dataclass(frozen=True)
class Problem:
    """The reason for a refusal, in words; `way` names the field that overrides it, `label` the text of its button."""

    words: str
    way: str = ""
    label: str = ""


class Composed(Exception):
    """The answer cannot be sent; the message gives the reason in the consultant's language."""


class TicketsPages:
    """The pages; `desk` is there once the service runs, if consultants can be reached at all."""

    def __init__(self, site: Site) -> None:
        self.site, self.live = site, DeskLive(site)
        self.desk: Consulting | None = None
        self.most_files = 0
        one = "/tickets/{ticket:[0-9]{1,18}}"
        site.add(
            [
                Route("GET", "/tickets", "consultant", self.index),
                Route("GET", "/tickets/live", "consultant", self.live_list),
                Route("GET", one, "consultant", self.show),
                Route("GET", f"{one}/live", "consultant", self.live_ticket),
                Route("GET", f"{one}/canned", "consultant", self.canned),
                Route("GET", f"{one}/files/{{said:[0-9]{{1,18}}}}", "consultant", self.file),
                Route("POST", f"{one}/reply", "consultant", self.reply, MOST_FORM),
                Route("POST", f"{one}/act", "consultant", self.act),
            ],
            [Tab("tickets", "/tickets", "consultant")],
        )

    def open(self, desk: Consulting, most_files: int) -> None:
        self.desk, self.most_files = desk, most_files

    # --- the list

    async def index(self, visit: Visit) -> web.StreamResponse:
        which = next((one for one in WHICH if one == visit.request.query.get("show")), WHICH[0])
        me = await self.who(visit.staff)
        page = visit.page
        tickets = await self.site.store.ticket_list(which, me.user, PER_PAGE, (page - 1) * PER_PAGE)
        opened, mine, closed = await self.site.store.ticket_counts(me.user)
        counts: dict[str, int] = {"open": opened, "mine": mine, "closed": closed}
        words = await self.site.store.last_said([one.id for one in tickets])
        return self.site.page(
            visit,
            "tickets_list.html" if visit.is_fragment else "tickets.html",
            "tickets",
            which=which,
            counts=counts,
            tickets=[(one, self.state(visit, one), shortened(words.get(one.id, ""))) for one in tickets],
            page=page,
            pages=max(1, -(-counts[which] // PER_PAGE)),
            connected=self.desk is not None,
            day=clock,
        )

    def state(self, visit: Visit, ticket: Ticket) -> str:
        """Return in words whose turn it is."""
        say = visit.say
        if not ticket.open:
            return say("ticket_closed_" + (ticket.solved or "so"))
        parts = []
        if ticket.waits is not None:
            parts.append(say("ticket_waits", minutes=round((time.time() - ticket.waits) / 60)))
        elif ticket.waits_for_consultant:
            parts.append(say("ticket_lead"))
        else:
            parts.append(say("ticket_answered"))
        parts.append(say("ticket_held", name=ticket.holder_name) if ticket.holder else say("ticket_free"))
        if self.site.ready.lapse(ticket):
            parts.append(say("ticket_idle"))
        return " · ".join(parts)

    async def live_list(self, visit: Visit) -> web.StreamResponse:
        return await self.live.serve(visit, None)

    # --- one ticket

    async def who(self, staff: Staff) -> Consultant:
        """Return a person's identity for tickets: that of the consultants' platform if they signed in through it, else the console's id."""
        found = ON_PLATFORM.match(staff.name)
        if found and await self.site.store.recall(f"{NAMED}{found['channel']}:{found['user']}") == staff.name:
            return Consultant(found["user"], found["name"] or staff.name)
        return Consultant(f"{STAFF}{staff.id}", staff.name)

    async def ticket_of(self, visit: Visit) -> Ticket | None:
        return await self.site.store.ticket(int(visit.request.match_info["ticket"]))

    def gone(self, visit: Visit) -> web.Response:
        return self.site.notice(visit, "ticket_gone")

    async def live_ticket(self, visit: Visit) -> web.StreamResponse:
        ticket = await self.ticket_of(visit)
        return await self.live.serve(visit, ticket.id) if ticket else self.gone(visit)

    async def show(self, visit: Visit) -> web.StreamResponse:
        ticket = await self.ticket_of(visit)
        if ticket is None:
            return self.gone(visit)
        query = visit.request.query
        draft = await self.draft(ticket, query.get("edit", ""))
        text = draft.answer if draft else self.named(query.get("name", ""), ticket)
        seen = number(query.get("seen", ""))
        return await self.shown(visit, ticket, typed=text, draft=str(draft.id) if draft else "", seen=seen)

    @property
    def knowledge(self) -> Any:
        return self.site.ready.knowledge

    async def shown(
        self,
        visit: Visit,
        ticket: Ticket,
        *,
        problem: Problem | None = None,
        typed: str = "",
        draft: str = "",
        seen: int | None = None,
        part: str = "",
    ) -> web.Response:
        """Render a ticket's page, or one part of it: "live", what changes by itself, or "composer", where answers are written."""
        part = part or ("live" if visit.is_fragment else "")
        say, me = visit.say, await self.who(visit.staff)
        lines = await self.lines(ticket) if part != "composer" else []
        latest = None if ticket.open else await self.site.store.open_ticket(ticket.address)
        channel = self.desk.channels.get(ticket.address.channel) if self.desk else None
        topics = self.knowledge.library.topics
        held = bool(ticket.holder) and ticket.holder != me.user
        ahead = ""
        if not ticket.open:
            ahead = say("ahead_closed")
        elif seen is not None and await self.answered_since(ticket, str(seen), me):
            ahead = say("ahead_answered")
        elif held:
            ahead = say("ahead_held", name=ticket.holder_name)
        return self.site.page(
            visit,
            {"live": "ticket_live.html", "composer": "ticket_composer.html"}.get(part, "ticket.html"),
            "tickets",
            HTTPStatus.CONFLICT if problem and not visit.is_fragment else HTTPStatus.OK,
            ticket=ticket,
            me=me,
            held=held,
            ahead=ahead,
            state=self.state(visit, ticket),
            place=ticket.address.channel.capitalize(),
            blocked=bool(self.desk and await self.desk.is_blocked(ticket.address)),
            earlier=[one for one in lines if one.time < ticket.opened],
            lines=[one for one in lines if one.time >= ticket.opened],
            card=html(ticket.card),
            latest=latest,
            problem=problem,
            typed=typed,
            draft=draft,
            seen=ticket.answers,
            can_write=channel is not None,
            takes_files=bool(channel and channel.shows_files),
            most=LARGEST_MB,
            replies=[(one, self.knowledge.library.replies[one.name].title[visit.lang]) for one in canned.all_replies(self.knowledge)],
            topics=sorted((topics[name].title[visit.lang], name) for name in topics if topics[name].known),
            colleagues=await self.colleagues(ticket, me) if part != "composer" else [],
            at=clock,
            html=html,
            fragment=visit.is_fragment,
            once=secrets.token_hex(8),
        )  # fmt: skip

    async def colleagues(self, ticket: Ticket, me: Consultant) -> list[tuple[str, str]]:
        """Return the id and the name of each consultant to whom a ticket can be passed: the console's people and the group's."""
        people = [await self.who(one) for one in await self.site.store.staff()]
        known = await self.site.store.notes(KNOWN)
        people += [
            Consultant(user, name) for user, _, name in (value.partition(" ") for value in known.values() if value)
        ]
        named = {one.user: one.name for one in reversed(people)}
        return sorted(
            ((user, name) for user, name in named.items() if user not in (ticket.holder, me.user)),
            key=lambda one: one[1],
        )

    async def lines(self, ticket: Ticket) -> list[Line]:
        """Return the lines of the talk with the assistant and with consultants, in order of time."""
        talk, drafts = await self.site.store.talk(ticket.id), await self.site.store.drafts_of(ticket.id)
        offered = {one.id: one for one in drafts}
        made = [self.line(one, ticket, offered.get(one.cause or 0)) for one in talk]
        causes = {one.cause for one in talk if one.who == "merchant"}
        channel = self.desk.channels.get(ticket.address.channel) if self.desk else None
        if channel is not None:
            told = await self.site.store.told(ticket.address.channel, ticket.address.chat, MOST_TOLD)
            for call in told:
                for who, text in channel.told(call.payload):
                    if who == "assistant":
                        made.append(Line(who, html(text), call.made))
                    elif call.cause not in causes:
                        made.append(Line(who, escaped(text), call.made, ticket.name))
        return sorted(made, key=lambda one: one.time)

    def line(self, one: TalkEntry, ticket: Ticket, draft: Draft | None) -> Line:
        file = f"{self.site.base}/tickets/{ticket.id}/files/{one.id}" if one.file else ""
        picture = one.kind == "picture" and not one.file.startswith("{")
        text = html(one.text) if one.who == "consultant" or one.kind == "undelivered" else escaped(one.text)
        shown = draft if one.who == "merchant" else None
        return Line(one.who, text, one.time, one.name, one.kind, file, picture, shown)

    # --- what consultants do

    async def answered_since(self, ticket: Ticket, seen: str, me: Consultant) -> bool:
        """Return true if somebody else has answered since a ticket had as many answers as the page has seen."""
        known = number(seen)
        count = ticket.answers + 1 if known is None else ticket.answers - known
        if not count:
            return False
        answers = [one for one in await self.site.store.talk(ticket.id) if one.who == "consultant"]
        return count < 0 or len(answers) < count or any(one.account != me.user for one in answers[-count:])

    async def problem(self, visit: Visit, ticket: Ticket, me: Consultant, text: str = "") -> Problem | None:
        """Return the reason against sending an answer: the ticket is closed, is another's, or was answered meanwhile or just now."""
        say = visit.say
        if not ticket.open:
            return Problem(say("reply_closed"))
        if ticket.holder not in ("", me.user) and visit.field("take") != ticket.holder:
            words = say("reply_held", name=ticket.holder_name)
            if await self.answered_since(ticket, visit.field("seen"), me):
                words = f"{words} {say('ahead_answered')}"
            return Problem(words, "take", say("reply_take"))
        if await self.answered_since(ticket, visit.field("seen"), me):
            return Problem(say("reply_answered"), "anyway", say("reply_anyway"))
        last = (await self.site.store.talk(ticket.id))[-1:]
        again = [one for one in last if text and (one.account, one.text) == (me.user, text) and one.who == "consultant"]
        if again and time.time() - again[0].time < AGAIN and visit.field("twice") != "yes":
            return Problem(say("reply_twice"), "twice", say("reply_anyway"))
        return None

    async def reply(self, visit: Visit) -> web.StreamResponse:
        """Send what was written to the merchant, or keep it as a note; on a problem it stays where it was typed."""
        ticket, desk = await self.ticket_of(visit), self.desk
        if ticket is None or desk is None:
            return self.gone(visit)
        me, text, drafted = await self.who(visit.staff), visit.field("text"), visit.field("draft")
        part = "composer" if visit.is_fragment else ""
        try:
            if visit.field("as") == "note":
                if text:
                    await self.keep_note(ticket, me, text)
            else:
                problem = await self.sent(visit, ticket, me, typed(text), drafted)
                if problem:
                    ticket = await self.ticket_of(visit) or ticket
                    return await self.shown(visit, ticket, problem=problem, typed=text, draft=drafted, part=part)
        except Composed as error:
            return await self.shown(visit, ticket, problem=Problem(str(error)), typed=text, draft=drafted, part=part)
        self.live.wake(ticket.id)
        if visit.is_fragment:
            return await self.shown(visit, await self.ticket_of(visit) or ticket, part=part)
        raise self.site.redirect(f"/tickets/{ticket.id}")

    async def keep_note(self, ticket: Ticket, me: Consultant, text: str) -> None:
        assert self.desk
        made = self.desk.noted(Handled(ticket.address), ticket, me, text)
        shown = Words(self.desk.cards.language(ticket))("talk_by_note", name=me.name)
        await self.site.store.finish(self.desk.shown(made, ticket, Consultant(me.user, shown), typed(text)))

    async def sent(self, visit: Visit, ticket: Ticket, me: Consultant, text: str, drafted: str) -> Problem | None:
        """Send an answer, or return why not. Raises Composed."""
        desk = self.desk
        assert desk
        if problem := await self.problem(visit, ticket, me, text):
            return problem
        channel = desk.channels.get(ticket.address.channel)
        if channel is None:
            raise Composed(visit.say("reply_no_channel", channel=ticket.address.channel.capitalize()))
        if len(text) > LONGEST_TEXT:
            raise Composed(visit.say("reply_too_long", most=LONGEST_TEXT))
        file = await self.file_of(visit, ticket, channel)
        if not text and file is None:
            raise Composed(visit.say("reply_empty"))
        made = self.acting(Handled(ticket.address), ticket, me)
        mine = replace(ticket, holder=me.user, holder_name=me.name) if ticket.holder else ticket
        draft = await self.draft(ticket, drafted)
        if draft is not None and text == typed(draft.answer) and file is None:
            made = desk.draft_sent(made, mine, me, draft)
        else:
            made = desk.written(made, mine, me, text, file)
            made = desk.draft_changed(made, mine, me, draft, text) if draft else made
        for one in made.drafts:
            made = await desk.settled(made, ticket, one)
        made = desk.shown(made, ticket, me, text, file)
        if await self.site.store.finish(made):
            return None
        now = await self.ticket_of(visit)
        return (await self.problem(visit, now, me) if now else None) or Problem(visit.say("reply_again"))

    def acting(self, made: Handled, ticket: Ticket, me: Consultant) -> Handled:
        """Take a ticket over from another consultant, before it is answered."""
        assert self.desk
        other = ticket.holder not in ("", me.user)
        return self.desk.claimed(made, ticket, me) if other else expecting(made, ticket)

    async def draft(self, ticket: Ticket, id: str) -> Draft | None:
        """Return a pending draft of a ticket."""
        known = number(id)
        found = await self.site.store.draft(known) if known is not None else None
        return found if found and found.ticket == ticket.id and found.state in ("offered", "edited") else None

    async def file_of(self, visit: Visit, ticket: Ticket, channel: Channel) -> KeptFile | None:
        """Keep the file of a form. Raises Composed."""
        sent = visit.form.get("file")
        if not isinstance(sent, web.FileField) or not sent.filename:
            return None
        content = sent.file.read()
        if not channel.shows_files:
            raise Composed(visit.say("reply_no_files", channel=channel.name.capitalize()))
        if len(content) > LARGEST:
            raise Composed(visit.say("reply_file_large", most=LARGEST_MB))
        type = type_of(content)
        if type is None:
            raise Composed(visit.say("reply_file_kind"))
        # The same file if the same form is sent again.
        once = hashlib.sha256(
            f"{ticket.id} {visit.field('once') or secrets.token_hex()}".encode() + content
        ).hexdigest()
        file = KeptFile(once[:22], shown_name(sent.filename, type), type, len(content))
        try:
            fits = await self.site.store.keep_file(ticket.address, file, content, self.most_files)
        except StoreError:
            fits = False
        if not fits:
            raise Composed(visit.say("reply_file_full"))
        return file

    async def act(self, visit: Visit) -> web.StreamResponse:
        """Claim, take over, hand back, pass on, close, block or unblock; send a draft or call it wrong."""
        ticket, desk, what = await self.ticket_of(visit), self.desk, visit.field("do")
        if ticket is None or desk is None:
            return self.gone(visit)
        me = await self.who(visit.staff)
        problem = await self.done(visit, ticket, me, what)
        if problem is None:
            self.live.wake(ticket.id)
            if not visit.is_fragment:
                raise self.site.redirect(f"/tickets/{ticket.id}")
        draft = visit.field("draft")
        return await self.shown(visit, await self.ticket_of(visit) or ticket, problem=problem, draft=draft)

    async def done(self, visit: Visit, ticket: Ticket, me: Consultant, what: str) -> Problem | None:
        """Do what a button says, or return why it was not done."""
        desk, say, empty = self.desk, visit.say, Handled(ticket.address)
        assert desk
        if what == "draft":
            draft = await self.draft(ticket, visit.field("draft"))
            if draft is None:
                return Problem(say("draft_settled"))
            return await self.sent(visit, ticket, me, typed(draft.answer), visit.field("draft"))
        if what in ("block", "unblock"):
            await self.site.store.finish(await desk.blocked(empty, ticket, me, blocks=what == "block"))
            return None
        if not ticket.open:
            return Problem(say("reply_closed"))
        made: Handled | None = None
        if what == "claim":
            if ticket.holder not in ("", me.user):
                return Problem(say("claim_held", name=ticket.holder_name))
            made = desk.claimed(empty, ticket, me)
        elif what == "take":
            made = desk.claimed(empty, ticket, me)
        elif what == "pass":
            to = visit.field("to")
            whom = next(
                (Consultant(user, name) for user, name in await self.colleagues(ticket, me) if user == to), None
            )
            made = (
                desk.passed_to(expecting(empty, ticket), ticket, whom, me) if whom else desk.released(empty, ticket, me)
            )
        elif what == "wrong":
            draft = await self.draft(ticket, visit.field("draft"))
            if draft is None:
                return Problem(say("draft_settled"))
            made = desk.draft_wrong(empty, ticket, me, draft)
            made = await desk.settled(made, ticket, made.drafts[-1])
        elif what == "close":
            made = await desk.closed(expecting(empty, ticket), ticket, me)
        if made is None or await self.site.store.finish(made):
            return None
        return Problem(say("reply_again"))

    # --- replies by name, and files

    def named(self, name: str, ticket: Ticket) -> str:
        """Return the reply with a name, or the answer of a topic, in the merchant's language; "" if there is none."""
        found = canned.choices(self.knowledge, name[:LONGEST_NAME]) if name.strip() else ()
        try:
            return found[0].text(self.site.ready, ticket) if found else ""
        except BadTemplate:
            return ""

    async def canned(self, visit: Visit) -> web.StreamResponse:
        """The reply with a name, or the answer of a topic, as text for the page's script to insert."""
        ticket, name = await self.ticket_of(visit), visit.request.query.get("name", "")
        if ticket is None:
            return self.gone(visit)
        return web.Response(
            text=self.named(name, ticket), content_type="text/plain", headers={"Cache-Control": "no-store"}
        )

    async def file(self, visit: Visit) -> web.StreamResponse:
        """Serve a file of a talk: a picture is shown, anything else saved; nothing in it can run."""
        ticket = await self.ticket_of(visit)
        said = await self.site.store.said(ticket.id, int(visit.request.match_info["said"])) if ticket else None
        found = await self.content(ticket, said) if ticket and said and said.file else None
        if found is None:
            return self.site.notice(visit, "file_gone")
        name, content = found
        type = type_of(content) or "application/octet-stream"
        return talk_file(shown_name(name, type), type, content)

    async def content(self, ticket: Ticket, said: TalkEntry) -> tuple[str, bytes] | None:
        """Return the name and the content of a file, from the store or its platform."""
        if not said.file.startswith("{"):
            kept = await self.site.store.file(said.file)
            content = await self.site.store.file_content(said.file) if kept and kept[0] == ticket.address else None
            return (kept[1].name, content) if kept and content is not None else None
        if self.desk is None:
            return None
        name = ticket.address.channel if said.who == "merchant" else self.desk.cards.desk.channel
        channel = self.desk.channels.get(name)
        try:
            return await channel.fetch(said.file, LARGEST) if channel else None
        except (CallRefused, TooLarge, RetryLater):
            return None


def typed(text: str) -> str:
    """Return typed Markdown whose line breaks stay."""
    return SINGLE_BREAK.sub("  \n", re.sub(r"[ \t]+\n", "\n", text))


def escaped(text: str) -> str:
    """Return plain text as HTML."""
    return f'<p class="plain">{escape(text)}</p>' if text else ""


def shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_SHOWN else f"{line[: LONGEST_SHOWN - 1]}…"


def clock(seconds: float) -> str:
    """Return a time of today, or the day with the time."""
    now, then = time.localtime(), time.localtime(seconds)
    return time.strftime("%H:%M" if now[:3] == then[:3] else "%Y-%m-%d %H:%M", then)
