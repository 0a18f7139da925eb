"""Moving in a check: orders in merchants' own words, corrections before and after the result, digressions, what is repeated back."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.assistant import Assistant
from bot.checks.moving import echoed, read_order, without_cues, without_supposing
from bot.knowledge.knowledge import Knowledge
from bot.model import Json, Turn
from bot.store import MemoryStore, from_json, to_json
from tests.unit.test_check_conversation import TODAY, Merchant, edited, question_of


@pytest.fixture
def ann(assistant: Assistant) -> Merchant:
    return Merchant(assistant)


def labels(turn: Turn) -> list[str]:
    return [button.label for reply in turn.replies for button in reply.buttons]


def text_of(turn: Turn) -> str:
    return "\n\n".join(reply.text for reply in turn.replies)


# --- orders


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("sorry, I lost track. What was the question?", "repeat"),
        ("哎呀忘了，刚才问的什么来着", "repeat"),
        ("remind me of the question please", "repeat"),
        ("continue anyway", "go_on"),
        ("不管了，继续往下问", "go_on"),
        ("ok let's get back to the check", "go_on"),
        ("that's everything, thanks", "done"),
        ("没别的了", "done"),
        ("leave that open", "unknown"),
        ("想不起来了", "unknown"),
        ("beats me", "unknown"),
        ("let's pause here", "stop"),
        ("回头再说吧", "stop"),
        ("start all over again", "restart"),
        ("推倒重来", "restart"),
        ("so what can we do?", "what_now"),
        ("那咋整啊", "what_now"),
        ("算了继续吧", "go_on"),
        ("太慢了直接告诉我结果", "result"),
        ("先不说这个", "unknown"),
        ("可以了没有要改的", None),
        ("没有", None),
        ("好的", "heard"),
        ("not the question", None),
        ("we have nothing", None),
    ],
)
def test_orders_are_read_in_other_words(text: str, order: str | None) -> None:
    assert read_order(text, "en") == order


@pytest.mark.parametrize("text", ["what did you want to know again?", "没注意，问题是啥"])
def test_the_question_is_put_again(ann: Merchant, text: str) -> None:
    ann.says("/check store-entry")
    ann.says("company")
    turn = ann.says(text)
    assert turn.outcome.check == "store-entry"
    assert ann.state is not None
    assert ann.state.asked == "company_country"


def test_done_takes_what_is_ticked_and_never_answers_for_the_merchant(ann: Merchant) -> None:
    ann.says("/check turnover-proof")
    turn = ann.says("that's it")
    assert "Nothing is chosen yet" in text_of(turn)
    assert ann.answers == {}
    ann.says("tax return")
    ann.says("start over")
    ann.says("yes")
    ann.presses(ann.value("documents", "+tax_return"))
    ann.says("没了")
    assert ann.answers == {"documents": ("tax_return",)}
    turn = ann.says("that's all")
    assert turn.keep is None
    assert "结果不变" in text_of(turn)


def test_done_before_the_end_tells_how_much_is_left(ann: Merchant) -> None:
    ann.says("/check store-entry")
    ann.says("company")
    turn = ann.says("that's all")
    assert "questions are left" in text_of(turn)
    assert "Where is the company registered?" in text_of(turn)


def test_going_back_names_the_question(ann: Merchant) -> None:
    ann.says("/check store-entry")
    for text in ("company", "China", "no"):
        ann.says(text)
    ann.says("go back to the licence please")
    assert ann.state is not None
    assert ann.state.asked == "business_type"
    turn = ann.says("go on")
    assert "Licence: A company, as before." in text_of(turn)
    assert ann.state.asked == "trademark_needed"


def test_going_back_several_questions(ann: Merchant) -> None:
    ann.says("/check store-entry")
    for text in ("company", "China", "no"):
        ann.says(text)
    ann.says("go back two questions please")
    assert ann.state is not None
    assert ann.state.asked == "company_country"


@pytest.mark.parametrize(
    ("text", "answer"),
    [("no, why do you ask?", None), ("not sure, how do I find out?", "unknown"), ("the first one", "no")],
)
def test_a_question_about_the_question_is_told_from_an_answer(ann: Merchant, text: str, answer: Json | None) -> None:
    ann.says("/check store-entry")
    ann.says("company")
    ann.says("China")
    turn = ann.says(text)
    assert turn.outcome.check == "store-entry"
    given = {"business_type": "company", "company_country": "china"}
    assert ann.answers == (given if answer is None else {**given, "invitation_category": answer})


def test_the_words_of_the_question_are_explained(ann: Merchant) -> None:
    ann.says("/check benefits")
    ann.says("gold")
    turn = ann.says("how do I find out the store's age?")
    assert "Count from the day the store opened" in text_of(turn)


def test_what_can_be_done_is_told_after_the_verdict(ann: Merchant) -> None:
    ann.says("/check store-entry")
    ann.says("self-employed")
    turn = ann.says("what can I do about it?")
    assert turn.outcome.check == "store-entry"
    assert "What would help:" in text_of(turn)
    assert "As of March 2022: No" not in text_of(turn)


# --- starting again


def test_starting_again_asks_before_answers_are_dropped(ann: Merchant) -> None:
    ann.says("/check medal")
    ann.says("12000")
    for ask in ("start again", ann.order("again")):
        turn = ann.says(ask) if isinstance(ask, str) else ann.presses(ask)
        assert "Your answer so far is dropped then" in text_of(turn)
        assert ann.answers == {"monthly_gmv_usd": 12000}
        turn = ann.says("no")
        assert "The result stands" in text_of(turn)
    ann.says("重来")
    ann.says("yes")
    assert ann.answers == {}
    assert ann.state is not None
    assert ann.state.asked == "monthly_gmv_usd"


def test_an_answer_to_the_first_question_starts_again_too(ann: Merchant) -> None:
    ann.says("/check mall")
    for text in ("not yet", "ready", "tax return"):
        ann.says(text)
    ann.says("start over")
    ann.says("it is open")
    assert ann.answers == {"store": "open"}


# --- corrections


@pytest.mark.parametrize(
    ("check", "first", "said", "question", "answer"),
    [
        ("medal", ["12000"], "5000", "monthly_gmv_usd", 5000),
        ("medal", ["8000", "a strong brand"], "oops, I meant 18 thousand", "monthly_gmv_usd", 18000),
        ("medal", ["8000", "有自有品牌"], "打错了，一万三", "monthly_gmv_usd", 13000),
        ("medal", ["8000", "a strong brand"], "my bad: 11.5k", "monthly_gmv_usd", 11500),
        ("authentication", ["有", "5"], "3个", "accounts_already", 3),
        ("authentication", ["yes", "2"], "oh sorry, 4", "accounts_already", 4),
        ("authentication", ["yes", "2"], "no, 5", "accounts_already", 5),
        ("commission-refund", ["gold", "200"], "typo, 20", "store_age_days", 20),
        ("commission-refund", ["gold", "200"], "说错了，银牌", "tier", "silver"),
        ("commission-refund", ["gold", "200"], "and with just 90 days?", "store_age_days", 90),
        ("benefits", ["silver", "400"], "wrong button, we are MALL", "tier", "mall"),
        ("turnover-proof", ["tax return and export declaration"], "leave out the tax return", "documents", ("export_declaration",)),
        ("turnover-proof", ["报关单和个人流水"], "报关单不算", "documents", ("personal_statement",)),
        ("medal", ["8000", "brand and supply chain"], "forget the supply chain", "strengths", ("brand",)),
        ("deposit", ["I don't know"], "20k", "category_deposits", (20000,)),
    ],
)  # fmt: skip
def test_after_the_result_the_answer_that_fits_is_changed(
    ann: Merchant, check: str, first: list[str], said: str, question: str, answer: Json
) -> None:
    ann.says(f"/check {check}")
    for text in first:
        ann.says(text)
    assert ann.run.phase in ("result", "refused")
    turn = ann.says(said)
    assert turn.outcome.check == check
    assert ann.answers[question] == answer
    assert ann.state is not None
    assert ann.run.check.question(question).name["zh" if ann.conversation.lang == "zh" else "en"] in text_of(turn)


@pytest.mark.parametrize(
    ("said", "question", "answer"),
    [
        ("oh sorry, 6", "accounts_already", 6),
        ("typo: 4", "accounts_already", 4),
        ("写错了，3个", "accounts_already", 3),
        ("I misspoke, the mailbox is used", "email", "used"),
        ("不对，是法人的支付宝", "alipay", "legal_person"),
        ("20000", "deposit_cny", 20000),
        ("sorry, about 25000", "deposit_cny", 25000),
    ],
)
def test_before_the_result_a_correction_is_told_from_an_answer(
    ann: Merchant, said: str, question: str, answer: Json
) -> None:
    ann.says("/check store-entry")
    for text in ("company", "China", "no", "no", "enterprise", "new", "5"):
        ann.says(text)
    assert ann.state is not None
    assert ann.state.asked == "deposit_cny"
    before = dict(ann.answers)
    ann.says(said)
    assert ann.answers == {**before, question: answer}


def test_what_if_is_answered_in_the_middle_of_a_check(ann: Merchant) -> None:
    ann.says("/check store-entry")
    for text in ("company", "China", "no", "no", "enterprise", "new", "5"):
        ann.says(text)
    turn = ann.says("what if it were 4 accounts?")
    assert ann.answers["accounts_already"] == 4
    assert "Before: 5 accounts" in text_of(turn)
    assert ann.state is not None
    ann.says("30000")
    assert ann.answers["deposit_cny"] == 30000


def test_a_changed_answer_shows_the_new_verdict_and_not_the_whole_card(ann: Merchant) -> None:
    ann.says("/check medal")
    whole = ann.says("12000")
    turn = ann.says("9000")
    assert "Which" not in text_of(turn)
    ann.says("a strong brand")
    turn = ann.says("actually make that 15k")
    assert turn.keep is not None
    assert turn.keep.verdict == "conditional"
    assert "Before: USD 9,000." in text_of(turn)
    assert "That changes the verdict" in text_of(turn)
    assert "Source:" not in text_of(turn)
    assert "Source:" in turn.replies[-1].source
    assert len(text_of(turn)) < len(text_of(whole)) + 150
    assert labels(turn) == ["Change: GMV a month", "Change an answer", "Show the whole result", "Start again"]
    assert turn.keep.en in text_of(ann.presses(ann.order("show")))


def test_a_small_number_in_a_supposition_is_asked_about(ann: Merchant) -> None:
    ann.says("/check medal")
    ann.says("20000")
    turn = ann.says("what if I only make nine?")
    assert "USD 9,000" in text_of(turn)
    assert ann.answers == {"monthly_gmv_usd": 20000}
    ann.says("yes")
    assert ann.answers == {"monthly_gmv_usd": 9000}


def test_an_impossible_number_after_the_result_says_why(ann: Merchant) -> None:
    ann.says("/check deposit")
    ann.says("20000")
    turn = ann.says("70000")
    assert "between CNY 10,000 and CNY 50,000" in text_of(turn)
    assert ann.answers == {"category_deposits": (20000,)}


def test_no_number_after_the_result_is_a_button_that_starts_again(ann: Merchant) -> None:
    ann.says("/check authentication")
    ann.says("yes")
    turn = ann.says("1")
    last = turn.replies[-1].buttons
    assert last[-1].label == "Start again"
    ann.says(str(len(last)))
    assert ann.answers == {"enterprise_alipay": "yes", "accounts_already": len(last)}


# --- confirmation


@pytest.mark.parametrize(
    ("said", "answers"),
    [
        ("yes", {"monthly_gmv_usd": 10000}),
        ("对的", {"monthly_gmv_usd": 10000}),
        ("no", {}),
        ("no, 7000", {"monthly_gmv_usd": 7000}),
        ("7000", {"monthly_gmv_usd": 7000}),
        ("I don't know", {"monthly_gmv_usd": "unknown"}),
        ("说不准", {"monthly_gmv_usd": "unknown"}),
        ("skip", {"monthly_gmv_usd": "unknown"}),
    ],
)
def test_a_doubtful_reading_is_settled_in_any_way(ann: Merchant, said: str, answers: dict[str, Json]) -> None:
    ann.says("/check medal")
    turn = ann.says("about 10000 dollars")
    assert "Right?" in text_of(turn)
    assert labels(turn) == ["Yes, right", "No, let me answer again", "I don't know"]
    ann.says(said)
    assert ann.answers == answers


def test_a_question_meanwhile_leaves_the_doubt_and_it_stands_again(ann: Merchant) -> None:
    ann.says("/check medal")
    ann.says("about 10000 dollars")
    turn = ann.says("how much is the commission?")
    assert turn.outcome.topics == ("commission-rate",)
    assert "I take that as USD 10,000. Right?" in turn.replies[-1].text
    ann.says("yes")
    assert ann.answers == {"monthly_gmv_usd": 10000}


def test_other_facts_beside_a_doubtful_one_are_kept(ann: Merchant) -> None:
    ann.says("/check commission-refund")
    ann.says("gold")
    turn = ann.says("about half a year")
    assert ann.state is not None
    if ann.state.doubt is not None:
        assert "Right?" in text_of(turn)


def test_no_to_a_doubtful_correction_leaves_the_answer(ann: Merchant) -> None:
    ann.says("/check medal")
    ann.says("20000")
    ann.says("sorry, about 10000 dollars")
    assert ann.answers == {"monthly_gmv_usd": 20000}
    ann.says("no")
    assert ann.answers == {"monthly_gmv_usd": 20000}
    assert "as before" in text_of(ann.says("go on"))


# --- what is asked in between


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_after_a_question_back_the_checks_question_stands_again(assistant: Assistant, lang: str) -> None:
    wei = Merchant(assistant, lang=lang)
    wei.says("/check store-entry")
    turn = wei.says({"en": "how does that go with the store?", "zh": "店铺的事怎么说？"}[lang])
    question = assistant.knowledge.library.checks["store-entry"].questions[0]
    assert question.ask[wei.lang] in turn.replies[-1].text  # type: ignore[index]
    wei.says("1")
    assert wei.answers == {"business_type": "company"}


def test_a_vague_question_is_not_asked_back_while_a_question_stands(ann: Merchant) -> None:
    ann.says("/check store-entry")
    vague = (
        "which one for the account?",
        "and the account, how is that done?",
        "how does the shop thing work?",
        "the limit for stores?",
    )
    texts = []
    for said in vague:
        turn = ann.says(said)
        assert turn.outcome.kind != "clarify", said
        assert "None of these" not in [button.label for reply in turn.replies for button in reply.buttons]
        texts.append(turn.replies[-1].text)
    # The question is put again, but not each time; then that it stands, and at last there is only a button to go on.
    assert "Which business licence do you have?" in texts[0]
    assert "answer the question above" in texts[1] + texts[2]
    assert all(words not in texts[-1] for words in ("Which business licence do you have?", "answer the question above"))
    assert "Go on with the check" in [button.label for button in turn.replies[-1].buttons]


def test_a_follow_up_question_is_answered_from_the_result(ann: Merchant) -> None:
    ann.says("/check authentication")
    ann.says("yes")
    ann.says("1")
    turn = ann.says("where do I see the authentication page?")
    assert turn.outcome.topics in (("authentication-enterprise-alipay",), ("authentication-methods",))
    wei = Merchant(ann.assistant, "wei", "zh")
    wei.says("/check medal")
    wei.says("12000")
    assert wei.says("类目的门槛在哪里看").outcome.topics == ("medal-gmv",)


# --- several at once, and what has become of the conversation


@pytest.mark.parametrize(
    ("check", "first", "said", "answers"),
    [
        ("benefits", ["gold", "400"], "sorry, silver, and 100 days", {"tier": "silver", "store_age_days": 100}),
        ("benefits", ["金牌", "400天"], "银牌，100天", {"tier": "silver", "store_age_days": 100}),
        ("benefits", ["gold"], "actually MALL, 300 days", {"tier": "mall", "store_age_days": 300}),
        ("authentication", ["yes", "5"], "what about one more account", {"enterprise_alipay": "yes", "accounts_already": 6}),
        ("authentication", ["有", "5个"], "说多了，两个", {"enterprise_alipay": "yes", "accounts_already": 2}),
        ("authentication", ["yes", "5"], "3, not 5", {"enterprise_alipay": "yes", "accounts_already": 3}),
    ],
)  # fmt: skip
def test_several_answers_are_corrected_at_once(
    ann: Merchant, check: str, first: list[str], said: str, answers: dict[str, Json]
) -> None:
    ann.says(f"/check {check}")
    for text in first:
        ann.says(text)
    ann.says(said)
    assert ann.answers == answers


def test_a_zero_more_or_less_is_asked_about(ann: Merchant) -> None:
    ann.says("/check medal")
    ann.says("12000")
    assert "USD 120,000" in text_of(ann.says("I forgot a zero"))
    ann.says("yes")
    ann.says("sorry, one zero too many")
    assert ann.state is not None
    assert ann.state.doubt == 12000


def test_an_option_ticked_by_mistake_is_taken_out(ann: Merchant) -> None:
    ann.says("/check turnover-proof")
    ann.says("tax return")
    ann.says("export declaration")
    turn = ann.says("no, not the tax return")
    assert "Chosen so far: export declaration." in text_of(turn)


def test_a_mistake_without_the_right_answer_puts_the_question_again(ann: Merchant) -> None:
    ann.says("/check store-entry")
    ann.says("company")
    ann.says("oops, wrong button")
    assert ann.state is not None
    assert ann.state.asked == "business_type"
    ann.says("no licence")
    assert "These are your answers" in text_of(ann.says("写错了" if ann.conversation.lang == "zh" else "typo"))


def test_a_fact_that_leaves_an_early_no_is_noted_in_a_line(ann: Merchant) -> None:
    ann.says("/check store-entry")
    ann.says("self-employed")
    turn = ann.says("and we have no trademark yet, sorry: the trademark is TM")
    assert ann.answers["business_type"] == "self_employed"
    assert "✗" not in text_of(turn) or ann.answers.keys() == {"business_type"}


def test_an_early_no_that_was_stopped_goes_on_with_the_next_question(ann: Merchant) -> None:
    ann.says("/check store-entry")
    ann.says("self-employed")
    ann.says("let's leave it for now")
    assert ann.says("how much is the commission?").outcome.topics == ("commission-rate",)
    turn = ann.says("back to our check please")
    assert "Where is the company registered?" in text_of(turn)


def test_a_correction_outlives_a_change_of_the_check(knowledge: Knowledge) -> None:
    store = MemoryStore()
    ann = Merchant(Assistant(knowledge, store, lambda: TODAY))
    ann.says("/check store-entry")
    for text in ("company", "China", "no"):
        ann.says(text)

    def without_china(raw: dict[str, Any]) -> None:
        question = question_of(raw, "company_country")
        question["values"] = [{**question["values"][0], "id": "mainland"}, question["values"][1]]

    later = Merchant(Assistant(edited(knowledge, "store-entry", without_china), store, lambda: TODAY))
    turn = later.says("typo, we got invited")
    assert later.answers == {"business_type": "company", "invitation_category": "invited"}
    assert later.run.question is not None
    assert later.run.question.id == "company_country"
    assert "The check has changed" in text_of(turn)


def test_what_an_older_version_has_kept_goes_on(knowledge: Knowledge) -> None:
    """It offered "Start again" as a number, and restarted at once."""
    store = MemoryStore()
    ann = Merchant(Assistant(knowledge, store, lambda: TODAY))
    ann.says("/check authentication")
    ann.says("yes")
    ann.says("3")
    kept = json.loads(to_json(store.load(ann.address)))
    kept["offered"] = [{"label": "Start again", "says": str(ann.order("again")), "numbered": True}]
    store.save(ann.address, from_json(json.dumps(kept)))
    turn = ann.says("1")
    assert ann.answers["enterprise_alipay"] == "yes"
    assert "Start again?" in text_of(turn)


# --- yes and no with an echo


@pytest.mark.parametrize(
    ("question", "text", "said"),
    [
        ("trademark_covers", "yes it covers our bags", True),
        ("trademark_covers", "yep, shoes are in there", True),
        ("trademark_covers", "no it does not cover hats", False),
        ("trademark_covers", "没有，帽子不在里面", False),
        ("trademark_needed", "需要的，平台要求", True),
        ("trademark_needed", "不需要商标", False),
        ("trademark_needed", "没有商标", None),
        ("trademark_needed", "no trademark", None),
        ("trademark_needed", "没有经验", None),
        ("trademark_covers", "we have 2 accounts", None),
        ("trademark_covers", "yes, but only for shoes", None),
    ],
)
def test_yes_and_no_are_read_with_an_echo(knowledge: Knowledge, question: str, text: str, said: bool | None) -> None:
    logic = knowledge.logic("store-entry")
    assert echoed(logic, logic.check.question(question), text) is said


# --- what is taken is shown


def test_every_answer_taken_is_shown_with_a_button_to_correct_it(ann: Merchant) -> None:
    ann.says("/check store-entry")
    turn = ann.says("a company")
    assert "Licence: A company." in text_of(turn)
    assert "Change: Licence" in labels(turn)
    ann.presses(next(button for reply in turn.replies for button in reply.buttons if button.label == "Change: Licence"))
    assert ann.state is not None
    assert ann.state.asked == "business_type"


def test_several_answers_are_listed_with_a_button_for_each(ann: Merchant) -> None:
    ann.says("/check store-entry")
    turn = ann.says("we are a limited company in China and have a TM acceptance letter")
    assert [reply.buttons != () for reply in turn.replies] == [True, True]
    assert [button.label for button in turn.replies[0].buttons] == [
        "Change: Licence", "Change: Place of registration", "Change: Trademark",
    ]  # fmt: skip
    assert turn.replies[0].text.count("\n- ") == 3
    ann.says("change: place of registration")
    assert ann.state is not None
    assert ann.state.asked == "company_country"


def test_a_result_lists_all_answers(ann: Merchant) -> None:
    ann.says("/check commission-refund")
    ann.says("gold")
    kept = ann.says("200 days").keep
    assert kept is not None
    assert "Your answers: Tier: Gold; Age of the store: 200 days." in kept.en
    assert "您的回答：等级：金牌；开店天数：200天。" in kept.zh


# --- the words around an answer


@pytest.mark.parametrize(
    ("text", "rest", "cue"),
    [
        ("oops, wrong: 4", "4", "strong"),
        ("手误 应该是三万", "三万", "strong"),
        ("actually 12", "12", "weak"),
        ("no, 12", "12", "weak"),
        ("no, I meant 12", "12", "strong"),
        ("no tax return", "no tax return", None),
    ],
)
def test_what_announces_a_correction_is_stripped(text: str, rest: str, cue: str | None) -> None:
    said = without_cues(text)
    assert (said.rest, said.cue) == (rest, cue)


def test_what_supposes_is_stripped() -> None:
    assert without_supposing("要是三万呢") == "三万"
    assert without_supposing("what about 30000?") == "30000"
    assert without_supposing("30000") is None
