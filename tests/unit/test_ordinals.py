"""Messages that refer to an item of a list."""

from __future__ import annotations

import pytest

from bot.language.ordinals import LAST, head, items, ordinal


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("how fast is the first one", 0),
        ("and the second?", 1),
        ("what was step three again", 2),
        ("the last one please", LAST),
        ("第二种要多久", 1),
        ("第三步再讲一遍", 2),
        ("前面那种快不快", 0),
        ("后一种呢", LAST),
    ],
)
def test_an_item_is_referred_to_by_its_place(text: str, place: int) -> None:
    found = ordinal(text)
    assert found is not None
    assert found[0] == place


@pytest.mark.parametrize(
    "text",
    [
        "when was the first round",
        "we have two stores",
        "how much does it cost to open one",
        "第一次开店",
        "in the second quarter",
    ],
)
def test_a_number_of_something_else_refers_to_no_item(text: str) -> None:
    assert ordinal(text) is None


def test_items_are_the_lines_of_a_list_and_are_named_by_their_first_words() -> None:
    told = items("There are two ways:\n\n- **By mail:** send it.\n- In person, at the desk.\n\nMore text.")
    assert told == ["By mail: send it.", "In person, at the desk."]
    assert [head(one) for one in told] == ["By mail", "In person"]
