"""At every question of every check that ships: what is typed gets a reply, and a label typed is its button pressed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.checks import Question
from bot.checks.check import NUMBERS
from bot.knowledge.knowledge import Knowledge
from bot.model import LANGUAGES, Address, Button, Conversation, Json, Language, Message, Turn
from handlers import respond
from handlers.check.statement import ORDERS, Statement, value_text
from tests.check_paths import paths

TODAY = date(2026, 11, 24)
CHECKS = [path.stem for path in sorted((Path(__file__).parents[2] / "knowledge" / "checks").glob("*.yaml"))]
ANN = Address("test", "ann", "ann")

NUMBER_FORMS = (
    "0 | 1 | 3 | 3 accounts | 4个 | 7000 | 7,000 | 7 000 | 7.000,00 | ７０００ | 7000.50 | 12.5 | 1/2 | 1,5 | -5 | minus five | 负三 | two | "
    "a dozen | half a year | 一万 | 一万二 | 1.5w | 8千 | 10k | 一百八十天 | 180 days | 3个月 | 两个半 | 亿一 | 万十三 | $7000 | 7000 yuan | "
    "8千美元 | 5000€ | 3000-5000 | 3 to 5 | between 1 and 3 | 三四千 | about 10k | 不到一万 | at least 2 | 50% | 2022-03-29 | 3月5日 | "
    "since 2021 | 1e9 | 9.9e999 | ½ | ① | ٣ | " + "9" * 40
).split(" | ")
JOINTS = (",", " ", ", sorry ", "，不对，", " or ", "和")
FORGED = (
    " | NaN | sNaN | -Infinity | 1e999999 | 1e-999999 | 1,sNaN | , | +x | - | unknown | １２ | store,store | 0.001 | "
    + "9" * 40
).split(" | ")


@dataclass(frozen=True)
class Place:
    """A question of a check that stands in a conversation."""

    question: Question
    lang: Language
    conversation: Conversation

    def says(self, knowledge: Knowledge, text: str) -> Turn:
        return turn(knowledge, self.conversation, Message(ANN, text, hint=self.lang, nonce="1"))

    def presses(self, knowledge: Knowledge, says: str) -> Turn:
        return turn(knowledge, self.conversation, pressing(says, self.lang))


def turn(knowledge: Knowledge, conversation: Conversation, message: Message) -> Turn:
    made = respond(message, conversation, knowledge, TODAY)
    assert made.replies, message
    assert all(reply.text for reply in made.replies), message
    return made


def pressing(says: str, lang: Language) -> Message:
    return Message(ANN, "", kind="press", press=says, hint=lang, nonce="1")


@cache
def places(knowledge: Knowledge, check: str) -> tuple[Place, ...]:
    """Every question of a check in both languages, come to by pressing answers from its beginning."""
    return tuple(place for lang in LANGUAGES for place in reached(knowledge, check, lang))


def reached(knowledge: Knowledge, check: str, lang: Language) -> Iterator[Place]:
    logic = knowledge.logic(check)
    missing = {question.id for question in logic.check.questions}
    for answers, decision in paths(logic):
        if missing.isdisjoint(decision.asked):
            continue
        conversation = turn(knowledge, Conversation(lang=lang), pressing(f"check={check}", lang)).conversation
        for name in decision.asked:
            question = logic.check.question(name)
            state = conversation.check
            assert state is not None
            assert state.asked == name
            if name in missing:
                missing.remove(name)
                yield Place(question, lang, conversation)
            says = str(Statement(check, state.run, name, value_text(answers.given[name])))
            conversation = turn(knowledge, conversation, pressing(says, lang)).conversation
    assert not missing


def answers(turn: Turn) -> dict[str, Json]:
    assert turn.conversation.check is not None
    return dict(turn.conversation.check.answers)


def apart_from_the_run(turn: Turn) -> Turn:
    """The turn without the tag of its run, which a message that begins one gives it."""
    state = turn.conversation.check
    if state is None:
        return turn

    def untagged(buttons: tuple[Button, ...]) -> tuple[Button, ...]:
        return tuple(replace(button, says=button.says.replace(f"#{state.run}", "#")) for button in buttons)

    conversation = turn.conversation.with_(check=replace(state, run=""), offered=untagged(turn.conversation.offered))
    replies = tuple(replace(reply, buttons=untagged(reply.buttons)) for reply in turn.replies)
    return replace(turn, replies=replies, conversation=conversation)


@pytest.mark.parametrize("check", CHECKS)
def test_a_label_typed_is_its_button_pressed(knowledge: Knowledge, check: str) -> None:
    for place in places(knowledge, check):
        offered = place.conversation.offered
        labels = [button.label for button in offered]
        assert labels[: len(place.question.options)] == [one.label[place.lang] for one in place.question.options]
        further = [place.presses(knowledge, button.says) for button in offered]
        ahead = [replace(place, conversation=one.conversation) for one in further]
        for here in (place, *ahead):
            for button in here.conversation.offered:
                typed, pressed = here.says(knowledge, button.label), here.presses(knowledge, button.says)
                assert apart_from_the_run(typed) == apart_from_the_run(pressed), (here.question.id, button)


@pytest.mark.parametrize("check", CHECKS)
def test_a_label_of_the_other_language_is_its_button_pressed(knowledge: Knowledge, check: str) -> None:
    for place in places(knowledge, check):
        other: Language = "zh" if place.lang == "en" else "en"
        if not place.question.options:
            continue
        after = place.presses(knowledge, place.conversation.offered[0].says).conversation
        ticked = after.check is not None and after.check.chosen is not None
        for here in (place, replace(place, conversation=after)) if ticked else (place,):
            for option, button in zip(place.question.options, here.conversation.offered, strict=False):
                typed, pressed = here.says(knowledge, option.label[other]), here.presses(knowledge, button.says)
                assert typed.conversation.check == pressed.conversation.check, (place.lang, option.label[other])


@pytest.mark.parametrize("check", CHECKS)
def test_every_label_and_every_number_gets_a_reply(knowledge: Knowledge, check: str) -> None:
    for place in places(knowledge, check):
        for text in (*labels_of(knowledge, check), *NUMBER_FORMS):
            place.says(knowledge, text)


def labels_of(knowledge: Knowledge, check: str) -> list[str]:
    """What may be pressed anywhere in a check, in both languages."""
    return sorted({button.label for place in places(knowledge, check) for button in place.conversation.offered})


@given(st.data())
@settings(derandomize=True, max_examples=300)
def test_every_pair_of_labels_and_numbers_gets_a_reply(knowledge: Knowledge, data: st.DataObject) -> None:
    check = data.draw(st.sampled_from(CHECKS))
    place = data.draw(st.sampled_from(places(knowledge, check)))
    parts = st.sampled_from((*labels_of(knowledge, check), *NUMBER_FORMS))
    first, joint, second = data.draw(parts), data.draw(st.sampled_from(JOINTS)), data.draw(parts)
    made = place.says(knowledge, f"{first}{joint}{second}")
    if made.conversation.check is not None and made.replies[-1].buttons:
        replace(place, conversation=made.conversation).presses(knowledge, made.replies[-1].buttons[0].says)


NUMBER_QUESTIONS = {  # two answers to each, which the rules of the check tell apart
    "authentication.accounts_already": (2, 6),
    "benefits.store_age_days": (90, 200),
    "commission-refund.store_age_days": (90, 200),
    "deposit.category_deposits": (10000, 30000),
    "medal.monthly_gmv_usd": (7000, 17000),
    "store-entry.accounts_already": (2, 6),
    "store-entry.deposit_cny": (8000, 30000),
}


def number_places(knowledge: Knowledge) -> Iterator[tuple[Place, int, int]]:
    found = {
        f"{check}.{place.question.id}"
        for check in CHECKS
        for place in places(knowledge, check)
        if place.question.kind in NUMBERS
    }
    assert found == set(NUMBER_QUESTIONS)
    for name, (one, other) in NUMBER_QUESTIONS.items():
        check, _, question = name.partition(".")
        for place in places(knowledge, check):
            if place.question.id == question:
                yield place, one, other
                yield place, other, one


@pytest.mark.parametrize(
    "joint",
    [
        ", sorry ",
        "，不对，",
        ", no, ",
        ", no wait, ",
        "... oops, I meant ",
        " - actually ",
        "，说错了，是",
        "，改成",
        "，不是，",
        " scratch that: ",
    ],
)
def test_the_number_after_a_retraction_is_the_answer(knowledge: Knowledge, joint: str) -> None:
    for place, one, other in number_places(knowledge):
        wanted = (other,) if place.question.kind == "amounts" else other
        assert answers(place.says(knowledge, f"{one}{joint}{other}"))[place.question.id] == wanted


@pytest.mark.parametrize("joint", [", ", "和", " or ", "还是", " / "])
def test_of_two_numbers_one_is_chosen(knowledge: Knowledge, joint: str) -> None:
    for place, one, other in number_places(knowledge):
        if place.question.kind == "amounts":
            continue
        name = place.question.id
        asked = place.says(knowledge, f"{one}{joint}{other}")
        assert name not in answers(asked)
        offered = {button.says.partition("=")[2].partition("#")[0]: button for button in asked.replies[-1].buttons}
        assert {str(one), str(other)} <= offered.keys()
        assert all(offered[str(each)].label in asked.replies[-1].text for each in (one, other))
        asking = replace(place, conversation=asked.conversation)
        for each in (one, other):
            assert answers(asking.presses(knowledge, offered[str(each)].says))[name] == each
            assert answers(asking.says(knowledge, offered[str(each)].label))[name] == each
            assert answers(asking.says(knowledge, str(each)))[name] == each


@pytest.mark.parametrize("check", CHECKS)
def test_a_forged_press_gets_a_reply(knowledge: Knowledge, check: str) -> None:
    for place in places(knowledge, check):
        state = place.conversation.check
        assert state is not None
        name = place.question.id
        forged = [
            *(Statement(check, state.run, name, value) for value in FORGED),
            *(Statement(check, state.run, about, order=order) for about in (None, name, "nope") for order in ORDERS),
        ]
        for says in map(str, forged):
            place.presses(knowledge, says)
            place.presses(knowledge, says[: len(says) // 2])
