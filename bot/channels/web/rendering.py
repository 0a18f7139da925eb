"""Markdown for the web page: safe HTML with small print, lists of signs, and scrollable tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

# Pictures are attachments; one in a text would be fetched from another host.
PARSER = MarkdownIt("commonmark", {"html": False}).enable(["strikethrough", "table"]).disable("image")
RENDERER = RendererHTML(PARSER)
COLONS = (":", "：")
BETWEEN_PARTS = re.compile(r"(?<!&amp)(?<!&lt)(?<!&gt)(?<!&quot); |；")  # not the end of an entity
ENTRY = ["list_item_open", "paragraph_open", "inline", "paragraph_close", "list_item_close"]
# Signs at the start of lines that form a list → CSS class of the entry.
SIGNS = {"✓": "yes", "!": "maybe", "?": "ask", "✗": "no", "·": "note", "☐": "todo", "•": "dot"}


@lru_cache(maxsize=4096)
def html(markdown: str) -> str:
    """Convert Markdown to HTML. HTML in the text is escaped; links open in a new tab."""
    return RENDERER.render(list(blocks(PARSER.parse(markdown))), PARSER.options, {})


def blocks(tokens: Sequence[Token]) -> Iterator[Token]:
    """Yield the tokens with the page's additions: small print, lists of signs and table frames."""
    passed = 0
    for place, token in enumerate(tokens):
        if place < passed:
            continue
        if token.type == "inline":
            open_in_new_tabs(token.children or ())
        if token.type == "paragraph_open" and token.level == 0:
            inner = tokens[place + 1].children or []
            if made := sign_list(inner):
                yield html_token(made)
                passed = place + 3
                continue
            if is_small(inner):
                token.attrSet("class", "small")
        if token.type == "bullet_list_open" and token.level == 0:
            rows, end = labelled(tokens, place)
            if rows:
                yield html_token(row_table(rows))
                passed = end
                continue
        if token.type == "table_open":
            yield html_token('<div class="table" tabindex="0">')
        yield token
        if token.type == "table_close":
            yield html_token("</div>")


def sign_class(sign: str) -> str:
    """Return the CSS class of a list entry with this sign."""
    return SIGNS.get(sign, "")


def open_in_new_tabs(tokens: Sequence[Token]) -> None:
    for token in tokens:
        if token.type == "link_open":
            token.attrSet("target", "_blank")
            token.attrSet("rel", "noopener noreferrer")


def is_small(inline: Sequence[Token]) -> bool:
    """Return true if the whole paragraph is in italics, as sources are; it becomes small print."""
    if not inline or inline[0].type != "em_open" or inline[-1].type != "em_close":
        return False
    return all(token.level > 0 for token in inline[1:-1])


def sign_list(inline: Sequence[Token]) -> str:
    """Render lines that each begin with a sign, with an optional heading, as a list; "" for other paragraphs."""
    open_in_new_tabs(inline)
    lines: list[list[Token]] = [[]]
    for token in inline:
        if token.type == "hardbreak":
            lines.append([])
        elif token.type != "text" or token.content:
            lines[-1].append(token)
    titled = bool(lines[0]) and lines[0][0].type == "strong_open"
    entries = [sign_entry(line) for line in lines[titled:]]
    if not entries or not all(entries):
        return ""
    heading = f"<h3>{render(lines[0][1:-1])}</h3>\n" if titled else ""
    return f'{heading}<ul class="signs">\n{"".join(entries)}</ul>\n'


def sign_entry(line: Sequence[Token]) -> str:
    words = line[0].content if line and line[0].type == "text" else ""
    if words[:1] not in SIGNS or words[1:2] != " ":
        return ""
    # Change a copy of the token, since the parser's result may be rendered again.
    first = line[0].copy(content=words[2:])
    return f'<li class="{SIGNS[words[0]]}"><span>{words[0]}</span><div>{render([first, *line[1:]])}</div></li>\n'


def labelled(tokens: Sequence[Token], start: int) -> tuple[list[tuple[str, list[str]]], int]:
    """Return the (label, parts) of a list whose entries all are "**Label:** part; part", and the place after it; else no rows."""
    rows: list[tuple[str, list[str]]] = []
    place = start + 1
    while tokens[place].type == "list_item_open":
        kinds = [token.type for token in tokens[place : place + 5]]
        if kinds != ENTRY:
            return [], start
        inner = [token for token in tokens[place + 2].children or () if token.type != "text" or token.content]
        ends = next((number for number, token in enumerate(inner) if token.type == "strong_close"), 0)
        if not ends or inner[0].type != "strong_open" or inner[ends - 1].type != "text":
            return [], start
        label, rest = render(inner[1:ends]), render(inner[ends + 1 :])
        if not (label.endswith(COLONS) or rest.startswith(COLONS)):
            return [], start
        rest = rest.lstrip("".join(COLONS)).strip()
        parts = [rest] if "<" in rest else BETWEEN_PARTS.split(rest)
        rows.append((label.rstrip("".join(COLONS)), parts))
        place += 5
    return (rows if len(rows) > 1 else []), place + 1


def row_table(rows: Sequence[tuple[str, Sequence[str]]]) -> str:
    """Render labelled rows as a table; a cell of several parts is a list."""
    cells = (
        (label, parts[0] if len(parts) == 1 else f"<ul>{''.join(f'<li>{part}</li>' for part in parts)}</ul>")
        for label, parts in rows
    )
    body = "".join(f'<tr><th scope="row">{label}</th><td>{cell}</td></tr>\n' for label, cell in cells)
    return f'<div class="table" tabindex="0"><table>\n{body}</table></div>\n'


def render(inline: Sequence[Token]) -> str:
    return RENDERER.renderInline(inline, PARSER.options, {})


def html_token(content: str) -> Token:
    return Token("html_block", "", 0, content=content)
