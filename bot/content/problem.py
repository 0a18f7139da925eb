"""A mistake in the content of one file, before it is known on which line the place stands."""

from __future__ import annotations

from dataclasses import dataclass

from bot.content.said import Said


@dataclass(frozen=True)
class Problem:
    """What is wrong and what would be right, in an editor's words; `path` leads to the place inside the file's data.

    `idle`: something has no effect, and everything else is as it should be.
    """

    path: tuple[str | int, ...]
    said: Said
    idle: bool = False
