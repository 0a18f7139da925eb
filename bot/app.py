"""Composition root: builds the knowledge, store, assistant and channels from the settings."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from contextlib import AsyncExitStack, ExitStack, suppress
from dataclasses import dataclass
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

import platformdirs

from bot.assistant import Assistant
from bot.channels.channel import Desk, News, Platform
from bot.knowledge.ahead import Killed
from bot.knowledge.knowledge import Knowledge
from bot.knowledge.last_good import LastGood
from bot.knowledge.library import Library, load
from bot.memory import last, settle, uncollected
from bot.model import Allowed, Terms
from bot.search.matching import meaning
from bot.settings import Settings, read_settings
from bot.store import MemoryStore, Store, file_of, open_store, schema_of

T = TypeVar("T")
log = logging.getLogger(__name__)

# Interpreter switch interval in seconds. With Python's default of 5 ms the database's writer, which needs the GIL after
# every statement, spends most of its time waiting.
HAND_OVER = 0.0005

# The packages of the channels, each with a PLATFORM. The last is the default if the settings configure none.
CHANNELS = (
    "bot.channels.telegram",
    "bot.channels.wechat",
    "bot.channels.web",
)


@dataclass(frozen=True)
class Folders:
    """The content folders of a run: `over` on top of the shipped content, or `only` without it."""

    over: tuple[Path, ...] = ()
    only: Path | None = None

    def layers(self, settings: Settings) -> list[Path]:
        return [self.only] if self.only else [*settings.knowledge_folders, *self.over]

    def alone(self, settings: Settings) -> bool:
        """Return true if the shipped content is left out."""
        return self.only is not None or settings.knowledge_only


def open_knowledge(settings: Settings, folders: Folders = Folders()) -> Knowledge:
    """Open the knowledge of the folders. Raises Unreadable or BadContent."""
    return Knowledge.open(folders.layers(settings), only=folders.alone(settings))


def content_with(settings: Settings | None, folder: Path) -> Library | None:
    """Load a content folder on top of the shipped content and KNOWLEDGE, or alone without settings.

    Returns None if there are no settings and no such folder. Raises Unreadable.
    """
    own = [folder] if folder.is_dir() else []
    if settings is None:
        return load(own, only=True)[0] if own else None
    others = [one for one in settings.knowledge_folders if one.resolve() != folder.resolve()]
    return load([*others, *own], only=settings.knowledge_only)[0]


def last_good_folder(settings: Settings) -> Path:
    """Return the folder for the copy of the last good content: beside the SQLite file, or in the user's data folder."""
    if file := file_of(settings.database_url):
        return file.with_name(f".{file.name}.content")  # hidden, since a database may lie in a content folder
    return Path(platformdirs.user_data_dir("merchant-bot", appauthor=False)) / "content"


def last_good(settings: Settings, folders: Folders = Folders()) -> LastGood:
    """Return an opener for the folders' content, with their last good content as a fallback."""
    return LastGood(last_good_folder(settings), folders.layers(settings), only=folders.alone(settings))


def memory_assistant(settings: Settings, folders: Folders = Folders(), today: date | None = None) -> Assistant:
    """Return an assistant without a database, for single questions and tests; `today` overrides the clock's date.

    Raises Unreadable or BadContent.
    """
    clock = (lambda: today) if today else date.today
    assistant = Assistant(open_knowledge(settings, folders), MemoryStore(), clock)
    last()
    return assistant


async def open_assistant(settings: Settings | None = None, folders: Folders = Folders()) -> Assistant:
    """Return an assistant with the configured database, for applications with their own delivery.

    Raises BadSettings, Unreadable, BadContent, StoreError.
    """
    settings = settings or read_settings()
    knowledge = await asyncio.to_thread(last_good(settings, folders).open)
    terms = Terms(settings.keep_days, allowed=rate_limits(settings), keep_questions_days=settings.keep_questions_days)
    return Assistant(knowledge, await open_store(settings.database_url), terms=terms)


def rate_limits(settings: Settings) -> Allowed:
    """Return the rate limits for messages."""
    return Allowed(settings.messages_per_minute, settings.over_limit, settings.group_messages_per_minute)


def serve(settings: Settings, folders: Folders) -> None:
    """Run the configured channels until SIGTERM or SIGINT.

    Raises StoreError, Unreachable, CannotListen, BadContent, Unreadable.
    """
    from bot.service.logs import log_to

    log_to(sys.stderr, settings.log_level, settings.secrets)
    run(run_service(settings, folders))


def run(main: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine to its end, on uvloop if installed: its sockets and wake-ups take half of asyncio's time."""
    loop: Callable[[], asyncio.AbstractEventLoop] | None = None
    with suppress(ImportError):  # not available on Windows
        from uvloop import new_event_loop as loop
    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(main)


async def run_service(settings: Settings, folders: Folders) -> None:
    """Open the store and answer until SIGTERM or SIGINT. Raises the errors of `serve`."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    sys.setswitchinterval(HAND_OVER)
    # Before messages are answered an immediate end loses nothing, and training cannot be interrupted otherwise.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    store = await open_store(settings.database_url)
    content = last_good(settings, folders)

    async def opening() -> Assistant:
        loading = asyncio.to_thread(meaning.load)  # meanwhile: at a first start it takes two seconds
        try:
            await asyncio.gather(content.learn_ahead(), loading)
        except Killed as error:
            log.warning("the content is learned in this process now: %s", error)
        knowledge = await asyncio.to_thread(content.open)
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        desk, days = settings.consultant_chat is not None, settings.keep_questions_days
        return Assistant(knowledge, store, terms=Terms(settings.keep_days, desk, keep_questions_days=days))

    try:
        await answer(settings, opening, store, stop, content)
    finally:
        await store.close()


def platforms() -> list[Platform]:
    """Return the platform of each channel; their heavy imports happen when one is opened."""
    return [import_module(name).PLATFORM for name in CHANNELS]


def news() -> dict[str, News]:
    """Return the broadcast delivery of each channel that supports it, by channel name."""
    return {one.name: one.news() for one in platforms() if one.news}


def desks(settings: Settings) -> list[tuple[str, str]]:
    """Return the consultants' chat, if it is set, and the name of the note with its new id."""
    return [found for one in platforms() if (found := one.desk(settings))]


def trouble_notes(settings: Settings) -> list[str]:
    """Return the names of the notes that tell of parts of platforms that cannot be used."""
    return [note for one in platforms() for note in one.troubles(settings) if note]


async def answer(
    settings: Settings,
    opening: Callable[[], Awaitable[Assistant]],
    store: Store,
    stop: asyncio.Event,
    content: LastGood | None = None,
    among: Sequence[Platform] | None = None,
) -> None:
    """Answer on the configured channels until `stop` is set; without any, on the last of `among`.

    `opening` may take long; messages that arrive meanwhile wait. Changed `content` is reloaded. Raises CannotListen,
    Unreachable, StoreError, and the errors of `opening`.
    """
    loading = ExitStack()
    loading.enter_context(uncollected())
    # Imported here, since they take seconds and only a serving process needs them.
    from bot.console.console import Console
    from bot.knowledge.lint import unset
    from bot.service import Service
    from bot.service.metrics import Metrics
    from bot.service.reloading import Reloading
    from bot.service.server import serve_web

    started, metrics = asyncio.Event(), Metrics()
    among = among or platforms()
    async with AsyncExitStack() as stack:
        stack.callback(loading.close)
        chosen = [one for one in among if one.is_enabled(settings)] or [among[-1]]
        running = [await stack.enter_async_context(one.open(settings, store)) for one in chosen]
        routes = [add for one in running for add in one.routes]
        intakes = [intake for one in running for intake in one.intakes]
        console = Console(settings, store, content) if routes or settings.port is not None else None
        routes += [console.add_to] if console else []
        url = await stack.enter_async_context(serve_web(settings, store, routes, started, metrics, content))
        print_lines(one.url_line(url) for one in running)
        assistant = await opening()
        await asyncio.to_thread(assistant.warm_up)
        loading.close()
        settle()
        store.zone = lambda: assistant.knowledge.library.operator.zone
        if empty := unset(assistant.knowledge.library):
            log.info("not set yet: %s", "; ".join(map(str, empty)))
        with_desk = next((one for one in running if one.desk), None)
        desk, became = (with_desk.desk, await with_desk.new_desk()) if with_desk else (None, None)
        for one in running:
            print_lines([await one.begin(assistant)])
        if console:
            console.open(assistant)
            intakes.append(console.messages({one.name: one.news() for one in chosen if one.news}).run)
            console.broadcasts.ways = news()
            intakes.append(console.broadcasts.run)
            if sys.stdout.isatty():  # a log must not hold the link
                print_lines([await console.first_link(url)])
        if content is not None:
            intakes.append(Reloading(assistant, metrics, content.layers, content.load, content.learn_ahead).run)
        started.set()
        channels = {one.channel.name: one.channel for one in running}
        entrance = console.entrance(desk, url) if console else None
        service = Service(
            store,
            assistant,
            channels,
            settings.keep_days,
            rate_limits(settings),
            desk or (Desk() if console else None),
            metrics,
            entrance,
            settings.most_files,
        )
        if console and service.handoff:
            console.connect(service.handoff.consulting, settings.most_files)
        if desk is not None and became is not None:
            await service.moved(desk.channel, desk.chat, became)
        await service.run(intakes, stop)


def print_lines(lines: Iterable[str]) -> None:
    for line in filter(None, lines):
        print(line, flush=True)


def with_store(settings: Settings, act: Callable[[Store], Awaitable[T]]) -> T:
    """Run `act` on an existing store, which a serving process may be using. Raises StoreError."""

    async def run() -> T:
        store = await open_store(settings.database_url, existing=True)
        try:
            return await act(store)
        finally:
            await store.close()

    return asyncio.run(run())


def migrate(settings: Settings) -> tuple[int, int]:
    """Migrate the database's schema. Returns its version before (0: none) and after. Raises StoreError."""

    async def run() -> tuple[int, int]:
        found, newest = await schema_of(settings.database_url)
        store = await open_store(settings.database_url)
        await store.close()
        return found, newest

    return asyncio.run(run())
