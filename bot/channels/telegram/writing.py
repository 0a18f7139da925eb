"""Replies as calls of the Bot API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from bot.channels.channel import News
from bot.channels.markup import plain, split, telegram_html, utf16_length
from bot.channels.telegram.business import place, placed
from bot.channels.telegram.call import Call
from bot.model import Address, Attachment, Button, Reply

TEXT_LIMIT = 4096  # UTF-16 code units of one message, Bot API "sendMessage"
ACKNOWLEDGED = "_acknowledged"  # in an update that is kept: its press was answered when it came
LABEL_LIMIT = 64  # what a phone shows of a button in one line


def calls(update: Mapping[str, Any], chat: str, replies: Sequence[Reply]) -> list[Call]:
    """The calls that answer an update: a press is answered first, and takes away the buttons it has used up.

    Without replies, it has used up none: it may be made again.
    """
    made: list[Call] = []
    number = place(chat)["chat_id"]
    if query := update.get("callback_query"):
        if ACKNOWLEDGED not in update:
            made.append(acknowledgement(query))
        if "message" in query and replies:
            made.append(
                Call("editMessageReplyMarkup", {"chat_id": number, "message_id": query["message"]["message_id"]})
            )
    for reply in replies:
        made += reply_calls(number, reply)
    return placed(chat, made)


def acknowledgement(query: Mapping[str, Any]) -> Call:
    """Lets the button that was pressed come to rest. Where it gets lost, the button does so by itself after a while."""
    return Call("answerCallbackQuery", {"callback_query_id": query["id"]})


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
    if reply.to and made:
        answering = {"message_id": int(reply.to), "allow_sending_without_reply": True}
        made[0] = replace(made[0], params={**made[0].params, "reply_parameters": answering})
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
    if attachment.kind == "data":
        return Call("sendDocument", {"chat_id": chat}, data=attachment.path)
    return Call("sendDocument", {"chat_id": chat}, {"document": attachment.path})


def keyboard(buttons: Sequence[Button]) -> dict[str, Any]:
    """One button a row: titles are too long to stand side by side on a phone."""
    return {"inline_keyboard": [[{"text": labelled(button.label), "callback_data": button.says}] for button in buttons]}


def news_calls(chat: str, reply: Reply) -> list[str]:
    return [call.payload for call in reply_calls(int(chat), reply)]


def private(address: Address) -> bool:
    """Whether it is somebody's own chat with the bot."""
    return address.chat == address.user


def too_long(text: str) -> str | None:
    if len(written(text)) < 2:
        return None
    return f"{utf16_length(telegram_html(text)):,} characters, and Telegram takes {TEXT_LIMIT:,}"


NEWS = News(news_calls, private, too_long)
