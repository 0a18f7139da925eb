"""YAML files as trees of nodes with file and line.

Scalars stay text: `no` is the word no, not false. The types in `kinds` convert numbers, dates and booleans.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, MutableMapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

import yaml

from bot.content.folder import read_bytes
from bot.content.said import Notice, said
from bot.model import Language

Loader: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
DEEPEST = 24  # nested lists and mappings
MOST_VALUES = 50_000  # in one file
LONGEST_TEXT = 10_000  # characters

KEY = r"^[\s{-]*([a-z_]+)"  # at the beginning of a line or of a flow mapping
WIDE_COLON = re.compile(KEY + r" ?：")  # typed on a Chinese keyboard
NO_SPACE = re.compile(KEY + r":(?=[^\s:/])")
NO_COLON = re.compile(KEY + r"(?= +[^\s:]| *$)")
OPENS = re.compile(r"""^[\s-]*(?:[\w-]+: +)?(?:[{\[](?:.*?[:,{\[])?\s*)?(["'])""")  # a quoted text
LOOKED_AT, LINES_LOOKED_AT = 500, 300  # characters of a line, lines above it: searched for the cause of a mistake
NOTES: dict[Language, str] = {"en": "note: ", "zh": "提示："}

Step = str | int
Plain = None | str | list["Plain"] | dict[str, "Plain"]


@dataclass(frozen=True, order=True)
class Mistake:
    """A mistake or a note for editors, with file and line.

    `path` is the path of the field in the file: keys and entry ids, or list indices (from 0) of entries without an id.
    """

    file: str
    line: int
    said: Notice | str
    warning: bool = False
    path: tuple[Step, ...] = field(default=(), compare=False)

    @property
    def code(self) -> str:
        """The kind of mistake, for programs."""
        return self.said.code if isinstance(self.said, Notice) else ""

    @property
    def message(self) -> str:
        return str(self.said)

    def words(self, lang: Language) -> str:
        """Format the mistake as `file:line: message`."""
        message = self.said.words(lang) if isinstance(self.said, Notice) else self.said
        return f"{self.file}:{self.line}: {NOTES[lang] if self.warning else ''}{message}"

    def __str__(self) -> str:
        return self.words("en")


@dataclass(slots=True, weakref_slot=True)  # a content has fifty thousand
class Node:
    """A value of a YAML file (mapping, list, text or None) with its file and line.

    `index` is its position in its own file's list, which may differ from that in an overlaid list; `path` is its path, if
    known.
    """

    value: dict[str, Node] | list[Node] | str | None
    file: str
    line: int
    index: int | None = field(default=None, compare=False)
    path: tuple[Step, ...] = field(default=(), compare=False)
    kept: Any = field(default=None, repr=False, compare=False)  # the encoded value, until `value` is asked for

    def __getattr__(self, name: str) -> Any:
        """Decode the value when it is first asked for: most nodes of cached content never are."""
        if name != "value":
            raise AttributeError(name)
        value, self.kept = self.kept, None
        if isinstance(value, dict):
            value = {key: Node.of(node) for key, node in value.items()}
        elif isinstance(value, list):
            value = [Node.of(node, number) for number, node in enumerate(value)]
        self.value = value
        return value

    def plain(self) -> Plain:
        """Return the value without places, as dicts, lists, strings and None."""
        if self.kept is not None:
            return plain_of(self.kept)
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value

    def packed(self, place: int | None = None) -> list[Any]:
        """Encode the node as JSON: [value, file, line], and its index if that differs from `place`."""
        value: Any = self.value
        if isinstance(self.value, dict):
            value = {key: node.packed() for key, node in self.value.items()}
        elif isinstance(self.value, list):
            value = [node.packed(number) for number, node in enumerate(self.value)]
        return [value, self.file, self.line] + ([] if self.index in (None, place) else [self.index])

    @classmethod
    def of(cls, packed: Sequence[Any], place: int | None = None) -> Node:
        """Decode a node encoded by `packed`."""
        value, file, line = packed[:3]
        node = cls(value, sys.intern(file), line, packed[3] if len(packed) > 3 else place)
        if isinstance(value, dict | list):
            node.kept = value
            del node.value
        return node

    def at(self, path: Sequence[Step]) -> Node:
        """Return the node at the path, or its deepest existing ancestor."""
        node, taken = self, list(self.path)
        for step in path:
            if isinstance(node.value, dict) and step in node.value:
                node = node.value[str(step)]
                taken.append(step)
            elif isinstance(node.value, list) and isinstance(step, int) and step < len(node.value):
                node = node.value[step]
                taken.append(entry_id(node) or (step if node.index is None else node.index))
            elif isinstance(step, int | str) and not isinstance(node.value, dict | list):
                break
        return replace(node, path=tuple(taken))

    def mistake(self, message: Notice | str, *, warning: bool = False, key: str | None = None) -> Mistake:
        """Make a mistake at this value, or at its missing `key`."""
        return Mistake(self.file, self.line, message, warning, self.path if key is None else (*self.path, key))


def plain_of(kept: Any) -> Plain:
    """Return an encoded value without places."""
    if isinstance(kept, dict):
        return {key: plain_of(node[0]) for key, node in kept.items()}
    if isinstance(kept, list):
        return [plain_of(node[0]) for node in kept]
    found: str | None = kept
    return found


# The trees of files without a mistake, by name and content, as long as some content uses them: most files of an edited
# content are as they were. Nothing changes a node after it was read.
PARSED: MutableMapping[tuple[str, bytes], Node] = WeakValueDictionary()


def read(path: Path, shown: str, mistakes: list[Mistake]) -> Node | None:
    """Read a YAML file. Mistakes are appended to `mistakes`; None if the file cannot be read or parsed."""
    try:
        content = read_bytes(path)
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        mistakes.append(Mistake(shown, content[: error.start].count(b"\n") + 1, wrong_encoding(content)))
        return None
    except OSError as error:
        mistakes.append(Mistake(shown, 1, said("unreadable-file", why=error.strerror)))
        return None
    if known := PARSED.get((shown, content)):
        return known
    before = len(mistakes)
    try:
        root = Tree(text, shown, mistakes).root()
        repeated(root, mistakes)
        if len(mistakes) == before:
            PARSED[shown, content] = root
        return root
    except Unfit as unfit:
        mistakes.append(Mistake(shown, unfit.line, unfit.said))
    except yaml.MarkedYAMLError as error:
        mistakes.append(Mistake(shown, *cause(error, text.splitlines())))
    except yaml.reader.ReaderError as error:
        line = text[: error.position].count("\n") + 1
        mistakes.append(Mistake(shown, line, said("sign-not-shown", sign=f"U+{error.character:04X}")))
    except yaml.YAMLError as error:
        mistakes.append(Mistake(shown, 1, said("file-not-yaml", problem=" ".join(str(error).split()))))
    return None


def repeated(node: Node, mistakes: list[Mistake]) -> None:
    """Report duplicate ids in the lists of a file."""
    if not isinstance(node.value, dict | list):
        return
    if isinstance(node.value, list):
        first: dict[str, int] = {}
        for number, item in enumerate(node.value):
            name = entry_id(item)
            if name in first:
                there = replace(item, path=(*node.path, number))
                mistakes.append(there.mistake(said("id-twice", name=name, line=first[name]), key="id"))
            elif name is not None:
                first[name] = item.line
    for step, child in node.value.items() if isinstance(node.value, dict) else enumerate(node.value):
        if isinstance(child.value, dict | list):
            repeated(node.at((step,)), mistakes)


def wrong_encoding(content: bytes) -> Notice:
    """Report the likely encoding of a text that is not UTF-8."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return said("not-utf8-but-utf16")
    try:
        content.decode("gb18030")
    except UnicodeDecodeError:
        return said("not-utf8")
    return said("not-utf8-but-gbk")


def cause(error: yaml.MarkedYAMLError, lines: Sequence[str]) -> tuple[int, Notice]:
    """Return the line and the usual cause of a parser error; the cause is often above the parser's own position."""
    mark = error.problem_mark or error.context_mark
    number = min(mark.line + 1 if mark else 1, max(len(lines), 1))
    near = range(max(number - 2, 1), number + 1)
    for one in near:
        if slip := mistyped(lines[one - 1][:LOOKED_AT] if lines else ""):
            return one, slip
    if open_quote := not_closed(lines, number):
        return open_quote
    began = error.context_mark.line + 1 if error.context_mark else number
    line, problem = lines[number - 1][:LOOKED_AT] if lines else "", error.problem or ""
    if "could not find expected ':'" in problem:
        return colon_missing(lines, began)
    if "mapping values" in problem and mark and re.fullmatch(r"[\s-]*[\w-]+", line[: mark.column]):
        return number, said("indented-differently")  # the parser points at the ":" of the line's own key
    told = complaint(problem, line)
    return began if told.code in ("list-not-closed", "mapping-not-closed") else number, told


def mistyped(line: str) -> Notice | None:
    """Detect a typing mistake in a line: a tab, a full-width character, a missing space."""
    if wide := WIDE_COLON.match(line):
        return said("wide-colon", key=wide[1])
    if "\t" in line[: len(line) - len(line.lstrip())]:
        return said("begins-with-tab")
    if re.match("[ \t]*[\u3000\u00a0]", line):
        return said("begins-with-wide-space")
    if run_on := re.match(r"^\s*-([a-z_]+:)(?: |$)", line):
        return said("no-space-after-dash", key=run_on[1])
    if run_on := re.match(r"^\s*- ([a-z_]+):[^\s:/]", line):
        return said("no-space-after-colon", key=run_on[1])
    if re.search(r"[{\[].*，\s*[a-z_]+[:：]", line):
        return said("wide-comma")
    if wide := re.match(r"^\s*([－—–•·])\s*\S", line):
        return said("wide-list-mark", mark=wide[1])
    if re.match(r"^[\s-]*(?:[\w-]+: +)?[“”].*[:#]", line):
        return said("wide-quotes", mark="“ ”")
    return None


def not_closed(lines: Sequence[str], last: int) -> tuple[int, Notice] | None:
    """Find the last quoted text up to a line that is not closed before another quoted text begins."""
    for number in range(last, max(last - LINES_LOOKED_AT, 0), -1):
        begins = OPENS.match(lines[number - 1][:LOOKED_AT]) if lines else None
        if not begins:
            continue
        quote, rest = begins[1], re.sub(r"\\.|''", "", lines[number - 1][begins.end() :])
        after = next((line for line in lines[number:] if quote in line), None)
        if rest.count(quote) % 2 == 0 and (after is None or OPENS.match(after[:LOOKED_AT])):
            return number, said("quote-not-closed", mark=quote)
    return None


def colon_missing(lines: Sequence[str], began: int) -> tuple[int, Notice]:
    """Find the line whose key lacks its ":", or the space after it."""
    for number in (began, began - 1):
        line = lines[number - 1][:LOOKED_AT] if 0 < number <= len(lines) else ""
        if found := NO_SPACE.match(line):
            return number, said("no-space-after-colon", key=found[1])
        if (found := NO_COLON.match(line)) and not re.search(r":(?: |$)", line):
            return number, said("no-colon", key=found[1])
    return began, said("lacks-colon")


def complaint(problem: str, line: str) -> Notice:
    """Translate a parser error in a line into a message for editors."""
    begins = re.sub(r"^[\s-]*(?:[\w-]+:\s)?\s*", "", line)[:1]
    if "mapping values are not allowed" in problem:
        return said("colon-in-text")
    if begins and re.search(
        "cannot start any token|alphabetic or numeric character|comment or (?:a )?line break", problem
    ):
        return said("begins-with-sign", sign=begins)
    if begins == "-" and "block sequence entries" in problem:
        return said("dash-beside-key")
    if begins and re.search("block sequence entries are not allowed|expected node content", problem):
        return said("begins-with-sign", sign=begins)
    if re.search(r":\s+\{\{", line):
        return said("begins-with-brace")
    if "escape character" in problem:
        return said("not-after-a-backslash")
    if "expected ',' or ']'" in problem:
        return said("list-not-closed")
    if "expected ',' or '}'" in problem:
        return said("mapping-not-closed")
    if re.search(r"""^[\s-]*(?:[\w-]+:\s+)?(["']).*\1\s*[^\s,#\]}]""", line):
        return said("quote-too-early")
    if re.search("did not find expected|expected <block end>", problem):
        return said("indented-differently")
    return said("not-yaml", problem=problem)


class Unfit(Exception):
    """Forbidden or oversized YAML; the whole file is rejected."""

    def __init__(self, line: int, message: Notice) -> None:
        super().__init__(message)
        self.line, self.said = line, message


class Tree:
    """Builds nodes from parser events, with bounds on depth and number, and without aliases ("billion laughs")."""

    def __init__(self, text: str, file: str, mistakes: list[Mistake]) -> None:
        self.events: Iterator[Any] = yaml.parse(text, Loader=Loader)
        self.file, self.mistakes = file, mistakes
        self.count = 0

    def root(self) -> Node:
        """Build the root node. Raises Unfit, yaml.YAMLError."""
        root = Node(None, self.file, 1)
        documents = 0
        for event in self.events:
            line = event.start_mark.line + 1
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise Unfit(line, said("second-part"))
            elif isinstance(event, yaml.NodeEvent):
                root = self.value(event, 1)
        return root

    def value(self, event: Any, depth: int) -> Node:
        line = event.start_mark.line + 1
        self.count += 1
        sign = "*" if isinstance(event, yaml.AliasEvent) else "&" if event.anchor else "!" if event.tag else ""
        if sign:
            raise Unfit(line, said("begins-with-sign", sign=sign))
        if depth > DEEPEST:
            raise Unfit(line, said("too-nested", most=DEEPEST))
        if self.count > MOST_VALUES:
            raise Unfit(line, said("too-many-values", most=f"{MOST_VALUES:,}"))
        if isinstance(event, yaml.MappingStartEvent):
            return Node(self.mapping(depth), self.file, line)
        if isinstance(event, yaml.SequenceStartEvent):
            items: list[Node] = []
            while not isinstance(item := next(self.events), yaml.SequenceEndEvent):
                items.append(self.value(item, depth + 1))
                items[-1].index = len(items) - 1
            return Node(items, self.file, line)
        text = str(event.value)
        if len(text) > LONGEST_TEXT:
            raise Unfit(line, said("text-too-long", length=f"{len(text):,}", most=f"{LONGEST_TEXT:,}"))
        empty = event.style in (None, "") and text.strip() in ("", "~", "null")
        return Node(None if empty else text, self.file, line)

    def mapping(self, depth: int) -> dict[str, Node]:
        """Build the entries of a mapping; duplicate keys are mistakes."""
        entries: dict[str, Node] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            key, child = self.value(event, depth + 1), self.value(next(self.events), depth + 1)
            if not isinstance(event, yaml.ScalarEvent):
                self.mistakes.append(key.mistake(said("brace-as-key")))
                continue
            # Point at the key: a mapping or a list begins on the line below it.
            child.line = key.line
            name = str(event.value)
            if wide := WIDE_COLON.match(name):
                raise Unfit(key.line, said("wide-colon", key=wide[1]))
            if name in entries:
                self.mistakes.append(child.mistake(said("key-twice", name=name, line=entries[name].line), key=name))
                continue
            entries[name] = child
        return entries


def entry_id(node: Node) -> str | None:
    """Return the `id` of a list entry, or None."""
    if isinstance(node.value, dict) and "id" in node.value:
        value = node.value["id"].value
        return value if isinstance(value, str) else None
    return None


def walk(node: Node, path: tuple[Step, ...] = ()) -> Iterator[tuple[tuple[Step, ...], Node]]:
    """Yield this node and all its descendants with their paths."""
    yield path, node
    if isinstance(node.value, dict):
        for key, child in node.value.items():
            yield from walk(child, (*path, key))
    elif isinstance(node.value, list):
        for index, child in enumerate(node.value):
            yield from walk(child, (*path, index))
