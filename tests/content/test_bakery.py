"""Content of another subject, a bakery's, runs alone: the machine knows no marketplace, fee, country or tier."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from bot.assistant import Assistant
from bot.channels.telegram.menus import introduction
from bot.channels.text import as_text
from bot.knowledge.knowledge import Knowledge
from bot.model import LANGUAGES, Address, InGroup, Language, Message
from bot.store import MemoryStore

ROOT = Path(__file__).parents[2]
BAKERY = ROOT / "tests" / "bakery"
OURS = re.compile(
    r"ali(?:express|baba|pay)|速卖通|阿里|\bMALL\b|straw hat|草帽|seller backend|商家后台|\bgold\b|\bsilver\b|[金银]牌"
    r"|\bdeposit|保证金|佣金|commission|\bstore\b|店铺|开店|CNY|marketplace|trademark|商标",
    re.IGNORECASE,
)
SAID: dict[Language, tuple[str, ...]] = {
    "en": (
        *("/start", "/help", "/topics", "1", "/check", "/language", "/subscribe", "/privacy", "/mydata", "/consultant"),
        *(
            "/hours",
            "/assistant",
            "/nonsense",
            "hello",
            "thanks",
            "who are you",
            "what can you do",
            "bye",
            "source",
            "more",
        ),
        *(
            "when is the sourdough ready",
            "how do I order a birthday cake",
            "a nut allergy",
            "the weather in Rome",
            "???",
        ),
        *("/check cake", "why", "soon", "where are we", "1", "review", "go on", "stop", "/forget", "yes"),
    ),
    "zh": (
        *("/start", "/help", "/topics", "1", "/check", "/language", "/subscribe", "/privacy", "/mydata", "顾问"),
        *("几点上班", "/assistant", "你好", "谢谢", "你是谁", "你能做什么", "再见", "来源", "更多"),
        *("面包几点出炉", "怎么订生日蛋糕", "有坚果吗", "罗马天气怎么样", "？？？"),
        *("/check cake", "为什么", "很快", "到哪了", "5", "总结", "继续", "停", "/forget", "是的"),
    ),
}


@pytest.fixture(scope="module")
def bakery() -> Knowledge:
    return Knowledge.open([BAKERY], only=True, cache=False)


def heard(assistant: Assistant, lang: Language) -> Iterator[tuple[str, str]]:
    """Every reply of a long talk in private, and what is said in a group."""
    here = Address("test", lang, lang)
    for number, text in enumerate(SAID[lang]):
        for reply in assistant.receive_now(Message(here, text, str(number), hint=lang)).replies:
            yield text, as_text(reply)
    for number, (text, group) in enumerate(
        [
            ("", InGroup("joined", 0.0, "@baker")),
            ("", InGroup("called", 0.0, "@baker")),
            ("/help", InGroup("called", 0.0, "@baker")),
            ("/assistant", InGroup("command", 0.0, "@baker", administrator=True)),
            ("/assistant rubbish", InGroup("command", 0.0, "@baker", administrator=True)),
            ("/hours", InGroup("called", 0.0, "@baker")),
            ("when is the sourdough ready", InGroup("called", 0.0, "@baker")),
        ]
    ):
        message = Message(Address("test", "-1", lang), text, str(number), hint=lang, group=group)
        for reply in assistant.receive_now(message).replies:
            yield f"in a group: {text}", as_text(reply)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_nothing_that_a_bakery_says_is_of_a_marketplace(lang: Language, bakery: Knowledge) -> None:
    assistant = Assistant(bakery, MemoryStore(), lambda: date(2026, 11, 24))
    told = list(heard(assistant, lang))
    assert len(told) >= len(SAID[lang])
    assert [(text, reply) for text, reply in told if OURS.search(reply)] == []
    replies = dict(told)
    assert any("seven" in reply or "七点" in reply for reply in replies.values())
    assert any("3 days" in reply or "3天" in reply for reply in replies.values())


def test_no_place_that_a_bakery_shows_is_of_a_marketplace(bakery: Knowledge) -> None:
    calls = introduction(bakery, Assistant(bakery, MemoryStore()).terms)
    assert calls
    assert [call for call in calls if OURS.search(str(call.params))] == []
    words = {name for name in bakery.library.phrases if name.startswith("web_")}
    shown = {f"{name}.{lang}": bakery.library.phrases[name][lang] for name in words for lang in LANGUAGES}
    assert shown
    assert {name: text for name, text in shown.items() if OURS.search(text)} == {}


def test_no_sentence_that_is_lent_to_others_names_our_subject(bakery: Knowledge) -> None:
    talks = bakery.library.smalltalk
    replies = {f"{name} {n}": reply for name, talk in talks.items() for n, reply in enumerate(talk.replies)}
    sentences = {**bakery.library.phrases, **replies}
    named = {name: text for name, text in sentences.items() if OURS.search(f"{text.en} {text.zh}")}
    # Areas are those of our own folders; "what do you store about me" and the name of a currency are anybody's.
    assert [name for name in named if not name.startswith(("area_", "currency_", "privacy_words"))] == []


@pytest.mark.parametrize("folder", ["bot", "handlers"])
def test_the_machine_names_no_platform(folder: str) -> None:
    named = re.compile(r"aliexpress|速卖通|\bMALL\b|straw ?hat|草帽|[金银]牌", re.IGNORECASE)
    found = [
        f"{file.relative_to(ROOT)}: {line.strip()}"
        for file in sorted((ROOT / folder).rglob("*"))
        if file.suffix in (".py", ".js", ".html", ".css", ".yaml") and "vendor" not in file.parts
        for line in file.read_text("utf-8").splitlines()
        if named.search(line)
    ]
    assert found == []
