"""Copies of people's messages: words with their formatting, files by their ids, albums together, anything else by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.channels.markup import escape_lines, utf16_length
from bot.channels.telegram.call import Call
from bot.channels.telegram.fields import text_of
from bot.channels.telegram.replies import TEXT_LIMIT
from bot.language.quoting import escape_markdown
from bot.model import KeptFile

Entity = Mapping[str, Any]

LONGEST_CAPTION = 1024  # UTF-16 code units, Bot API "copyMessage"
MOST_IN_ALBUM = 10
CAPTIONED = ("photo", "document", "voice", "audio", "video", "animation", "live_photo")
# What an album may hold, and what editMessageMedia can put in place of another.
IN_ALBUMS = ("photo", "video", "document", "audio")
# What Telegram does not copy: Bot API, "copyMessage".
NOT_COPIED = ("paid_media", "giveaway", "giveaway_winners", "invoice", "story", "checklist", "game", "gift")
# The formatting that a bot may set; Telegram finds addresses, mentions and the like in the words by itself.
FORMATS = frozenset(
    [
        "bold",
        "italic",
        "underline",
        "strikethrough",
        "spoiler",
        "blockquote",
        "expandable_blockquote",
        "code",
        "pre",
        "text_link",
        "text_mention",
    ]
)
AS_PHOTO = ("image/png", "image/jpeg")
LINE, SPACE = "\n\n———\n", "\n\n"  # between a merchant's words and the draft, and between drafts
ROOM_FOR_STATUS = 200  # characters kept free below drafts, for who sent them
LEAST_OF_DRAFT = 100  # characters of a draft that are worth showing
MARKS = {"bold": "**", "italic": "_", "strikethrough": "~~"}  # in Markdown


@dataclass(frozen=True)
class Words:
    """A text with its formatting, whose offsets are in UTF-16 code units."""

    text: str
    entities: tuple[Entity, ...] = ()

    def __add__(self, other: Words) -> Words:
        by = utf16_length(self.text)
        moved = ({**one, "offset": one["offset"] + by} for one in other.entities)
        return Words(self.text + other.text, (*self.entities, *moved))

    def params(self, name: str = "text") -> dict[str, Any]:
        """Return the parameters of a call, for its text or its caption."""
        listed = {"caption_entities" if name == "caption" else "entities": list(self.entities)} if self.entities else {}
        return {name: self.text, **listed}


def words_of(sent: Mapping[str, Any]) -> Words:
    """Return a message's text or caption, with the formatting that a bot may set."""
    found = sent.get("entities") or sent.get("caption_entities") or ()
    return Words(text_of(sent), tuple(one for one in found if one["type"] in FORMATS))


def labelled(label: str, words: Words) -> Words:
    """Put a bold label before a person's words."""
    head = Words(f"{label}:", (bold(f"{label}:"),))
    return head + Words(" ") + words if words.text else Words(label, (bold(label),))


def bold(text: str) -> Entity:
    return {"type": "bold", "offset": 0, "length": utf16_length(text)}


def cut(words: Words, limit: int = TEXT_LIMIT) -> list[Words]:
    """Cut words into parts of at most `limit`, between lines or words if possible, with the formatting of each."""
    units, parts, begin = words.text.encode("utf-16-le", "surrogatepass"), list[Words](), 0
    while 2 * begin < len(units):
        end = min(begin + limit, len(units) // 2)
        if 2 * end < len(units):
            end = place_to_cut(units, begin, end)
        inside = tuple(clipped for one in words.entities if (clipped := clip(one, begin, end)))
        parts.append(Words(units[2 * begin : 2 * end].decode("utf-16-le", "surrogatepass"), inside))
        begin = end
    return [part for part in parts if part.text.strip()]


def place_to_cut(units: bytes, begin: int, end: int) -> int:
    """Return where to cut at or before `end`: after a line, else after a space, else not within a character."""
    part = units[2 * begin : 2 * end].decode("utf-16-le", "replace")
    for mark in ("\n", " "):
        place = part.rfind(mark)
        if place > len(part) // 2:
            return begin + utf16_length(part[: place + 1])
    high = int.from_bytes(units[2 * end : 2 * end + 2], "little")
    return end - 1 if 0xDC00 <= high < 0xE000 else end


def clip(entity: Entity, begin: int, end: int) -> Entity | None:
    """Return the part of an entity within a cut, or None."""
    first, last = max(entity["offset"], begin), min(entity["offset"] + entity["length"], end)
    return {**entity, "offset": first - begin, "length": last - first} if last > first else None


def as_markdown(words: Words) -> str:
    """Convert words to Markdown, for merchants on other platforms: bold, italic, struck, code and links."""
    units, made, at = words.text.encode("utf-16-le", "surrogatepass"), "", 0
    for one in sorted(words.entities, key=lambda one: (one["offset"], -one["length"])):
        begin, end = one["offset"], one["offset"] + one["length"]
        if begin < at or one["type"] not in (*MARKS, "code", "text_link"):
            continue
        inside = units[2 * begin : 2 * end].decode("utf-16-le", "replace")
        made += escape_lines(units[2 * at : 2 * begin].decode("utf-16-le", "replace")) + marked(one, inside)
        at = end
    return made + escape_lines(units[2 * at :].decode("utf-16-le", "replace"))


def marked(entity: Entity, inside: str) -> str:
    """Return a formatted part as Markdown; marks stand at letters, and never across lines."""
    core = inside.strip()
    if not core or "\n" in core or (entity["type"] == "code" and "`" in core):
        return escape_lines(inside)
    before, after = inside[: inside.index(core)], inside[inside.index(core) + len(core) :]
    if entity["type"] == "code":
        return f"{before}`{core}`{after}"
    said = escape_markdown(core)
    if entity["type"] == "text_link":
        address = str(entity["url"]).replace(">", "%3E").replace("<", "%3C").replace(" ", "%20")
        return f"{before}[{said}](<{address}>){after}"
    mark = MARKS[entity["type"]]
    return f"{before}{mark}{said}{mark}{after}"


# --- what is no text


def forwarded_from(sent: Mapping[str, Any]) -> str:
    """Return who wrote a forwarded message, or ""."""
    origin = sent.get("forward_origin") or {}
    chat = origin.get("chat") or origin.get("sender_chat") or {}
    user = origin.get("sender_user") or {}
    name = " ".join(filter(None, (user.get("first_name"), user.get("last_name"))))
    return name or origin.get("sender_user_name") or chat.get("title") or ""


def kind_name(sent: Mapping[str, Any]) -> str:
    """Return the name of a message's kind in the Bot API, such as "poll", or "message"."""
    known = (
        *("photo", "live_photo", "video_note", "video", "animation", "document", "voice", "audio", "sticker", "venue"),
        *("location", "contact", "poll", "dice", *NOT_COPIED),
    )
    return next((one for one in known if one in sent), "message")


def described(sent: Mapping[str, Any]) -> str:
    """Return the description of a contact, a place, a poll, a sticker or a file, or ""."""
    match sent:
        case {"contact": contact}:
            named = (contact.get("first_name"), contact.get("last_name"), contact.get("phone_number"))
            return " ".join(filter(None, named))
        case {"venue": venue}:
            return f"{venue['title']}, {venue['address']}"
        case {"location": place}:
            return f"{place['latitude']:.6f}, {place['longitude']:.6f}"
        case {"poll": poll}:
            return "\n".join([poll["question"], *(f"- {option['text']}" for option in poll.get("options", ()))])
        case {"sticker": {"emoji": emoji}} | {"dice": {"emoji": emoji}}:
            return str(emoji)
        case {"document": {"file_name": name}}:
            return str(name)
    return ""


# --- calls


def copy_calls(sent: Mapping[str, Any], chat: int, label: str, instead: str) -> list[Call]:
    """Return the calls that copy a message into a chat under a label; `instead` names what Telegram does not copy."""
    about = str(sent["message_id"])
    if "text" in sent:
        return [
            replace(one, about=about, words=True)
            for one in text_calls(chat, labelled(label, words_of(sent)), preview(sent))
        ]
    if any(kind in sent for kind in NOT_COPIED) or not copied(sent):
        return [Call("sendMessage", {"chat_id": chat, **Words(instead).params()}, about=about)]
    params: dict[str, Any] = {"chat_id": chat, "from_chat_id": sent["chat"]["id"], "message_id": sent["message_id"]}
    caption = caption_of(sent, label)
    if caption:
        params |= caption.params("caption")
    return [Call("copyMessage", params, about=about, instead=instead, album=album_item(sent))]


def copied(sent: Mapping[str, Any]) -> bool:
    return not sent.get("has_protected_content") and kind_name(sent) != "message"


def kept_file_call(chat: int, file: KeptFile, label: str = "") -> Call:
    """Return the call that sends a file which the store keeps, below a label: a photo to look at, anything else as a document."""
    kind = "photo" if file.type in AS_PHOTO else "document"
    caption = labelled(label, Words("")).params("caption") if label else {}
    kept = {"parameter": kind, "id": file.id, "name": file.name}
    return Call(f"send{kind.capitalize()}", {"chat_id": chat, **caption}, kept=kept)


def text_calls(chat: int, words: Words, options: Mapping[str, Any] | None = None) -> list[Call]:
    shown = {"link_preview_options": options or {"is_disabled": True}}
    return [Call("sendMessage", {"chat_id": chat, **part.params(), **shown}) for part in cut(words)]


def preview(sent: Mapping[str, Any]) -> Mapping[str, Any] | None:
    options: Mapping[str, Any] | None = sent.get("link_preview_options")
    return options


def caption_of(sent: Mapping[str, Any], label: str) -> Words | None:
    """Return the label with a message's caption, or None if it cannot have one, or not so long a one."""
    if not any(kind in sent for kind in CAPTIONED):
        return None
    words = labelled(label, words_of(sent))
    return words if utf16_length(words.text) <= LONGEST_CAPTION else None


def album_item(sent: Mapping[str, Any]) -> dict[str, Any]:
    """Return a file of an album, with its caption as it is, and the album's id; {} for other messages."""
    kind = next((kind for kind in IN_ALBUMS if kind in sent), None)
    if kind is None or "media_group_id" not in sent:
        return {}
    caption = words_of(sent).params("caption") if text_of(sent) else {}
    return {"id": sent["media_group_id"], "item": {"type": kind, "media": sent_file(sent, kind)["file_id"], **caption}}


def sent_file(sent: Mapping[str, Any], kind: str) -> Mapping[str, Any]:
    """Return a message's file, of a photo the largest size's."""
    file: Mapping[str, Any] = sent[kind][-1] if isinstance(sent[kind], list) else sent[kind]
    return file


def joined(first: Call, other: Call) -> Call | None:
    """Return one call for two that show messages one after the other, or None: an album's files, or short texts."""
    if first.album and first.album.get("id") == other.album.get("id"):
        return joined_album(first, other)
    if first.words and other.words:
        words = read_words(first) + Words("\n\n") + read_words(other)
        if utf16_length(words.text) <= TEXT_LIMIT:
            kept = {key: value for key, value in first.params.items() if key not in ("text", "entities")}
            drafts = [*first.drafts, *other.drafts]
            return replace(first, params={**kept, **words.params()}, drafts=drafts, labels=first.labels or other.labels)
    return None


def with_drafts(call: Call) -> Call:
    """Show a call's drafts below its words and a line, each with a row of buttons; drafts are cut to fit."""
    if not call.drafts:
        return call
    words = read_words(call)
    room = (TEXT_LIMIT - ROOM_FOR_STATUS - utf16_length(words.text) - utf16_length(LINE)) // len(call.drafts)
    if room < LEAST_OF_DRAFT:
        return replace(call, drafts=(), labels=())
    several, rows = len(call.drafts) > 1, []
    for number, draft in enumerate(call.drafts, 1):
        mark = f"{number}. " if several else ""
        shown = cut(Words(draft["text"]), room - len(mark) - 2)
        words += Words(f"{LINE if number == 1 else SPACE}{mark}{shown[0].text}{'…' if len(shown) > 1 else ''}")
        send, edit, wrong = (f"{label} {mark.strip(' .')}".strip() for label in call.labels)
        id = draft["id"]
        rows.append(
            [
                {"text": send, "callback_data": f"draft.send.{id}"},
                {"text": edit, "callback_data": f"draft.edit.{id}"},
                {"text": wrong, "callback_data": f"draft.wrong.{id}"},
            ]
        )
    params = {**call.params, **words.params(), "reply_markup": {"inline_keyboard": rows}}
    return replace(call, params=params, drafts=(), labels=())


def settled(sent: Mapping[str, Any], draft: int, status: str) -> Call | None:
    """Return the call that adds a status to a message with a draft and takes the draft's buttons off; None if it is gone."""
    if "text" not in sent:
        return None
    rows = sent.get("reply_markup", {}).get("inline_keyboard", [])
    left = [row for row in rows if not row[0].get("callback_data", "").endswith(f".{draft}")]
    words = words_of(sent) + Words(f"{SPACE}{status}")
    params = {"chat_id": sent["chat"]["id"], "message_id": sent["message_id"], **words.params()}
    return Call(
        "editMessageText",
        {**params, "link_preview_options": {"is_disabled": True}}
        | ({"reply_markup": {"inline_keyboard": left}} if left else {}),
    )


def read_words(call: Call) -> Words:
    return Words(call.params["text"], tuple(call.params.get("entities", ())))


def joined_album(first: Call, other: Call) -> Call | None:
    media = first.params.get("media") or [labelled_item(first)]
    if len(media) >= MOST_IN_ALBUM:
        return None
    kept = {
        key: value
        for key, value in first.params.items()
        if key in ("chat_id", "message_thread_id", "reply_parameters", "business_connection_id")
    }
    params = {**kept, "media": [*media, other.album["item"]]}
    return replace(first, method="sendMediaGroup", params=params, instead="")


def labelled_item(first: Call) -> dict[str, Any]:
    """Return an album's first file, whose caption has the label."""
    caption = {key: value for key, value in first.params.items() if key in ("caption", "caption_entities")}
    return {**first.album["item"], **caption}


# --- edits


def edit_of(sent: Mapping[str, Any], label: str) -> dict[str, Any]:
    """Return the method and the parameters that change the copy of an edited message, {} where there is nothing to change."""
    if "text" in sent:
        words = labelled(label, words_of(sent))
        if utf16_length(words.text) > TEXT_LIMIT:
            return {}
        shown = {"link_preview_options": preview(sent) or {"is_disabled": True}}
        return {"method": "editMessageText", "params": {**words.params(), **shown}}
    caption = caption_of(sent, label)
    if caption is None:
        return {}
    kind = next((kind for kind in (*IN_ALBUMS, "animation") if kind in sent), None)
    if kind is None:
        return {"method": "editMessageCaption", "params": caption.params("caption")}
    media = {"type": kind, "media": sent_file(sent, kind)["file_id"], **caption.params("caption")}
    return {"method": "editMessageMedia", "params": {"media": media}}
