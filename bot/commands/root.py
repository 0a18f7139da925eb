"""The root command, and helpers for its subcommands: options, input, progress and exit codes."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable
from functools import wraps
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click
from dotenv import dotenv_values

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
    """Print a message on standard error and exit with `code`."""
    click.echo(redacted(message), err=True)
    raise SystemExit(code)


def settings() -> Settings:
    try:
        for one in misspelt():
            click.echo(one.words(language_of_system()), err=True)
        return read_settings()
    except BadSettings as error:
        fail(str(error), WRONG_USE)


# The module of each command but those of `bot.commands.line`.
MODULES = {
    "access": "access_command",
    "ask": "chat_commands",
    "backup": "service_commands",
    "restore": "service_commands",
    "broadcast": "broadcast_command",
    "chat": "chat_commands",
    "check": "chat_commands",
    "evaluate": "evaluate_command",
    "export": "service_commands",
    "inbox": "queue_commands",
    "knowledge": "knowledge_commands",
    "link": "link_command",
    "migrate": "service_commands",
    "move": "service_commands",
    "outbox": "queue_commands",
    "serve": "service_commands",
    "setup": "setup_command",
    "staff": "staff_command",
    "status": "service_commands",
    "wechat": "wechat_command",
}


class Commands(click.Group):
    """Imports the module of a command, which adds it, only when the command is asked for."""

    def list_commands(self, context: click.Context) -> list[str]:
        return sorted({*self.commands, *MODULES})

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in self.commands and name in MODULES:
            import_module(f"bot.commands.{MODULES[name]}")
        return super().get_command(context, name)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(program_version(), prog_name="merchant-bot")
@click.option(
    "--env-file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Read settings from FILE, for example those of a service unit; the environment takes precedence.",
)
@click.pass_context
def cli(context: click.Context, env_file: Path | None) -> None:
    """The merchant assistant: dated, sourced answers in English and Chinese.

    Start with `merchant-bot serve`, and open the address that it prints; in the terminal: `merchant-bot chat`.
    """
    if env_file is not None:
        read_env_file(env_file)
    if sys.stderr.isatty() and context.invoked_subcommand != "serve":  # whose log says it
        show_progress()


def read_env_file(file: Path) -> None:
    """Add a file's settings to the environment, without replacing any."""
    try:
        with file.open(encoding="utf-8") as opened:
            found = dotenv_values(stream=opened, interpolate=False)
    except (OSError, UnicodeDecodeError) as error:
        fail(f"{file}: this file cannot be read: {getattr(error, 'strerror', None) or 'it is not UTF-8'}", WRONG_USE)
    for name, value in found.items():
        os.environ.setdefault(name, value or "")


def show_progress() -> None:
    """Show on standard error what takes long, before it begins."""
    shown = logging.getLogger("bot.progress")
    shown.addHandler(logging.StreamHandler())
    shown.setLevel(logging.INFO)


def knowledge_options(command: Command) -> Command:
    """Add --knowledge and --only-knowledge, passed to the command as `folders`."""

    @click.option(
        "--knowledge",
        "over",
        metavar="DIR",
        multiple=True,
        type=click.Path(path_type=Path),
        help="A folder of your own content, over the shipped content. May be given several times.",
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
    """Return the lines of a text file, or of standard input for "-"."""
    try:
        data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        fail(f"{file}: this file cannot be read: {error.strerror}", WRONG_USE)
    text = data.decode("utf-8-sig", "replace")
    lines = text.split("\n")
    return [line.rstrip("\r") for line in (lines[:-1] if lines[-1] == "" else lines)]


class progress:
    """A progress bar on standard error, shown only in a terminal."""

    def __init__(self, length: int, label: str) -> None:
        self.shown = sys.stderr.isatty() and length > 1
        self.bar = click.progressbar(length=length, label=label, file=sys.stderr) if self.shown else None

    def __enter__(self) -> Callable[[int], None]:
        if self.bar is None:
            return lambda steps: None
        return self.bar.__enter__().update

    def __exit__(self, *error: Any) -> None:
        if self.bar is not None:
            self.bar.__exit__(*error)


def require_free(replace: bool, file: Path | None) -> None:
    if file is not None and not replace:
        fail(f"{file}: this file exists; choose another name, or give --replace", NOT_DONE)
