"""Edited messages: answered anew as a correction, once, and only where something was changed."""

from __future__ import annotations

import pytest

from bot.assistant import Assistant
from bot.model import Address, Message, Turn
from bot.store import from_json, to_json

ADDRESS = Address("test", "1", "1")


class Talk:
    def __init__(self, assistant: Assistant) -> None:
        self.assistant = assistant

    def says(self, text: str, sent: str, at: int = 0, *, edited: bool = False) -> Turn:
        message = Message(ADDRESS, text, hint="en", sent=sent, at=at or 100 * int(sent), edited=edited)
        turn = self.assistant.receive_now(message)
        assert from_json(to_json(turn.conversation)) == turn.conversation
        return turn


@pytest.fixture
def talk(assistant: Assistant) -> Talk:
    return Talk(assistant)


def test_an_edited_question_is_answered_anew_and_to_it(talk: Talk) -> None:
    assert talk.says("commission rate", "1").replies[0].to == ""
    turn = talk.says("how much is the deposit", "1", edited=True)
    assert turn.outcome.topics == ("deposit-amount",)
    assert "corrected" in turn.replies[0].text
    assert turn.replies[0].to == "1"


@pytest.mark.parametrize("text", ["commission rate", " commission rate "])
def test_an_edit_that_changes_nothing_is_ignored(text: str, talk: Talk) -> None:
    before = talk.says("commission rate", "1").conversation
    turn = talk.says(text, "1", edited=True)
    assert turn.replies == ()
    assert turn.conversation == before


def test_the_same_edit_is_answered_once(talk: Talk) -> None:
    talk.says("commission rate", "1")
    assert talk.says("how much is the deposit", "1", edited=True).replies
    assert talk.says("how much is the deposit", "1", edited=True).replies == ()


def test_nobody_waits_for_an_answer_to_an_old_message(talk: Talk) -> None:
    for number in range(1, 9):
        talk.says("commission rate", str(number))
    assert talk.says("how much is the deposit", "1", edited=True).replies == ()
    assert talk.says("how much is the deposit", "8", edited=True).replies


def test_an_edited_answer_corrects_that_answer_and_no_other(talk: Talk) -> None:
    talk.says("/check store-entry", "1")
    first = talk.says("company", "2").conversation.check
    assert first
    ((question, value),) = first.answers
    second = talk.says("1", "3").conversation.check
    assert second
    turn = talk.says("sole proprietorship", "2", edited=True)
    state = turn.conversation.check
    assert state
    assert state.run == first.run
    assert dict(state.answers)[question] != value
    others = {name: value for name, value in second.answers if name != question}
    assert {name: value for name, value in state.answers if name in others}.items() <= others.items()


def test_an_edited_answer_that_is_none_puts_its_question_again(talk: Talk) -> None:
    talk.says("/check store-entry", "1")
    answered = talk.says("company", "2").conversation.check
    assert answered
    turn = talk.says("1", "3")
    turn = talk.says("hmm hmm", "2", edited=True)
    assert turn.conversation.check
    assert turn.conversation.check.asked == answered.answers[0][0]


def test_answers_to_messages_in_a_row_show_what_they_answer(talk: Talk) -> None:
    assert talk.says("commission rate", "1", 100).replies[0].to == ""
    assert talk.says("how much is the deposit", "2", 101).replies[0].to == "2"
    assert talk.says("thanks", "3", 160).replies[0].to == ""
