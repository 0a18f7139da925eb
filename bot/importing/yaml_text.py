"""Changes to an editor's YAML file: entries of a list and keys of a mapping are put in, and all other lines are kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from bot.content.tree import Loader

Dumper: Any = type("Dumper", (getattr(yaml, "CSafeDumper", yaml.SafeDumper),), {})


def as_lines(dumper: Any, text: str) -> Any:
    """Represent a multi-line text as a block scalar ("|")."""
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


Dumper.add_representer(str, as_lines)


class NotPut(Exception):
    """The file's layout does not allow the change; the message has the lines to put in by hand."""

    def __init__(self, lines: str) -> None:
        super().__init__(f"this file's layout does not allow an addition; add these lines by hand:\n{lines}")


def dump(data: Any) -> str:
    return str(yaml.dump(data, Dumper=Dumper, allow_unicode=True, sort_keys=False, width=10**6))


def put_entries(text: str, entries: Sequence[Mapping[str, Any]]) -> str:
    """Put entries into the text of a list, in place of those with the same ids, else at its end. Raises NotPut."""
    root = composed(text)
    if root is None:
        return after(text, dump([*entries]))
    if not isinstance(root, yaml.SequenceNode) or (root.flow_style and root.value):
        raise NotPut(dump([*entries]))
    if root.flow_style:  # "[]"
        return checked(f"{text[: root.start_mark.index]}{dump([*entries])}{text[root.end_mark.index :]}", entries)
    there = {name.value: node for node in root.value for name in [key_of(node, "id")] if name is not None}
    column = root.start_mark.column
    fresh = [one for one in entries if one["id"] not in there]
    for one in sorted(
        (one for one in entries if one["id"] in there), key=lambda one: -there[one["id"]].start_mark.index
    ):
        node = there[one["id"]]
        text = replaced(text, node, dump(dict(one)), node.start_mark.column)
    if fresh:
        text = after(text, indented(dump(fresh), column))
    return checked(text, entries)


def put_key(text: str, key: str, value: Any) -> str:
    """Put a key into the text of a mapping, in place of its value, else at its end. Raises NotPut."""
    root, made = composed(text), dump({key: value})
    if root is None:
        return after(text, made)
    if not isinstance(root, yaml.MappingNode) or (root.flow_style and root.value):
        raise NotPut(made)
    pair = next(((name, node) for name, node in root.value if name.value == key), None)
    if root.flow_style:  # "{}"
        whole = f"{text[: root.start_mark.index]}{made}{text[root.end_mark.index :]}"
    elif pair is None:
        whole = after(text, indented(made, root.start_mark.column))
    else:
        start, end = pair[0].start_mark, end_of(pair[1])
        whole = text[: start.index] + indented(made, start.column).strip(" ").rstrip("\n") + text[ends(text, end) :]
    if load(whole).get(key) != as_read({key: value})[key]:
        raise NotPut(made)
    return whole


def composed(text: str) -> yaml.Node | None:
    """Parse a text into nodes with their positions. Raises NotPut."""
    try:
        return yaml.compose(text, Loader=yaml.BaseLoader)
    except yaml.YAMLError as error:
        raise NotPut(f"(it is no valid YAML: {error})") from None


def checked(whole: str, entries: Sequence[Mapping[str, Any]]) -> str:
    """Return the text if it reads as a list with the entries. Raises NotPut."""
    found = load(whole)
    by_id = {one.get("id"): one for one in found if isinstance(one, dict)} if isinstance(found, list) else {}
    if any(by_id.get(one["id"]) != as_read(dict(one)) for one in entries):
        raise NotPut(dump([*entries]))
    return whole


def load(text: str) -> Any:
    try:
        return yaml.load(text, Loader=Loader)
    except yaml.YAMLError:
        return {}


def as_read(data: Any) -> Any:
    """Return data as it is read from a file: all scalars are texts."""
    return yaml.load(dump(data), Loader=Loader)


def replaced(text: str, node: yaml.Node, made: str, column: int) -> str:
    start = node.start_mark.index
    return text[:start] + indented(made, column).strip(" ").rstrip("\n") + text[ends(text, end_of(node)) :]


def end_of(node: yaml.Node) -> int:
    """Return where a node's own text ends; a block's mark is that of the next token, after all comments."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return end_of(last[1] if isinstance(last, tuple) else last)
    return int(node.end_mark.index)


def ends(text: str, end: int) -> int:
    """Leave the line breaks after a block scalar to what follows."""
    while text[end - 1 : end] in ("\n", "\r"):
        end -= 1
    return end


def indented(text: str, column: int) -> str:
    return "".join(f"{' ' * column}{line}" if line.strip() else line for line in text.splitlines(keepends=True))


def after(text: str, made: str) -> str:
    return f"{text.rstrip()}\n{made}".lstrip("\n")


def key_of(node: yaml.Node, key: str) -> yaml.Node | None:
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    return next((value for name, value in pairs if name.value == key), None)
