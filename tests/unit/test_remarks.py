"""A question about the subject is no remark, whatever remark it resembles."""

from __future__ import annotations

import pytest

from bot.knowledge.knowledge import Knowledge
from bot.search.remarks import asks_of_the_subject


@pytest.mark.parametrize(
    "text", ["until when", "who pays that back?", "is it lost then", "谁负责退", "有什么用", "会不会被骗", "那怎么算呢"]
)
def test_a_question_is_told_by_its_form(text: str) -> None:
    assert asks_of_the_subject(text)


@pytest.mark.parametrize(
    "text",
    ["are you stupid", "what a mess", "thanks", "no", "你是不是傻", "什么破东西", "亏惨了", "why??", "怎么没人!"],
)
def test_what_is_said_to_the_assistant_or_cried_out_is_none(text: str) -> None:
    assert not asks_of_the_subject(text)


@pytest.mark.parametrize(
    ("text", "about"),
    [("until when?", "deposit-amount"), ("有什么用", "benefit-showcase"), ("who pays it back?", "deposit-refund")],
)
def test_it_is_not_answered_with_a_remark(knowledge: Knowledge, text: str, about: str) -> None:
    assert [label.kind for label in knowledge.finder.find(text, about).answers] != ["talk"]


@pytest.mark.parametrize("text", ["thanks a bunch", "我真是亏惨了", "where may I complain about you", "去哪儿投诉"])
def test_small_talk_is_still_found(knowledge: Knowledge, text: str) -> None:
    assert [label.kind for label in knowledge.finder.find(text).answers] == ["talk"]
