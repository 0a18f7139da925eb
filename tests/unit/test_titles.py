"""A topic without an answer is named where the message has a telling word of its title, although its score is low."""

from __future__ import annotations

import pytest

from bot.knowledge.knowledge import Knowledge


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("what about subsidies from the government for sellers", "subsidies"),
        ("is the fully managed model better for a beginner like me who has stock at home", "full-managed"),
    ],
)
def test_it_is_named_by_its_title(knowledge: Knowledge, text: str, name: str) -> None:
    found = knowledge.finder.find(text)
    assert [(label.kind, label.name) for label in found.answers] == [("unknown", name)]


@pytest.mark.parametrize("text", ["can I authenticate with the boss's alipay", "怎么申请入驻"])
def test_words_of_known_subjects_name_none(knowledge: Knowledge, text: str) -> None:
    assert knowledge.finder.find(text).answers[0].kind == "topic"
    assert all(word not in words for words in knowledge.finder.titles.values() for word in ("alipay", "申请", "store"))
