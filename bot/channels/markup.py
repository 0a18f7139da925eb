"""Markdown for the channels: conversion to Telegram's HTML and to plain text, and splitting of long texts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from html import escape

from markdown_it import MarkdownIt
from markdown_it.token import Token

from bot.language.quoting import escape_markdown

PARSER = MarkdownIt("commonmark", {"html": False}).enable("strikethrough")
SENTENCE_END = re.compile(r"(?<=[.!?])\s+|(?<=[。！？；])|\n+")
# Lines that begin so are paragraphs' or a list's, which end at an empty line, so that each is read by itself, but for lists that
# follow each other, which are one, and addresses of links, which stand apart from these.
LINES = r"(?:- |\*{1,2}[“\"]?[^\W_]|[“\"]?[^\W\d_])[^\n\r]*"
STANZAS = re.compile(rf"{LINES}(?:\n{{1,2}}{LINES})*")
TOGETHER = re.compile(r"^- .*(?:\n.+)*\n\n- |\]:", re.MULTILINE)
JOINERS = "\u200d\ufe0f\ufe0e"


def telegram_html(markdown: str) -> str:
    """Convert Markdown to the Bot API's HTML (b, i, s, a, code); lists become lines with bullets or numbers."""
    if STANZAS.fullmatch(markdown) and not TOGETHER.search(markdown):
        return without_gaps("".join(map(telegram_stanza, markdown.split("\n\n"))))
    return blocks(PARSER.parse(markdown), telegram_inline)


@lru_cache(2048)
def telegram_stanza(markdown: str) -> str:
    """Convert a paragraph or a list to the Bot API's HTML; cached, since many answers have the same ones."""
    return lines(PARSER.parse(markdown), telegram_inline)


def plain(markdown: str) -> str:
    """Convert Markdown to plain text; a link's address follows its text in parentheses."""
    return blocks(PARSER.parse(markdown), plain_inline)


def blocks(tokens: Sequence[Token], inline: Callable[[Sequence[Token]], str]) -> str:
    """Join paragraphs by blank lines, and list entries by line breaks."""
    return without_gaps(lines(tokens, inline))


def without_gaps(text: str) -> str:
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def lines(tokens: Sequence[Token], inline: Callable[[Sequence[Token]], str]) -> str:
    """Return the text of blocks, each of which ends with an empty line."""
    out: list[str] = []
    lists: list[int | None] = []  # the number of the next entry, None for bullets
    marker = ""
    for token in tokens:
        if token.type in ("bullet_list_open", "ordered_list_open"):
            start = token.attrGet("start")
            lists.append(int(start) if start is not None else 1 if token.type.startswith("ordered") else None)
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            lists.pop()
            if not lists:
                out.append("\n")
        elif token.type == "list_item_open":
            number = lists[-1]
            marker = "  " * (len(lists) - 1) + (f"{number}. " if number is not None else "• ")
            lists[-1] = None if number is None else number + 1
        elif token.type == "inline":
            text = inline(token.children or ())
            out.append(f"{marker}{text}\n" if lists else f"{text}\n\n")
            marker = " " * len(marker)
        elif token.type in ("fence", "code_block"):
            out.append(inline([Token("text", "", 0, content=token.content.rstrip())]) + "\n\n")
    return "".join(out)


TELEGRAM_TAGS = {"strong": "b", "em": "i", "s": "s"}


def telegram_inline(tokens: Sequence[Token]) -> str:
    out = []
    for token in tokens:
        kind, _, side = token.type.rpartition("_")
        if kind in TELEGRAM_TAGS:
            out.append(f"<{'/' if side == 'close' else ''}{TELEGRAM_TAGS[kind]}>")
        elif token.type == "link_open":
            out.append(f'<a href="{escape(str(token.attrGet("href")))}">')
        elif token.type == "link_close":
            out.append("</a>")
        elif token.type == "code_inline":
            out.append(f"<code>{escape(token.content, quote=False)}</code>")
        else:
            out.append(escape(words(token), quote=False))
    return "".join(out)


def plain_inline(tokens: Sequence[Token]) -> str:
    out: list[str] = []
    links: list[tuple[int, str]] = []
    for token in tokens:
        if token.type == "link_open":
            links.append((len(out), str(token.attrGet("href"))))
        elif token.type == "link_close":
            start, href = links.pop()
            if "".join(out[start:]) != href:
                out.append(f" ({href})")
        else:
            out.append(words(token))
    return "".join(out)


def plain_with_links(markdown: str) -> str:
    """Convert Markdown to plain text with links as `<a href>`, which texts of an official account may have."""
    return blocks(PARSER.parse(markdown), anchored_inline)


def anchored_inline(tokens: Sequence[Token]) -> str:
    return "".join(anchored(token) for token in tokens)


def anchored(token: Token) -> str:
    if token.type == "link_open":
        return f'<a href="{token.attrGet("href")}">'
    return "</a>" if token.type == "link_close" else words(token)


def words(token: Token) -> str:
    return "\n" if token.type in ("softbreak", "hardbreak") else token.content


def utf16_length(text: str) -> int:
    """Return the length in UTF-16 code units, as Telegram counts; a lone surrogate, possible in updates, is one."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def split(markdown: str, limit: int, render: Callable[[str], str], measure: Callable[[str], int] = len) -> list[str]:
    """Render a text in parts of at most `limit` by `measure`.

    Cuts are between paragraphs if possible, else between sentences, words or characters, never inside a tag or a combined character.
    """
    whole = render(markdown)
    if measure(whole) <= limit:
        return [whole]
    parts: list[str] = []
    held: list[str] = []
    for block in paragraphs(markdown):
        if held and measure(render("\n\n".join([*held, block]))) > limit:
            parts.append(render("\n\n".join(held)))
            held = []
        if measure(render(block)) <= limit:
            held.append(block)
        else:
            parts += [render(escape_lines(piece)) for piece in pieces(plain(block), limit, render, measure)]
    if held:
        parts.append(render("\n\n".join(held)))
    return parts


def paragraphs(markdown: str) -> list[str]:
    """Return the Markdown source of each block; each list entry is a block."""
    lines = markdown.split("\n")
    cuts: set[int] = {0}
    for token in PARSER.parse(markdown):
        if token.map and (token.level == 0 or (token.type == "list_item_open" and token.level == 1)):
            cuts.add(token.map[0])
    starts = sorted(cuts)
    found = ["\n".join(lines[a:b]).strip("\n") for a, b in zip(starts, [*starts[1:], len(lines)], strict=True)]
    return [block for block in found if block.strip()]


def escape_lines(text: str) -> str:
    return "\n".join(escape_markdown(line) for line in text.split("\n"))


def pieces(text: str, limit: int, render: Callable[[str], str], measure: Callable[[str], int]) -> Iterable[str]:
    """Cut plain text into pieces within the limit once rendered."""

    def fits(piece: str) -> bool:
        return measure(render(escape_lines(piece))) <= limit

    held = ""
    for sentence in filter(None, SENTENCE_END.split(text)):
        joined = f"{held} {sentence}" if held and held[-1].isascii() else held + sentence
        if fits(joined):
            held = joined
            continue
        if held:
            yield held
        held = sentence
        while not fits(held):
            cut = longest(held, fits)
            yield held[:cut].rstrip()
            held = held[cut:].lstrip()
    if held:
        yield held


def longest(text: str, fits: Callable[[str], bool]) -> int:
    """Return the length of the longest prefix that fits, cut at a nearby space if any, and never inside a combined character."""
    low, high = 1, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(text[:middle]) else (low, middle - 1)
    space = text.rfind(" ", int(low * 0.7), low)
    cut = space if space > 0 else low
    while cut > 1 and cut < len(text) and continues(text, cut):
        cut -= 1
    return cut


def continues(text: str, index: int) -> bool:
    """Return true if the character at the index combines with the one before it."""
    here = text[index]
    return (
        unicodedata.category(here) in ("Mn", "Me", "Mc")
        or here in JOINERS
        or text[index - 1] == "\u200d"
        or "\U0001f3fb" <= here <= "\U0001f3ff"
    )
