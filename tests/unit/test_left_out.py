"""What is negated or excluded is not what is asked, in either language; a question keeps its negations."""

from __future__ import annotations

import time

import pytest

from bot.knowledge.knowledge import Knowledge
from bot.language.left_out import LONGEST_READ, affirmed, asked_about, left_out
from bot.model import Address, Conversation, Message, Turn
from handlers import respond
from tests.conftest import TODAY


def words(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("we are a company, not a sole trader", "we are a company"),
        ("we are not self-employed but a company, can we join", "we but a company, can we join"),
        ("we do not have a company yet, can we open a store", "we , can we open a store"),
        ("I have no trademark. Can I sell?", "I . Can I sell?"),
        ("My store isn't open yet and I ask for the deposit", "My store and I ask for the deposit"),
        ("what do I pay besides the deposit?", "what do I pay ?"),
        ("我们是公司不是个体户，要什么资料", "我们是公司 ，要什么资料"),
        ("没有公司，能开店吗", "，能开店吗"),
        ("这家店不属于个体户，保证金多少", "这家店 ，保证金多少"),
        ("除了保证金还要交什么费用", "还要交什么费用"),
    ],
)
def test_what_is_negated_is_not_said(text: str, said: str) -> None:
    assert words(affirmed(text)) == said


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("besides the deposit, what else do I pay", ", what else do I pay"),
        ("other than the deposit and the commission are there any fees", "are there any fees"),
        ("Apart from the trademark certificate what documents do you need?", "what documents do you need?"),
        ("is there anything except the commission", "is there anything"),
        ("how is the deposit refunded, not the commission", "how is the deposit refunded"),
        ("I don't want to talk to a human, how much is the deposit", ", how much is the deposit"),
        ("I am not asking about the commission, I want to know the deposit", "I am , I want to know the deposit"),
        ("excluding the medals what are the benefits", "what are the benefits"),
        ("no need to explain the medals, tell me the fee", ", tell me the fee"),
        ("leaving aside the ads, what does a store cost?", ", what does a store cost?"),
        ("除保证金外还有别的费用吗", "还有别的费用吗"),
        ("除了保证金和佣金以外，还收什么钱", "，还收什么钱"),
        ("我不是问保证金，是问佣金", "，是问佣金"),
        ("我要的是佣金，而不是保证金", "我要的是佣金，"),
        ("我们是公司，不是个体户，要什么资料", "我们是公司， ，要什么资料"),
        ("别给我转人工，保证金多少", "，保证金多少"),
        ("先不说保证金，佣金怎么收", "，佣金怎么收"),
        ("撇开广告费，开店要多少钱", "，开店要多少钱"),
        ("不打算做金牌，MALL怎么申请", "，MALL怎么申请"),
        ("抛开类目不谈，入驻要多久", "，入驻要多久"),
    ],
)
def test_what_is_excluded_is_not_asked(text: str, asked: str) -> None:
    assert words(asked_about(text)) == asked


@pytest.mark.parametrize(
    "text",
    [
        "which document is not accepted",
        "why is a sole trader not accepted?",
        "isn't the deposit refundable",
        "can I open a store without a trademark",
        "what if I am not a company",
        "don't you accept sole traders",
        "I don't need a trademark, right?",
        "not only the deposit but also the commission",
        "instead of a company licence can I use my passport",
        "how do I get on top of search",
        "Besides, how much is the deposit?",
        "do I not have to pay?",
        "没有商标可以卖吗",
        "哪些资料不能用",
        "是不是要交保证金",
        "不用交保证金吧？",
        "不要商标可以吗",
        "要不要保证金",
        "保证金会不会被扣除",
        "怎么删除店铺外的商品",
        "类别怎么选",
        "我想问别的费用",
    ],
)
def test_a_question_keeps_its_negations(text: str) -> None:
    assert left_out(text) == ()


@pytest.mark.parametrize(
    "text",
    [
        "I don't want to lose the deposit, when is it refunded?",
        "I do not want to talk to a human",
        "我不想转人工",
        "我不想丢了保证金，它怎么退",
    ],
)
def test_the_subject_of_the_rest_and_a_message_of_refusals_are_read(text: str) -> None:
    assert asked_about(text) == text
    assert affirmed(text) != text


@pytest.mark.parametrize("part", ["not a ", "besides ", "n't ", "除了", "不是", "别给", "a, not a b but ", "x "])
def test_a_long_message_costs_little(part: str) -> None:
    began = time.process_time()
    left_out(part * (2 * LONGEST_READ))
    assert time.process_time() - began < 0.2


def ask(knowledge: Knowledge, text: str) -> Turn:
    return respond(Message(Address("t", "t", "t"), text), Conversation(), knowledge, TODAY)


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("we are a company, not a sole trader, which documents do we need", "entry-materials"),
        ("other than the deposit are there any fees", "entry-fee"),
        ("Apart from the trademark certificate what documents do you need?", "entry-materials"),
        ("I don't want to talk to a human, how much is the deposit", "deposit-amount"),
        ("除了保证金还要交什么费用", "entry-fee"),
        ("先不说保证金，佣金怎么收", "commission-rate"),
        ("没有商标可以卖吗", "entry-trademark"),
    ],
)
def test_the_answer_is_about_what_is_asked(knowledge: Knowledge, text: str, topic: str) -> None:
    assert ask(knowledge, text).outcome.topics == (topic,)


@pytest.mark.parametrize(
    ("text", "never"),
    [
        ("I do not want to talk to a human", "contact-consultant"),
        ("我不想转人工", "contact-consultant"),
        ("I asked about the commission, not the deposit", "deposit-refund"),
        ("We're a limited company and not a sole trader, which papers do we hand in?", "entry-self-employed"),
        ("我们是公司，不是个体户，要什么资料", "entry-self-employed"),
    ],
)
def test_what_is_left_out_is_not_answered(knowledge: Knowledge, text: str, never: str) -> None:
    turn = ask(knowledge, text)
    assert never not in turn.outcome.topics
    assert turn.handoff is None


def test_a_side_that_is_only_said_not_to_be_is_not_heard(knowledge: Knowledge) -> None:
    finder = knowledge.finder
    forms = [guard.id for guard in finder.guards.guards].index("business-form")
    assert set(finder.heard("we are a company, not a sole trader")[forms]) == {"company"}
    assert set(finder.heard("is a company or a sole trader accepted")[forms]) == {"company", "self-employed"}
