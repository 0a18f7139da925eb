"""Business accounts: merchants write to an account that has connected the bot, and the bot answers in its name.

Connections are stored when an update announces them, and requested if unknown. A merchant's chat is named CHAT@CONNECTION,
to distinguish it from the bot's own chat with them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.channels.telegram.call import Call, Caller
from bot.channels.telegram.fields import CHANNEL
from bot.json_text import from_text, to_text
from bot.model import Address, InBusiness, Message
from bot.store.ports import Notes

MESSAGES = ("business_message", "edited_business_message")
UPDATES = ["business_connection", *MESSAGES]


def chat_name(chat: int, connection: str) -> str:
    return f"{chat}@{connection}" if connection else str(chat)


def chat_params(chat: str) -> dict[str, Any]:
    """Return the parameters of a call that identify a chat."""
    number, _, connection = chat.partition("@")
    return {"chat_id": int(number), **({"business_connection_id": connection} if connection else {})}


def in_business_chat(chat: str, calls: Sequence[Call]) -> list[Call]:
    """Make the calls in the name of the chat's account, if it is a business chat."""
    if "@" not in chat:
        return list(calls)
    return [
        replace(call, params={**call.params, **chat_params(chat)}) if "chat_id" in call.params else call
        for call in calls
    ]


def connection_message(update: Mapping[str, Any]) -> Message:
    """Return the message for a connected, changed or disconnected account."""
    made = update["business_connection"]
    business = InBusiness(made["id"], str(made["user"]["id"]), may_reply(made), news=to_text(made))
    chat = str(made["user_chat_id"])
    return Message(
        Address(CHANNEL, chat, str(made["user"]["id"])), id=str(update.get("update_id", "")), business=business
    )


def may_reply(connection: Mapping[str, Any]) -> bool:
    """Return true if the bot may reply. Before the Bot API had "rights", `can_reply` was a field of the connection."""
    rights = connection.get("rights") or connection
    return bool(connection.get("is_enabled")) and bool(rights.get("can_reply"))


def owner_name(news: str) -> str:
    """Return the user name of an account's owner, from the connection's new state, or ""."""
    return str(from_text(news)["user"].get("username", "")) if news else ""


class Connections:
    """The accounts that have connected a bot, and its right to reply."""

    def __init__(self, make: Caller, notes: Notes, bot: int) -> None:
        self.make, self.notes, self.bot = make, notes, bot

    async def complete(self, message: Message) -> Message:
        """Add the account's owner and the right to reply to a message. Raises RetryLater, RecipientGone, CallRefused."""
        business = message.business
        if business is None:
            return message
        name = f"telegram-business:{self.bot}:{business.connection}"
        if business.news:
            await self.remember(name, from_text(business.news))
            return message
        kept = await self.notes.recall(name)
        if kept is None:
            found = await self.make(Call("getBusinessConnection", {"business_connection_id": business.connection}))
            kept = await self.remember(name, found)
        known = from_text(kept)
        return replace(message, business=replace(business, owner=known["owner"], may_reply=known["may_reply"]))

    async def remember(self, name: str, made: Mapping[str, Any]) -> str:
        """Store and return a note of the account's owner and the right to reply, without names, for privacy."""
        owner = str(made["user"]["id"])
        note = to_text({"owner": owner, "may_reply": may_reply(made)})
        await self.notes.remember(name, note, Address(CHANNEL, owner, owner))
        return note
