"""Colours of a brand, written "#0b6b63": their contrast as WCAG 2.2 measures it, and shades of them."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator

from bot.content.said import Wrong, said

WHITE, BLACK = "#ffffff", "#000000"
READABLE = 4.5  # contrast of text and what is behind it, WCAG 2.2, success criterion 1.4.3
WRITTEN = re.compile(r"#[0-9a-f]{6}", re.IGNORECASE)
STEPS = 50


def written(colour: str) -> str:
    """Validate a colour. Raises Wrong."""
    if not WRITTEN.fullmatch(colour):
        raise Wrong(said("no-colour", name=colour))
    return colour.lower()


Colour = Annotated[str, AfterValidator(written)]


def parts(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[at : at + 2], 16) for at in (1, 3, 5))


def luminance(colour: str) -> float:
    shares = (value / 255 for value in parts(colour))
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, from 1 to 21."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def mix(colour: str, other: str, share: float) -> str:
    """Mix a share (0 to 1) of another colour into one."""
    mixed = (round(a + (b - a) * share) for a, b in zip(parts(colour), parts(other), strict=True))
    return "#" + "".join(f"{value:02x}" for value in mixed)


def readable(colour: str, on: str, towards: str) -> str:
    """Return the colour, mixed towards another one as little as it takes to be read on `on`."""
    shades = (mix(colour, towards, step / STEPS) for step in range(STEPS + 1))
    return next((shade for shade in shades if contrast(shade, on) >= READABLE), towards)
