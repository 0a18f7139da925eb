"""Values described in words of a merchant's own: they wait for a yes, and what another question's value is called like changes nothing here."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from bot.assistant import Assistant
from bot.checks import Check, Logic, Question
from bot.checks.pattern import tokens_of
from bot.checks.vocabulary import is_general, vocabulary
from bot.knowledge.learned import spoken_as
from bot.language.amounts import fold
from bot.model import CheckState, Json, Turn
from bot.search.matching import semantic_available
from bot.search.values import Described, Values, fit
from bot.store import MemoryStore
from handlers.check.run import answer_json
from tests.check_paths import paths
from tests.unit.test_check_conversation import Merchant

pytestmark = pytest.mark.skipif(not semantic_available(), reason="descriptions are compared by their embeddings")
SAMPLED = 250  # of the texts at other questions, one in so many is tried

DESCRIBED = [
    ("store-entry", "business_type", "two cousins and I own it together and pay corporate tax", "company"),
    ("store-entry", "trademark_status", "名字是自己瞎编的，没去商标局登记过", "none"),
    ("store-entry", "trademark_covers", "那张证是给食品注册的，跟我们的货不沾边", "no"),
    ("authentication", "legal_person_alipay", "法人一把年纪了，从来没弄过手机支付", "no"),
    ("mall", "store", "已经在上面卖了好几年", "open"),
    ("commission-refund", "tier", "a plain shop, we never got any medal", "none"),
]
NO_VALUE = [
    ("store-entry", "business_type", "my cat is asleep on the keyboard"),
    ("store-entry", "trademark_status", "昨天下雨了，路上堵车"),
    ("store-entry", "alipay", "thanks, that was quick"),
    ("mall", "qualifications", "我先去吃个饭"),
]


def at(assistant: Assistant, check: str, question: str, name: str, lang: str) -> Merchant:
    """A merchant at a question, reached by answers that lead there."""
    merchant = Merchant(assistant, name, lang)
    merchant.presses(f"check={check}")
    assert merchant.state is not None
    state = CheckState(check, merchant.state.run, answers_before(assistant.knowledge.logic(check), question))
    assert isinstance(assistant.store, MemoryStore)
    assistant.store.save(merchant.address, merchant.conversation.with_(check=state))
    return merchant


@cache
def answers_before(logic: Logic, question: str) -> tuple[tuple[str, Json], ...]:
    """Answers of a path on which a question is asked, to those before it."""
    for answers, _ in paths(logic):
        if question in answers:
            names = list(answers.given)
            return tuple((name, answer_json(answers.given[name])) for name in names[: names.index(question)])
    raise AssertionError(f"no path asks {question}")


def texts_of(question: Question) -> list[str]:
    return [text for option in question.options for group in spoken_as(option) for text in group if text]


def general(check: Check, question: Question, text: str) -> bool:
    """Return true for words that name a value of the question, too, or that are yes, no and the like of any question."""
    lexicons = vocabulary(check).lexicons
    tokens = tokens_of(fold(text))
    own = lexicons[question.id].phrases.spans(tokens)
    return is_general(tokens) or any(span.kind in ("value", "zero") for span in own)


def taken_elsewhere(assistant: Assistant, check: Check, sampled: int) -> list[tuple[str, str, Json]]:
    """Type what other questions' values are called like at each question; return what is taken there without a yes."""
    found = []
    for question in check.questions:
        others = [text for other in check.questions if other.id != question.id for text in texts_of(other)]
        own = set(texts_of(question))
        for number, text in enumerate(dict.fromkeys(others)):
            if number % sampled != len(question.id) % sampled or text in own or general(check, question, text):
                continue
            lang = "en" if text.isascii() else "zh"
            merchant = at(assistant, check.id, question.id, f"{check.id}{question.id}{number}", lang)
            merchant.says(text)
            answer = dict(merchant.state.answers).get(question.id) if merchant.state else None
            if answer not in (None, "unknown"):
                found.append((question.id, text, answer))
    return found


def test_what_is_said_of_another_question_is_taken_for_no_answer(assistant: Assistant) -> None:
    for check in assistant.knowledge.library.checks.values():
        assert taken_elsewhere(assistant, check, SAMPLED) == []


@pytest.mark.parametrize(("check", "question", "text", "value"), DESCRIBED)
def test_a_described_value_is_asked_for_and_taken_after_a_yes(
    assistant: Assistant, check: str, question: str, text: str, value: str
) -> None:
    merchant = at(assistant, check, question, question, "en" if text.isascii() else "zh")
    merchant.says(text)
    assert question not in merchant.answers
    assert merchant.state
    assert merchant.state.doubt == value
    merchant.says(text)  # saying it again is no yes
    assert question not in merchant.answers
    assert merchant.state.doubt == value
    merchant.says("yes")
    assert merchant.answers[question] == value


@pytest.mark.parametrize(("check", "question", "text"), NO_VALUE)
def test_what_describes_no_value_is_not_offered(assistant: Assistant, check: str, question: str, text: str) -> None:
    merchant = at(assistant, check, question, question, "en" if text.isascii() else "zh")
    merchant.says(text)
    assert question not in merchant.answers
    assert merchant.state
    assert merchant.state.doubt is None


def test_hearings_are_the_same_from_the_cache_and_too_few_right_ones_hear_nothing(assistant: Assistant) -> None:
    values = assistant.knowledge.values
    again = Values.of(values.form())
    text = "the boss would use his own private one"
    assert (
        again.meant("store-entry", "alipay", text) == values.meant("store-entry", "alipay", text) == ("legal_person",)
    )
    assert values.meant("store-entry", "alipay", text * 20) == ()
    confused = Described({"one": [["red apples"], ["green pears"]], "other": [["red apple"], ["green pear"]]})
    hearing = fit({("a", "b"): confused}, ["what does it cost", "多少钱"]).hearings["a", "b"]
    assert hearing.heard(np.zeros(513, dtype=np.float32)) == ()
    assert fit({("a", "b"): confused}, ["what does it cost"]).meant("a", "b", "pear apple") == ()


# --- what is asked of a check, and what is said beside it


def text_of(turn: Turn) -> str:
    return "\n\n".join(reply.text for reply in turn.replies)


@pytest.mark.parametrize(
    "text",
    ["does it matter", "and is that important", "what difference does it make then", "这个问题有啥意义", "有区别吗"],
)
def test_a_question_about_the_question_gets_its_explanation(assistant: Assistant, text: str) -> None:
    merchant = at(assistant, "store-entry", "business_type", text, "en" if text.isascii() else "zh")
    told = text_of(merchant.says(text))
    why = merchant.run.check.question("business_type").why
    assert (why.en if text.isascii() else why.zh)[:20] in told
    assert merchant.run.question is not None


@pytest.mark.parametrize(
    "text", ["so can I or not?", "how does it look for me so far?", "那我到底行不行", "现在的结论是什么"]
)
def test_the_verdict_so_far_is_told_with_what_is_open(assistant: Assistant, text: str) -> None:
    merchant = at(assistant, "store-entry", "alipay", text, "en" if text.isascii() else "zh")
    told = text_of(merchant.says(text))
    open_ones = [merchant.run.check.question(name).name for name in ("alipay", "email")]
    assert all((name.en if text.isascii() else name.zh) in told for name in open_ones)
    assert merchant.run.question is not None
    assert merchant.run.question.id == "alipay"


@pytest.mark.parametrize(
    ("text", "goods"),
    [("we do phone cases", "phone cases"), ("我们做女鞋的", "女鞋"), ("I sell garden tools", "garden tools")],
)
def test_goods_named_at_a_question_take_nothing_and_the_question_stands(
    assistant: Assistant, text: str, goods: str
) -> None:
    merchant = at(assistant, "store-entry", "invitation_category", text, "en" if text.isascii() else "zh")
    before = merchant.answers
    told = text_of(merchant.says(text))
    assert goods in told
    assert merchant.answers == before
    question = merchant.run.question
    assert question is not None
    assert question.id == "invitation_category"
    assert question.ask["en" if text.isascii() else "zh"] in told


def test_a_lack_is_noted_where_it_is_named_and_changes_no_earlier_answer_otherwise(assistant: Assistant) -> None:
    merchant = at(assistant, "store-entry", "invitation_category", "lack", "zh")
    told = text_of(merchant.says("没有商标"))
    assert merchant.answers["trademark_status"] == "none"
    assert "定向招商" in told
    merchant = at(assistant, "store-entry", "alipay", "none", "zh")
    before = merchant.answers
    merchant.says("一个都没注册")
    assert {name: merchant.answers[name] for name in before} == before
