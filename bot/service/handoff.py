"""Handoff: relays messages between merchants and consultants, and reports undelivered ones to their writers.

Every relayed message is a call in the outbox, stored in the transaction that finishes its update.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.assistant import Assistant
from bot.channels.channel import Channel, Desk, DeskMessage
from bot.channels.markup import escape_lines
from bot.model import Address, Message, Reply, Ticket, Turn
from bot.store import Event, Handled, Outgoing, Received, TicketMessage, Waiting
from bot.store.ports import Tickets

ENDS = ("/end", "/close")
SHOWN_NAME = 60  # characters
NOBODY = Address("", "", "")


class Handoff:
    """Relays messages between the merchants' chats and the consultants' desk."""

    def __init__(self, store: Tickets, assistant: Assistant, channels: Mapping[str, Channel], desk: Desk) -> None:
        self.store, self.assistant, self.channels, self.desk = store, assistant, channels, desk

    # --- from merchants

    def with_calls(
        self, turn: Turn, message: Message, entry: Received, before: Ticket | None, made: Handled
    ) -> Handled:
        """Add the calls to the desk and the ticket events to a merchant's turn.

        `before` is the open ticket from before the turn, None if it has lapsed.
        """
        calls, events = self.with_ticket(turn, message, entry, before, made)
        if turn.lapsed is not None:
            hours = self.assistant.knowledge.library.operator.consultant_idle_hours
            over = self.desk.post(self.say("desk_lapsed", turn.lapsed, hours=hours), to=turn.lapsed.first)
            # An erased ticket's row is gone, so the call cannot belong to it.
            calls = (*self.to_desk(over, None if turn.erase else turn.lapsed.id), *calls)
            events = () if turn.erase else (ticket_event("lapsed"), *events)
        return replace(made, outgoing=(*made.outgoing, *calls), events=(*made.events, *events))

    def with_ticket(
        self, turn: Turn, message: Message, entry: Received, ticket: Ticket | None, made: Handled
    ) -> tuple[tuple[Outgoing, ...], tuple[Event, ...]]:
        """Return the calls to the desk and the events for the turn's new ticket, or for the open one."""
        if made.opens:
            card = (self.header(made.opens, message), turn.card, self.answering_note(made.opens))
            calls = self.desk.post("\n\n".join(filter(None, card)))
            return self.to_desk(calls, made.opens.id), (ticket_event("opened"),)
        if ticket is None:
            return (), ()
        if turn.erase:
            # The ticket's row is gone when this is sent, so the message to reply to is set now.
            return self.to_desk(self.desk.post(self.say("desk_erased", ticket, number=ticket.id), to=ticket.first)), ()
        if turn.handoff == "pass":
            phrase = "desk_corrected" if message.edited else "desk_said"
            label = self.say(phrase, ticket, name=merchant_name(message))
            calls = self.desk.pass_on(ticket.id, label, message, entry.payload)
            return self.to_desk(calls, ticket.id), (ticket_event("asked"),)
        if turn.handoff == "close":
            calls = self.desk.post(self.say("desk_ended_by_merchant", ticket), ticket.id)
            return self.to_desk(calls, ticket.id), (ticket_event("closed"),)
        return (), ()

    def header(self, ticket: Ticket, message: Message) -> str:
        lang = self.assistant.knowledge.say("language_name", ticket.lang)
        place = ticket.address.channel.capitalize()
        return self.say(
            "desk_header",
            ticket,
            number=ticket.id,
            name=escape_lines(merchant_name(message)),
            place=place,
            language=lang,
        )

    def answering_note(self, ticket: Ticket) -> str:
        """Return the note on how to answer; merchants on another platform see the answer on their next visit."""
        same = ticket.address.channel == self.desk.channel
        return self.say("desk_how" if same else "desk_how_elsewhere", ticket)

    # --- from consultants

    async def consultant_turn(self, entry: Received) -> Handled | None:
        """Return the turn for a consultant's message, or None if it is not a reply to a merchant. Raises StoreError."""
        if entry.channel != self.desk.channel or entry.chat not in self.desk.chats:
            return None
        spoken = self.desk.read(entry.payload)
        if spoken is None:
            return None
        to = self.reply_id(entry, spoken)
        if spoken.lost:
            words = self.assistant.knowledge.say("desk_lost", spoken.hint or "en")
            return Handled(NOBODY, entry, outgoing=self.to_desk(self.desk.post(words, to=to)))
        place = spoken.id if spoken.edited else spoken.to
        ticket = await self.store.ticket_at(entry.channel, entry.chat, place) if place else None
        if ticket is None:
            return None
        made = Handled(ticket.address, entry)
        channel = self.channels.get(ticket.address.channel)
        if not ticket.open or channel is None:
            calls = self.desk.post(self.say("desk_closed", ticket), to=to)
            return replace(made, outgoing=self.to_desk(calls))
        if spoken.text.partition("@")[0].strip().lower() in ENDS:
            told = self.to_merchant(channel, ticket, self.say("consultant_ended", ticket), None)
            calls = self.desk.post(self.say("desk_ended", ticket), to=to)
            outgoing = (*told, *self.to_desk(calls))
            return replace(made, closes=ticket.id, outgoing=outgoing, events=(ticket_event("closed"),))
        belongs = TicketMessage(ticket.id, entry.channel, entry.chat, spoken.id)
        outgoing = self.answer(channel, ticket, spoken, entry)
        return replace(made, belongs=belongs, outgoing=outgoing, events=(ticket_event("answered"),))

    def reply_id(self, entry: Received, spoken: DeskMessage) -> str | None:
        """Return the id of a consultant's message to reply to, or None if the desk has moved to another chat since."""
        return spoken.id if entry.chat == self.desk.chat else None

    def answer(self, channel: Channel, ticket: Ticket, spoken: DeskMessage, entry: Received) -> tuple[Outgoing, ...]:
        """Return the calls that bring a consultant's message to the merchant."""
        label = self.say("consultant_corrected" if spoken.edited else "consultant_said", ticket)
        if spoken.kind == "text":
            return self.to_merchant(channel, ticket, f"**{label}:** {escape_lines(spoken.text)}", spoken.id)
        if channel.name == self.desk.channel:
            call = self.desk.copy(entry.payload, ticket.address.chat, label)
            return (Outgoing(channel.name, ticket.address.chat, call, ticket=ticket.id),)
        words = self.say("consultant_sent_a_file", ticket, text=escape_lines(spoken.text))
        calls = self.desk.post(self.say("desk_text_only", ticket), to=self.reply_id(entry, spoken))
        return (*self.to_merchant(channel, ticket, words, spoken.id), *self.to_desk(calls))

    # --- what does not arrive

    async def report_undelivered(self, entries: Sequence[Waiting], why: str) -> None:
        """Tell the writers of undelivered messages; `why` is the platform's reason, or the name of a phrase. Raises StoreError."""
        for entry in entries:
            ticket = await self.store.ticket(entry.ticket) if entry.ticket is not None else None
            if ticket is None:
                continue
            if entry.channel != self.desk.channel or entry.chat not in self.desk.chats:
                known = why in self.assistant.knowledge.library.phrases
                words = self.say(why, ticket) if known else self.say("desk_undelivered", ticket, why=escape_lines(why))
                to = self.desk.about(entry.payload)
                outgoing = self.to_desk(self.desk.post(words, ticket.id, to))
            elif channel := self.channels.get(ticket.address.channel):
                contact = self.assistant.knowledge.library.operator.consultant
                words = self.say("consultant_not_reached", ticket, contact=contact[ticket.lang] if contact else "")
                outgoing = tuple(
                    Outgoing(channel.name, ticket.address.chat, call)
                    for call in channel.tell(ticket.address.chat, [Reply(words)])
                )
            else:
                continue
            await self.store.finish(Handled(ticket.address, outgoing=outgoing, events=(ticket_event("undelivered"),)))

    # --- where the desk is

    async def follow(self, made: Handled) -> Handled:
        """Complete the turn of a chat that has a new id. Raises StoreError.

        If the chat is the desk, its new id is noted and each open ticket gets a new message to reply to, since replies
        to older messages no longer work.
        """
        channel, old, new = made.address.channel, made.address.chat, made.moved_to
        note = self.desk.moved(old, new) if channel == self.desk.channel and new else None
        if not new or note is None:
            return made
        outgoing = [
            out
            for ticket in await self.store.tickets_left(channel, old, new)
            if not self.assistant.lapse(ticket)
            for out in self.to_desk(self.desk.post(self.say("desk_moved", ticket, number=ticket.id)), ticket.id)
        ]
        return replace(made, outgoing=(*made.outgoing, *outgoing), notes=(note,))

    # --- the calls

    def to_desk(self, calls: Sequence[str], ticket: int | None = None) -> tuple[Outgoing, ...]:
        return tuple(Outgoing(self.desk.channel, self.desk.chat, call, ticket=ticket) for call in calls)

    def to_merchant(self, channel: Channel, ticket: Ticket, text: str, about: str | None) -> tuple[Outgoing, ...]:
        calls = channel.tell(ticket.address.chat, [Reply(text)], about=about or "")
        return tuple(Outgoing(channel.name, ticket.address.chat, call, ticket=ticket.id) for call in calls)

    def say(self, phrase: str, ticket: Ticket, **values: object) -> str:
        """Return a phrase in the merchant's language, which their consultant reads too."""
        return self.assistant.knowledge.say(phrase, ticket.lang, **values)


def ticket_event(what: str) -> Event:
    """Return a ticket's event for reports."""
    return Event("ticket", {"what": what})


def merchant_name(message: Message) -> str:
    """Return a merchant's name, or else their user id, shortened."""
    return message.name[:SHOWN_NAME] or message.address.user[:SHOWN_NAME]
