"""Replies as the texts of an official account: short, without buttons, with choices to tap or to answer by number."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from bot.channels.markup import plain_with_links, split
from bot.channels.text import Show, numbered_buttons
from bot.channels.wechat.messages import TAP
from bot.model import Button, Reply

# What the platform takes in a text: characters that are shown, and bytes.
MOST_CHARACTERS, MOST_BYTES = 600, 2048
HINT_ROOM = 60  # of either, for the line that says that more waits
LINK = re.compile(r'<a href="[^"]*">([^<]*)</a>')
# Signs that end or break an address; Chinese characters stand there as they are, as in the platform's own examples.
UNSAFE = re.compile(r"[\x00-/:-@\[-`{-\x7f]")


def shown(text: str) -> str:
    """Return the visible part of a text: of links, their words."""
    return LINK.sub(r"\1", text)


def size(text: str) -> int:
    """Return the share of the room that a text takes, in bytes."""
    characters = len(shown(text)) * (MOST_BYTES - HINT_ROOM) / (MOST_CHARACTERS - HINT_ROOM)
    return max(int(characters + 0.999), len(text.encode("utf-8", "replace")))


def fits(text: str) -> bool:
    """Return true if a text and the line that more waits fit into one message."""
    return size(text) <= MOST_BYTES - HINT_ROOM


@dataclass(frozen=True)
class Style:
    """The abilities of an account: `links`, choices to tap; `page`, the address of the result pages, without its code."""

    show: Show
    links: bool = False
    page: str = ""


def pieces(replies: Iterable[Reply], style: Style) -> list[str]:
    """Return the texts of a turn's replies, in order, as few as possible, each of which fits into one message."""
    return join(block for reply in replies for block in blocks(reply, style))


def join(blocks: Iterable[str]) -> list[str]:
    """Join blocks into as few texts as possible."""
    made: list[str] = []
    for block in blocks:
        if made and fits(f"{made[-1]}\n\n{block}"):
            made[-1] += f"\n\n{block}"
        else:
            made.append(block)
    return made


def count_joined(texts: Sequence[str]) -> int:
    """Return how many of the first texts fit into one message."""
    count = min(1, len(texts))
    while count < len(texts) and fits("\n\n".join(texts[: count + 1])):
        count += 1
    return count


def blocks(reply: Reply, style: Style) -> list[str]:
    """Return a reply's text, its page, its attachments, and its choices, each cut to fit."""
    page = f"{style.page}{reply.code}" if style.page and reply.code else ""
    attached = [style.show(attachment) for attachment in reply.attachments if attachment.kind != "data"]
    parts = [
        *split(reply.text, MOST_BYTES - HINT_ROOM, plain_with_links, size),
        *(piece for part in (*attached, page) if part for piece in cut(part)),
        *choices(reply.buttons, style),
    ]
    return [part for part in parts if part]


def choices(buttons: Sequence[Button], style: Style) -> list[str]:
    """Return the choices as numbered lines, tappable if they fit into one text then."""
    lines = [f"  {mark} {button.label}" for mark, button in numbered_buttons(buttons)]
    if style.links:
        tappable = "\n".join(f"  {mark} {tap(button)}" for mark, button in numbered_buttons(buttons))
        if fits(tappable):
            return [tappable]
    return cut("\n".join(lines))


def tap(button: Button) -> str:
    """Return the link that says a button's label in the merchant's name, and tells us its statement."""
    label = button.label.replace("<", "‹").replace(">", "›")
    content, id = (UNSAFE.sub(lambda sign: quote(sign[0], safe=""), one) for one in (button.label, TAP + button.says))
    return f'<a href="weixin://bizmsgmenu?msgmenucontent={content}&msgmenuid={id}">{label}</a>'


def cut(text: str) -> list[str]:
    """Cut a text at the ends of lines, or anywhere in a line that is too long."""
    made: list[str] = []
    for line in text.split("\n"):
        if made and fits(f"{made[-1]}\n{line}"):
            made[-1] += f"\n{line}"
            continue
        while not fits(line):
            most = max(1, len(line) * (MOST_BYTES - HINT_ROOM) // size(line) - 8)
            made.append(line[:most])
            line = line[most:]
        made.append(line)
    return made
