"""Small talk is short, never the same twice in a row, and without a menu."""

from __future__ import annotations

from datetime import date

import pytest

from bot.assistant import Assistant
from bot.knowledge.knowledge import Knowledge
from bot.model import LANGUAGES, Address, InGroup, Language, Message
from bot.store.memory import MemoryStore
from bot.store.state import to_json

LONGEST = {"en": 330, "zh": 170}
HERE = Address("test", "1", "1")


@pytest.fixture
def assistant(knowledge: Knowledge) -> Assistant:
    return Assistant(knowledge, MemoryStore(), lambda: date(2026, 11, 24))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_reply_has_another_wording(knowledge: Knowledge, lang: Language) -> None:
    for name, talk in knowledge.library.smalltalk.items():
        told = [knowledge.templates.render(one[lang], lang, offer="") for one in talk.replies]
        assert talk.does or len(set(told)) > 1, name
        whole = () if name == "what-can-you-do" else told  # it lists what it can do
        assert [one for one in whole if len(one) > LONGEST[lang]] == [], name


@pytest.mark.parametrize(("lang", "text"), [("en", "hahahaha"), ("zh", "谢谢"), ("en", "👍"), ("zh", "886")])
def test_the_same_again_and_again_gets_other_wordings_and_keeps_nothing_more(
    assistant: Assistant, lang: Language, text: str
) -> None:
    before, kept = "", set()
    for number in range(100):
        turn = assistant.receive_now(Message(HERE, text, str(number), hint=lang))
        (reply,) = turn.replies
        assert reply.text != before
        assert reply.buttons == ()
        before = reply.text
        kept.add(len(to_json(turn.conversation)) // 10)
    assert len(kept) < 3


def test_what_is_kept_of_a_member_is_not_told_in_a_group(assistant: Assistant) -> None:
    for text in ("please erase all that you have stored on me", "what of our chat do you save"):
        message = Message(HERE, text, hint="en", group=InGroup("called", 0.0, "@bot"))
        (reply,) = assistant.receive_now(message).replies
        assert "in private" in reply.text, text


def test_traditional_replies_keep_the_language_and_what_buttons_say(assistant: Assistant) -> None:
    simplified = assistant.receive_now(Message(HERE, "保证金要交多少", "1"))
    other = Address("test", "2", "2")
    turn = assistant.receive_now(Message(other, "保證金要交多少", "1"))
    assert turn.conversation.lang == "zh"
    assert turn.outcome == simplified.outcome
    mine, theirs = simplified.replies[-1].buttons, turn.replies[-1].buttons
    assert [one.says for one in theirs] == [one.says for one in mine]
    assert any(one.label != two.label for one, two in zip(mine, theirs, strict=True))
    chosen = assistant.receive_now(Message(other, theirs[1].label, "2"))
    assert chosen.outcome.kind == "answer"
    back = assistant.receive_now(Message(other, "请问佣金多少", "3"))
    assert "佣金" in back.replies[0].text
    assert "資料" not in back.replies[0].text
