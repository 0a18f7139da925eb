"""Selection of the updates of the desk's chat that concern merchants."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from bot.channels.telegram.desk.copies import kind_name
from bot.channels.telegram.fields import text_of


def at_desk(update: Mapping[str, Any], desks: Collection[str]) -> bool:
    """Return true if the update may concern merchants: a reply, an edit, a command, or a message in a topic of the desk."""
    sent: Any = update.get("message") or update.get("edited_message")
    chat = sent.get("chat") if isinstance(sent, dict) else None
    if not isinstance(chat, dict) or str(chat.get("id")) not in desks:
        return False
    return (
        "edited_message" in update
        or "reply_to_message" in sent
        or bool(sent.get("is_topic_message"))
        or str(sent.get("text", "")).startswith("/")
        or reply_target_hidden(sent)
    )


def press_at(update: Mapping[str, Any], desks: Collection[str]) -> Mapping[str, Any] | None:
    """Return the press of a button at a desk, or None."""
    query = update.get("callback_query")
    message = query.get("message") if isinstance(query, dict) else None
    chat = message.get("chat") if isinstance(message, dict) else None
    return query if isinstance(chat, dict) and str(chat.get("id")) in desks else None


def thread_of(sent: Mapping[str, Any]) -> str | None:
    """Return the id of the forum topic in which a message stands, or None."""
    return str(sent["message_thread_id"]) if sent.get("is_topic_message") else None


def is_service(sent: Mapping[str, Any]) -> bool:
    """Return true for a service message, such as of a pinned message or a changed topic."""
    return kind_name(sent) == "message" and not text_of(sent)


def reply_target_hidden(sent: Mapping[str, Any]) -> bool:
    """Return true for a reply to a bot's message sent before the group became a supergroup; Telegram omits that one's id."""
    match sent:
        case {"external_reply": {"origin": {"sender_user": {"is_bot": True}}}}:
            return True
    return False


def is_human(sent: Mapping[str, Any], me: int) -> bool:
    """Return true for a message of a person, or of an administrator in the group's name; not of other bots and channels.

    What somebody chose from this bot's inline answers is theirs.
    """
    if sent.get("via_bot", {"id": me})["id"] != me or sent.get("is_automatic_forward"):
        return False
    if chat := sent.get("sender_chat"):
        return bool(chat["id"] == sent["chat"]["id"])
    return not sent.get("from", {"is_bot": True}).get("is_bot")
