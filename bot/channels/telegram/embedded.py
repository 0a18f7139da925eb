"""The assistant in an application of either framework, which delivers updates itself. Imports neither framework."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from functools import partial
from typing import Any
from weakref import WeakValueDictionary

from bot.assistant import Assistant
from bot.channels.channel import Gone, Later, Refused
from bot.channels.limits import Rates
from bot.channels.telegram import inline
from bot.channels.telegram.business import Connections
from bot.channels.telegram.call import Call, Caller, wherever
from bot.channels.telegram.channel import answering
from bot.channels.telegram.fields import me_of
from bot.channels.telegram.files import Files
from bot.channels.telegram.groups import Administrators
from bot.channels.telegram.own import made
from bot.channels.telegram.reading import line_of, understood
from bot.model import Message, Reply

log = logging.getLogger(__name__)


class Embedded:
    """Answers updates directly, without inbox and outbox: a chat's updates in order, different chats concurrently."""

    def __init__(self, assistant: Assistant) -> None:
        self.assistant, self.rates = assistant, Rates(assistant.terms.allowed)
        self.locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self.administrators: Administrators | None = None
        self.files = Files(assistant.store, 0)

    async def known(self, make: Caller) -> Administrators:
        """Return the groups' administrators; the first call requests the bot's identity. Raises Later, Gone, Refused."""
        if self.administrators is None:
            self.administrators = Administrators(make, me_of(await make(Call("getMe", {}))))
            self.files = Files(self.assistant.store, self.administrators.me.id)
        return self.administrators

    def answers(self, update: Mapping[str, Any]) -> bool:
        """Return true if the assistant may have to answer the update."""
        return "inline_query" in update or understood(update) is not None

    async def handle(self, make: Caller, update: Mapping[str, Any]) -> bool:
        """Answer an update. Returns false if it was not for the assistant. Failed calls are logged, and the others made."""
        if "inline_query" in update:
            await inline.answered(make, update["inline_query"], self.assistant.knowledge, self.assistant.today())
            return True
        administrators = await self.known(make)
        message = understood(update, administrators.me)
        if message is None:
            return False
        chat = line_of(message)
        lock = self.locks.setdefault(chat, asyncio.Lock())
        connections = Connections(make, self.assistant.store, administrators.me.id)
        async with lock:
            try:
                replies = await self.replies(message, connections, administrators)
            except Exception:
                log.exception("update %s failed", message.id)
                replies = (Reply(self.assistant.apology(message)),) if message.calls_for_answer else ()
            answer = answering(update, message, replies or (), administrators.me)
            for call in answer:
                try:
                    await made(partial(wherever, make), call, self.assistant.store.belongings, self.files)
                except (Gone, Refused, Later) as error:
                    log.log(logging.ERROR if call.sends else logging.INFO, "%s: %s", call.method, error)
            return bool(answer) or replies is None

    async def replies(
        self, message: Message, connections: Connections, administrators: Administrators
    ) -> tuple[Reply, ...] | None:
        """Return the replies to a message, or None if it is over a limit and gets no answer."""
        if wait := self.rates.wait(message):
            return (await self.assistant.too_fast(message, "drop", wait),) if self.rates.tells(message) else None
        message = await connections.informed(await administrators.informed(message))
        if self.rates.silences(message):
            return None
        turn = await self.assistant.receive(message)
        return () if turn.replies and self.rates.keeps_back(message) else turn.replies
