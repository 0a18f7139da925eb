"""Values described in words of a merchant's own: they wait for a yes, and what another question's value is called like changes nothing here."""

from __future__ import annotations

import pytest

from bot.assistant import Assistant
from bot.checks import Check, Logic, Question
from bot.checks.pattern import tokens_of
from bot.checks.vocabulary import is_general, vocabulary
from bot.knowledge.learned import spoken_as
from bot.language.amounts import fold
from bot.model import CheckState, Json
from bot.search.matching import semantic_available
from bot.store import MemoryStore
from handlers.check.run import answer_json
from tests.check_paths import paths
from tests.unit.test_check_conversation import Merchant

pytestmark = pytest.mark.skipif(not semantic_available(), reason="descriptions are compared by their embeddings")
SAMPLED = 75  # of the texts at other questions, one in so many is tried

DESCRIBED = [
    ("store-entry", "business_type", "two cousins and I own it together and pay corporate tax", "company"),
    ("store-entry", "trademark_status", "名字是自己瞎编的，没去商标局登记过", "none"),
    ("store-entry", "trademark_covers", "那张证是给食品注册的，跟我们的货不沾边", "no"),
    ("store-entry", "alipay", "the boss would use his own private one", "legal_person"),
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


def taken_elsewhere(assistant: Assistant, check: Check, sampled: int) -> list[tuple[str, str, object]]:
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
