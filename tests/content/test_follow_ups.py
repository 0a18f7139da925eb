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
    ],
)
def test_words_that_lean_are_read_with_the_topic_before(
    knowledge: Knowledge, about: str, text: str, topic: str
) -> None:
    assert topic in told(knowledge.finder.find(text, about))


@pytest.mark.parametrize("text", ["do I need an R mark?", "要R标吗", "How long does the review take?", "审核要多久"])
def test_another_subject_is_not_answered_with_the_deposit(knowledge: Knowledge, text: str) -> None:
    assert not {"deposit-amount", "deposit-refund"} & told(knowledge.finder.find(text, "deposit-amount"))
