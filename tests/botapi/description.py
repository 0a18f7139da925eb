"""The published description of the Bot API as checks: what may be sent, what may be answered.

A check takes a value and where it stands, returns the value as the API understands it, and raises Refusal where
Telegram would refuse. Words that are Telegram's are used as they are; words of this stand-in, for what Telegram lets
pass but a test should know, begin with "stand-in:".
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

Json = dict[str, Any]
Check = Callable[[Any, str], Any]

DESCRIPTION: Json = json.loads(Path(__file__).with_name("description.json").read_text(encoding="utf-8"))
METHODS: Json = DESCRIPTION["methods"]
TYPES: Json = DESCRIPTION["types"]


class Refusal(Exception):
    """A call that the API refuses: HTTP status, Telegram's description, response parameters (retry_after, …)."""

    def __init__(self, code: int, description: str, parameters: Json | None = None) -> None:
        super().__init__(description)
        self.code, self.description, self.parameters = code, description, parameters


def bad(words: str) -> Refusal:
    """400 with Telegram's prefix."""
    return Refusal(400, f"Bad Request: {words}")


@dataclass(frozen=True, slots=True)
class Upload:
    """A file of a multipart body."""

    filename: str
    content_type: str
    data: bytes


def utf16(text: str) -> int:
    """Length in UTF-16 code units, as Telegram counts."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2


# Limits for which Telegram has words of its own; those of texts and captions are counted after parsing, elsewhere.
LIMIT_WORDS = {
    "callback_data": "BUTTON_DATA_INVALID",
    "command": "BOT_COMMAND_INVALID",
    "InlineQueryResult.id": "RESULT_ID_INVALID",
    "answerCallbackQuery.text": "MESSAGE_TOO_LONG",
}
# What a missing parameter is called, where Telegram has words of its own.
MISSING_WORDS = {
    "chat_id": "chat_id is empty",
    "from_chat_id": "chat_id is empty",
    "text": "message text is empty",
    "message_id": "message identifier is not specified",
    "user_id": "invalid user_id specified",
    "action": "wrong parameter action in request",
    "file_id": "file_id not specified",
    "photo": "there is no photo in the request",
    "document": "there is no document in the request",
    "voice": "there is no voice in the request",
    "audio": "there is no audio in the request",
    "video": "there is no video in the request",
    "sticker": "there is no sticker in the request",
    "animation": "there is no animation in the request",
    "media": "there is no media in the request",
    "callback_query_id": "query is too old and response timeout expired or query ID is invalid",
    "inline_query_id": "query is too old and response timeout expired or query ID is invalid",
}


def _within(check: Check, spec: Json, owner: str, name: str) -> Check:
    """The check with the field's limits, its fixed value and its choices."""
    if "fixed" in spec:
        fixed = spec["fixed"]

        def is_fixed(value: Any, at: str) -> Any:
            if value != fixed:
                raise bad(f'stand-in: "{at}" must be "{fixed}"')
            return value

        return is_fixed
    if "one_of" in spec:
        allowed = frozenset(spec["one_of"])

        def is_one_of(value: Any, at: str) -> Any:
            if check(value, at) not in allowed:
                raise bad(f'stand-in: "{at}" must be one of {", ".join(sorted(allowed))}')
            return value

        return is_one_of
    if "unit" not in spec or spec.get("parsed"):
        return check
    low, high, unit, also = spec["min"], spec["max"], spec["unit"], spec.get("also")
    words = LIMIT_WORDS.get(f"{owner}.{name}") or LIMIT_WORDS.get(name)
    if owner.startswith("InlineQueryResult") and name == "id":
        words = LIMIT_WORDS["InlineQueryResult.id"]

    def size(value: Any) -> float:
        if unit == "characters":
            return utf16(value)
        if unit == "bytes":
            return len(value.encode())
        return len(value) if unit == "items" else value

    def is_within(value: Any, at: str) -> Any:
        value = check(value, at)
        if not low <= (found := size(value)) <= high and found != also:
            raise bad(words or f'stand-in: "{at}" must have {low}-{high} {unit}, has {found}')
        return value

    return is_within


def _string(value: Any, at: str) -> str:
    if type(value) is not str:
        raise bad(f'stand-in: Field "{at}" must be of type String')
    return value


def _integer(value: Any, at: str) -> int:
    if type(value) is not int:
        raise bad(f'stand-in: Field "{at}" must be of type Number')
    return value


def _float(value: Any, at: str) -> float:
    if type(value) not in (int, float):
        raise bad(f'stand-in: Field "{at}" must be of type Number')
    return float(value)


def _boolean(value: Any, at: str) -> bool:
    if type(value) is not bool:
        raise bad(f'stand-in: Field "{at}" must be of type Boolean')
    return value


def _input_file(value: Any, at: str) -> Any:
    if not isinstance(value, Upload):
        raise bad(f'stand-in: "{at}" must be an uploaded file')
    return value


SCALARS: dict[str, Check] = {
    "String": _string,
    "Integer": _integer,
    "Float": _float,
    "Boolean": _boolean,
    "InputFile": _input_file,
}


@cache
def check_of(kind: str) -> Check:
    """The check of a type by its name in the description, `Array of X` included."""
    if kind in SCALARS:
        return SCALARS[kind]
    if kind.startswith("Array of "):
        return _array(kind.removeprefix("Array of "))
    spec = TYPES[kind]
    return _union(spec["subtypes"]) if "subtypes" in spec else _object(kind, spec["fields"])


def _array(inner: str | list[str]) -> Check:
    check: Check | None = None  # made on first use: types contain themselves

    def is_array(value: Any, at: str) -> Any:
        nonlocal check
        if type(value) is not list:
            raise bad(f'stand-in: Field "{at}" must be of type Array')
        if check is None:
            check = _union(inner) if isinstance(inner, list) else check_of(inner)
        return [check(one, f"{at}[{index}]") for index, one in enumerate(value)]

    return is_array


def _object(kind: str, fields: Json) -> Check:
    checks: dict[str, Check] | None = None
    required = [name for name, spec in fields.items() if spec.get("r")]

    def is_object(value: Any, at: str) -> Any:
        nonlocal checks
        if type(value) is not dict:
            raise bad(f"{at}: object expected" if at != "reply_markup" else "object expected as reply markup")
        if checks is None:
            checks = {name: field_check(kind, name, spec) for name, spec in fields.items()}
        for name in required:
            if name not in value:
                if kind == "InlineKeyboardMarkup":
                    raise bad("inline keyboard expected")
                raise bad(f"can't parse {kind}: Can't find field \"{name}\"")
        for name, one in value.items():
            check = checks.get(name)
            if check is None:
                raise bad(f'stand-in: {kind} has no field "{name}" (at {at})')
            if one is not None:
                check(one, f"{at}.{name}")
        return value

    return is_object


def _union(kinds: list[str]) -> Check:
    if all(kind.startswith("Array of ") for kind in kinds):
        return _array([kind.removeprefix("Array of ") for kind in kinds])
    plain = [kind for kind in kinds if kind in SCALARS or kind.startswith("Array of ")]
    objects = [leaf for kind in kinds if kind not in plain for leaf in _leaves(kind)]

    def is_one(value: Any, at: str) -> Any:
        if type(value) is dict and objects:
            return _best(objects, value, at)
        refusal: Refusal | None = None
        for kind in plain:
            try:
                return check_of(kind)(value, at)
            except Refusal as caught:
                refusal = caught
        if refusal and len(plain) == 1:
            raise refusal
        if at == "reply_markup":
            raise bad("object expected as reply markup")
        raise bad(f'stand-in: "{at}" must be one of {", ".join(kinds)}')

    return is_one


def _leaves(kind: str) -> list[str]:
    spec = TYPES[kind]
    if "subtypes" not in spec:
        return [kind]
    return [leaf for one in spec["subtypes"] if one in TYPES for leaf in _leaves(one)]


def _best(kinds: list[str], value: Json, at: str) -> Any:
    """Check an object against the alternative that it means: by fixed values, then by the fields it shares."""
    possible = []
    for kind in kinds:
        fields = TYPES[kind]["fields"]
        fixed = [name for name, spec in fields.items() if "fixed" in spec]
        if all(value.get(name) == fields[name]["fixed"] for name in fixed):
            missing = sum(1 for name, spec in fields.items() if spec.get("r") and name not in value)
            foreign = sum(1 for name in value if name not in fields)
            possible.append((missing + foreign, kind))
    if not possible:
        raise bad(f'stand-in: "{at}" is none of {", ".join(kinds)}')
    refusal: Refusal | None = None
    for _, kind in sorted(possible, key=lambda pair: pair[0]):
        try:
            return check_of(kind)(value, at)
        except Refusal as caught:
            refusal = refusal or caught
    assert refusal is not None
    raise refusal


def field_check(owner: str, name: str, spec: Json) -> Check:
    """The check of a field or parameter with its limits."""
    kinds = spec["t"]
    return _within(_union(kinds) if isinstance(kinds, list) else check_of(kinds), spec, owner, name)


# --- parameters of a call -------------------------------------------------------------------------------------------


def _from_text(kinds: list[str]) -> Callable[[Any, str], Any]:
    """How a parameter of these types is read from a form field or from JSON, before it is checked."""
    if kinds == ["Integer"] or kinds == ["Integer", "String"]:
        strict = kinds == ["Integer"]

        def integer(value: Any, at: str) -> Any:
            if type(value) is str:
                try:
                    return int(value)
                except ValueError:
                    if strict:
                        raise bad(f'stand-in: parameter "{at}" must be of type Integer') from None
            return value

        return integer
    if kinds == ["Float"]:

        def number(value: Any, at: str) -> Any:
            try:
                return float(value) if type(value) is str else value
            except ValueError:
                raise bad(f'stand-in: parameter "{at}" must be of type Float') from None

        return number
    if kinds == ["Boolean"]:
        words = {"true": True, "false": False, "1": True, "0": False, "yes": True, "no": False}

        def boolean(value: Any, at: str) -> Any:
            return words.get(value.lower(), value) if type(value) is str else value

        return boolean
    if any(kind in ("String", "InputFile") for kind in kinds):
        return lambda value, at: value

    def parsed(value: Any, at: str) -> Any:
        if type(value) is not str:
            return value
        try:
            return json.loads(value)
        except ValueError:
            what = "reply keyboard markup" if at == "reply_markup" else at
            raise bad(f"can't parse {what} JSON object") from None

    return parsed


@dataclass(frozen=True, slots=True)
class Method:
    """A method's parameters: how each is read and checked, and which cannot be left out, content before chat."""

    name: str
    readers: dict[str, Callable[[Any, str], Any]]
    checks: dict[str, Check]
    required: tuple[str, ...]

    def read(self, raw: Json) -> Json:
        """Parameters as the API understands them. Raises Refusal."""
        given: Json = {}
        for name, value in raw.items():
            reader = self.readers.get(name)
            if reader is None:
                raise bad(f'stand-in: {self.name} has no parameter "{name}"')
            if value is not None:
                given[name] = self.checks[name](reader(value, name), name)
        for name in self.required:
            if given.get(name, "") == "":
                raise bad(MISSING_WORDS.get(name, f'parameter "{name}" is required'))
        return given


@cache
def method(name: str) -> Method | None:
    """The method of that name, None if the description has none."""
    if name not in METHODS:
        return None
    fields = METHODS[name]["fields"]
    kinds = {key: spec["t"] if isinstance(spec["t"], list) else [spec["t"]] for key, spec in fields.items()}
    required = [key for key, spec in fields.items() if spec.get("r")]
    return Method(
        name,
        {key: _from_text(kinds[key]) for key in fields},
        {key: field_check(name, key, spec) for key, spec in fields.items()},
        # Telegram reads the content before it looks for the chat: an empty sendMessage lacks its text.
        tuple(sorted(required, key=lambda key: key.endswith("chat_id"))),
    )


# --- plausible results ----------------------------------------------------------------------------------------------


def minimal(kind: str, **known: Any) -> Any:
    """The smallest value of a type: required fields only, `known` ones as given."""
    if kind.startswith("Array of "):
        return []
    if kind in SCALARS:
        return {"String": "stand-in", "Integer": 0, "Float": 0.0, "Boolean": True}[kind]
    spec = TYPES[kind]
    if "subtypes" in spec:
        return minimal(spec["subtypes"][0], **known)
    made = {}
    for name, one in spec["fields"].items():
        if name in known:
            made[name] = known[name]
        elif one.get("r"):
            first = one["t"] if isinstance(one["t"], str) else one["t"][0]
            made[name] = one.get("fixed") or one.get("one_of", [None])[0] or minimal(first)
    return made | known
