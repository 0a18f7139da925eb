"""Reply keywords: what hits, what does not, and which rule wins."""

from __future__ import annotations

import pytest

from bot.content.kinds import KeywordRule
from bot.knowledge.knowledge import Knowledge
from bot.language.detect import HAN_CHARACTER
from bot.search.keywords import Keywords, chosen, clashes


def rule(name: str, *keywords: str, priority: int = 0, give: str = "all", replies: int = 1) -> KeywordRule:
    """A rule; a keyword that begins with "~" is a `contain`, with "*" an `anywhere`."""
    kinds = {"~": "contain", "*": "anywhere"}
    return KeywordRule.model_validate(
        {
            "id": name,
            "priority": priority,
            "give": give,
            "keywords": [{kinds[word[0]]: word[1:]} if word[0] in kinds else {"equal": word} for word in keywords],
            "replies": [{"topic": f"{name}-{number}"} for number in range(replies)],
        }
    )


EN_FORMS = (
    "{}",
    "reply {}",
    "Reply: {}",
    "I reply “{}”",
    "keyword: {}",
    "Keyword【{}】",
    "send {}",
    "I want {}, please!",
    "Hello, could you please send me {}? Thank you very much 🙏",
    "Hi there! I followed you. {}",
    "thanks, {}",
    "[{}]",
    "@our_bot {}",
    "1. {}",
    "please get {}. Thanks in advance",
)
ZH_FORMS = (
    "{}",
    "关键词：{}",
    "回复关键词{}",
    "回复{}",
    "回复“{}”",
    "回复【{}】",
    "發送「{}」",
    "我要{}",
    "我想领取{}，谢谢老师！",
    "领取{}",
    "您好，麻烦发一下{}，辛苦了🌹",
    "已关注，{}",
    "@our_bot {}",
    "{} @our_bot",
    "1.{}",
    "3、{}",
    "亲，在吗？求{}",
)
QUESTIONS = (
    "what are potential goods?",
    "潜力商品是什么",
    "我回复了潜力商品，课程呢",
    "do I get the deposit back",
    "保证金能退吗",
    "please tell me, is registration free",
    "我要退保证金",
    "how high is the commission, thanks",
    "回复买家要注意什么",
    "入驻礼包里有什么",
    "I replied Potential Goods and nothing came",
    "佣金什么时候返还，谢谢",
    "can I register without a consultant",
    "领取入驻礼包要什么条件",
)


def test_every_form_of_every_shipped_keyword_brings_its_rule(knowledge: Knowledge) -> None:
    wrong = [
        message
        for rule in knowledge.library.rules.values()
        for keyword in rule.keywords
        if keyword.equal
        for form in (ZH_FORMS if HAN_CHARACTER.search(keyword.equal) else EN_FORMS)
        if knowledge.keywords.find(message := form.format(keyword.equal)) != rule.id
    ]
    assert wrong == []


def test_a_keyword_in_both_languages_at_once_is_one(knowledge: Knowledge) -> None:
    for message in ("Potential Goods 潜力商品", "回复：潜力商品（Potential Goods），谢谢", "Entry Gift/入驻礼包"):
        rule = knowledge.rule(message)
        assert rule is not None, message
    assert knowledge.rule("deposit commission") is None


def test_digits_are_keywords_in_every_form_too() -> None:
    found = Keywords([rule("one", "1"), rule("two", "2", "8")])
    for form in (*EN_FORMS, *ZH_FORMS):
        if form in ("1.{}", "3、{}"):  # with a digit, these are numbers
            continue
        assert found.find(form.format("8")) == "two", form
    assert found.find("回复1") == "one"
    assert found.find("回复18") is None


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_that_holds_a_keyword_is_a_question(question: str, knowledge: Knowledge) -> None:
    assert knowledge.rule(question) is None


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("领取资料", "materials"),
        ("老师好，求资料！", "materials"),
        ("已关注", "materials"),
        ("资料包发我一下", "materials"),
        ("Hi, I followed you", "materials"),
        ("加群", "consultant"),
        ("我要进群，谢谢", "consultant"),
        ("please add me to the group", "consultant"),
    ],
)
def test_what_followers_send_has_its_rule(message: str, expected: str, knowledge: Knowledge) -> None:
    found = knowledge.rule(message)
    assert found is not None
    assert found.id == expected


GOODS = rule("goods", "Potential Goods", "潜力商品", priority=10)


@pytest.mark.parametrize(
    "message",
    [
        "Potential Goods",
        "potential  goods!!",
        "潜力商品",
        "潛力商品",
        "Ｐｏｔｅｎｔｉａｌ　Ｇｏｏｄｓ",
        "「潜力商品」",
        " POTENTIALGOODS\u200f ",
        "Potental Goods",
    ],
)
def test_a_keyword_is_recognized_in_every_spelling_of_it(message: str) -> None:
    assert Keywords([GOODS]).find(message) == "goods"


@pytest.mark.parametrize("message", ["", "  ", "goods", "potential goods please send", "潜力", "👍", "x" * 100_000])
def test_other_messages_do_not_hit_a_whole_keyword(message: str) -> None:
    assert Keywords([GOODS]).find(message) is None


def test_a_keyword_to_contain_is_found_as_a_word_of_its_own() -> None:
    found = Keywords([rule("art", "~gift box", "~入驻礼包")])
    assert found.find("send me the Gift  Box, please") == "art"
    assert found.find("megagift boxes") is None
    assert found.find("我想领取入駐禮包") == "art"


def test_keywords_of_one_or_two_characters_match_only_whole() -> None:
    found = Keywords([rule("short", "~ok", "~商品")])
    assert found.find("OK!") == "short"
    assert found.find("商品") == "short"
    assert found.find("ok let us go") is None
    assert found.find("潜力商品") is None


def test_a_keyword_anywhere_is_found_within_words_and_however_short() -> None:
    found = Keywords([rule("half", "*deposit", "*货", "*7", "*gift box")])
    for message in ("my deposits?", "有现货吗", "潜力货品", "I sell 17 goods", "two gift  boxes", "DEPOSITED"):
        assert found.find(message) == "half", message
    for message in ("de posit", "潜力商品", "gift a box"):
        assert found.find(message) is None, message


def test_priority_decides_then_the_whole_message_then_the_longer_keyword() -> None:
    part, longer, whole = rule("part", "~deposit"), rule("longer", "~store deposit"), rule("whole", "my store deposit")
    assert Keywords([part, longer, whole]).find("my store deposit") == "whole"
    assert Keywords([part, longer]).find("my store deposit") == "longer"
    assert Keywords([rule("part", "~deposit", priority=1), longer, whole]).find("my store deposit") == "part"


def test_one_slip_is_forgiven_only_where_one_rule_is_near() -> None:
    two = Keywords([rule("one", "medal check a"), rule("two", "medal check b")])
    assert two.find("medal check c") is None


def test_a_random_reply_follows_from_the_message() -> None:
    many = rule("many", "hello there", give="random", replies=5)
    given = {chosen(many, str(seed)) for seed in range(60)}
    assert all(len(replies) == 1 for replies in given)
    assert len(given) == 5
    assert chosen(many, "7") == chosen(many, "7")
    assert chosen(rule("all", "x y z", replies=3), "7") == rule("all", "x y z", replies=3).replies


def test_rules_that_one_message_can_hit_are_listed() -> None:
    rules = [rule("a", "blue moon", priority=2), rule("b", "~moon"), rule("c", "sun"), rule("d", "Sun!")]
    found = {(clash.first, clash.second, clash.message, clash.settled) for clash in clashes(rules)}
    assert found == {("a", "b", "blue moon", True), ("c", "d", "sun", False)}


def test_parts_clash_where_one_holds_the_other_or_no_priority_decides() -> None:
    def found(*rules: KeywordRule) -> set[tuple[str, str, str]]:
        return {(clash.first, clash.second, clash.message) for clash in clashes(rules)}

    assert found(rule("a", "*moon", priority=2), rule("b", "*honeymoon")) == {("a", "b", "honeymoon")}
    assert found(rule("a", "*honeymoon", priority=2), rule("b", "*moon")) == {("a", "b", "honeymoon")}
    assert found(rule("a", "*moon", priority=2), rule("b", "*sun")) == set()
    assert found(rule("a", "*moon"), rule("b", "*sun")) == {("a", "b", "moon sun")}
