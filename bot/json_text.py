"""JSON as text, for what is kept and for what goes over the wire."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import orjson


def to_text(value: Any) -> str:
    """JSON that any database can store, of dataclasses too: half a surrogate pair, which is no text, stays escaped."""
    try:
        return orjson.dumps(value).decode()
    except TypeError:  # half a pair, a number of more than 64 bits, a key that is no string
        return json.dumps(value, separators=(",", ":"), default=asdict)


def from_text(text: str | bytes) -> Any:
    """What JSON says, whole numbers of more than 64 bits as floats. Raises ValueError, and RecursionError where it is
    nested too deeply."""
    try:
        return orjson.loads(text)
    except ValueError:  # half a surrogate pair is JSON to the standard library alone
        return json.loads(text)
