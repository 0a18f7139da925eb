"""The assistant on Telegram, for the service and for an application of either framework. It imports neither."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any
from weakref import WeakValueDictionary

from bot.assistant import Assistant, Memory
from bot.channels.channel import Gone, Later, Moved, Rate, Refused
from bot.channels.limits import Rates
from bot.channels.telegram import groups, inline
from bot.channels.telegram.business import Connections, place, placed
from bot.channels.telegram.call import Call, Caller, wherever
from bot.channels.telegram.fields import CHANNEL, NOBODY, Me
from bot.channels.telegram.files import Files
from bot.channels.telegram.groups import Administrators
from bot.channels.telegram.own import made
from bot.channels.telegram.reading import line_of, read, understood
from bot.channels.telegram.relay import threaded
from bot.channels.telegram.writing import calls, reply_calls
from bot.json_text import from_text
from bot.model import Message, Reply

log = logging.getLogger(__name__)

SENDING = ('{"method":"send', '{"method":"copy')


class Wire:
    """Answers updates at once, for an application that has its own delivery: one chat's in order, the chats side by side."""

    def __init__(self, assistant: Assistant) -> None:
        self.assistant, self.rates = assistant, Rates(assistant.terms.allowed)
        self.locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self.administrators: Administrators | None = None
        self.files = Files(assistant.store, 0)

    async def known(self, make: Caller) -> Administrators:
        """Who the bot is, asked once, and who may set it in groups."""
        if self.administrators is None:
            self.administrators = Administrators(make, me_of(await make(Call("getMe", {}))))
            self.files = Files(self.assistant.store, self.administrators.me.id)
        return self.administrators

    def answers(self, update: Mapping[str, Any]) -> bool:
        """Whether an update may be for the assistant."""
        return "inline_query" in update or understood(update) is not None

    async def handle(self, make: Caller, update: Mapping[str, Any]) -> bool:
        """Answer one update, and say whether anything was answered. What Telegram refuses is logged; it stops nothing else."""
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
            answer = written(update, message, replies or (), administrators.me)
            for call in answer:
                try:
                    await made(partial(wherever, make), call, self.assistant.store.belongings, self.files)
                except (Gone, Refused, Later) as error:
                    log.log(logging.ERROR if call.sends else logging.INFO, "%s: %s", call.method, error)
            return bool(answer) or replies is None

    async def replies(
        self, message: Message, connections: Connections, administrators: Administrators
    ) -> tuple[Reply, ...] | None:
        """What is replied; None: it gets no answer, since it is one too many."""
        if wait := self.rates.wait(message):
            return (await self.assistant.too_fast(message, "drop", wait),) if self.rates.tells(message) else None
        message = await connections.informed(await administrators.informed(message))
        if self.rates.silences(message):
            return None
        turn = await self.assistant.receive(message)
        return () if turn.replies and self.rates.keeps_back(message) else turn.replies


def me_of(answer: Mapping[str, Any]) -> Me:
    """The bot, from what Telegram answers to getMe."""
    return Me(answer["id"], answer.get("username", ""), bool(answer.get("can_read_all_group_messages")))


def written(update: Mapping[str, Any], message: Message, replies: Sequence[Reply], me: Me) -> list[Call]:
    """The calls that answer an update, in a private chat or in a group."""
    if groups.is_group(update):
        return groups.calls(update, replies, me)
    return calls(update, message.address.chat, replies)


class TelegramChannel:
    """Telegram as the service sees it. Rates are calls a second, 0 for no limit; a group's are calls a minute."""

    name = CHANNEL
    lingers = 0.0
    responses = None

    def __init__(
        self, make: Caller, store: Memory, per_second: float, per_chat: float, per_group: float, me: Me = NOBODY
    ) -> None:
        self.make, self.own, self.me = make, store.belongings, me
        self.files, self.tickets = Files(store, me.id), store.ticket
        self.administrators = Administrators(make, me)
        self.connections = Connections(make, store, me.id)
        # Two at once, so that waking up a little late is made up for by the next.
        self.rate = Rate(1 / per_second if per_second else 0.0, 2)
        self.private = Rate(1 / per_chat if per_chat else 0.0)
        self.group = Rate(60 / per_group if per_group else 0.0, max(1, int(per_group)))

    def chat_rate(self, chat: str) -> Rate:
        return self.group if chat.startswith("-") else self.private

    def counts(self, payload: str) -> bool:
        return payload.startswith(SENDING)

    def read(self, payload: str) -> Message | None:
        return read(from_text(payload), self.me)

    async def informed(self, message: Message) -> Message:
        return await self.connections.informed(await self.administrators.informed(message))

    def write(self, payload: str, message: Message, replies: Sequence[Reply]) -> list[str]:
        return [call.payload for call in written(from_text(payload), message, replies, self.me)]

    def tell(self, chat: str, replies: Sequence[Reply], about: str = "") -> list[str]:
        made = [call for reply in replies for call in reply_calls(place(chat)["chat_id"], reply)]
        return [replace(call, about=about).payload for call in placed(chat, made)]

    async def send(self, payload: str, chat: str) -> str | None:
        call, number = Call(**from_text(payload)), place(chat)["chat_id"]
        if call.params.get("chat_id", number) != number:
            # Messages have other ids where the chat is now.
            if not call.sends:
                return None
            kept = {name: value for name, value in call.params.items() if name != "reply_parameters"}
            call = replace(call, params={**kept, "chat_id": number})
        try:
            answer = await made(self.make, await threaded(call, self.tickets), self.own, self.files)
        except Moved as moved:
            if number > 0:  # not this chat, but the one from which something was to be copied
                raise Refused(str(moved)) from moved
            raise
        except (Refused, Gone):
            if call.sends:
                raise
            return None  # a press too old to be answered, buttons used twice: nothing is lost by it
        return str(answer["message_id"]) if isinstance(answer, dict) and "message_id" in answer else None
