"""The one door: a message goes in, the replies come out."""

from __future__ import annotations

import asyncio
import math
import secrets
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Literal, TypeVar
from weakref import WeakValueDictionary

from bot.knowledge.knowledge import Knowledge
from bot.model import USUAL_TERMS, Address, Conversation, Group, Message, Reply, Result, Terms, Ticket, Turn
from bot.store import Event, Handled, Received
from bot.store.ports import Conversations
from handlers import respond
from handlers.code import BITS, code_in

HOUR = 3600.0
# What is asked of nothing in particular, for what reads it to be loaded; a request for a check is compared by its sounds, too.
ASKED = ("what would you like to know", "请问你想知道什么", "我要自查")
NUMERAL = "一万二"

Memory = Conversations


@dataclass(frozen=True)
class Context:
    """What is known when a message arrives: its conversation, with the ticket that is open; the result whose code it
    holds; and what is remembered of its group."""

    conversation: Conversation = field(default_factory=Conversation)
    opened: Result | None = None
    group: Group | None = None


# Stores what is made of a turn, alone or with all that is to be sent of it.
Deliver = Callable[[Turn, Context, Handled], Awaitable[None]]

T = TypeVar("T")


def now() -> float:
    """Unix seconds."""
    return time.time()


def at_once(waiting: Coroutine[Any, Any, T]) -> T:
    """What comes of something that has nothing to wait for. Raises RuntimeError where it does wait."""
    try:
        waiting.send(None)
    except StopIteration as done:
        made: T = done.value
        return made
    waiting.close()
    raise RuntimeError("this store makes its callers wait: use `await receive(…)`")


class Assistant:
    """Answers messages, those of one merchant in the order in which they come."""

    def __init__(
        self,
        knowledge: Knowledge,
        store: Conversations,
        today: Callable[[], date] = date.today,
        nonce: Callable[[], str] = lambda: f"{secrets.randbits(BITS):x}",
        terms: Terms = USUAL_TERMS,
        clock: Callable[[], float] = now,
    ) -> None:
        self.knowledge = knowledge
        self.store = store
        self.today = today
        self.nonce = nonce
        self.terms = terms
        self.clock = clock
        self.locks: WeakValueDictionary[Address, asyncio.Lock] = WeakValueDictionary()

    async def receive(self, message: Message, entry: Received | None = None, deliver: Deliver | None = None) -> Turn:
        """The turn for a message, stored before its replies are given away: by `deliver`, else as it is.

        `entry` is what the message was read from, where it came through the inbox.
        """
        lock = self.locks.setdefault(message.address, asyncio.Lock())
        async with lock:
            context = await self.context(message)
            # Until it is delivered nothing is waited for, so that the whole turn is of one version of the content.
            turn = self.turn(message, context)
            await (deliver or self.keep)(turn, context, handled(message, turn, context, entry))
            return turn

    async def keep(self, turn: Turn, context: Context, made: Handled) -> None:
        await self.store.finish(made)

    def receive_now(self, message: Message) -> Turn:
        """The same at once, for a store that lets nobody wait. Raises RuntimeError for another."""
        return at_once(self.receive(message))

    def keep_at_once(self, made: Handled) -> None:
        """Store something else, for a store that lets nobody wait. Raises RuntimeError for another."""
        at_once(self.store.finish(made))

    async def context(self, message: Message) -> Context:
        """What is known as a message arrives."""
        code, address = code_in(message.text), message.address
        return Context(
            await self.store.conversation(address),
            await self.store.result(code) if code else None,
            await self.store.group_of(address.channel, address.chat) if message.group else None,
        )

    def turn(self, message: Message, context: Context) -> Turn:
        """What is answered, and what is to be kept of it; nothing is stored."""
        message = replace(message, nonce=message.nonce or self.nonce())
        lapsed = self.lapsed(context.conversation.ticket)
        conversation = context.conversation.with_(ticket=None) if lapsed else context.conversation
        turn = respond(message, conversation, self.knowledge, self.today(), context.opened, self.terms, context.group)
        if lapsed is None:
            return turn
        hours = self.knowledge.library.operator.consultant_idle_hours
        over = Reply(self.knowledge.say("consultant_lapsed", lapsed.lang, hours=hours))
        return replace(turn, lapsed=lapsed, replies=(over, *turn.replies) if turn.replies else ())

    def lapsed(self, ticket: Ticket | None) -> Ticket | None:
        """The ticket, if neither side has written for so long that the assistant answers again."""
        idle = self.knowledge.library.operator.consultant_idle_hours * HOUR
        return ticket if ticket and idle and self.clock() - ticket.heard > idle else None

    def warm_up(self) -> None:
        """Load what answering loads when it is first needed, before anybody waits for it: in both languages, and each check."""
        nobody = Address("", "", "")
        for text in ASKED:
            self.turn(Message(nobody, text), Context())
        for name in self.knowledge.library.checks:
            begun = self.turn(Message(nobody, press=f"check={name}"), Context()).conversation
            self.turn(Message(nobody, NUMERAL), Context(begun))

    async def too_fast(self, message: Message, over: Literal["drop", "queue"], wait: float) -> Reply:
        """What to say to who writes too much, and may write again after `wait` seconds."""
        lang = (await self.store.conversation(message.address)).lang or message.hint or "en"
        return Reply(self.knowledge.say(f"too_fast_{over}", lang, seconds=math.ceil(wait)))

    def apology(self, message: Message) -> str:
        """What to say where answering failed."""
        return self.knowledge.say("apology", message.hint or "en")


def handled(message: Message, turn: Turn, context: Context, entry: Received | None) -> Handled:
    """A turn as a store keeps it, without the replies."""
    made = kept(message, turn, entry)
    ticket = None if turn.lapsed else context.conversation.ticket
    if turn.lapsed:
        made = replace(made, closes=turn.lapsed.id)
    if turn.handoff == "open" and ticket is None and entry is not None:
        lang = turn.conversation.lang or message.hint or "en"
        return replace(made, opens=Ticket(entry.id, message.address, lang))
    return replace(made, closes=ticket.id) if turn.handoff == "close" and ticket else made


def kept(message: Message, turn: Turn, entry: Received | None) -> Handled:
    """What is kept of a turn, tickets aside."""
    if turn.erase:
        return Handled(message.address, entry, erase=True)
    if message.group and not turn.replies:
        # Of what others say to each other nothing is kept.
        return Handled(message.address, entry, group=turn.group, moved_to=message.group.moved_to)
    if message.kind == "gone":
        return Handled(message.address, entry, subscribing=turn.subscribing)
    if not turn.replies:  # an edit that changes nothing
        return Handled(message.address, entry, conversation=turn.conversation)
    outcome = turn.outcome
    data = {
        "verdict": outcome.kind,
        "topics": outcome.topics,
        "check": outcome.check,
        "score": round(outcome.score, 4),
        "lang": turn.conversation.lang,
        "kind": message.kind,
    }
    return Handled(
        message.address,
        entry,
        conversation=turn.conversation,
        result=turn.keep,
        events=(Event("turn", data),),
        group=turn.group,
        subscribing=turn.subscribing,
    )
