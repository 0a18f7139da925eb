"""Fields of Telegram's updates: a message's kind, language, sender's name, text and mentions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.json_text import from_text
from bot.model import Language, MessageKind

CHANNEL = "telegram"

# A message's field → its kind.
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


@dataclass(frozen=True)
class Me:
    """The bot itself; `reads_all` is true if it receives all messages of groups, with privacy mode off."""

    id: int = 0
    username: str = ""
    reads_all: bool = False


UNKNOWN_BOT = Me()


PARSED: dict[str, Mapping[str, Any]] = {}  # the latest updates by their text
MOST_PARSED = 64


def keep_parsed(payload: str, update: Mapping[str, Any]) -> None:
    """Keep an update for all who read it until it is handled, so nobody may change it."""
    while len(PARSED) >= MOST_PARSED:
        PARSED.pop(next(iter(PARSED), ""), None)
    PARSED[payload] = update


def update_of(payload: str) -> Mapping[str, Any]:
    """Return a stored update, parsed if it is not kept."""
    update = PARSED.get(payload)
    if update is None:
        update = from_text(payload)
        keep_parsed(payload, update)
    return update


def me_of(answer: Mapping[str, Any]) -> Me:
    """Convert getMe's result."""
    return Me(answer["id"], answer.get("username", ""), bool(answer.get("can_read_all_group_messages")))


def kind_of(sent: Mapping[str, Any]) -> MessageKind:
    if "text" in sent:
        return "text"
    return next((kind for key, kind in KINDS.items() if key in sent), "other")


def language(code: str | None) -> Language | None:
    return None if not code else "zh" if code.startswith("zh") else "en"


def name_of(sender: Mapping[str, Any]) -> str:
    """Return a person's full name, with the username if any."""
    name = " ".join(filter(None, (sender.get("first_name"), sender.get("last_name"))))
    return f"{name} (@{sender['username']})" if sender.get("username") else name


def text_of(sent: Mapping[str, Any]) -> str:
    """Return a message's text or caption, or ""."""
    return sent.get("text") or sent.get("caption") or ""


@dataclass(frozen=True)
class Mentions:
    """A message's text without mentions of the bot; `me` and `others` tell who is mentioned."""

    text: str
    me: bool = False
    others: bool = False


def utf16_offset(text: str, index: int) -> int:
    """Return the offset in bytes of UTF-16 of a character."""
    return len(text[:index].encode("utf-16-le", "surrogatepass"))


def find_mentions(sent: Mapping[str, Any], me: Me) -> Mentions:
    """Remove mentions of the bot from a message's text. Entities are in UTF-16 code units: Bot API, "MessageEntity".

    Telegram marks no mention where a letter follows at once, as in Chinese, which has no spaces ("@bot保证金多少").
    """
    text = text_of(sent)
    entities = sent.get("entities") or sent.get("caption_entities") or ()
    units, mine, others = text.encode("utf-16-le", "surrogatepass"), [], False
    for one in entities:
        if one["type"] not in ("mention", "text_mention"):
            continue
        begin, end = 2 * one["offset"], 2 * (one["offset"] + one["length"])
        name = units[begin:end].decode("utf-16-le", "replace")
        called = one.get("user", {}).get("id") == me.id or name.lower() == f"@{me.username}".lower()
        if called and me.id:
            mine.append((begin, end))
        else:
            others = True
    if me.username:
        unmarked = re.finditer(rf"(?<![A-Za-z0-9_.@])@{re.escape(me.username)}(?![A-Za-z0-9_])", text, re.IGNORECASE)
        spans = ((utf16_offset(text, one.start()), utf16_offset(text, one.end())) for one in unmarked)
        mine += [span for span in spans if not any(span[0] < end and begin < span[1] for begin, end in mine)]
    if not mine:
        return Mentions(text, False, others)
    for begin, end in sorted(mine, reverse=True):
        units = units[:begin] + units[end:]
    left = re.sub(r"[ \t]{2,}", " ", units.decode("utf-16-le", "surrogatepass")).strip().lstrip(" ,，:：、")
    return Mentions(left, True, others)
