"""Cards: what is shown at the desk of a ticket, in the consultants' language: its state, its buttons, its topic's title."""

from __future__ import annotations

from dataclasses import replace

from bot.assistant import Assistant
from bot.channels.channel import Card, Desk
from bot.model import Button, Language, Ticket
from bot.store import Handled, Outgoing

CLAIM, TAKE, RELEASE, CLOSE = "desk.claim", "desk.take", "desk.release", "desk.close"


class Cards:
    """Writes the cards of one desk."""

    def __init__(self, assistant: Assistant, desk: Desk) -> None:
        self.assistant, self.desk = assistant, desk

    def language(self, ticket: Ticket) -> Language:
        """Return the consultants' language, or else the merchant's, which they read too."""
        return self.assistant.knowledge.library.operator.desk.language or ticket.lang

    def say(self, phrase: str, ticket: Ticket, **values: object) -> str:
        return self.assistant.knowledge.say(phrase, self.language(ticket), **values)

    def state(self, ticket: Ticket) -> str:
        if not ticket.open:
            return self.say("desk_state_closed", ticket)
        if ticket.holder:
            return self.say("desk_state_held", ticket, name=ticket.holder_name)
        if ticket.waits_for_consultant:
            return self.say("desk_state_lead", ticket)
        return self.say("desk_state_waiting", ticket)

    def card(self, ticket: Ticket, *, new: bool = False) -> Card:
        language = self.assistant.knowledge.say("language_name", ticket.lang)
        waiting = ticket.open and not ticket.holder and not ticket.waits_for_consultant
        state = self.state(ticket)
        title = self.say("desk_title", ticket, name=ticket.name, language=language, state=state, waiting=waiting)
        text = f"{ticket.card}\n\n**{state}**"
        return Card(text, self.buttons(ticket), title, not ticket.open, new)

    def buttons(self, ticket: Ticket) -> tuple[Button, ...]:
        if not ticket.open:
            return ()
        close = Button(self.say("desk_close_button", ticket), CLOSE)
        if not ticket.holder:
            return Button(self.say("desk_claim_button", ticket), CLAIM), close
        return self.take_over(ticket), Button(self.say("desk_release_button", ticket), RELEASE), close

    def take_over(self, ticket: Ticket) -> Button:
        return Button(self.say("desk_take_over_button", ticket), TAKE)

    def shown(self, made: Handled, ticket: Ticket, *, new: bool = False) -> Handled:
        """Add the call that shows a ticket's card as it is now, and what to store of it, to a turn."""
        call = self.desk.card(ticket.id, self.card(ticket, new=new))
        if call is None:
            return made
        out = Outgoing(self.desk.channel, self.desk.chat, call, ticket=ticket.id)
        return replace(made, outgoing=(*made.outgoing, out), shows=(*made.shows, (ticket.id, call)))
