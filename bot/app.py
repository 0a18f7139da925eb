"""The only place that builds things: settings → knowledge → store → assistant → channels."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import platformdirs

from bot.assistant import Assistant
from bot.knowledge.knowledge import Knowledge
from bot.model import Language
from bot.settings import Settings
from bot.store import MemoryStore, Store, open_store

T = TypeVar("T")


@dataclass(frozen=True)
class Folders:
    """The content folders of a run: laid over the content that ships, or one alone."""

    over: tuple[Path, ...] = ()
    only: Path | None = None

    def layers(self, settings: Settings) -> list[Path]:
        return [self.only] if self.only else [*settings.knowledge_folders, *self.over]


def open_knowledge(settings: Settings, folders: Folders = Folders()) -> Knowledge:
    """The knowledge of the folders. Raises Unreadable or BadContent."""
    return Knowledge.open(folders.layers(settings), only=folders.only is not None)


def asking(settings: Settings, folders: Folders = Folders()) -> Assistant:
    """An assistant that forgets, for one question or a test of many."""
    return Assistant(open_knowledge(settings, folders), MemoryStore())


def chat(settings: Settings, folders: Folders, lang: Language | None, first: str | None = None) -> None:
    """The terminal chat; `first` is said before the merchant says anything."""
    from bot.channels import terminal

    history = Path(platformdirs.user_state_dir("merchant-bot", appauthor=False)) / "chat-history"
    terminal.chat(asking(settings, folders), lang, history, first)


def serve(settings: Settings, folders: Folders) -> None:
    """Run the configured channels until told to stop. Raises StoreError, NotReached, CannotListen."""
    asyncio.run(serving(settings, open_knowledge(settings, folders)))


async def serving(settings: Settings, knowledge: Knowledge) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    store = await open_store(settings.database_url)
    try:
        await answer(settings, Assistant(knowledge, store), store, stop)
    finally:
        await store.close()


async def answer(settings: Settings, assistant: Assistant, store: Store, stop: asyncio.Event) -> None:
    """Answer on Telegram until stopped."""
    # What these import takes seconds, and only a process that serves needs it.
    from bot.channels.telegram import serving as telegram
    from bot.service import Service
    from bot.service.server import listening

    async with telegram.connected(settings) as connection:
        routes = [*telegram.routes(settings, store)]
        async with listening(settings, store, routes):
            await connection.begin(settings)
            print(f"Answering as @{connection.username} on Telegram. Stop with Ctrl+C.", flush=True)
            service = Service(store, assistant, {connection.channel.name: connection.channel})
            await service.run(telegram.intakes(settings, store), stop)


def undelivered(settings: Settings, act: Callable[[Store], Awaitable[T]]) -> T:
    """Do something with the store's outbox. Raises StoreError."""

    async def run() -> T:
        store = await open_store(settings.database_url)
        try:
            return await act(store)
        finally:
            await store.close()

    return asyncio.run(run())
