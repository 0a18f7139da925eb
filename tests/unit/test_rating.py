""" "Did this help?": when it is asked, what is kept, and what is shown of it."""

from __future__ import annotations

from bot.assistant import Assistant
from bot.channels.telegram.replies import reply_calls
from bot.channels.text import as_text
from bot.model import Feedback, Rating, Turn
from bot.store.parts.upkeep import ratings_of
from bot.store.records import Ratings
from tests.unit.test_check_conversation import Merchant

QUESTIONS = ("how much is the deposit", "what commission do you charge", "how do I get a silver medal", "what is MALL")


def rating(turn: Turn) -> Rating:
    found = turn.replies[-1].rating
    assert found is not None
    return found


def test_a_chat_is_asked_at_its_second_answer_at_the_earliest_and_never_twice_in_a_row(assistant: Assistant) -> None:
    ann = Merchant(assistant)
    turns = [ann.says(question) for question in QUESTIONS]
    assert [rating(turn).prompted for turn in turns] == [False, True, False, True]
    ann.says("/start")
    assert not rating(ann.says(QUESTIONS[0])).prompted


def test_on_telegram_the_buttons_come_only_when_it_is_asked(assistant: Assistant) -> None:
    ann = Merchant(assistant)
    keyboards = [
        reply_calls(1, ann.says(question).replies[-1])[-1].params["reply_markup"]["inline_keyboard"]
        for question in QUESTIONS[:3]
    ]
    helped = [
        [button["text"] for row in rows for button in row if "helped=" in button["callback_data"]] for rows in keyboards
    ]
    assert helped == [[], ["👍 This helped", "👎 It did not"], []]
    assert all(len(button["callback_data"].encode()) <= 64 for rows in keyboards for row in rows for button in row)


def test_it_is_asked_of_answers_only(assistant: Assistant) -> None:
    ann = Merchant(assistant)
    for text in ("hello", "thanks", "how much does Shopee charge", "/help", "what is the weather"):
        assert all(reply.rating is None for reply in ann.says(text).replies), text
    ann.says("/check medal")
    assert all(reply.rating is None for reply in ann.says("how much is the deposit").replies)


def test_one_press_keeps_the_question_and_leaves_the_choices_as_they_were(assistant: Assistant) -> None:
    ann = Merchant(assistant)
    answer = ann.says(QUESTIONS[0])
    turn = ann.presses(rating(answer).yes)
    assert turn.feedback == Feedback(True, QUESTIONS[0], ("deposit-amount",))
    assert turn.replies[-1].buttons == answer.replies[-1].buttons
    # Again, or long after: nothing is kept twice.
    assert ann.presses(rating(answer).yes).feedback is None


def test_the_message_after_a_no_is_the_word_and_is_answered_if_it_is_a_question(assistant: Assistant) -> None:
    ann = Merchant(assistant)
    assert ann.presses(rating(ann.says(QUESTIONS[0])).no).feedback == Feedback(False, QUESTIONS[0], ("deposit-amount",))
    turn = ann.says("xyzzy plugh quux")
    assert turn.feedback == Feedback(False, QUESTIONS[0], ("deposit-amount",), "xyzzy plugh quux")
    assert "noted" in turn.replies[0].text
    assert ann.says("xyzzy plugh quux").feedback is None
    ann.presses(rating(ann.says(QUESTIONS[1])).no)
    turn = ann.says("how do I get the deposit back")
    assert turn.feedback is not None
    assert turn.feedback.word == "how do I get the deposit back"
    assert turn.outcome.topics


def test_the_answer_of_a_rating_is_told_in_the_merchants_script(assistant: Assistant) -> None:
    wei = Merchant(assistant, lang="zh")
    assert rating(wei.says("保證金多少錢")).no.label == "👎 沒幫上"


def test_other_channels_show_nothing_of_it(assistant: Assistant) -> None:
    ann = Merchant(assistant)
    ann.says(QUESTIONS[0])
    assert "👍" not in as_text(ann.says(QUESTIONS[1]).replies[-1])


def test_what_did_not_help_is_told_with_its_word_newest_first() -> None:
    events = [
        {"helped": False, "question": "b", "word": "too long"},
        {"helped": False, "question": "b", "word": ""},
        {"helped": True, "question": "c", "word": ""},
        {"helped": False, "question": "a", "word": ""},
    ]
    assert ratings_of(events) == Ratings(1, 2, (("b", "too long"), ("a", "")))
