"""Both frameworks, served and embedded: the same updates bring the same calls."""

from __future__ import annotations

import asyncio
import itertools
import os
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bot.assistant import Assistant
from bot.channels.channel import CallRefused, RecipientGone, RetryLater
from bot.channels.telegram import aiogram_bot, ptb_bot
from bot.channels.telegram.call import Call, Caller, UnknownToken
from bot.knowledge.knowledge import Knowledge
from bot.store.sqlite import open_sqlite
from tests.botapi import BotApi
from tests.conftest import TODAY
from tests.contract.frameworks import PATIENCE, WAYS, Way, calls_of
from tests.started import Started

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

ROOT = Path(__file__).parents[2]
Json = dict[str, Any]


async def answered(
    api: BotApi, person: Json, act: Callable[..., object], *what: Any, messages: int = 1, **options: Any
) -> Json:
    """The last message that answers what somebody does."""
    before = len(api.sent(person["id"]))
    act(person, *what, **options)
    await api.until(lambda: len(api.sent(person["id"])) >= before + messages, PATIENCE)
    return api.sent(person["id"])[-1]


def edit(person: Json, api: BotApi, text: str) -> None:
    """He writes, and corrects at once what he has written."""
    written = api.message(person, "thanks")["message"]
    api.edit(written, text)
    api.edit(written, text)


def helped(api: BotApi, person: Json) -> bool:
    return "/start" in api.sent(person["id"])[-1]["text"]


async def conversation(api: BotApi) -> None:
    """People of both languages, one after the other: words, presses, a check, what is no text, rubbish."""
    ann, wei = api.user("Ann", language="en"), api.user("Wei", language="zh-hans")
    for person, question in ((ann, "how much is the deposit"), (wei, "保证金多少钱")):
        await answered(api, person, api.start)
        await answered(api, person, api.message, question)
        await answered(api, person, api.start, "k-potential-goods")
        await answered(api, person, api.start, "of-a-poster-long-gone")
        await answered(api, person, edit, api, question, messages=2)
        topics = await answered(api, person, api.message, "/topics")
        button = topics["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
        await answered(api, person, api.callback, button, message=topics)
        await answered(api, person, api.callback, "from=an-older-version")
        await answered(api, person, api.message, "/check authentication")
        await answered(api, person, api.message, "1")
        await answered(api, person, api.photo, "<b>deposit")
        await answered(api, person, api.voice)
        await answered(api, person, api.message, "/help")
        # an answer of two messages may have come in its place
        await api.until(partial(helped, api, person), PATIENCE)


async def played(
    way: Way, knowledge: Knowledge, file: Path, act: Callable[[BotApi], Awaitable[None]], *refused: str
) -> list[Any]:
    """The calls that a conversation brings, of which none but `refused` may be."""
    store = await open_sqlite(file)
    assistant = Assistant(knowledge, store, lambda: TODAY, lambda: "5" * 19)
    try:
        clock = itertools.count(1_700_000_000, 10)
        async with BotApi(clock=lambda: next(clock)) as api:
            async with way(api, assistant):
                await act(api)
            assert [call for call in api.calls if call.error and call.method not in ("getUpdates", *refused)] == []
            return calls_of(api)
    finally:
        await store.close()


async def test_the_same_updates_bring_the_same_calls(knowledge: Knowledge, tmp_path: Path) -> None:
    ways = {
        name: await played(way, knowledge, tmp_path / f"{number}.db", conversation)
        for number, (name, way) in enumerate(WAYS.items())
    }
    first = ways.pop("served by aiogram")
    assert len(first) > 20
    for name, calls in ways.items():
        assert calls == first, name


# To press what is used up or gone is refused, and nothing is lost by it.
PRESSED = ("editMessageReplyMarkup", "answerCallbackQuery")


async def bad_input(api: BotApi) -> None:
    """What no merchant means to send. After each, another's question is answered as ever."""
    ann, boss, probe = api.user("Ann"), api.user("Boss"), api.user("Probe")

    async def goes_on() -> None:
        await answered(api, probe, api.message, "/help")

    await goes_on()
    topics = await answered(api, ann, api.message, "/topics")
    for payload in ("k-", "t-no-such-topic", "c-store-entry-x", "r-AAAA", "x" * 64, "保证金", "%00"):
        await answered(api, ann, api.start, payload)
    for data in ("store-entry.no_such=yes#abcd", "topic=gone", "=", "x" * 64, "check=", "group=on", "\u200b"):
        await answered(api, ann, api.callback, data, message=topics)
    gone = {"chat": api.room(ann).chat, "message_id": 99_999}
    await answered(api, ann, api.callback, "topic=deposit-amount", message=gone)
    await answered(api, ann, api.callback, "topic=deposit-amount")
    game = {"id": "1", "from": ann, "chat_instance": "1", "game_short_name": "chess"}
    await answered(api, ann, lambda _: api.push({"callback_query": game}, check=False))

    nobody = api.user("Deleted")
    nobody["first_name"] = ""
    await answered(api, nobody, api.message, "how much is the deposit")
    private = {"message_id": 1, "date": 1_700_000_000, "chat": api.room(nobody).chat}
    api.push({"message": {**private, "text": "nobody says this"}}, check=False)
    await goes_on()

    for fields in (
        {"hologram": {"width": 3}, "mood": ["new"], "text": "how much is the deposit"},
        {"hologram": {"width": 3}},
        {"text": "hello", "entities": [{"type": "hologram", "offset": 0, "length": 5}]},
    ):
        await answered(api, ann, api.message, check=False, **fields)
    for unknown in ({"hologram": {"from": ann}}, {}):
        api.push(unknown, check=False)
        await goes_on()

    group = api.group(members=[ann], admins=[boss], supergroup=False)

    async def asked(chat: Json) -> None:
        before = len(api.sent(chat))
        api.message(ann, f"/help@{api.bot['username']}", chat=chat)
        await api.until(lambda: len(api.sent(chat)) > before, PATIENCE)

    await asked(group)
    moved = api.migrate(group, boss)
    await asked(moved)
    api.message(ann, "how much", chat=moved, check=False, sender_chat={"id": -1009, "type": "channel"})
    api.remove_bot(moved, boss)
    await goes_on()
    api.block(ann)
    api.unblock(ann)
    await answered(api, ann, api.message, "thanks")
    await goes_on()


async def test_bad_input_breaks_nothing_and_brings_the_same_calls(knowledge: Knowledge, tmp_path: Path) -> None:
    ways = {
        name: await played(way, knowledge, tmp_path / f"{number}.db", bad_input, *PRESSED)
        for number, (name, way) in enumerate(WAYS.items())
    }
    first = ways.pop("served by aiogram")
    for name, calls in ways.items():
        assert calls == first, name


async def misshapen(api: BotApi) -> None:
    """What is no update as the description has it."""
    ann = api.user("Ann")
    group, changed = api.group(members=[ann]), {"from": ann, "date": 1}
    updates: tuple[Json, ...] = (
        {"message": {"date": 1}},
        {"message": None},
        {"message": {"message_id": 1, "chat": {"type": "private"}, "from": ann, "date": 1, "text": "hello"}},
        {"callback_query": {"id": "1"}},
        {"inline_query": {"id": "1"}},
        {"inline_query": None},
        {"my_chat_member": {**changed, "chat": group}},
        {"business_message": {"text": ["hello"], "chat": 1}},
        {"business_connection": {}},
    )
    for update in updates:
        api.push(update, check=False)
        await answered(api, ann, api.message, "/help")


@pytest.mark.parametrize("library", ["served by aiogram", "served by python-telegram-bot"])
async def test_what_is_no_update_holds_up_nobody(library: str, knowledge: Knowledge, tmp_path: Path) -> None:
    await played(WAYS[library], knowledge, tmp_path / "a.db", misshapen, *PRESSED, "answerInlineQuery")


# --- what a failed call means


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with BotApi() as served:
        yield served


@asynccontextmanager
async def plain_aiogram(token: str, url: str) -> AsyncIterator[Caller]:
    """The bot of an application, with aiogram's own session."""
    from aiogram import Bot
    from aiogram.client.session.aiohttp import AiohttpSession
    from aiogram.client.telegram import TelegramAPIServer

    async with Bot(token, AiohttpSession(api=TelegramAPIServer.from_base(url))) as bot:
        yield aiogram_bot.AiogramCaller(bot)


CALLERS: dict[str, Callable[[str, str], AbstractAsyncContextManager[Caller]]] = {
    "aiogram": aiogram_bot.open_caller,
    "ptb": ptb_bot.open_caller,
    "an application's aiogram": plain_aiogram,
}


@pytest.mark.parametrize("library", CALLERS)
async def test_what_a_failed_call_means_is_the_same_with_each(library: str, api: BotApi, tmp_path: Path) -> None:
    ann, gone = api.user("Ann"), api.user("Gone")
    for person in (ann, gone):
        api.start(person)
    api.block(gone)
    picture = tmp_path / "picture.jpg"
    picture.write_bytes(b"\xff\xd8" + bytes(300))

    def send(chat: int, **params: Any) -> Call:
        return Call("sendMessage", {"chat_id": chat, "text": "Hello", **params})

    async with CALLERS[library](api.token, api.url) as make:
        assert (await make(Call("getMe", {})))["username"] == api.bot["username"]
        assert (await make(send(ann["id"])))["message_id"] == api.sent(ann["id"])[-1]["message_id"]
        photo = await make(Call("sendPhoto", {"chat_id": ann["id"]}, {"photo": str(picture)}))
        assert photo["photo"][-1]["file_id"]
        with pytest.raises(RecipientGone, match="blocked"):
            await make(send(gone["id"]))
        with pytest.raises(RecipientGone, match=r"(?i)chat not found"):
            await make(send(99))
        with pytest.raises(CallRefused, match=r"(?i)parse entities"):
            await make(send(ann["id"], text="<b>", parse_mode="HTML"))
        api.fault("429", "sendMessage", retry_after=7, times=1)
        with pytest.raises(RetryLater) as later:
            await make(send(ann["id"]))
        assert later.value.seconds == 7
        api.fault("502", "sendMessage", times=1)
        with pytest.raises(RetryLater):
            await make(send(ann["id"]))
        api.fault("drop_before", "sendMessage", times=1)
        with pytest.raises(RetryLater):
            await make(send(ann["id"]))
    async with CALLERS[library]("7000000002:" + "A" * 35, api.url) as make:
        with pytest.raises(UnknownToken):
            await make(send(ann["id"]))


@pytest.mark.parametrize("library", CALLERS)
async def test_no_error_names_the_token(library: str) -> None:
    token = "7000000002:" + "A" * 35
    for address in ("http://127.0.0.1:9", "http://no-such-host.invalid", "http://127.0.0.1:9/a b"):
        async with CALLERS[library](token, address) as make:
            with pytest.raises((RetryLater, CallRefused)) as error:
                await make(Call("getMe", {}))
            assert "AAAA" not in str(error.value)


# --- what the README shows

EXAMPLES: list[str] = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
OWN_SERVER = {
    'Bot(os.environ["TELEGRAM_TOKEN"])': 'Bot(os.environ["TELEGRAM_TOKEN"], __import__("aiogram").client.session.aiohttp'
    '.AiohttpSession(api=__import__("aiogram").client.telegram.TelegramAPIServer.from_base(os.environ["URL"])))',
    '.token(os.environ["TELEGRAM_TOKEN"])': '.token(os.environ["TELEGRAM_TOKEN"]).base_url(os.environ["URL"] + "/bot")',
}


APPLICATIONS = {
    "aiogram": next(code for code in EXAMPLES if "from aiogram import" in code),
    "python-telegram-bot": next(code for code in EXAMPLES if "from telegram.ext import" in code),
    **{file.stem: file.read_text("utf-8") for file in (ROOT / "tests" / "embedded").glob("*_0_1_0.txt")},
}


@pytest.mark.parametrize("application", APPLICATIONS)
async def test_an_application_that_embeds_it_answers(
    application: str, api: BotApi, tmp_path: Path, cache: Path
) -> None:
    """Those of the README, now and of earlier versions."""
    code = APPLICATIONS[application]
    for official, own in OWN_SERVER.items():
        code = code.replace(official, own)
    assert 'environ["URL"]' in code
    environment = {
        **os.environ,
        "TELEGRAM_TOKEN": api.token,
        "URL": api.url,
        "DATABASE_URL": f"sqlite:///{tmp_path / 'assistant.db'}",
        "PYTHONPATH": str(ROOT),
        "MERCHANT_BOT_CACHE": str(cache),
    }
    process = await asyncio.to_thread(Started, [code], environment, cwd=tmp_path, module="tests.embedding")
    try:
        ann = api.user("Ann")
        answer = await answered(api, ann, api.message, "how much is the deposit")
        assert "CNY 10,000 to CNY 50,000" in answer["text"]
    finally:
        process.send_signal(signal.SIGTERM)
        await asyncio.to_thread(process.wait, PATIENCE)


def test_the_package_alone_loads_no_framework() -> None:
    code = (
        "import sys, bot.app, bot.channels.telegram.embedded, bot.channels.telegram.connection as s; "
        "assert not {'aiogram', 'telegram'} & set(sys.modules), 'loaded'"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
    code = "import sys, bot.commands.line; assert not {'aiohttp', 'aiogram', 'telegram'} & set(sys.modules), 'loaded'"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
