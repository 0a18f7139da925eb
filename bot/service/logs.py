"""Logs of a serving process: JSON, or colours in a terminal; never a merchant's words or a secret."""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Collection
from types import TracebackType
from typing import TextIO

import structlog
from structlog.typing import EventDict, ExcInfo, Processor, WrappedLogger

from bot.redaction import hide, redacted

log = logging.getLogger(__name__)

OURS = ("bot", "handlers")
# Logs responses that are not JSON; the error it raises is enough.
SILENT = ("telegram.request",)
STAMPED: tuple[Processor, ...] = (
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.ExtraAdder(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)


def log_to(stream: TextIO, level: str, secrets: Collection[str] = ()) -> None:
    """Write this process's logs to a stream, from `level` on; libraries only from warnings on, since some log a lot."""
    hide(secrets)
    renderer: Processor = (
        structlog.dev.ConsoleRenderer(colors=True)
        if stream.isatty()
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=STAMPED,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                without_words,
                renderer,
                without_secrets,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    for name in OURS:
        logging.getLogger(name).setLevel(level.upper())
    for name in SILENT:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    logging.captureWarnings(True)
    sys.unraisablehook = log_unraisable


def log_unraisable(unraisable: sys.UnraisableHookArgs, /) -> None:
    """Log an error that no code can catch, of a destructor for example; Python would print it with its message."""
    error = unraisable.exc_value
    log.error("an error in a destructor was ignored", exc_info=error or RuntimeError(unraisable.exc_type.__name__))


def without_words(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
    """Replace an exception by its types and code lines, since its message may contain a merchant's words.

    asyncio adds lines that repeat the message, too.
    """
    if event.get("logger") == "asyncio":
        event["event"] = str(event["event"]).partition("\n")[0]
    info: ExcInfo | bool | None = event.pop("exc_info", None)
    if info is True:
        error: BaseException | None = sys.exc_info()[1]
    else:
        error = info[1] if isinstance(info, tuple) else None
    if error is not None:
        event["exception"] = trail(error)
    return event


def trail(error: BaseException) -> str:
    """Return an error's traceback without messages, its cause first."""
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    first = [trail(cause)] if cause is not None else []
    return "\n".join([*first, *frames(error.__traceback__), type(error).__qualname__])


def frames(trace: TracebackType | None) -> list[str]:
    return [f"{frame.filename}:{frame.lineno} in {frame.name}" for frame in traceback.extract_tb(trace)]


def without_secrets(logger: WrappedLogger, name: str, line: EventDict) -> str:
    return redacted(str(line))
