"""The consultants' desk on Telegram: their messages to merchants, and merchants' messages to them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import replace
from typing import Any

from bot.channels.channel import DeskMessage
from bot.channels.markup import escape_lines, plain
from bot.channels.telegram.call import Call
from bot.channels.telegram.fields import CHANNEL, kind_of, language, text_of, update_of
from bot.channels.telegram.files import Notes
from bot.channels.telegram.replies import reply_calls
from bot.json_text import from_text
from bot.model import Message, Reply, Ticket

log = logging.getLogger(__name__)

LOOK = 2.0  # seconds between checks for a new chat id noted by another process
CAPTIONED = ("photo", "document", "voice", "audio", "video", "animation")
LONGEST_CAPTION = 1024  # characters, Bot API "copyMessage"

Tickets = Callable[[int], Awaitable[Ticket | None]]


def at_desk(update: Mapping[str, Any], desks: Collection[str]) -> bool:
    """Return true if the update is a reply or an edit at a desk, possibly a consultant's message to a merchant."""
    sent = update.get("message") or update.get("edited_message")
    chat = sent.get("chat") if isinstance(sent, dict) else None
    if not isinstance(chat, dict) or str(chat.get("id")) not in desks:
        return False
    return (
        "edited_message" in update or "reply_to_message" in update["message"] or reply_target_hidden(update["message"])
    )


def reply_target_hidden(sent: Mapping[str, Any]) -> bool:
    """Return true for a reply to a bot's message sent before the group became a supergroup; Telegram omits that one's id."""
    match sent:
        case {"external_reply": {"origin": {"sender_user": {"is_bot": True}}}}:
            return True
    return False


class TelegramDesk:
    """A Telegram chat as the consultants' desk: GROUP, or GROUP/TOPIC for a forum topic, as ids.

    A group that becomes a supergroup gets a new id, which is followed and stored.
    """

    channel = CHANNEL

    def __init__(self, desk: str) -> None:
        self.set, _, self.topic = desk.partition("/")
        self.chat = self.set
        self.note = f"telegram-desk:{self.set}"  # the name of the stored note with the chat's new id

    @property
    def chats(self) -> Collection[str]:
        return (self.set, self.chat)

    def moved(self, old: str, new: str) -> tuple[str, str] | None:
        if old != self.chat or new == old:
            return None
        self.follow(new)
        return self.note, new

    def follow(self, chat: str) -> None:
        if chat != self.chat:
            log.warning("CONSULTANT_CHAT %s became %s; set it. The bot uses the new chat until then", self.set, chat)
        self.chat = chat

    async def recall(self, notes: Notes) -> None:
        """Follow the chat to the new id stored by any process."""
        if kept := await notes.recall(self.note):
            self.follow(kept)

    async def follow_notes(self, notes: Notes) -> None:
        """Poll for a new chat id stored by another process, until cancelled."""
        while True:
            await asyncio.sleep(LOOK)
            await self.recall(notes)

    def read(self, payload: str) -> DeskMessage | None:
        update = update_of(payload)
        if not at_desk(update, self.chats):
            return None
        sent = update.get("message") or update["edited_message"]
        if sent.get("from", {}).get("is_bot") and "sender_chat" not in sent:
            return None
        to = sent.get("reply_to_message", {}).get("message_id")
        return DeskMessage(
            str(sent["message_id"]),
            None if to is None else str(to),
            text_of(sent),
            kind_of(sent),
            "edited_message" in update,
            to is None and reply_target_hidden(sent),
            language(sent.get("from", {}).get("language_code")),
        )

    def post(self, text: str, ticket: int | None = None, to: str | None = None) -> list[str]:
        calls = reply_calls(int(self.chat), Reply(text))
        return [self.as_reply(call, ticket, to).payload for call in calls]

    def pass_on(self, ticket: int, label: str, message: Message, payload: str) -> list[str]:
        update = update_of(payload) if message.address.channel == CHANNEL else {}
        sent = update.get("message") or update.get("edited_message") or {}
        if not sent or "text" in sent:
            return self.post(labelled_text(label, message.text), ticket)
        return [self.as_reply(copy_call(sent, int(self.chat), label), ticket, None).payload]

    def copy(self, payload: str, chat: str, label: str) -> str:
        update = update_of(payload)
        sent = update.get("message") or update["edited_message"]
        return replace(copy_call(sent, int(chat), label), about=str(sent["message_id"])).payload

    def about(self, payload: str) -> str | None:
        return from_text(payload).get("about") or None

    def as_reply(self, call: Call, ticket: int | None, to: str | None) -> Call:
        """Make a call a reply to the ticket's first message or to the message `to`, in the desk's topic."""
        params = dict(call.params)
        if self.topic:
            params["message_thread_id"] = int(self.topic)
        if to is not None:
            params["reply_parameters"] = reply_parameters(to)
        return replace(call, params=params, ticket=ticket if to is None else None)


def labelled_text(label: str, text: str) -> str:
    """Format a person's text under their name, escaped as Markdown."""
    return f"**{escape_lines(label)}:** {escape_lines(text)}"


def copy_call(sent: Mapping[str, Any], chat: int, label: str) -> Call:
    """Return the call that copies a message into a chat, with the label as its caption if it can have one."""
    params: dict[str, Any] = {"chat_id": chat, "from_chat_id": sent["chat"]["id"], "message_id": sent["message_id"]}
    caption = f"{label}: {sent['caption']}" if sent.get("caption") else label
    if any(kind in sent for kind in CAPTIONED) and len(caption) <= LONGEST_CAPTION:
        params["caption"] = plain(escape_lines(caption))
    return Call("copyMessage", params)


def reply_parameters(message: str) -> dict[str, Any]:
    return {"message_id": int(message), "allow_sending_without_reply": True}


async def in_ticket_thread(call: Call, tickets: Tickets) -> Call:
    """Make a ticket's call a reply to its first message, whose id is known only once that is sent."""
    if call.ticket is None:
        return call
    ticket = await tickets(call.ticket)
    answered = {"reply_parameters": reply_parameters(ticket.first)} if ticket and ticket.first else {}
    return replace(call, params={**call.params, **answered}, ticket=None)
