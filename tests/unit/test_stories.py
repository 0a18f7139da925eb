"""Other marketplaces in what a merchant tells of themselves do not decide what is asked."""

from __future__ import annotations

import re
import time

import pytest

from bot.knowledge.knowledge import Knowledge
from bot.language.stories import background
from bot.model import Address, Conversation, Message, Turn
from bot.search.finding import questions
from handlers import respond
from tests.conftest import TODAY

NAMES = re.compile("amazon|shopee|lazada|etsy|temu|亚马逊|虾皮|拼多多|淘宝|抖音", re.IGNORECASE)
CANDLES = (
    "Our family makes candles. My mother began in 1998 in a small room. We have sold on Etsy for three years. Last year my brother opened a "
    "shop on Shopee, too. He says it goes well. We founded a company in March. It has a licence. The logo is drawn by my aunt. My English is "
    "not so good. How much is the deposit with you?"
)
TOWELS = (
    "我家做毛巾的，父亲九十年代开始做。前几年在拼多多开店，生意一般。去年表弟在抖音直播带货，也没做起来。今年春天我们注册了公司。执照刚下来。"
    "我对跨境不太懂。英文也不好。家里人都在帮忙。朋友说可以试试。所以想问一下，佣金是多少？"
)


@pytest.mark.parametrize(
    "text",
    [
        "I sell on Amazon and Shopee; what deposit does AliExpress take?",
        "I sell on Amazon, Shopee and Lazada, what deposit do you take?",
        "I sell on Amazon and want to open a store here, how much is the deposit",
        "I already run an Etsy shop, do I need a deposit?",
        "My Amazon store was suspended, can I still open one here?",
        "Coming from Lazada, what will I need?",
        "We moved from Temu last year. How long does the check take?",
        "I want to move from Amazon to you, how much is the deposit",
        "Temu closed the account of my brother last year. How much do you take?",
        CANDLES,
        "我在亚马逊做了三年，现在想开速卖通，保证金多少",
        "我做虾皮的，保证金要多少",
        "我们之前在拼多多和淘宝卖，入驻要什么资料？",
        "我是亚马逊卖家，佣金怎么收",
        "我们要从亚马逊转过来，怎么入驻",
        "我在亚马逊有店。请问保证金怎么退？",
        TOWELS,
    ],
)
def test_told_and_not_asked(text: str) -> None:
    places = [match.start() for match in NAMES.finditer(text)]
    assert list(background(text, places)) == places


@pytest.mark.parametrize(
    "text",
    [
        "on Shopee, how much is the deposit",
        "Shopee, how much is the deposit",
        "Shopee. How much is the deposit?",
        "how much deposit does Shopee take",
        "I want to sell on Shopee, how much is the deposit",
        "I would like to open a store on Temu. What do I need?",
        "I sell on Shopee, what is their commission?",
        "I have a store on Amazon. How much is the deposit there?",
        "I sell shoes, what deposit does Lazada ask?",
        "I sell shoes on Lazada",
        "在虾皮上，保证金多少",
        "我想在虾皮开店，保证金多少",
        "我在虾皮开店，他们的佣金多少",
        "我们准备做拼多多，要什么资料",
        "我有公司，亚马逊要什么资料",
    ],
)
def test_asked(text: str) -> None:
    assert list(background(text, [match.start() for match in NAMES.finditer(text)])) == []


def ask(knowledge: Knowledge, text: str) -> Turn:
    return respond(Message(Address("t", "t", "t"), text), Conversation(), knowledge, TODAY)


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("I sell on Amazon and Shopee; what deposit does AliExpress take?", "deposit-amount"),
        ("I sell on Amazon, Shopee and Lazada, what deposit do you take?", "deposit-amount"),
        ("I sell on Amazon and want to open a store here, how much is the deposit", "deposit-amount"),
        (CANDLES, "deposit-amount"),
        ("我做虾皮的，保证金要多少", "deposit-amount"),
        ("我们之前在拼多多和淘宝卖，入驻要什么资料？", "entry-materials"),
        ("我是亚马逊卖家，佣金怎么收", "commission-rate"),
        (TOWELS, "commission-rate"),
    ],
)
def test_a_story_is_answered_for_its_question(knowledge: Knowledge, text: str, topic: str) -> None:
    assert ask(knowledge, text).outcome.topics == (topic,)


@pytest.mark.parametrize(
    "text",
    [
        "on Shopee, how much is the deposit",
        "I want to sell on Shopee, how much is the deposit",
        "I sell on Shopee, what is their commission?",
        "I have a store on Amazon. How much is the deposit there?",
        "我在虾皮开店，他们的佣金多少",
        "我想在虾皮开店，保证金多少",
    ],
)
def test_a_question_about_another_marketplace_is_not_answered(knowledge: Knowledge, text: str) -> None:
    assert ask(knowledge, text).outcome.topics == ()


@pytest.mark.parametrize("part", ["I sell on Amazon. ", "amazon, ", "亚马逊，", "我在亚马逊，怎么", "and so then "])
def test_a_long_story_costs_little(knowledge: Knowledge, part: str) -> None:
    began = time.process_time()
    knowledge.finder.guards.without_background(part * (4000 // len(part)))
    assert time.process_time() - began < 0.05


@pytest.mark.parametrize(
    "text", ["will the 10,000 be returned if I do", "is 1,200,000 too little for it", "保证金10,000能退吗"]
)
def test_a_number_with_separators_is_not_split(text: str) -> None:
    assert questions(text) == []
