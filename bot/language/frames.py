"""What stands around what is meant: greetings, please and thanks, and "reply …" around a keyword. The words are in frames.yaml."""

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
LONGEST = 200  # letters of a message that is looked at
MOST_READINGS = 200
NOISE = re.compile(
    r"^(?:@[a-z0-9_]+|[\W_])+|(?:(?<![a-z0-9])@[a-z0-9_]+|[\W_])+$"
)  # brackets, quotes, emoji, and whom it is addressed to
NUMBER = re.compile(r"^\d{1,2}\s*[.、):](?!\d)")  # of a line in a list: "1.潜力商品"


@dataclass(frozen=True)
class Frame:
    """What may stand before and after, the longest first."""

    before: tuple[str, ...]
    after: tuple[str, ...]


def readings(text: str, *kinds: FrameKind) -> Iterator[str]:
    """What a message may mean, with more and more of what stands around it put aside; the whole message first.

    Each is folded: lower case, simplified, without outer punctuation. All ways to put words aside are tried, since a keyword may begin
    with a word of asking itself: 领取资料.
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


def unframed(text: str, *kinds: FrameKind) -> str:
    """What is left of a message without anything that stands around it; all of it where nothing would be left."""
    return min(readings(text, *kinds), key=len, default=text)


def shorter(text: str, frame: Frame) -> Iterator[str]:
    yield NUMBER.sub("", text)
    for words in frame.before:
        if text.startswith(words) and apart(words[-1:], text[len(words) :][:1]):
            yield text[len(words) :]
    for words in frame.after:
        if text.endswith(words) and apart(text[: -len(words)][-1:], words[:1]):
            yield text[: -len(words)]


def apart(left: str, right: str) -> bool:
    """Whether two letters beside each other belong to different words: Latin ones belong to one."""
    return not (left.isascii() and left.isalnum() and right.isascii() and right.isalnum())


def bare(text: str) -> str:
    return NOISE.sub("", text)


@cache
def frame_of(kinds: Iterable[FrameKind]) -> Frame:
    said = yaml.safe_load(Path(__file__).with_name("frames.yaml").read_text(encoding="utf-8"))
    return Frame(*(tuple(word for kind in kinds for word in said[kind][side]) for side in ("before", "after")))
