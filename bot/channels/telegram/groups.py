"""Groups of Telegram: which of their updates are for the assistant, who may set it, and how it answers there.

What is said to whom is the business of `handlers.group`. Here is what Telegram alone tells: that a name was called, a
message replied to, the bot added or removed, a group become a supergroup (its id changes), an administrator anonymous (he
writes as the group itself). Posts of channels, what channels forward by themselves, other bots, and what was sent by means
of a bot are passed over.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.channels.channel import Gone, Later, Refused
from bot.channels.markup import plain
from bot.channels.telegram.call import Call, Caller
from bot.channels.telegram.fields import CHANNEL, Me, kind_of, language, named, words_of
from bot.channels.telegram.writing import labelled, reply_calls
from bot.knowledge.deep_links import LETTERS, Target
from bot.model import Address, Button, InGroup, Message, Reply, Way

log = logging.getLogger(__name__)

GROUPS = ("group", "supergroup")
PRESENT = ("creator", "administrator", "member", "restricted")
ADMINISTERING = ("creator", "administrator")
LONGEST_ALERT = 200  # characters, Bot API "answerCallbackQuery"
PATIENCE = 5.0  # seconds for a question to Telegram, while which a merchant waits
FRESH = 600.0  # seconds for which a group's administrators are remembered


def is_group(update: Mapping[str, Any]) -> bool:
    """Whether an update is of a group chat."""
    return chat_of(update).get("type") in GROUPS


def chat_of(update: Mapping[str, Any]) -> Mapping[str, Any]:
    for name in ("message", "edited_message", "my_chat_member"):
        if name in update:
            chat: Mapping[str, Any] = update[name]["chat"]
            return chat
    query = update.get("callback_query", {})
    return query.get("message", {}).get("chat", {}) if query else {}


def read(update: Mapping[str, Any], me: Me) -> Message | None:
    """The message in a group's update, or None where there is nothing to take notice of. Edits are no new questions."""
    if "my_chat_member" in update:
        return membership(update, me)
    if "callback_query" in update:
        query = update["callback_query"]
        return made(update, query["from"], "called", 0.0, me, press=query.get("data", ""))
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
    text, way = asked_by(sent, me)
    if kind_of(sent) == "other" and not text:
        return None  # somebody came, a message was pinned, and the like
    return replace(made(update, writer, way, sent["date"], me), text=text, kind=kind_of(question(sent, me)))


def writer_of(sent: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Who wrote: a person, or for an anonymous administrator the group; None for bots and channels."""
    if chat := sent.get("sender_chat"):
        return {"id": chat["id"]} if chat["id"] == sent["chat"]["id"] else None
    sender: Mapping[str, Any] | None = sent.get("from")
    return sender if sender and not sender.get("is_bot") else None


def made(
    update: Mapping[str, Any], writer: Mapping[str, Any], way: Way, at: float, me: Me, press: str | None = None
) -> Message:
    chat = str(chat_of(update)["id"])
    return Message(
        Address(CHANNEL, chat, str(writer["id"])),
        id=str(update.get("update_id", "")),
        kind="text" if press is None else "press",
        press=press,
        hint=language(writer.get("language_code")),
        group=InGroup(way, at, f"@{me.username}", str(writer["id"]) == chat, me.reads_all),
    )


def membership(update: Mapping[str, Any], me: Me) -> Message | None:
    """The bot came into a group, or left it; other changes of its status say nothing."""
    changed = update["my_chat_member"]
    before, after = (here(changed[name]) for name in ("old_chat_member", "new_chat_member"))
    if before == after:
        return None
    message = made(update, changed["from"], "joined" if after else "left", changed["date"], me)
    sees_all = me.reads_all or changed["new_chat_member"]["status"] in ADMINISTERING
    return replace(message, group=replace(message.group or InGroup("left", 0.0), sees_all=sees_all))


def here(member: Mapping[str, Any]) -> bool:
    return member["status"] in PRESENT and member.get("is_member", True)


def asked_by(sent: Mapping[str, Any], me: Me) -> tuple[str, Way]:
    """What a message asks, and whether it asks the bot."""
    found = named(sent, me)
    text = found.text
    if text.startswith("/"):
        command, _, rest = text.partition(" ")
        name, at, whose = command.partition("@")
        if at:
            mine = whose.lower() == me.username.lower()
            return (f"{name} {rest}".strip(), "called") if mine else ("", "overheard")
        return text, "called" if found.me else "command"
    if found.me:
        return text or words_of(question(sent, me)), "called"
    replied = sent.get("reply_to_message", {})
    # In a topic that the bot has made, every message is a reply to its beginning.
    to_me = replied.get("from", {}).get("id") == me.id and "forum_topic_created" not in replied
    return text, "called" if to_me and not found.others else "overheard"


def question(sent: Mapping[str, Any], me: Me) -> Mapping[str, Any]:
    """The message that is to be answered: who only calls the bot's name below another's message means that one."""
    found, replied = named(sent, me), sent.get("reply_to_message", {})
    asks_for_it = found.me and not found.text and kind_of(sent) == "text"
    if asks_for_it and words_of(replied) and not replied.get("from", {}).get("is_bot"):
        quoted: Mapping[str, Any] = replied
        return quoted
    return sent


# --- answers


def calls(update: Mapping[str, Any], replies: Sequence[Reply], me: Me) -> list[Call]:
    """The calls that answer in a group: below the question and in its topic; a press changes the message it stands in."""
    chat = int(chat_of(update)["id"])
    if query := update.get("callback_query"):
        return pressed(query, chat, replies, me)
    sent = update.get("message")
    place: dict[str, Any] = {}
    if sent:
        asked = question(sent, me)
        place["reply_parameters"] = {"message_id": asked["message_id"], "allow_sending_without_reply": True}
        if sent.get("is_topic_message"):
            place["message_thread_id"] = sent["message_thread_id"]
    return [call for reply in replies for call in placed(chat, reply, place, me)]


def placed(chat: int, reply: Reply, place: Mapping[str, Any], me: Me) -> list[Call]:
    *before, last = [
        replace(call, params={**call.params, **place}) for call in reply_calls(chat, replace(reply, buttons=()))
    ]
    if reply.buttons:
        last = replace(last, params={**last.params, "reply_markup": keyboard(reply.buttons, me)})
    return [*before, last]


def keyboard(buttons: Sequence[Button], me: Me) -> dict[str, Any]:
    """One button a row; what is private is a link into the chat with the bot."""
    return {"inline_keyboard": [[button_of(one, me)] for one in buttons]}


def link(me: Me, says: str) -> str:
    """The address that opens the private chat and says there what a button says; nothing said opens it alone."""
    said, _, name = says.partition("=")
    kind = next((kind for kind in LETTERS.values() if kind == said), None)
    chat = f"https://t.me/{me.username}"
    return f"{chat}?start={Target(kind, name).payload}" if kind else chat


def button_of(button: Button, me: Me) -> dict[str, str]:
    if button.private:
        return {"text": labelled(button.label), "url": link(me, button.says)}
    return {"text": labelled(button.label), "callback_data": button.says}


def pressed(query: Mapping[str, Any], chat: int, replies: Sequence[Reply], me: Me) -> list[Call]:
    """A press changes the message with the buttons; words alone are shown to whoever has pressed, and to nobody else."""
    answer: dict[str, Any] = {"callback_query_id": query["id"]}
    if replies and not replies[0].buttons:
        return [
            Call("answerCallbackQuery", {**answer, "text": plain(replies[0].text)[:LONGEST_ALERT], "show_alert": True})
        ]
    edits = [
        replace(call, method="editMessageText", params={**call.params, "message_id": query["message"]["message_id"]})
        for reply in replies[:1]
        for call in placed(chat, reply, {}, me)
    ]
    return [Call("answerCallbackQuery", answer), *edits]


def limits(me: Me) -> str | None:
    """What keeps messages of groups from the bot, for whoever runs it; None where nothing does."""
    if me.reads_all:
        return None
    return (
        f"Telegram's privacy mode is on for @{me.username}: of groups it gets commands and replies to its messages; a call "
        "by name may not arrive, and reply keywords do not. If it is to answer those, send /setprivacy to @BotFather and "
        "choose Disable, then take the bot out of each group and add it again; or make it an administrator there"
    )


# --- who may set it


class Administrators:
    """Who administers which group: asked of Telegram, and remembered for some minutes."""

    def __init__(self, make: Caller, me: Me) -> None:
        self.make, self.me = make, me
        self.known: dict[str, tuple[float, frozenset[str]]] = {}

    async def informed(self, message: Message) -> Message:
        """The message with what must be asked of Telegram: whether an administrator wrote it, and what the bot can see.

        Where Telegram does not answer in time, what was known before holds.
        """
        group = message.group
        if group is None or group.way in ("joined", "left", "moved"):
            return message
        setting = message.press is not None or message.text.startswith("/")
        if group.way != "overheard" and not setting:
            return message
        chat, user = message.address.chat, message.address.user
        if not setting:
            administrator = group.administrator or user in await self.of(chat)
            return replace(message, group=replace(group, administrator=administrator))
        administrator = group.administrator or await self.administers(chat, user)
        sees_all = group.sees_all or await self.administers(chat, str(self.me.id))
        return replace(message, group=replace(group, administrator=administrator, sees_all=sees_all))

    async def administers(self, chat: str, user: str) -> bool:
        """Whether somebody is an administrator at this moment."""
        found = await self.ask(Call("getChatMember", {"chat_id": int(chat), "user_id": int(user)}))
        if found is None:
            return user in self.known.get(chat, (0.0, frozenset()))[1]
        return found["status"] in ADMINISTERING

    async def of(self, chat: str) -> frozenset[str]:
        """The ids of a group's administrators, as they were some minutes ago at most."""
        at, known = self.known.get(chat, (float("-inf"), frozenset()))
        if time.monotonic() - at > FRESH:
            found = await self.ask(Call("getChatAdministrators", {"chat_id": int(chat)}))
            if found is not None:
                known = frozenset(str(one["user"]["id"]) for one in found)
            self.known[chat] = (time.monotonic(), known)
        return known

    async def ask(self, call: Call) -> Any:
        try:
            async with asyncio.timeout(PATIENCE):
                return await self.make(call)
        except (Later, Gone, Refused, TimeoutError) as error:
            log.warning("%s: %s", call.method, error or type(error).__name__)
            return None
