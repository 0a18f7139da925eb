"""A polite frame around a question changes nothing."""

from __future__ import annotations

import random
import time

import pytest

from bot.knowledge.knowledge import Knowledge
from bot.language.frames import LONGEST_UNFRAMED, unframed
from bot.model import Address, Conversation, Language, Message, Turn
from handlers import respond
from tests.conftest import TODAY

FRAMES: dict[Language, tuple[str, ...]] = {
    "en": (
        "Hi dear, could you please tell me {}? Thanks 🙏",
        "Hello Anna, {}\nBest regards, Tom",
        "Good morning team, quick question: {} pls, thank you so much for your help!",
    ),
    "zh": ("老师您好，麻烦问一下{}，谢谢啦", "在吗？我想咨询一下，{}？辛苦了🌹", "您好，我是小李，请问{} 谢谢老师"),
}
SAMPLE = 30  # phrasings of each language


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("Hi dear, could you please tell me how much is the deposit? Thanks 🙏", "how much is the deposit?"),
        ("Dear Mr. Wang, what is the commission? Best regards, Tom Miller", "what is the commission?"),
        ("Hi! I'm Anna. How much is the deposit? Thank you so much for your help!", "How much is the deposit?"),
        ("Good morning team, quick question: is VAT needed? Cheers", "is VAT needed?"),
        ("I'd like to know how long it takes pls", "how long it takes"),
        ("Deposit please", "Deposit"),
        (
            "Hi team, I hope you are doing well! How long does it take? Looking forward to your reply. Kind regards, Maria",
            "How long does it take?",
        ),
        ("OK thanks, then what about the trademark?", "then what about the trademark?"),
        ("Hi sir how much deposit sir", "how much deposit"),
        ("大佬们，请问MALL怎么申请", "MALL怎么申请"),
        ("您好！打扰一下，请问保证金怎么退？期待您的回复，祝生活愉快", "保证金怎么退？"),
        ("各位老师好，我是新手，请教一下佣金怎么算", "佣金怎么算"),
        ("老师您好，麻烦问一下保证金多少，谢谢啦", "保证金多少"),
        ("王老师您好！请问佣金怎么收？辛苦了🌹", "佣金怎么收？"),
        ("亲，在吗？保证金怎么退呀", "保证金怎么退"),
        ("請問一下保證金多少？謝謝", "保證金多少？"),
    ],
)
def test_a_frame_is_taken_off(text: str, question: str) -> None:
    assert unframed(text) == question


@pytest.mark.parametrize(
    "text",
    [
        "hello",
        "thanks!",
        "谢谢",
        "好的，谢谢",
        "no thanks",
        "and the deposit?",
        "那请问保证金呢",
        "Can you refund my deposit?",
        "which category is best",
        "how do I invite a friend",
        "怎么联系老师",
        "客服怎么联系",
        "亲自办理可以吗",
        "请求退款怎么弄",
        "我是个体户，能入驻吗",
        "it is 5%",
        "Is it for Toys",
    ],
)
def test_what_is_no_frame_stays(text: str) -> None:
    assert unframed(text) == text


def test_a_known_word_after_a_greeting_is_no_name() -> None:
    assert unframed("Hello Shopee, how much is it", {"shopee"}) == "Shopee, how much is it"
    assert unframed("Hello Sandra, how much is it", {"shopee"}) == "how much is it"
    assert unframed("Hello Sandra, how much is it", {"sandra"}) == "Sandra, how much is it"


@pytest.mark.parametrize("part", ["hi ", "谢谢", "A ", "! ", "thanks for ", "我是"])
def test_a_long_message_costs_little(part: str) -> None:
    text = (part * LONGEST_UNFRAMED)[:LONGEST_UNFRAMED]
    began = time.process_time()
    unframed(text)
    assert time.process_time() - began < 0.02


def ask(knowledge: Knowledge, text: str) -> Turn:
    return respond(Message(Address("t", "t", "t"), text), Conversation(), knowledge, TODAY)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_framed_question_is_answered_as_without(knowledge: Knowledge, lang: Language) -> None:
    known = [topic for _, topic in sorted(knowledge.library.topics.items()) if topic.known]
    said = random.Random(7).sample([text for topic in known for text in topic.phrasings[lang]], SAMPLE)
    for text in said:
        plain = ask(knowledge, text).outcome
        for frame in FRAMES[lang]:
            framed = ask(knowledge, frame.format(text)).outcome
            assert (framed.kind, framed.topics, framed.check) == (plain.kind, plain.topics, plain.check), frame.format(
                text
            )
