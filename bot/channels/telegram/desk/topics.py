"""The merchants' forum topics at the desk, made when the first message for one is sent, and again when one was deleted."""

from __future__ import annotations

import contextlib
import logging
import time
from dataclasses import replace
from typing import Any

from bot.channels.channel import CallRefused, RecipientGone
from bot.channels.telegram.call import Call, Caller
from bot.channels.telegram.desk import TelegramDesk, shown_text
from bot.channels.telegram.fields import CHANNEL
from bot.json_text import from_text
from bot.model import Ticket
from bot.store import DeskTopic
from bot.store.ports import DeskTopics

log = logging.getLogger(__name__)


LONGEST_TITLE = 128  # characters, Bot API "createForumTopic"
DELETED = ("message thread not found", "topic_deleted", "topic_id_invalid")  # in Telegram's refusals
AGAIN = 600.0  # seconds after a refused topic until one is tried again
MOST_OF_HISTORY = 3_500  # characters of a talk that a topic made again begins with


class NoTopics(Exception):
    """The group has no topics, or the bot may not make them."""


class Topics:
    """Makes the calls of tickets in the topics of their merchants."""

    def __init__(self, store: DeskTopics, desk: TelegramDesk) -> None:
        self.store, self.desk = store, desk
        self.refused_until = 0.0

    def hold(self, chat: str) -> bool:
        """Return true if the merchants have topics in this chat."""
        return self.desk.topics and chat in self.desk.chats and time.monotonic() >= self.refused_until

    async def send(self, make: Caller, call: Call, chat: str, ticket: Ticket) -> Any:
        """Make a ticket's call in its merchant's topic. Raises NoTopics, RetryLater, RecipientGone, ChatMoved, CallRefused."""
        topic = await self.store.topic_of(CHANNEL, chat, ticket.address)
        if topic is not None and call.topic and call.sends:
            with contextlib.suppress(CallRefused):  # deleted, which is seen when the card is posted
                await self.quietly(make, Call("reopenForumTopic", self.thread(topic)))
        topic = topic or await self.create(make, call, chat, ticket)
        try:
            return await self.place(make, call, await self.begun(make, call, topic, ticket), ticket)
        except CallRefused as error:
            if not any(words in str(error).lower() for words in DELETED):
                raise
        log.warning("a merchant's topic at the desk was deleted; it is made again, with its history")
        topic = await self.begun(make, call, await self.create(make, call, chat, ticket), ticket)
        return await self.place(make, call, topic, ticket)

    async def create(self, make: Caller, call: Call, chat: str, ticket: Ticket) -> DeskTopic:
        """Make and store a merchant's topic, without a title until its card is shown."""
        name = self.title(call, ticket)
        try:
            made = await make(Call("createForumTopic", {"chat_id": int(chat), "name": name}))
        except CallRefused as error:
            self.refused_until = time.monotonic() + AGAIN
            told = f"the bot cannot make topics in the consultants' group ({error}): let it manage topics; it posts in the group itself"
            await self.store.remember(self.desk.trouble, told)
            log.error(
                "CONSULTANT_CHAT: the bot cannot make a topic for a merchant: %s; it posts in the group itself", error
            )
            raise NoTopics from error
        topic = DeskTopic(CHANNEL, chat, str(made["message_thread_id"]), ticket.address)
        await self.store.keep_topic(topic, ticket.id)
        if self.refused_until:
            self.refused_until = 0.0
            await self.store.remember(self.desk.trouble, "")
        return topic

    def title(self, call: Call, ticket: Ticket) -> str:
        return str(call.topic.get("title") or ticket.name)[:LONGEST_TITLE] or f"#{ticket.id}"

    async def begun(self, make: Caller, call: Call, topic: DeskTopic, ticket: Ticket) -> DeskTopic:
        """Begin a new topic: unless the call posts the card, the card and what was said before come first."""
        if topic.title:
            return topic
        if not (call.topic and call.sends):
            await self.restore(make, topic, ticket)
        topic = replace(topic, title=self.title(call, ticket))
        await self.store.keep_topic(topic, ticket.id)
        return topic

    async def restore(self, make: Caller, topic: DeskTopic, ticket: Ticket) -> None:
        """Post a ticket's card into a new topic, and what was said before."""
        thread = {"chat_id": int(topic.chat), "message_thread_id": int(topic.thread)}
        if card := await self.store.card_call(ticket.id):
            call = Call(**from_text(card))
            params = {key: value for key, value in call.params.items() if key not in ("message_id", "reply_parameters")}
            sent = await make(Call("sendMessage", {**params, **thread}))
            await self.store.move_card(ticket.id, CHANNEL, topic.chat, str(sent["message_id"]))
            await self.pin(make, topic, sent["message_id"])
        said = [
            shown_text(one.payload) for one in await self.store.ticket_calls(ticket.id) if '"topic":' not in one.payload
        ]
        if history := "\n\n".join(filter(None, said))[-MOST_OF_HISTORY:]:
            await make(Call("sendMessage", {**thread, "text": history, "link_preview_options": {"is_disabled": True}}))

    async def place(self, make: Caller, call: Call, topic: DeskTopic, ticket: Ticket) -> Any:
        """Make a call in a topic that exists."""
        call = replace(call, ticket=None)
        if not call.topic:
            return await make(replace(call, params={**call.params, "message_thread_id": int(topic.thread)}))
        if call.sends:
            sent = await make(replace(call, params={**call.params, "message_thread_id": int(topic.thread)}))
            await self.rename(make, call, topic, ticket)
            await self.pin(make, topic, sent["message_id"])
            return sent
        if ticket.first:
            await self.change(make, call, ticket.first)
        await self.rename(make, call, topic, ticket)
        if call.topic["closed"]:
            await self.quietly(make, Call("closeForumTopic", self.thread(topic)))
        return None

    async def change(self, make: Caller, call: Call, message: str) -> None:
        await make(replace(call, params={**call.params, "message_id": int(message)}))

    async def rename(self, make: Caller, call: Call, topic: DeskTopic, ticket: Ticket) -> None:
        title = str(call.topic["title"])[:LONGEST_TITLE]
        if title != topic.title:
            await self.quietly(make, Call("editForumTopic", {**self.thread(topic), "name": title}))
            await self.store.keep_topic(replace(topic, title=title), ticket.id)

    async def pin(self, make: Caller, topic: DeskTopic, message: int) -> None:
        pinned = {"chat_id": int(topic.chat), "message_id": message, "disable_notification": True}
        await self.quietly(make, Call("pinChatMessage", pinned))

    def thread(self, topic: DeskTopic) -> dict[str, Any]:
        return {"chat_id": int(topic.chat), "message_thread_id": int(topic.thread)}

    async def quietly(self, make: Caller, call: Call) -> None:
        """Make a call whose refusal loses no message. Raises CallRefused if the topic was deleted, RetryLater."""
        try:
            await make(call)
        except (CallRefused, RecipientGone) as error:
            if any(words in str(error).lower() for words in DELETED):
                raise
            log.info("%s: %s", call.method, error)
