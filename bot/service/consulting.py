"""What consultants do at the desk besides answering: claim, pass on, close, block, list; and what becomes of drafts."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.channels.channel import DeskMessage, DeskPress
from bot.channels.markup import escape_lines
from bot.model import Address, Ticket
from bot.service.cards import Cards
from bot.store import Claim, Draft, Event, Handled, Outgoing, Received
from bot.store.ports import Tickets

MINUTE = 60.0
MOST_LISTED = 30  # tickets in a list
CLOSING = ("end", "close")
LISTS = ("mine", "waiting")
BLOCKED = "desk-blocked:"  # begins the name of the note of a blocked merchant
KNOWN = "desk-consultant:"  # that of a consultant, by their username
LAST = "desk-last-consultant"  # the note of who did something last

Writer = DeskMessage | DeskPress


def ticket_event(what: str, **more: object) -> Event:
    """Return a ticket's event for reports."""
    return Event("ticket", {"what": what, **more})


def known_note(who: Writer) -> tuple[tuple[str, str], ...]:
    """Return the notes by which a consultant is found when a ticket is passed to them, and when the desk cannot be reached."""
    named = ((f"{KNOWN}{who.username.lower()}", f"{who.user} {who.name}"),) if who.username else ()
    return (*named, (LAST, who.user))


@dataclass(frozen=True)
class Consulting:
    """Makes the turns of consultants' presses and commands; effects are in what it returns."""

    store: Tickets
    cards: Cards

    # --- tickets

    def to_desk(self, calls: Sequence[str], ticket: int | None = None) -> tuple[Outgoing, ...]:
        desk = self.cards.desk
        return tuple(Outgoing(desk.channel, desk.chat, call, ticket=ticket) for call in calls)

    def holding(self, made: Handled, ticket: Ticket, holder: str, name: str) -> Handled:
        """Let a consultant have a ticket, or nobody for "", and show it on the card."""
        call, shown = self.cards.shown(replace(ticket, holder=holder, holder_name=name))
        claims = (*made.claims, Claim(ticket.id, holder, name))
        return replace(made, claims=claims, shows=(*made.shows, shown), outgoing=(*made.outgoing, call))

    def told(self, made: Handled, ticket: Ticket, phrase: str, **values: object) -> Handled:
        """Post a phrase at the desk, where the ticket is."""
        return self.posted(made, ticket, self.cards.say(phrase, ticket, **values))

    def posted(self, made: Handled, ticket: Ticket, words: str) -> Handled:
        """Post a Markdown text at the desk, where the ticket is."""
        calls = self.cards.desk.post(words, ticket.id)
        return replace(made, outgoing=(*made.outgoing, *self.to_desk(calls, ticket.id)))

    def claimed(self, made: Handled, ticket: Ticket, who: Writer) -> Handled:
        if ticket.holder == who.user:
            return made
        after = self.holding(made, ticket, who.user, who.name)
        after = replace(after, events=(*after.events, ticket_event("claimed")))
        if not ticket.holder:
            return after
        return self.told(after, ticket, "desk_taken", name=who.name, before=ticket.holder_name)

    async def passed(self, made: Handled, ticket: Ticket, whom: str) -> Handled:
        if not whom:
            return self.holding(made, ticket, "", "")
        found = await self.store.recall(f"{KNOWN}{whom.removeprefix('@').lower()}")
        if found is None:
            return self.told(made, ticket, "desk_pass_whom", name=escape_lines(whom))
        user, _, name = found.partition(" ")
        return self.told(self.holding(made, ticket, user, name), ticket, "desk_passed", name=escape_lines(name))

    # --- lists

    async def listed(self, which: str, who: DeskMessage, reply: str | None) -> tuple[Outgoing, ...]:
        """Return the calls that list a consultant's tickets, or those that nobody has."""
        desk, knowledge = self.cards.desk, self.cards.assistant.knowledge
        lang = knowledge.library.operator.desk.language or who.hint or "en"
        holder = who.user if which == "mine" else ""
        tickets = [
            one
            for one in await self.store.open_tickets(10 * MOST_LISTED)
            if one.holder == holder and not self.cards.assistant.lapse(one)
        ][:MOST_LISTED]
        lines = [knowledge.say(f"desk_list_{which}", lang), ""]
        for one in tickets:
            topic = await self.store.topic_of(desk.channel, desk.chat, one.address)
            link = desk.link(topic.thread if topic else None, one.first)
            minutes = round((time.time() - one.opened) / MINUTE)
            line = knowledge.say(
                "desk_list_line", lang, number=one.id, name=escape_lines(one.name), minutes=f"{minutes:,}"
            )
            lines.append(f"- [{line}]({link})" if link else f"- {line}")
        words = "\n".join(lines) if tickets else knowledge.say("desk_list_none", lang)
        return self.to_desk(desk.post(words, to=reply))

    # --- blocking

    def block_note(self, address: Address, blocked: bool) -> tuple[tuple[str, str], ...]:
        return ((f"{BLOCKED}{address}", "blocked" if blocked else ""),)

    async def is_blocked(self, address: Address) -> bool:
        return bool(await self.store.recall(f"{BLOCKED}{address}"))

    # --- presses

    def answered(self, entry: Received, press: DeskPress, text: str = "") -> Handled:
        """Answer a press; with a text, nothing else is done."""
        calls = (self.cards.desk.answer_press(press, text),)
        return Handled(Address("", "", ""), entry, outgoing=self.to_desk(calls), notes=known_note(press))

    def settle(
        self, made: Handled, entry: Received, press: DeskPress, ticket: Ticket, draft: Draft, phrase: str
    ) -> Handled:
        """Store what became of a draft, and show it on its message."""
        status = self.cards.say(phrase, ticket, name=press.name)
        calls = self.to_desk(self.cards.desk.settle(entry.payload, draft.id, status))
        return replace(made, drafts=(draft,), outgoing=(*made.outgoing, *calls))
