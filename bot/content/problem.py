"""A mistake in one content file, by its path inside the data; the line is looked up later."""

from __future__ import annotations

from dataclasses import dataclass

from bot.content.said import Notice


@dataclass(frozen=True)
class Problem:
    """A message about the value at `path`. `idle`: the value has no effect, and the rest is correct."""

    path: tuple[str | int, ...]
    said: Notice
    idle: bool = False
