"""Handoff: relays messages between merchants and consultants, and reports undelivered ones to their writers.

Every relayed message is a call in the outbox, stored in the transaction that finishes its update.
"""

from __future__ import annotations

import contextlib
import hashlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from bot.assistant import Assistant
from bot.channels.channel import (
    NOTE,
    CallRefused,
    Channel,
    Desk,
    DeskMessage,
    DeskPress,
    Labels,
    RecipientGone,
    RetryLater,
    TooLarge,
)
from bot.channels.file_types import LARGEST, LARGEST_MB, shown_name, type_of
from bot.channels.limits import Limit
from bot.channels.markup import escape_lines
from bot.content.templates import BadTemplate
from bot.desk import canned
from bot.desk.cards import CLAIM, CLOSE, RELEASE, TAKE, Cards
from bot.desk.consulting import CLOSING, LISTS, Consulting, known_note, ticket_event, with_state
from bot.desk.whisper import whisper
from bot.model import Address, Feedback, KeptFile, Language, Message, Reply, Ticket, Turn
from bot.service.outage import Outage, Store
from bot.store import Handled, Outgoing, Received, TalkEntry, TicketMessage, Waiting

ABOUT_ONE = ("claim", "pass", "block", "unblock")  # commands that need a merchant
SHOWN_NAME = 60  # characters
MOST_FILES = 1000 << 20
TYPINGS_PER_MINUTE = 12
NOBODY = Address("", "", "")


class Handoff:
    """Relays messages between the merchants' chats and the consultants' desk."""

    def __init__(
        self,
        store: Store,
        assistant: Assistant,
        channels: Mapping[str, Channel],
        desk: Desk,
        most_files: int = MOST_FILES,
    ) -> None:
        self.store, self.assistant, self.channels, self.desk = store, assistant, channels, desk
        self.most_files = most_files  # bytes of all files together
        self.typings = Limit(TYPINGS_PER_MINUTE)
        self.cards = Cards(assistant, desk)
        self.consulting = Consulting(store, self.cards, channels)
        self.outage = Outage(store, self.cards, channels)

    # --- from merchants

    async def admitted(self, turn: Turn, kept: Handled) -> tuple[Turn, Handled]:
        """Refuse a ticket to a merchant whom the consultants have blocked, and tell them so; and a word on another's talk."""
        if turn.feedback and turn.feedback.ticket is not None:
            return await self.with_verdict(turn, turn.feedback, kept)
        if kept.opens is None or not await self.consulting.is_blocked(kept.address):
            return turn, kept
        words = Reply(self.consulting.say_to_merchant("consultant_blocked", kept.opens))
        return replace(turn, replies=(words,), handoff=None), replace(kept, opens=None)

    async def with_verdict(self, turn: Turn, said: Feedback, kept: Handled) -> tuple[Turn, Handled]:
        """Store a merchant's rating of a talk, and show it to the consultants; refuse it for another merchant's talk."""
        ticket = await self.store.ticket(said.ticket) if said.ticket is not None else None
        if ticket is None or ticket.address != kept.address or (ticket.solved and not said.word):
            gone = Reply(self.assistant.knowledge.say("choice_gone", turn.conversation.lang or "en"))
            events = tuple(one for one in kept.events if one.kind != "solved")
            return replace(turn, replies=(gone,), feedback=None), replace(kept, events=events)
        if said.word:
            words = self.cards.say("desk_solved_word", ticket, word=escape_lines(said.word))
        else:
            words = self.cards.say("desk_solved_yes" if said.helped else "desk_solved_no", ticket)
            kept = replace(kept, solves=(ticket.id, "yes" if said.helped else "no"))
        calls = self.consulting.to_desk(self.desk.post(words, ticket.id), ticket.id)
        kind = "missed" if said.word else "solved" if said.helped else "unsolved"
        return turn, kept.adding(calls, said=[TalkEntry(ticket.id, "state", said.word, kind=kind)])

    async def waiting_lead(self, turn: Turn, address: Address) -> Ticket | None:
        """Return the lead to which no consultant has written yet, if the turn ends it."""
        if not turn.erase and turn.handoff not in ("open", "lead", "withdraw"):
            return None
        ticket = await self.store.latest_ticket(address)
        return ticket if ticket and ticket.open and ticket.waits_for_consultant else None

    async def with_calls(
        self, turn: Turn, message: Message, entry: Received, before: Ticket | None, made: Handled
    ) -> Handled:
        """Add the calls to the desk and the ticket events to a merchant's turn.

        `before` is the open ticket from before the turn, None if it has lapsed.
        """
        if lead := await self.waiting_lead(turn, made.address):
            before = lead if turn.erase or turn.handoff == "withdraw" else before
            made = made if turn.erase else replace(made, closes=lead.id)
        if turn.lapsed is not None:
            hours = self.assistant.knowledge.library.operator.consultant_idle_hours
            words = self.cards.say("desk_lapsed", turn.lapsed, hours=hours)
            if turn.erase:
                # An erased ticket's row is gone, so the call cannot belong to it.
                calls = self.consulting.to_desk(self.desk.post(words, to=turn.lapsed.first))
                made = made.adding(calls)
            else:
                made = await self.consulting.ended(made, turn.lapsed, "lapsed", words)
        return await self.with_ticket(turn, message, entry, before, made)

    async def with_ticket(
        self, turn: Turn, message: Message, entry: Received, ticket: Ticket | None, made: Handled
    ) -> Handled:
        """Add the calls to the desk and the events for the turn's new ticket, or for the open one."""
        if made.opens:
            lead = self.lead_note(turn) if made.opens.lead else ""
            body = "\n\n".join(
                filter(None, (self.header(made.opens, message), turn.card, lead, self.answering_note(made.opens)))
            )
            opened = replace(made.opens, name=merchant_name(message), card=body)
            what = "lead" if made.opens.lead else "opened"
            made = replace(made, opens=opened).adding(events=[ticket_event(what)])
            return with_state(self.cards.shown(made, opened, new=True), opened, what, opened.name)
        if ticket is None:
            return made
        if turn.erase:
            # The ticket's row is gone when this is sent, so the message to reply to is set now.
            words = self.cards.say("desk_erased", ticket, number=ticket.id)
            return made.adding(self.consulting.to_desk(self.desk.post(words, to=ticket.first)))
        if turn.handoff == "pass":
            found = whisper(self.assistant, self.cards, ticket, message, turn.conversation, entry.id)
            labels = self.merchant_labels(ticket, message)
            calls = self.desk.pass_on(ticket.id, labels, message, entry.payload, found.suggestion if found else None)
            return made.adding(
                self.consulting.to_desk(calls, ticket.id),
                events=[ticket_event("asked")],
                said=[self.said_by_merchant(ticket, message, entry)],
                drafts=[found.draft] if found else (),
            )
        if turn.handoff == "lead":
            return with_state(self.consulting.posted(made, ticket, turn.card), ticket, "lead", ticket.name)
        if turn.handoff == "withdraw":
            words = self.cards.say("desk_lead_withdrawn", ticket, code=turn.card)
            made = made.adding(events=[ticket_event("lead taken back")])
            if made.closes != ticket.id:
                return with_state(self.consulting.posted(made, ticket, words), ticket, "withdrawn", ticket.name)
            return await self.consulting.ended(made, ticket, "closed", words, name=ticket.name)
        if turn.handoff == "close":
            words = self.cards.say("desk_ended_by_merchant", ticket)
            return await self.consulting.ended(made, ticket, "closed", words, name=ticket.name)
        return made

    def said_by_merchant(self, ticket: Ticket, message: Message, entry: Received) -> TalkEntry:
        """Return the entry of the talk for a merchant's message."""
        channel = self.channels.get(entry.channel)
        file = message.file.id if message.file else channel.file_in(entry.payload) if channel else ""
        kind = f"{message.kind}, edited" if message.edited else message.kind
        return TalkEntry(ticket.id, "merchant", message.text, merchant_name(message), kind, file)

    def lead_note(self, turn: Turn) -> str:
        """Return since when a consultant may write to the merchant, in the consultants' language."""
        consent = turn.conversation.consent
        day = datetime.fromtimestamp(consent.at if consent else time.time(), UTC).date().isoformat()
        lang = self.assistant.knowledge.library.operator.desk.language or turn.conversation.lang or "en"
        return self.assistant.knowledge.say("desk_lead", lang, day=day)

    def header(self, ticket: Ticket, message: Message) -> str:
        lang = self.assistant.knowledge.say("language_name", ticket.lang)
        return self.cards.say(
            "desk_header",
            ticket,
            number=ticket.id,
            name=escape_lines(merchant_name(message)),
            place=ticket.address.channel.capitalize(),
            language=lang,
        )

    def merchant_labels(self, ticket: Ticket, message: Message) -> Labels:
        name = merchant_name(message)
        return Labels(
            name,
            self.cards.say("desk_corrected", ticket, name=name),
            lambda origin: self.cards.say("desk_forwarded", ticket, name=name, origin=origin),
            lambda kind, told: f"{name}: {self.shown(kind, told, self.cards.language(ticket))}",
        )

    def consultant_labels(self, ticket: Ticket) -> Labels:
        name = self.consulting.say_to_merchant("consultant_said", ticket)
        return Labels(
            name,
            self.consulting.say_to_merchant("consultant_corrected", ticket),
            lambda origin: self.consulting.say_to_merchant("desk_forwarded", ticket, name=name, origin=origin),
            lambda kind, told: f"{name}: {self.shown(kind, told, ticket.lang)}",
        )

    def shown(self, kind: str, told: str, lang: Language) -> str:
        """Name what cannot be shown in another chat, with what can be told of it in words."""
        known = f"kind_{kind}" if f"kind_{kind}" in self.assistant.knowledge.library.phrases else "kind_message"
        named = self.assistant.knowledge.say(known, lang)
        return f"[{named}] {told}" if told else f"[{named}]"

    def answering_note(self, ticket: Ticket) -> str:
        """Return the note on how to answer; merchants on another platform see the answer on their next visit."""
        same = ticket.address.channel == self.desk.channel
        how = "desk_how_in_topic" if self.desk.topics else "desk_how"
        return self.cards.say(how if same else f"{how}_elsewhere", ticket)

    # --- from consultants

    async def consultant_turn(self, entry: Received) -> Handled | None:
        """Return the turn for what a consultant does, or None if it concerns no merchant. Raises StoreError, RetryLater."""
        if entry.channel != self.desk.channel or entry.chat not in self.desk.chats:
            return await self.seen_turn(entry)
        await self.outage.look(entry.payload)
        if press := self.desk.read_press(entry.payload):
            return await self.press_turn(entry, press)
        spoken = self.desk.read(entry.payload)
        if spoken is None or (spoken.calls_assistant and not spoken.command):
            return None
        to = self.reply_id(entry, spoken)
        if spoken.lost:
            words = self.assistant.knowledge.say("desk_lost", spoken.hint or "en")
            return Handled(NOBODY, entry, outgoing=self.consulting.to_desk(self.desk.post(words, to=to)))
        place = spoken.id if spoken.edited else spoken.to
        # Only what went to the merchant is corrected there: no note, and nothing that was refused.
        ticket = await self.ticket_of(entry, place, None if spoken.edited else spoken.thread)
        if ticket is None:
            return await self.elsewhere(entry, spoken, to)
        made = Handled(ticket.address, entry, notes=known_note(spoken))
        # The card's id is not stored yet where a consultant answers at once.
        to_card = spoken.thread is not None and self.desk.topics and spoken.to is not None and spoken.to == ticket.first
        if spoken.text.startswith(NOTE) or to_card:  # among consultants
            words = spoken.markdown.removeprefix(NOTE).strip()
            return made if spoken.edited else self.consulting.noted(made, ticket, spoken, words)
        if not await self.desk.admits(spoken.user):
            return replace(
                made, outgoing=self.consulting.to_desk(self.desk.post(self.cards.say("desk_no_member", ticket), to=to))
            )
        name = spoken.command[0] if spoken.command and not spoken.edited else ""
        if name in canned.COMMANDS and not (spoken.command and spoken.command[1]):
            return replace(made, outgoing=self.canned_list(self.cards.language(ticket), to))
        if name and name not in canned.COMMANDS:
            return await self.command_turn(made, ticket, spoken, to)
        channel = self.channels.get(ticket.address.channel)
        if not ticket.open or channel is None:
            return replace(
                made, outgoing=self.consulting.to_desk(self.desk.post(self.cards.say("desk_closed", ticket), to=to))
            )
        if ticket.holder not in ("", spoken.user) and not spoken.edited:
            words = self.cards.say("desk_held", ticket, name=ticket.holder_name)
            calls = self.desk.post(words, ticket.id, to, (self.cards.take_over(ticket),))
            return replace(made, outgoing=self.consulting.to_desk(calls, ticket.id))
        if name:
            return self.canned_turn(made, ticket, spoken, to)
        made = replace(made, belongs=TicketMessage(ticket.id, entry.channel, entry.chat, spoken.id))
        sent, file = await self.answer(channel, ticket, spoken, entry)
        kind = f"{spoken.what}, edited" if spoken.edited else spoken.what
        said = TalkEntry(
            ticket.id, "consultant", spoken.markdown or escape_lines(spoken.described), kind=kind, file=file
        )
        made = self.consulting.answered(made, ticket, spoken, channel, sent, said)
        return await self.with_changed_draft(made, ticket, spoken)

    def canned_turn(self, made: Handled, ticket: Ticket, spoken: DeskMessage, to: str | None) -> Handled:
        """Return the turn for `/r name`: the reply goes to the merchant, and the consultants see it."""
        knowledge, asked = self.assistant.knowledge, (spoken.command or ("", ""))[1]
        found = canned.choices(knowledge, asked)
        if len(found) != 1:
            listed = canned.lines(knowledge, found or canned.all_replies(knowledge), self.cards.language(ticket))
            phrase = "desk_reply_which" if found else "desk_reply_unknown"
            words = self.cards.say(phrase, ticket, name=escape_lines(asked[:SHOWN_NAME]))
            return replace(made, outgoing=self.consulting.to_desk(self.desk.post(f"{words}\n\n{listed}", to=to)))
        try:
            text = found[0].text(self.assistant, ticket)
        except BadTemplate as error:
            why = error.said.words(self.cards.language(ticket))
            words = self.cards.say("desk_reply_broken", ticket, name=found[0].name, why=escape_lines(why))
            return replace(made, outgoing=self.consulting.to_desk(self.desk.post(words, to=to)))
        made = self.consulting.written(made, ticket, spoken, text, about=spoken.id)
        shown = self.desk.post(self.cards.say("desk_reply_sent", ticket, text=text), ticket.id, to)
        made = made.adding(
            self.consulting.to_desk(shown, ticket.id), events=[ticket_event("canned", name=found[0].name)]
        )
        return replace(made, belongs=TicketMessage(ticket.id, self.desk.channel, self.desk.chat, spoken.id))

    def canned_list(self, lang: Language, to: str | None) -> tuple[Outgoing, ...]:
        """Return the calls that list the agency's replies."""
        knowledge = self.assistant.knowledge
        listed = canned.lines(knowledge, canned.all_replies(knowledge), lang)
        words = knowledge.say("desk_replies" if listed else "desk_no_replies", lang)
        return self.consulting.to_desk(self.desk.post(f"{words}\n\n{listed}".strip(), to=to))

    async def seen_turn(self, entry: Received) -> Handled | None:
        """Return the turn that shows at the desk what a merchant has seen, or None for other updates."""
        channel = self.channels.get(entry.channel)
        message = channel.saw(entry.payload) if channel else None
        if message is None:
            return None
        return Handled(NOBODY, entry, outgoing=self.consulting.to_desk(self.desk.seen(message)))

    async def typing(self, address: Address) -> None:
        """Show at the desk that a merchant is typing; never more often than is well within the platform's limits."""
        if self.typings.wait(self.desk.chat):
            return
        ticket = await self.store.latest_ticket(address)
        call = self.desk.typing(ticket.id) if ticket and ticket.open else None
        channel = self.channels.get(self.desk.channel)
        if call is not None and channel is not None:
            with contextlib.suppress(RetryLater, RecipientGone, CallRefused):
                await channel.send(call, self.desk.chat)

    async def ticket_of(self, entry: Received, message: str | None, thread: str | None) -> Ticket | None:
        """Return the ticket of a message at the desk, or else that of the merchant whose topic it is."""
        found = await self.store.ticket_at(entry.channel, entry.chat, message) if message else None
        if found is not None or thread is None:
            return found
        # A topic that was deleted by hand since is still known by its first message.
        topic = await self.store.topic_at(entry.channel, entry.chat, thread)
        of = topic or await self.store.ticket_at(entry.channel, entry.chat, thread)
        return await self.store.latest_ticket(of.address) if of else None

    async def elsewhere(self, entry: Received, spoken: DeskMessage, to: str | None) -> Handled | None:
        """Return the turn for a message that belongs to no merchant, or None if the assistant may answer it."""
        say = partial(self.assistant.knowledge.say, lang=spoken.hint or "en")
        name = spoken.command[0] if spoken.command and not spoken.edited else ""
        if name in LISTS:
            return Handled(
                NOBODY, entry, outgoing=await self.consulting.listed(name, spoken, to), notes=known_note(spoken)
            )
        if name in canned.COMMANDS and not (spoken.command and spoken.command[1]):
            lang = self.assistant.knowledge.library.operator.desk.language or spoken.hint or "en"
            return Handled(NOBODY, entry, outgoing=self.canned_list(lang, to))
        if name in (*ABOUT_ONE, *canned.COMMANDS, "close"):
            return Handled(NOBODY, entry, outgoing=self.consulting.to_desk(self.desk.post(say("desk_where"), to=to)))
        if spoken.edited or name or not (spoken.to_assistant or spoken.in_merchants_topic):
            return None
        # A reply to what is gone, such as an erased merchant's message, is no question to the assistant.
        return Handled(NOBODY, entry, outgoing=self.consulting.to_desk(self.desk.post(say("desk_unknown"), to=to)))

    async def command_turn(self, made: Handled, ticket: Ticket, spoken: DeskMessage, to: str | None) -> Handled | None:
        """Return the turn for a command about a merchant, or None if it is one of the assistant's."""
        name, rest = spoken.command or ("", "")
        if name in LISTS:
            return replace(made, outgoing=await self.consulting.listed(name, spoken, to))
        if name in ("block", "unblock"):
            return await self.consulting.blocked(made, ticket, spoken, to, blocks=name == "block")
        if name not in (*ABOUT_ONE, *CLOSING):
            return None
        if not ticket.open:
            return replace(
                made, outgoing=self.consulting.to_desk(self.desk.post(self.cards.say("desk_closed", ticket), to=to))
            )
        if name == "pass":
            return await self.consulting.passed(made, ticket, rest, spoken)
        if name == "claim":
            return self.consulting.claimed(made, ticket, spoken)
        return await self.consulting.closed(made, ticket, spoken, to)

    # --- presses at the desk

    async def press_turn(self, entry: Received, press: DeskPress) -> Handled | None:
        """Return the turn for a button of a card or a draft, or None for the assistant's own buttons."""
        kind, _, rest = press.says.partition(".")
        if kind not in ("desk", "draft"):
            return None
        ticket = await self.ticket_of(entry, press.message, press.thread)
        lang = self.assistant.knowledge.library.operator.desk.language or "en"
        if ticket is None:
            return self.consulting.pressed(entry, press, self.assistant.knowledge.say("desk_forged", lang))
        if not await self.desk.admits(press.user):
            return self.consulting.pressed(entry, press, self.cards.say("desk_no_member", ticket))
        if not ticket.open:
            return self.consulting.pressed(entry, press, self.cards.say("desk_closed", ticket))
        if kind == "draft":
            return await self.draft_turn(entry, press, ticket, rest)
        made = replace(self.consulting.pressed(entry, press), address=ticket.address)
        if press.says == CLAIM and ticket.holder not in ("", press.user):
            words = self.cards.say("desk_was_held", ticket, name=ticket.holder_name)
            return self.consulting.pressed(entry, press, words)
        if press.says in (CLAIM, TAKE):
            return self.consulting.claimed(made, ticket, press)
        if press.says == RELEASE:
            return self.consulting.released(made, ticket, press)
        if press.says == CLOSE:
            return await self.consulting.closed(made, ticket, press)
        return self.consulting.pressed(entry, press, self.cards.say("desk_forged", ticket))

    async def draft_turn(self, entry: Received, press: DeskPress, ticket: Ticket, rest: str) -> Handled:
        """Return the turn for a button of a draft: send it, change it, or call it wrong."""
        what, _, number = rest.partition(".")
        draft = await self.store.draft(int(number)) if number.isascii() and number.isdecimal() else None
        channel = self.channels.get(ticket.address.channel)
        if draft is None or draft.ticket != ticket.id or channel is None or what not in ("send", "edit", "wrong"):
            return self.consulting.pressed(entry, press, self.cards.say("desk_forged", ticket))
        if draft.state not in ("offered", "edited"):
            return self.consulting.pressed(entry, press, self.cards.say("draft_settled", ticket, name=draft.consultant))
        if what != "wrong" and ticket.holder not in ("", press.user):
            words = self.cards.say("desk_was_held", ticket, name=ticket.holder_name)
            return self.consulting.pressed(entry, press, words)
        if what == "edit":
            made = self.consulting.pressed(entry, press, self.cards.say("draft_edit", ticket))
            return replace(made, drafts=(replace(draft, state="edited", consultant=press.name),))
        made = replace(self.consulting.pressed(entry, press), address=ticket.address)
        if what == "wrong":
            made = self.consulting.draft_wrong(made, ticket, press, draft)
            return self.consulting.settle(made, entry, press, ticket, draft, "draft_wrong")
        made = self.consulting.draft_sent(made, ticket, press, draft, press.message)
        return self.consulting.settle(made, entry, press, ticket, draft, "draft_sent")

    async def with_changed_draft(self, made: Handled, ticket: Ticket, spoken: DeskMessage) -> Handled:
        """Keep a reply to a message with a draft that is being changed as the changed answer."""
        if spoken.to is None or spoken.kind != "text":
            return made
        shown = [one for one in await self.store.ticket_calls(ticket.id) if one.platform_id == spoken.to]
        found = [await self.store.draft(id) for one in shown for id in self.desk.drafts(one.payload)]
        for one in found:
            if one is not None and one.state == "edited":
                made = self.consulting.draft_changed(made, ticket, spoken, one, spoken.text)
        return made

    def reply_id(self, entry: Received, spoken: DeskMessage) -> str | None:
        """Return the id of a consultant's message to reply to, or None if the desk has moved to another chat since."""
        return spoken.id if entry.chat == self.desk.chat else None

    async def answer(
        self, channel: Channel, ticket: Ticket, spoken: DeskMessage, entry: Received
    ) -> tuple[tuple[Outgoing, ...], str]:
        """Return the calls that bring a consultant's message to the merchant, and where its file is. Raises StoreError, RetryLater."""
        labels, sends = self.consultant_labels(ticket), self.consulting.to_merchant
        on_platform = self.channels.get(entry.channel)
        sent = on_platform.file_in(entry.payload) if on_platform else ""
        if channel.name == self.desk.channel:
            calls = self.desk.copy(ticket.id, entry.payload, ticket.address.chat, labels)
            return tuple(Outgoing(channel.name, ticket.address.chat, call, ticket=ticket.id) for call in calls), sent
        label = labels.corrected if spoken.edited else labels.name
        if spoken.kind == "text" or (channel.shows_files and spoken.edited):
            return sends(channel, ticket, f"**{label}:** {spoken.markdown}", spoken.id), sent
        file, why = await self.file_of(ticket, entry) if channel.shows_files else (None, "desk_text_only")
        if file is not None:
            return sends(channel, ticket, f"**{label}:** {spoken.markdown}".strip(), spoken.id, file), file.id
        what = self.shown(spoken.what, escape_lines(spoken.described), ticket.lang)
        words = self.consulting.say_to_merchant("consultant_sent_a_file", ticket, what=what, text=spoken.markdown)
        calls = self.desk.post(self.cards.say(why, ticket, most=LARGEST_MB), to=self.reply_id(entry, spoken))
        return (*sends(channel, ticket, words, spoken.id), *self.consulting.to_desk(calls)), sent

    async def file_of(self, ticket: Ticket, entry: Received) -> tuple[KeptFile | None, str]:
        """Fetch and store the file of a consultant's message. Returns it, or the phrase that says why there is none."""
        try:
            found = await self.desk.fetch(entry.payload, LARGEST)
        except TooLarge:
            return None, "desk_file_large"
        except CallRefused:
            found = None
        if found is None:
            return None, "desk_text_only"
        name, content = found
        type = type_of(content)
        if type is None:
            return None, "desk_file_kind"
        # The same file if its message is handled again.
        id = hashlib.sha256(f"{ticket.id} {entry.channel} {entry.id}".encode()).hexdigest()[:22]
        file = KeptFile(id, shown_name(name, type), type, len(content))
        fits = await self.store.keep_file(ticket.address, file, content, self.most_files)
        return (file, "") if fits else (None, "desk_file_full")

    # --- what does not arrive

    async def report_undelivered(self, entries: Sequence[Waiting], why: str) -> None:
        """Tell the writers of undelivered messages; `why` is the platform's reason, or the name of a phrase. Raises StoreError."""
        told = set[int]()
        for entry in entries:
            ticket = await self.store.ticket(entry.ticket) if entry.ticket is not None else None
            event = (ticket_event("undelivered"),)
            if entry.channel == self.desk.channel and entry.chat in self.desk.chats:
                notes, outgoing = await self.outage.begin(why)
                if ticket and ticket.id not in told and self.desk.shows_merchant(entry.payload):
                    told.add(ticket.id)
                    outgoing += self.not_reached(ticket)
                await self.store.finish(Handled(NOBODY, outgoing=outgoing, notes=notes))
            elif ticket is not None:
                words = self.cards.say("desk_undelivered", ticket, why=self.why(ticket, why))
                if why in self.assistant.knowledge.library.phrases:
                    words = self.cards.say(why, ticket)
                calls = self.desk.post(words, ticket.id, self.desk.about(entry.payload))
                made = Handled(ticket.address, outgoing=self.consulting.to_desk(calls, ticket.id), events=event)
                await self.store.finish(with_state(made, ticket, "undelivered", text=words))

    def why(self, ticket: Ticket, error: str) -> str:
        """Return a platform's error in words, with the error itself."""
        said = escape_lines(error.partition(": ")[2] or error)
        phrase = self.desk.reason(error)
        return f"{self.cards.say(phrase, ticket)} ({said})" if phrase else said

    def not_reached(self, ticket: Ticket) -> tuple[Outgoing, ...]:
        """Return the calls that tell a merchant that their message waits, since the desk takes none."""
        channel = self.channels.get(ticket.address.channel)
        contact = self.assistant.knowledge.library.operator.consultant
        words = self.consulting.say_to_merchant(
            "consultant_not_reached", ticket, contact=contact[ticket.lang] if contact else ""
        )
        calls = channel.tell(ticket.address.chat, [Reply(words)]) if channel else []
        return tuple(Outgoing(ticket.address.channel, ticket.address.chat, call) for call in calls)

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
            for out in self.consulting.to_desk(
                self.desk.post(self.cards.say("desk_moved", ticket, number=ticket.id)), ticket.id
            )
        ]
        return replace(made, notes=(note,)).adding(outgoing)


def merchant_name(message: Message) -> str:
    """Return a merchant's name, or else their user id, shortened."""
    return message.name[:SHOWN_NAME] or message.address.user[:SHOWN_NAME]
