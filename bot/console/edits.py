"""Edits of an operator's content files, kept apart from the files until they are published.

An edit names its place in the content by keys and ids, and what stood there: it fits a file that changed meanwhile as long as
that very value did not. Comments and the order of everything else stay.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any, Literal

import yaml
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError
from ruamel.yaml.scalarstring import LiteralScalarString, SingleQuotedScalarString

from bot.content.folder import LARGEST_TEXT, Unreadable, content_files, read_bytes
from bot.content.tree import Loader, Node, Plain, entry_id
from bot.knowledge.library import Library, file_name, place_of
from bot.knowledge.overlay import GROWING

EXAMPLES = "questions.jsonl"  # the operator's own test file, in the folder but no content
MARKS = re.compile(r"[?:,\[\]{}#&*!|>%@`\"']")  # mean something in YAML at some place
ENTRY = "="  # begins a step to the entry of a list with this id

Texts = dict[str, str | None]  # file name below the folder → text, None: no file


class CannotEdit(Exception):
    """An edit does not fit the file; the message names the file and what stands there."""


@dataclass(frozen=True)
class Edit:
    """One change: a value set (None: taken away), an item of a list added or removed, or a file's whole text.

    `place` is a file of the content by its name ("topics/deposit-amount", "figures"), `path` the keys in it. `was`: what the
    content had there. `about`: for people, what was changed. `questions`: the ids of those that it settles.
    """

    kind: Literal["set", "add", "remove", "example", "text"]
    place: str
    path: tuple[str, ...] = ()
    value: Plain = None
    was: Plain = None
    area: str = ""
    about: str = ""
    questions: tuple[int, ...] = ()

    def to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)

    def over(self, library: Library) -> Edit:
        """Return the edit with what the content has at its place now."""
        return replace(self, was=standing(library, self))

    @classmethod
    def of(cls, text: str) -> Edit:
        read = json.loads(text)
        return cls(**{**read, "path": tuple(read["path"]), "questions": tuple(read["questions"])})


def standing(library: Library, edit: Edit) -> Plain:
    """Return the content's current value at an edit's place, or None."""
    node = library.places.get(edit.place)
    for step in edit.path:
        node = inside(node, step)
    return node.plain() if node is not None else None


def inside(node: Node | None, step: str) -> Node | None:
    value = node.value if node is not None else None
    if isinstance(value, dict):
        return value.get(step)
    if isinstance(value, list) and step.startswith(ENTRY):
        return next((one for one in value if entry_id(one) == step[1:]), None)
    return None


def is_outdated(library: Library, edit: Edit, texts: Mapping[str, str]) -> bool:
    """Return true if somebody changed the very value that an edit sets, other than to the same; `texts` are the files."""
    if edit.kind == "text":
        return texts.get(file_of(edit, texts), "") not in (edit.was, edit.value)
    return edit.kind == "set" and standing(library, edit) not in (edit.was, edit.value)


def read_texts(folder: Path) -> dict[str, str]:
    """Return the texts of a folder's content and examples. Raises OSError, Unreadable."""
    found = {one.name: read_bytes(one.path).decode("utf-8-sig") for one in content_files(folder) if is_plain(one)}
    if (folder / EXAMPLES).is_file():
        found[EXAMPLES] = read_bytes(folder / EXAMPLES, 16 * LARGEST_TEXT).decode("utf-8-sig", "replace")
    return found


def is_plain(one: Any) -> bool:
    return bool(one.is_text and not one.refused)


def applied(folder: Path, edits: Iterable[Edit]) -> Texts:
    """Return the files that the edits change, as they become. Raises CannotEdit, OSError, Unreadable."""
    texts = read_texts(folder)
    changed: Texts = {}
    for edit in edits:
        name = EXAMPLES if edit.kind == "example" else file_of(edit, [*texts, *changed])
        before = changed.get(name, texts.get(name)) or ""
        if edit.kind == "text":
            changed[name] = str(edit.value) or None
        else:
            changed[name] = with_example(before, edit) if edit.kind == "example" else with_edit(name, before, edit)
    return {name: text for name, text in changed.items() if text != texts.get(name)}


def file_of(edit: Edit, names: Iterable[str]) -> str:
    """Return the file of an edit's place: the one that is there, else a new one in its area's folder."""
    found = next((name for name in names if place_of(PurePosixPath(name)) == edit.place), None)
    if found is not None:
        return found
    kind, slash, name = edit.place.partition("/")
    if not slash:
        return f"{edit.place}.yaml"
    return f"{kind}/{edit.area}/{file_name(name, set())}.yaml" if edit.area else f"{kind}/{file_name(name, set())}.yaml"


def with_example(text: str, edit: Edit) -> str:
    line = json.dumps(edit.value, ensure_ascii=False)
    return text if line in text.splitlines() else f"{text.rstrip()}\n{line}\n".lstrip("\n")


def with_edit(name: str, text: str, edit: Edit) -> str:
    """Return a file's text with an edit. Raises CannotEdit if the file cannot be written anew without losing something."""
    writer = YAML(typ="rt")
    writer.preserve_quotes = True
    writer.width = 10_000
    offset = offset_of(text)
    writer.indent(mapping=indent_of(text), sequence=offset + 2, offset=offset)
    try:
        root = writer.load(text) if text.strip() else None
        plain = yaml.load(text, Loader=Loader) if text.strip() else None
    except (YAMLError, yaml.YAMLError) as error:
        raise CannotEdit(f"{name}: {error}") from error
    root = put(name, root if root is not None else empty(edit), edit)
    expected = put(name, plain if plain is not None else ([] if is_list(edit) else {}), edit)
    written = io.StringIO()
    writer.dump(root, written)
    made = written.getvalue()
    try:
        right = yaml.load(made, Loader=Loader) == expected
    except yaml.YAMLError:
        right = False
    if not right:
        raise CannotEdit(f"{name}: this file is written in a way that cannot be edited here; edit the file itself")
    return made


def is_list(edit: Edit) -> bool:
    return bool(edit.path) and edit.path[0].startswith(ENTRY)


def empty(edit: Edit) -> Any:
    return CommentedSeq() if is_list(edit) else CommentedMap()


def indent_of(text: str) -> int:
    """Return by how many columns the file's keys are indented below the one that they belong to."""
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith(("#", "- "))]
    below = (len(line) - len(line.lstrip()) for line in lines)
    return next((columns for columns in below if columns), 2)


def offset_of(text: str) -> int:
    """Return by how many columns the file's lists are indented below their key."""
    above = 0
    for line in text.splitlines():
        begins = len(line) - len(line.lstrip())
        if line.lstrip().startswith("- "):
            return max(0, begins - above)
        if line.strip() and not line.lstrip().startswith("#"):
            above = begins
    return 2


def put(name: str, root: Any, edit: Edit) -> Any:
    """Put an edit into a tree of mappings and lists, the same for a file's own and for a plain one."""
    nice = isinstance(root, CommentedMap | CommentedSeq)
    if edit.kind == "set" and not edit.path:
        return shaped(edit.value, nice)
    here, last = root, edit.path[-1] if edit.kind == "set" else ""
    steps = edit.path[:-1] if edit.kind == "set" else edit.path
    for number, step in enumerate(steps):
        after = edit.path[number + 1] if number + 1 < len(edit.path) else ENTRY
        here = step_into(name, here, step, after.startswith(ENTRY), nice)
    if edit.kind == "set":
        set_at(name, here, last, edit.value, nice)
    elif edit.kind == "add":
        if edit.value not in here:
            here.append(shaped(edit.value, nice))
    elif edit.value in here:
        here.remove(edit.value)
    else:
        take_off(root, edit, nice)
    return root


def step_into(name: str, here: Any, step: str, to_list: bool, nice: bool) -> Any:
    if step.startswith(ENTRY):
        if not isinstance(here, list):
            raise CannotEdit(f"{name}: there is no list where {step[1:]} is looked for")
        found = next((one for one in here if isinstance(one, dict) and one.get("id") == step[1:]), None)
        if found is None:
            found = shaped({"id": step[1:]}, nice)
            here.append(found)
        return found
    if not isinstance(here, dict):
        raise CannotEdit(f"{name}: there are no keys where {step} is looked for")
    if here.get(step) is None:
        here[step] = shaped([] if to_list else {}, nice)
    return here[step]


def set_at(name: str, here: Any, last: str, value: Plain, nice: bool) -> None:
    if last.startswith(ENTRY):
        if not isinstance(here, list):
            raise CannotEdit(f"{name}: there is no list where {last[1:]} is looked for")
        at = next((at for at, one in enumerate(here) if isinstance(one, dict) and one.get("id") == last[1:]), None)
        if value is None and at is not None:
            del here[at]
        elif value is not None and at is not None:
            here[at] = shaped(value, nice)
        elif value is not None:
            here.append(shaped(value, nice))
        return
    if not isinstance(here, dict):
        raise CannotEdit(f"{name}: there are no keys where {last} is looked for")
    if value is None:
        here.pop(last, None)
    else:
        here[last] = shaped(value, nice)


def take_off(root: Any, edit: Edit, nice: bool) -> None:
    """Remove a phrasing that a lower folder has."""
    parent = edit.path[:-1]
    if not parent or parent[-1] not in GROWING:
        return
    here = root
    for step in parent:
        here = step_into("", here, step, False, nice)
    if here.get(edit.path[-1]) in ([], None):
        here.pop(edit.path[-1], None)
    gone = here.setdefault("remove", shaped([], nice))
    if edit.value not in gone:
        gone.append(shaped(edit.value, nice))


def shaped(value: Any, nice: bool) -> Any:
    """Return a value as a file's tree holds it: long texts as blocks, below their key."""
    if isinstance(value, dict):
        made: dict[str, Any] = CommentedMap() if nice else {}
        made.update((key, shaped(one, nice)) for key, one in value.items())
        return made
    if isinstance(value, list | tuple):
        items = [shaped(one, nice) for one in value]
        return CommentedSeq(items) if nice else items
    if isinstance(value, str) and "\n" in value.strip():
        block = f"{value.strip()}\n"
        return LiteralScalarString(block) if nice else block
    if nice and isinstance(value, str) and MARKS.search(value):
        return SingleQuotedScalarString(value)
    if nice and isinstance(value, str) and value.isascii() and value.isdecimal() and not value.startswith("0"):
        return int(value)  # written without quotation marks
    return value


def merged(edits: Sequence[Edit]) -> list[Edit]:
    """Return a draft's edits without those that a later one of the same place replaces."""
    kept: list[Edit] = []
    for edit in edits:
        if edit.kind in ("set", "text"):
            kept = [one for one in kept if (one.kind, one.place, one.path) != (edit.kind, edit.place, edit.path)]
        kept.append(edit)
    return kept


__all__ = ["EXAMPLES", "CannotEdit", "Edit", "Texts", "Unreadable", "applied", "is_outdated", "read_texts", "standing"]
