"""Spelling: what is mended towards the content's words, what is left alone, and pinyin and other languages."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from bot.knowledge.knowledge import Knowledge
from bot.knowledge.library import phrasings_of
from bot.language.detect import other_script
from bot.language.normalize import normalize
from bot.model import LANGUAGES, Address, Conversation, Message, Turn
from bot.search.matching.spelling import Spelling
from handlers import respond
from tests.conftest import TODAY

STRANGERS = Path(__file__).parents[1] / "questions" / "strangers.jsonl"
MOST_ALTERED = 0.01  # share of the strangers' questions without typing errors
MILLISECONDS = 0.3  # of the processor, for the spelling of a question on average


def ask(knowledge: Knowledge, text: str) -> Turn:
    return respond(Message(Address("t", "t", "t"), text), Conversation(), knowledge, TODAY)


def spelled(knowledge: Knowledge, text: str) -> str:
    return knowledge.finder.spelled(knowledge.finder.typed(text))


@pytest.mark.parametrize(
    ("written", "read"),
    [("depsoit", "deposit"), ("acount", "account"), ("trademrak", "trademark"), ("cat", None), ("wholly", None)],
)
def test_a_few_words_are_enough(written: str, read: str | None) -> None:
    spelling = Spelling(["deposit account", "account amount trademark car"])
    assert spelling.correct(written) == ((read, ((written, read),)) if read else (written, ()))
    assert Spelling.of(spelling.form()).correct(written) == spelling.correct(written)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("wat is teh depposit", "what is the deposit"),
        ("hwo mcuh commision", "how much commission"),
        ("plz refubd my depozit", "plz refund my deposit"),
        ("buisness lisence", "business licence"),
        ("refunddd pleeease", "refund please"),
        ("wich documnets do yuo need", "which documents do you need"),
        ("howmuchdeposit", "how much deposit"),
        ("openstore", "open store"),
        ("whatisthecommission", "what is the commission"),
        ("宝证金多少", "保证金多少"),
        ("拥金比例", "佣金比例"),
        ("尚标还没下来", "商标还没下来"),
        ("个休户能不能开店", "个体户能不能开店"),
        ("各体户可以吗", "个体户可以吗"),
        ("营业之照", "营业执照"),
        ("mall顶部入囗需要什么", "mall顶部入口需要什么"),
        ("交保证斤", "交保证金"),
        ("注册油箱", "注册邮箱"),
        ("baozhengjin", "保证金"),
        ("yongjin duoshao", "佣金多少"),
        ("bao zheng jin duo shao qian", "保证金多少钱"),
        ("zenme kaitong mall", "怎么开通 mall"),
        ("tell me about the baozhengjin", "tell me about the 保证金"),
    ],
)
def test_errors_are_mended(knowledge: Knowledge, written: str, read: str) -> None:
    assert spelled(knowledge, written) == read


@pytest.mark.parametrize(
    "text",
    [
        "i play golf and hair is sore",  # gold, fair and store are near
        "mr wang and miss zhang from shaoxing",
        "cod fob moq ddp",
        "together we have a headline",
        "couldnt wheres theres",
        "women can change long men",
        "paris portugal canton",
        "qqq aaaa",
        "药多少钱",
        "买茶叶可以吗",
        "步行街",
        "每天都带被子",
    ],
)
def test_what_is_right_stays(knowledge: Knowledge, text: str) -> None:
    assert spelled(knowledge, text) == text


def test_the_phrasings_and_strangers_without_errors_stay(knowledge: Knowledge) -> None:
    said = {
        text
        for _, phrasings, _ in phrasings_of(knowledge.library, hidden=True)
        for lang in LANGUAGES
        for text in phrasings[lang]
    }
    assert [text for text in said if spelled(knowledge, text) != normalize(text)] == []
    rows = [json.loads(line) for line in STRANGERS.read_text(encoding="utf-8").splitlines()]
    right = [row["text"] for row in rows if row["kind"] != "typo"]
    altered = [text for text in right if spelled(knowledge, text) != normalize(text)]
    assert len(altered) <= MOST_ALTERED * len(right), altered


def test_a_question_is_spelled_in_little_time(knowledge: Knowledge) -> None:
    texts = [json.loads(line)["text"] for line in STRANGERS.read_text(encoding="utf-8").splitlines()]
    knowledge.finder.respelled(knowledge.finder.from_pinyin("depsoit"))
    began = time.process_time()
    for text in texts:
        knowledge.finder.respelled(knowledge.finder.from_pinyin(text))
    assert (time.process_time() - began) * 1000 / len(texts) < MILLISECONDS


@pytest.mark.parametrize(
    ("text", "topic", "lang"),
    [
        ("baozhengjin", "deposit-amount", "zh"),
        ("yongjin duoshao", "commission-rate", "zh"),
        ("what is baozhengjin", "deposit-amount", "en"),
        ("宝证金", "deposit-amount", "zh"),
        ("拥金", "commission-rate", "zh"),
        ("个休户能开店吗", "entry-self-employed", "zh"),
        ("commision", "commission-rate", "en"),
        ("这个deposit能refund吗", "deposit-refund", "zh"),
    ],
)
def test_misspelt_questions_are_answered(knowledge: Knowledge, text: str, topic: str, lang: str) -> None:
    turn = ask(knowledge, text)
    assert (turn.outcome.topics, turn.conversation.lang) == ((topic,), lang)


@pytest.mark.parametrize("text", ["wat is teh depposit", "my manager wants the 佣金 percentage", "zenme kaidian a"])
def test_misspelt_and_mixed_texts_are_not_foreign(knowledge: Knowledge, text: str) -> None:
    assert not knowledge.foreign(text)


@pytest.mark.parametrize(
    "text",
    [
        "cual es el deposito para vender en la tienda",
        "combien coute la caution pour ouvrir une boutique",
        "wie hoch ist die kaution fur den laden",
        "berapa biaya deposit untuk membuka toko",
        "quanto custa o deposito para abrir a loja",
        "magaza acmak icin depozito ne kadar",
        "保証金はいくらですか",
        "返金方法を教えて",
        "アカウント登録方法",
        "個人でも出店できますか",
        "amazon에서 팔고 있는데 보증금은 얼마인가요",
    ],
)
def test_other_languages_are_told_so(knowledge: Knowledge, text: str) -> None:
    turn = ask(knowledge, text)
    assert turn.outcome.kind == "unknown"
    assert turn.replies[0].text == knowledge.say("unknown_language", turn.conversation.lang or "en")


@pytest.mark.parametrize(
    "text", ["我的品牌叫なかむら，商标要怎么注册", "优の品可以注册吗", "我的店名叫ありがとう", "品牌叫한국可以吗"]
)
def test_a_foreign_name_makes_no_foreign_text(text: str) -> None:
    assert not other_script(text)
