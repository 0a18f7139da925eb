"""The only place that builds things: settings → knowledge → store → assistant → channels."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from bot.assistant import Assistant
from bot.knowledge.knowledge import Knowledge
from bot.model import Language
from bot.settings import Settings
from bot.store import MemoryStore, open_store


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
    """Run the configured channels until stopped. Raises StoreError, NotReached."""
    asyncio.run(serving(settings, open_knowledge(settings, folders)))


async def serving(settings: Settings, knowledge: Knowledge) -> None:
    from bot.channels.telegram import polling

    store = await open_store(settings.database_url)
    try:
        await polling.poll(Assistant(knowledge, store), settings)
    finally:
        await store.close()
