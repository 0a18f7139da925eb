"""What a merchant says of his own case while he asks something else: only what he surely states."""

from __future__ import annotations

import pytest

from bot.checks.own_case import own_statements


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("we are a self-employed business in Zhejiang, can we open a store?", "we are a self-employed business in zhejiang"),
        ("We have a company in Yiwu what does it cost", "we have a company in yiwu"),
        ("our monthly GMV is 12,000 dollars, do we get gold?", "our monthly gmv is 12,000 dollars"),
        ("我们是个体户能开店吗", "我们是个体户"),
        ("我们公司在义乌，有R标，保证金多少", "我们公司在义乌, 有r标"),
        ("我们没有商标能入驻吗", "我们没有商标"),
    ],
)  # fmt: skip
def test_what_is_stated_is_kept(text: str, own: str) -> None:
    assert own_statements(text) == own


@pytest.mark.parametrize(
    "text",
    [
        "can individuals join?",
        "do we need an R mark?",
        "what if we were a company",
        "my friend is self-employed, can he join?",
        "we want to become a company",
        "I was a company before",
        "we are a company or self-employed",
        "how can we get a trademark",
        "R标是什么",
        "如果我们是公司呢",
        "要是我没有执照怎么办",
        "我打算注册公司",
        "我朋友是个体户",
        "我们有公司才能开店吗",
        "我们能用R标吗",
        "我可能是个体户",
    ],
)
def test_questions_suppositions_wishes_and_others_are_not(text: str) -> None:
    assert own_statements(text) == ""
