"""What each method does in the world, or with which words Telegram refuses it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from .description import METHODS, Json, Refusal, Upload, bad, minimal, utf16
from .formatting import formatted
from .world import PRESENT, Room, World

Files = dict[str, Upload]
TOO_OLD = "query is too old and response timeout expired or query ID is invalid"
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current "
    "content and reply markup of the message"
)
ACTIONS = {
    "typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice", "upload_document",
    "choose_sticker", "find_location", "record_video_note", "upload_video_note",
}  # fmt: skip
MEDIA = {
    "sendPhoto": "photo",
    "sendDocument": "document",
    "sendVoice": "voice",
    "sendAudio": "audio",
    "sendVideo": "video",
    "sendAnimation": "animation",
    "sendVideoNote": "video_note",
    "sendSticker": "sticker",
}
SHAPES: dict[str, Json] = {
    "voice": {"duration": 3, "mime_type": "audio/ogg"},
    "audio": {"duration": 3},
    "video": {"duration": 3, "width": 640, "height": 360},
    "animation": {"duration": 3, "width": 320, "height": 180},
    "video_note": {"duration": 3, "length": 240},
    "sticker": {"type": "regular", "width": 512, "height": 512, "is_animated": False, "is_video": False},
}
MEGABYTE = 1 << 20
COMMAND = re.compile(r"[a-z0-9_]{1,32}$")
LANGUAGE = re.compile(r"[a-z]{2}$")
SCOPES = {
    "chat": ("chat_id",),
    "chat_administrators": ("chat_id",),
    "chat_member": ("chat_id", "user_id"),
}


class Methods:
    """The methods of the Bot API over a world. `call` is the door; parameters come checked by the description."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.commands: dict[tuple[str, str], list[Json]] = {}
        self.texts: dict[tuple[str, str], str] = {}  # (description | short_description | name, language) → text
        self.table: dict[str, Callable[[Json, Files], Any]] = {
            "getMe": self.get_me,
            "sendMessage": self.send_message,
            "editMessageText": self.edit_text,
            "editMessageCaption": self.edit_caption,
            "editMessageReplyMarkup": self.edit_markup,
            "editMessageMedia": self.edit_media,
            "deleteMessage": self.delete_message,
            "deleteMessages": self.delete_messages,
            "answerCallbackQuery": self.answer_callback_query,
            "answerInlineQuery": self.answer_inline_query,
            "sendChatAction": self.send_chat_action,
            "sendMediaGroup": self.send_media_group,
            "copyMessage": self.copy_message,
            "createForumTopic": self.create_topic,
            "editForumTopic": self.edit_topic,
            "closeForumTopic": lambda p, _: self.close_topic(p, True),
            "reopenForumTopic": lambda p, _: self.close_topic(p, False),
            "pinChatMessage": self.pin,
            "forwardMessage": self.forward_message,
            "getFile": self.get_file,
            "getChat": self.get_chat,
            "getChatMember": self.get_chat_member,
            "getChatAdministrators": self.get_chat_administrators,
            "getChatMemberCount": self.get_chat_member_count,
            "leaveChat": self.leave_chat,
            "getBusinessConnection": self.get_business_connection,
            "setMyCommands": self.set_my_commands,
            "getMyCommands": lambda p, _: self.commands.get(self._commands_key(p), []),
            "deleteMyCommands": self.delete_my_commands,
        }
        for method, kind in MEDIA.items():
            self.table[method] = self._sender(kind)
        for method, key in (
            ("Description", "description"),
            ("ShortDescription", "short_description"),
            ("Name", "name"),
        ):
            self.table[f"setMy{method}"] = self._text_setter(key)
            self.table[f"getMy{method}"] = self._text_getter(key)

    def call(self, method: str, p: Json, files: Files) -> Any:
        """The method's result. Raises Refusal."""
        behaviour = self.table.get(method)
        return behaviour(p, files) if behaviour else self.plausible(method, p)

    def plausible(self, method: str, p: Json) -> Any:
        """A result of the right type for a method without a behaviour of its own; the chat is still looked for."""
        kind = METHODS[method]["returns"][0]
        if kind == "Message" and "chat_id" in p:
            return self._post(self._target(p), p, {})
        if "chat_id" in p:
            self._target(p)
        return minimal(kind)

    # --- where to ---

    def _known(self, chat_id: int | str) -> Room:
        """The room of a chat_id, whatever the bot may do there."""
        rooms = self.world.rooms
        room = rooms.get(chat_id) if isinstance(chat_id, int) else None
        if room is None and isinstance(chat_id, str) and chat_id.startswith("@"):
            name = chat_id[1:].lower()
            named = (one for one in rooms.values() if one.chat["type"] != "private")
            room = next((one for one in named if one.chat.get("username", "").lower() == name), None)
        if room is not None:
            return room
        if isinstance(chat_id, int) and chat_id in self.world.users and chat_id in self.world.seen:
            return self.world.room(chat_id)
        raise bad("chat not found")

    def _target(self, p: Json) -> Room:
        """The room to act in, or why the bot cannot."""
        if connection_id := p.get("business_connection_id"):
            return self._business_target(connection_id, p["chat_id"])
        room = self._known(p["chat_id"])
        self._admit(room)
        return room

    def _admit(self, room: Room) -> None:
        kind, me = room.chat["type"], room.members.get(self.world.bot["id"])
        self._there(room)
        if kind == "private":
            if self.world.users[room.chat["id"]]["is_bot"]:
                raise Refusal(403, "Forbidden: bots can't send messages to bots")
            if room.deactivated:
                raise Refusal(403, "Forbidden: user is deactivated")
            if room.blocked:
                raise Refusal(403, "Forbidden: bot was blocked by the user")
            if me is None:
                raise Refusal(403, "Forbidden: bot can't initiate conversation with a user")
        elif me is not None and me["status"] == "kicked":
            raise Refusal(403, f"Forbidden: bot was kicked from the {kind} chat")
        elif me is None or me["status"] not in PRESENT:
            raise Refusal(403, f"Forbidden: bot is not a member of the {kind} chat")

    def _there(self, room: Room) -> None:
        """Refuse a group that has become a supergroup."""
        if room.migrated_to:
            moved = {"migrate_to_chat_id": room.migrated_to}
            raise Refusal(400, "Bad Request: group chat was upgraded to a supergroup chat", moved)

    def _business_target(self, connection_id: str, chat_id: int | str) -> Room:
        connection = self.world.connections.get(connection_id)
        if connection is None or not connection["is_enabled"]:
            raise bad("business connection not found")
        if not connection["rights"].get("can_reply"):
            raise bad("BUSINESS_PEER_USAGE_MISSING")
        room = self.world.business_rooms.get((connection_id, chat_id if isinstance(chat_id, int) else 0))
        if room is None:
            raise bad("BUSINESS_PEER_INVALID")
        return room

    # --- sending ---

    def _text(self, p: Json, name: str = "text", prefix: str = "", most: int = 4096) -> Json:
        """Text or caption with its entities, or nothing if it is empty."""
        kind = "caption_entities" if name == "caption" else "entities"
        text, entities = formatted(p.get(name, ""), p.get("parse_mode"), p.get(kind))
        if utf16(text) > most:
            raise bad("message caption is too long" if name == "caption" else f"{prefix}message is too long")
        made: Json = {name: text} if text else {}
        return {**made, kind: entities} if entities and text else made

    def _caption(self, p: Json) -> Json:
        made = self._text(p, "caption", most=1024)
        return {**made, "show_caption_above_media": True} if p.get("show_caption_above_media") else made

    def _post(self, room: Room, p: Json, content: Json) -> Json:
        """Put the bot's message into a room: reply, topic and keyboard checked. Returns the Message."""
        if not room.can_send:
            raise bad("not enough rights to send text messages to the chat")
        markup = p.get("reply_markup")
        if markup:
            keyboard(markup)
        reply = self._replied(room, p.get("reply_parameters"))
        thread = self._thread(room, p, reply)
        made: Json = {
            "message_id": room.next_id(),
            "from": self.world.bot,
            "chat": room.chat,
            "date": self.world.now(),
            **thread,
            **content,
        }
        if room.chat["type"] == "channel":
            made["sender_chat"] = room.chat
            del made["from"]
        if reply:
            made["reply_to_message"] = reply
        if connection := p.get("business_connection_id"):
            made |= {"business_connection_id": connection, "sender_business_bot": self.world.bot}
            made["from"] = self.world.connections[connection]["user"]
        if markup and "inline_keyboard" in markup:
            made["reply_markup"] = markup
        if p.get("protect_content"):
            made["has_protected_content"] = True
        room.messages[made["message_id"]] = made
        room.sent.append(made["message_id"])
        return made

    def _replied(self, room: Room, reply: Json | None) -> Json | None:
        if not reply:
            return None
        other: int | str = reply.get("chat_id") or room.chat["id"]
        found = (room if other == room.chat["id"] else self._known(other)).messages.get(reply["message_id"])
        if found is None:
            if reply.get("allow_sending_without_reply"):
                return None
            raise bad("message to be replied not found")
        if "quote" in reply and reply["quote"] not in str(found.get("text", found.get("caption", ""))):
            raise bad("QUOTE_TEXT_INVALID")
        return {key: value for key, value in found.items() if key != "reply_to_message"}

    def _thread(self, room: Room, p: Json, reply: Json | None) -> Json:
        thread = p.get("message_thread_id")
        if thread is None and reply and reply.get("is_topic_message"):
            thread = reply["message_thread_id"]
        if not thread:
            return {}
        if thread in room.closed and room.members[self.world.bot["id"]]["status"] != "administrator":
            raise bad("TOPIC_CLOSED")
        if thread in room.topics:
            return {"message_thread_id": thread, "is_topic_message": True}
        if thread in room.threads:
            return {"message_thread_id": thread}
        raise bad("message thread not found")

    def get_me(self, p: Json, files: Files) -> Json:
        me: Json = minimal("User", **self.world.bot)
        flags = {
            "can_join_groups": True,
            "can_read_all_group_messages": not self.world.privacy,
            "supports_inline_queries": self.world.inline,
            "can_connect_to_business": True,
            "has_main_web_app": False,
        }
        return me | flags

    def send_message(self, p: Json, files: Files) -> Json:
        content = self._text(p)
        if not content:
            raise bad("message text is empty")
        if options := p.get("link_preview_options"):
            content["link_preview_options"] = options
        return self._post(self._target(p), p, content)

    def _sender(self, kind: str) -> Callable[[Json, Files], Json]:
        def send(p: Json, files: Files) -> Json:
            caption = self._caption(p) if kind not in ("sticker", "video_note") else {}
            room = self._target(p)
            return self._post(room, p, {kind: self._media(kind, p[kind], files), **caption})

        return send

    def _media(self, kind: str, value: str | Upload, files: Files) -> Any:
        """A file of a message: uploaded, known by file_id, or (made up) fetched from an HTTP address."""
        if isinstance(value, str) and value.startswith("attach://"):
            name = value.removeprefix("attach://")
            if name not in files:
                raise bad(f'stand-in: no file "{name}" in the request')
            value = files[name]
        if isinstance(value, str):
            if urlsplit(value).scheme in ("http", "https"):
                return self._object(kind, Upload(value.rsplit("/", 1)[-1], "", b"stand-in"))
            known = self.world.file_ids.get(value)
            if known is None:
                raise bad("wrong file identifier/HTTP URL specified")
            if known["kind"] != kind:
                raise bad(f"can't use file of type {_title(known['kind'])} as {_title(kind)}")
            return known["object"]
        if not value.data:
            raise bad("file must be non-empty")
        size = len(value.data)
        if kind == "photo" and size > 10 * MEGABYTE:
            raise bad(f"file of size {size} bytes is too big for a photo; the maximum size is {10 * MEGABYTE} bytes")
        if size > 50 * MEGABYTE:
            raise Refusal(413, "Request Entity Too Large")
        return self._object(kind, value)

    def _object(self, kind: str, file: Upload) -> Any:
        if kind == "photo":
            sizes = [
                {**self.world.new_file("photo", file.data, file.filename), "width": side, "height": side}
                for side in (90, 320, 800)
            ]
            for one in sizes:
                self.world.file_ids[one["file_id"]]["object"] = sizes
            return sizes
        made = {**self.world.new_file(kind, file.data, file.filename), **SHAPES.get(kind, {})}
        if kind in ("document", "audio", "video", "animation"):
            made |= {"file_name": file.filename, "mime_type": file.content_type or "application/octet-stream"}
        self.world.file_ids[made["file_id"]]["object"] = made
        return made

    def send_media_group(self, p: Json, files: Files) -> list[Json]:
        kinds = {one["type"] for one in p["media"]}
        if len(kinds) > 1 and kinds & {"document", "audio"}:
            raise bad("stand-in: documents and audio files cannot be mixed with other kinds in an album")
        contents = [
            {one["type"]: self._media(one["type"], one["media"], files), **self._caption(one)} for one in p["media"]
        ]
        room, group = self._target(p), {"media_group_id": str(13_000_000_000 + self.world.number())}
        return [self._post(room, p, {**content, **group}) for content in contents]

    def copy_message(self, p: Json, files: Files) -> Json:
        room, found = self._target(p), self._source(p, "copy")
        content = {key: value for key, value in found.items() if key in CONTENT}
        if "caption" in p and not content.keys() & {"text"}:
            content = {k: v for k, v in content.items() if k not in ("caption", "caption_entities")}
            content |= self._caption(p)
        return {"message_id": self._post(room, p, content)["message_id"]}

    def forward_message(self, p: Json, files: Files) -> Json:
        room, found = self._target(p), self._source(p, "forward")
        content = {key: value for key, value in found.items() if key in CONTENT}
        origin = {"type": "user", "date": found["date"], "sender_user": found.get("from", self.world.bot)}
        return self._post(room, p, {**content, "forward_origin": found.get("forward_origin", origin)})

    def _source(self, p: Json, verb: str) -> Json:
        room = self._known(p["from_chat_id"])
        self._there(room)
        found = room.messages.get(p["message_id"])
        if found is None:
            raise bad(f"message to {verb} not found")
        unknown_quiz = found.get("poll", {}).get("type") == "quiz" and "correct_option_id" not in found["poll"]
        if found.get("has_protected_content") or not found.keys() & CONTENT or (verb == "copy" and unknown_quiz):
            raise bad(f"message can't be {'copied' if verb == 'copy' else 'forwarded'}")
        return found

    # --- forum topics ---

    def _forum(self, p: Json, right: str = "can_manage_topics") -> Room:
        room = self._target(p)
        if not room.chat.get("is_forum"):
            raise bad("the chat is not a forum")
        me = room.members[self.world.bot["id"]]
        if me["status"] != "creator" and not me.get(right):
            raise bad("not enough rights to manage topics" if right == "can_manage_topics" else "not enough rights")
        return room

    def create_topic(self, p: Json, files: Files) -> Json:
        room = self._forum(p)
        name = p["name"].strip()
        if not name:
            raise bad("TOPIC_TITLE_EMPTY")
        thread = self.world.topic(room.chat, name)
        room.topics[thread]["from"] = self.world.bot
        return {"message_thread_id": thread, "name": name, "icon_color": 7322096}

    def _topic(self, p: Json) -> tuple[Room, int]:
        room, thread = self._forum(p), p["message_thread_id"]
        if thread not in room.topics:
            raise bad("message thread not found")
        return room, thread

    def edit_topic(self, p: Json, files: Files) -> bool:
        room, thread = self._topic(p)
        created = room.topics[thread]["forum_topic_created"]
        if p.get("name", created["name"]) == created["name"] and "icon_custom_emoji_id" not in p:
            raise bad("TOPIC_NOT_MODIFIED")
        created["name"] = p["name"]
        return True

    def close_topic(self, p: Json, closes: bool) -> bool:
        room, thread = self._topic(p)
        if (thread in room.closed) == closes:
            raise bad("TOPIC_NOT_MODIFIED")
        (room.closed.add if closes else room.closed.discard)(thread)
        return True

    def pin(self, p: Json, files: Files) -> bool:
        room = self._target(p)
        if p["message_id"] not in room.messages:
            raise bad("message to pin not found")
        me = room.members.get(self.world.bot["id"], {})
        if room.chat["type"] != "private" and me.get("status") != "creator" and not me.get("can_pin_messages"):
            raise bad("not enough rights to manage pinned messages in the chat")
        room.pinned.append(p["message_id"])
        return True

    def send_chat_action(self, p: Json, files: Files) -> bool:
        if p["action"] not in ACTIONS:
            raise bad("wrong parameter action in request")
        room = self._target(p)
        self._thread(room, p, None)
        return True

    # --- changing ---

    def _own(self, p: Json, verb: str = "edit") -> tuple[Room | None, Json]:
        """The bot's message that the parameters name."""
        if inline := p.get("inline_message_id"):
            if inline not in self.world.inline_messages:
                raise bad("MESSAGE_ID_INVALID")
            return None, self.world.inline_messages[inline]
        if "chat_id" not in p:
            raise bad("chat_id is empty")
        if "message_id" not in p:
            raise bad("message identifier is not specified")
        room = self._target(p)
        found = room.messages.get(p["message_id"])
        if found is None:
            raise bad(f"message to {verb} not found")
        if p["message_id"] not in room.sent:
            raise bad("message can't be edited")
        return room, found

    def _change(self, p: Json, changed: Callable[[Json], Json]) -> Json | bool:
        room, old = self._own(p)
        markup = p.get("reply_markup")
        if markup:
            keyboard(markup)
        made = changed(old)
        made.pop("reply_markup", None)
        if markup and markup["inline_keyboard"]:
            made["reply_markup"] = markup
        if all(made.get(key) == old.get(key) for key in made.keys() | old.keys()):
            raise bad(NOT_MODIFIED)
        if room is None:
            self.world.inline_messages[p["inline_message_id"]] = made
            return True
        made["edit_date"] = self.world.now()
        room.messages[old["message_id"]] = made
        return made

    def edit_text(self, p: Json, files: Files) -> Json | bool:
        if "text" not in p and "rich_message" not in p:
            raise bad("message text is empty")
        try:
            content = self._text(p)
        except Refusal as refusal:
            # The same limit has other words where a message is edited.
            raise bad("MESSAGE_TOO_LONG") if refusal.description.endswith("message is too long") else refusal from None
        if not content:
            raise bad("message text is empty")
        if options := p.get("link_preview_options"):
            content["link_preview_options"] = options

        def changed(old: Json) -> Json:
            if "text" not in old:
                raise bad("there is no text in the message to edit")
            kept = {k: v for k, v in old.items() if k not in ("text", "entities", "link_preview_options")}
            return {**kept, **content}

        return self._change(p, changed)

    def edit_caption(self, p: Json, files: Files) -> Json | bool:
        content = self._caption(p)

        def changed(old: Json) -> Json:
            if "text" in old:
                raise bad("there is no caption in the message to edit")
            return {k: v for k, v in old.items() if k not in ("caption", "caption_entities")} | content

        return self._change(p, changed)

    def edit_media(self, p: Json, files: Files) -> Json | bool:
        media = p["media"]
        content = {media["type"]: self._media(media["type"], media["media"], files), **self._caption(media)}

        def changed(old: Json) -> Json:
            kinds = old.keys() & EDITED_MEDIA
            if not kinds and "text" not in old:
                raise bad("message can't be edited")
            if "media_group_id" in old and kinds & {"document", "audio"} != {media["type"]} & {"document", "audio"}:
                raise bad("stand-in: a file of an album is replaced by one of the same kind")
            gone = {*EDITED_MEDIA, "text", "entities", "caption", "caption_entities"}
            return {key: value for key, value in old.items() if key not in gone} | content

        return self._change(p, changed)

    def edit_markup(self, p: Json, files: Files) -> Json | bool:
        return self._change(p, dict)

    def delete_message(self, p: Json, files: Files) -> bool:
        room = self._target(p)
        self._delete(room, p["message_id"])
        return True

    def delete_messages(self, p: Json, files: Files) -> bool:
        room = self._target(p)
        for one in p["message_ids"]:
            if one in room.messages:  # those that cannot be found are skipped
                self._delete(room, one)
        return True

    def _delete(self, room: Room, message_id: int) -> None:
        if message_id not in room.messages:
            raise bad("message to delete not found")
        me = room.members.get(self.world.bot["id"], {})
        rights = room.chat["type"] == "private" or me.get("can_delete_messages", False)
        if message_id not in room.sent and not rights:
            raise bad("message can't be deleted")
        del room.messages[message_id]
        room.deleted.add(message_id)

    # --- queries ---

    def answer_callback_query(self, p: Json, files: Files) -> bool:
        if p["callback_query_id"] not in self.world.callback_queries:
            raise bad(TOO_OLD)
        self.world.callback_queries.discard(p["callback_query_id"])
        return True

    def answer_inline_query(self, p: Json, files: Files) -> bool:
        results = p["results"]
        if len(results) > 50:
            raise bad("RESULTS_TOO_MUCH")
        if len({one["id"] for one in results}) != len(results):
            raise bad("RESULT_ID_DUPLICATE")
        if utf16(p.get("next_offset", "")) > 64:
            raise bad("NEXT_OFFSET_INVALID")
        for one in results:
            if "reply_markup" in one:
                keyboard(one["reply_markup"])
            if "caption" in one:
                self._caption(one)
            content = one.get("input_message_content", {})
            if "message_text" in content and not self._text({**content, "text": content["message_text"]}):
                raise bad("message text is empty")
        query = self.world.inline_queries.pop(p["inline_query_id"], None)
        if query is None:
            raise bad(TOO_OLD)
        self.world.inline_results[query["id"]] = results
        return True

    # --- files, chats ---

    def get_file(self, p: Json, files: Files) -> Json:
        known = self.world.file_ids.get(p["file_id"])
        if known is None:
            raise bad("wrong file_id or the file is temporarily unavailable")
        size = len(self.world.file_contents[known["path"]])
        if size > 20 * MEGABYTE:
            raise bad("file is too big")
        unique = known["object"]["file_unique_id"] if isinstance(known["object"], dict) else next(
            one["file_unique_id"] for one in known["object"] if one["file_id"] == p["file_id"]
        )  # fmt: skip
        return {"file_id": p["file_id"], "file_unique_id": unique, "file_size": size, "file_path": known["path"]}

    def _visible(self, p: Json) -> Room:
        """The room of a question about a chat: the bot need not be able to write there."""
        room = self._known(p["chat_id"])
        if room.chat["type"] != "private":
            self._admit(room)
        return room

    def get_chat(self, p: Json, files: Files) -> Json:
        room = self._visible(p)
        made: Json = minimal("ChatFullInfo", **room.chat, accent_color_id=0, max_reaction_count=11)
        if room.chat["type"] == "group":
            made["permissions"] = {"can_send_messages": True}
        return made

    def get_chat_member(self, p: Json, files: Files) -> Json:
        room = self._visible(p)
        found = room.members.get(p["user_id"])
        if found is None and p["user_id"] not in self.world.users:
            raise bad("PARTICIPANT_ID_INVALID")
        return found or {"status": "left", "user": self.world.users[p["user_id"]]}

    def get_chat_administrators(self, p: Json, files: Files) -> list[Json]:
        room = self._visible(p)
        if room.chat["type"] == "private":
            raise bad("there are no administrators in the private chat")
        return [one for one in room.members.values() if one["status"] in ("creator", "administrator")]

    def get_chat_member_count(self, p: Json, files: Files) -> int:
        return sum(1 for one in self._visible(p).members.values() if one["status"] in PRESENT)

    def leave_chat(self, p: Json, files: Files) -> bool:
        room = self._visible(p)
        if room.chat["type"] == "private":
            raise bad("chat member status can't be changed in private chats")
        room.members[self.world.bot["id"]] = {"status": "left", "user": self.world.bot}
        return True

    def get_business_connection(self, p: Json, files: Files) -> Json:
        if p["business_connection_id"] not in self.world.connections:
            raise bad("business connection not found")
        return self.world.connections[p["business_connection_id"]]

    # --- what the bot says of itself ---

    def _commands_key(self, p: Json) -> tuple[str, str]:
        scope = p.get("scope", {"type": "default"})
        names = SCOPES.get(scope["type"], ())
        if "chat_id" in names:
            self._known(scope["chat_id"])
        return ":".join([scope["type"], *(str(scope[name]) for name in names)]), _language(p)

    def set_my_commands(self, p: Json, files: Files) -> bool:
        key = self._commands_key(p)
        if len(p["commands"]) > 100:
            raise bad("BOT_COMMANDS_TOO_MUCH")
        if not all(COMMAND.match(one["command"].removeprefix("/")) for one in p["commands"]):
            raise bad("BOT_COMMAND_INVALID")
        self.commands[key] = [{**one, "command": one["command"].removeprefix("/")} for one in p["commands"]]
        return True

    def delete_my_commands(self, p: Json, files: Files) -> bool:
        self.commands.pop(self._commands_key(p), None)
        return True

    def _text_setter(self, key: str) -> Callable[[Json, Files], bool]:
        def setter(p: Json, files: Files) -> bool:
            self.texts[key, _language(p)] = p.get(key, "")
            return True

        return setter

    def _text_getter(self, key: str) -> Callable[[Json, Files], Json]:
        def getter(p: Json, files: Files) -> Json:
            general = self.world.bot["first_name"] if key == "name" else ""
            return {key: self.texts.get((key, _language(p)), general)}

        return getter


CONTENT = {
    "text", "entities", "link_preview_options", "caption", "caption_entities", "photo", "document", "voice", "audio",
    "video", "animation", "video_note", "sticker", "contact", "location", "venue", "dice", "poll", "live_photo",
}  # fmt: skip
EDITED_MEDIA = {"photo", "video", "document", "audio", "animation"}


def keyboard(markup: Json) -> None:
    """Refuse a keyboard that Telegram would refuse."""
    rows = markup.get("inline_keyboard")
    if rows is None:
        return
    if sum(len(row) for row in rows) > 100 or any(len(row) > 8 for row in rows):
        raise bad("stand-in: an inline keyboard has at most 100 buttons, 8 in a row; clients cut off the rest")
    for row in rows:
        for one in row:
            if not one["text"].strip():
                raise bad("can't parse inline keyboard button: InlineKeyboardButton text is empty")
            actions = one.keys() - {"text", "icon_custom_emoji_id", "style"}
            if not actions:
                raise bad("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
            if len(actions) > 1:
                raise bad(f"stand-in: a button does one thing, not {', '.join(sorted(actions))}")
            if "url" in one and not _reachable(one["url"]):
                raise bad(f"inline keyboard button URL '{one['url']}' is invalid: Wrong HTTP URL")


def _reachable(url: str) -> bool:
    parts = urlsplit(url if "://" in url else f"http://{url}")
    if parts.scheme in ("tg", "ton"):
        return bool(parts.netloc)
    return parts.scheme in ("http", "https") and "." in parts.netloc and " " not in url


def _language(p: Json) -> str:
    code: str = p.get("language_code", "")
    if code and not LANGUAGE.match(code):
        raise bad("invalid language code specified")
    return code


def _title(kind: str) -> str:
    return "".join(word.capitalize() for word in kind.split("_"))
