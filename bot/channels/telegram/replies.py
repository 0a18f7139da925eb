"""Conversion of replies to Bot API calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from bot.channels.channel import News
from bot.channels.markup import plain, split, telegram_html, utf16_length
from bot.channels.telegram.business import chat_params, in_business_chat
from bot.channels.telegram.call import Call
from bot.model import Address, Attachment, Button, Rating, Reply

TEXT_LIMIT = 4096  # UTF-16 code units of one message, Bot API "sendMessage"
ACKNOWLEDGED = "_acknowledged"  # field added to stored updates whose press the webhook acknowledged
LABEL_LIMIT = 64  # characters of a button; phones show one line


def calls(update: Mapping[str, Any], chat: str, replies: Sequence[Reply]) -> list[Call]:
    """Return the calls that answer an update. A press is acknowledged first, and its message's buttons are removed.

    Without replies, the buttons stay, so that they can be pressed again.
    """
    made: list[Call] = []
    number = chat_params(chat)["chat_id"]
    if query := update.get("callback_query"):
        if ACKNOWLEDGED not in update:
            made.append(acknowledgement(query))
        if "message" in query and replies:
            made.append(
                Call("editMessageReplyMarkup", {"chat_id": number, "message_id": query["message"]["message_id"]})
            )
    for reply in replies:
        made += reply_calls(number, reply)
    return in_business_chat(chat, made)


def acknowledgement(query: Mapping[str, Any]) -> Call:
    """Return the call that stops the pressed button's progress indicator, which also ends by itself after a while."""
    return Call("answerCallbackQuery", {"callback_query_id": query["id"]})


def reply_calls(chat: int, reply: Reply) -> list[Call]:
    """Return the calls that send a reply: its attachments, then its text, split if too long, with buttons under the last."""
    made = [attachment_call(chat, attachment) for attachment in reply.attachments]
    parts = html_parts(reply.text)
    for number, part in enumerate(parts, 1):
        params: dict[str, Any] = {
            "chat_id": chat,
            "text": part,
            "parse_mode": "HTML",
            "link_preview_options": {"is_disabled": not reply.preview},
        }
        prompted = reply.rating if reply.rating and reply.rating.prompted else None
        if number == len(parts) and (reply.buttons or prompted):
            params["reply_markup"] = keyboard(reply.buttons, prompted)
        made.append(Call("sendMessage", params))
    if reply.to and made:
        answering = {"message_id": int(reply.to), "allow_sending_without_reply": True}
        made[0] = replace(made[0], params={**made[0].params, "reply_parameters": answering})
    return made


@lru_cache(1024)
def html_parts(text: str) -> tuple[str, ...]:
    """Convert Markdown to Telegram's HTML, split into messages; cached, since most questions are frequent ones."""
    return tuple(split(text, TEXT_LIMIT, telegram_html, utf16_length)) if text else ()


@lru_cache(4096)
def button_label(label: str) -> str:
    return plain(label)[:LABEL_LIMIT]


def attachment_call(chat: int, attachment: Attachment) -> Call:
    if attachment.kind == "picture":
        return Call("sendPhoto", {"chat_id": chat}, {"photo": attachment.path})
    if attachment.kind == "data":
        return Call("sendDocument", {"chat_id": chat}, data=attachment.path)
    return Call("sendDocument", {"chat_id": chat}, {"document": attachment.path})


def keyboard(buttons: Sequence[Button], rating: Rating | None = None) -> dict[str, Any]:
    """Return a keyboard with one button a row, since titles are too long for two on a phone; a rating's share one."""
    rows = [[button] for button in buttons] + ([[rating.yes, rating.no]] if rating else [])
    return {
        "inline_keyboard": [
            [{"text": button_label(button.label), "callback_data": button.says} for button in row] for row in rows
        ]
    }


def news_calls(chat: str, reply: Reply) -> list[str]:
    return [call.payload for call in reply_calls(int(chat), reply)]


def is_private(address: Address) -> bool:
    """Return true if the address is a private chat with the bot."""
    return address.chat == address.user


def length_problem(text: str) -> str | None:
    if len(html_parts(text)) < 2:
        return None
    return f"{utf16_length(telegram_html(text)):,} characters, and Telegram takes at most {TEXT_LIMIT:,}"


NEWS = News(news_calls, is_private, length_problem)
