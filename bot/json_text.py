"""JSON encoding and decoding, for the database and for the network."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import orjson


def to_text(value: Any) -> str:
    """Encode a value, dataclasses included, as JSON that any database can store: lone surrogates are escaped."""
    try:
        return orjson.dumps(value).decode()
    except TypeError:  # a lone surrogate, an integer over 64 bits, a key that is not a string
        return json.dumps(value, separators=(",", ":"), default=asdict)


def from_text(text: str | bytes) -> Any:
    """Decode JSON; integers over 64 bits become floats. Raises ValueError, or RecursionError if nested too deeply."""
    try:
        return orjson.loads(text)
    except ValueError:  # only the standard library accepts lone surrogates
        return json.loads(text)
