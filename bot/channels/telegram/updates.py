"""Conversion of Telegram's updates to messages."""

from __future__ import annotations

import logging
import re
from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Any

from bot.channels.telegram import business, groups
from bot.channels.telegram.desk.reading import at_desk
from bot.channels.telegram.fields import (
    CHANNEL,
    UNKNOWN_BOT,
    Me,
    find_mentions,
    keep_parsed,
    kind_of,
    language,
    name_of,
    update_of,
)
from bot.json_text import to_text
from bot.model import Address, InBusiness, Message, MessageKind
from bot.store import Arrival

log = logging.getLogger(__name__)

ALLOWED_UPDATES = ["message", "edited_message", "callback_query", "my_chat_member", "inline_query", *business.UPDATES]
# Telegram's ids of chats, possibly with a business connection, and of people.
CHAT, USER = re.compile(r"-?[0-9]{1,20}(@[!-~]+)?"), re.compile(r"(-?[0-9]{1,20})?")
MESSAGE_FIELDS = ("message", "edited_message", *business.MESSAGES)  # updates with a person's message


def read(update: Mapping[str, Any], me: Me = UNKNOWN_BOT) -> Message | None:
    """Convert an update to a message, or None if it needs no answer; `me` is the bot.

    Raises KeyError, TypeError or AttributeError if the update is malformed.
    """
    if groups.is_group(update):
        return groups.read(update, me)
    if "my_chat_member" in update:
        return block_message(update)
    if "business_connection" in update:
        return business.connection_message(update)
    if "callback_query" in update:
        query = update["callback_query"]
        chat = query.get("message", {}).get("chat", {"id": query["from"]["id"], "type": "private"})
        sent, press = query, query.get("data", "")
        connection = query.get("message", {}).get("business_connection_id", "")
    elif found := next((update[kind] for kind in MESSAGE_FIELDS if kind in update), None):
        sent, press, chat, connection = found, None, found["chat"], found.get("business_connection_id", "")
        if "sender_business_bot" in found or found.get("is_from_offline"):
            return None  # sent by a bot in the account's name, or by its automatic greeting
    else:
        return None
    sender = sent.get("from")
    if chat.get("type") != "private" or sender is None or sender.get("is_bot"):
        return None
    kind: MessageKind = "press" if press is not None else kind_of(sent)
    return Message(
        address=Address(
            CHANNEL, business.chat_name(chat["id"], connection), str((chat if connection else sender)["id"])
        ),
        text="" if press is not None else find_mentions(sent, me).text,
        id=str(update.get("update_id", "")),
        kind=kind,
        press=press,
        hint=language(sender.get("language_code")),
        sent=str(sent["message_id"]) if press is None else "",
        at=sent["date"] if press is None else 0,
        name=name_of(sender),
        edited="edited_message" in update or "edited_business_message" in update,
        business=InBusiness(connection, writer=str(sender["id"])) if connection else None,
    )


def block_message(update: Mapping[str, Any]) -> Message | None:
    """Return the message for a merchant who blocked the bot; None for other changes, such as unblocking."""
    changed = update["my_chat_member"]
    if changed["chat"].get("type") != "private" or changed["new_chat_member"]["status"] != "kicked":
        return None
    chat = str(changed["chat"]["id"])
    return Message(Address(CHANNEL, chat, chat), id=str(update.get("update_id", "")), kind="gone")


@lru_cache(maxsize=64)
def read_stored(payload: str, me: Me) -> Message | None:
    """Read a stored update as `read` does: once from its arrival until it is handled."""
    return read(update_of(payload), me)


def update_number(update: Any) -> int | None:
    """Return an update's number, or None if it is not an update."""
    number = update.get("update_id") if isinstance(update, dict) else None
    return number if type(number) is int and number >= 0 else None


def message_of(update: Mapping[str, Any], me: Me = UNKNOWN_BOT, payload: str = "") -> Message | None:
    """Convert an update to a message, or None if it needs no answer or is malformed, which is logged.

    `payload` is the update as it is stored.
    """
    try:
        message = read_stored(payload, me) if payload else read(update, me)
        if message and not (CHAT.fullmatch(message.address.chat) and USER.fullmatch(message.address.user)):
            raise TypeError("the id of a chat or person is not a number")
        return message
    except (KeyError, TypeError, AttributeError) as error:
        # The update counts as delivered, since it would fail again.
        log.warning("ignoring update %s with an unknown structure: %r", update.get("update_id"), error)
        return None


def lane_key(message: Message) -> str:
    """Return the chat in whose order a message is handled: the new chat for a moved group, else the message's own."""
    return (message.group and message.group.moved_to) or message.address.chat


def arrival(update: Mapping[str, Any], me: Me, desks: Collection[str] = ()) -> Arrival | None:
    """Convert an update for the inbox, or return None if it needs no answer.

    `me` is the bot; `desks` are the current and former ids of the consultants' chat.
    """
    number = update["update_id"]
    try:
        payload = to_text(update)
    except RecursionError:
        log.warning("ignoring update %s, which is nested too deeply", number)
        return None
    keep_parsed(payload, update)
    message = message_of(update, me, payload)
    if at_desk(update, desks):
        chat = str((update.get("message") or update["edited_message"])["chat"]["id"])
    elif message is not None:
        chat = lane_key(message)
    else:
        return None
    return Arrival(f"{CHANNEL}:{me.id}:{number}", CHANNEL, chat, payload)
