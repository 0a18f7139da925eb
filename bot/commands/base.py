"""The root command, what all commands share, and how a mistake ends one."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click

from bot import app
from bot.content.said import language_of_system
from bot.redaction import redacted
from bot.settings import BadSettings, Settings, misspelt, read_settings

DONE, NOT_DONE, WRONG_USE = 0, 1, 2
Command = TypeVar("Command", bound=Callable[..., Any])


def program_version() -> str:
    try:
        return version("merchant-assistant")
    except PackageNotFoundError:
        return "unknown"


def fail(message: str, code: int) -> NoReturn:
    """End with a message on standard error."""
    click.echo(redacted(message), err=True)
    raise SystemExit(code)


def settings() -> Settings:
    try:
        for one in misspelt():
            click.echo(one.words(language_of_system()), err=True)
        return read_settings()
    except BadSettings as error:
        fail(str(error), WRONG_USE)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(program_version(), prog_name="merchant-bot")
def cli() -> None:
    """The merchant assistant: dated, sourced answers in English and Chinese.

    Start with `merchant-bot serve`, and open the address that it prints; in the terminal: `merchant-bot chat`.
    """


def knowledge_options(command: Command) -> Command:
    """Add --knowledge and --only-knowledge; the command gets them as one `folders`."""

    @click.option(
        "--knowledge",
        "over",
        metavar="DIR",
        multiple=True,
        type=click.Path(path_type=Path),
        help="A folder of your own content, laid over the content that ships. May be given several times.",
    )
    @click.option(
        "--only-knowledge",
        "only",
        metavar="DIR",
        type=click.Path(path_type=Path),
        help="Use the content of this folder alone.",
    )
    @wraps(command)
    def with_folders(*args: Any, over: tuple[Path, ...], only: Path | None, **kwargs: Any) -> Any:
        if over and only:
            raise click.UsageError("give either --knowledge or --only-knowledge, not both")
        return command(*args, folders=app.Folders(over, only), **kwargs)

    return with_folders  # type: ignore[return-value]


def read_lines(file: str) -> list[str]:
    """The lines of a text file, or of standard input for "-"."""
    try:
        data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        fail(f"{file}: this file cannot be read: {error.strerror}", WRONG_USE)
    text = data.decode("utf-8-sig", "replace")
    lines = text.split("\n")
    return [line.rstrip("\r") for line in (lines[:-1] if lines[-1] == "" else lines)]


def keep_unless(replace: bool, file: Path | None) -> None:
    if file is not None and not replace:
        fail(f"{file}: this file exists; choose another name, or give --replace", NOT_DONE)


def with_store(chosen: Settings, act: Callable[[Any], Any]) -> Any:
    from bot.store import StoreError

    try:
        return app.with_store(chosen, act)
    except StoreError as error:
        fail(str(error), NOT_DONE)
