"""Removal of framing words: greetings, please and thanks, "reply …" around a keyword. Their list is frames.yaml."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import yaml

from bot.language.amounts import fold

FrameKind = Literal["polite", "keyword"]
LONGEST = 200  # characters of the longest message read
MOST_READINGS = 200
NOISE = re.compile(
    r"^(?:@[a-z0-9_]+|[\W_])+|(?:(?<![a-z0-9])@[a-z0-9_]+|[\W_])+$"
)  # brackets, quotes, emoji and @mentions
NUMBER = re.compile(r"^\d{1,2}\s*[.、):](?!\d)")  # number of a list item: "1.潜力商品"


@dataclass(frozen=True)
class Frame:
    """The framing words before and after a text, longest first."""

    before: tuple[str, ...]
    after: tuple[str, ...]


def readings(text: str, *kinds: FrameKind) -> Iterator[str]:
    """Yield a message, folded and without outer punctuation, with more and more framing words removed.

    All ways to remove them are tried, since a keyword may itself begin with one: 领取资料.
    """
    if len(text) > LONGEST:
        return
    frame = frame_of(kinds or ("polite",))
    waiting, seen = [bare(fold(text))], set[str]()
    while waiting and len(seen) < MOST_READINGS:
        one = waiting.pop(0)
        if not one or one in seen:
            continue
        seen.add(one)
        yield one
        waiting += sorted(map(bare, shorter(one, frame)), key=len, reverse=True)


def shorter(text: str, frame: Frame) -> Iterator[str]:
    yield NUMBER.sub("", text)
    for words in frame.before:
        if text.startswith(words) and apart(words[-1:], text[len(words) :][:1]):
            yield text[len(words) :]
    for words in frame.after:
        if text.endswith(words) and apart(text[: -len(words)][-1:], words[:1]):
            yield text[: -len(words)]


def apart(left: str, right: str) -> bool:
    """Return true if there is a word boundary between two adjacent characters."""
    return not (left.isascii() and left.isalnum() and right.isascii() and right.isalnum())


def bare(text: str) -> str:
    return NOISE.sub("", text)


@cache
def frame_of(kinds: Iterable[FrameKind]) -> Frame:
    said = yaml.safe_load(Path(__file__).with_name("frames.yaml").read_text(encoding="utf-8"))
    return Frame(*(tuple(word for kind in kinds for word in said[kind][side]) for side in ("before", "after")))
