"""The parts of the official account's channel: envelopes, XML, messages, texts."""

from __future__ import annotations

import base64
import re
import time
from urllib.parse import parse_qs, unquote, urlsplit
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bot.channels.wechat import texts
from bot.channels.wechat.envelope import BadEnvelope, Envelope, is_signed, signature
from bot.channels.wechat.messages import BadMessage, arrival, check, fields_of, key, message_of
from bot.channels.wechat.texts import Style, count_joined, pieces, shown
from bot.channels.wechat.xml import BadXml, passive_reply, read_fields, write_fields
from bot.model import Button, Reply

KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
APP = "wx0123456789abcdef"
SENT = {
    "ToUserName": "gh_0123456789ab",
    "FromUserName": "oAnn",
    "CreateTime": "1700000000",
    "MsgType": "text",
    "Content": "hello",
    "MsgId": "1234567890123456",
}


# --- envelopes


def test_a_signature_is_that_of_the_description() -> None:
    # printf %s 1700000000nonceweixin | sha1sum
    assert signature("weixin", "1700000000", "nonce") == "7b67d820eda17149e58583f683869a95ae9313bb"
    assert is_signed(signature("word", "1", "2"), "2", "word", "1")
    assert not is_signed(signature("word", "1", "2"), "2", "word", "2")
    assert not is_signed("é", "2", "word", "2")


@given(some.text(max_size=300))
def test_what_is_sealed_is_opened_as_it_was(text: str) -> None:
    envelope = Envelope(KEY, APP)
    assert envelope.open(envelope.seal(text)) == text.encode("utf-8", "replace")


def test_an_envelope_of_another_account_or_key_and_a_damaged_one_are_refused() -> None:
    sealed = Envelope(KEY, APP).seal("hello")
    with pytest.raises(BadEnvelope, match="another account"):
        Envelope(KEY, "wxffffffffffffffff").open(sealed)
    with pytest.raises(BadEnvelope, match="another key"):
        Envelope(KEY[::-1], APP).open(sealed)
    for damaged in ("", "not base64!", sealed[:-8], base64.b64encode(b"short").decode()):
        with pytest.raises(BadEnvelope):
            Envelope(KEY, APP).open(damaged)


# --- XML


@pytest.mark.parametrize("text", ["保证金 😀", "a ]]> b", "]]>", "<xml>&amp;", "\x00\x0b bell \ud800", "line\nline"])
def test_any_text_goes_out_and_comes_back(text: str) -> None:
    read = read_fields(write_fields({"Content": text, "CreateTime": 5}).encode())
    assert read == {"Content": re.sub("[\x00\x0b\ud800]", "", text), "CreateTime": "5"}


def test_a_dtd_is_refused_whatever_it_is_for() -> None:
    lol = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<?xml version="1.0"?><!DOCTYPE xml [<!ENTITY l0 "lol">{lol}]><xml><Content>&l9;</Content></xml>'
    begun = time.perf_counter()
    for body in (
        bomb,
        '<!DOCTYPE xml SYSTEM "http://127.0.0.1:9/a.dtd"><xml></xml>',
        '<!DOCTYPE xml [<!ENTITY f SYSTEM "file:///etc/passwd">]><xml><Content>&f;</Content></xml>',
    ):
        with pytest.raises(BadXml, match="DTD"):
            read_fields(body.encode())
    assert time.perf_counter() - begun < 0.5


@pytest.mark.parametrize("body", [b"", b"{}", b"<xml>", b"<html></html>", b"\xff\xfe", b"<xml><a>&b;</a></xml>"])
def test_what_is_no_message_is_refused(body: bytes) -> None:
    with pytest.raises(BadXml):
        read_fields(body)


def test_a_passive_reply_goes_back_to_its_sender_and_a_transfer_has_no_text() -> None:
    read = read_fields(passive_reply(SENT, 5, "hi").encode())
    assert read == {
        "ToUserName": "oAnn", "FromUserName": "gh_0123456789ab", "CreateTime": "5", "MsgType": "text", "Content": "hi",
    }  # fmt: skip
    transfer = read_fields(passive_reply(SENT, 5, None).encode())
    assert (transfer["MsgType"], "Content" in transfer) == ("transfer_customer_service", False)


# --- messages


@pytest.mark.parametrize(
    "lacks",
    [{"FromUserName": ""}, {"FromUserName": "a b"}, {"ToUserName": "é"}, {"MsgId": "x"}, {"CreateTime": ""},
     {"MsgType": ""}, {"MsgType": "event"}],
)  # fmt: skip
def test_a_message_without_its_fields_is_refused(lacks: dict[str, str]) -> None:
    check(SENT)
    with pytest.raises(BadMessage):
        check({**SENT, **lacks})


def test_a_message_is_recognised_by_account_sender_and_number_and_an_event_by_time_name_and_key() -> None:
    event = {**SENT, "MsgType": "event", "Event": "CLICK", "EventKey": "t-deposit-amount"}
    others = [
        SENT,
        {**SENT, "MsgId": "1234567890123457"},
        {**SENT, "FromUserName": "oWei"},
        {**SENT, "ToUserName": "gh_other"},
        event,
        {**event, "EventKey": "t-commission"},
        {**event, "Event": "SCAN"},
        {**event, "CreateTime": "1700000001"},
        {**event, "FromUserName": "oWei"},
    ]
    keys = [key(APP, one) for one in others]
    assert len(set(keys)) == len(keys)
    assert key(APP, {**SENT, "CreateTime": "1700000005", "Content": "other"}) == keys[0]
    assert key("wxffffffffffffffff", SENT) != keys[0]
    assert not any("oAnn" in one for one in keys)


EVENTS = [
    ({"Event": "subscribe"}, ("text", "/start welcome", None)),
    ({"Event": "subscribe", "EventKey": "qrscene_t-deposit-amount"}, ("text", "/start welcome t-deposit-amount", None)),
    ({"Event": "subscribe", "EventKey": "qrscene_123"}, ("text", "/start welcome", None)),  # another program's code
    ({"Event": "SCAN", "EventKey": "c-store-entry"}, ("text", "/start c-store-entry", None)),
    ({"Event": "SCAN", "EventKey": "ours"}, ("text", "/start", None)),
    ({"Event": "CLICK", "EventKey": "t-commission"}, ("text", "/start t-commission", None)),
    ({"Event": "CLICK", "EventKey": "/topics"}, ("text", "/topics", None)),
    ({"Event": "CLICK", "EventKey": "潜力商品"}, ("text", "潜力商品", None)),
    ({"Event": "unsubscribe"}, ("gone", "", None)),
    ({"Event": "LOCATION"}, None),
    ({"Event": "VIEW", "EventKey": "https://example.com"}, None),
    ({"Event": "TEMPLATESENDJOBFINISH"}, None),
]
MESSAGES = [
    ({"Content": "deposit"}, ("text", "deposit", None)),
    ({"Content": "Getting it back", "bizmsgmenuid": "m-topic=refund"}, ("press", "", "topic=refund")),
    ({"Content": "Good", "bizmsgmenuid": "101"}, ("text", "Good", None)),  # a menu of the operator's own
    ({"Content": "[收到不支持的消息类型，暂无法显示]"}, ("sticker", "", None)),
    ({"MsgType": "image"}, ("picture", "", None)),
    ({"MsgType": "voice", "Recognition": "保证金多少钱。"}, ("text", "保证金多少钱", None)),
    ({"MsgType": "voice", "Recognition": ""}, ("voice", "", None)),
    ({"MsgType": "video"}, ("file", "", None)),
    ({"MsgType": "location"}, ("other", "", None)),
    ({"MsgType": "hologram"}, ("other", "", None)),
]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [*(({**SENT, "MsgType": "event", **event}, expected) for event, expected in EVENTS),
     *(({**SENT, **message}, expected) for message, expected in MESSAGES)],
)  # fmt: skip
def test_messages_and_events_ask_what_they_are_for(
    fields: dict[str, str], expected: tuple[str, str, str | None] | None
) -> None:
    made = message_of(fields_of(arrival(APP, fields, 5.0).payload))
    assert (made and (made.kind, made.text, made.press)) == expected


# --- texts


def style(**more: object) -> Style:
    return Style(lambda attachment: f"[{attachment.path}]", **more)  # type: ignore[arg-type]


@given(some.lists(some.text("a b。.钱😀<>\n&", max_size=900), max_size=4), some.integers(0, 12), some.booleans())
def test_every_text_fits_and_no_word_is_lost(words: list[str], count: int, links: bool) -> None:
    buttons = tuple(Button(f"选择 {number} 号", f"topic=t{number}") for number in range(count))
    replies = [Reply(text, buttons) for text in words]
    made = pieces(replies, style(links=links))
    for text in made:
        assert len(shown(text)) <= texts.MOST_CHARACTERS - texts.HINT_ROOM
        assert len(text.encode()) <= texts.MOST_BYTES - texts.HINT_ROOM
    whole = "".join(map(shown, made))
    for sign in "a钱😀":
        assert whole.count(sign) == sum(text.count(sign) for text in words)
    assert all(whole.count(f"{number + 1}. 选择 {number} 号") == len(words) for number in range(count))
    assert 1 <= count_joined(made) <= len(made) if made else count_joined(made) == 0


def test_a_choice_is_a_link_that_says_its_label_and_brings_its_statement() -> None:
    button = Button('保证金 & "refund" <1>', "store-entry.business_type=company#a1")
    (text,) = pieces([Reply("Choose:", (button,))], style(links=True))
    link = re.search(r'href="([^"]*)"', text)
    assert link
    asked = parse_qs(urlsplit(link[1]).query)
    assert asked == {"msgmenucontent": [button.label], "msgmenuid": [f"m-{button.says}"]}
    assert "保证金" in unquote(link[1])
    assert shown(text) == 'Choose:\n\n  1. 保证金 & "refund" ‹1›'
    assert "<a " not in pieces([Reply("Choose:", (button,))], style())[0]


def test_choices_too_long_for_links_are_numbers() -> None:
    buttons = tuple(Button("a label of some length " * 2, "x" * 60) for _ in range(12))
    made = pieces([Reply("Choose:", buttons)], style(links=True))
    assert not any("<a " in text for text in made)


def test_a_result_has_the_address_of_its_page() -> None:
    (text,) = pieces([Reply("You may. Result code: K7", code="K7")], style(page="https://example.com/r/"))
    assert text.endswith("\n\nhttps://example.com/r/K7")
    ElementTree.fromstring(write_fields({"Content": text}))
