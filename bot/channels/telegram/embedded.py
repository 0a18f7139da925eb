"""The assistant in an application of either framework, which delivers updates itself. Imports neither framework."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any
from weakref import WeakValueDictionary

from bot.assistant import Assistant
from bot.channels.channel import CallRefused, ChatMoved, RecipientGone, RetryLater
from bot.channels.limits import Rates
from bot.channels.telegram import inline
from bot.channels.telegram.business import Connections
from bot.channels.telegram.call import Call, Caller
from bot.channels.telegram.channel import answer_calls
from bot.channels.telegram.fields import CHANNEL, me_of
from bot.channels.telegram.files import Files
from bot.channels.telegram.groups import Administrators
from bot.channels.telegram.personal_data import send_call
from bot.channels.telegram.updates import lane_key, message_of
from bot.model import Address, Message, Reply
from bot.store import Handled

log = logging.getLogger(__name__)


class Embedded:
    """Answers updates directly, without inbox and outbox: a chat's updates in order, different chats concurrently."""

    def __init__(self, assistant: Assistant) -> None:
        self.assistant, self.rates = assistant, Rates(assistant.terms.allowed)
        self.locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self.administrators: Administrators | None = None
        self.files = Files(assistant.store, 0)

    async def get_administrators(self, make: Caller) -> Administrators:
        """Return the groups' administrators; the first call requests the bot's identity. Raises RetryLater, RecipientGone, CallRefused."""
        if self.administrators is None:
            self.administrators = Administrators(make, me_of(await make(Call("getMe", {}))))
            self.files = Files(self.assistant.store, self.administrators.me.id)
        return self.administrators

    def concerns(self, update: Mapping[str, Any]) -> bool:
        """Return true if the assistant may have to answer the update."""
        return "inline_query" in update or message_of(update) is not None

    async def handle(self, make: Caller, update: Mapping[str, Any]) -> bool:
        """Answer an update. Returns false if it was not for the assistant. Failed calls are logged, and the others made."""
        if "inline_query" in update:
            await inline.answer_query(make, update["inline_query"], self.assistant.knowledge, self.assistant.today())
            return True
        administrators = await self.get_administrators(make)
        message = message_of(update, administrators.me)
        if message is None:
            return False
        chat = lane_key(message)
        lock = self.locks.setdefault(chat, asyncio.Lock())
        connections = Connections(make, self.assistant.store, administrators.me.id)
        async with lock:
            try:
                replies = await self.replies(message, connections, administrators)
            except Exception:
                log.exception("update %s failed", message.id)
                replies = (Reply(self.assistant.apology(message)),) if message.calls_for_answer else ()
            answer = answer_calls(update, message, replies or (), administrators.me)
            for call in answer:
                try:
                    await send_call(partial(self.follow, make), call, self.assistant.store.belongings, self.files)
                except (RecipientGone, CallRefused, RetryLater) as error:
                    log.log(logging.ERROR if call.sends else logging.INFO, "%s: %s", call.method, error)
            return bool(answer) or replies is None

    async def follow(self, make: Caller, call: Call) -> Any:
        """Make a call; if its group has become a supergroup, move the group's settings, and repeat the call there."""
        try:
            return await make(call)
        except ChatMoved as moved:
            old = Address(CHANNEL, str(call.params["chat_id"]), "")
            await self.assistant.store.finish(Handled(old, moved_to=moved.to))
            return await make(replace(call, params={**call.params, "chat_id": int(moved.to)}))

    async def replies(
        self, message: Message, connections: Connections, administrators: Administrators
    ) -> tuple[Reply, ...] | None:
        """Return the replies to a message, or None if it is over a limit and gets no answer."""
        if wait := self.rates.wait(message):
            return (await self.assistant.too_fast(message, "drop", wait),) if self.rates.notifies(message) else None
        message = await connections.complete(await administrators.complete(message))
        if self.rates.exceeds_group_limit(message):
            return None
        turn = await self.assistant.receive(message)
        return () if turn.replies and self.rates.suppresses(message) else turn.replies
