"""Chat in a terminal: numbered choices, colours and input history; plain text if piped."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import platformdirs

from bot import private
from bot.assistant import Assistant, Memory, at_once
from bot.channels.text import as_text, attachment_text, numbered_buttons
from bot.model import Address, Attachment, Language, Message, Reply
from bot.store import as_file

if TYPE_CHECKING:
    from prompt_toolkit.history import History  # slow to load, and needed only for interactive input

PROMPT = "> "
QUIT = frozenset({"/quit", "/exit", "quit", "exit", "退出"})
HERE = Address("terminal", "terminal", "me")


def chat(assistant: Assistant, lang: Language | None, first: str | None = None) -> None:
    """Chat until the input ends or the merchant quits; `first` is sent as their first message."""
    history = Path(platformdirs.user_state_dir("merchant-bot", appauthor=False)) / "chat-history"
    watched = sys.stdin.isatty() and sys.stdout.isatty()
    show = styled_printer() if sys.stdout.isatty() else plain_printer(sys.stdout)
    lines = typed_lines(history) if watched else piped_lines(sys.stdin)
    if first or watched:
        send(assistant, first or "/start", lang, show)
    for line in lines:
        if line.strip().lower() in QUIT:
            break
        send(assistant, line, lang, show)


def send(assistant: Assistant, text: str, lang: Language | None, show: Callable[[Reply], None]) -> None:
    for reply in assistant.receive_now(Message(HERE, text, hint=lang)).replies:
        show(replace(reply, attachments=tuple(with_stored_data(one, assistant.store) for one in reply.attachments)))


def with_stored_data(attachment: Attachment, store: Memory) -> Attachment:
    """Fill a data attachment with the merchant's stored data; return others unchanged."""
    if attachment.kind != "data":
        return attachment
    return replace(attachment, content=as_file(at_once(store.belongings(Address.of(attachment.path)))))


def typed_lines(history: Path) -> Iterator[str]:
    """Yield lines typed by a person, with editing and the history of earlier chats."""
    from prompt_toolkit import PromptSession

    session: PromptSession[str] = PromptSession(history=input_history(history))
    while True:
        try:
            yield session.prompt(PROMPT)
        except (EOFError, KeyboardInterrupt):
            return


def input_history(path: Path) -> History:
    """Open the input history, in a private file if it can be created, else in memory."""
    from prompt_toolkit.history import FileHistory, InMemoryHistory

    try:
        private.make_folder(path.parent)
        private.make_file(path)
    except OSError:
        return InMemoryHistory()
    return FileHistory(str(path))


def piped_lines(stream: TextIO) -> Iterator[str]:
    """Yield a pipe's lines; bytes that are not UTF-8 become replacement characters."""
    raw = getattr(stream, "buffer", None)
    source = (line.decode("utf-8", "replace") for line in raw) if raw else iter(stream)
    for line in source:
        yield line.rstrip("\r\n")


def plain_printer(stream: TextIO) -> Callable[[Reply], None]:
    def show(reply: Reply) -> None:
        print(as_text(reply), end="\n\n", file=stream, flush=True)

    return show


def styled_printer() -> Callable[[Reply], None]:
    """Return a function that prints replies with formatted Markdown; rich omits colours if NO_COLOR is set."""
    from rich.console import Console
    from rich.markdown import Markdown
    from rich.padding import Padding
    from rich.text import Text

    console = Console(highlight=False)

    def show(reply: Reply) -> None:
        if reply.text:
            console.print(Padding(Markdown(reply.text, hyperlinks=False), (1, 0, 0, 2)))
        for attachment in reply.attachments:
            console.print(Text(attachment_text(attachment), style="dim"))
        if reply.buttons:
            console.print()
        for mark, button in numbered_buttons(reply.buttons):
            console.print(Text.assemble("  ", (mark, "bold cyan"), f" {button.label}"))
        console.print()

    return show
