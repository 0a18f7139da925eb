"""The assistant on Telegram: the real aiogram client against the strict stand-in of the Bot API."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, Literal

import pytest
from pydantic import SecretStr

from bot import app
from bot.assistant import Assistant
from bot.channels.channel import Unreachable
from bot.channels.telegram.fields import Me, update_of
from bot.channels.telegram.updates import arrival, read_stored
from bot.knowledge.knowledge import Knowledge
from bot.model import Address
from bot.settings import Settings
from bot.store.sqlite import SqliteStore, open_sqlite
from tests.botapi import BotApi
from tests.conftest import TODAY

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

PRIVATE = {"id": 1, "type": "private", "is_bot": False, "first_name": "Ann"}
UNPACED: dict[str, Any] = {"sends_per_second": 0, "sends_per_chat_per_second": 0}
PATIENCE = 60  # seconds; the first question loads the encoder, which other tests at the same time make slow


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with BotApi() as served:
        yield served


@pytest.fixture
async def assistant(knowledge: Knowledge, tmp_path: Path) -> AsyncIterator[Assistant]:
    """An assistant with a store on the disk."""
    store = await open_sqlite(tmp_path / "assistant.db")
    yield Assistant(knowledge, store, lambda: TODAY)
    await store.close()


def opening(assistant: Assistant) -> Callable[[], Awaitable[Assistant]]:
    async def opened() -> Assistant:
        return assistant

    return opened


@contextlib.asynccontextmanager
async def serving(api: BotApi, assistant: Assistant) -> AsyncIterator[None]:
    settings = Settings(telegram_token=SecretStr(api.token), telegram_api_url=api.url, **UNPACED)
    store, stop = assistant.store, asyncio.Event()
    assert isinstance(store, SqliteStore)
    task = asyncio.create_task(app.answer(settings, opening(assistant), store, stop))
    try:
        await api.until(lambda: task.done() or api.called("getUpdates"), PATIENCE)
        yield
    finally:
        stop.set()
        await task


async def ask(api: BotApi, person: dict[str, Any], text: str) -> dict[str, Any]:
    before = len(api.sent(person["id"]))
    api.message(person, text)
    await api.until(lambda: len(api.sent(person["id"])) > before, timeout=PATIENCE)
    return api.sent(person["id"])[-1]


def buttons(message: dict[str, Any]) -> list[dict[str, str]]:
    return [button for row in message.get("reply_markup", {}).get("inline_keyboard", []) for button in row]


async def test_a_merchant_asks_and_reads_a_dated_answer_in_his_language(api: BotApi, assistant: Assistant) -> None:
    ann, wei = api.user("Ann", language="en"), api.user("Wei", language="zh-hans")
    async with serving(api, assistant):
        api.start(ann)
        api.start(wei)
        await api.until(lambda: api.sent(ann["id"]) and api.sent(wei["id"]), timeout=PATIENCE)
        english = await ask(api, ann, "how much is the deposit")
        chinese = await ask(api, wei, "保证金多少钱")
    assert "CNY 10,000 to CNY 50,000" in english["text"]
    assert "29 March 2022" in english["text"]
    assert "1万元至5万元" in chinese["text"]
    assert "2022年3月29日" in chinese["text"]
    assert {entity["type"] for entity in english["entities"]} >= {"bold", "italic"}
    refused = [call for call in api.calls if call.error]
    assert refused == []


async def test_the_commands_are_set_in_both_languages_and_answered(api: BotApi, assistant: Assistant) -> None:
    wei = api.user("Wei", language="zh-hans")
    async with serving(api, assistant):
        menus = [call.params for call in api.called("setMyCommands")]
        assert [menu.get("language_code") for menu in menus if "scope" not in menu] == [None, "zh"]
        for method in ("setMyDescription", "setMyShortDescription"):
            assert [call.params.get("language_code") for call in api.called(method)] == [None, "zh"]
        api.start(wei)
        await api.until(lambda: api.sent(wei["id"]))
        for command in ("/help", "/topics", "/language"):
            message = await ask(api, wei, command)
            assert any("\u4e00" <= character <= "\u9fff" for character in message["text"])
        choices = buttons(message)
        api.press(wei, message, choices[0]["text"])
        await api.until(lambda: "in English" in api.sent(wei["id"])[-1]["text"])
        english = await ask(api, wei, "/help")
        assert english["text"].startswith("Ask in your own words")


async def test_an_update_is_parsed_and_read_once_from_its_arrival_to_its_answer(
    api: BotApi, assistant: Assistant
) -> None:
    async with serving(api, assistant):
        ann, before = api.user("Ann", language="en"), read_stored.cache_info()
        await ask(api, ann, "/help")
    after = read_stored.cache_info()
    assert (after.misses - before.misses, after.hits - before.hits) == (1, 1)
    update = {
        "update_id": 5,
        "message": {"message_id": 5, "date": 1, "chat": PRIVATE, "from": PRIVATE, "text": "hello"},
    }
    found = arrival(update, Me(7))
    assert found
    assert update_of(found.payload) is update


async def test_a_press_is_answered_at_once_and_uses_the_buttons_up(api: BotApi, assistant: Assistant) -> None:
    ann = api.user("Ann")
    async with serving(api, assistant):
        message = await ask(api, ann, "/topics")
        before = len(api.sent(ann["id"]))
        api.press(ann, message, buttons(message)[0]["text"])
        await api.until(lambda: len(api.sent(ann["id"])) > before)
        methods = [call.method for call in api.calls if call.method != "getUpdates"]
        assert methods[-3:] == ["answerCallbackQuery", "editMessageReplyMarkup", "sendMessage"]
        api.callback(ann, "topic=no-such-topic", message=message)
        api.callback(ann, "rubbish from an older version \U0001f600", message=message)
        await api.until(lambda: len(api.sent(ann["id"])) >= before + 3)
    assert all(len(button["callback_data"].encode()) <= 64 for one in api.sent(ann["id"]) for button in buttons(one))


async def test_markup_in_a_message_is_words(api: BotApi, assistant: Assistant) -> None:
    ann = api.user("Ann")
    async with serving(api, assistant):
        for text in (
            "<b>how much",
            "{{ 7*7 }} {% for %}",
            "**deposit** <script>",
            "&lt; _x_ [a](b)",
            "x" * 4000,
            "\u202e\u202e",
            "😀😀",
            "ürün",
        ):
            await ask(api, ann, text)
    assert [call for call in api.calls if call.error] == []


async def test_what_is_no_text_gets_a_short_reply(api: BotApi, assistant: Assistant) -> None:
    ann = api.user("Ann")
    async with serving(api, assistant):
        api.photo(ann)
        api.voice(ann)
        api.document(ann)
        api.sticker(ann)
        await api.until(lambda: len(api.sent(ann["id"])) == 4)
    assert len({message["text"] for message in api.sent(ann["id"])}) == 4


async def test_a_merchant_gets_what_is_kept_of_him_as_a_file_and_has_it_erased(
    api: BotApi, assistant: Assistant
) -> None:
    ann = api.user("Ann")
    async with serving(api, assistant):
        await ask(api, ann, "how much is the deposit")
        api.message(ann, "/mydata")
        await api.until(lambda: len(api.sent(ann["id"])) == 3, PATIENCE)
        document = api.sent(ann["id"])[1]["document"]
        own = json.loads(api.file_contents[api.file_ids[document["file_id"]]["path"]])
        question = await ask(api, ann, "/forget")
        api.press(ann, question, "Yes, erase everything")
        await api.until(lambda: "about you is erased" in api.sent(ann["id"])[-1]["text"], PATIENCE)
    assert document["file_name"] == "my-data.json"
    assert own["conversation"]["topic"] == "deposit-amount"
    assert "CNY 10,000" in own["replies"][0]["reply"]["params"]["text"]
    store = assistant.store
    left = await store.belongings(Address("telegram", str(ann["id"]), str(ann["id"])))
    assert (left.conversation, left.events, left.told) == (None, (), ())
    assert not [call for call in api.calls if call.error]


@pytest.mark.parametrize("library", ["aiogram", "ptb"])
async def test_a_wrong_token_and_a_dead_address_are_told_clearly(
    library: Literal["aiogram", "ptb"], api: BotApi, assistant: Assistant
) -> None:
    store = assistant.store
    assert isinstance(store, SqliteStore)
    token = SecretStr("7000000002:" + "A" * 35)
    wrong = Settings(telegram_library=library, telegram_token=token, telegram_api_url=api.url)
    with pytest.raises(Unreachable, match="TELEGRAM_TOKEN; ask @BotFather"):
        await app.answer(wrong, opening(assistant), store, asyncio.Event())
    dead = Settings(telegram_library=library, telegram_token=token, telegram_api_url="http://127.0.0.1:9")
    with pytest.raises(Unreachable, match="cannot be reached"):
        await app.answer(dead, opening(assistant), store, asyncio.Event())
