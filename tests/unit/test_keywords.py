"""Reply keywords: what hits, what does not, and which rule wins."""

from __future__ import annotations

import pytest

from bot.knowledge.content import KeywordRule
from bot.knowledge.keywords import Keywords, chosen, clashes


def rule(name: str, *keywords: str, priority: int = 0, give: str = "all", replies: int = 1) -> KeywordRule:
    """A rule; a keyword that begins with "~" is a `contain`."""
    return KeywordRule.model_validate(
        {
            "id": name,
            "priority": priority,
            "give": give,
            "keywords": [{"contain": word[1:]} if word.startswith("~") else {"equal": word} for word in keywords],
            "replies": [{"topic": f"{name}-{number}"} for number in range(replies)],
        }
    )


GOODS = rule("goods", "Potential Goods", "潜力商品", priority=10)


@pytest.mark.parametrize(
    "message",
    [
        "Potential Goods",
        "potential  goods!!",
        "潜力商品",
        "潛力商品",
        "Ｐｏｔｅｎｔｉａｌ　Ｇｏｏｄｓ",
        "「潜力商品」",
        " POTENTIALGOODS\u200f ",
        "Potental Goods",
    ],
)
def test_a_keyword_is_recognized_in_every_spelling_of_it(message: str) -> None:
    assert Keywords([GOODS]).find(message) == "goods"


@pytest.mark.parametrize("message", ["", "  ", "goods", "potential goods please send", "潜力", "👍", "x" * 100_000])
def test_other_messages_do_not_hit_a_whole_keyword(message: str) -> None:
    assert Keywords([GOODS]).find(message) is None


def test_a_keyword_to_contain_is_found_as_a_word_of_its_own() -> None:
    found = Keywords([rule("art", "~gift box", "~入驻礼包")])
    assert found.find("send me the Gift  Box, please") == "art"
    assert found.find("megagift boxes") is None
    assert found.find("我想领取入駐禮包") == "art"


def test_keywords_of_one_or_two_characters_match_only_whole() -> None:
    found = Keywords([rule("short", "~ok", "~商品")])
    assert found.find("OK!") == "short"
    assert found.find("商品") == "short"
    assert found.find("ok let us go") is None
    assert found.find("潜力商品") is None


def test_priority_decides_then_the_whole_message_then_the_longer_keyword() -> None:
    part, longer, whole = rule("part", "~deposit"), rule("longer", "~store deposit"), rule("whole", "my store deposit")
    assert Keywords([part, longer, whole]).find("my store deposit") == "whole"
    assert Keywords([part, longer]).find("my store deposit") == "longer"
    assert Keywords([rule("part", "~deposit", priority=1), longer, whole]).find("my store deposit") == "part"


def test_one_slip_is_forgiven_only_where_one_rule_is_near() -> None:
    two = Keywords([rule("one", "medal check a"), rule("two", "medal check b")])
    assert two.find("medal check c") is None


def test_a_random_reply_follows_from_the_message() -> None:
    many = rule("many", "hello there", give="random", replies=5)
    given = {chosen(many, str(seed)) for seed in range(60)}
    assert all(len(replies) == 1 for replies in given)
    assert len(given) == 5
    assert chosen(many, "7") == chosen(many, "7")
    assert chosen(rule("all", "x y z", replies=3), "7") == rule("all", "x y z", replies=3).replies


def test_rules_that_one_message_can_hit_are_listed() -> None:
    rules = [rule("a", "blue moon", priority=2), rule("b", "~moon"), rule("c", "sun"), rule("d", "Sun!")]
    found = {(clash.first, clash.second, clash.message, clash.settled) for clash in clashes(rules)}
    assert found == {("a", "b", "blue moon", True), ("c", "d", "sun", False)}
