"""What merchants tell of their own case: what follows is told and the check offered, it is taken as answers, and is no question."""

from __future__ import annotations

import pytest

from bot.assistant import Assistant
from bot.checks.free_text import mentions
from bot.checks.own_case import facts_told
from bot.knowledge.knowledge import Knowledge
from bot.language.asking import asks_within
from bot.search.following import is_fragment, only_tells
from tests.unit.test_check_conversation import Merchant


@pytest.fixture
def ann(assistant: Assistant) -> Merchant:
    return Merchant(assistant)


@pytest.fixture
def wei(assistant: Assistant) -> Merchant:
    return Merchant(assistant, "wei", "zh")


def said(merchant: Merchant, text: str) -> str:
    return "\n".join(reply.text for reply in merchant.says(text).replies)


# --- a case told after the conditions


def test_a_case_told_after_the_conditions_hears_what_follows_and_is_offered_the_check(ann: Merchant) -> None:
    ann.says("what are the conditions for entry?")
    turn = ann.says("a limited company in Ningbo, toys and puzzles")
    assert turn.outcome.check is None
    assert "A company's business licence is what entry asks for." in turn.replies[-1].text
    assert turn.replies[-1].buttons[0].says == "check=store-entry"
    ann.says("can I open a store?")
    assert ann.answers == {"business_type": "company", "company_country": "china"}


def test_what_was_told_before_counts(wei: Merchant) -> None:
    wei.says("佣金返还是怎么回事")
    wei.says("银牌")
    turn = wei.says("店是五个月前开的")
    assert turn.outcome.check == "commission-refund"
    assert wei.answers["tier"] == "silver"


@pytest.mark.parametrize(
    "text",
    [
        "can a limited company in Ningbo do it?",
        "some people say that a company is not needed",
        "有的人说个体户也行，有的人说要公司",
        "company",
        "no, I meant the company's address",
    ],
)
def test_a_question_or_what_others_say_begins_no_check(ann: Merchant, text: str) -> None:
    ann.says("what are the conditions for entry?")
    assert ann.says(text).outcome.check is None


def test_what_is_told_leads_to_a_check_by_its_button_alone(ann: Merchant) -> None:
    ann.says("how do I apply for MALL?")
    turn = ann.says("we make kitchen knives, all by hand")
    assert "check=mall" in [button.says for button in turn.replies[-1].buttons]
    assert "?" not in turn.replies[-1].text


def test_a_case_of_which_nothing_is_known_is_said_to_be_unknown_but_not_what_a_merchant_sells(ann: Merchant) -> None:
    ann.says("how do I apply for MALL?")
    assert "not in our source" not in ann.says("we make kitchen knives, all by hand").replies[-1].text
    assert "our source" in ann.says("my brother let the company's old address expire last year").replies[-1].text
    assert "our source" not in ann.says("somebody on the phone lied to my brother last year").replies[-1].text


# --- what is told is no question


@pytest.mark.parametrize(
    "text",
    [
        "没做过平台 都是批发给档口 一年七八百万是有的",
        "上了四十几个品 没怎么推",
        "我们店现在银牌 上个月还是金牌",
        "销量没掉多少啊",
        "own brand, registered, six years",
    ],
)
def test_what_is_told_asks_nothing(text: str) -> None:
    assert not asks_within(text)
    assert only_tells(text) or is_fragment(text)


@pytest.mark.parametrize("text", ["支付宝是我个人的 算不算", "运费退不退", "先交钱还是先传商标", "要几天"])
def test_a_choice_of_two_sides_asks(text: str) -> None:
    assert asks_within(text)


@pytest.mark.parametrize(
    "text",
    [
        "He wants to know if we must have a person in China.",
        "my boss asks whether we can pay later",
        "please list the documents",
        "麻烦介绍下费用",
        "so then I pay what",
    ],
)
def test_a_question_by_way_of_others_asks(text: str) -> None:
    assert asks_within(text)


@pytest.mark.parametrize(
    "text", ["I don't know if it is R", "I already told you", "we list 300 products", "I'll show you"]
)
def test_words_of_asking_do_not_ask_by_themselves(text: str) -> None:
    assert not asks_within(text)


def test_where_else_a_merchant_sells_is_acknowledged(ann: Merchant) -> None:
    ann.says("what proves the turnover?")
    turn = ann.says("we sell on Etsy and on our own site")
    assert turn.outcome.known_unknown is None
    assert "Etsy" not in turn.replies[-1].text
    assert ann.says("what does Etsy charge?").outcome.known_unknown == "ebay-etsy"


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("a company in Yiwu, is that enough?", "a company in yiwu"),
        ("我们是公司，听说个体户也可以", "我们是公司"),
        ("if we found a company", ""),
    ],
)
def test_facts_are_told_without_suppositions_and_hearsay(text: str, facts: str) -> None:
    assert facts_told(text) == facts


# --- what is taken as answers


@pytest.mark.parametrize(
    ("text", "question", "answer"),
    [
        ("we sold for about 2 million yuan last year", "deposit_cny", None),
        ("去年做了六百来万人民币", "deposit_cny", None),
        ("the deposit may be 20,000 yuan", "deposit_cny", 20000),
        ("please look whether our company can join", "alipay", None),
        ("alipay company verified, I did it myself", "alipay", "enterprise"),
        ("the trademark is the same as 天猫上那个", "email", None),
        ("he asks whether he can buy an R mark from somebody", "trademark_status", None),
        ("if we buy an R trademark it goes faster", "trademark_status", None),
        ("we have an R trademark", "trademark_status", "registered"),
    ],
)
def test_only_what_is_said_of_a_question_is_its_answer(
    knowledge: Knowledge, text: str, question: str, answer: str | int | None
) -> None:
    assert mentions(knowledge.logic("store-entry"), text, "en").given.get(question) == answer


# --- what is told while a question stands


def test_a_question_told_past_is_put_once_more_and_then_only_named(ann: Merchant) -> None:
    ann.says("/check store-entry")
    ann.says("company")
    first = said(ann, "last month we had nearly three hundred orders")
    assert "still need your answer" in first
    assert "Where is the company registered?" in first
    then = said(ann, "my uncle packs the parcels in the evening")
    assert "Where is the company registered?" not in then
    assert "skip" in then
    assert ann.answers == {"business_type": "company"}
    ann.says("the company is in China")
    assert ann.answers["company_country"] == "china"


@pytest.mark.parametrize("text", ["be honest, will we pass", "有没有哪条是卡我们的，您直说"])
def test_the_verdict_so_far_is_told_in_many_words(assistant: Assistant, text: str) -> None:
    merchant = Merchant(assistant, "lin", "en" if text.isascii() else "zh")
    merchant.says("/check store-entry")
    merchant.says("company")
    told = said(merchant, text)
    assert ("So far nothing speaks against it" in told) or ("到目前为止没有问题" in told)
    assert merchant.state is not None
    assert merchant.state.asked == "company_country"


def test_whose_application_was_refused_gets_a_word_of_regard_and_what_is_not_known(ann: Merchant) -> None:
    text = said(ann, "they sent our application back again, nobody explains why")
    assert text.startswith("I ")
    assert "why an application is refused" in text


def test_a_sum_of_sales_beside_a_question_is_no_deposit(wei: Merchant) -> None:
    wei.says("/check store-entry")
    wei.says("换成人民币一年大概两三百万吧")
    assert wei.answers == {}
    wei.says("保证金改成三万")
    assert wei.answers == {"deposit_cny": 30000}


def test_a_follow_up_beside_a_check_is_about_what_was_told_beside_it(ann: Merchant) -> None:
    ann.says("/check store-entry")
    ann.says("how much is the deposit?")
    turn = ann.says("and do I get it back")
    assert turn.outcome.topics == ("deposit-refund",)
    assert ann.state is not None
    assert ann.state.asked == "business_type"


@pytest.mark.parametrize("text", ["Can you check if I'm eligible to join?", "can you see if we can enter"])
def test_whether_one_may_join_is_checked(ann: Merchant, text: str) -> None:
    assert ann.says(text).outcome.check == "store-entry"


def test_pinyin_answers_a_question(ann: Merchant) -> None:
    ann.says("/check store-entry")
    ann.says("geti")
    assert ann.answers == {"business_type": "self_employed"}


def test_who_told_their_case_and_asks_for_a_check_gets_the_one_it_fits(ann: Merchant) -> None:
    ann.says("we are a company in Ningbo and have no trademark yet")
    turn = ann.says("check me please")
    assert turn.outcome.check == "store-entry"
    assert ann.answers["business_type"] == "company"


def test_goods_told_in_the_middle_of_a_talk_are_no_question_about_its_subject(ann: Merchant) -> None:
    ann.says("what is the interest rate of the MYbank loan")
    assert "not in our source" not in said(ann, "we sell lamps").lower()
