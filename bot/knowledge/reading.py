"""YAML files as trees that remember the file and the line of every value.

Every scalar stays the text that the editor wrote: `no` is the word no, not false, and 2022-03-29 is turned into a date
only where a date is wanted. Numbers, dates and yes/no are made from the text by the types in `content`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.knowledge.folder import read_bytes

Loader: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
DEEPEST = 24  # lists and mappings in one another
MOST_VALUES = 50_000  # of one file
LONGEST_TEXT = 10_000  # letters

WIDE_COLON = re.compile(r"^[\s{-]*([a-z_]+)：")  # as a Chinese keyboard types it
IS_WIDE = 'is full-width here ("："); write a plain ":" and a space'

Step = str | int
Plain = None | str | list["Plain"] | dict[str, "Plain"]


@dataclass(frozen=True, order=True)
class Mistake:
    """One mistake in the content, for an editor: where, and what is wrong and would be right."""

    file: str
    line: int
    message: str
    warning: bool = False

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {'note: ' if self.warning else ''}{self.message}"


@dataclass
class Node:
    """A value of a YAML file: a mapping, a list, a text or nothing, with the place where it stands."""

    value: dict[str, Node] | list[Node] | str | None
    file: str
    line: int

    def plain(self) -> Plain:
        """The value without places: dicts, lists, strings and None."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value

    def packed(self) -> list[Any]:
        """The node as JSON has it: value, file and line."""
        if isinstance(self.value, dict):
            return [{key: node.packed() for key, node in self.value.items()}, self.file, self.line]
        if isinstance(self.value, list):
            return [[node.packed() for node in self.value], self.file, self.line]
        return [self.value, self.file, self.line]

    @classmethod
    def of(cls, packed: Sequence[Any]) -> Node:
        """The node that was packed so."""
        value, file, line = packed
        if isinstance(value, dict):
            return cls({key: cls.of(node) for key, node in value.items()}, file, line)
        if isinstance(value, list):
            return cls([cls.of(node) for node in value], file, line)
        return cls(value, file, line)

    def at(self, path: Sequence[Step]) -> Node:
        """The node at the path, or the deepest one above it that exists."""
        node = self
        for step in path:
            if isinstance(node.value, dict) and step in node.value:
                node = node.value[str(step)]
            elif isinstance(node.value, list) and isinstance(step, int) and step < len(node.value):
                node = node.value[step]
            elif isinstance(step, int | str) and not isinstance(node.value, dict | list):
                break
        return node

    def mistake(self, message: str, *, warning: bool = False) -> Mistake:
        return Mistake(self.file, self.line, message, warning)


def read(path: Path, shown: str, mistakes: list[Mistake]) -> Node | None:
    """Read one YAML file; what is wrong with it is added to `mistakes`, and None returned where nothing can be read."""
    try:
        content = read_bytes(path)
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        mistakes.append(Mistake(shown, line, "this file is not UTF-8 text; save it with the encoding UTF-8"))
        return None
    except OSError as error:
        mistakes.append(Mistake(shown, 1, f"this file cannot be read: {error.strerror}"))
        return None
    try:
        return Tree(text, shown, mistakes).root()
    except Unfit as unfit:
        mistakes.append(Mistake(shown, unfit.line, unfit.message))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        for number, one in enumerate(text.splitlines()[:line], 1):
            if number > line - 3 and (wide := WIDE_COLON.match(one)):  # the parser notices it later
                mistakes.append(Mistake(shown, number, f'the ":" after "{wide[1]}" {IS_WIDE}'))
                return None
        mistakes.append(Mistake(shown, line, yaml_words(error, text)))
    except yaml.YAMLError as error:
        mistakes.append(Mistake(shown, 1, f"this file is not YAML: {' '.join(str(error).split())}"))
    return None


def yaml_words(error: yaml.MarkedYAMLError, text: str) -> str:
    """The parser's complaint in an editor's words, with the usual cause."""
    mark = error.problem_mark or error.context_mark
    lines = text.splitlines()
    line = lines[mark.line] if mark and mark.line < len(lines) else ""
    problem = error.problem or "this is not YAML"
    if "\t" in line[: len(line) - len(line.lstrip())]:
        return "this line begins with a tab; indent with spaces"
    if "mapping values are not allowed" in problem:
        return 'a text with ": " inside, or ":" at its end, must stand in quotation marks, like "Note: …"'
    if "cannot start any token" in problem or "alphabetic or numeric character" in problem:
        begins = re.sub(r"^[\s-]*(?:[\w-]+:\s)?\s*", "", line)[:1]
        return f'a text that begins with "{begins}" must stand in quotation marks'
    if "could not find expected ':'" in problem:
        return 'this line lacks a ":" after its key, or it is indented differently from the lines around it'
    if re.search(r":\s+\{\{", line):
        return 'a text that begins with "{" must stand in quotation marks, or on the line after "|"'
    if "expected ',' or ']'" in problem:
        return 'a list that begins with "[" must end with "]", and a "," must stand between its entries'
    if "did not find expected key" in problem or "expected <block end>" in problem:
        return "this line is indented differently from the lines around it, or a quotation mark is missing"
    return f"this is not YAML: {problem}"


class Unfit(Exception):
    """YAML that content has no use for; nothing of its file is taken."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line, self.message = line, message


class Tree:
    """A file's values, made from the parser's events one by one: neither depth nor number can grow beyond what is taken,
    and no place stands for another, since a few lines of those make a billion."""

    def __init__(self, text: str, file: str, mistakes: list[Mistake]) -> None:
        self.events: Iterator[Any] = yaml.parse(text, Loader=Loader)
        self.file, self.mistakes = file, mistakes
        self.count = 0

    def root(self) -> Node:
        """The file's one value. Raises Unfit, yaml.YAMLError."""
        root = Node(None, self.file, 1)
        documents = 0
        for event in self.events:
            line = event.start_mark.line + 1
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise Unfit(line, 'a second part begins here; take the line "---" away')
            elif isinstance(event, yaml.NodeEvent):
                root = self.value(event, 1)
        return root

    def value(self, event: Any, depth: int) -> Node:
        line = event.start_mark.line + 1
        self.count += 1
        sign = "*" if isinstance(event, yaml.AliasEvent) else "&" if event.anchor else "!" if event.tag else ""
        if sign:
            raise Unfit(line, f'a text that begins with "{sign}" must stand in quotation marks')
        if depth > DEEPEST:
            raise Unfit(line, f"more than {DEEPEST} lists and mappings stand in one another here; write it flatter")
        if self.count > MOST_VALUES:
            raise Unfit(line, f"this file holds more than {MOST_VALUES:,} values; make several files or folders of it")
        if isinstance(event, yaml.MappingStartEvent):
            return Node(self.mapping(depth), self.file, line)
        if isinstance(event, yaml.SequenceStartEvent):
            items = []
            while not isinstance(item := next(self.events), yaml.SequenceEndEvent):
                items.append(self.value(item, depth + 1))
            return Node(items, self.file, line)
        text = str(event.value)
        if len(text) > LONGEST_TEXT:
            raise Unfit(line, f"this text has {len(text):,} letters; at most {LONGEST_TEXT:,}")
        empty = event.style in (None, "") and text.strip() in ("", "~", "null")
        return Node(None if empty else text, self.file, line)

    def mapping(self, depth: int) -> dict[str, Node]:
        """The entries of a mapping; a key that stands twice is a mistake."""
        entries: dict[str, Node] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            key, child = self.value(event, depth + 1), self.value(next(self.events), depth + 1)
            if not isinstance(event, yaml.ScalarEvent):
                words = 'a text that begins with "{" or "[" must stand in quotation marks, or on the line after "|"'
                self.mistakes.append(key.mistake(words))
                continue
            # A mapping or a list is best pointed at by its key, which stands one line above its first entry.
            child.line = key.line
            name = str(event.value)
            if wide := WIDE_COLON.match(name):
                raise Unfit(
                    key.line, f'the ":" after "{wide[1]}" is full-width here ("："); write a plain ":" and a space'
                )
            if name in entries:
                first = entries[name].line
                words = f'"{name}" stands here a second time (first on line {first}); keep one'
                self.mistakes.append(child.mistake(words))
                continue
            entries[name] = child
        return entries


def entry_id(node: Node) -> str | None:
    """The `id` of a list's entry, where it has one."""
    if isinstance(node.value, dict) and "id" in node.value:
        value = node.value["id"].value
        return value if isinstance(value, str) else None
    return None


def walk(node: Node, path: tuple[Step, ...] = ()) -> Iterator[tuple[tuple[Step, ...], Node]]:
    """Every node below this one, itself included, with its path."""
    yield path, node
    if isinstance(node.value, dict):
        for key, child in node.value.items():
            yield from walk(child, (*path, key))
    elif isinstance(node.value, list):
        for index, child in enumerate(node.value):
            yield from walk(child, (*path, index))
