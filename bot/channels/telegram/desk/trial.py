"""Trial of the desk at the start: what the bot may do in the consultants' chat, and what is missing."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from bot.channels.channel import Unreachable
from bot.channels.telegram.call import Call, Caller
from bot.channels.telegram.desk import TelegramDesk
from bot.channels.telegram.groups import ADMINISTERING, PRESENT

log = logging.getLogger(__name__)


async def try_desk(make: Caller, desk: TelegramDesk, chat: str) -> None:
    """Log what is missing in the consultants' chat. Raises Unreachable if nothing can be sent there."""
    found = await make(Call("getChat", {"chat_id": int(chat)}))
    if found["type"] == "private":
        return
    member = await make(Call("getChatMember", {"chat_id": int(chat), "user_id": desk.me.id}))
    if (why := barred(found, member)) is not None:
        raise Unreachable(f"CONSULTANT_CHAT: {why}")
    if desk.topic:
        place = {"chat_id": int(chat), "message_thread_id": int(desk.topic), "action": "typing"}
        try:
            await make(Call("sendChatAction", place))
        except Unreachable as error:
            raise Unreachable(
                f"CONSULTANT_CHAT: the group has no topic {desk.topic} ({error.__cause__}); set the number at the end of "
                "the topic's link, or the group's id alone"
            ) from None
    desk.topics = has_topics(desk, found, member)
    for one in missing(desk, found, member):
        log.warning("CONSULTANT_CHAT: %s", one)


def barred(chat: Mapping[str, Any], member: Mapping[str, Any]) -> str | None:
    """Return the reason why the bot cannot send to a group at all, with the remedy, or None."""
    if chat["type"] == "channel":
        return "this is a channel, where consultants cannot answer; set the id of a group"
    if member["status"] not in PRESENT or not member.get("is_member", True):
        return "the bot is not a member of this group; add it there"
    if member["status"] == "restricted" and not member.get("can_send_messages", False):
        return "the bot may not send messages in this group; lift its restriction"
    allowed = chat.get("permissions", {}).get("can_send_messages", True)
    if member["status"] == "member" and not allowed:
        return "members of this group may not send messages; make the bot an administrator"
    return None


def has_topics(desk: TelegramDesk, chat: Mapping[str, Any], member: Mapping[str, Any]) -> bool:
    """Return true if each merchant can have a topic: in a forum whose topics the bot manages, unless one topic is set."""
    return bool(chat.get("is_forum")) and not desk.topic and may(member, "can_manage_topics")


def may(member: Mapping[str, Any], right: str) -> bool:
    return member["status"] == "creator" or bool(member.get(right))


def missing(desk: TelegramDesk, chat: Mapping[str, Any], member: Mapping[str, Any]) -> list[str]:
    """Return the rights that the bot lacks in the group, and the remedy."""
    told = []
    if chat.get("is_forum") and not desk.topic and not desk.topics:
        told.append(
            "to give each merchant a topic, make the bot an administrator who may manage topics and pin messages"
        )
    elif desk.topics and not may(member, "can_pin_messages"):
        told.append("to pin the card in each merchant's topic, let the bot pin messages")
    if desk.me.reads_all or member["status"] in ADMINISTERING:
        return told
    return [
        *told,
        "Telegram's privacy mode hides from the bot what consultants write without replying to it; make the bot an "
        "administrator of the group",
    ]
