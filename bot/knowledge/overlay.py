"""Overlaying of content trees: merging, adding and removing entries."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from bot.content.kinds import suggest
from bot.content.said import Notice, said
from bot.content.tree import Mistake, Node, entry_id
from bot.language.normalize import loose_key

# Lists under these keys are extended by an overlay; all other lists are replaced.
GROWING = frozenset({"phrasings", "asked", "start", "also", "said", "about", "aside", "zero"})
CONDITIONS = frozenset({"when", "ask_if"})  # replaced as a whole: a mixture would be a condition nobody wrote
EXAMPLES = "examples"  # of a check: merged by their answers
YES = frozenset({"yes", "true", "on"})

Place = tuple[str, ...]


@dataclass(frozen=True)
class Laying:
    """Overlays trees. `taken`: the entries with `remove: yes` by the place that they remove."""

    mistakes: list[Mistake]
    taken: dict[Place, Node] = field(default_factory=dict)

    def laid(self, under: Node, over: Node, place: Place) -> Node:
        """Merge mappings by key and lists by entry id, extend phrasings, replace everything else."""
        if place[-1] in CONDITIONS:
            return over
        if isinstance(under.value, dict) and isinstance(over.value, dict):
            growing = place[-1] in GROWING
            merged = dict(under.value)
            if growing and "remove" in over.value:
                merged = self.lessened(merged, over.value["remove"])
            for name, node in over.value.items():
                if growing and name == "remove":
                    continue
                below = merged.get(name) or Node([] if isinstance(node.value, list) else None, node.file, node.line)
                merged[name] = self.laid(below, node, (*place, name))
            return replace(over, value=merged)
        if isinstance(under.value, list) and isinstance(over.value, list):
            if GROWING.intersection(place[-2:]):
                known = {item.value for item in under.value if isinstance(item.value, str)}
                fresh = [item for item in over.value if not (isinstance(item.value, str) and item.value in known)]
                return replace(over, value=[*under.value, *fresh])
            if place[-1] == EXAMPLES:
                return replace(over, value=self.by(answers, under.value, over.value, place))
            if ids(under.value) is not None and ids(over.value) is not None:
                return replace(over, value=self.by(entry_id, under.value, over.value, place))
        return over

    def by(
        self, key: Callable[[Node], str | None], under: Sequence[Node], over: Sequence[Node], place: Place
    ) -> list[Node]:
        """Merge two lists by a key of their entries."""
        found = {key(item): item for item in under}
        for item in over:
            name = key(item)
            inner = (*place, str(name))
            if removed(item):
                if found.pop(name, None) is None:
                    self.mistakes.append(item.mistake(nothing_to_remove(name or "", place, map(str, found))))
                self.taken[inner] = item
                continue
            self.taken.pop(inner, None)
            by_id = name in found and place[-1] != EXAMPLES
            found[name] = self.laid(found[name], item, inner) if by_id else item
        return list(found.values())

    def lessened(self, lists: dict[str, Node], gone: Node) -> dict[str, Node]:
        """Remove phrasings, in whichever language they are listed."""
        items = gone.value if isinstance(gone.value, list) else [gone]
        keys: set[str] = set()
        all_of = [item.value for node in lists.values() for item in listed(node) if isinstance(item.value, str)]
        known = {loose_key(text) for text in all_of}
        for item in items:
            if isinstance(item.value, str) and loose_key(item.value) in known:
                keys.add(loose_key(item.value))
            else:
                words = item.value if isinstance(item.value, str) else ""
                told = said("phrasing-not-there", words=words, hint=suggest(words, all_of))
                self.mistakes.append(item.mistake(told))
        return {
            lang: Node([item for item in listed(node) if loose_key(str(item.value)) not in keys], node.file, node.line)
            for lang, node in lists.items()
        }


def nothing_to_remove(name: str, place: Place, known: Iterable[str]) -> Notice:
    if place[-1] == EXAMPLES:
        return said("no-such-example")
    return said("nothing-to-remove", name=name, hint=suggest(name, known))


def listed(node: Node) -> list[Node]:
    return node.value if isinstance(node.value, list) else []


def answers(example: Node) -> str:
    """Return the key of an example: its answers."""
    given = example.value.get("answers") if isinstance(example.value, dict) else None
    plain = given.plain() if given else {}
    return repr(sorted(plain.items())) if isinstance(plain, dict) else repr(plain)


def removed(node: Node) -> bool:
    """True if the entry has `remove: yes` or `hide: yes`."""
    if not isinstance(node.value, dict):
        return False
    return any(str(node.value[key].value).lower() in YES for key in ("remove", "hide") if key in node.value)


def ids(items: Sequence[Node]) -> list[str] | None:
    """Return the ids of a list's entries, or None if an entry lacks one."""
    found = [entry_id(item) for item in items]
    return [name for name in found if name is not None] if all(found) else None
