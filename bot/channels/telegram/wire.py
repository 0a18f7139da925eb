"""Everything known about Telegram, written once: updates in, calls of the Bot API out. It imports neither framework."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Protocol
from weakref import WeakValueDictionary

from bot.assistant import Assistant
from bot.channels.channel import Gone, Later, Rate, Refused
from bot.channels.markup import plain, split, telegram_html, utf16_length
from bot.model import Address, Attachment, Button, Language, Message, MessageKind, Reply
from bot.store import Arrival, to_text

log = logging.getLogger(__name__)

TEXT_LIMIT = 4096  # UTF-16 code units of one message, Bot API "sendMessage"
LABEL_LIMIT = 64  # what a phone shows of a button in one line
CHANNEL = "telegram"
ALLOWED_UPDATES = ["message", "callback_query"]
# What Telegram says with other codes than 403 of a chat that is no more.
GONE = ("chat not found", "user is deactivated", "peer_id_invalid", "chat_write_forbidden")

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

COMMANDS: Mapping[Language, Sequence[tuple[str, str]]] = {
    "en": (
        ("start", "Begin"),
        ("topics", "Everything I can answer"),
        ("check", "Check your own case"),
        ("language", "English or Chinese"),
        ("help", "How to use this assistant"),
    ),
    "zh": (
        ("start", "开始"),
        ("topics", "我能回答的全部内容"),
        ("check", "自查您的情况"),
        ("language", "选择语言"),
        ("help", "使用说明"),
    ),
}


class NotReached(Exception):
    """Telegram cannot be used; the message says why."""


@dataclass(frozen=True)
class Call:
    """A call of the Bot API: its method, its parameters as JSON has them, and files by the parameter that takes them."""

    method: str
    params: Mapping[str, Any]
    files: Mapping[str, str] = field(default_factory=dict)

    @property
    def sends(self) -> bool:
        """Whether it puts something into a chat, which is what Telegram limits and what must not get lost."""
        return self.method.startswith("send")


class Caller(Protocol):
    """A framework's bot: makes a call. Returns the id of the message made. Raises Later, Gone, Refused."""

    async def __call__(self, call: Call) -> str | None: ...


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


def calls(update: Mapping[str, Any], chat: str, replies: Sequence[Reply]) -> list[Call]:
    """The calls that answer an update: a press is answered first, and takes away the buttons it has used up."""
    made: list[Call] = []
    if query := update.get("callback_query"):
        made.append(Call("answerCallbackQuery", {"callback_query_id": query["id"]}))
        if "message" in query:
            made.append(
                Call("editMessageReplyMarkup", {"chat_id": int(chat), "message_id": query["message"]["message_id"]})
            )
    for reply in replies:
        made += reply_calls(int(chat), reply)
    return made


def reply_calls(chat: int, reply: Reply) -> list[Call]:
    """A reply's attachments, then its text in as many messages as it needs, the buttons under the last."""
    made = [attachment_call(chat, attachment) for attachment in reply.attachments]
    parts = written(reply.text)
    for number, part in enumerate(parts, 1):
        params: dict[str, Any] = {
            "chat_id": chat,
            "text": part,
            "parse_mode": "HTML",
            "link_preview_options": {"is_disabled": not reply.preview},
        }
        if number == len(parts) and reply.buttons:
            params["reply_markup"] = keyboard(reply.buttons)
        made.append(Call("sendMessage", params))
    return made


@lru_cache(1024)
def written(text: str) -> tuple[str, ...]:
    """A text as Telegram's HTML, in as many messages as it needs. What merchants ask is mostly asked often."""
    return tuple(split(text, TEXT_LIMIT, telegram_html, utf16_length)) if text else ()


@lru_cache(4096)
def labelled(label: str) -> str:
    return plain(label)[:LABEL_LIMIT]


def attachment_call(chat: int, attachment: Attachment) -> Call:
    if attachment.kind == "picture":
        return Call("sendPhoto", {"chat_id": chat}, {"photo": attachment.path})
    return Call("sendDocument", {"chat_id": chat}, {"document": attachment.path})


def keyboard(buttons: Sequence[Button]) -> dict[str, Any]:
    """One button a row: titles are too long to stand side by side on a phone."""
    return {"inline_keyboard": [[{"text": labelled(button.label), "callback_data": button.says}] for button in buttons]}


def introduction() -> list[Call]:
    """The menu of commands in both languages; English is what everybody else sees."""
    return [
        Call(
            "setMyCommands",
            {
                "commands": [{"command": name, "description": words} for name, words in commands],
                **({"language_code": code} if code else {}),
            },
        )
        for code, commands in ((None, COMMANDS["en"]), ("zh", COMMANDS["zh"]))
    ]


def refusal(code: int, description: str) -> Exception:
    """What an error of the Bot API means for the call: the chat is gone, or only this call is refused."""
    words = description.lower()
    if code == 403 or any(one in words for one in GONE):
        return Gone(description)
    return Refused(description)


class Wire:
    """Answers updates at once, for an application that has its own delivery: one chat's in order, the chats side by side."""

    def __init__(self, assistant: Assistant) -> None:
        self.assistant = assistant
        self.locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def handle(self, make: Caller, update: Mapping[str, Any]) -> None:
        """Answer one update. What Telegram refuses is logged; it stops nothing else."""
        message = read(update)
        if message is None:
            return
        chat = message.address.chat
        lock = self.locks.setdefault(chat, asyncio.Lock())
        async with lock:
            try:
                turn = await self.assistant.receive(message)
                replies = turn.replies
            except Exception:
                log.exception("update %s failed", message.id)
                replies = (Reply(self.assistant.apology(message)),)
            for call in calls(update, chat, replies):
                try:
                    await make(call)
                except (Gone, Refused, Later) as error:
                    log.log(logging.ERROR if call.sends else logging.INFO, "%s: %s", call.method, error)


class TelegramChannel:
    """Telegram as the service sees it. Rates are calls a second, 0 for no limit; a group's are calls a minute."""

    name = CHANNEL

    def __init__(self, make: Caller, per_second: float, per_chat: float, per_group: float) -> None:
        self.make = make
        self.rate = Rate(1 / per_second if per_second else 0.0)
        self.private = Rate(1 / per_chat if per_chat else 0.0)
        self.group = Rate(60 / per_group if per_group else 0.0, max(1, int(per_group)))

    def chat_rate(self, chat: str) -> Rate:
        return self.group if chat.startswith("-") else self.private

    def counts(self, payload: str) -> bool:
        return payload.startswith('{"method":"send')

    def read(self, payload: str) -> Message | None:
        return read(json.loads(payload))

    def write(self, payload: str, message: Message, replies: Sequence[Reply]) -> list[str]:
        made = calls(json.loads(payload), message.address.chat, replies)
        return [to_text({"method": one.method, "params": one.params, "files": one.files}) for one in made]

    async def send(self, payload: str) -> str | None:
        call = Call(**json.loads(payload))
        try:
            return await self.make(call)
        except (Refused, Gone):
            if call.sends:
                raise
            return None  # a press too old to be answered, buttons used twice: nothing is lost by it


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
