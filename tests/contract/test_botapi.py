"""The stand-in of the Bot API refuses what Telegram refuses, with Telegram's words, and serves real clients."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import ClientDecodeError, TelegramBadRequest, TelegramNetworkError, TelegramRetryAfter
from aiogram.types import BotCommand, BufferedInputFile, InlineKeyboardButton, InlineKeyboardMarkup, ReplyParameters
from aiohttp import ClientSession, FormData, ServerDisconnectedError, web
from telegram import Bot as PtbBot
from telegram import InlineKeyboardButton as PtbButton
from telegram import InlineKeyboardMarkup as PtbKeyboard
from telegram.error import BadRequest, NetworkError, RetryAfter

from tests.botapi import BotApi, Fault, Refusal
from tests.botapi.description import METHODS, check_of, minimal
from tests.botapi.formatting import parse_html

Json = dict[str, Any]
Send = Callable[..., Coroutine[Any, Any, Json]]
OLD = "Bad Request: query is too old and response timeout expired or query ID is invalid"


@pytest_asyncio.fixture
async def api() -> AsyncIterator[BotApi]:
    async with BotApi() as served:
        yield served


@pytest_asyncio.fixture
async def http() -> AsyncIterator[ClientSession]:
    async with ClientSession() as session:
        yield session


@pytest.fixture
def call(api: BotApi, http: ClientSession) -> Send:
    async def send(method: str, /, **params: Any) -> Json:
        async with http.post(f"{api.url}/bot{api.token}/{method}", json=params) as answer:
            body: Json = await answer.json()
            assert body["ok"] or body["error_code"] == answer.status
            return body

    return send


@pytest_asyncio.fixture
async def bot(api: BotApi) -> AsyncIterator[Bot]:
    session = AiohttpSession(api=TelegramAPIServer.from_base(api.url))
    yield Bot(api.token, session=session)
    await session.close()


@pytest_asyncio.fixture
async def ptb(api: BotApi) -> AsyncIterator[PtbBot]:
    async with PtbBot(api.token, base_url=api.ptb_url, base_file_url=api.ptb_file_url) as made:
        yield made


@pytest.fixture
def ann(api: BotApi) -> Json:
    """A merchant who has written to the bot: update 1, message 1."""
    person = api.user("Ann", language="zh")
    api.message(person, "hello")
    return person


def button(**fields: Any) -> Json:
    return {"inline_keyboard": [[{"text": "Yes", **fields}]]}


# --- refused: method, parameters (chat_id is Ann's unless given, None leaves it out), words ---

HTML = "Bad Request: can't parse entities: "
REFUSED = [
    ("sendMessage", {}, "message text is empty"),
    ("sendMessage", {"text": ""}, "message text is empty"),
    ("sendMessage", {"text": " \n "}, "message text is empty"),
    ("sendMessage", {"text": "<b> </b>", "parse_mode": "HTML"}, "message text is empty"),
    ("sendMessage", {"text": "x" * 4097}, "message is too long"),
    ("sendMessage", {"text": "😀" * 2049}, "message is too long"),
    ("sendMessage", {"text": "x", "chat_id": ""}, "chat_id is empty"),
    ("sendMessage", {"text": "x", "chat_id": 12}, "chat not found"),
    ("sendMessage", {"text": "x", "chat_id": "@nobody"}, "chat not found"),
    ("sendMessage", {"text": "x", "parse_mode": "BBCode"}, "unsupported parse_mode"),
    ("sendMessage", {"text": 5}, 'stand-in: Field "text" must be of type String'),
    ("sendMessage", {"text": "x", "disable_notification": "maybe"},
     'stand-in: Field "disable_notification" must be of type Boolean'),
    ("sendMessage", {"text": "x", "message_thread_id": "one"},
     'stand-in: parameter "message_thread_id" must be of type Integer'),
    ("sendMessage", {"text": "x", "message_thread_id": 77}, "message thread not found"),
    ("sendMessage", {"text": "x", "colour": "red"}, 'stand-in: sendMessage has no parameter "colour"'),
    ("sendMessage", {"text": "x", "reply_parameters": {"message_id": 99}}, "message to be replied not found"),
    ("sendMessage", {"text": "x", "reply_parameters": {"message_id": 1, "quote": "bye"}}, "QUOTE_TEXT_INVALID"),
    ("sendMessage", {"text": "x", "reply_parameters": {}},
     'can\'t parse ReplyParameters: Can\'t find field "message_id"'),
    ("sendMessage", {"text": "x", "reply_markup": "{"}, "can't parse reply keyboard markup JSON object"),
    ("sendMessage", {"text": "x", "reply_markup": []}, "object expected as reply markup"),
    ("sendMessage", {"text": "x", "reply_markup": {"inline_keyboard": [[{"callback_data": "a"}]]}},
     'can\'t parse InlineKeyboardButton: Can\'t find field "text"'),
    ("sendMessage", {"text": "x", "reply_markup": {"inline_keyboard": [{"text": "a"}]}},
     'stand-in: Field "reply_markup.inline_keyboard[0]" must be of type Array'),
    ("sendMessage", {"text": "x", "reply_markup": button()},
     "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"),
    ("sendMessage", {"text": "x", "reply_markup": button(callback_data="x" * 65)}, "BUTTON_DATA_INVALID"),
    ("sendMessage", {"text": "x", "reply_markup": button(callback_data="商" * 22)}, "BUTTON_DATA_INVALID"),
    ("sendMessage", {"text": "x", "reply_markup": button(callback_data="")}, "BUTTON_DATA_INVALID"),
    ("sendMessage", {"text": "x", "reply_markup": button(callback_data="a", url="https://example.org")},
     "stand-in: a button does one thing, not callback_data, url"),
    ("sendMessage", {"text": "x", "reply_markup": button(url="no address")},
     "inline keyboard button URL 'no address' is invalid: Wrong HTTP URL"),
    ("sendMessage", {"text": "x", "reply_markup": button(callback_data="a", colour="red")},
     'stand-in: InlineKeyboardButton has no field "colour" (at reply_markup.inline_keyboard[0][0])'),
    ("sendMessage", {"text": "x", "reply_parameters": {"message_id": "1"}},
     'stand-in: Field "reply_parameters.message_id" must be of type Number'),
    ("sendMessage", {"text": "x", "reply_parameters": [1]}, "reply_parameters: object expected"),
    ("sendMessage", {"text": "x", "reply_markup": button(callback_data="a", style="pink")},
     'stand-in: "reply_markup.inline_keyboard[0][0].style" must be one of danger, primary, success'),
    ("sendMessage", {"text": "x", "chat_id": 1.5}, 'stand-in: "chat_id" must be one of Integer, String'),
    ("sendLocation", {"latitude": [], "longitude": 1}, 'stand-in: Field "latitude" must be of type Number'),
    ("setMyCommands", {"chat_id": None, "commands": [], "scope": {"type": "moon"}},
     'stand-in: "scope" is none of BotCommandScopeDefault, BotCommandScopeAllPrivateChats, '
     "BotCommandScopeAllGroupChats, BotCommandScopeAllChatAdministrators, BotCommandScopeChat, "
     "BotCommandScopeChatAdministrators, BotCommandScopeChatMember"),
    ("setChatPhoto", {"photo": "a"}, 'stand-in: "photo" must be an uploaded file'),
    ("sendPhoto", {}, "there is no photo in the request"),
    ("sendPhoto", {"photo": "unheard"}, "wrong file identifier/HTTP URL specified"),
    ("sendPhoto", {"photo": "attach://gone"}, 'stand-in: no file "gone" in the request'),
    ("sendPhoto", {"photo": "https://example.org/a.png", "caption": "x" * 1025}, "message caption is too long"),
    ("sendMediaGroup", {"media": [{"type": "photo", "media": "https://example.org/a.png"}]},
     'stand-in: "media" must have 2-10 items, has 1'),
    ("sendChatAction", {"action": "sleeping"}, "wrong parameter action in request"),
    ("editMessageText", {"message_id": 99, "text": "x"}, "message to edit not found"),
    ("editMessageText", {"message_id": 1, "text": "x"}, "message can't be edited"),
    ("editMessageText", {"text": "x"}, "message identifier is not specified"),
    ("editMessageText", {"message_id": 1, "text": "x" * 4097}, "MESSAGE_TOO_LONG"),
    ("editMessageText", {"message_id": 1, "text": " "}, "message text is empty"),
    ("editMessageText", {"message_id": 1}, "message text is empty"),
    ("editMessageText", {"chat_id": None, "message_id": 1, "text": "x"}, "chat_id is empty"),
    ("editMessageText", {"chat_id": None, "inline_message_id": "gone", "text": "x"}, "MESSAGE_ID_INVALID"),
    ("deleteMessage", {"message_id": 99}, "message to delete not found"),
    ("getChatAdministrators", {}, "there are no administrators in the private chat"),
    ("leaveChat", {}, "chat member status can't be changed in private chats"),
    ("getBusinessConnection", {"chat_id": None, "business_connection_id": "gone"}, "business connection not found"),
    ("sendMediaGroup", {"media": [{"type": "photo", "media": "https://example.org/a.png"},
                                  {"type": "document", "media": "https://example.org/a.pdf"}]},
     "stand-in: documents and audio files cannot be mixed with other kinds in an album"),
    ("copyMessage", {"from_chat_id": 12, "message_id": 1}, "chat not found"),
    ("getChatMember", {"user_id": 12}, "PARTICIPANT_ID_INVALID"),
    ("getFile", {"chat_id": None, "file_id": "unheard"}, "wrong file_id or the file is temporarily unavailable"),
    ("setMyCommands", {"chat_id": None, "commands": [{"command": "Über", "description": "x"}]}, "BOT_COMMAND_INVALID"),
    ("setMyCommands", {"chat_id": None, "commands": [{"command": "x" * 33, "description": "x"}]},
     "BOT_COMMAND_INVALID"),
    ("setMyCommands", {"chat_id": None, "commands": [{"command": f"c{n}", "description": "x"} for n in range(101)]},
     "BOT_COMMANDS_TOO_MUCH"),
    ("setMyDescription", {"chat_id": None, "description": "x" * 513},
     'stand-in: "description" must have 0-512 characters, has 513'),
    ("setMyShortDescription", {"chat_id": None, "short_description": "x", "language_code": "zh-CN"},
     "invalid language code specified"),
    ("setWebhook", {"chat_id": None, "url": "http://example.org/hook"},
     "bad webhook: An HTTPS URL must be provided for webhook"),
    ("setWebhook", {"chat_id": None, "url": "https://example.org", "secret_token": "a b"},
     "secret token contains unallowed characters"),
    ("getUpdates", {"chat_id": None, "limit": 101}, 'stand-in: "limit" must have 1-100 value, has 101'),
]  # fmt: skip


@pytest.mark.parametrize(("method", "params", "words"), REFUSED)
async def test_refused(call: Send, ann: Json, method: str, params: Json, words: str) -> None:
    given = {"chat_id": ann["id"], **params}
    answer = await call(method, **{name: value for name, value in given.items() if value is not None})
    assert answer == {"ok": False, "error_code": 400, "description": f"Bad Request: {words}"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<p>x</p>", 'Unsupported start tag "p" at byte offset 0'),
        ("费用<x>", 'Unsupported start tag "x" at byte offset 6'),
        ("a < b", 'Unsupported start tag "" at byte offset 2'),
        ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("<b>x</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
        ("<b", "Unclosed start tag at byte offset 0"),
        ("<b ", "Unclosed start tag at byte offset 0"),
        ('<a ="x">x</a>', 'Empty attribute name in the tag "a" at byte offset 0'),
        ("x&#xD800;", "stand-in: no character has the number of the reference at byte offset 1"),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ('<tg-emoji emoji-id="x">x</tg-emoji>', "Invalid custom emoji identifier specified"),
        ("a & b", 'stand-in: "&" must be written as "&amp;" at byte offset 2'),
        ("&nbsp;", 'stand-in: "&" must be written as "&amp;" at byte offset 0'),
        ('<b class="x">x</b>', 'stand-in: the tag "b" takes no attribute "class" (byte offset 0)'),
        ("<a>x</a>", 'stand-in: the tag "a" has no usable href at byte offset 0'),
    ],
)
async def test_html_refused(call: Send, ann: Json, text: str, words: str) -> None:
    answer = await call("sendMessage", chat_id=ann["id"], text=text, parse_mode="HTML")
    assert answer["description"] == HTML + words


@pytest.mark.parametrize(
    ("source", "text", "entities"),
    [
        ("<b>费</b>", "费", [("bold", 0, 1)]),
        ("😀<i>a<u>b</u></i>", "😀ab", [("italic", 2, 2), ("underline", 3, 1)]),
        ("&lt;&gt;&amp;&quot;&#33;&#x1F600;", '<>&"!😀', []),
        ("<blockquote expandable>a</blockquote>", "a", [("expandable_blockquote", 0, 1)]),
        ('<pre><code class="language-py">a</code></pre>', "a", [("pre", 0, 1)]),
        ("<tg-spoiler>a</tg-spoiler><s>b</s><code>c</code>", "abc",
         [("spoiler", 0, 1), ("strikethrough", 1, 1), ("code", 2, 1)]),
        ('<a href="https://e.org/?a=1&amp;b=2">x</a>', "x", [("text_link", 0, 1)]),
    ],
)  # fmt: skip
async def test_html_read(source: str, text: str, entities: list[tuple[str, int, int]]) -> None:
    got, found = parse_html(source)
    assert (got, [(one["type"], one["offset"], one["length"]) for one in found]) == (text, entities)


async def test_length_counts_after_parsing(call: Send, ann: Json) -> None:
    answer = await call("sendMessage", chat_id=ann["id"], text=f"<b>{'x' * 4090}&amp;</b>", parse_mode="HTML")
    assert answer["ok"]
    assert len(answer["result"]["text"]) == 4091


async def test_unknown_method_wrong_token_and_no_json(api: BotApi, http: ClientSession, call: Send) -> None:
    assert await call("sendLove") == {"ok": False, "error_code": 404, "description": "Not Found"}
    async with http.post(f"{api.url}/bot1:wrong/getMe") as answer:
        assert await answer.json() == {"ok": False, "error_code": 401, "description": "Unauthorized"}
    url, headers = f"{api.url}/bot{api.token}/sendMessage", {"Content-Type": "application/json"}
    async with http.post(url, data=b"[", headers=headers) as answer:
        assert answer.status == 400


# --- where the bot may write ---


async def test_who_cannot_be_written_to(api: BotApi, call: Send) -> None:
    bob, stranger, robot = api.user("Bob"), api.user("Cid"), api.user("Dot", is_bot=True)
    group = api.group(members=[bob, robot])

    async def words(chat: Json) -> tuple[int, str]:
        answer = await call("sendMessage", chat_id=chat["id"], text="x")
        return answer["error_code"], answer["description"]

    assert await words(bob) == (403, "Forbidden: bot can't initiate conversation with a user")
    assert await words(stranger) == (400, "Bad Request: chat not found")
    assert await words(robot) == (403, "Forbidden: bots can't send messages to bots")
    api.start(bob)
    api.block(bob)
    assert await words(bob) == (403, "Forbidden: bot was blocked by the user")
    api.room(bob).blocked, api.room(bob).deactivated = False, True
    assert await words(bob) == (403, "Forbidden: user is deactivated")
    api.room(group).can_send = False
    assert await words(group) == (400, "Bad Request: not enough rights to send text messages to the chat")
    api.remove_bot(group, bob)
    assert await words(group) == (403, "Forbidden: bot was kicked from the supergroup chat")
    assert await words(api.group(bot=None)) == (403, "Forbidden: bot is not a member of the supergroup chat")


async def test_migrated_group_names_its_new_id(api: BotApi, call: Send, ann: Json) -> None:
    group = api.group(members=[ann], supergroup=False)
    new = api.migrate(group, ann)
    answer = await call("sendMessage", chat_id=group["id"], text="x")
    assert answer["description"] == "Bad Request: group chat was upgraded to a supergroup chat"
    assert answer["parameters"] == {"migrate_to_chat_id": new["id"]}
    assert (await call("sendMessage", chat_id=new["id"], text="x"))["ok"]


async def test_in_a_migrated_group_messages_have_other_ids_and_old_ones_are_out_of_reach(
    api: BotApi, call: Send, ann: Json
) -> None:
    group = api.group(members=[ann], supergroup=False)
    ours = (await call("sendMessage", chat_id=group["id"], text="x"))["result"]
    new = api.migrate(group, ann)
    to, since, joined = [one for one in api.pending if "message" in one or "my_chat_member" in one][-3:]
    assert to["message"]["migrate_to_chat_id"] == new["id"] == joined["my_chat_member"]["chat"]["id"]
    assert (since["message"]["migrate_from_chat_id"], since["message"]["message_id"]) == (group["id"], 1)
    assert joined["my_chat_member"]["old_chat_member"]["status"] == "left"
    with pytest.raises(ValueError, match="nobody can write"):
        api.message(ann, "anybody here?", chat=group)
    reply = api.message(ann, "yes", chat=new, reply_to=ours, deliver=True)["message"]
    assert "reply_to_message" not in reply
    assert reply["external_reply"]["origin"]["sender_user"]["id"] == api.bot["id"]
    assert "chat" not in reply["external_reply"]
    for method in ("copyMessage", "forwardMessage"):
        answer = await call(method, chat_id=new["id"], from_chat_id=group["id"], message_id=ours["message_id"])
        assert answer["parameters"] == {"migrate_to_chat_id": new["id"]}


async def test_topics(api: BotApi, call: Send, ann: Json) -> None:
    group = api.group(members=[ann], forum=True)
    thread = api.topic(group)
    question = api.message(ann, "/fees", chat=group, thread=thread)["message"]
    reply = {"message_id": question["message_id"]}
    answer = await call("sendMessage", chat_id=group["id"], text="x", reply_parameters=reply)
    assert (answer["result"]["message_thread_id"], answer["result"]["is_topic_message"]) == (thread, True)
    api.close_topic(group, thread)
    answer = await call("sendMessage", chat_id=group["id"], text="x", message_thread_id=thread)
    assert answer["description"] == "Bad Request: TOPIC_CLOSED"


async def test_business_account(api: BotApi, call: Send) -> None:
    owner, customer = api.user("Olga"), api.user("Kim")
    connection = api.business(owner)
    api.business_message(connection, customer, "hi")
    params = {"chat_id": customer["id"], "text": "x"}
    answer = await call("sendMessage", business_connection_id=connection["id"], **params)
    assert answer["result"]["business_connection_id"] == connection["id"]
    assert answer["result"]["from"] == owner
    answer = await call("sendMessage", business_connection_id="gone", **params)
    assert answer["description"] == "Bad Request: business connection not found"
    answer = await call("sendMessage", business_connection_id=connection["id"], chat_id=owner["id"], text="x")
    assert answer["description"] == "Bad Request: BUSINESS_PEER_INVALID"
    api.business(owner, rights=(), id=connection["id"])
    answer = await call("sendMessage", business_connection_id=connection["id"], **params)
    assert answer["description"] == "Bad Request: BUSINESS_PEER_USAGE_MISSING"


# --- edits, presses, inline mode ---


async def test_edits(api: BotApi, call: Send, ann: Json) -> None:
    sent = (await call("sendMessage", chat_id=ann["id"], text="a", reply_markup=button(callback_data="y")))["result"]
    where = {"chat_id": ann["id"], "message_id": sent["message_id"]}
    same = await call("editMessageText", text="a", reply_markup=button(callback_data="y"), **where)
    assert same["description"].startswith("Bad Request: message is not modified: specified new message content and")
    assert (await call("editMessageReplyMarkup", **where))["result"].get("reply_markup") is None
    again = await call("editMessageReplyMarkup", **where)
    assert again["description"].startswith("Bad Request: message is not modified")
    other = await call("editMessageReplyMarkup", reply_markup={"keyboard": [[{"text": "a"}]]}, **where)
    assert other["description"] == "Bad Request: inline keyboard expected"
    assert (await call("editMessageText", text="b", **where))["result"]["text"] == "b"
    assert [one["text"] for one in api.sent(ann)] == ["b"]
    assert (await call("deleteMessage", **where))["result"] is True
    assert api.sent(ann) == []


async def test_edit_of_a_picture_has_no_text(call: Send, ann: Json) -> None:
    sent = (await call("sendPhoto", chat_id=ann["id"], photo="https://example.org/a.png"))["result"]
    answer = await call("editMessageText", chat_id=ann["id"], message_id=sent["message_id"], text="x")
    assert answer["description"] == "Bad Request: there is no text in the message to edit"


async def test_caption_of_a_text_is_not_edited(call: Send, ann: Json) -> None:
    sent = (await call("sendMessage", chat_id=ann["id"], text="x"))["result"]
    answer = await call("editMessageCaption", chat_id=ann["id"], message_id=sent["message_id"], caption="x")
    assert answer["description"] == "Bad Request: there is no caption in the message to edit"


async def test_others_messages_are_deleted_by_administrators_only(api: BotApi, call: Send, ann: Json) -> None:
    group = api.group(members=[ann])
    said = api.message(ann, "hi", chat=group)["message"]
    where = {"chat_id": group["id"], "message_id": said["message_id"]}
    assert (await call("deleteMessage", **where))["description"] == "Bad Request: message can't be deleted"
    api.add_bot(group, ann, "administrator")
    assert (await call("deleteMessage", **where))["ok"]


@pytest.mark.parametrize(
    ("method", "verb", "done"), [("copyMessage", "copy", "copied"), ("forwardMessage", "forward", "forwarded")]
)
async def test_copies(api: BotApi, call: Send, ann: Json, method: str, verb: str, done: str) -> None:
    async def send(message_id: int) -> Json:
        return await call(method, chat_id=ann["id"], from_chat_id=ann["id"], message_id=message_id)

    assert (await send(99))["description"] == f"Bad Request: message to {verb} not found"
    service = api.message(ann, pinned_message=api.room(ann).messages[1])["message"]
    assert (await send(service["message_id"]))["description"] == f"Bad Request: message can't be {done}"
    assert (await send(1))["ok"]
    assert api.sent(ann)[-1]["text"] == "hello"


async def test_press_is_answered_once(api: BotApi, call: Send, ann: Json) -> None:
    sent = (await call("sendMessage", chat_id=ann["id"], text="a", reply_markup=button(callback_data="y")))["result"]
    query = api.press(ann, sent, "Yes")["callback_query"]
    assert (query["data"], query["message"]["text"]) == ("y", "a")
    long = await call("answerCallbackQuery", callback_query_id=query["id"], text="x" * 201)
    assert long["description"] == "Bad Request: MESSAGE_TOO_LONG"
    assert (await call("answerCallbackQuery", callback_query_id=query["id"]))["ok"]
    assert (await call("answerCallbackQuery", callback_query_id=query["id"]))["description"] == OLD
    with pytest.raises(LookupError, match="there are: Yes"):
        api.press(ann, sent, "No")


async def test_inline_mode(api: BotApi, call: Send, ann: Json) -> None:
    def article(id: str, text: str = "x") -> Json:
        return {"type": "article", "id": id, "title": "t", "input_message_content": {"message_text": text}}

    async def words(results: list[Json]) -> str:
        answer = await call("answerInlineQuery", inline_query_id=query["id"], results=results)
        return str(answer.get("description", "ok"))

    query = api.inline_query(ann, "deposit")["inline_query"]
    assert await words([article(str(n)) for n in range(51)]) == "Bad Request: RESULTS_TOO_MUCH"
    assert await words([article("a"), article("a")]) == "Bad Request: RESULT_ID_DUPLICATE"
    assert await words([article("a" * 65)]) == "Bad Request: RESULT_ID_INVALID"
    assert await words([article("a", "x" * 4097)]) == "Bad Request: message is too long"
    assert await words([article("a", " ")]) == "Bad Request: message text is empty"
    far = await call("answerInlineQuery", inline_query_id=query["id"], results=[], next_offset="x" * 65)
    assert far["description"] == "Bad Request: NEXT_OFFSET_INVALID"
    missing = {"type": "article", "id": "a", "title": "t"}
    assert "input_message_content" in await words([missing])
    assert await words([article("a")]) == "ok"
    assert await words([article("a")]) == OLD
    assert api.choose(ann, query, "a")["chosen_inline_result"]["result_id"] == "a"
    assert len(api.inline_query(ann, "x" * 10_000)["inline_query"]["query"]) == 10_000


# --- polling and webhooks ---


async def test_polling_confirms_by_offset(api: BotApi, call: Send, ann: Json) -> None:
    second = api.message(ann, "two")
    got = (await call("getUpdates"))["result"]
    assert [one["message"]["text"] for one in got] == ["hello", "two"]
    assert len((await call("getUpdates", limit=1))["result"]) == 1
    assert [one["message"]["text"] for one in (await call("getUpdates", offset=second["update_id"]))["result"]] == [
        "two"
    ]
    assert (await call("getUpdates", offset=second["update_id"] + 1))["result"] == []


async def test_long_poll_ends_when_an_update_arrives(api: BotApi, call: Send) -> None:
    polling = asyncio.create_task(call("getUpdates", timeout=20))
    await api.until(lambda: api.called("getUpdates"))
    api.message(api.user(), "now")
    assert (await asyncio.wait_for(polling, 2))["result"][0]["message"]["text"] == "now"


async def test_second_poller_ends_the_first(api: BotApi, call: Send) -> None:
    first = asyncio.create_task(call("getUpdates", timeout=20))
    await api.until(lambda: len(api.called("getUpdates")) == 1)
    second = asyncio.create_task(call("getUpdates", timeout=20))
    assert await asyncio.wait_for(first, 2) == {
        "ok": False,
        "error_code": 409,
        "description": "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
    }
    api.message(api.user(), "now")
    assert len((await asyncio.wait_for(second, 2))["result"]) == 1
    assert api.conflicts == 1


async def test_allowed_updates(api: BotApi, call: Send, ann: Json) -> None:
    await call("getUpdates", offset=-1, allowed_updates=["callback_query"])
    assert "update_id" not in api.message(ann, "unseen")
    assert "update_id" in api.callback(ann, "old")


async def test_privacy_mode(api: BotApi, call: Send, ann: Json) -> None:
    group = api.group(members=[ann])
    sent = (await call("sendMessage", chat_id=group["id"], text="x"))["result"]
    me = api.bot["username"]
    seen = {
        text: "update_id" in api.message(ann, text, chat=group)
        for text in ("hi", f"@{me} hi", "/a", f"/a@{me}", "/a@b_bot")
    }
    assert list(seen.values()) == [False, False, True, True, False]
    assert "update_id" in api.message(ann, "hi", chat=group, reply_to=sent)
    api.add_bot(group, ann, "administrator")
    assert "update_id" in api.message(ann, "hi", chat=group)
    assert "update_id" not in api.message(api.user(is_bot=True), "hi", chat=group)


class Hook:
    """A real webhook that answers what it is told to."""

    def __init__(self) -> None:
        self.got: list[tuple[Json, str | None]] = []
        self.answers: list[web.Response] = []

    async def receive(self, request: web.BaseRequest) -> web.Response:
        self.got.append((await request.json(), request.headers.get("X-Telegram-Bot-Api-Secret-Token")))
        return self.answers.pop(0) if self.answers else web.Response()


@contextlib.asynccontextmanager
async def hooked() -> AsyncIterator[tuple[Hook, str]]:
    hook = Hook()
    runner = web.ServerRunner(web.Server(hook.receive))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield hook, f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    finally:
        await runner.cleanup()


async def test_webhook_redelivers_until_2xx_in_order(api: BotApi, call: Send, ann: Json) -> None:
    async with hooked() as (hook, url):
        hook.answers = [web.Response(status=500), web.Response(status=403)]
        assert (await call("setWebhook", url=url, secret_token="s_1"))["ok"]
        api.message(ann, "two")
        await api.until(lambda: not api.pending)
        texts = [update["message"]["text"] for update, _ in hook.got]
        assert texts == ["hello", "hello", "hello", "two"]
        assert {secret for _, secret in hook.got} == {"s_1"}
        info = (await call("getWebhookInfo"))["result"]
        assert info["last_error_message"] == "Wrong response from the webhook: 403 Forbidden"
        polled = await call("getUpdates")
        assert polled["error_code"] == 409
        assert "while webhook is active" in polled["description"]
        await call("deleteWebhook")
        assert (await call("getUpdates"))["result"] == []


async def test_method_in_the_webhook_answer_is_called(api: BotApi, call: Send, ann: Json) -> None:
    async with hooked() as (hook, url):
        hook.answers = [web.json_response({"method": "sendMessage", "chat_id": ann["id"], "text": "at once"})]
        await call("setWebhook", url=url)
        await api.until(lambda: api.sent(ann))
        assert api.called("sendMessage")[0].via == "webhook"
        await api.until(lambda: not api.pending)


# --- faults ---


async def test_429_names_the_pause_and_an_early_call_is_marked(api: BotApi, call: Send, ann: Json) -> None:
    api.fault("429", "sendMessage", retry_after=7, times=1)
    answer = await call("sendMessage", chat_id=ann["id"], text="x")
    assert answer == {
        "ok": False,
        "error_code": 429,
        "description": "Too Many Requests: retry after 7",
        "parameters": {"retry_after": 7},
    }
    assert (await call("sendMessage", chat_id=ann["id"], text="x"))["ok"]
    assert [(one.done, one.early) for one in api.called("sendMessage")] == [(False, False), (True, True)]


async def test_502_is_html_and_nothing_is_done(api: BotApi, http: ClientSession, ann: Json) -> None:
    api.fault("502", "sendMessage")
    url = f"{api.url}/bot{api.token}/sendMessage"
    async with http.post(url, json={"chat_id": ann["id"], "text": "x"}) as answer:
        assert (answer.status, answer.content_type) == (502, "text/html")
    assert api.sent(ann) == []


@pytest.mark.parametrize(("kind", "arrived"), [("drop_before", 0), ("drop_after", 1)])
async def test_dropped_connections(api: BotApi, call: Send, ann: Json, kind: Any, arrived: int) -> None:
    api.fault(kind, "sendMessage")
    with pytest.raises((ServerDisconnectedError, ConnectionResetError)):
        await call("sendMessage", chat_id=ann["id"], text="x")
    assert len(api.sent(ann)) == arrived
    assert api.called("sendMessage")[0].done is bool(arrived)


async def test_probability_and_seed_repeat_a_run() -> None:
    def run(seed: int) -> list[bool]:
        fault = Fault("502", probability=0.2, seed=seed)
        return [fault.strikes("sendMessage") for _ in range(1000)]

    assert run(1) == run(1) != run(2)
    assert 150 < sum(run(1)) < 250


async def test_faults_of_all_methods_leave_polling_alone(api: BotApi, call: Send, ann: Json) -> None:
    api.fault("429")
    assert (await call("getUpdates"))["ok"]
    assert (await call("getMe"))["error_code"] == 429


# --- encodings, files ---


async def test_encodings(api: BotApi, http: ClientSession, ann: Json) -> None:
    url, markup = f"{api.url}/bot{api.token}/sendMessage", button(callback_data="y")
    fields = {"chat_id": str(ann["id"]), "text": "x", "reply_markup": json.dumps(markup)}
    multipart = FormData(fields, default_to_multipart=True)
    bodies: list[Json] = [{"json": {"chat_id": ann["id"], "text": "x", "reply_markup": markup}}, {"data": fields}]
    for body in [*bodies, {"data": multipart}, {"params": fields}]:
        async with http.post(url, **body) as answer:
            assert (await answer.json())["result"]["reply_markup"] == markup
    assert [one["message_id"] for one in api.sent(ann)] == [2, 3, 4, 5]


async def test_file_that_nothing_names_is_refused(api: BotApi, http: ClientSession, ann: Json) -> None:
    form = FormData({"chat_id": str(ann["id"]), "text": "x"})
    form.add_field("stray", b"x", filename="x.png")
    async with http.post(f"{api.url}/bot{api.token}/sendMessage", data=form) as answer:
        assert 'no parameter "stray"' in (await answer.json())["description"]


@pytest.mark.parametrize(
    ("method", "size", "code", "words"),
    [
        ("sendPhoto", 0, 400, "Bad Request: file must be non-empty"),
        ("sendPhoto", (10 << 20) + 1, 400, "Bad Request: file of size 10485761 bytes is too big for a photo; "
         "the maximum size is 10485760 bytes"),
        ("sendDocument", (50 << 20) + 1, 413, "Request Entity Too Large"),
    ],
)  # fmt: skip
async def test_size_of_an_upload(
    api: BotApi, http: ClientSession, ann: Json, method: str, size: int, code: int, words: str
) -> None:
    form = FormData({"chat_id": str(ann["id"])})
    form.add_field(method.removeprefix("send").lower(), io.BytesIO(bytes(size)), filename="x.bin")
    async with http.post(f"{api.url}/bot{api.token}/{method}", data=form) as answer:
        body = await answer.json()
    assert (body["error_code"], body["description"]) == (code, words)


async def test_a_large_file_cannot_be_fetched(api: BotApi, call: Send, ann: Json) -> None:
    file = api.document(ann, content=bytes((20 << 20) + 1))["message"]["document"]
    assert (await call("getFile", file_id=file["file_id"]))["description"] == "Bad Request: file is too big"


async def test_album(api: BotApi, http: ClientSession, ann: Json) -> None:
    media = [{"type": "photo", "media": "attach://a"}, {"type": "photo", "media": "attach://b", "caption": "c"}]
    form = FormData({"chat_id": str(ann["id"]), "media": json.dumps(media)})
    form.add_field("a", b"1", filename="a.png")
    form.add_field("b", b"2", filename="b.png")
    async with http.post(f"{api.url}/bot{api.token}/sendMediaGroup", data=form) as answer:
        sent = (await answer.json())["result"]
    assert len({one["media_group_id"] for one in sent}) == 1
    assert [one.get("caption") for one in sent] == [None, "c"]


# --- the real clients ---


async def test_aiogram(api: BotApi, bot: Bot, ann: Json) -> None:
    assert (await bot.get_me()).username == api.bot["username"]
    keyboard = InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="Yes", callback_data="y")]])
    sent = await bot.send_message(ann["id"], "<b>费用</b>", parse_mode="HTML", reply_markup=keyboard)
    assert (sent.text, sent.html_text) == ("费用", "<b>费用</b>")
    reply = await bot.send_message(ann["id"], "x", reply_parameters=ReplyParameters(message_id=sent.message_id))
    assert reply.reply_to_message
    picture = await bot.send_photo(ann["id"], BufferedInputFile(b"\x89PNG", "a.png"), caption="c")
    assert picture.photo
    again = await bot.send_photo(ann["id"], picture.photo[-1].file_id)
    assert again.photo == picture.photo
    with pytest.raises(TelegramBadRequest, match="can't use file of type Photo as Document"):
        await bot.send_document(ann["id"], picture.photo[-1].file_id)
    assert (await bot.download(picture.photo[-1])).read() == b"\x89PNG"  # type: ignore[union-attr]
    await bot.set_my_commands([BotCommand(command="help", description="Help")], language_code="zh")
    assert [one.command for one in await bot.get_my_commands(language_code="zh")] == ["help"]
    assert await bot.get_my_commands() == []
    api.press(ann, api.sent(ann)[0], "y")
    assert [update.event_type for update in await bot.get_updates()] == ["message", "callback_query"]
    assert (await bot.get_chat(ann["id"])).first_name == "Ann"
    with pytest.raises(TelegramBadRequest, match="message is too long"):
        await bot.send_message(ann["id"], "x" * 4097)


async def test_aiogram_meets_the_faults(api: BotApi, bot: Bot, ann: Json) -> None:
    # A 502 in HTML, as the real server gives it, is a ClientDecodeError to aiogram, not a TelegramServerError.
    for kind, error in (("429", TelegramRetryAfter), ("502", ClientDecodeError), ("drop_before", TelegramNetworkError)):
        api.fault(kind, times=1)  # type: ignore[arg-type]
        with pytest.raises(error):
            await bot.send_message(ann["id"], "x")
    assert api.sent(ann) == []


@pytest.mark.filterwarnings("ignore::telegram.warnings.PTBDeprecationWarning")
async def test_python_telegram_bot(api: BotApi, ptb: PtbBot, ann: Json) -> None:
    assert ptb.username == api.bot["username"]
    keyboard = PtbKeyboard([[PtbButton("Yes", callback_data="y")]])
    sent = await ptb.send_message(ann["id"], "<b>费用</b>", parse_mode="HTML", reply_markup=keyboard)
    assert sent.text_html == "<b>费用</b>"
    assert (await ptb.send_message(ann["id"], "x", reply_to_message_id=sent.message_id)).reply_to_message == sent
    file = await (await ptb.send_document(ann["id"], b"%PDF", filename="a.pdf")).document.get_file()  # type: ignore[union-attr]
    assert bytes(await file.download_as_bytearray()) == b"%PDF"
    await ptb.set_my_commands([("help", "Help")])
    assert [one.command for one in await ptb.get_my_commands()] == ["help"]
    api.press(ann, api.sent(ann)[0], "y")
    assert [bool(update.callback_query) for update in await ptb.get_updates()] == [False, True]
    with pytest.raises(BadRequest, match="Button_data_invalid"):
        await ptb.send_message(ann["id"], "x", reply_markup=PtbKeyboard([[PtbButton("a", callback_data="x" * 65)]]))
    api.fault("429", times=1, retry_after=3)
    with pytest.raises(RetryAfter):
        await ptb.send_message(ann["id"], "x")
    api.fault("502", times=1)
    with pytest.raises(NetworkError):
        await ptb.send_message(ann["id"], "x")


# --- the description ---


async def test_what_is_answered_fits_the_description(api: BotApi, call: Send, ann: Json) -> None:
    api.photo(ann, "see https://example.org")
    api.voice(ann)
    api.document(ann)
    api.sticker(ann)
    api.edit(api.message(ann, "/start@x a")["message"], "b")
    await call("sendDocument", chat_id=ann["id"], document="https://example.org/a.pdf", caption="a")
    await call("sendLocation", chat_id=ann["id"], latitude=1.5, longitude=2)
    group = api.group(members=[ann], admins=[api.user("Bo")])
    await call("sendMessage", chat_id=group["id"], text="@ann #a")
    await call("getChat", chat_id=group["id"])
    await call("getChat", chat_id=ann["id"])
    await call("getChatAdministrators", chat_id=group["id"])
    await call("getMe")
    await call("getWebhookInfo")
    for one in api.calls:
        assert one.error is None, one
        check_of(METHODS[one.method]["returns"][0])(one.result, one.method)


async def test_every_method_without_a_chat_gives_its_type(call: Send) -> None:
    for name, method in METHODS.items():
        if not any(spec.get("r") for spec in method["fields"].values()) and "chat_id" not in method["fields"]:
            answer = await call(name)
            assert answer["ok"], (name, answer)
            check_of(method["returns"][0])(answer["result"], name)


async def test_update_that_is_none_is_not_pushed_unless_asked(api: BotApi) -> None:
    with pytest.raises(Refusal):
        api.push({"message": {"text": "x"}})
    assert api.push({"message": {"text": "x"}}, check=False)["update_id"]
    assert minimal("Chat", id=1)["id"] == 1


# --- a process of its own ---


async def test_control_of_a_process_of_its_own(http: ClientSession) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.botapi", "--port", "0",
        stdout=asyncio.subprocess.PIPE, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    try:
        assert process.stdout
        said = json.loads(await process.stdout.readline())

        async def post(path: str, body: Any) -> Any:
            async with http.post(f"{said['url']}/{path}", json=body) as answer:
                return await answer.json()

        ann = await post("control/do", {"name": "user", "args": ["Ann"]})
        await post("control/do", [{"name": "message", "args": [ann, f"m{n}"]} for n in range(3)])
        assert len((await post(f"bot{said['token']}/getUpdates", {}))["result"]) == 3
        await post("control/fault", {"kind": "429", "method": "sendMessage", "times": 1})
        for _ in range(2):
            await post(f"bot{said['token']}/sendMessage", {"chat_id": ann["id"], "text": "x"})
        async with http.get(f"{said['url']}/control/calls?method=sendMessage") as answer:
            assert [bool(one["error"]) for one in await answer.json()] == [True, False]
        assert (await post("control/state", {}))["calls"] == 3
        assert "LookupError" in (await post("control/do", {"name": "__init__"}))["error"]
    finally:
        process.terminate()
        await process.wait()
