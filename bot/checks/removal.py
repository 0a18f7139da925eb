"""Removal of questions and values from a check, adapting the shipped conditions that name them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.content.said import said
from bot.content.tree import Mistake, Node, entry_id

Holding = Node | bool  # a reduced condition; true if it always holds, false if never


@dataclass(frozen=True)
class Removed:
    """A check's questions and values removed by a folder, each with the node that removes it."""

    questions: Mapping[str, Node]
    values: Mapping[str, Mapping[str, Node]]

    def __bool__(self) -> bool:
        return bool(self.questions or self.values)

    @classmethod
    def of(cls, check: str, taken: Mapping[tuple[str, ...], Node]) -> Removed:
        questions: dict[str, Node] = {}
        values: dict[str, dict[str, Node]] = {}
        for place, by in taken.items():
            match place:
                case (name, "questions", question) if name == check:
                    questions[question] = by
                case (name, "questions", question, "values", value) if name == check:
                    values.setdefault(question, {})[value] = by
        return cls(questions, values)


def remove(check: Node, gone: Removed, base: str, mistakes: list[Mistake]) -> Node:
    """Return the check without `gone`, its conditions in files under `base` adapted; warn of rules and questions lost."""
    if not isinstance(check.value, dict):
        return check
    parts = dict(check.value)
    questions = dict(gone.questions)
    while True:
        less = Reduction(Removed(questions, gone.values), remaining_values(parts.get("questions")), base)
        found, lost = reduced_entries(parts.get("questions"), "ask_if", less)
        if found is not None:
            parts["questions"] = found
        for entry, by in lost:
            questions[str(entry_id(entry))] = by
            mistakes.append(reference(by, "question", entry))
        if not lost:
            break
    found, lost = reduced_entries(parts.get("rules"), "when", less)
    if found is not None:
        parts["rules"] = found
    mistakes += [reference(by, "rule", entry) for entry, by in lost]
    if questions_node := parts.get("questions"):
        parts["questions"] = Node(
            [with_reduced_groups(one, gone) for one in items(questions_node)], questions_node.file, questions_node.line
        )
    return Node(parts, check.file, check.line)


def reference(by: Node, what: str, entry: Node) -> Mistake:
    return by.mistake(said("gone-with-it", what=said(what), name=entry_id(entry)), warning=True)


def items(node: Node | None) -> list[Node]:
    return node.value if node is not None and isinstance(node.value, list) else []


def remaining_values(questions: Node | None) -> dict[str, list[Node]]:
    """Return the ids of each question's remaining values."""
    return {
        str(entry_id(one)): [
            value.value["id"] for value in items(one.value.get("values")) if isinstance(value.value, dict)
        ]
        for one in items(questions)
        if isinstance(one.value, dict) and one.value.get("values")
    }


def with_reduced_groups(question: Node, gone: Removed) -> Node:
    """Remove the gone values from a question's groups; groups may become empty, since texts name them."""
    values = gone.values.get(str(entry_id(question)))
    if not values or not isinstance(question.value, dict) or "groups" not in question.value:
        return question
    groups = question.value["groups"]
    if not isinstance(groups.value, dict):
        return question
    less = {
        name: Node([one for one in items(group) if one.value not in values], group.file, group.line)
        for name, group in groups.value.items()
    }
    return Node({**question.value, "groups": Node(less, groups.file, groups.line)}, question.file, question.line)


def reduced_entries(entries: Node | None, key: str, less: Reduction) -> tuple[Node | None, list[tuple[Node, Node]]]:
    """Return the questions or rules with adapted conditions, and those whose condition can never hold, with the cause."""
    if entries is None or not isinstance(entries.value, list):
        return entries, []
    left: list[Node] = []
    lost: list[tuple[Node, Node]] = []
    for entry in entries.value:
        condition = entry.value.get(key) if isinstance(entry.value, dict) else None
        less.used.clear()
        holds = less.condition(condition) if condition is not None else True
        if condition is None or not less.used:
            left.append(entry)
        elif holds is False:
            lost.append((entry, less.used[0]))
        else:
            assert isinstance(entry.value, dict)
            rest = {name: node for name, node in entry.value.items() if name != key}
            mended = rest if holds is True else {**rest, key: holds}
            left.append(Node(mended, entry.file, entry.line))
    return Node(left, entries.file, entries.line), lost


class Reduction:
    """Removes gone questions and values from conditions; `used` are the removing nodes met in one condition."""

    def __init__(self, gone: Removed, left: Mapping[str, Sequence[Node]], base: str) -> None:
        self.gone, self.left, self.base = gone, left, base
        self.used: list[Node] = []
        self.unasked = False  # the condition names a gone question

    def condition(self, node: Node) -> Holding:
        """Reduce a condition to its remaining parts."""
        if not isinstance(node.value, dict):
            return node
        parts = {key: self.part(key, child) for key, child in node.value.items()}
        if any(holds is False for holds in parts.values()):
            return False
        left = {key: holds for key, holds in parts.items() if isinstance(holds, Node)}
        return Node(left, node.file, node.line) if left else True

    def part(self, key: str, node: Node) -> Holding:
        if key in ("all", "any") and isinstance(node.value, list):
            every = key == "all"
            found = [self.condition(one) for one in node.value]
            if (not every) in found:
                return not every
            left = [holds for holds in found if isinstance(holds, Node)]
            return Node(left, node.file, node.line) if left else every
        if key == "not":
            before, self.unasked = self.unasked, False
            holds = self.condition(node)
            unasked, self.unasked = self.unasked, before or self.unasked
            return holds if isinstance(holds, Node) else not holds and not unasked
        if key in self.gone.questions and self.ships(node):
            self.used.append(self.gone.questions[key])
            self.unasked = True
            return False  # a test of an unasked question fails, negated or not
        return self.values(key, node) if key in self.gone.values and key in self.left else node

    def values(self, question: str, node: Node) -> Holding:
        if not isinstance(node.value, dict):
            left = self.remaining_names(question, node)
            return False if left is None else left
        parts: dict[str, Node] = {}
        for word, names in node.value.items():
            left = self.remaining_names(question, names)
            if word == "none of" and left is None:  # holds for any answer, but only if asked
                parts.setdefault("any of", Node([*self.left[question]], names.file, names.line))
            elif left is None or (word == "all of" and left is not names):
                return False
            else:
                parts[word] = left
        return Node(parts, node.file, node.line)

    def remaining_names(self, question: str, node: Node) -> Node | None:
        """Return the remaining names, None if none remain, or the same node if none is gone."""
        gone = self.gone.values[question]
        names = node.value if isinstance(node.value, list) else [node]
        lost = [one for one in names if isinstance(one.value, str) and one.value in gone and self.ships(one)]
        self.used += [gone[str(one.value)] for one in lost]
        if not lost:
            return node
        left = [one for one in names if one not in lost]
        return Node(left, node.file, node.line) if left else None

    def ships(self, node: Node) -> bool:
        return node.file.startswith(self.base)
