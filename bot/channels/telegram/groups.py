"""Telegram groups: reading their updates, checking administrators' rights, and writing answers.

`handlers.group` decides what is answered. This module reads the facts specific to Telegram: mentions and replies, the bot's
membership, moves to a supergroup (which change the id), and anonymous administrators (who write as the group itself).
Channels' posts and automatic forwards, other bots' messages, and messages sent via a bot are ignored.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.channels.channel import CallRefused, RecipientGone, RetryLater
from bot.channels.markup import plain
from bot.channels.telegram.call import Call, Caller
from bot.channels.telegram.fields import CHANNEL, Me, find_mentions, kind_of, language, text_of
from bot.channels.telegram.replies import button_label, reply_calls
from bot.knowledge.deep_links import LETTERS, Target
from bot.model import Address, Button, InGroup, Message, Reply, Way

log = logging.getLogger(__name__)

GROUPS = ("group", "supergroup")
PRESENT = ("creator", "administrator", "member", "restricted")
ADMINISTERING = ("creator", "administrator")
LONGEST_ALERT = 200  # characters, Bot API "answerCallbackQuery"
PATIENCE = 5.0  # seconds for Telegram to tell a group's administrators, while a merchant waits
FRESH = 600.0  # seconds for which a group's administrators are cached


def is_group(update: Mapping[str, Any]) -> bool:
    """Return true if the update comes from a group or supergroup."""
    return chat_of(update).get("type") in GROUPS


def chat_of(update: Mapping[str, Any]) -> Mapping[str, Any]:
    for name in ("message", "edited_message", "my_chat_member"):
        if name in update:
            chat: Mapping[str, Any] = update[name]["chat"]
            return chat
    query = update.get("callback_query", {})
    return query.get("message", {}).get("chat", {}) if query else {}


def read(update: Mapping[str, Any], me: Me) -> Message | None:
    """Convert a group's update to a message, or None if it is to be ignored, as edits are."""
    if "my_chat_member" in update:
        return membership(update, me)
    if "callback_query" in update:
        query = update["callback_query"]
        return group_message(update, query["from"], "called", 0.0, me, press=query.get("data", ""))
    sent = update.get("message")
    if sent is None:
        return None
    if "migrate_to_chat_id" in sent or "migrate_from_chat_id" in sent:
        old = str(sent.get("migrate_from_chat_id", sent["chat"]["id"]))
        new = str(sent.get("migrate_to_chat_id", sent["chat"]["id"]))
        return Message(Address(CHANNEL, old, ""), group=InGroup("moved", sent["date"], moved_to=new))
    writer = writer_of(sent)
    if writer is None or "via_bot" in sent or sent.get("is_automatic_forward"):
        return None
    text, way = question_and_way(sent, me)
    if kind_of(sent) == "other" and not text:
        return None  # a service message, such as of a new member or a pinned message
    return replace(group_message(update, writer, way, sent["date"], me), text=text, kind=kind_of(question(sent, me)))


def writer_of(sent: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return a message's sender: a person, or the group for an anonymous administrator; None for bots and channels."""
    if chat := sent.get("sender_chat"):
        return {"id": chat["id"]} if chat["id"] == sent["chat"]["id"] else None
    sender: Mapping[str, Any] | None = sent.get("from")
    return sender if sender and not sender.get("is_bot") else None


def group_message(
    update: Mapping[str, Any], writer: Mapping[str, Any], way: Way, at: float, me: Me, press: str | None = None
) -> Message:
    chat = str(chat_of(update)["id"])
    return Message(
        Address(CHANNEL, chat, str(writer["id"])),
        id=str(update.get("update_id", "")),
        kind="text" if press is None else "press",
        press=press,
        hint=language(writer.get("language_code")),
        group=InGroup(
            way,
            at,
            f"@{me.username}",
            str(writer["id"]) == chat,
            me.reads_all,
            title=str(chat_of(update).get("title", "")),
        ),
    )


def membership(update: Mapping[str, Any], me: Me) -> Message | None:
    """Return the message for the bot's joining or leaving a group; None for other changes of its status."""
    changed = update["my_chat_member"]
    before, after = (is_present(changed[name]) for name in ("old_chat_member", "new_chat_member"))
    if before == after:
        return None
    message = group_message(update, changed["from"], "joined" if after else "left", changed["date"], me)
    sees_all = me.reads_all or changed["new_chat_member"]["status"] in ADMINISTERING
    return replace(message, group=replace(message.group or InGroup("left", 0.0), sees_all=sees_all))


def is_present(member: Mapping[str, Any]) -> bool:
    return member["status"] in PRESENT and member.get("is_member", True)


def question_and_way(sent: Mapping[str, Any], me: Me) -> tuple[str, Way]:
    """Return a message's question, and the way it reached the bot: called, replied, command or overheard."""
    found = find_mentions(sent, me)
    text = found.text
    if text.startswith("/"):
        command, _, rest = text.partition(" ")
        name, at, whose = command.partition("@")
        if at:
            mine = whose.lower() == me.username.lower()
            return (f"{name} {rest}".strip(), "called") if mine else ("", "overheard")
        return text, "called" if found.me else "command"
    if found.me:
        return text or text_of(question(sent, me)), "called"
    replied = sent.get("reply_to_message", {})
    # In a topic created by the bot, every message is a reply to the topic's first message.
    to_me = replied.get("from", {}).get("id") == me.id and "forum_topic_created" not in replied
    return text, "replied" if to_me and not found.others else "overheard"


def question(sent: Mapping[str, Any], me: Me) -> Mapping[str, Any]:
    """Return the message to answer: the replied-to one if a reply consists only of the bot's name, else the message."""
    found, replied = find_mentions(sent, me), sent.get("reply_to_message", {})
    asks_for_it = found.me and not found.text and kind_of(sent) == "text"
    if asks_for_it and text_of(replied) and not replied.get("from", {}).get("is_bot"):
        quoted: Mapping[str, Any] = replied
        return quoted
    return sent


# --- answers


def calls(update: Mapping[str, Any], replies: Sequence[Reply], me: Me) -> list[Call]:
    """Return the calls that answer in a group: as replies to the question, in its topic; presses edit their message."""
    chat = int(chat_of(update)["id"])
    if query := update.get("callback_query"):
        return press_calls(query, chat, replies, me)
    sent = update.get("message")
    place: dict[str, Any] = {}
    if sent:
        asked = question(sent, me)
        place["reply_parameters"] = {"message_id": asked["message_id"], "allow_sending_without_reply": True}
        if sent.get("is_topic_message"):
            place["message_thread_id"] = sent["message_thread_id"]
    return [call for reply in replies for call in reply_calls_at(chat, reply, place, me)]


def reply_calls_at(chat: int, reply: Reply, place: Mapping[str, Any], me: Me) -> list[Call]:
    *before, last = [
        replace(call, params={**call.params, **place}) for call in reply_calls(chat, replace(reply, buttons=()))
    ]
    if reply.buttons:
        last = replace(last, params={**last.params, "reply_markup": keyboard(reply.buttons, me)})
    return [*before, last]


def keyboard(buttons: Sequence[Button], me: Me) -> dict[str, Any]:
    """Return a keyboard with one button a row; private buttons are links to the chat with the bot."""
    return {"inline_keyboard": [[button_of(one, me)] for one in buttons]}


def link(me: Me, says: str) -> str:
    """Return the link that opens the private chat and sends the button's statement, if a link can contain it."""
    said, _, name = says.partition("=")
    kind = next((kind for kind in LETTERS.values() if kind == said), None)
    chat = f"https://t.me/{me.username}"
    return f"{chat}?start={Target(kind, name).payload}" if kind else chat


def button_of(button: Button, me: Me) -> dict[str, str]:
    if button.private:
        return {"text": button_label(button.label), "url": link(me, button.says)}
    return {"text": button_label(button.label), "callback_data": button.says}


def press_calls(query: Mapping[str, Any], chat: int, replies: Sequence[Reply], me: Me) -> list[Call]:
    """Return the calls that answer a press: edit its message, or show a reply without buttons only to the person."""
    answer: dict[str, Any] = {"callback_query_id": query["id"]}
    if replies and not replies[0].buttons:
        return [
            Call("answerCallbackQuery", {**answer, "text": plain(replies[0].text)[:LONGEST_ALERT], "show_alert": True})
        ]
    edits = [
        replace(call, method="editMessageText", params={**call.params, "message_id": query["message"]["message_id"]})
        for reply in replies[:1]
        for call in reply_calls_at(chat, reply, {}, me)
    ]
    return [Call("answerCallbackQuery", answer), *edits]


def privacy_mode_note(me: Me) -> str | None:
    """Return a note for the operator if privacy mode hides groups' messages from the bot, else None."""
    if me.reads_all:
        return None
    return (
        f"Telegram's privacy mode is on for @{me.username}: in groups it receives commands and replies to its messages, but no "
        "reply keywords and possibly no mentions. To answer those too, send /setprivacy to @BotFather and choose Disable, then "
        "remove the bot from each group and add it again; or make it an administrator there"
    )


# --- administrators


class Administrators:
    """The groups' administrators, requested from Telegram and cached for some minutes."""

    def __init__(self, make: Caller, me: Me) -> None:
        self.make, self.me = make, me
        self.known: dict[str, tuple[float, frozenset[str]]] = {}

    async def complete(self, message: Message) -> Message:
        """Complete a group's message: whether its sender is an administrator, and whether the bot sees all messages.

        If Telegram does not answer in time, the cached administrators are used.
        """
        group = message.group
        if group is None or group.way in ("joined", "left", "moved"):
            return message
        setting = message.press is not None or message.text.startswith("/")
        if group.way != "overheard" and not setting:
            return message
        chat, user = message.address.chat, message.address.user
        if not setting:
            administrator = group.administrator or user in await self.ids_in(chat)
            return replace(message, group=replace(group, administrator=administrator))
        administrator = group.administrator or await self.is_administrator(chat, user)
        sees_all = group.sees_all or await self.is_administrator(chat, str(self.me.id))
        return replace(message, group=replace(group, administrator=administrator, sees_all=sees_all))

    async def is_administrator(self, chat: str, user: str) -> bool:
        """Return true if a person is an administrator now; if Telegram does not answer, use the cache."""
        found = await self.call(Call("getChatMember", {"chat_id": int(chat), "user_id": int(user)}))
        if found is None:
            return user in self.known.get(chat, (0.0, frozenset()))[1]
        return found["status"] in ADMINISTERING

    async def ids_in(self, chat: str) -> frozenset[str]:
        """Return the ids of a group's administrators, from the cache for up to FRESH seconds."""
        at, known = self.known.get(chat, (float("-inf"), frozenset()))
        if time.monotonic() - at > FRESH:
            found = await self.call(Call("getChatAdministrators", {"chat_id": int(chat)}))
            if found is not None:
                known = frozenset(str(one["user"]["id"]) for one in found)
            self.known[chat] = (time.monotonic(), known)
        return known

    async def call(self, call: Call) -> Any:
        try:
            async with asyncio.timeout(PATIENCE):
                return await self.make(call)
        except (RetryLater, RecipientGone, CallRefused, TimeoutError) as error:
            log.warning("%s: %s", call.method, error or type(error).__name__)
            return None
