"""The consultants' actions, at the desk and at the console: claim, answer, note, pass on, close, block, list, use of drafts.

Each action adds to a turn (`Handled`) what it does, both for the merchant and for those who look on at the desk; the
consultants' chat and the console call the same ones.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from bot.channels.channel import Channel, DeskMessage, DeskPress
from bot.channels.markup import escape_lines
from bot.desk.cards import Cards
from bot.desk.summary import summary
from bot.desk.whisper import masked
from bot.model import Address, Button, KeptFile, Reply, Ticket
from bot.store import Claim, Draft, Event, Expected, Handled, Outgoing, Question, Received, TalkEntry
from bot.store.ports import Tickets

MINUTE = 60.0
MOST_LISTED = 30  # tickets in a list
CLOSING = ("end", "close")
LISTS = ("mine", "waiting")
BLOCKED = "desk-blocked:"  # begins the name of the note of a blocked merchant
KNOWN = "desk-consultant:"  # that of a consultant, by their username
STAFF = "staff:"  # begins the id of a consultant who is known to the console alone
LAST = "desk-last-consultant"  # the note of who did something last


class Writer(Protocol):
    """A consultant, by the id that tickets know them by, and their name."""

    @property
    def user(self) -> str: ...

    @property
    def name(self) -> str: ...


@dataclass(frozen=True)
class Consultant:
    """A consultant at the console."""

    user: str
    name: str


def ticket_event(what: str, **more: object) -> Event:
    """Return a ticket's event for reports."""
    return Event("ticket", {"what": what, **more})


def known_note(who: DeskMessage | DeskPress) -> tuple[tuple[str, str], ...]:
    """Return the notes by which a consultant is found when a ticket is passed to them, and when the desk cannot be reached."""
    named = ((f"{KNOWN}{who.username.lower()}", f"{who.user} {who.name}"),) if who.username else ()
    return (*named, (LAST, who.user))


def expecting(made: Handled, ticket: Ticket) -> Handled:
    """Store a turn only if its ticket is unchanged since it was read."""
    return made if made.expects else replace(made, expects=Expected(ticket.id, ticket.holder, ticket.answers))


def with_state(made: Handled, ticket: Ticket, what: str, name: str = "", text: str = "") -> Handled:
    """Add to the talk what was done, and by whom."""
    return made.adding(said=[TalkEntry(ticket.id, "state", text, name, what)])


@dataclass(frozen=True)
class Consulting:
    """Makes the turns of consultants; effects are in what it returns."""

    store: Tickets
    cards: Cards
    channels: Mapping[str, Channel]

    # --- tickets

    def to_desk(self, calls: Sequence[str], ticket: int | None = None) -> tuple[Outgoing, ...]:
        desk = self.cards.desk
        return tuple(Outgoing(desk.channel, desk.chat, call, ticket=ticket) for call in calls)

    def holding(self, made: Handled, ticket: Ticket, holder: str, name: str) -> Handled:
        """Give a ticket to a consultant, or to nobody for "", and show it on the card."""
        made = replace(made, claims=(*made.claims, Claim(ticket.id, holder, name)))
        return self.cards.shown(made, replace(ticket, holder=holder, holder_name=name))

    def told(self, made: Handled, ticket: Ticket, phrase: str, **values: object) -> Handled:
        """Post a phrase at the desk, where the ticket is."""
        return self.posted(made, ticket, self.cards.say(phrase, ticket, **values))

    def posted(self, made: Handled, ticket: Ticket, words: str) -> Handled:
        """Post a Markdown text at the desk, where the ticket is."""
        calls = self.cards.desk.post(words, ticket.id)
        return made.adding(self.to_desk(calls, ticket.id))

    def claimed(self, made: Handled, ticket: Ticket, who: Writer) -> Handled:
        if ticket.holder == who.user:
            return made
        after = self.holding(expecting(made, ticket), ticket, who.user, who.name)
        after = with_state(after, ticket, "claimed", who.name).adding(events=[ticket_event("claimed")])
        if not ticket.holder:
            return after
        return self.told(after, ticket, "desk_taken", name=who.name, before=ticket.holder_name)

    def released(self, made: Handled, ticket: Ticket, who: Writer) -> Handled:
        return with_state(self.holding(made, ticket, "", ""), ticket, "released", who.name)

    async def passed(self, made: Handled, ticket: Ticket, whom: str, who: Writer) -> Handled:
        """Hand a ticket on to the consultant with this username, or to all for ""."""
        if not whom:
            return self.released(made, ticket, who)
        found = await self.store.recall(f"{KNOWN}{whom.removeprefix('@').lower()}")
        if found is None:
            return self.told(made, ticket, "desk_pass_whom", name=escape_lines(whom))
        user, _, name = found.partition(" ")
        return self.passed_to(made, ticket, Consultant(user, name), who)

    def passed_to(self, made: Handled, ticket: Ticket, whom: Writer, who: Writer) -> Handled:
        made = self.told(
            self.holding(made, ticket, whom.user, whom.name), ticket, "desk_passed", name=escape_lines(whom.name)
        )
        return with_state(made, ticket, "passed", who.name, whom.name)

    # --- answers

    def say_to_merchant(self, phrase: str, ticket: Ticket, **values: object) -> str:
        """Return a phrase in the merchant's language."""
        return self.cards.assistant.knowledge.say(phrase, ticket.lang, **values)

    def to_merchant(
        self, channel: Channel, ticket: Ticket, text: str, about: str | None, file: KeptFile | None = None
    ) -> tuple[Outgoing, ...]:
        calls = channel.tell(ticket.address.chat, [Reply(text, file=file)], about=about or "")
        return tuple(Outgoing(channel.name, ticket.address.chat, call, ticket=ticket.id) for call in calls)

    def answered(
        self, made: Handled, ticket: Ticket, who: Writer, channel: Channel, calls: Sequence[Outgoing], said: TalkEntry
    ) -> Handled:
        """Send an answer to the merchant, who is told before the first one to a lead that a consultant writes.

        Who answers a ticket that nobody has, has it.
        """
        begun = (
            self.to_merchant(channel, ticket, self.say_to_merchant("lead_begins", ticket), None)
            if ticket.waits_for_consultant
            else ()
        )
        named = replace(said, name=who.name, account=who.user)
        made = expecting(made, ticket).adding((*begun, *calls), events=[ticket_event("answered")], said=[named])
        made = replace(made, answers=ticket.id)
        return made if ticket.holder else self.claimed(made, ticket, who)

    def written(
        self, made: Handled, ticket: Ticket, who: Writer, text: str, file: KeptFile | None = None, about: str = ""
    ) -> Handled:
        """Send Markdown, and a file that the store keeps, as a consultant's answer. Raises KeyError if the channel is not served."""
        channel = self.channels[ticket.address.channel]
        words = f"**{self.say_to_merchant('consultant_said', ticket)}:** {text}".strip()
        kind = "text" if file is None else "picture" if file.is_picture else "file"
        said = TalkEntry(ticket.id, "consultant", text, kind=kind, file=file.id if file else "")
        return self.answered(
            made, ticket, who, channel, self.to_merchant(channel, ticket, words, about or None, file), said
        )

    def shown(self, made: Handled, ticket: Ticket, who: Writer, text: str, file: KeptFile | None = None) -> Handled:
        """Show at the desk what a consultant wrote elsewhere."""
        calls = self.cards.desk.show(ticket.id, who.name, text, file)
        return made.adding(self.to_desk(calls, ticket.id))

    def noted(self, made: Handled, ticket: Ticket, who: Writer, text: str) -> Handled:
        """Keep a note among consultants."""
        return made.adding(said=[TalkEntry(ticket.id, "note", text, who.name, account=who.user)])

    # --- the end

    async def closed(
        self, made: Handled, ticket: Ticket, who: Writer, to: str | None = None, *, asks: bool = True
    ) -> Handled:
        """Close a ticket on a consultant's wish, and tell both sides; the merchant is asked whether it was solved, if answered."""
        made, channel = replace(made, closes=ticket.id), self.channels.get(ticket.address.channel)
        if channel and not ticket.waits_for_consultant:
            words, buttons = self.say_to_merchant("consultant_ended", ticket), tuple[Button, ...]()
            if asks and ticket.answered is not None:
                words = f"{words}\n\n{self.say_to_merchant('solved_ask', ticket)}"
                buttons = tuple(
                    Button(self.say_to_merchant(f"solved_{one}", ticket), f"solved={one}.{ticket.id}", numbered=False)
                    for one in ("yes", "no")
                )
            told = channel.tell(ticket.address.chat, [Reply(words, buttons)])
            made = made.adding(Outgoing(channel.name, ticket.address.chat, call, ticket=ticket.id) for call in told)
        return await self.ended(made, ticket, "closed", self.cards.say("desk_ended", ticket), to, who.name)

    async def ended(
        self, made: Handled, ticket: Ticket, how: str, words: str, to: str | None = None, name: str = ""
    ) -> Handled:
        """Tell at the desk that a ticket is closed, with a summary; keep the times to the first answer and to the end."""
        told = summary(self.cards, ticket, await self.store.talk(ticket.id), time.time())
        calls = self.cards.desk.post(f"{words}\n\n{told}", None if to else ticket.id, to)
        made = made.adding(self.to_desk(calls, None if to else ticket.id))
        made = self.cards.shown(made, replace(ticket, open=False))
        now = time.time()
        answered = None if ticket.answered is None else round(ticket.answered - ticket.opened)
        event = ticket_event(how, seconds=round(now - ticket.opened), first_answer_seconds=answered)
        return with_state(made.adding(events=[event]), ticket, how, name)

    async def blocked(
        self, made: Handled, ticket: Ticket, who: Writer, to: str | None = None, *, blocks: bool = True
    ) -> Handled:
        """Refuse a merchant's talks from now on, and end the open one; or take that back."""
        note = ((f"{BLOCKED}{ticket.address}", "blocked" if blocks else ""),)
        words = self.cards.say("desk_blocked" if blocks else "desk_unblocked", ticket)
        calls = self.to_desk(self.cards.desk.post(words, None if to else ticket.id, to), None if to else ticket.id)
        made = replace(made, own_notes=note).adding(calls)
        made = with_state(made, ticket, "blocked" if blocks else "unblocked", who.name)
        return await self.closed(made, ticket, who, to, asks=False) if blocks and ticket.open else made

    async def is_blocked(self, address: Address) -> bool:
        return bool(await self.store.recall(f"{BLOCKED}{address}"))

    # --- drafts

    async def settled(self, made: Handled, ticket: Ticket, draft: Draft) -> Handled:
        """Show at the desk, on the message with a draft, what became of it elsewhere."""
        desk, phrases = self.cards.desk, {"sent": "draft_sent", "changed": "draft_changed", "wrong": "draft_wrong"}
        for call in await self.store.ticket_calls(ticket.id):
            shown = desk.drafts(call.payload) if call.channel == desk.channel else []
            if draft.id not in shown or not call.platform_id:
                continue
            found = [draft if id == draft.id else await self.store.draft(id) for id in shown]
            statuses = {
                one.id: self.cards.say(phrases[one.state], ticket, name=one.consultant)
                for one in found
                if one and one.state in phrases
            }
            calls = desk.settled(call.payload, call.platform_id, statuses)
            return made.adding(self.to_desk(calls))
        return made

    def draft_sent(self, made: Handled, ticket: Ticket, who: Writer, draft: Draft, about: str = "") -> Handled:
        """Send the assistant's draft as it is."""
        made = self.written(made, ticket, who, draft.answer, about=about)
        settled = replace(draft, state="sent", consultant=who.name, final=draft.answer)
        return made.adding(events=[ticket_event("draft sent")], drafts=[settled])

    def draft_changed(self, made: Handled, ticket: Ticket, who: Writer, draft: Draft, text: str) -> Handled:
        """Store the text that was sent in place of a draft."""
        changed = replace(draft, state="changed", consultant=who.name, final=masked(text))
        made = made.adding(events=[ticket_event("draft changed")], drafts=[changed])
        return replace(made, question=self.corrected(ticket, draft))

    def draft_wrong(self, made: Handled, ticket: Ticket, who: Writer, draft: Draft) -> Handled:
        """Call a draft wrong; the editors are told of its question."""
        settled = replace(draft, state="wrong", consultant=who.name)
        made = made.adding(events=[ticket_event("draft wrong")], drafts=[settled])
        return replace(made, question=self.corrected(ticket, draft))

    def corrected(self, ticket: Ticket, draft: Draft) -> Question | None:
        """Return the question of a draft that a consultant did not send as it was, for the editors."""
        topic = next(iter(draft.topics), "")
        return self.cards.assistant.question(draft.question, "corrected", ticket.lang, ticket.name, topic)

    # --- lists

    async def listed(self, which: str, who: DeskMessage, reply: str | None) -> tuple[Outgoing, ...]:
        """Return the calls that list a consultant's tickets, or the unclaimed ones."""
        desk, knowledge = self.cards.desk, self.cards.assistant.knowledge
        lang = knowledge.library.operator.desk.language or who.hint or "en"
        holder = who.user if which == "mine" else ""
        tickets = [
            one
            for one in await self.store.open_tickets(10 * MOST_LISTED)
            if one.holder == holder and not self.cards.assistant.lapse(one)
        ]
        tickets = sorted(tickets, key=lambda one: (one.waits_for_consultant, one.opened))[:MOST_LISTED]
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

    # --- presses

    def pressed(self, entry: Received, press: DeskPress, text: str = "") -> Handled:
        """Answer a press; with a text, nothing else is done."""
        calls = (self.cards.desk.answer_press(press, text),)
        return Handled(Address("", "", ""), entry, outgoing=self.to_desk(calls), notes=known_note(press))

    def settle(
        self, made: Handled, entry: Received, press: DeskPress, ticket: Ticket, draft: Draft, phrase: str
    ) -> Handled:
        """Show on its message what became of a draft."""
        status = self.cards.say(phrase, ticket, name=press.name)
        calls = self.to_desk(self.cards.desk.settle(entry.payload, draft.id, status))
        return made.adding(calls)
