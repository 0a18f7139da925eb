"""Deep links: everything can be linked to, and what a link carries is what it opens."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from bot.assistant import Assistant
from bot.knowledge import deep_links
from bot.knowledge.deep_links import NoTarget, Target
from bot.knowledge.knowledge import Knowledge
from bot.model import Address, Language, Message, Turn
from handlers.code import code_in


def test_every_target_goes_there_and_back_in_what_telegram_passes_on(knowledge: Knowledge) -> None:
    targets = [Target(kind, name) for kind, known in deep_links.names(knowledge).items() for name in known]
    assert len(targets) > 60
    for target in targets:
        assert re.fullmatch("[A-Za-z0-9_-]{1,64}", target.payload)
        assert deep_links.opened(target.payload, knowledge) == target


def test_a_long_name_is_linked_to_as_well(with_content: Callable[..., Knowledge]) -> None:
    name = "keyword-" + "x" * 80
    rule = f"- {{id: {name}, keywords: [{{equal: 长长长}}], replies: [{{text: {{en: Long, zh: 长}}}}]}}\n"
    knowledge = with_content({"keywords.yaml": rule})
    target = deep_links.target("长长长", knowledge, code_in)
    assert target.name == name
    assert re.fullmatch("[A-Za-z0-9_-]{1,64}", target.payload)
    assert deep_links.opened(target.payload, knowledge) == target


@pytest.mark.parametrize(
    ("said", "kind", "name"),
    [
        ("deposit-amount", "topic", "deposit-amount"),
        ("medal", "check", "medal"),
        ("medal-check", "keyword", "medal-check"),
        ("潜力商品", "keyword", "potential-goods"),
        ("Entry gift!", "keyword", "entry-gift"),
        ("7K3QD-0000A-ZZZZ9", "code", "7K3QD-0000A-ZZZZ9"),
    ],
)
def test_a_target_is_named_as_people_name_it(said: str, kind: str, name: str, knowledge: Knowledge) -> None:
    found = deep_links.target(said, knowledge, code_in)
    assert (found.kind, found.name) == (kind, name)


def test_what_is_not_there_is_told_with_what_is_near(knowledge: Knowledge) -> None:
    with pytest.raises(NoTarget, match='did you mean "deposit-amount"'):
        deep_links.target("deposit-amuont", knowledge, code_in)


def started(assistant: Assistant, payload: str, lang: Language = "en") -> Turn:
    return assistant.receive_now(Message(Address("test", "1", "1"), f"/start {payload}", hint=lang))


def test_a_link_brings_what_it_names(assistant: Assistant) -> None:
    assert started(assistant, "t-deposit-amount").outcome.topics == ("deposit-amount",)
    assert started(assistant, "c-medal").outcome.check == "medal"
    assert started(assistant, "k-potential-goods", "zh").outcome.topics == ("course-potential-goods",)
    assert started(assistant, "o-potential-goods").outcome.topics == ("course-potential-goods",)


def test_a_link_with_a_code_opens_the_result(assistant: Assistant) -> None:
    def say(text: str, chat: str) -> Turn:
        nonce = "7" * 19
        return assistant.receive_now(Message(Address("test", chat, chat), text, hint="en", nonce=nonce))

    say("/check authentication", "1")
    say("1", "1")
    kept = say("2", "1").keep
    assert kept
    opened = say(f"/start {Target('code', kept.code).payload}", "2")
    assert kept.code in opened.replies[0].text
    unknown = say("/start r-00000-00000-00000", "2")
    assert unknown.outcome.kind == "unknown"


@pytest.mark.parametrize(
    "payload", ["rubbish", "t-", "t-no-such-topic", "k_" + "0" * 24, "x-deposit", "-", "_" * 64, "潜"]
)
def test_a_link_that_leads_nowhere_says_so_and_greets(payload: str, assistant: Assistant) -> None:
    turn = started(assistant, payload)
    greeting = started(assistant, "").replies[0]
    assert turn.replies[0].text.endswith(greeting.text)
    assert turn.replies[0].text != greeting.text
    assert turn.replies[0].buttons == greeting.buttons
