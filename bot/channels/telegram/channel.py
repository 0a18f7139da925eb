"""Telegram as a channel, independent of the framework."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal, Protocol

from bot.assistant import Memory
from bot.channels.admission import Admission
from bot.channels.channel import CallRefused, Channel, ChatMoved, Desk, Rate, RecipientGone
from bot.channels.telegram import groups
from bot.channels.telegram.business import Connections, chat_params, in_business_chat, owner_name
from bot.channels.telegram.call import Call, Caller
from bot.channels.telegram.desk import shown_text
from bot.channels.telegram.desk.copies import joined, kept_file_call, with_drafts
from bot.channels.telegram.desk.downloads import Downloads, file_in
from bot.channels.telegram.desk.sending import in_ticket_thread, send_shown
from bot.channels.telegram.desk.topics import NoTopics, Topics
from bot.channels.telegram.fields import CHANNEL, UNKNOWN_BOT, Me, update_of
from bot.channels.telegram.files import Files
from bot.channels.telegram.groups import Administrators
from bot.channels.telegram.personal_data import send_call
from bot.channels.telegram.replies import calls, reply_calls
from bot.channels.telegram.updates import read_stored
from bot.json_text import from_text
from bot.model import Message, Reply
from bot.store.ports import DeskTopics
from bot.store.ports import Files as KeptFiles

SENDING = ('{"method":"send', '{"method":"copy')
ALBUM_PAUSE = 2.5  # seconds in which an album's further files arrive


class Calls(Memory, DeskTopics, KeptFiles, Protocol):
    """The store, as the channel uses it while it makes calls."""


def answer_calls(update: Mapping[str, Any], message: Message, replies: Sequence[Reply], me: Me) -> list[Call]:
    """Return the calls that answer an update, in a private chat or in a group."""
    if groups.is_group(update):
        return groups.calls(update, replies, me)
    return calls(update, message.address.chat, replies)


def file_calls(chat: int, reply: Reply) -> list[Call]:
    """Return the call that sends a file which the store keeps."""
    return [kept_file_call(chat, reply.file)] if reply.file else []


class TelegramChannel(Channel):
    """Telegram's channel. `per_second` and `per_chat` are calls a second, `per_group` calls a minute; 0 sets no limit."""

    name = CHANNEL
    shows_files = True

    def __init__(
        self, make: Caller, store: Calls, per_second: float, per_chat: float, per_group: float, me: Me = UNKNOWN_BOT
    ) -> None:
        self.make, self.own, self.me = make, store.belongings, me
        self.files, self.store = Files(store, me.id), store
        self.topics: Topics | None = None
        self.admission: Admission | None = None
        self.downloads: Downloads | None = None
        self.desk: Desk | None = None  # whose chats are always answered
        self.administrators = Administrators(make, me)
        self.connections = Connections(make, store, me.id)
        # A burst of two, so that a late wake-up does not lower the rate.
        self.rate = Rate(1 / per_second if per_second else 0.0, 2)
        self.private = Rate(1 / per_chat if per_chat else 0.0)
        self.group = Rate(60 / per_group if per_group else 0.0, max(1, int(per_group)))

    def chat_rate(self, chat: str) -> Rate:
        return self.group if chat.startswith("-") else self.private

    def counts(self, payload: str) -> bool:
        return payload.startswith(SENDING)

    def join(self, payload: str, other: str) -> str | None:
        made = joined(Call(**from_text(payload)), Call(**from_text(other)))
        return made.payload if made else None

    def hold(self, payload: str) -> float:
        return ALBUM_PAUSE if '"album":' in payload else 0.0

    def read(self, payload: str) -> Message | None:
        return read_stored(payload, self.me)

    async def complete(self, message: Message) -> Message | None:
        if not await self.admits_group(message):
            return None
        message = await self.connections.complete(await self.administrators.complete(message))
        return message if await self.admits_account(message) else None

    async def admits_group(self, message: Message) -> bool:
        """Return true if the message comes from no group, or from one that is answered."""
        group, chat = message.group, message.address.chat
        if self.admission is None or group is None or (self.desk and chat in self.desk.chats):
            return True
        if group.moved_to:
            await self.admission.follow(chat, group.moved_to)
            return True
        return group.way == "left" or await self.admission.admits("group", chat, group.title)

    async def admits_account(self, message: Message) -> bool:
        """Return true if the message comes from no business account, or from one that is answered."""
        business = message.business
        if self.admission is None or business is None or not business.owner:
            return True
        return await self.admission.admits("business", business.owner, owner_name(business.news))

    def file_in(self, payload: str) -> str:
        update = update_of(payload)
        return file_in(update.get("message") or update.get("edited_message") or {})

    async def fetch(self, file: str, most: int) -> tuple[str, bytes] | None:
        return await self.downloads.of(from_text(file), most) if self.downloads else None

    def told(self, payload: str) -> list[tuple[Literal["merchant", "assistant"], str]]:
        shown = shown_text(payload)
        return [("assistant", shown)] if shown else []

    def write(self, payload: str, message: Message, replies: Sequence[Reply]) -> list[str]:
        return [call.payload for call in answer_calls(update_of(payload), message, replies, self.me)]

    def tell(self, chat: str, replies: Sequence[Reply], about: str = "") -> list[str]:
        number = chat_params(chat)["chat_id"]
        made = [call for reply in replies for call in (*reply_calls(number, reply), *file_calls(number, reply))]
        return [replace(call, about=about).payload for call in in_business_chat(chat, made)]

    async def send(self, payload: str, chat: str) -> str | None:
        call, number = Call(**from_text(payload)), chat_params(chat)["chat_id"]
        if call.params.get("chat_id", number) != number:
            # The chat has moved, and message ids are no longer valid there.
            if not call.sends:
                return None
            kept = {name: value for name, value in call.params.items() if name != "reply_parameters"}
            call = replace(call, params={**kept, "chat_id": number})
        try:
            answer = await self.made(with_drafts(call), chat)
        except ChatMoved as moved:
            if number > 0:  # private chats do not move: it is the chat to copy from
                raise CallRefused(str(moved)) from moved
            raise
        except (CallRefused, RecipientGone):
            if call.sends:
                raise
            return None  # such as an expired press, or buttons removed already; no message is lost
        sent = answer if isinstance(answer, list) else [answer]
        return " ".join(str(one["message_id"]) for one in sent if isinstance(one, dict) and "message_id" in one) or None

    async def made(self, call: Call, chat: str) -> Any:
        """Make a call, in its ticket's place if it has one. Raises RetryLater, RecipientGone, ChatMoved, CallRefused."""

        async def send(one: Call) -> Any:
            return await send_call(self.make, one, self.own, self.files, self.store.file_content)

        async def make(one: Call) -> Any:
            return await send_shown(send, one, chat, self.store) if one.edit or one.instead else await send(one)

        topics = self.topics if self.topics is not None and self.topics.hold(chat) else None
        ticket = await self.store.ticket(call.ticket) if call.ticket is not None and topics else None
        if topics and ticket:
            with contextlib.suppress(NoTopics):
                return await topics.send(make, call, chat, ticket)
        placed = await in_ticket_thread(call, self.store)
        return await make(placed) if placed else None
