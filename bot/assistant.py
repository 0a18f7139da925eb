"""The one door: a message goes in, the replies come out."""

from __future__ import annotations

import asyncio
import math
import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Literal, Protocol
from weakref import WeakValueDictionary

from bot.knowledge.knowledge import Knowledge
from bot.model import USUAL_TERMS, Address, Conversation, Group, Message, Reply, Result, Terms, Ticket, Turn
from bot.store import Belongings, Event, Handled, MemoryStore, as_file
from handlers import respond
from handlers.code import BITS, code_in

# What is asked of nothing in particular, for what reads it to be loaded; a request for a check is compared by its sounds, too.
ASKED = ("what would you like to know", "请问你想知道什么", "我要自查")
NUMERAL = "一万二"


class Memory(Protocol):
    """What the assistant needs of a store."""

    async def conversation(self, address: Address) -> Conversation: ...

    async def result(self, code: str) -> Result | None: ...

    async def belongings(self, address: Address) -> Belongings: ...

    async def group_of(self, channel: str, chat: str) -> Group | None: ...

    async def recall(self, name: str) -> str | None: ...

    async def remember(self, name: str, value: str, whose: Address | None = None) -> None: ...

    async def ticket(self, id: int) -> Ticket | None: ...

    async def finish(self, turn: Handled) -> bool: ...


class Assistant:
    """Answers messages, those of one merchant in the order in which they come."""

    def __init__(
        self,
        knowledge: Knowledge,
        store: Memory,
        today: Callable[[], date] = date.today,
        nonce: Callable[[], str] = lambda: f"{secrets.randbits(BITS):x}",
        terms: Terms = USUAL_TERMS,
    ) -> None:
        self.knowledge = knowledge
        self.store = store
        self.today = today
        self.nonce = nonce
        self.terms = terms
        self.locks: WeakValueDictionary[Address, asyncio.Lock] = WeakValueDictionary()

    async def receive(self, message: Message) -> Turn:
        """The turn for a message; the conversation is kept before the replies are given away."""
        lock = self.locks.setdefault(message.address, asyncio.Lock())
        async with lock:
            conversation = await self.store.conversation(message.address)
            turn = self.turn(message, conversation, await self.opened(message), await self.group(message))
            await self.store.finish(handled(message, turn))
            return turn

    def answer(self, message: Message) -> Turn:
        """The same at once, for a caller with one message at a time and a store that is memory."""
        assert isinstance(self.store, MemoryStore)
        code = code_in(message.text)
        turn = self.turn(message, self.store.load(message.address), self.store.opened(code) if code else None)
        if turn.erase:
            self.store.erase(message.address)
            return turn
        if turn.keep is not None:
            self.store.keep_result(turn.keep)
        self.store.save(message.address, turn.conversation)
        return replace(turn, replies=tuple(with_data(reply, self.store) for reply in turn.replies))

    async def opened(self, message: Message) -> Result | None:
        """The result whose code a message holds."""
        code = code_in(message.text)
        return await self.store.result(code) if code else None

    async def group(self, message: Message) -> Group | None:
        """What is remembered of the group in which a message was written."""
        return await self.store.group_of(message.address.channel, message.address.chat) if message.group else None

    def turn(
        self,
        message: Message,
        conversation: Conversation,
        opened: Result | None = None,
        group: Group | None = None,
    ) -> Turn:
        """What is answered, and what is to be kept of it; nothing is stored."""
        message = replace(message, nonce=message.nonce or self.nonce())
        return respond(message, conversation, self.knowledge, self.today(), opened, self.terms, group)

    def warm_up(self) -> None:
        """Load what answering loads when it is first needed, before anybody waits for it: in both languages, and each check."""
        nobody = Address("", "", "")
        for text in ASKED:
            self.turn(Message(nobody, text), Conversation())
        for name in self.knowledge.library.checks:
            begun = self.turn(Message(nobody, press=f"check={name}"), Conversation()).conversation
            self.turn(Message(nobody, NUMERAL), begun)

    async def too_fast(self, message: Message, over: Literal["drop", "queue"], wait: float) -> Reply:
        """What to say to who writes too much, and may write again after `wait` seconds."""
        lang = (await self.store.conversation(message.address)).lang or message.hint or "en"
        return Reply(self.knowledge.say(f"too_fast_{over}", lang, seconds=math.ceil(wait)))

    def apology(self, message: Message) -> str:
        """What to say where answering failed."""
        return self.knowledge.say("apology", message.hint or "en")


def with_data(reply: Reply, store: MemoryStore) -> Reply:
    """The reply with what is kept of the merchant, where it hands that to him."""
    if not any(one.kind == "data" for one in reply.attachments):
        return reply
    made = (
        replace(one, content=as_file(store.own(Address.of(one.path)))) if one.kind == "data" else one
        for one in reply.attachments
    )
    return replace(reply, attachments=tuple(made))


def handled(message: Message, turn: Turn) -> Handled:
    """A turn as a store keeps it, without the replies."""
    if turn.erase:
        return Handled(message.address, erase=True)
    if message.group and not turn.replies:
        # Of what others say to each other nothing is kept.
        return Handled(message.address, group=turn.group, moved_to=message.group.moved_to)
    if message.kind == "gone":
        return Handled(message.address, subscribing=turn.subscribing)
    if not turn.replies:  # an edit that changes nothing
        return Handled(message.address, conversation=turn.conversation)
    outcome = turn.outcome
    data = {
        "verdict": outcome.verdict,
        "topics": outcome.topics,
        "check": outcome.check,
        "score": round(outcome.score, 4),
        "lang": turn.conversation.lang,
        "kind": message.kind,
    }
    return Handled(
        message.address,
        conversation=turn.conversation,
        result=turn.keep,
        events=(Event("turn", data),),
        group=turn.group,
        subscribing=turn.subscribing,
    )
