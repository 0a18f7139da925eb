"""Free words as answers: choices, several choices, yes and no, amounts, lengths of time, corrections and commands."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.checks import BadAnswer, Check, Logic, logic, parse_answer, plain_value
from bot.checks.free_text import (
    Reading,
    mentions,
    read_agreement,
    read_answer,
    read_change,
    read_command,
)
from bot.language.amounts import HAN_NUMERALS, Amount, amounts, fold
from bot.model import LANGUAGES, Language

CONTENT = Path(__file__).resolve().parents[2] / "knowledge"
CHECKS = sorted(path.stem for path in (CONTENT / "checks").glob("*.yaml"))
HAN = re.compile("[\u4e00-\u9fff]")


@cache
def shipped(name: str) -> Logic:
    def plain(path: Path) -> Any:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)

    figures = {
        group: {entry: int(number) for entry, number in entries.items()}
        for group, entries in plain(CONTENT / "figures.yaml").items()
    }
    return logic(Check.model_validate({**plain(CONTENT / "checks" / f"{name}.yaml"), "id": name}), figures)


def lang_of(text: str) -> Language:
    return "zh" if HAN.search(text) else "en"


def read(place: str, text: str, lang: Language | None = None) -> Reading | None:
    check, _, question = place.partition(".")
    made = shipped(check)
    return read_answer(made, made.check.question(question), text, lang or lang_of(text))


def said(place: str, text: str, lang: Language | None = None) -> Any:
    """The answer as JSON has it; "unknown"; "?problem"; None for no answer."""
    reading = read(place, text, lang)
    if reading is None:
        return None
    if reading.unknown:
        return "unknown"
    return f"?{reading.problem}" if reading.problem else plain_value(reading.answer)  # type: ignore[arg-type]


def rows(table: Mapping[str, Mapping[Any, str]]) -> list[tuple[str, str, Any]]:
    """One row for each text, which are parted by " | "."""
    return [
        (place, text.strip(" "), list(answer) if isinstance(answer, tuple) else answer)
        for place, answers in table.items()
        for answer, texts in answers.items()
        for text in texts.split(" | ")
    ]


CHOICES: dict[str, dict[Any, str]] = {
    "store-entry.business_type": {
        "company": "we are a company | Company! | compnay | 有限公司 | 有限公司。 | 我們是公司 | LLC | the first one | 1 | 第一个 | 企业营业执照 | a registered limited company in Shenzhen | 公 司",
        "self_employed": "个体户 | 個體戶 | self-employed | we're self-employd | selfemployed | sole trader | 2 | 第二个 | option 2 | 没有公司，是个体户 | not a company but self-employed",
        "none": "no | none | 没有 | 还没有 | no licence yet | 没有营业执照 | last one | 还没注册公司 | I'm just a private person",
        "unknown": "I don't know | not sure | dunno | 不知道 | 不清楚 | 没注意过 | 我也不太清楚 | I don't know if it's a company or a sole trader | no idea what it says",
        "?several_fit": "yes | not a company | 不是公司 | 1 and 2 | we have a company and also a sole trader licence | 个人独资企业",
        "?no_such_choice": "7 | 8000 dollars | 5000 | 第九个",
        None: "ok | thanks | hello | 谢谢 | what is an invitation category? | can individuals join? | 保证金是多少 | 你好 | 😀 | ...",
    },
    "store-entry.company_country": {
        "china": "China | 中国 | 中國 | 大陆的 | in China | mainland china | in Ningbo | we are based in Xiamen | 在杭州 | 公司在佛山 | 山东的",
        "other": "not in China | 不在中国 | Turkey | 土耳其 | tukrey | overseas",
        "?no_such_choice": "30k ok",
        None: "yes | no",
    },
    "store-entry.invitation_category": {
        "no": "no | 不是 | 普通类目 | it's open | not by invitation | 不需要",
        "invited": "we are invited | yes, we got an invitation | 是的，已邀请 | 有邀请",
        "not_invited": "yes but not invited | 没收到邀请 | we have no invitation | 是的，但是没有邀请",
        "?several_fit": "yes | 是 | 是的",
    },
    "store-entry.trademark_status": {
        "registered": "有R标 | registered | R标 | r标 | I have the registration certificate",
        "accepted": "yes but only the acceptance letter | acceptance leter | TM | TM标 | 还没有，正在申请 | not registered yet | R标没有，TM标有 | 没有R标，只有TM标 | 只有受理書",
        "authorised": "授权 | 有授权书 | no but we have authorization",
        "none": "还没有商标 | 還沒有商標 | none | not yet | 没呢 | 没有 | no trademark | 没有商标也没有授权",
        "?several_fit": "yes | 有的 | we have a trademark | 我有商标 | we don't have a registered trademark",
        None: "how do I get a trademark? | 商标怎么申请？ | we applied last month",
    },
    "store-entry.alipay": {
        "enterprise": "enterprise | 企业的 | company alipay",
        "legal_person": "老板的支付宝 | the boss's alipay | 第二个 | 不是企业的，是法人的 | the boss has one",
        "none": "neither | 都没有 | 没有 | no alipay | neither of them",
        "?several_fit": "both | 两个都有 | we don't have enterprise alipay",
    },
    "store-entry.email": {
        "new": "new | 刚弄的新邮箱 | we will create a fresh one | 没用过 | a new one | brand new",
        "used": "used | 注册过淘宝 | 不是新的 | 淘宝一直在用的那个",
        None: "yes",
    },
    "commission-refund.tier": {
        "silver": "silver | sliver | 银牌 | not gold yet, silver",
        "gold": "gold | 金牌 | 金 | we are gold",
        "none": "none | 都不是 | 没有 | neither | no medal",
        "?several_fit": "gold and silver | not mall",
        None: "佣金 | we sell small things",
    },
    "mall.store": {"none": "not yet | 还没开 | 没有", "open": "yes | 有 | 已开店"},
}


YES_NO: dict[str, dict[Any, str]] = {
    "authentication.enterprise_alipay": {
        "yes": "yes | yep | 嗯 | 有的 | 有 | 算是吧 | yes we do | we have enterprise alipay | 有企业支付宝 | Enterprise Alipay | I think so",
        "no": "no | nope | not yet | 没呢 | 没有 | we don't have enterprise alipay | 没有企业支付宝 | 企业支付宝没有 | 还没开通 | 暂时没有 | I don't think so",
        "unknown": "not sure | 不清楚 | maybe | 不一定 | idk",
        None: "ok | 好的 | do I need an enterprise alipay? | 什么是企业支付宝？ | no problem, thanks | 谢谢",
    },
    "store-entry.trademark_needed": {
        "yes": "需要 | 要的 | yep | it is required | they do | 嗯嗯需要",
        "no": "不需要 | 不用 | nope | we don't need it | 并不需要 | not needed",
        "?several_fit": "有的要有的不要",
    },
    "store-entry.trademark_covers": {"yes": "包含 | it covers them", "no": "不包含 | 不太包含 | no, different goods"},
    "mall.data_optimised": {"yes": "优化好了 | improved | yes", "no": "还没优化 | not yet | no, not improved"},
}


SEVERAL: dict[str, dict[Any, str]] = {
    "turnover-proof.documents": {
        ("bank_statement", "tax_return"): "bank statement and tax return | 银行流水和税表 | 1 and 2 | 1、2 | bank statments, tax returns | the first two",
        ("bank_statement", "export_declaration"): "流水和报关单 | 1,3 | 第一个和第三个",
        ("bank_statement",): "bank statement but no tax return | 只有对公流水",
        ("personal_statement",): "personal statement | 我只有个人流水",
        (): "none of them | 都没有 | none | no | 没有 | 一个都没有",
        ("bank_statement", "competitor_backend", "export_declaration", "personal_statement", "tax_return"): "all of them | 都有 | 全都有",
        ("bank_statement", "competitor_backend", "export_declaration", "tax_return"): "all except the personal statement | 除了个人流水都有",
        "?several_fit": "both | yes | no tax return | 没有银行流水和报关单",
        "unknown": "don't know | 不知道",
        "?no_such_choice": "9 | 12",
        None: "thanks | what is a tax number?",
    },
    "medal.strengths": {
        ("brand", "goods"): "brand and price | 品牌和价格",
        ("brand",): "品牌，没有海外仓 | only the brand | we have our own brand",
        ("goods", "store", "supply_chain"): "all but not brand | 除了品牌都有",
        (): "none | 没有 | 都没有 | nothing in particular | 没什么突出的优势 | 没有优势",
    },
}  # fmt: skip


NUMBERS: dict[str, dict[Any, str]] = {
    "store-entry.accounts_already": {
        0: "0 | none | zero | 没有 | 无 | this is our first store | 第一次开店 | not yet",
        2: "two | 2 | 两个 | 2个 | two accounts | 二 | 4, no, 2 | 4个，不对，2个 | not 3 but 2 | four, sorry, three... no, two",
        6: "6 | six | 六个 | 已经有6个 | 5个，哦不，6个",
        "?not_whole": "2.5 | 两个半",
        "?out_of_range": "-1 | minus 3 | 99999999999999 | 负三",
        "?no_number": "yes | 1 2 3 4 5 6 7",
        "?several_fit": "we have 3 but no more than 5 are used | 5 or 6",
        "unknown": "不知道 | no idea",
        None: "淘宝三个，京东一个 | ok then | how many can I have? | 商标怎么申请？",
    },
    "store-entry.deposit_cny": {
        0: "0 | none | nothing | 没有",
        10000: "1万左右 | 万把块 | 10k | ten thousand | 10,000 | 10 000 yuan | 10.000 | 1万元 | RMB 10k | a bit over 10k | 一万块钱吧 | 1w",
        12000: "一万二 | 1万2 | 1.2万 | 12k | 萬二 | 12'000",
        12500: "12,5k | 12.5k | 1.25万",
        15000: "1.5万 | 15 grand | 一点五万 | 一万五 | 三万，改成一万五 | 20k - scratch that, 15k | 9999999999999999, typo: 15000",
        25000: "两万五 | 兩萬五 | 25k | twenty-five thousand",
        500000: "half a million | 五十万",
        3000: "三四千",
        8000: "8-9k | 8 to 9 thousand | 八九千",
        9999: "不到一万 | less than 10k | 少于1万",
        "?other_currency": "10000 yuan, sorry, 10000 dollars | 20000 usd | 2万美元 | EUR 5000 | $5k | 5000 lira | ten thousand dollars | in euros: 5000",
        "?out_of_range": "-5 | ¥-5 | minus 500 | 10000000000000",
        "?several_fit": "10000, 30000",
        None: "how much is the deposit? | 保证金是多少？ | thanks | 钱不是问题 | 不多 | 1e400",
    },
    "medal.monthly_gmv_usd": {
        8000: "about 8k dollars | 8千美金 | $8k | 8-9k | around 8 grand | 8k a month | 每月8000刀",
        12000: "US$ 12.000 | 12,000 | 12k | twelve thousand | 一万二美金 | USD 12,000.00",
        15000: "1.5万美元 | 15 grand | fifteen thousand bucks",
        9999.99: "USD 9,999.99",
        "?other_currency": "5000 euros | 30000 TL | 20000 yuan | 5万人民币 | RMB 50k | €8000",
        "?out_of_range": "-500",
        "unknown": "不知道 | 没算过 | not sure",
    },
    "benefits.store_age_days": {
        0: "今天刚开 | just opened | 0",
        14: "two weeks | 2周 | a fortnight | 14天",
        90: "three months | 3个月 | 三个月 | 90 | 90 days | a quarter",
        180: "半年 | half a year | six months | 180天",
        181: "more than 180 days | 超过180天 | 半年多",
        45: "一个半月 | a month and a half | 1.5 months",
        545: "一年半 | a year and a half",
        455: "a year and three months | 一年零三个月",
        "?a_date": "since May 2023 | opened in Sept. 2021 | 2021年 | since 2021 | 2021年3月开的 | 去年开的 | 2023-05-01 | 12月15日",
        "?not_whole": "1.5 days",
        None: "hello | thanks",
    },
}  # fmt: skip


LISTS: dict[str, dict[Any, str]] = {
    "deposit.category_deposits": {
        (10000, 30000, 20000): "10000, 30000 and 20000 | 1万、3万、2万 | 10k/30k/20k | 10,000, 30,000, 20,000",
        (30000, 10000): "3万和1万 | 30k and 10k | 30000 10000 | 一个3万一个1万",
        (15000,): "the 15k one | only the 15k one | 10k, sorry 15k | 三万，写错了，一万五",
        (10000, 20000): "10k and 30k, sorry, 20k | 3万和5万，不对，1万和2万",
        (10000,): "10k | 都是1万 | both 10000 | ¥10,000 | 10k each",
        (10000, 30000): "1万到3万 | 10000\n30000",
        "?out_of_range": "5000 | 60000 | 10000 and 60000",
        "?other_currency": "10000 usd",
        "unknown": "不知道",
    }
}


@pytest.mark.parametrize(("place", "text", "answer"), rows(CHOICES))
def test_a_choice(place: str, text: str, answer: Any) -> None:
    assert said(place, text) == answer


@pytest.mark.parametrize(("place", "text", "answer"), rows(YES_NO))
def test_yes_and_no(place: str, text: str, answer: Any) -> None:
    assert said(place, text) == answer


@pytest.mark.parametrize(("place", "text", "answer"), rows(SEVERAL))
def test_several_choices(place: str, text: str, answer: Any) -> None:
    assert said(place, text) == answer


@pytest.mark.parametrize(("place", "text", "answer"), rows(NUMBERS))
def test_a_number(place: str, text: str, answer: Any) -> None:
    assert said(place, text) == answer


@pytest.mark.parametrize(("place", "text", "answer"), rows(LISTS))
def test_a_list_of_amounts(place: str, text: str, answer: Any) -> None:
    assert said(place, text) == answer


def test_several_that_fit_are_named_in_the_content_s_order() -> None:
    reading = read("store-entry.trademark_status", "yes")
    assert reading is not None
    assert reading.options == ("registered", "accepted", "authorised")


def test_the_other_currency_is_named() -> None:
    reading = read("medal.monthly_gmv_usd", "about 5.000 TL")
    assert reading is not None
    assert (reading.named, reading.answer) == ("TRY", None)


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("medal.monthly_gmv_usd", "about 10k"),
        ("medal.monthly_gmv_usd", "9-11k"),
        ("medal.monthly_gmv_usd", "12k over 90 days"),  # in all, or a month?
        ("medal.monthly_gmv_usd", "1万左右"),
        ("medal.monthly_gmv_usd", "1万"),  # yuan or dollars?
        ("medal.monthly_gmv_usd", "3万块"),
        ("medal.monthly_gmv_usd", "not sure, 10k"),
        ("store-entry.deposit_cny", "1万左右"),
        ("store-entry.deposit_cny", "万把块"),
        ("store-entry.deposit_cny", "about 49k"),
        ("store-entry.accounts_already", "about 5"),
        ("benefits.store_age_days", "半年"),
        ("benefits.store_age_days", "about 170 days"),
        ("store-entry.trademark_needed", "可能需要"),
        ("store-entry.business_type", "not sure, I think a company"),
        ("turnover-proof.documents", "流水"),  # the company's or his own?
    ],
)
def test_what_is_doubtful_and_matters_is_to_be_confirmed(place: str, text: str) -> None:
    reading = read(place, text)
    assert reading is not None
    assert reading.answer is not None
    assert reading.confirm


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("medal.monthly_gmv_usd", "about 8k dollars"),
        ("medal.monthly_gmv_usd", "8-9k"),
        ("medal.monthly_gmv_usd", "10,000"),
        ("medal.monthly_gmv_usd", "3万"),
        ("medal.monthly_gmv_usd", "一万二美金"),
        ("medal.monthly_gmv_usd", "on average 12k a month over 90 days"),
        ("store-entry.deposit_cny", "10,000"),
        ("store-entry.deposit_cny", "1万"),
        ("store-entry.deposit_cny", "about 30000"),
        ("store-entry.deposit_cny", "三四千"),
        ("store-entry.deposit_cny", "不到一万"),
        ("store-entry.accounts_already", "about 3"),
        ("benefits.store_age_days", "three months"),
        ("benefits.store_age_days", "180"),
        ("store-entry.trademark_needed", "算是吧"),
    ],
)
def test_what_is_plain_or_makes_no_difference_is_not(place: str, text: str) -> None:
    reading = read(place, text)
    assert reading is not None
    assert reading.answer is not None
    assert not reading.confirm


def test_without_the_rules_every_doubt_matters() -> None:
    check = shipped("medal").check
    reading = read_answer(check, check.question("monthly_gmv_usd"), "about 8k dollars", "en")
    assert reading is not None
    assert reading.confirm


@pytest.mark.parametrize(
    ("place", "answer", "question"),
    [
        ("store-entry.business_type", "we are a company", "can a company that sells shoes join the programme?"),
        ("store-entry.business_type", "个体户", "个体户为什么不能入驻呢？我看别人都开了"),
        ("store-entry.deposit_cny", "about 30k", "when do I get the 30k back after closing the store?"),
        ("store-entry.deposit_cny", "3万", "为什么别人家只交了3万保证金就能开店？"),
        ("authentication.enterprise_alipay", "no", "is there no other way than alipay to prove who we are?"),
    ],
)
def test_an_answer_is_surer_than_a_question_with_the_same_words(place: str, answer: str, question: str) -> None:
    plain, asked = read(place, answer), read(place, question)
    assert plain is not None
    assert plain.sure == 1.0
    assert asked is None or asked.sure < 0.5


@pytest.mark.parametrize("name", CHECKS)
def test_every_value_is_read_by_each_of_its_own_names(name: str) -> None:
    made = shipped(name)
    for question in made.check.questions:
        shared = [
            spelling
            for option in question.options
            if option.also
            for lang in LANGUAGES
            for spelling in option.also[lang]
        ]
        for option in question.options:
            for lang in LANGUAGES:
                for spelling in (option.label[lang], *(option.also[lang] if option.also else ())):
                    if shared.count(spelling) > 1:
                        continue
                    reading = read_answer(made, question, spelling, lang)
                    assert reading is not None, spelling
                    wanted = frozenset([option.id]) if question.kind == "choices" else option.id
                    assert reading.answer == wanted, (spelling, reading)


@pytest.mark.parametrize(
    ("check", "text", "question", "answer"),
    [
        ("store-entry", "change my deposit to 30k", "deposit_cny", 30000),
        ("store-entry", "保证金改成3万", "deposit_cny", 30000),
        ("store-entry", "把保证金从1万改成5万", "deposit_cny", 50000),
        ("store-entry", "change the deposit from 10k to 30k", "deposit_cny", 30000),
        ("store-entry", "sorry, we are self-employed after all", "business_type", "self_employed"),
        ("store-entry", "其实我们是个体户", "business_type", "self_employed"),
        ("store-entry", "不好意思，商标是R标", "trademark_status", "registered"),
        ("store-entry", "we need no trademark after all", "trademark_needed", "no"),
        ("store-entry", "actually the company is registered in Turkey", "company_country", "other"),
        ("store-entry", "actually 3 accounts", "accounts_already", 3),
        ("store-entry", "my mailbox is used", "email", "used"),
        ("medal", "the average is 11k", "monthly_gmv_usd", 11000),
        ("benefits", "sorry, gold", "tier", "gold"),
        ("benefits", "it's 200 days, not 100", "store_age_days", 200),
        ("authentication", "I was wrong, no enterprise alipay", "enterprise_alipay", "no"),
    ],
)
def test_a_correction(check: str, text: str, question: str, answer: Any) -> None:
    found = read_change(shipped(check), text, lang_of(text))
    assert found is not None
    assert found[1].answer is not None
    assert (found[0].id, plain_value(found[1].answer)) == (question, answer)


@pytest.mark.parametrize(
    ("text", "question", "problem"),
    [
        ("actually we do have a trademark", "trademark_status", "several_fit"),
        ("change my deposit", "deposit_cny", "no_value"),
        ("改一下商标", "trademark_status", "no_value"),
        ("保证金20000美元", "deposit_cny", "other_currency"),
    ],
)
def test_a_correction_that_leaves_something_to_ask(text: str, question: str, problem: str) -> None:
    found = read_change(shipped("store-entry"), text, lang_of(text))
    assert found is not None
    assert (found[0].id, found[1].problem) == (question, problem)


@pytest.mark.parametrize(
    "text",
    [
        "hello",
        "thanks",
        "can I change the category?",
        "what is a deposit",
        "how much is the deposit?",
        "保证金多少",
        "ok",
        "为什么",
    ],
)
def test_no_correction(text: str) -> None:
    assert read_change(shipped("store-entry"), text, lang_of(text)) is None


@pytest.mark.parametrize(
    ("command", "texts"),
    [
        ("back", "back | Go back please | 上一步 | 返回 | 回到上一题吧 | previous question"),
        ("why", "why? | why do you ask? | 为什么问这个 | 為什麼問這個？ | 为啥 | Why do you need this"),
        ("explain", "what do you mean? | 什么意思 | I don't understand"),
        ("where", "where are we? | 到哪了 | how many questions are left? | 还有几题啊？"),
        ("stop", "stop | 不查了 | Cancel. | 算了 | please stop | never mind"),
        ("restart", "start again | 重来 | start over | 重新开始吧 | restrat"),
        ("review", "review | 看看我的回答 | sumary | show my answers"),
        ("go_on", "continue | 好的，继续 | go on"),
        ("unknown", "skip | 跳过 | 下一题 | skip this one"),
        (None, "no | yes | thanks | 3万 | company | 不知道 | how do I stop a campaign? | 我想退出平台怎么办 |  | 😀"),
    ],
)
def test_commands(command: str | None, texts: str) -> None:
    for text in texts.split(" | "):
        assert read_command(text, lang_of(text)) == command, text


@pytest.mark.parametrize(
    ("agrees", "texts"),
    [
        (True, "yes | ok | right | that's right | 对 | 是的 | 好的 | 嗯 | 没错 | 没问题 | yes please"),
        (False, "no | 不对 | 不是 | wrong | nope | no it isn't"),
        (None, "20k | no, 20k | 3万 | yes, what is a deposit | "),
    ],
)
def test_agreement(agrees: bool | None, texts: str) -> None:
    for text in texts.split(" | "):
        assert read_agreement(text) is agrees, text


@pytest.mark.parametrize(
    ("check", "text", "answers"),
    [
        (
            "store-entry",
            "we are a self-employed business in China with a TM acceptance letter, can we open a store?",
            {"business_type": "self_employed", "company_country": "china", "trademark_status": "accepted"},
        ),
        (
            "store-entry",
            "我们是个体户，有R标，能开店吗",
            {"business_type": "self_employed", "trademark_status": "registered"},
        ),
        (
            "store-entry",
            "can my company open a store with 30k yuan deposit",
            {"business_type": "company", "deposit_cny": 30000},
        ),
        ("store-entry", "I want to open a new store", {}),
        ("store-entry", "our stock is in a warehouse in Spain, can we open a store", {}),
        ("store-entry", "我们公司在泉州，想开店", {"business_type": "company", "company_country": "china"}),
        ("store-entry", "can I open a store, please check", {}),
        ("store-entry", "we are not a company, can we open a store", {}),
        ("medal", "my shop sells about 8k dollars a month, does it make silver", {"monthly_gmv_usd": 8000}),
        ("medal", "我月销八千美金评得上牌吗", {"monthly_gmv_usd": 8000}),
        ("medal", "do I get silver with about 10k", {}),
        (
            "commission-refund",
            "my shop is 100 days old and silver, what refund is there for me",
            {"tier": "silver", "store_age_days": 100},
        ),
        ("commission-refund", "我店开了一百天是银牌能返佣金吗", {"tier": "silver", "store_age_days": 100}),
        ("deposit", "my categories ask 10000 and 30000, how much is it for me", {"category_deposits": [10000, 30000]}),
        ("deposit", "I want to sell in three categories, what do I pay as deposit", {}),
        (
            "authentication",
            "I have no enterprise Alipay, how do I authenticate in my case",
            {"enterprise_alipay": "no"},
        ),
        ("turnover-proof", "我只有个人流水行不行，帮忙判断", {"documents": ["personal_statement"]}),
    ],
)
def test_answers_in_the_message_that_starts_a_check(check: str, text: str, answers: dict[str, Any]) -> None:
    found = mentions(shipped(check), text, lang_of(text))
    assert {name: plain_value(answer) for name, answer in found.given.items()} == answers


# --- numbers in every notation ----------------------------------------------------------------------------------------

whole = st.integers(min_value=0, max_value=999_999_999)


def single(text: str) -> Amount:
    found = amounts(fold(text))
    assert len(found) == 1, (text, found)
    assert found[0].low == found[0].high
    return found[0]


@given(
    whole,
    st.sampled_from(["{:d}", "{:,d}", "USD {:,d}", "{:,d} yuan", "¥{:,d}", "about {:,d}", "{:,d}元左右", "-{:,d}"]),
)
def test_digits_come_back(number: int, form: str) -> None:
    assert abs(single(form.format(number)).low) == number


@given(whole, st.integers(min_value=0, max_value=99), st.sampled_from([",", ".", " ", "'"]))
def test_thousands_and_cents_come_back(number: int, cents: int, separator: str) -> None:
    mark = "," if separator == "." else "."
    text = f"{number:,d}".replace(",", separator) + f"{mark}{cents:02d}"
    assert single(text).low == Decimal(f"{number}.{cents:02d}")


@given(
    st.integers(min_value=1, max_value=9999),
    st.sampled_from(
        [("k", 3), ("K", 3), (" thousand", 3), (" grand", 3), ("万", 4), ("w", 4), ("千", 3), (" million", 6)]
    ),
)
def test_scales_come_back(hundredths: int, scale: tuple[str, int]) -> None:
    number = Decimal(hundredths) / 100
    for text in (f"{number:f}{scale[0]}", f"{number:f}{scale[0]}".replace(".", ",")):
        if not re.fullmatch(r"\d+,\d{3}.*", text):
            assert single(text).low == number * 10 ** scale[1]


@given(st.text(st.sampled_from([*HAN_NUMERALS, *"几多来点.,5"]), min_size=1, max_size=8))
@settings(max_examples=300)
@example("亿一")
@example("万十三")
@example("八几")
def test_whatever_is_written_in_numerals_is_read_or_passed_over(text: str) -> None:
    assert all(amount.low <= amount.high for amount in amounts(fold(text)))


@given(st.integers(min_value=0, max_value=99_999_999))
@settings(max_examples=300)
def test_chinese_numerals_come_back(number: int) -> None:
    assert single(chinese(number)).low == number
    assert single(chinese(number) + "元").currency == "CNY"


@given(st.integers(min_value=0, max_value=999_999_999))
@settings(max_examples=300)
def test_english_words_come_back(number: int) -> None:
    assert single(english(number)).low == number
    assert single(english(number) + " dollars").currency == "USD"


@given(st.text(max_size=300))
@settings(max_examples=200, deadline=None)
def test_whatever_is_written_is_read_or_not_but_never_fails(text: str) -> None:
    for name in ("store-entry", "turnover-proof", "deposit", "benefits"):
        made = shipped(name)
        read_change(made, text, "zh")
        mentions(made, text, "en")
        for question in made.check.questions:
            reading = read_answer(made, question, text, "zh")
            if reading is not None and reading.answer is not None:
                assert not isinstance(parse_answer(made, question.id, plain_value(reading.answer)), BadAnswer)
    read_command(text, "en")


@pytest.mark.parametrize(
    "text",
    [
        "1" * 10_000,
        "没有" * 5_000,
        "no yes " * 1_500,
        "9k-" * 3_000,
        "a hundred and " * 700,
        "一万" * 5_000,
        "((((" * 2_500,
        "\u202e\x00" * 5_000,
    ],
)
def test_ten_thousand_characters_are_harmless(text: str) -> None:
    made = shipped("store-entry")
    read_answer(made, made.check.question("deposit_cny"), text, "en")  # what is imported late is there
    begun = time.thread_time()  # other tests leave threads behind that train
    for question in made.check.questions:
        reading = read_answer(made, question, text, "en")
        assert reading is None or reading.sure < 0.5
    assert time.thread_time() - begun < 10, "the time grows faster than the text"


DIGITS = "零一二三四五六七八九"
SMALL = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]


def chinese(number: int) -> str:
    if number >= 10_000:
        high, low = divmod(number, 10_000)
        rest = "" if not low else ("零" if low < 1000 else "") + chinese(low)
        return chinese(high) + "万" + rest.replace("零零", "零")
    if number < 10:
        return DIGITS[number]
    written = ""
    for sign, value in (("千", 1000), ("百", 100), ("十", 10), ("", 1)):
        digit, number = divmod(number, value)
        if digit:
            written += DIGITS[digit] + sign
        elif written and number and not written.endswith("零"):
            written += "零"
    return written


def english(number: int) -> str:
    for name, value in (("million", 10**6), ("thousand", 1000), ("hundred", 100)):
        if number >= value:
            high, low = divmod(number, value)
            joined = " and " if value == 100 else " "
            return f"{english(high)} {name}" + (joined + english(low) if low else "")
    if number < 20:
        return SMALL[number]
    tens, units = divmod(number, 10)
    return TENS[tens - 2] + (f"-{SMALL[units]}" if units else "")


@pytest.mark.parametrize(
    "text", ["ningbo or russia, the seventh", "宁波或者俄罗斯，第七个", "ningbo or russia, option 0"]
)
def test_a_place_that_no_choice_has_leaves_open_which_of_two_is_meant(text: str) -> None:
    assert said("store-entry.company_country", text) == "?several_fit"
