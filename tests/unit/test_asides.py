"""What is said to the assistant, beside its subject: thanks, praise, displeasure, the wish for a person."""

from __future__ import annotations

import pytest

from bot.language.asides import aside_of, wants_person


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("it took a while but ok thanks", "thanks"),
        ("好的 多谢指教", "thanks"),
        ("thanks for nothing", "pointless"),
        ("that part was very clear", "praise"),
        ("讲得挺明白", "praise"),
        ("that is not clear", None),
        ("讲得不清楚", None),
        ("you already told me", "repeats"),
        ("这个刚刚说过了", "repeats"),
        ("this is not an answer", "missed"),
        ("没回答到我的问题", "missed"),
        ("说了等于没说", "pointless"),
        ("you don't know that either huh", "unknowing"),
        ("这个也不知道啊", "unknowing"),
        ("you're not sure?", "unknowing"),
        ("什么都没写", "pointless"),
        ("my shop is in the market", None),
    ],
)
def test_what_is_said_beside_the_subject(text: str, said: str | None) -> None:
    assert aside_of(text) == said


@pytest.mark.parametrize(
    "text",
    [
        "is there a boss I can speak to",
        "let me talk to someone real",
        "can somebody call me tonight",
        "安排个老师跟我聊吧",
        "留个电话给我",
        "想搵真人",
    ],
)
def test_a_person_is_wanted(text: str) -> None:
    assert wants_person(text)


@pytest.mark.parametrize(
    "text", ["who is the legal person", "I do not want to talk to a person", "顾客想找真人", "电话填谁的"]
)
def test_no_person_is_wanted(text: str) -> None:
    assert not wants_person(text)
