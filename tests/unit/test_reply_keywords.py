"""What a reply keyword brings: the course as far as it can be had, and never a note for editors or a way back to itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.assistant import Assistant
from bot.content.templates import Templates
from bot.knowledge.knowledge import Knowledge
from bot.knowledge.library import load
from bot.model import LANGUAGES, Address, Message, Turn
from bot.store import MemoryStore
from tests.conftest import TODAY

NOTES = ("not been entered", "operator.yaml", "尚未填写", "没有填写")


def said(assistant: Assistant, text: str) -> Turn:
    return assistant.receive_now(Message(Address("test", "1", "1"), text))


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("Potential Goods", ["following the official account", "AliExpress Straw Hat", "February 2022", "only parts"]),
        ("潜力商品", ["公众号", "速卖通草帽", "2022年2月", "部分片段"]),
    ],
)
def test_without_an_agency_the_course_is_where_the_article_says(
    word: str, parts: list[str], assistant: Assistant
) -> None:
    reply = said(assistant, word).replies[-1]
    assert all(part in reply.text for part in parts), reply.text
    assert not any(note in reply.text for note in NOTES)
    assert "topic=contact-consultant" not in [button.says for button in reply.buttons]


def told(folder: Path, operator: str) -> dict[str, str]:
    """The texts of the course, of what leads to it and of the registration link, with an agency's operator.yaml."""
    (folder / "operator.yaml").write_text(operator, encoding="utf-8")
    library, mistakes = load([folder])
    assert mistakes == []
    templates = Templates(library.data)
    return {
        f"{name} {lang}": "\n".join(templates.render(fact[lang], lang) for fact in library.topics[name].facts)
        for name in ("course-potential-goods", "potential-goods", "registration-link")
        for lang in LANGUAGES
    }


def test_with_an_agency_the_links_are_its_own_or_said_not_to_be_here(tmp_path: Path) -> None:
    agency = "agency: {en: Blue Gate, zh: 蓝门}\n"
    without = told(tmp_path, agency)
    for lang, covers, missing, loop, referral in (
        ("en", "which marketing tools", "link is not available here", "Send “", "carries its referral"),
        ("zh", "营销工具", "课程链接这里暂时没有", "发送“", "带有草帽的推荐标识"),
    ):
        course = without[f"course-potential-goods {lang}"]
        assert covers in course
        assert missing in course
        assert "草帽" not in course
        assert loop not in without[f"potential-goods {lang}"]
        assert "_regbizsource=caomao" in without[f"registration-link {lang}"]
        assert referral in without[f"registration-link {lang}"]
    links = (
        "course_links: {potential-goods: 'https://example.com/c'}\nregistration_link: https://example.com/join?of=us\n"
    )
    own = told(tmp_path, agency + links)
    for lang in LANGUAGES:
        assert "https://example.com/c\n" in own[f"course-potential-goods {lang}"]
        assert "https://example.com/join?of=us" in own[f"registration-link {lang}"]
        assert "_regbizsource" not in own[f"registration-link {lang}"]
    assert "Blue Gate" in own["registration-link en"]


SMALL = {
    "courses.yaml": "- id: spring\n  title: {en: Spring campaigns, zh: 春季大促}\n"
    "  covers: {en: how to prepare for spring, zh: 春季怎么准备}\n  link: https://example.com/spring\n"
    "  keywords: [Spring course, 春季课]\n",
    "operator.yaml": "agency: {en: Blue Gate, zh: 蓝门}\n"
    "consultant: {en: 'WeChat: blue', zh: '微信：blue', qr: consultant.png}\n",
    "files/consultant.png": "a picture",
    "sources.yaml": "- {id: A, date: 2026-11-01, en: our notes, zh: 我们的笔记}\n",
    "topics/people/contact-consultant.yaml": "title: {en: Contact, zh: 联系}\nsource: A\n"
    "facts: [{id: contact, en: 'Here: {{ operator.consultant }}', zh: '在这里：{{ operator.consultant }}'}]\n"
    "phrasings: {en: [how do I reach you, your phone number], zh: [怎么联系你们, 你们电话多少]}\n",
}


def test_a_course_is_one_entry_and_a_contact_has_a_picture(with_content: Callable[..., Knowledge]) -> None:
    assistant = Assistant(with_content(SMALL, only=True), MemoryStore(), lambda: TODAY)
    for message in ("Spring course", "reply: spring course, please", "回复春季课", "Spring campaigns", "春季大促"):
        turn = said(assistant, message)
        assert turn.outcome.topics == ("course-spring",), message
        assert "https://example.com/spring" in turn.replies[-1].text
    assert "how to prepare for spring" in said(assistant, "Spring course").replies[-1].text
    assert said(assistant, "/start o-spring").outcome.topics == ("course-spring",)
    contact = said(assistant, "your phone number").replies[-1]
    assert "WeChat: blue" in contact.text
    assert [(one.kind, Path(one.path).name) for one in contact.attachments] == [("picture", "consultant.png")]


def test_numbers_that_are_keywords_stay_so_beside_the_greeting(
    with_content: Callable[..., Knowledge], assistant: Assistant
) -> None:
    assert all(button.numbered for button in said(assistant, "/start").replies[-1].buttons)
    rule = "- {id: one, keywords: [{equal: '1'}], replies: [{text: {en: The course., zh: 课程。}}]}\n"
    own = Assistant(with_content({"keywords.yaml": rule}), MemoryStore(), lambda: TODAY)
    greeting = said(own, "/start").replies[-1]
    assert greeting.buttons
    assert not any(button.numbered for button in greeting.buttons)
    assert said(own, "1").replies[-1].text == "The course."
    assert said(own, greeting.buttons[0].label).outcome.topics
