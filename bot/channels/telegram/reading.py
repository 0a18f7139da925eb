"""Updates of Telegram as messages."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from bot.model import Address, Language, Message, MessageKind
from bot.store import Arrival, to_text

log = logging.getLogger(__name__)

CHANNEL = "telegram"
ALLOWED_UPDATES = ["message", "callback_query"]

# The part of a message's update that says what kind of thing was sent.
KINDS: Mapping[str, MessageKind] = {
    "photo": "picture",
    "voice": "voice",
    "audio": "voice",
    "video_note": "voice",
    "document": "file",
    "video": "file",
    "animation": "sticker",
    "sticker": "sticker",
}


def read(update: Mapping[str, Any]) -> Message | None:
    """The message of a private chat in an update, or None where there is nothing to answer."""
    if "callback_query" in update:
        query = update["callback_query"]
        chat = query.get("message", {}).get("chat", {"id": query["from"]["id"], "type": "private"})
        sent, press = query, query.get("data", "")
    elif "message" in update:
        sent, press = update["message"], None
        chat = sent["chat"]
    else:
        return None
    sender = sent.get("from")
    if chat.get("type") != "private" or sender is None or sender.get("is_bot"):
        return None
    kind: MessageKind = "press" if press is not None else kind_of(sent)
    return Message(
        address=Address(CHANNEL, str(chat["id"]), str(sender["id"])),
        text="" if press is not None else sent.get("text") or sent.get("caption") or "",
        id=str(update.get("update_id", "")),
        kind=kind,
        press=press,
        hint=language(sender.get("language_code")),
    )


def kind_of(sent: Mapping[str, Any]) -> MessageKind:
    if "text" in sent:
        return "text"
    return next((kind for key, kind in KINDS.items() if key in sent), "other")


def language(code: str | None) -> Language | None:
    return None if not code else "zh" if code.startswith("zh") else "en"


def arrival(update: Mapping[str, Any], bot: str) -> Arrival | None:
    """An update for the inbox, or None where there is nothing to answer; `bot` is the bot's id."""
    try:
        message = read(update)
    except (KeyError, TypeError, AttributeError) as error:
        # Delivered again it would be no better, so it counts as arrived.
        log.warning("update %s has a shape that is not known: %r", update.get("update_id"), error)
        return None
    if message is None:
        return None
    return Arrival(f"{CHANNEL}:{bot}:{update['update_id']}", CHANNEL, message.address.chat, to_text(update))
