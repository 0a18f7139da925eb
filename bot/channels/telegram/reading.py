"""Updates of Telegram as messages."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from bot.channels.telegram import groups
from bot.channels.telegram.fields import CHANNEL, NOBODY, Me, kind_of, language, name_of, named
from bot.channels.telegram.relay import at_desk
from bot.model import Address, Message, MessageKind
from bot.store import Arrival, to_text

log = logging.getLogger(__name__)

ALLOWED_UPDATES = ["message", "edited_message", "callback_query", "my_chat_member", "inline_query"]

Aside = Callable[[Mapping[str, Any]], bool]  # takes an update over that need not outlive the process


def nobody(_: Mapping[str, Any]) -> bool:
    """Takes nothing over."""
    return False


def read(update: Mapping[str, Any], me: Me = NOBODY) -> Message | None:
    """The message in an update, or None where there is nothing to answer; `me` is the bot."""
    if groups.is_group(update):
        return groups.read(update, me)
    if "callback_query" in update:
        query = update["callback_query"]
        chat = query.get("message", {}).get("chat", {"id": query["from"]["id"], "type": "private"})
        sent, press = query, query.get("data", "")
    elif found := update.get("message") or update.get("edited_message"):
        sent, press, chat = found, None, found["chat"]
    else:
        return None
    sender = sent.get("from")
    if chat.get("type") != "private" or sender is None or sender.get("is_bot"):
        return None
    kind: MessageKind = "press" if press is not None else kind_of(sent)
    return Message(
        address=Address(CHANNEL, str(chat["id"]), str(sender["id"])),
        text="" if press is not None else named(sent, me).text,
        id=str(update.get("update_id", "")),
        kind=kind,
        press=press,
        hint=language(sender.get("language_code")),
        sent=str(sent["message_id"]) if press is None else "",
        at=sent["date"] if press is None else 0,
        name=name_of(sender),
        edited="edited_message" in update,
    )


def understood(update: Mapping[str, Any], me: Me = NOBODY) -> Message | None:
    """The message in an update, or None where there is nothing to answer, or where its shape is not known."""
    try:
        return read(update, me)
    except (KeyError, TypeError, AttributeError) as error:
        # Delivered again it would be no better, so it counts as arrived.
        log.warning("update %s has a shape that is not known: %r", update.get("update_id"), error)
        return None


def arrival(update: Mapping[str, Any], bot: str, desk: str = "") -> Arrival | None:
    """An update for the inbox, or None where there is nothing to answer; `bot` is the bot's id, `desk` CONSULTANT_CHAT."""
    message = understood(update)
    chat = desk.partition("/")[0] if at_desk(update, desk) else message and message.address.chat
    if not chat:
        return None
    return Arrival(f"{CHANNEL}:{bot}:{update['update_id']}", CHANNEL, chat, to_text(update))
