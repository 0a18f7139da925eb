"""References to removed content: dropped from shipped files, reported as mistakes in an agency's own files."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from bot.checks.removal import Removed, remove
from bot.content.said import said
from bot.content.tree import Mistake, Node, Step, entry_id

REMOVED, HIDDEN = "removed/", "hidden/"  # prefixes of trees: entries with `remove`; hidden topics in full
NAMED = {"course": "courses", "benefit": "benefits", "step": "registration"}  # functions of templates → lists

Path = tuple[Step, ...]


def sifted(node: Node, keep: Callable[[Path, Node], bool], path: Path = ()) -> Node:
    """Filter the entries of a tree; the tree itself is returned if all are kept."""
    if isinstance(node.value, dict):
        kept = {
            name: sifted(child, keep, (*path, name)) for name, child in node.value.items() if keep((*path, name), child)
        }
        same = len(kept) == len(node.value) and all(kept[name] is node.value[name] for name in kept)
        return node if same else Node(kept, node.file, node.line)
    if isinstance(node.value, list):
        left = [
            sifted(child, keep, (*path, index)) for index, child in enumerate(node.value) if keep((*path, index), child)
        ]
        same = len(left) == len(node.value) and all(a is b for a, b in zip(left, node.value, strict=True))
        return node if same else Node(left, node.file, node.line)
    return node


def text_at(node: Node, key: str) -> str:
    """Return the text under a key; "" without one."""
    child = node.value.get(key) if isinstance(node.value, dict) else None
    return child.value if child and isinstance(child.value, str) else ""


def mended(trees: dict[str, Node], base: str, mistakes: list[Mistake]) -> None:
    """Repair all references to removed content; `base` is the prefix of shipped file names."""
    taken = {tuple(name.removeprefix(REMOVED).split("|")): node for name, node in trees.items() if is_removed(name)}
    if not taken:
        return
    for name in [name for name in trees if name.startswith("checks/")]:
        gone = Removed.of(name, taken)
        if gone:
            trees[name] = remove(trees[name], gone, base, mistakes)
    tell_of_gone(trees, taken, base, mistakes)
    Mending(trees, taken, base, mistakes).all()


def is_removed(name: str) -> bool:
    return name.startswith(REMOVED)


def tell_of_gone(
    trees: dict[str, Node], taken: Mapping[tuple[str, ...], Node], base: str, mistakes: list[Mistake]
) -> None:
    """Drop shipped facts that name a removed course, benefit or step, and hide topics left without facts."""
    for (where, *rest), by in taken.items():
        function = next((name for name, kind in NAMED.items() if kind == where), None)
        if function is None or len(rest) != 1:
            continue
        own_topic = f"topics/course-{rest[0]}"
        if function == "course" and own_topic in trees and trees[own_topic].file.startswith(base):
            hide(trees, own_topic, by)
        named = re.compile(rf"""\b{function}\(\s*["']{re.escape(rest[0])}["']""")

        def keep(path: Path, node: Node, named: re.Pattern[str] = named) -> bool:
            inside = len(path) == 2 and path[0] in ("facts", "answers", "missing") and node.file.startswith(base)
            return not (inside and any(named.search(text_at(node, lang)) for lang in ("en", "zh")))

        for name in [name for name in trees if name.startswith("topics/")]:
            left = sifted(trees[name], keep)
            if left is trees[name]:
                continue
            trees[name] = left
            facts = left.value.get("facts") if isinstance(left.value, dict) else None
            if facts is not None and not facts.value:
                hide(trees, name, by)
            topic = name.removeprefix("topics/")
            gone = said("no-longer-told", topic=topic, what=said(function), name=rest[0])
            mistakes.append(by.mistake(gone, warning=True))


def hide(trees: dict[str, Node], name: str, by: Node) -> None:
    """Move a topic to the hidden ones: its questions are recognised but not answered."""
    topic = trees.pop(name)
    trees[f"{HIDDEN}{name.removeprefix('topics/')}"] = Node(topic.value, by.file, by.line)


@dataclass(frozen=True)
class Mending:
    """One pass over all references to topics, checks, facts and terms."""

    trees: dict[str, Node]
    taken: Mapping[tuple[str, ...], Node]
    base: str
    mistakes: list[Mistake]

    def all(self) -> None:
        for name in list(self.trees):
            kind = name.partition("/")[0]
            if kind in ("topics", "checks", "operator", "guards", "registration"):
                self.trees[name] = sifted(self.trees[name], self.keeping(kind, name))
        rules = self.trees.get("keywords")
        if rules is not None and isinstance(rules.value, list):
            self.trees["keywords"] = Node([*map_kept(self.rule, rules.value)], rules.file, rules.line)

    def keeping(self, kind: str, name: str) -> Callable[[Path, Node], bool]:
        """Make the filter for a file: dangling references are dropped, or kept and reported in an agency's own file."""

        def keep(path: Path, node: Node) -> bool:
            match (kind, *path):
                case ("topics" | "checks", "related", int()) | ("operator", "most_asked", int()):
                    return not self.lost("topics", node)
                case ("operator", "menu", int()):
                    return not (self.brings_lost(node) or self.loses_all_items(node))
                case ("operator", "menu", int(), "items", int()):
                    return not self.brings_lost(node)
                case ("topics", "check"):
                    return not self.lost("checks", node)
                case ("topics", "rests_on", int()):
                    return ("glossary", str(node.value)) not in self.taken or not self.ships(node)
                case ("guards", int(), "sides", int(), "topics", int()):
                    return self.fits(str(node.value)) or not self.lost("topics", node)
                case ("checks", "rules", int(index), "facts", int()):
                    return not self.ships(node) or self.has_fact(name, index, node)
                case ("checks", "rules", int(), "topic") | ("registration", int(), "topic"):
                    self.lost("topics", node)  # for its mistake; the text needs no topic
            return True

        return keep

    def lost(self, kind: str, node: Node) -> Node | None:
        """Return the entry that hides a referenced topic or check; in an agency's own file, report the reference instead."""
        name = str(node.value)
        by = (
            next((one for hidden, one in self.trees.items() if fnmatch.fnmatch(hidden, f"{HIDDEN}{name}")), None)
            if kind == "topics"
            else self.taken.get((f"checks/{name}",))
        )
        if by is None or self.ships(node):
            return by
        what = kind.removesuffix("s")
        told = said("is-hidden", what=said(what), name=name, file=by.file, line=by.line)
        self.mistakes.append(node.mistake(told))
        return None

    def rule(self, rule: Node) -> Node | None:
        """Drop the lost replies of a keyword rule; None if none is left."""
        replies = rule.value.get("replies") if isinstance(rule.value, dict) else None
        if not isinstance(rule.value, dict) or replies is None or not isinstance(replies.value, list):
            return rule
        left, gone = [], None
        for reply in replies.value:
            lost = self.brings_lost(reply)
            gone = lost or gone
            left += [] if lost else [reply]
        if left or gone is None:
            return Node({**rule.value, "replies": Node(left, replies.file, replies.line)}, rule.file, rule.line)
        told = said("keyword-of-hidden", name=entry_id(rule))
        self.mistakes.append(gone.mistake(told, warning=True))
        return None

    def brings_lost(self, entry: Node) -> Node | None:
        """Return the entry that hides the topic or check which a reply or an entry of the menu brings."""
        named = entry.value if isinstance(entry.value, dict) else {}
        lost = [self.lost(f"{key}s", named[key]) for key in ("topic", "check") if key in named]
        return next((by for by in lost if by), None)

    def loses_all_items(self, entry: Node) -> bool:
        """True if a shipped entry of the menu's bar has only items that bring what is hidden."""
        items = entry.value.get("items") if isinstance(entry.value, dict) else None
        listed = items.value if items and isinstance(items.value, list) else []
        return bool(listed) and self.ships(entry) and all(self.brings_lost(one) for one in listed)

    def fits(self, pattern: str) -> bool:
        return any(fnmatch.fnmatch(name, f"topics/{pattern}") for name in self.trees)

    def has_fact(self, check: str, index: int, fact: Node) -> bool:
        """True if the topic of a rule, hidden or not, has the fact."""
        topic = text_at(self.trees[check].at(("rules", index)), "topic")
        tree = self.trees.get(f"topics/{topic}") or self.trees.get(f"{HIDDEN}{topic}")
        facts = tree.value.get("facts") if tree and isinstance(tree.value, dict) else None
        return facts is None or fact.value in [entry_id(one) for one in facts.value or ()]  # type: ignore[arg-type]

    def ships(self, node: Node) -> bool:
        return node.file.startswith(self.base)


def map_kept(of: Callable[[Node], Node | None], nodes: Iterable[Node]) -> Iterator[Node]:
    for node in nodes:
        left = of(node)
        if left is not None:
            yield left
