"""The laying of one folder's files over another's: what is changed, added and taken away."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from bot.content.kinds import suggest
from bot.content.said import Said, said
from bot.content.tree import Mistake, Node, entry_id
from bot.language.normalize import loose_key

# Lists of these keys grow when a folder is laid over another; all other lists are replaced as a whole.
GROWING = frozenset({"phrasings", "asked", "start", "also"})
CONDITIONS = frozenset({"when", "ask_if"})  # half of one and half of another would say what nobody has written
EXAMPLES = "examples"  # of a check: one with the same answers is replaced, others are added
YES = frozenset({"yes", "true", "on"})

Place = tuple[str, ...]


@dataclass(frozen=True)
class Laying:
    """Lays trees over one another. `taken`: the entries taken away, by their place, each as it stands in the later folder."""

    mistakes: list[Mistake]
    taken: dict[Place, Node] = field(default_factory=dict)

    def laid(self, under: Node, over: Node, place: Place) -> Node:
        """Mappings by key, lists of entries with an `id` by id, phrasings added, all else replaced."""
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
        """The entries of both lists, those of the same key as one."""
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
        """Phrasings without those that are taken away, in whichever language they stand."""
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


def nothing_to_remove(name: str, place: Place, known: Iterable[str]) -> Said:
    if place[-1] == EXAMPLES:
        return said("no-such-example")
    return said("nothing-to-remove", name=name, hint=suggest(name, known))


def listed(node: Node) -> list[Node]:
    return node.value if isinstance(node.value, list) else []


def answers(example: Node) -> str:
    """What tells an example from others."""
    given = example.value.get("answers") if isinstance(example.value, dict) else None
    plain = given.plain() if given else {}
    return repr(sorted(plain.items())) if isinstance(plain, dict) else repr(plain)


def removed(node: Node) -> bool:
    """Whether the entry says `remove: yes` (or `hide: yes`): a later folder takes it away."""
    if not isinstance(node.value, dict):
        return False
    return any(str(node.value[key].value).lower() in YES for key in ("remove", "hide") if key in node.value)


def ids(items: Sequence[Node]) -> list[str] | None:
    """The ids of a list's entries, or None if one of them has none."""
    found = [entry_id(item) for item in items]
    return [name for name in found if name is not None] if all(found) else None
