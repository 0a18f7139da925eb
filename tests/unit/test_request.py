"""Requests for a check: by name, in a sentence with the subject, and what is none."""

from __future__ import annotations

import pytest

from bot.assistant import Assistant
from bot.checks.request import asks_for_check
from bot.knowledge.knowledge import Knowledge
from bot.model import Address, Message

ME = Address("test", "me", "me")


@pytest.mark.parametrize(
    ("check", "texts"),
    [
        ("medal", "please run the medal check | Medal test | a meddal chek pls | gold and silver self-check | 来做个金银牌评估 | 银牌测试吧 | 金银排自测"),
        ("store-entry", "take the shop entry test | I want to do the store check now | 入驻资格自测 | 我想做一下开店检查"),
        ("authentication", "open the verification check | autentication check | 企业认证检测 | 麻烦开始认证自查 | 企业认正检测"),
        ("commission-refund", "do the rebate check for me | 返佣测评 | 反佣测评"),
        ("turnover-proof", "let's start the proof of turnover check | 做一次营业额证明检查"),
        ("deposit", "deposit calculator | 保证金测算"),
        ("mall", "Mall assessment please | 我要做MALL自查"),
        ("benefits", "benefits check | 权益检查一下"),
        ("", "check | do a check | I need a self-check | 帮我测一下 | 我想自查"),
        (None, "does the medal check take long | how do I check my deposit | test | 测试 | 保证金 | MALL | 查一下物流 | medal | 认正 | 认正检测要多久 | 保证金检查什么"),
    ],
)  # fmt: skip
def test_a_check_is_asked_for_by_its_name(knowledge: Knowledge, check: str | None, texts: str) -> None:
    for text in texts.split(" | "):
        assert knowledge.requests.check_named(text) == check, text


@pytest.mark.parametrize(
    ("check", "text"),
    [
        ("medal", "would you evaluate whether my shop makes it to gold"),
        ("medal", "麻烦评估一下我家店银牌有没有戏"),
        ("commission-refund", "what commission refund do we have? please check"),
        ("deposit", "work out my deposit please"),
        ("turnover-proof", "test our proof of turnover: we have a tax return"),
        ("store-entry", "帮我看看我够不够入驻条件"),
    ],
)
def test_a_check_starts_where_the_own_case_is_to_be_looked_at(assistant: Assistant, check: str, text: str) -> None:
    outcome = assistant.receive_now(Message(ME, text, "1")).outcome
    assert (outcome.kind, outcome.check) == ("check", check)


@pytest.mark.parametrize(
    ("topic", "text"),
    [
        ("deposit-refund", "can you check whether I get my deposit back when I close the account"),
        ("deposit-amount", "保证金多少"),
        ("entry-self-employed", "can individuals join?"),
    ],
)
def test_a_question_about_a_subject_is_answered(assistant: Assistant, topic: str, text: str) -> None:
    outcome = assistant.receive_now(Message(ME, text, "1")).outcome
    assert (outcome.kind, outcome.topics[:1]) == ("answer", (topic,))


def test_an_answer_offers_the_check_of_the_own_case(assistant: Assistant) -> None:
    turn = assistant.receive_now(Message(ME, "can individuals join?", "1"))
    assert "check=store-entry" in [button.says for button in turn.replies[-1].buttons]


def test_a_request_without_a_subject_takes_what_was_talked_of_or_lists_the_checks(assistant: Assistant) -> None:
    listed = assistant.receive_now(Message(ME, "do a check", "1"))
    assert {button.says for button in listed.replies[0].buttons} == {
        f"check={name}" for name in assistant.knowledge.library.checks
    }
    assistant.receive_now(Message(ME, "how much is the deposit?", "2"))
    assert assistant.receive_now(Message(ME, "check it for me", "3")).outcome.check == "deposit"


@pytest.mark.parametrize("text", ["when is it reviewed?", "how do I check the logistics", "什么时候审核", "thanks"])
def test_other_words_ask_for_no_check(text: str) -> None:
    assert not asks_for_check(text)


@pytest.mark.parametrize("text", ["check my Etsy deposit calculation", "check for me the Shopee benefits"])
def test_a_check_about_another_marketplace_is_not_started(assistant: Assistant, text: str) -> None:
    outcome = assistant.receive_now(Message(ME, text, "1")).outcome
    assert (outcome.kind, outcome.check) == ("unknown", None)
