"""Attribution of mistakes in shipped files to the line of the agency's folder that causes them.

Editors should not be pointed to shipped files, which an upgrade replaces.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from bot.content import figures
from bot.content.said import said
from bot.content.tree import Mistake, Node, walk
from bot.knowledge.library import Library, place_of
from bot.knowledge.mending import REMOVED


def attributed(library: Library, one: Mistake) -> Mistake:
    """Move a mistake in a shipped file to its cause in the agency's folder; others are returned unchanged."""
    if one.warning or not one.file.startswith(library.base):
        return one
    by = cause(library, place_of(PurePosixPath(one.file.removeprefix(library.base))) or "")
    by = by or named(library, one.message) or first(own(library, *library.places))
    return because(by, one) if by else one


def because(by: Node, one: Mistake) -> Mistake:
    """Report a mistake at its cause."""
    told = said("because-of-this", file=one.file, line=one.line, why=one.said)
    return by.mistake(told, warning=one.warning)


def cause(library: Library, name: str) -> Node | None:
    """Return the agency's first change of a shipped file, or of a figure used by a check; None if there is none."""
    taken = (node for place, node in library.places.items() if place.startswith(f"{REMOVED}{name}|"))
    by = first(own(library, name)) or first(taken)
    check = library.checks.get(name.removeprefix("checks/"))
    if by is None and check is not None and "figures" in library.places:
        text = check.model_dump_json()
        groups = library.places["figures"].value
        for group, entries in groups.items() if isinstance(groups, dict) else ():
            for key, figure in entries.value.items() if isinstance(entries.value, dict) else ():
                if not figure.file.startswith(library.base) and figures.names(text, f"{group}.{key}"):
                    return figure
    return by


def named(library: Library, message: str) -> Node | None:
    """Return the removal of an entry named in a message."""
    words = set(re.findall(r'"([^"]+)"', message))
    taken = (
        node for place, node in library.places.items() if place.startswith(REMOVED) and place.split("|")[-1] in words
    )
    return first(taken)


def own(library: Library, *names: str) -> Iterator[Node]:
    """Yield the values of these files that the agency's folder sets."""
    for name in names:
        if name in library.places and not name.startswith(REMOVED):
            for _, node in walk(library.places[name]):
                if not isinstance(node.value, dict | list) and not node.file.startswith(library.base):
                    yield node


def first(nodes: Iterator[Node]) -> Node | None:
    return min(nodes, key=lambda node: (node.file, node.line), default=None)
