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
from bot.knowledge.knowledge import Knowledge
from bot.model import Address, Language, Message
from bot.settings import Settings
from bot.store import MemoryStore, file_of, open_store
from tests.botapi import BotApi
from tests.conftest import TODAY
from tests.contract.lines import Folder
from tests.visitors import PATIENCE, Visitor, serving


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


CHANNELS: dict[str, Start] = {"lines": lines, "telegram": telegram, "terminal": terminal, "web": web}
REMEMBER = ("lines", "telegram", "web")  # whose conversations outlive the process
