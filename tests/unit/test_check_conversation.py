"""Checks as a conversation: what is kept, what a press means, what a change does, what a code opens."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.assistant import Assistant
from bot.checks import Check, decide
from bot.knowledge.knowledge import Knowledge
from bot.model import Address, Button, CheckState, Conversation, Json, Message, Turn
from bot.store import MemoryStore, from_json, to_json
from handlers.check.run import Run
from handlers.check.statement import LONGEST, ORDERS, Statement, parse, read, value_text
from handlers.code import BITS, code_from, code_in, surely_code
from tests.check_paths import paths

TODAY = date(2026, 11, 24)
CHECKS = [path.stem for path in sorted((Path(__file__).parents[2] / "knowledge" / "checks").glob("*.yaml"))]


class Merchant:
    """One merchant who writes and presses; the store is his assistant's memory."""

    def __init__(self, assistant: Assistant, name: str = "ann", lang: str = "en") -> None:
        self.assistant = assistant
        self.address = Address("test", name, name)
        self.lang = lang
        self.numbers = itertools.count(1)

    def says(self, text: str) -> Turn:
        return self.assistant.receive_now(Message(self.address, text, str(next(self.numbers)), hint=self.hint))

    def presses(self, says: str | Button | Statement) -> Turn:
        press = says.says if isinstance(says, Button) else str(says)
        return self.assistant.receive_now(Message(self.address, "", str(next(self.numbers)), "press", press, self.hint))

    @property
    def hint(self) -> Any:
        return self.lang

    @property
    def conversation(self) -> Conversation:
        assert isinstance(self.assistant.store, MemoryStore)
        return self.assistant.store.load(self.address)

    @property
    def state(self) -> CheckState | None:
        return self.conversation.check

    @property
    def run(self) -> Run:
        assert self.state is not None
        return Run.of(self.state, self.assistant.knowledge.logic(self.state.check))

    @property
    def answers(self) -> dict[str, Json]:
        assert self.state is not None
        return dict(self.state.answers)

    def value(self, question: str, value: str) -> Statement:
        assert self.state is not None
        return Statement(self.state.check, self.state.run, question, value)

    def order(self, order: Any, question: str | None = None) -> Statement:
        assert self.state is not None
        return Statement(self.state.check, self.state.run, question, order=order)


@pytest.fixture
def ann(assistant: Assistant) -> Merchant:
    return Merchant(assistant)


def knowing(knowledge: Knowledge, checks: dict[str, Check]) -> Knowledge:
    """The same knowledge with other checks, as after an editor's change."""
    changed = Knowledge.__new__(Knowledge)
    made_ready = [name for name, one in vars(Knowledge).items() if isinstance(one, cached_property)]
    kept = {name: value for name, value in vars(knowledge).items() if name not in made_ready}
    changed.__dict__.update(kept, library=replace(knowledge.library, checks=checks))
    return changed


def edited(knowledge: Knowledge, name: str, edit: Callable[[dict[str, Any]], None]) -> Knowledge:
    checks = dict(knowledge.library.checks)
    raw = checks[name].model_dump()
    edit(raw)
    return knowing(knowledge, {**checks, name: Check.model_validate(raw)})


def question_of(raw: dict[str, Any], name: str) -> dict[str, Any]:
    return next(question for question in raw["questions"] if question["id"] == name)


# --- whole checks by buttons


@pytest.mark.parametrize("name", CHECKS)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_path_ends_in_the_verdict_that_the_engine_gives(assistant: Assistant, name: str, lang: str) -> None:
    logic = assistant.knowledge.logic(name)
    for number, (answers, decision) in enumerate(paths(logic)):
        merchant = Merchant(assistant, f"{name}{number}", lang)
        turn = merchant.presses(f"check={name}")
        while merchant.run.phase == "asking":
            question = merchant.run.question
            assert question is not None
            assert all(len(button.says.encode()) <= LONGEST for reply in turn.replies for button in reply.buttons)
            answer = answers.given[question.id]
            if isinstance(answer, frozenset):
                for value in sorted(answer):
                    merchant.presses(merchant.value(question.id, f"+{value}"))
                turn = merchant.presses(merchant.order("done", question.id))
            else:
                turn = merchant.presses(merchant.value(question.id, value_text(answer)))
        if merchant.run.phase == "review":
            turn = merchant.presses(merchant.order("show"))
        assert turn.keep is not None
        assert turn.keep.verdict == decision.verdict
        assert turn.outcome.check == name
        assert all(reply.text for reply in turn.replies)


@pytest.mark.parametrize("name", CHECKS)
def test_whoever_knows_nothing_comes_to_an_end(assistant: Assistant, name: str) -> None:
    merchant = Merchant(assistant)
    merchant.says(f"/check {name}")
    for _ in range(20):
        if merchant.run.phase != "asking":
            break
        merchant.says("I don't know")
    turn = merchant.says("go on") if merchant.run.phase == "review" else None
    logic = assistant.knowledge.logic(name)
    assert merchant.run.phase == "result"
    assert turn is None or (turn.keep is not None and turn.keep.verdict == decide(logic, merchant.run.answers).verdict)


@pytest.mark.parametrize("name", CHECKS)
def test_every_button_of_a_question_fits_and_is_read_back(knowledge: Knowledge, name: str) -> None:
    for question in knowledge.library.checks[name].questions:
        for value in [*(f"+{option.id}" for option in question.options), "unknown"]:
            statement = Statement(name, "0000", question.id, value)
            assert len(str(statement).encode()) <= LONGEST
            assert parse(str(statement)) == statement
        for order in ORDERS:
            statement = Statement(name, "0000", question.id, order=order)
            assert len(str(statement).encode()) <= LONGEST
            assert parse(str(statement)) == statement


@given(st.text(max_size=80))
def test_other_statements_are_not_taken_for_a_checks(text: str) -> None:
    said = parse(text)
    assert said is None or str(said) == text


@pytest.mark.parametrize("name", CHECKS)
def test_answers_are_written_into_statements_and_read_back(knowledge: Knowledge, name: str) -> None:
    from bot.checks import parse_answer

    logic = knowledge.logic(name)
    for classes in logic.classes:
        for number in range(classes.count):
            answer = classes.example(number)
            taken = read(classes.question, value_text(answer))
            assert parse_answer(logic, classes.question.id, taken) == answer


# --- presses at any time


def test_a_late_press_corrects_that_answer_and_keeps_the_later_ones(ann: Merchant) -> None:
    ann.says("/check store-entry")
    for text in ("company", "China", "no"):
        ann.says(text)
    ann.presses(ann.value("company_country", "other"))
    assert ann.answers == {"business_type": "company", "company_country": "other", "invitation_category": "no"}
    assert ann.run.question is not None
    assert ann.run.question.id == "trademark_needed"


def test_what_no_longer_applies_is_dropped_and_named(ann: Merchant) -> None:
    ann.says("/check store-entry")
    for text in ("company", "China", "no", "yes", "registered", "yes"):
        ann.says(text)
    turn = ann.presses(ann.value("trademark_needed", "no"))
    assert "trademark_status" not in ann.answers
    assert "trademark_covers" not in ann.answers
    check = ann.assistant.knowledge.library.checks["store-entry"]
    assert check.question("trademark_status").name.en in turn.replies[0].text
    assert check.question("trademark_covers").name.en in turn.replies[0].text


def test_a_press_of_another_run_changes_nothing(ann: Merchant) -> None:
    ann.says("/check store-entry")
    old = ann.value("business_type", "company")
    ann.presses(ann.order("again"))
    before = ann.state
    turn = ann.presses(old)
    assert ann.answers == {}
    assert before is not None
    assert ann.state == replace(before, asked="business_type")
    assert turn.outcome.kind == "check"


def test_a_press_after_the_end_is_answered_kindly(ann: Merchant) -> None:
    ann.says("/check medal")
    old = ann.value("monthly_gmv_usd", "unknown")
    ann.says("stop")
    assert ann.state is None
    turn = ann.presses(old)
    assert turn.replies[0].text
    assert [button.says for button in turn.replies[0].buttons] == ["check=medal"]


def test_a_press_of_a_finished_run_does_not_change_its_result(ann: Merchant) -> None:
    ann.says("/check medal")
    ann.says("12000")
    before = ann.answers
    turn = ann.presses(ann.value("monthly_gmv_usd", "unknown"))
    assert turn.keep is None
    assert ann.answers == before


def test_pressing_a_tick_twice_is_pressing_it_once(ann: Merchant) -> None:
    ann.says("/check medal")
    ann.says("8000")
    tick = ann.value("strengths", "+brand")
    ann.presses(tick)
    ann.presses(tick)
    ann.presses(ann.order("done", "strengths"))
    assert ann.answers["strengths"] == ("brand",)


@given(st.lists(st.sampled_from(["back", "why", "where", "review", "show", "go_on", "ask", "done"]), max_size=6))
def test_orders_in_any_sequence_lose_no_answer(assistant_of: Callable[[], Assistant], orders: list[str]) -> None:
    ann = Merchant(assistant_of())
    ann.says("/check store-entry")
    ann.says("company")
    ann.says("China")
    for order in orders:
        turn = ann.presses(ann.order(order, "business_type" if order in ("ask", "back", "done") else None))
        assert turn.replies[-1].text
        assert ann.answers == {"business_type": "company", "company_country": "china"}


@pytest.fixture(scope="module")
def assistant_of(knowledge: Knowledge) -> Callable[[], Assistant]:
    return lambda: Assistant(knowledge, MemoryStore(), lambda: TODAY)


# --- numbers, doubts and languages


def test_a_number_answers_a_number_question_and_chooses_no_button(ann: Merchant) -> None:
    ann.says("/check authentication")
    ann.says("1")
    assert ann.answers == {"enterprise_alipay": "yes"}
    ann.says("2")
    assert ann.answers["accounts_already"] == 2


def test_a_number_below_zero_is_not_the_choice_of_that_number(ann: Merchant) -> None:
    ann.says("/check store-entry")
    ann.says("-1")
    assert ann.answers == {}


@pytest.mark.parametrize(("said", "kept"), [("yes", {"monthly_gmv_usd": 10000}), ("no", {}), ("9000", None)])
def test_a_doubt_waits_for_yes(ann: Merchant, said: str, kept: dict[str, Json] | None) -> None:
    ann.says("/check medal")
    ann.says("about 10000 dollars")
    assert ann.state is not None
    assert ann.state.doubt == 10000
    assert ann.answers == {}
    ann.says(said)
    assert ann.answers == ({"monthly_gmv_usd": 9000} if kept is None else kept)


@pytest.mark.parametrize("text", ["10k", "yes", "TM标"])
def test_a_short_answer_does_not_change_the_language(assistant: Assistant, text: str) -> None:
    wei = Merchant(assistant, lang="zh")
    wei.says("/check medal")
    wei.says(text)
    assert wei.conversation.lang == "zh"


@pytest.mark.parametrize(
    "text", ["x" * 10_000, "9" * 3000, "1e999", "\u202e", "公司" * 1500, "-" * 50, "@@@", "{{ 7*7 }}"]
)
@pytest.mark.parametrize("name", ["store-entry", "medal", "turnover-proof", "deposit"])
def test_rubbish_loses_nothing(ann: Merchant, name: str, text: str) -> None:
    ann.says(f"/check {name}")
    asked = ann.state.asked if ann.state else None
    turn = ann.says(text)
    assert turn.replies[-1].text
    assert ann.state is not None
    assert ann.state.asked == asked or ann.answers


def test_half_a_surrogate_pair_starts_a_check_too(ann: Merchant) -> None:
    assert ann.says("medal check \ud83d").outcome.check == "medal"
    assert ann.says("5 euros \ud83d").outcome.check == "medal"


def test_none_of_these_answers_a_question_that_offers_it_otherwise(ann: Merchant) -> None:
    ann.says("/check turnover-proof")
    ann.presses(ann.value("documents", "+tax_return"))
    ann.says("where are we")
    ann.says("都不是")
    assert ann.answers == {"documents": ()}


def test_a_command_is_obeyed_and_the_check_goes_on(ann: Merchant) -> None:
    ann.says("/check store-entry")
    ann.says("/help")
    ann.says("company")
    assert ann.answers == {"business_type": "company"}


def test_going_on_long_after_a_verdict_shows_it_again(ann: Merchant) -> None:
    ann.says("/check medal")
    ann.says("9000")
    verdict = ann.says("we have a strong brand").replies[-1].verdict
    assert verdict
    ann.says("how much is the deposit")
    assert ann.says("go on").replies[-1].verdict == verdict  # it was taken for a goodbye


# --- going back, changed content, restarts


def test_going_back_twice_keeps_the_answers_after(ann: Merchant) -> None:
    ann.says("/check store-entry")
    for text in ("company", "China", "no"):
        ann.says(text)
    ann.says("back")
    ann.says("back")
    assert ann.state is not None
    assert ann.state.asked == "company_country"
    ann.says("China")
    assert ann.run.question is not None
    assert ann.run.question.id == "trademark_needed"


def test_an_early_no_is_told_at_once_and_the_rest_on_request(ann: Merchant) -> None:
    ann.says("/check store-entry")
    turn = ann.says("self-employed")
    assert turn.keep is not None
    assert turn.keep.verdict == "not_eligible"
    assert ann.run.question is None
    ann.says("yes please")
    assert ann.run.question is not None


def test_a_restart_in_the_middle_changes_nothing(knowledge: Knowledge) -> None:
    store = MemoryStore()
    ann = Merchant(Assistant(knowledge, store, lambda: TODAY))
    ann.says("/check medal")
    ann.says("8000")
    ann.presses(ann.value("strengths", "+goods"))
    read = MemoryStore()
    read.save(ann.address, from_json(to_json(store.load(ann.address))))
    again = Merchant(Assistant(knowledge, read, lambda: TODAY))
    assert again.state is not None
    assert again.state.chosen == ("goods",)
    turn = again.presses(again.order("done", "strengths"))
    assert turn.keep is not None
    assert again.answers == {"monthly_gmv_usd": 8000, "strengths": ("goods",)}


def test_an_answer_that_no_longer_fits_is_asked_again(knowledge: Knowledge) -> None:
    store = MemoryStore()
    ann = Merchant(Assistant(knowledge, store, lambda: TODAY))
    ann.says("/check store-entry")
    for text in ("company", "China", "no"):
        ann.says(text)

    def without_china(raw: dict[str, Any]) -> None:
        question = question_of(raw, "company_country")
        question["values"] = [{**question["values"][0], "id": "mainland"}, question["values"][1]]

    later = Merchant(Assistant(edited(knowledge, "store-entry", without_china), store, lambda: TODAY))
    turn = later.says("no")
    assert later.answers == {"business_type": "company", "invitation_category": "no", "trademark_needed": "no"}
    assert later.run.question is not None
    assert later.run.question.id == "company_country"
    assert knowledge.library.checks["store-entry"].question("company_country").name.en in turn.replies[0].text


def test_a_tick_whose_value_is_gone_counts_no_more(knowledge: Knowledge) -> None:
    store = MemoryStore()
    ann = Merchant(Assistant(knowledge, store, lambda: TODAY))
    ann.says("/check turnover-proof")
    for document in ("tax_return", "personal_statement"):
        ann.presses(ann.value("documents", f"+{document}"))

    def without_tax_return(raw: dict[str, Any]) -> None:
        question = question_of(raw, "documents")
        question["values"] = [value for value in question["values"] if value["id"] != "tax_return"]
        question["groups"] = {
            name: [one for one in ids if one != "tax_return"] for name, ids in question["groups"].items()
        }

    later = Merchant(Assistant(edited(knowledge, "turnover-proof", without_tax_return), store, lambda: TODAY))
    later.presses(later.order("done", "documents"))
    assert later.answers == {"documents": ("personal_statement",)}


def test_a_check_taken_away_is_ended_kindly(knowledge: Knowledge) -> None:
    store = MemoryStore()
    ann = Merchant(Assistant(knowledge, store, lambda: TODAY))
    ann.says("/check medal")
    checks = {name: check for name, check in knowledge.library.checks.items() if name != "medal"}
    later = Merchant(Assistant(knowing(knowledge, checks), store, lambda: TODAY))
    turn = later.says("how much is the deposit")
    assert later.state is None
    assert len(turn.replies) == 2
    assert turn.outcome.topics == ("deposit-amount",)


def test_starting_the_same_check_again_goes_on_with_it(ann: Merchant) -> None:
    ann.says("/check store-entry")
    ann.says("company")
    ann.says("/check store-entry")
    assert ann.answers == {"business_type": "company"}


def test_starting_another_check_leaves_this_one(ann: Merchant) -> None:
    ann.says("/check store-entry")
    ann.says("company")
    ann.says("/check medal")
    assert ann.state is not None
    assert (ann.state.check, ann.state.answers) == ("medal", ())


def test_runs_of_the_same_check_have_different_tags(ann: Merchant) -> None:
    tags = set()
    for _ in range(5):
        ann.says("/check medal") if ann.state is None else ann.presses(ann.order("again"))
        assert ann.state is not None
        tags.add(ann.state.run)
    assert len(tags) == 5


# --- several facts, suppositions, stopping


def test_one_sentence_answers_later_questions_too(ann: Merchant) -> None:
    ann.says("/check store-entry")
    turn = ann.says("we are a limited company in China and have a TM acceptance letter")
    assert ann.answers == {"business_type": "company", "company_country": "china", "trademark_status": "accepted"}
    check = ann.assistant.knowledge.library.checks["store-entry"]
    assert check.question("trademark_status").name.en in turn.replies[0].text
    assert ann.run.question is not None
    assert ann.run.question.id == "invitation_category"


def test_a_fact_for_a_later_question_is_kept_and_the_question_put_again(ann: Merchant) -> None:
    ann.says("/check authentication")
    turn = ann.says("we have 4 main accounts by now")
    assert ann.answers == {"accounts_already": 4}
    assert turn.outcome.check == "authentication"
    assert ann.run.question is not None
    assert ann.run.question.id == "enterprise_alipay"


@pytest.mark.parametrize(
    ("check", "first", "supposed", "question", "answer"),
    [
        ("commission-refund", ["gold", "120"], "what if we were MALL?", "tier", "mall"),
        ("commission-refund", ["gold", "120"], "and if it were silver instead", "tier", "silver"),
        ("commission-refund", ["金牌", "120"], "要是银牌呢", "tier", "silver"),
        ("store-entry", ["self-employed"], "what if I had a company", "business_type", "company"),
        ("deposit", ["20000 and 40000"], "what if I only take the 20000 one", "category_deposits", (20000,)),
        ("deposit", ["20000"], "and another one with 30000", "category_deposits", (20000, 30000)),
        ("turnover-proof", ["个人流水"], "再加报关单呢", "documents", ("export_declaration", "personal_statement")),
    ],
)
def test_after_the_verdict_something_else_may_be_supposed(
    ann: Merchant, check: str, first: list[str], supposed: str, question: str, answer: Json
) -> None:
    ann.says(f"/check {check}")
    for text in first:
        ann.says(text)
    turn = ann.says(supposed)
    assert turn.outcome.check == check
    assert ann.answers[question] == answer


def test_a_new_verdict_says_what_has_changed(ann: Merchant) -> None:
    ann.says("/check commission-refund")
    ann.says("none")
    turn = ann.says("what if we were gold?")
    assert "Before: None of them." in turn.replies[0].text
    ann.says("200 days")
    assert "before it was" in ann.says("and if it were only 100 days?").replies[0].text
    assert "stays the same" in ann.says("and if it were silver?").replies[0].text


def test_a_stopped_check_is_kept_and_gone_on_with(ann: Merchant) -> None:
    ann.says("/check store-entry")
    ann.says("company")
    turn = ann.says("stop, my partner is calling")
    assert (turn.outcome.kind, turn.outcome.check) == ("answer", None)
    assert ann.answers == {"business_type": "company"}
    assert ann.says("how much is the deposit?").outcome.topics == ("deposit-amount",)
    assert len(ann.says("how much is the deposit?").replies) == 1
    turn = ann.says("go on")
    assert turn.outcome.check == "store-entry"
    ann.says("China")
    assert ann.answers == {"business_type": "company", "company_country": "china"}


def test_a_button_of_a_stopped_check_goes_on_with_it(ann: Merchant) -> None:
    ann.says("/check store-entry")
    ann.says("company")
    late = ann.value("company_country", "china")
    ann.says("不查了")
    ann.presses(late)
    assert ann.state is not None
    assert not ann.state.parked
    assert ann.answers == {"business_type": "company", "company_country": "china"}


def test_what_is_asked_in_the_same_breath_as_stop_is_answered(ann: Merchant) -> None:
    ann.says("/check store-entry")
    ann.says("company")
    turn = ann.says("stop. how much is the deposit?")
    assert turn.outcome.topics == ("deposit-amount",)
    assert ann.state is not None
    assert ann.state.parked


def test_starting_again_takes_what_is_said_with_it(ann: Merchant) -> None:
    ann.says("/check store-entry")
    ann.says("self-employed")
    ann.says("start again, we are a limited company now")
    assert ann.answers == {"business_type": "company"}


def test_the_currency_of_the_last_amount_is_corrected(ann: Merchant) -> None:
    ann.says("/check medal")
    ann.says("about 10000")
    turn = ann.says("no, I meant yuan")
    assert ann.answers == {}
    assert turn.outcome.check == "medal"
    ann.says("8000")
    ann.says("oh, those are euros")
    assert ann.answers == {}
    ann.says("about 10000")
    ann.says("US dollars")
    assert ann.answers == {"monthly_gmv_usd": 10000}


def test_the_previous_answer_is_corrected_by_that_name(ann: Merchant) -> None:
    ann.says("/check store-entry")
    for text in ("company", "China"):
        ann.says(text)
    ann.says("change the previous one to Turkey")
    assert ann.answers == {"business_type": "company", "company_country": "other"}


# --- what cannot be taken


@pytest.mark.parametrize(
    ("check", "text", "wanted"),
    [
        ("store-entry", "9", "9 is none of the answers here"),
        ("store-entry", "-2", "-2 is none of the answers here"),
        ("store-entry", "we have a company and also a sole trader licence", "That fits more than one"),
        ("medal", "-500", "That cannot be a turnover"),
        ("medal", "9" * 40, "That cannot be a turnover"),
        ("medal", "5000 euros", "I do not convert currencies"),
        ("medal", "plenty", "I need an amount here"),
        ("deposit", "10000 and 90000", "A category's deposit lies between"),
        ("turnover-proof", "17", "17 is none of the answers here"),
        ("turnover-proof", "my charm", "I could not match that with the answers"),
    ],
)
def test_what_cannot_be_taken_is_told_and_the_question_put_again(
    ann: Merchant, check: str, text: str, wanted: str
) -> None:
    ann.says(f"/check {check}")
    turn = ann.says(text)
    assert ann.answers == {}
    assert wanted in turn.replies[0].text
    question = ann.assistant.knowledge.library.checks[check].questions[0]
    assert turn.replies[-1].text.endswith("**")
    assert turn.replies[-1].buttons
    assert ann.run.question == question


@pytest.mark.parametrize(("text", "wanted"), [("2.5", "whole number"), ("-1", "cannot be the number of accounts")])
def test_a_count_is_whole_and_not_below_zero(ann: Merchant, text: str, wanted: str) -> None:
    ann.says("/check authentication")
    ann.says("yes")
    assert wanted in ann.says(text).replies[0].text
    assert "accounts_already" not in ann.answers


def test_ten_thousand_characters_lose_nothing(ann: Merchant) -> None:
    ann.says("/check store-entry")
    ann.says("company")
    turn = ann.says("we sell shoes and " * 600)
    assert "first 4,000 characters" in turn.replies[0].text
    assert ann.answers == {"business_type": "company"}
    ann.says("China")
    assert ann.answers["company_country"] == "china"


def test_the_result_is_not_given_before_its_questions(ann: Merchant) -> None:
    ann.says("/check store-entry")
    ann.says("company")
    turn = ann.says("just tell me the result")
    assert turn.keep is None
    assert "roughly 8 to go" in turn.replies[0].text
    ann.says("stop")
    ann.says("/check medal")
    ann.says("20000")
    ann.says("how much is the commission?")
    assert "Result code" in ann.says("show me the result").replies[0].text


def test_words_for_a_later_question_need_to_tell_more_than_new_or_old(ann: Merchant) -> None:
    ann.says("/check store-entry")
    ann.says("the old one")
    assert ann.answers == {}


def test_something_may_be_supposed_after_other_talk(ann: Merchant) -> None:
    ann.says("/check commission-refund")
    ann.says("gold")
    ann.says("100 days")
    ann.says("how much is the deposit?")
    assert ann.says("what if we were MALL?").outcome.check == "commission-refund"
    ann.says("how much is the deposit?")
    assert ann.says("what if I lose my password?").outcome.check is None


def test_question_marks_alone_ask_what_is_meant(ann: Merchant) -> None:
    ann.says("/check store-entry")
    turn = ann.says("???")
    question = ann.assistant.knowledge.library.checks["store-entry"].question("business_type")
    assert turn.outcome.check == "store-entry"
    assert question.why.en in turn.replies[0].text
    assert ann.says("").outcome.kind == "clarify"


@pytest.mark.parametrize("text", ["不知道需不需要", "I don't know whether they need one", "not sure if it is required"])
def test_not_knowing_whether_is_an_answer_and_no_question(ann: Merchant, text: str) -> None:
    ann.says("/check store-entry")
    for answer in ("company", "China", "no"):
        ann.says(answer)
    ann.says(text)
    assert ann.answers["trademark_needed"] == "unknown"


def test_an_answer_in_place_is_no_turn_of_the_check(ann: Merchant) -> None:
    ann.says("/check store-entry")
    turn = ann.says("how much is the deposit?")
    assert (turn.outcome.kind, turn.outcome.check) == ("answer", None)
    assert turn.outcome.topics == ("deposit-amount",)
    assert turn.replies[-1].text.count("Which business licence do you have?") == 1


# --- results and their codes


def test_the_code_opens_the_result_for_whoever_has_it(assistant: Assistant, ann: Merchant) -> None:
    ann.says("/check medal")
    kept = ann.says("12000").keep
    assert kept is not None
    consultant = Merchant(assistant, "consultant")
    turn = consultant.says(f"here it is: {kept.code.lower()}")
    assert kept.en in turn.replies[0].text
    assert kept.zh in Merchant(assistant, "wei", "zh").says(kept.code.replace("-", "")).replies[0].text
    assert consultant.state is None


def test_a_result_stays_as_it_was_given_and_says_that_rules_have_changed(knowledge: Knowledge) -> None:
    store = MemoryStore()
    ann = Merchant(Assistant(knowledge, store, lambda: TODAY))
    ann.says("/check medal")
    kept = ann.says("12000").keep
    assert kept is not None

    def other_headline(raw: dict[str, Any]) -> None:
        raw["verdicts"]["conditional"] = {"en": "Something else.", "zh": "别的。"}

    before = ann.says(kept.code).replies[0].text
    later = Merchant(Assistant(edited(knowledge, "medal", other_headline), store, lambda: TODAY), "later")
    after = later.says(kept.code).replies[0]
    assert kept.en in after.text
    assert "Something else." not in after.text
    assert len(after.text) > len(before)
    assert "check=medal" in [button.says for button in after.buttons]


def test_a_code_is_valid_for_its_days_and_no_longer(knowledge: Knowledge) -> None:
    days = knowledge.library.operator.result_days
    store = MemoryStore()
    ann = Merchant(Assistant(knowledge, store, lambda: TODAY))
    ann.says("/check medal")
    kept = ann.says("12000").keep
    assert kept is not None
    assert date.fromisoformat(kept.until) == TODAY + timedelta(days=days)
    last_day = Merchant(Assistant(knowledge, store, lambda: TODAY + timedelta(days=days)), "b")
    day_after = Merchant(Assistant(knowledge, store, lambda: TODAY + timedelta(days=days + 1)), "c")
    assert kept.en in last_day.says(kept.code).replies[0].text
    assert kept.en not in day_after.says(kept.code).replies[0].text


def test_the_same_answers_shown_again_have_the_same_code(ann: Merchant) -> None:
    ann.says("/check medal")
    first = ann.says("12000")
    again = ann.presses(ann.order("show"))
    assert first.keep is not None
    assert again.keep is None
    assert first.keep.code in again.replies[0].text


@given(st.integers(0, 2**BITS - 1), st.integers(0, 2**BITS - 1))
def test_codes_are_read_back_and_differ_where_the_numbers_do(one: int, other: int) -> None:
    first, second = code_from(f"{one:x}"), code_from(f"{other:x}")
    assert code_in(f"my code: {first}.") == first
    assert code_in(first.replace("-", "").lower()) == first
    assert (first == second) == (one == other)
    assert BITS >= 60


@pytest.mark.parametrize("text", ["recommendations", "10000 30000 20000", "10000-30000-20000", "deposit", ""])
def test_words_and_amounts_are_not_surely_codes(text: str) -> None:
    assert not surely_code(text)


# --- keeping

VALUES: st.SearchStrategy[Json] = (
    st.text(max_size=9) | st.integers(0, 10**12) | st.lists(st.text(max_size=5), max_size=3).map(tuple)
)


@given(
    st.builds(
        CheckState,
        check=st.text(max_size=9),
        run=st.text(max_size=4),
        answers=st.lists(st.tuples(st.text(max_size=9), VALUES), max_size=5).map(tuple),
        asked=st.none() | st.text(max_size=9),
        chosen=st.none() | st.lists(st.text(max_size=5), max_size=3).map(tuple),
        doubt=st.none() | VALUES,
        go_on=st.booleans(),
        looked_over=st.booleans(),
        result=st.none() | st.text(max_size=9),
        until=st.none() | st.text(max_size=9),
    )
)
def test_a_check_in_progress_is_kept_whole(state: CheckState) -> None:
    conversation = Conversation("zh", "deposit-amount", (Button("x", "y", False),), state)
    assert from_json(to_json(conversation)) == conversation


def test_what_a_later_version_has_kept_is_passed_over() -> None:
    kept = '{"lang": "en", "new": 1, "check": {"check": "medal", "run": "0000", "new": 1}, "offered": [{"label": "a", "says": "b", "new": 1}]}'
    conversation = from_json(kept)
    assert conversation.check == CheckState("medal", "0000")
    assert conversation.offered == (Button("a", "b"),)
