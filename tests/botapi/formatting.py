"""Texts as Telegram reads them: its subset of HTML, and the entities that it finds by itself."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from .description import Json, bad, utf16

KINDS = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline", "ins": "underline",
    "s": "strikethrough", "strike": "strikethrough", "del": "strikethrough", "tg-spoiler": "spoiler",
    "span": "spoiler", "a": "text_link", "tg-emoji": "custom_emoji", "code": "code", "pre": "pre",
    "blockquote": "blockquote",
}  # fmt: skip
ATTRIBUTES = {
    "a": {"href"}, "span": {"class"}, "code": {"class"}, "tg-emoji": {"emoji-id"}, "blockquote": {"expandable"},
}  # fmt: skip
NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}

TOKEN = re.compile(r"[<&]")
REFERENCE = re.compile(r"&(?:(lt|gt|amp|quot)|#(\d{1,7})|#x([0-9a-fA-F]{1,6}));")
NAME = re.compile(r"[^\s>/]*")
ATTRIBUTE = re.compile(r"\s*([^\s=>/\"']*)\s*(?:=\s*(?:\"([^\"]*)\"|'([^']*)'|([A-Za-z0-9.-]+)))?")
LINK = re.compile(r"(?:https?://|tg://|mailto:|tel:|ton://)\S+$|[\w-]+(?:\.[\w-]+)+(?:[/?#]\S*)?$", re.I)
USER = re.compile(r"tg://user\?id=(\d+)$")

# Each kind has a character without which it cannot be there, so that plain texts cost nothing.
PATTERNS = {
    "@": r"(?P<email>(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,})"
    r"|(?P<mention>(?<![\w@/])@[A-Za-z]\w{2,31}(?!\w))",
    ".": r"(?P<url>https?://[^\s<>\"]+[^\s<>\".,;:!?)\]}']|(?<![\w@./-])(?:[A-Za-z0-9-]+\.)+"
    r"(?:com|org|net|io|me|cn|ru|info|dev|app)(?![\w.-])(?:/[^\s<>\"]*[^\s<>\".,;:!?)\]}'])?)",
    "/": r"(?P<bot_command>(?<![\w/<>])/[A-Za-z0-9_]{1,64}(?:@\w{3,32})?(?![\w/]))",
    "#": r"(?P<hashtag>(?<!\w)#(?=\w*[^\W\d_])\w{1,255})",
}


@cache
def _finder(hints: str) -> re.Pattern[str]:
    return re.compile("|".join(PATTERNS[hint] for hint in hints))


def found_entities(text: str, taken: list[Json] | None = None) -> list[Json]:
    """The entities that Telegram finds in a text by itself, outside of those already `taken`; UTF-16 offsets."""
    hints = "".join(hint for hint in PATTERNS if hint in text)
    if not hints:
        return taken or []
    entities, plain = [], text.isascii()
    for match in _finder(hints).finditer(text):
        start = match.start() if plain else utf16(text[: match.start()])
        length = utf16(match.group())
        if not any(start < one["offset"] + one["length"] and one["offset"] < start + length for one in taken or []):
            entities.append({"offset": start, "length": length, "type": match.lastgroup})
    return ordered(entities + (taken or []))


def ordered(entities: list[Json]) -> list[Json]:
    """Entities as Telegram lists them: by start, the longer first."""
    return sorted(entities, key=lambda one: (one["offset"], -one["length"]))


def parse_html(source: str) -> tuple[str, list[Json]]:
    """Text and entities of a text with parse_mode HTML. Raises Refusal with Telegram's words."""
    if not TOKEN.search(source):
        return source, []
    parts: list[str] = []
    entities: list[Json] = []
    stack: list[tuple[str, int, Json]] = []
    length = at = 0

    def byte(position: int) -> int:
        return len(source[:position].encode())

    while match := TOKEN.search(source, at):
        parts.append(source[at : match.start()])
        length += utf16(parts[-1])
        start = match.start()
        if source[start] == "&":
            reference = REFERENCE.match(source, start)
            if not reference:
                raise _unparsed(f'stand-in: "&" must be written as "&amp;" at byte offset {byte(start)}')
            parts.append(_character(reference, byte(start)))
            length += utf16(parts[-1])
            at = reference.end()
        elif source.startswith("</", start):
            at = source.find(">", start) + 1
            if not at:
                raise _unparsed(f"Unclosed end tag at byte offset {byte(start)}")
            name = source[start + 2 : at - 1].strip().lower()
            if not stack:
                raise _unparsed(f"Unexpected end tag at byte offset {byte(start)}")
            opened, begin, entity = stack.pop()
            if name and name != opened:
                raise _unparsed(
                    f'Unmatched end tag at byte offset {byte(start)}, expected "</{opened}>", found "</{name}>"'
                )
            if length > begin:
                entities.append({"offset": begin, "length": length - begin, **entity})
        else:
            name, attributes, at = _start_tag(source, start, byte(start))
            stack.append((name, length, _entity(name, attributes, [one[0] for one in stack], byte(start))))
    parts.append(source[at:])
    if stack:
        raise _unparsed(f'Can\'t find end tag corresponding to start tag "{stack[-1][0]}"')
    return "".join(parts), ordered(_with_language(entities))


def _unparsed(words: str) -> Exception:
    return bad(f"can't parse entities: {words}")


def _character(reference: re.Match[str], offset: int) -> str:
    named, decimal, hexadecimal = reference.groups()
    if named:
        return NAMED[named]
    code = int(decimal) if decimal else int(hexadecimal, 16)
    if code == 0 or code > 0x10FFFF or 0xD800 <= code < 0xE000:
        raise _unparsed(f"stand-in: no character has the number of the reference at byte offset {offset}")
    return chr(code)


def _start_tag(source: str, start: int, offset: int) -> tuple[str, dict[str, str], int]:
    """Name, attributes and end of the tag that starts there."""
    match = NAME.match(source, start + 1)
    assert match is not None
    name, at = match.group().lower(), match.end()
    if at >= len(source):
        raise _unparsed(f"Unclosed start tag at byte offset {offset}")
    if name not in KINDS:
        raise _unparsed(f'Unsupported start tag "{name}" at byte offset {offset}')
    attributes: dict[str, str] = {}
    while True:
        while at < len(source) and source[at].isspace():
            at += 1
        if at >= len(source):
            raise _unparsed(f"Unclosed start tag at byte offset {offset}")
        if source[at] == ">":
            break
        found = ATTRIBUTE.match(source, at)
        if not found or not found[1]:
            raise _unparsed(f'Empty attribute name in the tag "{name}" at byte offset {offset}')
        key = found[1].lower()
        if key not in ATTRIBUTES.get(name, ()):
            raise _unparsed(f'stand-in: the tag "{name}" takes no attribute "{key}" (byte offset {offset})')
        attributes[key] = next((value for value in found.groups()[1:] if value is not None), "")
        at = found.end()
    return name, attributes, at + 1


def _entity(name: str, attributes: dict[str, str], around: list[str], offset: int) -> Json:
    """What a tag makes of its text."""
    value = {key: REFERENCE.sub(lambda match: _character(match, offset), one) for key, one in attributes.items()}
    if name == "span" and value.get("class") != "tg-spoiler":
        raise _unparsed(f'Tag "span" must have class "tg-spoiler" at byte offset {offset}')
    if name == "tg-emoji":
        if not value.get("emoji-id", "").isdigit():
            raise _unparsed("Invalid custom emoji identifier specified")
        return {"type": "custom_emoji", "custom_emoji_id": value["emoji-id"]}
    if name == "a":
        href = value.get("href", "")
        if user := USER.match(href):
            return {"type": "text_mention", "user": {"id": int(user[1]), "is_bot": False, "first_name": "stand-in"}}
        if not LINK.match(href):
            # Telegram drops such a link silently, and the reader misses it.
            raise _unparsed(f'stand-in: the tag "a" has no usable href at byte offset {offset}')
        return {"type": "text_link", "url": href}
    if name == "blockquote":
        return {"type": "expandable_blockquote" if "expandable" in value else "blockquote"}
    if name == "code" and "class" in value:
        if around[-1:] != ["pre"] or not value["class"].startswith("language-"):
            raise _unparsed(f'stand-in: class of "code" must be "language-…", inside of "pre" (byte offset {offset})')
        return {"type": "code", "language": value["class"].removeprefix("language-")}
    return {"type": KINDS[name]}


def _with_language(entities: list[Json]) -> list[Json]:
    """`pre` around `code` of the same extent is one entity, which carries the language."""
    spans = {(one["offset"], one["length"]): one for one in entities if one["type"] == "code" and "language" in one}
    kept: list[Json] = []
    for one in entities:
        inner = spans.get((one["offset"], one["length"]))
        if one["type"] == "pre" and inner:
            kept.append({**one, "language": inner["language"]})
        elif one is not inner or not any(
            other["type"] == "pre" and (other["offset"], other["length"]) == (one["offset"], one["length"])
            for other in entities
        ):
            kept.append({key: value for key, value in one.items() if key != "language"})
    return kept


def trimmed(text: str, entities: list[Json]) -> tuple[str, list[Json]]:
    """Without white space at either end, which Telegram cuts off; entities moved along."""
    cut = text.strip()
    if len(cut) == len(text):
        return text, entities
    shift, end = utf16(text[: len(text) - len(text.lstrip())]), utf16(cut)
    moved = []
    for one in entities:
        begin = max(0, one["offset"] - shift)
        stop = min(end, one["offset"] + one["length"] - shift)
        if stop > begin:
            moved.append({**one, "offset": begin, "length": stop - begin})
    return cut, moved


def formatted(text: str, parse_mode: str | None, entities: list[Json] | None) -> tuple[str, list[Json]]:
    """A text that a bot sends, as Telegram shows it: what is left of it, and all of its entities."""
    given: list[Any] = []
    if parse_mode and parse_mode.lower() == "html":
        text, given = parse_html(text)
    elif parse_mode:
        known = parse_mode.lower() in ("markdown", "markdownv2")
        raise bad("stand-in: only parse_mode HTML is modelled" if known else "unsupported parse_mode")
    elif entities:
        total = utf16(text)
        for one in entities:
            if one["offset"] < 0 or one["length"] <= 0 or one["offset"] + one["length"] > total:
                raise bad("stand-in: an entity reaches beyond the text")
        given = entities
    text, given = trimmed(text, given)
    return text, found_entities(text, given)
