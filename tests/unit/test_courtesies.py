"""Small talk without words: emoji, numbers, syllables said again and again."""

from __future__ import annotations

import pytest

from bot.content.kinds import Phrasings, SmallTalk, Text
from bot.knowledge.courtesies import Courtesies

REPLY = Text(en="Yes.", zh="好。")
TALKS = Courtesies.of(
    [
        SmallTalk(id="laughter", phrasings=Phrasings(en=("haha",), zh=("哈哈", "233")), reply=REPLY, emoji="😂🤣"),
        SmallTalk(id="goodbye", phrasings=Phrasings(en=("bye bye",), zh=("88",)), reply=REPLY),
        SmallTalk(id="fine", phrasings=Phrasings(en=("ok",), zh=("好",)), reply=REPLY, emoji="👌❤"),
    ]
)


@pytest.mark.parametrize(
    "text", ["hahahahaha", "Ha ha ha ha!!!", "哈哈哈哈哈哈", "哈哈哈，哈哈", "233", "23333", "hahahah"]
)
def test_laughter_of_any_length_is_laughter(text: str) -> None:
    assert TALKS.said_in(text) == "laughter"


@pytest.mark.parametrize("text", ["8", "23", "haha", "1111", "the deposit", "aaa", "", "10000", "5" * 5000])
def test_other_numbers_and_words_are_left_to_the_other_handlers(text: str) -> None:
    assert TALKS.said_in(text) is None


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("😂", "laughter"),
        ("👌🏻👌🏿", "fine"),
        ("❤️", "fine"),
        ("🐳", None),
        ("😂 why?", None),
        ("?", None),
        ("🐳🤣", "laughter"),
    ],
)
def test_emoji_count_in_any_colour_and_without_words(text: str, meant: str | None) -> None:
    assert TALKS.shown_in(text) == meant
