"""The menu of an official account: made from the content within the platform's limits, and shown as lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast
from unicodedata import east_asian_width

from bot.content.agency import MenuEntry, MenuItem
from bot.knowledge.deep_links import Target, TargetKind, opened
from bot.knowledge.knowledge import Knowledge
from bot.model import Language

MOST_ENTRIES, MOST_ITEMS = 3, 5
MOST_BYTES = (16, 60)  # of a name, in the bar and above it
WIDEST = (8, 16)  # half-width characters that are shown of a name; the rest becomes "..."
LONGEST_URL = 1024  # bytes

Json = dict[str, Any]


class BadMenu(Exception):
    """The menu does not fit; the message lists all reasons."""


def menu_of(knowledge: Knowledge, lang: Language) -> Json:
    """Return the body of menu/create. Raises BadMenu."""
    entries = knowledge.library.operator.menu
    if bad := list(problems(entries, lang)):
        raise BadMenu("\n".join(f"operator.yaml: menu: {one}" for one in bad))
    return {"button": [button(entry, lang) for entry in entries]}


def problems(entries: Sequence[MenuEntry], lang: Language) -> Iterator[str]:
    if not entries:
        yield "it is empty; write one, as the editor's guide shows"
    if len(entries) > MOST_ENTRIES:
        yield f"{len(entries)} entries; at most {MOST_ENTRIES}"
    for entry in entries:
        yield from name_problems(entry.name[lang], 0)
        if len(entry.items) > MOST_ITEMS:
            yield f'"{entry.name[lang]}" has {len(entry.items)} items; at most {MOST_ITEMS}'
        for item in entry.items:
            yield from name_problems(item.name[lang], 1)
        for one in (entry, *entry.items):
            if one.link and len(one.link.encode()) > LONGEST_URL:
                yield f'the link of "{one.name[lang]}" has more than {LONGEST_URL} bytes'


def name_problems(name: str, level: int) -> Iterator[str]:
    """Yield the mistakes of a name: longer ones are refused, or cut where they are shown."""
    where, size = ("in the bar", "above the bar")[level], len(name.encode())
    width = sum(2 if east_asian_width(sign) in "WF" else 1 for sign in name)
    if size > MOST_BYTES[level] or width > WIDEST[level]:
        yield (
            f'the name "{name}" is too long {where}: at most {WIDEST[level] // 2} Chinese characters or {WIDEST[level]} letters '
            f"are shown"
        )


def button(item: MenuItem, lang: Language) -> Json:
    name, below = item.name[lang], item.items if isinstance(item, MenuEntry) else ()
    if below:
        return {"name": name, "sub_button": [button(one, lang) for one in below]}
    kind, target = item.targets[0]
    if kind == "link":
        return {"type": "view", "name": name, "url": target}
    return {"type": "click", "name": name, "key": Target(cast(TargetKind, kind), target).payload}


def buttons_of(answer: Mapping[str, Any]) -> list[Json]:
    """Return the buttons of an answer of menu/get or get_current_selfmenu_info, which has them in other places."""
    menu = answer.get("menu") or answer.get("selfmenu_info") or {}
    return [one for one in menu.get("button") or () if isinstance(one, dict)]


def lines(buttons: Sequence[Json], knowledge: Knowledge, indent: str = "") -> Iterator[str]:
    """Describe a menu, a line for each button."""
    for one in buttons:
        below = one.get("sub_button") or []
        below = below.get("list") or [] if isinstance(below, dict) else below
        yield f"{indent}{one.get('name', '')}" + ("" if below else f" → {does(one, knowledge)}")
        yield from lines(below, knowledge, f"{indent}  ")


def does(one: Json, knowledge: Knowledge) -> str:
    if one.get("type") == "click":
        target = opened(str(one.get("key", "")), knowledge)
        return f"the {target.kind} {target.name}" if target else f"the key {one.get('key')}"
    return str(one.get("url") or one.get("value") or one.get("type"))
