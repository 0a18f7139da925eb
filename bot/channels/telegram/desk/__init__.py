"""The consultants' desk on Telegram: their messages to merchants, and merchants' messages to them."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from html import unescape
from typing import Any, Literal

from bot.channels.channel import Card, Desk, DeskMessage, DeskPress, Labels, Suggestion
from bot.channels.markup import escape_lines, plain
from bot.channels.telegram.business import chat_params, in_business_chat
from bot.channels.telegram.call import Call
from bot.channels.telegram.desk import copies
from bot.channels.telegram.desk.downloads import Downloads
from bot.channels.telegram.desk.members import Members
from bot.channels.telegram.desk.reading import at_desk, is_human, is_service, press_at, reply_target_hidden, thread_of
from bot.channels.telegram.fields import CHANNEL, Me, find_mentions, kind_of, language, text_of, update_of
from bot.channels.telegram.groups import PRESENT
from bot.channels.telegram.replies import reply_calls
from bot.json_text import from_text
from bot.model import Button, KeptFile, Message, Reply
from bot.store.ports import Notes

log = logging.getLogger(__name__)

LONGEST_ALERT = 200  # characters, Bot API "answerCallbackQuery"
LOOK = 2.0  # seconds between checks for a new chat id noted by another process
SUPERGROUP = "-100"  # begins the ids of supergroups
TAG = re.compile(r"<[^>]*>")
SEEN = "👀"  # one of the reactions that a bot may set
GENERAL = "1"  # the topic that every forum has; a call must not name it


# Why a message did not arrive, by the words of Telegram's errors.
REASONS = (
    (("blocked by the user",), "desk_why_blocked"),
    (("user is deactivated", "chat not found", "peer_id_invalid", "can't initiate"), "desk_why_gone"),
    (("too big", "too large", "too long", "entity too large"), "desk_why_too_large"),
    (("voice_messages_forbidden",), "desk_why_no_voice"),
)


def trouble_note(chat: str) -> str:
    return f"telegram-desk-trouble:{chat}"


class TelegramDesk(Desk):
    """A Telegram chat as the consultants' desk: GROUP, or GROUP/TOPIC for a forum topic, as ids.

    A group that becomes a supergroup gets a new id, which is followed and stored.
    """

    channel = CHANNEL

    def __init__(self, desk: str, me: Me | None = None) -> None:
        self.set, _, topic = desk.partition("/")
        self.topic = "" if topic == GENERAL else topic
        self.chat, self.me = self.set, me or Me()
        self.members: Members | None = None
        self.downloads: Downloads | None = None
        self.topics = False  # true if each merchant has a forum topic of their own
        self.note = f"telegram-desk:{self.set}"  # the name of the stored note with the chat's new id
        self.trouble = trouble_note(self.set)

    @property
    def chats(self) -> Collection[str]:
        return (self.set, self.chat)

    def reason(self, error: str) -> str:
        said = error.lower()
        return next((phrase for words, phrase in REASONS if any(one in said for one in words)), "")

    def shows_presence(self, payload: str) -> Literal["sure", "likely", "no"]:
        changed = update_of(payload).get("my_chat_member")
        if changed is None:
            return "likely"
        now = changed["new_chat_member"]
        here = now["status"] in PRESENT and now.get("is_member", True) and now.get("can_send_messages", True)
        return "sure" if here else "no"

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
        if not is_human(sent, self.me.id) or is_service(sent):
            return None
        replied = sent.get("reply_to_message", {})
        # In a topic, every message is a reply to the topic's first message.
        to = None if "forum_topic_created" in replied else replied.get("message_id")
        sender = sent.get("sender_chat") or sent["from"]
        return DeskMessage(
            str(sent["message_id"]),
            None if to is None else str(to),
            text_of(sent),
            kind_of(sent),
            edited="edited_message" in update,
            lost=to is None and reply_target_hidden(sent),
            hint=language(sent.get("from", {}).get("language_code")),
            markdown=copies.as_markdown(copies.words_of(sent)),
            what=copies.kind_name(sent),
            described=copies.described(sent),
            to_assistant=to is not None and replied.get("from", {}).get("id") == self.me.id,
            calls_assistant=find_mentions(sent, self.me).me,
            in_merchants_topic="forum_topic_created" in replied and replied.get("from", {}).get("id") == self.me.id,
            thread=thread_of(sent),
            user=str(sender["id"]),
            name=sender.get("title") or short_name(sender),
            username=sender.get("username", ""),
        )

    def show(self, ticket: int, name: str, text: str, file: KeptFile | None = None) -> list[str]:
        label = f"**{escape_lines(name)}:** {text}" if text else ""
        calls = reply_calls(int(self.chat), Reply(label)) if label else []
        calls += [copies.kept_file_call(int(self.chat), file, name)] if file else []
        return [self.as_reply(call, ticket, None).payload for call in calls]

    def read_press(self, payload: str) -> DeskPress | None:
        query = press_at(update_of(payload), self.chats)
        if query is None:
            return None
        sent, sender = query["message"], query["from"]
        return DeskPress(
            query["id"],
            query.get("data", ""),
            str(sent["message_id"]),
            thread_of(sent),
            str(sender["id"]),
            short_name(sender),
            sender.get("username", ""),
        )

    def answer_press(self, press: DeskPress, text: str) -> str:
        shown = {"text": text[:LONGEST_ALERT], "show_alert": True} if text else {}
        return Call("answerCallbackQuery", {"callback_query_id": press.id, **shown}).payload

    def card(self, ticket: int, card: Card) -> str:
        *_, call = reply_calls(int(self.chat), Reply(card.text, card.buttons))
        method = "sendMessage" if card.new else "editMessageText"
        call = self.as_reply(replace(call, method=method), None, None)
        return replace(call, ticket=ticket, topic={"title": card.title, "closed": card.closed}).payload

    def settle(self, payload: str, draft: int, status: str) -> list[str]:
        made = copies.settled(update_of(payload)["callback_query"]["message"], draft, status)
        return [made.payload] if made else []

    def settled(self, payload: str, message: str, statuses: Mapping[int, str]) -> list[str]:
        shown = copies.with_drafts(Call(**from_text(payload))).params
        place = {"chat": {"id": int(self.chat)}, "message_id": int(message.partition(" ")[0])}
        sent = {
            "text": shown["text"],
            **{key: shown[key] for key in ("entities", "reply_markup") if key in shown},
            **place,
        }
        made: Call | None = None
        for draft, status in statuses.items():
            made = copies.settled(sent, draft, status)
            sent = {**sent, "reply_markup": {}, **made.params} if made else sent
        return [made.payload] if made else []

    def drafts(self, payload: str) -> list[int]:
        return [draft["id"] for draft in from_text(payload).get("drafts", ())]

    def shows_merchant(self, payload: str) -> bool:
        call = Call(**from_text(payload))
        return bool(call.words or call.about or call.album or (call.topic and call.sends))

    def link(self, thread: str | None, message: str | None) -> str:
        if not self.chat.startswith(SUPERGROUP) or not (thread or message):
            return ""
        return f"https://t.me/c/{self.chat.removeprefix(SUPERGROUP)}/{thread or message}"

    async def admits(self, user: str, *, surely: bool = False) -> bool:
        if user in self.chats or self.members is None:
            return not surely
        return await self.members.include(self.chat, user, untold=not surely)

    def post(
        self, text: str, ticket: int | None = None, to: str | None = None, buttons: Sequence[Button] = ()
    ) -> list[str]:
        calls = reply_calls(int(self.chat), Reply(text, tuple(buttons)))
        return [self.as_reply(call, ticket, to).payload for call in calls]

    def pass_on(
        self, ticket: int, labels: Labels, message: Message, payload: str, suggestion: Suggestion | None = None
    ) -> list[str]:
        update = update_of(payload) if message.address.channel == CHANNEL else {}
        if sent := update.get("message") or update.get("edited_message") or {}:
            calls = copied(sent, int(self.chat), ticket, labels)
        elif message.kind == "text":
            words = copies.labelled(labels.name, copies.Words(message.text))
            calls = [replace(one, words=True) for one in copies.text_calls(int(self.chat), words)]
        elif message.file:
            calls = [copies.kept_file_call(int(self.chat), message.file, labels.name)]
        else:
            calls = copies.text_calls(int(self.chat), copies.Words(labels.instead(message.kind, message.text)))
        if suggestion and len(calls) == 1 and calls[0].words:
            draft = {"id": suggestion.id, "text": plain(suggestion.text)}
            calls = [replace(calls[0], drafts=[draft], labels=suggestion.labels)]
        return [self.as_reply(call, ticket, None).payload for call in calls]

    def copy(self, ticket: int, payload: str, chat: str, labels: Labels) -> list[str]:
        update = update_of(payload)
        sent = update.get("message") or update["edited_message"]
        return [call.payload for call in in_business_chat(chat, copied(sent, number_of(chat), ticket, labels))]

    def about(self, payload: str) -> str | None:
        return from_text(payload).get("about") or None

    def seen(self, message: str) -> list[str]:
        reaction = [{"type": "emoji", "emoji": SEEN}]
        params = {"chat_id": int(self.chat), "message_id": int(message), "reaction": reaction}
        return [Call("setMessageReaction", params).payload]

    def typing(self, ticket: int) -> str | None:
        if not self.topics:
            return None
        return Call("sendChatAction", {"chat_id": int(self.chat), "action": "typing"}, ticket=ticket).payload

    async def fetch(self, payload: str, most: int) -> tuple[str, bytes] | None:
        update = update_of(payload)
        sent = update.get("message") or update["edited_message"]
        return await self.downloads.of(sent, most) if self.downloads else None

    def as_reply(self, call: Call, ticket: int | None, to: str | None) -> Call:
        """Make a call a reply to the ticket's first message or to the message `to`, in the desk's topic."""
        params = dict(call.params)
        if self.topic:
            params["message_thread_id"] = int(self.topic)
        if to is not None:
            params["reply_parameters"] = reply_parameters(to)
        return replace(call, params=params, ticket=ticket)


def short_name(sender: Mapping[str, Any]) -> str:
    return " ".join(filter(None, (sender.get("first_name"), sender.get("last_name")))) or str(sender["id"])


def shown_text(payload: str) -> str:
    """Return the plain text or caption of a call, or ""."""
    params = from_text(payload).get("params", {})
    text = str(params.get("text") or params.get("caption") or "")
    return unescape(TAG.sub("", text)) if params.get("parse_mode") == "HTML" else text


def number_of(chat: str) -> int:
    return int(chat_params(chat)["chat_id"])


def copied(sent: Mapping[str, Any], chat: int, ticket: int, labels: Labels) -> list[Call]:
    """Return the calls that copy a message into a chat, or change the copy if it was edited."""
    origin, edited = copies.forwarded_from(sent), "edit_date" in sent
    name = labels.corrected if edited else labels.forwarded(origin) if "forward_origin" in sent else labels.name
    instead = labels.instead(copies.kind_name(sent), copies.described(sent))
    calls = copies.copy_calls(sent, chat, name, instead)
    if edited and len(calls) == 1:
        change = copies.edit_of(sent, labels.name)
        calls = [replace(calls[0], edit={"ticket": ticket, **change} if change else {})]
    return calls


def reply_parameters(message: str) -> dict[str, Any]:
    return {"message_id": int(message), "allow_sending_without_reply": True}
