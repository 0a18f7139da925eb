"""The one door: a message goes in, the replies come out."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from weakref import WeakValueDictionary

from bot.knowledge.knowledge import Knowledge
from bot.model import Address, Message, Turn
from bot.store import Store
from handlers import respond
from handlers.code import BITS, code_in


class Assistant:
    """Answers messages, those of one merchant in the order in which they come."""

    def __init__(
        self,
        knowledge: Knowledge,
        store: Store,
        today: Callable[[], date] = date.today,
        nonce: Callable[[], str] = lambda: f"{secrets.randbits(BITS):x}",
    ) -> None:
        self.knowledge = knowledge
        self.store = store
        self.today = today
        self.nonce = nonce
        self.locks: WeakValueDictionary[Address, asyncio.Lock] = WeakValueDictionary()

    async def receive(self, message: Message) -> Turn:
        """The turn for a message; the conversation is kept before the replies are given away."""
        lock = self.locks.setdefault(message.address, asyncio.Lock())
        async with lock:
            return self.answer(message)

    def answer(self, message: Message) -> Turn:
        """The same without waiting for earlier messages, for a caller that has only one at a time."""
        code = code_in(message.text)
        opened = self.store.result(code) if code else None
        message = replace(message, nonce=message.nonce or self.nonce())
        turn = respond(message, self.store.load(message.address), self.knowledge, self.today(), opened)
        if turn.keep is not None:
            self.store.keep_result(turn.keep)
        self.store.save(message.address, turn.conversation)
        return turn

    def apology(self, message: Message) -> str:
        """What to say where answering failed."""
        return self.knowledge.say("apology", message.hint or "en")
