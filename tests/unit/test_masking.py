"""What is kept of a merchant's words does not tell who they are."""

from __future__ import annotations

import pytest

from bot.language.masking import masked, without_masks

KNOWN = frozenset(
    [
        "hi",
        "can",
        "my",
        "stores",
        "in",
        "pay",
        "by",
        "the",
        "deposit",
        "what",
        "is",
        "aliexpress",
        "this",
        "about",
        "and",
        "for",
        "tall",
        "see",
        "our",
        "shop",
        "is",
        "it",
    ]
)


@pytest.mark.parametrize(
    ("text", "name", "gone"),
    [
        ("Hi, my name is Anna Schmidt, what is the deposit", "", ["Anna", "Schmidt"]),
        ("i'm called john, what is the deposit", "", ["john"]),
        ("Mr. Brown asks: what is the deposit", "", ["Brown"]),
        ("Can Petrowa pay the deposit", "", ["Petrowa"]),
        ("can wolfgang pay", "Wolfgang Klein", ["wolfgang"]),
        ("mail me: anna.b+x@x-y.co.uk", "", ["anna", "x-y"]),
        ("call +49 (170) 123-45 67 or 138 1234 5678", "", ["170", "138", "67"]),
        ("tracking LP00123456789CN", "", ["LP00", "789"]),
        ("my WeChat is annalovestea", "", ["annalovestea"]),
        ("see www.annas-shop.com/about and @annashop", "", ["annas"]),
        ("我叫王小明，保证金多少", "", ["王小明"]),
        ("我姓陈，法人是李娜", "", ["陈", "李娜"]),
        ("张总说可以退，是吗？刘女士也这样说", "", ["张总", "刘"]),
        ("微信：xiaoming，电话１３８１２３４５６７８", "", ["xiaoming", "１３８"]),
        ("杭州大鱼电子商务有限公司可以入驻吗", "", ["大鱼"]),
        ("月销售额二十三万五千，能入驻吗", "", ["二十三万"]),
        ("我是李娜", "李娜", ["李娜"]),
    ],
)
def test_names_numbers_and_addresses_are_masked(text: str, name: str, gone: list[str]) -> None:
    made = masked(text, KNOWN, name)
    for word in gone:
        assert word not in made, made


@pytest.mark.parametrize(
    "text",
    [
        "this is about the deposit",
        "What is AliExpress and can I pay",
        "can the stores in Deposit pay",
        "请问高级商家有什么权益",
        "法人可以换吗",
        "一般多久能退",
        "保证金总共要多少",
    ],
)
def test_what_is_asked_stays(text: str) -> None:
    assert masked(text, KNOWN) == text


def test_a_masked_text_becomes_a_phrasing_without_its_masks() -> None:
    assert (
        without_masks(masked("Hi, my name is Anna, can my 3 stores pay?", KNOWN))
        == "Hi, my name is, can my stores pay?"
    )
    assert without_masks("微信[account]，保证金[number]能退吗") == "微信，保证金能退吗"


def test_a_long_message_is_cut_and_takes_bounded_time() -> None:
    for text in ("a1" * 50_000, "1 " * 50_000, "@" * 50_000, "王" * 50_000, "A." * 50_000, "my name is " * 9_000):
        assert len(masked(text, KNOWN)) <= 400
