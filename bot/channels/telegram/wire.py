"""Everything known about Telegram, written once: updates in, calls of the Bot API out. It imports neither framework."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from weakref import WeakValueDictionary

from bot.assistant import Assistant
from bot.channels.markup import plain, split, telegram_html, utf16_length
from bot.model import Address, Attachment, Button, Language, Message, MessageKind, Reply

log = logging.getLogger(__name__)

TEXT_LIMIT = 4096  # UTF-16 code units of one message, Bot API "sendMessage"
LABEL_LIMIT = 64  # what a phone shows of a button in one line
CHANNEL = "telegram"

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


Call = Callable[..., Awaitable[Any]]


class Bot(Protocol):
    """The methods of the Bot API that are called; the `Bot` classes of aiogram and python-telegram-bot both have them."""

    # Properties, since the two frameworks agree on the names and on the parameters used here, not on all of them.
    @property
    def send_message(self) -> Call: ...
    @property
    def send_photo(self) -> Call: ...
    @property
    def send_document(self) -> Call: ...
    @property
    def answer_callback_query(self) -> Call: ...
    @property
    def edit_message_reply_markup(self) -> Call: ...
    @property
    def set_my_commands(self) -> Call: ...


@dataclass(frozen=True)
class Types:
    """The framework's constructors for what the calls take, and its exceptions for what Telegram refuses."""

    keyboard: Callable[..., Any]
    button: Callable[..., Any]
    preview: Callable[..., Any]
    command: Callable[..., Any]
    file: Callable[[str], Any]
    refused: type[Exception]


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


class Wire:
    """Answers updates through a framework's bot: one chat's in order, the chats side by side."""

    def __init__(self, assistant: Assistant, types: Types) -> None:
        self.assistant = assistant
        self.types = types
        self.locks: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    async def handle(self, bot: Bot, update: Mapping[str, Any]) -> None:
        """Answer one update. What Telegram refuses is logged; it stops nothing else."""
        message = read(update)
        if message is None:
            return
        chat = int(message.address.chat)
        lock = self.locks.setdefault(chat, asyncio.Lock())
        async with lock:
            if "callback_query" in update:
                await self.used(bot, chat, update["callback_query"])
            try:
                turn = await self.assistant.receive(message)
                replies = turn.replies
            except Exception:
                log.exception("update %s failed", message.id)
                replies = (Reply(self.assistant.apology(message)),)
            for reply in replies:
                await self.send(bot, chat, reply)

    async def used(self, bot: Bot, chat: int, query: Mapping[str, Any]) -> None:
        """Answer a press at once, and take away the buttons it has used up."""
        try:
            await bot.answer_callback_query(query["id"])
            if "message" in query:
                await bot.edit_message_reply_markup(
                    chat_id=chat, message_id=query["message"]["message_id"], reply_markup=None
                )
        except self.types.refused as error:
            log.info("press of update in chat: %s", error)  # too old, or pressed twice: nothing is lost by it

    async def send(self, bot: Bot, chat: int, reply: Reply) -> None:
        """Send a reply: its attachments, then its text in as many messages as it needs, the buttons under the last."""
        for attachment in reply.attachments:
            await self.attach(bot, chat, attachment)
        parts = split(reply.text, TEXT_LIMIT, telegram_html, utf16_length) if reply.text else []
        for number, part in enumerate(parts, 1):
            last = number == len(parts)
            await bot.send_message(
                chat,
                part,
                parse_mode="HTML",
                link_preview_options=self.types.preview(is_disabled=not reply.preview),
                reply_markup=self.keyboard(reply.buttons) if last and reply.buttons else None,
            )

    async def attach(self, bot: Bot, chat: int, attachment: Attachment) -> None:
        if attachment.kind == "picture":
            await bot.send_photo(chat, self.types.file(attachment.path))
        else:
            await bot.send_document(chat, self.types.file(attachment.path))

    def keyboard(self, buttons: Sequence[Button]) -> Any:
        """One button a row: titles are too long to stand side by side on a phone."""
        rows = [
            [self.types.button(text=plain(button.label)[:LABEL_LIMIT], callback_data=button.says)] for button in buttons
        ]
        return self.types.keyboard(inline_keyboard=rows)

    async def introduce(self, bot: Bot) -> None:
        """Set the menu of commands in both languages; English is what everybody else sees."""
        for code, commands in ((None, COMMANDS["en"]), ("zh", COMMANDS["zh"])):
            menu = [self.types.command(command=name, description=words) for name, words in commands]
            await bot.set_my_commands(menu, **({"language_code": code} if code else {}))
