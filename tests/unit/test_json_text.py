"""JSON as text: whatever a platform or a merchant sends comes back as it was, and any database can keep it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.json_text import from_text, to_text
from bot.model import Button, Reply

WORDS = st.text(st.characters(codec=None))  # halves of surrogate pairs too
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | WORDS,
    lambda inner: st.lists(inner) | st.dictionaries(WORDS, inner),
)


@given(VALUES)
def test_what_is_kept_is_text_and_comes_back_as_it_was(value: Any) -> None:
    text = to_text(value)
    assert b"\0" not in text.encode()
    assert from_text(text) == json.loads(text) == value


@pytest.mark.parametrize("words", ["deposit 保证金", "half of a pair: \ud83d"])
def test_a_dataclass_is_kept_by_its_fields(words: str) -> None:
    kept = from_text(to_text(Reply(words, buttons=(Button("a", "b"),))))
    assert kept["text"] == words
    assert kept["buttons"] == [{"label": "a", "says": "b", "numbered": True, "private": False}]


def test_what_is_no_json_is_refused() -> None:
    with pytest.raises(ValueError, match="Expecting"):
        from_text(b"{")
