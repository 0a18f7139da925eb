"""The sides that facts differ by, as messages name them."""

from __future__ import annotations

import pytest

from bot.content.kinds import SideKind
from bot.search.following import bare, may_follow, only_tells
from bot.search.sides import Sides, conflict

SIZES = SideKind.model_validate(
    {
        "id": "size",
        "values": [
            {"id": "small", "en": "small", "zh": "小店", "said": {"en": ["small shop", "little"], "zh": ["小铺子"]}},
            {"id": "big", "en": "big", "zh": "大店", "said": {"en": [], "zh": []}},
        ],
    }
)


@pytest.fixture(scope="module")
def sides() -> Sides:
    return Sides([SIZES])


def test_a_side_is_named_by_any_of_its_words_but_not_two_at_once(sides: Sides) -> None:
    assert sides.named("and for a small shop?") == {"size": "small"}
    assert sides.named("大店呢") == {"size": "big"}
    assert sides.named("small or big?") == {}
    assert sides.named("smaller ones") == {}


@pytest.mark.parametrize(
    "text", ["and for small ones?", "what about the big stores", "大店呢", "换成小店的话呢", "we're small"]
)
def test_a_message_may_say_nothing_but_a_side(sides: Sides, text: str) -> None:
    assert sides.alone(text)


@pytest.mark.parametrize(
    "text", ["do small ones need a mark?", "what does a big shop pay", "小店要交多少", "big boxes"]
)
def test_a_question_about_a_side_says_more(sides: Sides, text: str) -> None:
    assert not sides.alone(text)


def test_sides_conflict_where_they_give_a_kind_another_value() -> None:
    assert conflict({"size": "small"}, {"size": "big", "place": "here"})
    assert not conflict({"size": "small"}, {"place": "here"})


@pytest.mark.parametrize(
    "text",
    [
        *("it's been two months", "we only have one", "guess we save up first", "hm, that sounds like a lot of work"),
        *("太贵了", "我们做饰品的", "好吧 我跟老板说一声", "主要是女包", "提示信息不一致"),
    ],
)
def test_a_remark_only_tells_something(text: str) -> None:
    assert only_tells(text)


@pytest.mark.parametrize(
    "text",
    [
        *("how long is it", "is it much", "we want to join"),
        *("要多久啊", "我想开店", "去哪申请", "我的可以吧", "这个是美金吧", "我是新手能听懂不", "那就是做不了咯"),
    ],
)
def test_a_question_or_a_wish_is_no_remark(text: str) -> None:
    assert not only_tells(text)


def test_follow_ups_are_short_unless_they_point_back_and_bare_nouns_ask_nothing() -> None:
    assert may_follow("how many days")
    assert not may_follow("how many days does the review of a brand new trademark take in spring")
    assert may_follow("and how many days does that review of a brand new trademark take in spring")
    assert bare("trademark")
    assert not bare("去哪申请")
