"""The world around the bot: people, chats, what was said in them, and what reaches the bot as updates.

Builders return raw JSON as Telegram would send it. An update that Telegram would not deliver (privacy mode, a kind that
is not in allowed_updates) is returned without `update_id`; the message stands in its chat all the same.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from .description import Json, check_of, minimal, utf16
from .formatting import found_entities

UNASKED = ("chat_member", "message_reaction", "message_reaction_count")  # only if named in allowed_updates
PRESENT = ("creator", "administrator", "member", "restricted")
PRIVATE_RIGHTS = ("can_reply", "can_read_messages")


@dataclass(slots=True)
class Room:
    """A chat: its members' ChatMember objects, its messages by id, and what the bot meets there."""

    chat: Json
    members: dict[int, Json] = field(default_factory=dict)
    messages: dict[int, Json] = field(default_factory=dict)
    last_id: int = 0
    topics: dict[int, Json] = field(default_factory=dict)  # thread id → forum_topic_created's message
    closed: set[int] = field(default_factory=set)
    threads: set[int] = field(default_factory=set)  # reply threads of a supergroup without topics
    blocked: bool = False
    deactivated: bool = False
    can_send: bool = True
    migrated_to: int | None = None
    deleted: set[int] = field(default_factory=set)
    pinned: list[int] = field(default_factory=list)
    sent: list[int] = field(default_factory=list)  # ids of the bot's messages, in order

    def next_id(self) -> int:
        self.last_id += 1
        return self.last_id


class World:
    """People and chats around one bot; `push` hands an update to whoever delivers updates.

    bot_id, username and name are the bot's; privacy is group privacy mode; clock gives Unix seconds; `update_id`
    is that of the last update before.
    """

    def __init__(
        self,
        *,
        bot_id: int = 7000000001,
        username: str = "merchant_test_bot",
        name: str = "Merchant bot",
        privacy: bool = True,
        inline: bool = True,
        clock: Callable[[], float] = time.time,
        update_id: int = 100_000_000,
    ) -> None:
        self.bot: Json = {"id": bot_id, "is_bot": True, "first_name": name, "username": username}
        self.privacy, self.inline, self.clock = privacy, inline, clock
        self.users: dict[int, Json] = {}
        self.rooms: dict[int, Room] = {}
        self.connections: dict[str, Json] = {}
        self.business_rooms: dict[tuple[str, int], Room] = {}
        self.callback_queries: set[str] = set()  # still open
        self.inline_queries: dict[str, Json] = {}  # still open
        self.inline_results: dict[str, list[Json]] = {}  # query id → results answered
        self.inline_messages: dict[str, Json] = {}
        self.file_ids: dict[str, Json] = {}  # file_id → {"kind", "object", "path"}
        self.file_contents: dict[str, bytes] = {}  # file_path → content
        self.pending: list[Json] = []  # updates not yet confirmed
        self.allowed_updates: list[str] = []
        self.seen: set[int] = set()  # users that the bot has met anywhere
        self._update_id = update_id
        self._number = 0

    # --- who and where ---

    def user(
        self,
        first_name: str = "Ann",
        *,
        id: int | None = None,
        username: str | None = None,
        language: str | None = "en",
        last_name: str | None = None,
        is_bot: bool = False,
    ) -> Json:
        """A person (or another bot), who has not yet written to the bot. Returns a User."""
        made: Json = {"id": id or 5_000_000_000 + self.number(), "is_bot": is_bot, "first_name": first_name}
        for key, value in (("last_name", last_name), ("username", username), ("language_code", language)):
            if value:
                made[key] = value
        self.users[made["id"]] = made
        return made

    def group(
        self,
        title: str = "Sellers",
        *,
        id: int | None = None,
        members: Iterable[Json] = (),
        admins: Iterable[Json] = (),
        supergroup: bool = True,
        forum: bool = False,
        username: str | None = None,
        bot: str | None = "member",
    ) -> Json:
        """A group with these people in it, `bot` being the bot's status there (None: not in it). Returns a Chat."""
        number = self.number()
        chat: Json = {
            "id": id or (-1_001_000_000_000 - number if supergroup or forum else -4_000_000 - number),
            "title": title,
            "type": "supergroup" if supergroup or forum else "group",
        }
        if forum:
            chat["is_forum"] = True
        if username:
            chat["username"] = username
        room = self.rooms[chat["id"]] = Room(chat, last_id=int(forum))  # 1 is the General topic's
        for person, status in [(one, "member") for one in members] + [(one, "administrator") for one in admins]:
            room.members[person["id"]] = member(person, status)
            self.seen.add(person["id"])
        if bot:
            room.members[self.bot["id"]] = member(self.bot, bot)
        return chat

    def channel(self, title: str = "News", *, bot: str | None = "administrator") -> Json:
        """A channel. Returns a Chat."""
        chat: Json = {"id": -1_002_000_000_000 - self.number(), "title": title, "type": "channel"}
        room = self.rooms[chat["id"]] = Room(chat)
        if bot:
            room.members[self.bot["id"]] = member(self.bot, bot)
        return chat

    def topic(self, chat: Json, name: str = "Fees") -> int:
        """A forum topic. Returns its message_thread_id."""
        room = self.room(chat)
        thread = room.next_id()
        room.topics[thread] = room.messages[thread] = {
            "message_id": thread,
            "date": self.now(),
            "chat": chat,
            "message_thread_id": thread,
            "is_topic_message": True,
            "forum_topic_created": {"name": name, "icon_color": 7322096},
        }
        return thread

    def grant(self, chat: Json, **rights: bool) -> None:
        """Give the bot rights of an administrator, or take them."""
        self.room(chat).members[self.bot["id"]] |= rights

    def delete_topic(self, chat: Json, thread: int) -> None:
        """Somebody deletes a topic with all that is in it."""
        room = self.room(chat)
        del room.topics[thread]
        for id in [id for id, one in room.messages.items() if one.get("message_thread_id") == thread]:
            del room.messages[id]
            room.deleted.add(id)

    def close_topic(self, chat: Json, thread: int) -> None:
        """Nobody but administrators can write in a closed topic."""
        self.room(chat).closed.add(thread)

    def room(self, chat: Json | int) -> Room:
        """The chat's room; a User or a user's id is the private chat with him, made when first needed."""
        id = chat if isinstance(chat, int) else chat["id"]
        if id not in self.rooms and id in self.users:
            person = self.users[id]
            kept: Json = {key: person[key] for key in ("id", "first_name", "last_name", "username") if key in person}
            self.rooms[id] = Room({**kept, "type": "private"})
        return self.rooms[id]

    def now(self) -> int:
        return int(self.clock())

    def number(self) -> int:
        self._number += 1
        return self._number

    def sent(self, chat: Json | int) -> list[Json]:
        """The bot's messages in a chat, in order, as they now are; deleted ones left out."""
        id = chat if isinstance(chat, int) else chat["id"]
        room = self.rooms.get(id)
        return [room.messages[one] for one in room.sent if one in room.messages] if room else []

    # --- updates ---

    def push(self, update: Json, *, check: bool = True) -> Json:
        """Hand an update to the bot, numbered here unless it has an update_id. Returns it.

        With `check` it must be an Update by the description (raises Refusal); without, anything goes.
        """
        numbered = {"update_id": update.get("update_id") or self.next_update_id(), **update}
        if check:
            check_of("Update")(numbered, "update")
        kind = next((key for key in update if key != "update_id"), "")
        allowed = self.allowed_updates
        if (allowed and kind not in allowed) or (not allowed and kind in UNASKED):
            return update
        self.pending.append(numbered)
        self.arrived(numbered)
        return numbered

    def next_update_id(self) -> int:
        self._update_id += 1
        return self._update_id

    def arrived(self, update: Json) -> None:
        """Called for each update that the bot is to get."""

    # --- messages ---

    def message(
        self,
        sender: Json,
        text: str | None = None,
        *,
        chat: Json | None = None,
        reply_to: Json | None = None,
        thread: int | None = None,
        deliver: bool | None = None,
        check: bool = True,
        **fields: Any,
    ) -> Json:
        """Somebody writes: in private unless `chat` is given. Returns the update.

        `fields` are laid over the message (caption, photo, via_bot, sender_chat, is_automatic_forward, …). `deliver`
        overrides what privacy mode says.
        """
        if text is not None and utf16(text) > 4096 and check:
            raise ValueError("a client splits a text of more than 4096 characters")
        room = self.room(chat or sender)
        if room.chat["type"] == "private":
            room.members[self.bot["id"]] = member(self.bot, "member")
            room.blocked = False
        if room.migrated_to:
            raise ValueError("nobody can write in a group that has become a supergroup")
        self.seen.add(sender["id"])
        made = self._message(room, sender, text, reply_to, thread, fields)
        if deliver is False or (deliver is None and not self._reaches(room, made, sender)):
            return {"message": made}
        return self.push({"message": made}, check=check)

    def _message(
        self, room: Room, sender: Json, text: str | None, reply_to: Json | None, thread: int | None, fields: Json
    ) -> Json:
        made: Json = {"message_id": room.next_id(), "from": sender, "chat": room.chat, "date": self.now()}
        if thread:
            made |= {"message_thread_id": thread, "is_topic_message": True}
            if not reply_to:
                made["reply_to_message"] = room.topics[thread]
        if reply_to and reply_to["chat"]["id"] != room.chat["id"]:
            # Of a basic group or a private chat it is not told which message it is.
            made["external_reply"] = {
                "origin": {"type": "user", "sender_user": reply_to["from"], "date": reply_to["date"]}
            }
            made["quote"] = {"text": str(reply_to.get("text", ""))[:1024], "position": 0}
        elif reply_to:
            made["reply_to_message"] = {k: v for k, v in reply_to.items() if k != "reply_to_message"}
            if room.chat["type"] == "supergroup" and not thread:
                # A reply in a supergroup without topics carries its thread's root, which is no topic.
                made["message_thread_id"] = reply_to.get("message_thread_id", reply_to["message_id"])
                room.threads.add(made["message_thread_id"])
        if text is not None:
            made["text"] = text
            if entities := found_entities(text):
                made["entities"] = entities
        elif "caption" in fields and (entities := found_entities(fields["caption"])):
            made["caption_entities"] = entities
        made |= fields
        room.messages[made["message_id"]] = made
        return made

    def _reaches(self, room: Room, made: Json, sender: Json) -> bool:
        """Whether the bot sees a message: not from bots; with privacy mode only commands and replies to it.

        A mention alone does not reach a bot in privacy mode, an administrator sees everything.
        """
        if room.chat["type"] == "private":
            return True
        me = room.members.get(self.bot["id"])
        if not me or me["status"] not in PRESENT or sender.get("is_bot"):
            return False
        if not self.privacy or me["status"] == "administrator":
            return True
        if made.get("reply_to_message", {}).get("from", {}).get("id") == self.bot["id"]:
            return True
        if made.get("via_bot", {}).get("id") == self.bot["id"]:
            return True
        words = str(made.get("text", made.get("caption", ""))).split()
        command = words[0] if words and words[0].startswith("/") else ""
        return bool(command) and command.partition("@")[2].lower() in ("", self.bot["username"].lower())

    def start(self, sender: Json, payload: str = "") -> Json:
        """Somebody presses Start, or follows a deep link with a payload."""
        return self.message(sender, f"/start {payload}".rstrip())

    def photo(self, sender: Json, caption: str | None = None, **options: Any) -> Json:
        """Somebody sends a photo (three sizes)."""
        sizes = [
            {**self.new_file("photo", b"\xff\xd8" + bytes(200 * side)), "width": side, "height": side}
            for side in (90, 320, 800)
        ]
        for one in sizes:
            self.file_ids[one["file_id"]]["object"] = sizes
        return self.message(sender, photo=sizes, **_caption(caption), **options)

    def voice(self, sender: Json, seconds: int = 3, **options: Any) -> Json:
        """Somebody sends a voice message."""
        file = self.new_file("voice", bytes(2000 * seconds))
        return self.message(sender, voice={**file, "duration": seconds, "mime_type": "audio/ogg"}, **options)

    def document(
        self,
        sender: Json,
        name: str = "invoice.pdf",
        content: bytes = b"%PDF-1.4",
        *,
        mime_type: str = "application/pdf",
        caption: str | None = None,
        **options: Any,
    ) -> Json:
        """Somebody sends a file."""
        file = {**self.new_file("document", content, name), "file_name": name, "mime_type": mime_type}
        return self.message(sender, document=file, **_caption(caption), **options)

    def sticker(self, sender: Json, emoji: str = "👍", **options: Any) -> Json:
        """Somebody sends a sticker."""
        shape = {"type": "regular", "width": 512, "height": 512, "is_animated": False, "is_video": False}
        return self.message(sender, sticker={**self.new_file("sticker", b"RIFF"), **shape, "emoji": emoji}, **options)

    def edit(self, message: Json, text: str, *, deliver: bool | None = None) -> Json:
        """Somebody edits his text message."""
        room = self.room(message["chat"])
        made = {**message, "text": text, "edit_date": self.now()}
        made.pop("entities", None)
        if entities := found_entities(text):
            made["entities"] = entities
        room.messages[message["message_id"]] = made
        if deliver is False or (deliver is None and not self._reaches(room, made, message["from"])):
            return {"edited_message": made}
        return self.push({"edited_message": made})

    def new_file(self, kind: str, content: bytes, name: str = "") -> Json:
        """A file on Telegram's side. Returns {"file_id", "file_unique_id", "file_size"}."""
        number = self.number()
        path = f"{kind}s/file_{number}{name[name.rfind('.') :] if '.' in name else ''}"
        made: Json = {
            "file_id": f"AgACAgIAAxkBAAI{kind.capitalize()}{number:08d}",
            "file_unique_id": f"AQAD{number:08d}",
            "file_size": len(content),
        }
        self.file_ids[made["file_id"]] = {"kind": kind, "object": made, "path": path}
        self.file_contents[path] = content
        return made

    # --- presses, inline mode ---

    def press(self, sender: Json, message: Json, button: str) -> Json:
        """Somebody presses a button of a message as it now stands, by the button's text or callback_data."""
        room = self.room(message["chat"])
        current = room.messages.get(message["message_id"], {})
        rows = current.get("reply_markup", {}).get("inline_keyboard", [])
        buttons = [one for row in rows for one in row]
        for one in buttons:
            if button in (one["text"], one.get("callback_data")):
                if "callback_data" not in one:
                    raise LookupError(f"the button {one['text']!r} sends nothing to the bot")
                return self.callback(sender, one["callback_data"], message=current)
        raise LookupError(f"no button {button!r}; there are: {', '.join(one['text'] for one in buttons) or 'none'}")

    def callback(
        self, sender: Json, data: str, *, message: Json | None = None, inline_message_id: str | None = None
    ) -> Json:
        """A callback query with any data, as from a keyboard that is long gone."""
        self.seen.add(sender["id"])
        query: Json = {"id": self._query_id(), "from": sender, "chat_instance": str(4_000_000_000 + sender["id"])}
        if message:
            room = self.room(message["chat"])
            current = room.messages.get(message["message_id"])
            gone = {"chat": message["chat"], "message_id": message["message_id"], "date": 0}
            query["message"] = current or gone
        if inline_message_id:
            query["inline_message_id"] = inline_message_id
        query["data"] = data
        self.callback_queries.add(query["id"])
        return self.push({"callback_query": query})

    def inline_query(self, sender: Json, query: str = "", *, offset: str = "", chat_type: str = "sender") -> Json:
        """Somebody types `@bot query` in any chat; more than 256 characters are passed on unchecked."""
        self.seen.add(sender["id"])
        made: Json = {"id": self._query_id(), "from": sender, "query": query, "offset": offset, "chat_type": chat_type}
        self.inline_queries[made["id"]] = made
        return self.push({"inline_query": made}, check=utf16(query) <= 256)

    def choose(self, sender: Json, inline_query: Json, result_id: str) -> Json:
        """Somebody sends one of the results that the bot offered. Returns the chosen_inline_result update."""
        results = self.inline_results.get(inline_query["id"], [])
        chosen = next((one for one in results if one["id"] == result_id), None)
        if chosen is None:
            raise LookupError(
                f"no result {result_id!r}; there are: {', '.join(one['id'] for one in results) or 'none'}"
            )
        made: Json = {"result_id": result_id, "from": sender, "query": inline_query["query"]}
        if "reply_markup" in chosen:
            made["inline_message_id"] = f"BAAAAInline{self.number():08d}"
            content = chosen.get("input_message_content", {})
            self.inline_messages[made["inline_message_id"]] = {
                "text": content.get("message_text", ""),
                "reply_markup": chosen["reply_markup"],
            }
        return self.push({"chosen_inline_result": made})

    def _query_id(self) -> str:
        return str(2_000_000_000_000_000_000 + self.number())

    # --- membership ---

    def block(self, sender: Json) -> Json:
        """Somebody blocks the bot."""
        self.room(sender).blocked = True
        return self.my_chat_member(sender, sender, "kicked")

    def unblock(self, sender: Json) -> Json:
        """Somebody unblocks the bot."""
        self.room(sender).blocked = False
        return self.my_chat_member(sender, sender, "member")

    def add_bot(self, chat: Json, actor: Json, status: str = "member") -> Json:
        """Somebody adds the bot to a group, or gives it that status."""
        return self.my_chat_member(chat, actor, status)

    def remove_bot(self, chat: Json, actor: Json) -> Json:
        """Somebody removes the bot from a group."""
        return self.my_chat_member(chat, actor, "kicked")

    def my_chat_member(self, chat: Json, actor: Json, status: str) -> Json:
        """The bot's own status in a chat changes. `chat` is a Chat, or a User for the private chat with him."""
        room = self.room(chat)
        old = room.members.get(self.bot["id"]) or member(self.bot, "left")
        new = room.members[self.bot["id"]] = member(self.bot, status)
        self.seen.add(actor["id"])
        changed = {"chat": room.chat, "from": actor, "date": self.now()}
        return self.push({"my_chat_member": {**changed, "old_chat_member": old, "new_chat_member": new}})

    def join(self, chat: Json, person: Json, status: str = "member") -> Json:
        """Somebody joins a group; the service message is delivered."""
        self.room(chat).members[person["id"]] = member(person, status)
        return self.message(person, chat=chat, deliver=True, new_chat_members=[person])

    def migrate(
        self, chat: Json, actor: Json, *, joins: Literal["first", "last"] = "last", deliver: bool = True
    ) -> Json:
        """A group becomes a supergroup: its id changes, and the ids of messages begin anew. Returns the new Chat.

        Both service messages are pushed, and before or after them that the bot is a member of the new chat; that it is
        none of the old one is not. Without `deliver`, as where the bot was away for long, it is told nothing.
        """
        old = self.room(chat)
        new = {**chat, "id": -1_001_000_000_000 - self.number(), "type": "supergroup"}
        members = dict(old.members)
        me = members.pop(self.bot["id"], None)
        room = self.rooms[new["id"]] = Room(new, members=members)

        def join() -> None:
            if me and deliver:
                self.my_chat_member(new, actor, me["status"])
            elif me:
                room.members[self.bot["id"]] = me

        if joins == "first":
            join()
        self.message(actor, chat=chat, deliver=deliver, migrate_to_chat_id=new["id"])
        self.message(actor, chat=new, deliver=deliver, migrate_from_chat_id=chat["id"])
        if joins == "last":
            join()
        old.migrated_to = new["id"]
        return new

    # --- business accounts ---

    def business(
        self, owner: Json, *, rights: Iterable[str] = PRIVATE_RIGHTS, enabled: bool = True, id: str | None = None
    ) -> Json:
        """An account's owner connects the bot (or, with `id`, changes the connection). Returns a BusinessConnection."""
        made: Json = {
            "id": id or f"BizConn{self.number():06d}",
            "user": owner,
            "user_chat_id": owner["id"],
            "date": self.now(),
            "rights": dict.fromkeys(rights, True),
            "is_enabled": enabled,
        }
        self.connections[made["id"]] = made
        self.seen.add(owner["id"])
        self.push({"business_connection": made})
        return made

    def business_message(
        self, connection: Json, customer: Json, text: str | None = None, *, by_owner: bool = False, **fields: Any
    ) -> Json:
        """A customer writes to the connected account, or its owner writes to the customer."""
        room = self.business_room(connection["id"], customer["id"])
        sender = connection["user"] if by_owner else customer
        extra = {"business_connection_id": connection["id"], **fields}
        return self.push({"business_message": self._message(room, sender, text, None, None, extra)})

    def business_room(self, connection: str, customer: int) -> Room:
        """The chat of a connected account with one customer, made when first needed."""
        key = (connection, customer)
        if key not in self.business_rooms:
            person = self.users[customer]
            kept: Json = {
                name: person[name] for name in ("id", "first_name", "last_name", "username") if name in person
            }
            self.business_rooms[key] = Room({**kept, "type": "private"})
        return self.business_rooms[key]


def _caption(caption: str | None) -> Json:
    return {"caption": caption} if caption is not None else {}


def member(person: Json, status: str) -> Json:
    """A ChatMember of that status, with an administrator's usual rights."""
    kinds = {
        "creator": "ChatMemberOwner",
        "administrator": "ChatMemberAdministrator",
        "member": "ChatMemberMember",
        "restricted": "ChatMemberRestricted",
        "left": "ChatMemberLeft",
        "kicked": "ChatMemberBanned",
    }
    shown = {"is_anonymous": False} if status in ("creator", "administrator") else {}
    made: Json = minimal(kinds[status], user=person, **shown)
    return made
