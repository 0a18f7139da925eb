"""The platform's messages and events: what each asks, and by what it is recognised when it comes again."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from bot.json_text import from_text, to_text
from bot.knowledge.deep_links import LETTERS, PAYLOAD
from bot.model import Address, Message, MessageKind
from bot.store import Arrival

CHANNEL = "wechat"
OPENID = re.compile(r"[A-Za-z0-9_-]{1,64}")
NUMBER = re.compile(r"[0-9]{1,20}")
KINDS: Mapping[str, MessageKind] = {
    "image": "picture",
    "voice": "voice",
    "video": "file",
    "shortvideo": "file",
    "file": "file",
    "location": "other",
    "link": "other",
}
# The text that the platform sends in place of what it does not pass on, such as stickers.
NOT_PASSED_ON = "[收到不支持的消息类型"
TAP = "m-"  # begins the id of a choice in our own texts, before its statement
SCENE = "qrscene_"  # stands before a code's scene in a follow
WELCOME = "/start welcome"
FIELDS = ("ToUserName", "FromUserName", "CreateTime", "MsgType", "MsgId", "Content", "Recognition", "Event", "EventKey",
          "bizmsgmenuid")  # fmt: skip
ANSWERED_EVENTS = ("subscribe", "unsubscribe", "SCAN", "CLICK")
# Events after which fewer customer-service messages may be sent, and for a shorter time.
BRIEF_EVENTS = ("subscribe", "SCAN", "CLICK")

Fields = Mapping[str, Any]


class BadMessage(Exception):
    """XML without the fields of a message; the message names what is wrong."""


def check(fields: Mapping[str, str]) -> None:
    """Check the fields that every message has. Raises BadMessage."""
    for name in ("ToUserName", "FromUserName"):
        if not OPENID.fullmatch(fields.get(name, "")):
            raise BadMessage(f"{name} is missing or malformed")
    if not NUMBER.fullmatch(fields.get("CreateTime", "")):
        raise BadMessage("CreateTime is missing or not a number")
    if not fields.get("MsgType"):
        raise BadMessage("MsgType is missing")
    if fields["MsgType"] == "event":
        if not fields.get("Event"):
            raise BadMessage("an event without a name")
    elif not NUMBER.fullmatch(fields.get("MsgId", "")):
        raise BadMessage("MsgId is missing or not a number")


def is_answered(fields: Mapping[str, str]) -> bool:
    """Return true unless it is an event that asks nothing, such as a location."""
    return fields["MsgType"] != "event" or fields["Event"] in ANSWERED_EVENTS


def is_known(fields: Mapping[str, str]) -> bool:
    """Return true if the message's type is in the platform's description."""
    return fields["MsgType"] in ("text", "event", *KINDS)


def key(app_id: str, fields: Mapping[str, str]) -> str:
    """Return a message's key; hashed, since keys outlive an erasure.

    MsgId alone repeats across senders, and several events of a sender arrive in one second.
    """
    if fields["MsgType"] == "event":
        parts = [fields["CreateTime"], fields["Event"], fields.get("EventKey", "")]
    else:
        parts = [fields["MsgId"]]
    whole = "\0".join([app_id, fields["ToUserName"], fields["FromUserName"], fields["MsgType"][:5], *parts])
    return f"{CHANNEL}:{hashlib.sha256(whole.encode()).hexdigest()[:40]}"


def arrival(app_id: str, fields: Mapping[str, str], now: float) -> Arrival:
    """Return a message for the inbox; `now` is when it came (Unix seconds)."""
    kept = {name: fields[name] for name in FIELDS if name in fields}
    return Arrival(key(app_id, fields), CHANNEL, fields["FromUserName"], to_text({**kept, "at": now}))


def fields_of(payload: str) -> Fields:
    """Decode a message from the inbox."""
    fields: Fields = from_text(payload)
    return fields


def message_of(fields: Fields) -> Message | None:
    """Convert a message or an event, or return None if it needs no answer."""
    who = fields["FromUserName"]
    kind, text, press = said(fields)
    if kind is None:
        return None
    return Message(
        Address(CHANNEL, who, who), text, id=fields.get("MsgId", ""), kind=kind, press=press, hint="zh", news=False
    )


def said(fields: Fields) -> tuple[MessageKind | None, str, str | None]:
    """Return a message's kind, its text, and the statement of a tapped choice."""
    kind = fields["MsgType"]
    if kind == "event":
        return asked_by_event(fields["Event"], fields.get("EventKey", ""))
    if kind == "voice" and (heard := fields.get("Recognition", "").strip().rstrip("。.")):
        return "text", heard, None
    if kind != "text":
        return KINDS.get(kind, "other"), "", None
    text, choice = fields.get("Content", ""), fields.get("bizmsgmenuid", "")
    if choice.startswith(TAP):
        return "press", "", choice.removeprefix(TAP)
    return ("sticker", "", None) if text.startswith(NOT_PASSED_ON) else ("text", text, None)


def asked_by_event(event: str, about: str) -> tuple[MessageKind | None, str, str | None]:
    """Return an event's request: a follow asks for the welcome and its code's scene, a scan and a menu's key for their target."""
    if event == "unsubscribe":
        return "gone", "", None
    if event == "subscribe":
        return "text", f"{WELCOME} {link_of(about.removeprefix(SCENE))}".rstrip(), None
    if event == "SCAN":
        return "text", f"/start {link_of(about)}".rstrip(), None
    if event == "CLICK" and about:
        return "text", f"/start {about}" if link_of(about) else about, None
    return None, "", None


def link_of(scene: str) -> str:
    """Return a scene that is a deep link of ours, or "" for one of another program."""
    ours = PAYLOAD.fullmatch(scene) and scene[:1] in LETTERS and scene[1:2] in ("-", "_")
    return scene if ours else ""
