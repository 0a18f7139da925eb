"""Every channel as people meet it: write, press, read. What each promises is in test_channels.py."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from html import unescape
from typing import Any, Protocol

from pydantic import SecretStr

from bot import app
from bot.assistant import Assistant
from bot.channels.text import as_text
from bot.channels.wechat.messages import arrival
from bot.channels.wechat.texts import shown as shown_words
from bot.knowledge.knowledge import Knowledge
from bot.model import Address, Language, Message
from bot.settings import Settings
from bot.store import MemoryStore, Store, file_of, open_store
from tests.botapi import BotApi
from tests.conftest import TODAY
from tests.contract.lines import Folder
from tests.crash import free_port
from tests.visitors import PATIENCE, Visitor, ready, serving
from tests.wechat_platform import Account, Shown, WeChatPlatform


@dataclass(frozen=True)
class Heard:
    """The answer to a message: its words without markup, and the labels of what may be pressed."""

    text: str
    labels: tuple[str, ...] = ()


class Person(Protocol):
    """Somebody with an account on the channel, or with a browser."""

    async def say(self, text: str) -> Heard: ...

    async def say_all(self, texts: list[str]) -> list[Heard]:
        """Write messages without waiting for answers; returns the answers in the order in which they came."""

    async def press(self, label: str, back: int = 0) -> Heard:
        """Press a button of the last answer, or of one so many answers before it."""


class Running(Protocol):
    """A process that serves the channel. The same name is the same person, in the next process too."""

    async def person(self, name: str, lang: Language) -> Person: ...


Start = Callable[[Knowledge, str], AbstractAsyncContextManager[Running]]


# --- web


class WebPerson:
    def __init__(self, visitor: Visitor) -> None:
        self.visitor = visitor

    async def say(self, text: str) -> Heard:
        return heard(await self.visitor.say(text))

    async def say_all(self, texts: list[str]) -> list[Heard]:
        before = len(self.visitor.turns)
        for text in texts:
            await self.visitor.send(text)
        while len(self.visitor.turns) < before + len(texts):
            await self.visitor.hear()
        return [heard(turn) for turn in self.visitor.turns[before:]]

    async def press(self, label: str, back: int = 0) -> Heard:
        return heard(await self.visitor.press(label, back))


def heard(turn: dict[str, Any]) -> Heard:
    """A turn without its HTML."""
    text = "\n\n".join(unescape(re.sub(r"<[^>]*>", "", reply["html"])) for reply in turn["replies"])
    return Heard(text, tuple(label for label, _ in turn["replies"][-1].get("buttons", ())))


class Web:
    def __init__(self, url: str, database: str, stack: contextlib.AsyncExitStack) -> None:
        self.url, self.database, self.stack = url, database, stack

    async def person(self, name: str, lang: Language) -> Person:
        visitor = Visitor(self.url, lang, cookie=COOKIES.get((self.database, name), ""))
        await self.stack.enter_async_context(visitor)
        (kept,) = list(visitor.session.cookie_jar)
        COOKIES[self.database, name] = kept.value
        return WebPerson(visitor)


COOKIES: dict[tuple[str, str], str] = {}  # what the browsers keep


@contextlib.asynccontextmanager
async def web(knowledge: Knowledge, database: str) -> AsyncIterator[Running]:
    async with serving(knowledge, database) as url, contextlib.AsyncExitStack() as stack:
        yield Web(url, database, stack)


# --- Telegram


class TelegramPerson:
    def __init__(self, api: BotApi, user: dict[str, Any]) -> None:
        self.api, self.user = api, user

    @property
    def sent(self) -> list[dict[str, Any]]:
        return self.api.sent(self.user["id"])

    async def say(self, text: str) -> Heard:
        return (await self.say_all([text]))[0]

    async def say_all(self, texts: list[str]) -> list[Heard]:
        before = len(self.sent)
        for text in texts:
            self.api.message(self.user, text)
        return await self.after(before, len(texts))

    async def press(self, label: str, back: int = 0) -> Heard:
        before = len(self.sent)
        says = next(says for text, says in keyboard(self.sent[-1 - back]) if text == label)
        self.api.callback(self.user, says, message=self.sent[-1 - back])
        return (await self.after(before, 1))[0]

    async def after(self, before: int, count: int) -> list[Heard]:
        await self.api.until(lambda: len(self.sent) >= before + count, timeout=PATIENCE)
        return [Heard(one["text"], tuple(label for label, _ in keyboard(one))) for one in self.sent[before:]]


def keyboard(message: dict[str, Any]) -> list[tuple[str, str]]:
    """The buttons that a message had when it was sent: they stay in old pictures of a screen."""
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return [(button["text"], button["callback_data"]) for row in rows for button in row]


class Telegram:
    def __init__(self, api: BotApi) -> None:
        self.api = api

    async def person(self, name: str, lang: Language) -> Person:
        user = USERS.get((id(self.api), name)) or self.api.user(name, language="zh-hans" if lang == "zh" else "en")
        USERS[id(self.api), name] = user
        return TelegramPerson(self.api, user)


USERS: dict[tuple[int, str], dict[str, Any]] = {}
APIS: dict[str, BotApi] = {}


@contextlib.asynccontextmanager
async def telegram(knowledge: Knowledge, database: str) -> AsyncIterator[Running]:
    api = APIS.get(database)
    async with contextlib.AsyncExitStack() as stack:
        if api is None:
            api = await stack.enter_async_context(BotApi())
        settings = Settings(
            telegram_token=SecretStr(api.token),
            telegram_api_url=api.url,
            sends_per_second=0,
            sends_per_chat_per_second=0,
        )
        store, stop = await open_store(database), asyncio.Event()

        async def opening() -> Assistant:
            return Assistant(knowledge, store, lambda: TODAY)

        begun = len(api.called("getUpdates"))
        task = asyncio.create_task(app.answer(settings, opening, store, stop))
        await api.until(lambda: task.done() or len(api.called("getUpdates")) > begun, PATIENCE)
        try:
            yield Telegram(api)
        finally:
            stop.set()
            await task
            await store.close()


# --- the terminal


class TerminalPerson:
    """Reads plain text, and presses by number, as one does in a terminal."""

    def __init__(self, assistant: Assistant, name: str, lang: Language) -> None:
        self.assistant, self.address, self.lang = assistant, Address("terminal", name, name), lang
        self.labels: tuple[str, ...] = ()

    async def say(self, text: str) -> Heard:
        replies = self.assistant.receive_now(Message(self.address, text, hint=self.lang)).replies
        self.labels = tuple(button.label for button in replies[-1].buttons)
        return Heard("\n\n".join(as_text(reply) for reply in replies), self.labels)

    async def say_all(self, texts: list[str]) -> list[Heard]:
        return [await self.say(text) for text in texts]

    async def press(self, label: str, back: int = 0) -> Heard:
        return await self.say(label if back else str(self.labels.index(label) + 1))


class Terminal:
    def __init__(self, knowledge: Knowledge) -> None:
        self.assistant = Assistant(knowledge, MemoryStore(), lambda: TODAY)

    async def person(self, name: str, lang: Language) -> Person:
        return TerminalPerson(self.assistant, name, lang)


@contextlib.asynccontextmanager
async def terminal(knowledge: Knowledge, database: str) -> AsyncIterator[Running]:
    yield Terminal(knowledge)


# --- lines


class LinesPerson:
    """Reads plain text, and presses by number."""

    def __init__(self, folder: Folder, name: str, lang: Language, task: asyncio.Task[None]) -> None:
        self.folder, self.name, self.lang, self.task = folder, name, lang, task
        self.labels: tuple[str, ...] = ()

    async def say(self, text: str) -> Heard:
        return (await self.say_all([text]))[0]

    async def say_all(self, texts: list[str]) -> list[Heard]:
        before = len(self.folder.said(self.name))
        for text in texts:
            self.folder.write(self.name, text, lang=self.lang)
        async with asyncio.timeout(PATIENCE):
            while len(told := self.folder.said(self.name)) < before + len(texts) and not self.task.done():
                await asyncio.sleep(0.01)
        answers = [Heard(text, tuple(NUMBERED.findall(text))) for text in told[before:]]
        self.labels = answers[-1].labels
        return answers

    async def press(self, label: str, back: int = 0) -> Heard:
        return await self.say(label if back else str(self.labels.index(label) + 1))


NUMBERED = re.compile(r"(?m)^  \d+\. (.+)$")


@dataclass(frozen=True)
class LinesRun:
    folder: Folder
    task: asyncio.Task[None]

    async def person(self, name: str, lang: Language) -> Person:
        return LinesPerson(self.folder, name, lang, self.task)


@contextlib.asynccontextmanager
async def lines(knowledge: Knowledge, database: str) -> AsyncIterator[Running]:
    file = file_of(database)
    assert file
    folder = Folder(file.parent)
    async with running(knowledge, database, folder) as task:
        yield LinesRun(folder, task)


@contextlib.asynccontextmanager
async def running(
    knowledge: Knowledge,
    database: str,
    folder: Folder,
    made: Callable[..., Assistant] = Assistant,
    **settings: Any,
) -> AsyncIterator[asyncio.Task[None]]:
    """A process that serves a folder."""
    chosen = Settings(**{"_env_file": None, "messages_per_minute": 0, **settings})
    store, stop = await open_store(database), asyncio.Event()

    async def opening() -> Assistant:
        return made(knowledge, store, lambda: TODAY)

    task = asyncio.create_task(app.answer(chosen, opening, store, stop, among=[folder.platform]))
    try:
        yield task
    finally:
        stop.set()
        await task
        await store.close()


# --- WeChat


class WeChatPerson:
    """Reads what the app shows, asks for what waits, and taps a choice where it is a link, else writes its number."""

    def __init__(self, platform: WeChatPlatform, store: Store, who: str) -> None:
        self.platform, self.store, self.who = platform, store, who
        self.texts: list[str] = []
        self.read_by_service = 0

    async def say(self, text: str) -> Heard:
        return (await self.say_all([text]))[0]

    async def say_all(self, texts: list[str]) -> list[Heard]:
        tasks = []
        for text in texts:
            made = self.platform.message(self.who, {"MsgType": "text", "Content": text})
            tasks.append(asyncio.create_task(self.platform.deliver(made)))
            asked = arrival(self.platform.account.app_id, made, 0.0)
            while await self.store.arrival_time(asked) is None and not tasks[-1].done():
                await asyncio.sleep(0.002)
        shown = await asyncio.gather(*tasks)
        if len(shown) == 1:
            return [await self.heard(shown[0])]
        return [Heard(one.text if one else "") for one in shown]

    async def heard(self, shown: Shown | None) -> Heard:
        """The reply, what follows it by customer service, and what is said to wait."""
        told = [shown.text] if shown else []
        while told and any(hint in told[-1] for hint in MORE):
            more = await self.platform.say(self.who, "继续")
            told.append(more.text if more else "")
        if self.platform.account.verified:
            async with asyncio.timeout(PATIENCE):
                while await self.store.waiting_count("wechat", self.who):
                    await asyncio.sleep(0.005)
            came = [one.text for one in self.platform.shown if one.by == "service" and one.who == self.who]
            told += came[self.read_by_service :]
            self.read_by_service = len(came)
        self.texts.append("\n\n".join(told))
        return Heard(shown_words(self.texts[-1]), tuple(NUMBERED.findall(shown_words(self.texts[-1]))))

    async def press(self, label: str, back: int = 0) -> Heard:
        text = self.texts[-1 - back]
        link = next((link for link, words in TAPPABLE.findall(text) if words == label), None)
        if link is not None:
            return await self.heard(await self.platform.tap(self.who, link))
        number = next(number for number, words in CHOICE.findall(text) if words == label)
        return await self.say(label if back else number)


MORE = ("Reply “more” to read on.", "回复“继续”查看后面的内容。")
TAPPABLE = re.compile(r'<a href="([^"]*)">([^<]*)</a>')
CHOICE = re.compile(r"(?m)^  (\d+)\. (.+)$")


@dataclass(frozen=True)
class WeChat:
    platform: WeChatPlatform
    store: Store
    url: str

    async def person(self, name: str, lang: Language) -> Person:
        person = WeChatPerson(self.platform, self.store, f"o{name}-{len(name)}")
        if lang == "en":
            await self.platform.say(person.who, "English", bizmsgmenuid="m-lang=en")
        return person


def wechat_settings(platform: WeChatPlatform, port: int, **more: Any) -> Settings:
    account = platform.account
    chosen: dict[str, Any] = {
        "_env_file": None,
        "port": port,
        "messages_per_minute": 0,
        "wechat_app_id": account.app_id,
        "wechat_token": SecretStr(account.token),
        "wechat_secret": SecretStr(account.secret),
        "wechat_aes_key": SecretStr(account.aes_key) if account.mode != "plain" else None,
        "wechat_api_url": platform.url,
        "wechat_verified": account.verified,
        **more,
    }
    return Settings(**chosen)


@contextlib.asynccontextmanager
async def serving_wechat(
    platform: WeChatPlatform,
    knowledge: Knowledge,
    database: str,
    made: Callable[..., Assistant] = Assistant,
    **settings: Any,
) -> AsyncIterator[WeChat]:
    """A process that serves an official account, one of those that the platform asks."""
    port = free_port()
    store, stop = await open_store(database), asyncio.Event()

    async def opening() -> Assistant:
        return made(knowledge, store, lambda: TODAY)

    task = asyncio.create_task(app.answer(wechat_settings(platform, port, **settings), opening, store, stop))
    url = f"http://127.0.0.1:{port}"
    await ready(url, task, 3 * PATIENCE)
    platform.servers.append(f"{url}/wechat")
    try:
        yield WeChat(platform, store, url)
    finally:
        platform.servers.remove(f"{url}/wechat")
        stop.set()
        await task
        await store.close()


def wechat(**account: Any) -> Start:
    @contextlib.asynccontextmanager
    async def start(knowledge: Knowledge, database: str) -> AsyncIterator[Running]:
        async with contextlib.AsyncExitStack() as stack:
            platform = await stack.enter_async_context(WeChatPlatform(Account(**account)))
            yield await stack.enter_async_context(serving_wechat(platform, knowledge, database))

    return start


CHANNELS: dict[str, Start] = {
    "lines": lines,
    "telegram": telegram,
    "terminal": terminal,
    "web": web,
    "wechat": wechat(mode="safe"),
    "wechat, not verified": wechat(verified=False),
}
REMEMBER = ("lines", "telegram", "web", "wechat", "wechat, not verified")  # whose conversations outlive the process
