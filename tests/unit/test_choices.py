"""A few words after a question back: the number, the place, a word of the title, or what completes the question."""

from __future__ import annotations

import pytest

from bot.assistant import Assistant
from bot.knowledge.knowledge import Knowledge
from bot.model import Address, Button, Conversation, Message
from bot.search.finding import coordinated
from bot.store import MemoryStore

ME = Address("test", "me", "me")
OFFERED = tuple(
    Button(name, f"topic={name}") for name in ("trademark-add", "authentication-legal-person", "deposit-refund")
)


@pytest.fixture
def asked_back(knowledge: Knowledge) -> Assistant:
    """An assistant that has just offered three topics."""
    store = MemoryStore()
    store.save(ME, Conversation("en", offered=(*OFFERED, Button("None of these", "none"))))
    return Assistant(knowledge, store)


@pytest.mark.parametrize(
    ("topic", "texts"),
    [
        (
            "trademark-add",
            "the trademark | trademarks | I mean the trademark one | the first | 商标的 | 就是商标那个 | 第一个",
        ),
        ("authentication-legal-person", "2 | the second one | legal person | 法人支付宝 | 第二个"),
        ("deposit-refund", "3 | the last one | getting the deposit back | 保证金那个 | the third"),
    ],
)
def test_a_choice_is_pointed_to(asked_back: Assistant, topic: str, texts: str) -> None:
    before = asked_back.store.load(ME)  # type: ignore[attr-defined]
    for text in texts.split(" | "):
        asked_back.store.save(ME, before)  # type: ignore[attr-defined]
        assert asked_back.receive_now(Message(ME, text, "1")).outcome.topics == (topic,), text


@pytest.mark.parametrize("text", ["what is the commission?", "the second hand goods", "none of these"])
def test_other_words_choose_none_of_them(asked_back: Assistant, text: str) -> None:
    assert not {button.says.partition("=")[2] for button in OFFERED} & {
        *asked_back.receive_now(Message(ME, text, "1")).outcome.topics
    }


def test_after_an_answer_a_word_of_an_offered_title_is_a_question_of_its_own(knowledge: Knowledge) -> None:
    store = MemoryStore()
    store.save(ME, Conversation("en", offered=(Button("How the deposit is refunded", "topic=deposit-refund"),)))
    outcome = Assistant(knowledge, store).receive_now(Message(ME, "deposit", "1")).outcome
    assert outcome.topics != ("deposit-refund",)


def test_a_few_words_complete_the_question_before(assistant: Assistant) -> None:
    store = assistant.store
    assert isinstance(store, MemoryStore)
    store.save(ME, Conversation("en", unclear="how many days does the check of the papers take"))
    assert assistant.receive_now(Message(ME, "for adding a trademark", "1")).outcome.topics == ("trademark-add",)
    assert store.load(ME).unclear is None


def test_words_that_fit_two_choices_are_read_with_the_question(assistant: Assistant) -> None:
    store = assistant.store
    assert isinstance(store, MemoryStore)
    titles = ("entry-trademark", "trademark-add")
    offered = (*(Button("A trademark", f"topic={name}") for name in titles), Button("None of these", "none"))
    store.save(ME, Conversation("en", offered=offered, unclear="how many days until it is reviewed"))
    assert assistant.receive_now(Message(ME, "the trademark one", "1")).outcome.topics == ("trademark-add",)


@pytest.mark.parametrize(
    ("text", "topics"),
    [
        ("what are the deposit and the commission?", {"deposit-amount", "commission-rate"}),
        ("保证金和佣金各是多少", {"deposit-amount", "commission-rate"}),
    ],
)
def test_two_subjects_of_one_question_are_both_answered(assistant: Assistant, text: str, topics: set[str]) -> None:
    assert {*assistant.receive_now(Message(ME, text, "1")).outcome.topics} == topics


def test_one_question_about_one_subject_is_left_whole() -> None:
    assert coordinated("what is the deposit?") == []
    assert coordinated("what is the difference between gold and silver stores in search") == []
