"""What was talked of before completes a message that leans on it, and no other."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.knowledge.knowledge import Knowledge
from bot.search.following import may_follow
from bot.search.found import Found

STRANGERS = Path(__file__).parents[1] / "questions" / "strangers.jsonl"
FEW = 0.02  # share of questions that the topic before them may mislead


@pytest.fixture(scope="session")
def before(knowledge: Knowledge) -> list[str]:
    return [name for name, topic in knowledge.library.topics.items() if topic.known]


def told(found: Found) -> set[str]:
    return {label.name for label in found.answers if label.kind == "topic"}


def test_a_question_of_its_own_means_the_same_after_any_answer(knowledge: Knowledge, before: list[str]) -> None:
    asked = [json.loads(line) for line in STRANGERS.read_text("utf-8").splitlines()]
    short = [question for question in asked if may_follow(question["text"])]
    misled = []
    for number, question in enumerate(short):
        about = before[number % len(before)]
        alone = told(knowledge.finder.find(question["text"]))
        after = told(knowledge.finder.find(question["text"], about))
        if about not in question["topics"] and not after <= alone | set(question["topics"]):
            misled.append((about, question["text"], after))
    assert len(short) > 50
    assert len(misled) <= FEW * len(short), misled


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_each_topic_is_named_after_every_other(knowledge: Knowledge, before: list[str], lang: str) -> None:
    misled, asked = [], 0
    for number, name in enumerate(before):
        title = knowledge.topic(name).title["zh" if lang == "zh" else "en"]
        text = f"那{title}呢" if lang == "zh" else f"and {title}?"
        for about in (before[number - 1], before[number - 7], before[number - 13]):
            asked += 1
            after = told(knowledge.finder.find(text, about))
            if after and name not in after:
                misled.append((about, text, after))
    assert len(misled) <= FEW * asked, misled


@pytest.mark.parametrize(
    ("about", "text", "topic"),
    [
        ("deposit-amount", "for clothing?", "deposit-amount"),
        ("deposit-amount", "and for violins?", "deposit-amount"),
        ("deposit-amount", "那什么时候退", "deposit-refund"),
        ("deposit-amount", "and if I have two categories?", "deposit-several-categories"),
        ("mall-overview", "how do I apply?", "mall-apply"),
        ("trademark-add", "要多久", "trademark-add"),
        ("benefit-loan", "and for silver?", "benefit-loan"),
        ("benefit-search-b", "金牌的话呢", "benefit-search-b"),
        ("benefit-consultant", "how do I bind it?", "dingtalk-binding"),
        ("mall-apply", "who can apply", "mall-apply"),  # of a store, by the words alone
        ("course-potential-goods", "要钱吗", "course-potential-goods"),
        ("registration-steps", "and the deposit refund?", "deposit-refund"),
    ],
)
def test_words_that_lean_are_read_with_the_topic_before(
    knowledge: Knowledge, about: str, text: str, topic: str
) -> None:
    assert topic in told(knowledge.finder.find(text, about))


@pytest.mark.parametrize("text", ["do I need an R mark?", "要R标吗", "How long does the review take?", "审核要多久"])
def test_another_subject_is_not_answered_with_the_deposit(knowledge: Knowledge, text: str) -> None:
    assert not {"deposit-amount", "deposit-refund"} & told(knowledge.finder.find(text, "deposit-amount"))


@pytest.mark.parametrize(
    ("about", "text"),
    [
        ("deposit-amount", "and for handbags?"),
        ("entry-trademark", "我们是做眼镜框的"),
        ("medal-gmv", "we sell fishing gear"),
    ],
)
def test_goods_that_are_named_are_told_what_is_known_of_categories(knowledge: Knowledge, about: str, text: str) -> None:
    (label,) = knowledge.finder.find(text, about).answers
    parts = {part.id: part for part in knowledge.library.topics[label.name].parts}
    assert label.name == about
    assert parts[str(label.detail)].sides == {"goods": "some"}


@pytest.mark.parametrize(
    ("about", "text", "part"),
    [
        ("deposit-amount", "can I pay the deposit in instalments", "instalments"),  # sounds more like another currency
        ("deposit-amount", "可以分期交吗", "instalments"),
        ("deposit-amount", "can I pay it in euros", "currency"),
    ],
)
def test_the_likeliest_part_of_a_topic_is_told(knowledge: Knowledge, about: str, text: str, part: str) -> None:
    (label,) = knowledge.finder.find(text, about).answers
    assert (label.name, label.detail) == (about, part)


@pytest.mark.parametrize("text", ["保证金和佣金都说下", "讲讲佣金和保证金"])
def test_two_subjects_to_be_told_are_both_told(knowledge: Knowledge, text: str) -> None:
    assert told(knowledge.finder.find(text)) == {"deposit-amount", "commission-rate"}


@pytest.mark.parametrize("text", ["back to the money, do I get it back?", "说回保证金，能退不", "刚才那个能退吗"])
def test_a_message_returns_to_what_was_told_before(knowledge: Knowledge, text: str) -> None:
    found = knowledge.finder.find(text, "commission-rate", ("deposit-amount",))
    assert {"deposit-amount", "deposit-refund"} & told(found)


def test_two_short_questions_with_a_space_between_them_are_both_answered_after_another_topic(
    knowledge: Knowledge,
) -> None:
    found = knowledge.finder.find("店铺类型能改不 注册用啥币种", "deposit-amount")
    assert [label.name for label in found.answers] == ["store-type-change", "registration-currency"]


def test_a_second_question_may_ask_on_about_the_first(knowledge: Knowledge) -> None:
    found = knowledge.finder.find("保证金多少，能退吗")
    assert [label.name for label in found.answers] == ["deposit-amount", "deposit-refund"]
