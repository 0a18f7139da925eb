"""What neighbours of a topic ask is not answered with it, unknowns speak of what was asked, and plain words are ours."""

from __future__ import annotations

import pytest

from bot.knowledge.knowledge import Knowledge
from bot.language.normalize import loose_key
from bot.model import LANGUAGES

# Words that mean our subject alone: an obvious topic may have one of them as a phrasing, a known unknown may not.
PLAIN = """
trademark, brand, register, registration, sign up, refund, deposit, licence, business licence, mall, fees, cost, price, documents, papers,
store, shop, account, commission, category, benefits, medal, gold, silver, alipay, authentication, email, currency, country, membership fee,
商标, 品牌, 注册, 退款, 我要退款, 保证金, 押金, 执照, 营业执照, 费用, 资料, 证件, 店铺, 账号, 佣金, 类目, 权益, 金牌, 银牌, 支付宝, 认证,
邮箱, 币种, 国家, 会员费, 年费, 审核, 开店, 入驻
"""

# (question, the topic that shares its words and does not answer it, the unknown or missing detail that does)
NEIGHBOURS = [
    ("how often may a shop be renamed", "store-type-change", "store-name"),
    ("how long does the trademark office need", "trademark-add", "trademark-registration"),
    ("最多能给员工开几个子账号", "authentication-limit", "sub-accounts"),
    ("is writing “works with Samsung” in a title an infringement", "entry-preparation", "infringement-rules"),
    ("卖高仿会不会被抓", "entry-preparation", "infringement-rules"),
    ("做企业认证要不要花钱", "authentication-methods", "step-fees"),
    ("does a gold store wait less for its sales money", "benefits-overview", "other-benefits"),
    ("品牌没过审可以先上架吗", "entry-trademark", "trademark-add"),
    ("personal Alipay, how do I get one", "authentication-legal-person", "alipay-abroad"),
    ("我提交的材料你们能查到结果吗", "entry-materials", "status-lookup"),
    ("个体户和公司交税差多少", "entry-self-employed", "sole-trader-affairs"),
    (
        "how many individually-owned businesses were on the platform before the ban",
        "entry-self-employed",
        "merchant-statistics",
    ),
    ("can a store later be moved to another country", "registration-country", "country-consequences"),
    ("入驻平台看不看公司征信", "entry-conditions", "entry-screening"),
    ("外国人能贷网商贷吗", "benefit-loan", "loan-terms"),
    ("can the six stores sell the same goods", "authentication-limit", "several-stores-running"),
    ("怎么投诉顾问", "contact-consultant", "adviser-complaints"),
    ("how do I get a DingTalk account", "dingtalk-binding", "dingtalk-install"),
    ("法人的个人支付宝怎么开", "authentication-legal-person", "alipay-abroad"),
    ("do I get the deposit back if I was banned", "deposit-refund", "deposit-refund"),
]

# (question, the unknown that names another subject)
NAMED = [
    ("is there a blacklist", "freight-forwarders"),
    ("is this information still valid", "benefits-overview"),
    ("你们骗子", "buyer-wants-refund"),
    ("how do I register", "buyer-account"),
    ("a deposit at the platform, is it safe", "other-deposits"),
    ("what profit does an average seller have", "platform-comparison"),
]


def test_no_known_unknown_has_a_plain_word_of_ours(knowledge: Knowledge) -> None:
    plain = {loose_key(word) for word in PLAIN.replace("\n", " ").split(",")}
    taken = [
        (name, phrasing)
        for name, topic in knowledge.library.topics.items()
        if not topic.known
        for lang in LANGUAGES
        for phrasing in topic.phrasings[lang]
        if loose_key(phrasing) in plain
    ]
    assert taken == []


@pytest.mark.parametrize(("question", "neighbour", "meant"), NEIGHBOURS)
def test_a_neighbours_question_is_not_answered_with_the_topic(
    knowledge: Knowledge, question: str, neighbour: str, meant: str
) -> None:
    found = knowledge.finder.find(question)
    assert neighbour not in {label.name for label in found.answers if not label.detail}
    assert {label.name for label in found.answers if not found.tentative} <= {meant}  # or nothing, where it is not sure


@pytest.mark.parametrize(("question", "other"), NAMED)
def test_a_named_unknown_is_about_what_was_asked(knowledge: Knowledge, question: str, other: str) -> None:
    assert other not in {label.name for label in knowledge.finder.find(question).answers}
