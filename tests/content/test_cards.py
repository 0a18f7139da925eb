"""Results of checks against what they rest on: every card that ships, in both languages, held against its topics."""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import copy
from dataclasses import replace
from datetime import date
from functools import cache
from itertools import islice

import pytest

from bot.checks import Answers, Decision, Logic, Unsound, decide, logic, next_question, parse_answers, values_for
from bot.checks.check import VERDICTS, Reach
from bot.content.kinds import Confirmed, Text
from bot.knowledge.knowledge import Knowledge
from bot.knowledge.writer import weakest
from bot.model import LANGUAGES, Language
from handlers.check.card import Card, verdict_words
from tests.check_paths import paths
from tests.conftest import TODAY

CHECKS = (
    "store-entry",
    "medal",
    "mall",
    "commission-refund",
    "turnover-proof",
    "authentication",
    "deposit",
    "benefits",
)
ARTICLE = {
    "store-entry": ("March 2022", "2022年3月"),
    "authentication": ("March 2022", "2022年3月"),
    "deposit": ("March 2022", "2022年3月"),
}
APRIL = ("April 2022", "2022年4月")
LONGEST = {True: {"en": 1100, "zh": 375}, False: {"en": 800, "zh": 345}}  # after up to ten answers; after four
FIGURE = re.compile(r"\d[\d,.]*万?")
CONDITIONAL = {"en": re.compile(r"\b(were|was) (to|advised|planned|expected)\b"), "zh": re.compile("将|预计|当时|计划")}


@cache
def decisions(knowledge: Knowledge, name: str) -> tuple[Decision, ...]:
    """The end of every way through a check, of one of them with each answer left open in turn, and of none at all."""
    ready = knowledge.logic(name)
    ended = list(paths(ready))
    longest = max((answers for answers, _ in ended), key=lambda answers: len(answers.given))
    partly = [Answers(), *(longest.without(question) for question in longest.given)]
    return (*(decision for _, decision in ended), *(decide(ready, answers) for answers in partly))


def cards(knowledge: Knowledge, name: str) -> Iterator[Card]:
    for decision in decisions(knowledge, name):
        for lang in LANGUAGES:
            yield Card(knowledge, decision, lang, TODAY)


def numbers(text: str) -> set[str]:
    return {found.rstrip(",.").replace(",", "") for found in FIGURE.findall(text)}


@pytest.mark.parametrize("name", CHECKS)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_figure_of_a_rule_stands_in_the_topic_it_names(knowledge: Knowledge, name: str, lang: Language) -> None:
    check = knowledge.library.checks[name]
    values = values_for(check, Answers(), lang)
    for rule in check.rules:
        topic = knowledge.topic(rule.topic)
        told = numbers("\n".join(knowledge.texts[topic.id, lang][fact.id] for fact in topic.facts))
        named = numbers(knowledge.templates.render(rule.text[lang], lang, **values))
        assert named <= told, (rule.id, named - told)


@pytest.mark.parametrize("name", CHECKS)
def test_what_the_topic_only_announces_is_marked_and_said_conditionally(knowledge: Knowledge, name: str) -> None:
    seen = set()
    for card in cards(knowledge, name):
        mark = card.say("check_announced", month=APRIL[card.lang == "zh"])
        for rule in card.reasons:
            facts = [fact for fact in knowledge.topic(rule.topic).facts if not rule.facts or fact.id in rule.facts]
            announced = weakest(fact.standing for fact in facts) == "announced"
            reason = card.reason(rule)
            assert reason.startswith(mark) == announced, (rule.id, reason)
            assert not announced or CONDITIONAL[card.lang].search(reason), reason
            seen.add(rule.id)
    assert seen == {rule.id for rule in knowledge.library.checks[name].rules}


@pytest.mark.parametrize("name", CHECKS)
def test_a_card_says_as_of_when_first_and_its_source_once_at_the_end(knowledge: Knowledge, name: str) -> None:
    for card in cards(knowledge, name):
        first, *_, last = card.text().splitlines()
        month = ARTICLE.get(name, APRIL)[card.lang == "zh"]
        assert first.startswith("**" + card.say("check_as_of", month=month)), first
        source = card.sources["A2" if name in ARTICLE else "A3"]
        assert card.text().count(source.title(card.lang)) == 1
        assert source.title(card.lang) in last
        assert card.say("check_stale") in last
        assert card.say("check_stale_rest") not in last
        assert not re.search(r"\bA[1-3]\b", card.text())


@pytest.mark.parametrize("name", CHECKS)
def test_a_card_is_short_and_sends_nobody_to_a_consultant_who_may_not_be_there(knowledge: Knowledge, name: str) -> None:
    for card in cards(knowledge, name):
        text = card.text()
        assert not re.search(
            "[Cc]onsultant (?!and account manager)|顾问(?!、客户经理)", text.replace("local consultant", "")
        ), text
        if not card.decision.open:
            assert len(text) <= LONGEST[name == "store-entry"][card.lang], text


@pytest.mark.parametrize("name", CHECKS)
def test_a_refusal_has_no_list_of_things_to_do_and_no_good_news(knowledge: Knowledge, name: str) -> None:
    for card in cards(knowledge, name):
        if card.decision.verdict == "not_eligible":
            assert not {"☐", "✓"} & set(card.text()), card.text()
            assert "✗" in card.text()


@pytest.mark.parametrize(("tier", "announced"), [("mall", True), ("gold", False), ("silver", False)])
def test_a_benefit_has_the_status_that_it_has_for_the_tier(knowledge: Knowledge, tier: str, announced: bool) -> None:
    text = card_of(knowledge, "benefits", {"tier": tier, "store_age_days": 10})
    assert ("tier mark (only announced)" in text) == announced
    assert "tier mark" in text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_list_of_benefits_does_not_claim_what_the_line_below_denies(knowledge: Knowledge, lang: Language) -> None:
    name = knowledge.library.data.benefits[0].en if lang == "en" else knowledge.library.data.benefits[0].zh
    young = card_of(knowledge, "benefits", {"tier": "gold", "store_age_days": 100}, lang)
    assert f"- {name}" not in young
    assert "181" in young
    assert f"- {name}" in card_of(knowledge, "benefits", {"tier": "gold"}, lang)


@pytest.mark.parametrize(
    ("deposit", "more"), [(12_000, None), (49_999, None), (10_000, None), (4_000, "CNY 6,000"), (0, "CNY 10,000")]
)
def test_nobody_is_told_to_deposit_more_than_most_categories_ask(
    knowledge: Knowledge, deposit: int, more: str | None
) -> None:
    fine = {
        "business_type": "company",
        "company_country": "china",
        "invitation_category": "not_invited",
        "trademark_needed": "no",
    }
    fine |= {"alipay": "enterprise", "email": "new"}
    text = card_of(knowledge, "store-entry", {**fine, "accounts_already": 0, "deposit_cny": deposit})
    assert re.findall(r"(CNY [\d,]+) more in deposit", text) == ([more] if more else [])


def test_a_way_out_of_several_obstacles_raises_the_deposit_no_further_either(knowledge: Knowledge) -> None:
    answers = {"business_type": "self_employed", "company_country": "china", "invitation_category": "not_invited"}
    answers |= {"trademark_needed": "no", "alipay": "none", "email": "new"}
    text = card_of(knowledge, "store-entry", {**answers, "accounts_already": 0, "deposit_cny": 4000})
    assert "CNY 46,000" not in text
    assert "an enterprise Alipay account and CNY 6,000 more in deposit (then: things left to do)" in text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_authorised_brand_is_told_what_will_be_asked_for(knowledge: Knowledge, lang: Language) -> None:
    answers = {"business_type": "company", "company_country": "china", "invitation_category": "no"}
    answers |= {"trademark_needed": "yes", "trademark_status": "authorised", "trademark_covers": "yes"}
    rest = {"alipay": "enterprise", "email": "new", "accounts_already": 0, "deposit_cny": 50_000}
    text = card_of(knowledge, "store-entry", {**answers, **rest}, lang)
    assert ("its certificate and your authorisation" if lang == "en" else "商标证书和授权") in text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_rebate_of_2022_is_told_as_what_was_announced(knowledge: Knowledge, lang: Language) -> None:
    text = card_of(knowledge, "commission-refund", {"tier": "gold", "store_age_days": 100}, lang)
    assert ("Announced in April 2022: " if lang == "en" else "2022年4月预告：") in text
    assert ("day 181, in 81 days" if lang == "en" else "第181天，还有81天") in text
    assert not re.search(r"\b(begins|is a rebate)\b|您有", text)


def test_of_several_choices_only_the_smallest_sets_are_named_as_leading_elsewhere(knowledge: Knowledge) -> None:
    text = card_of(knowledge, "turnover-proof", {})
    assert "or “transaction proof from a competing platform's backend”: all clear)" in text
    assert "statement of a personal account" not in text


def test_what_was_confirmed_is_no_longer_old_nor_only_announced(knowledge: Knowledge) -> None:
    topic = knowledge.topic("benefit-commission-refund")
    sure = Confirmed(date=date(2026, 11, 3), source="seller backend")
    facts = tuple(fact.model_copy(update={"confirmed": sure}) for fact in topic.facts)
    topics = {**knowledge.library.topics, topic.id: topic.model_copy(update={"facts": facts})}
    fresh = copy(knowledge)
    fresh.library = replace(knowledge.library, topics=topics)
    text = card_of(fresh, "commission-refund", {"tier": "silver", "store_age_days": 300})
    assert text.startswith("**A rebate")
    assert "! MALL, gold and silver stores" in text
    assert text.endswith("Confirmed on 3 November 2026: seller backend.*")


def card_of(knowledge: Knowledge, name: str, answers: dict[str, object], lang: Language = "en") -> str:
    ready = knowledge.logic(name)
    return Card(knowledge, decide(ready, parse_answers(ready, answers)), lang, TODAY).text()


def test_a_limit_of_what_is_advised_names_a_figure_that_there_is(knowledge: Knowledge) -> None:
    check = knowledge.library.checks["store-entry"]
    reach = Reach(more=Text(en="{{ more }}", zh="{{ more }}"), up_to="deposit.lowset")
    asked = tuple(
        one.model_copy(update={"within_reach": reach}) if one.id == "deposit_cny" else one for one in check.questions
    )
    with pytest.raises(Unsound, match="did you mean"):
        logic(check.model_copy(update={"questions": asked}), knowledge.library.data.figures)


# --- one verdict, in words that agree


OPEN = {"en": "depends on what is open", "zh": "要看没确定的几项"}
ALL_CLEAR = {"en": "all clear", "zh": "没问题"}
TO_DO = {"en": "things left to do", "zh": "还有事要办"}


def partial_paths(one: Logic, answers: Answers | None = None) -> Iterator[Answers]:
    """Yield answers to a check in which any of the questions may be left open."""
    answers = answers or Answers()
    question = next_question(one, answers)
    if question is None:
        yield answers
        return
    classes = one.classes[one.index[question.id]]
    for answer in (*map(classes.example, range(classes.count)), None):
        yield from partial_paths(one, answers.with_(question.id, answer))


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_verdict_in_words_agrees_with_the_headline_and_the_lists_below(
    knowledge: Knowledge, check: str, lang: Language
) -> None:
    one = knowledge.logic(check)
    for answers in islice(partial_paths(one), 0, 3000, 7 if check == "store-entry" else 1):
        decision = decide(one, answers, with_changes=False)
        sign = verdict_words(knowledge, decision, lang)
        if sum(1 for verdict in VERDICTS if decision.check.verdicts[verdict]) == 1:
            assert sign == ""
            continue
        assert (sign == OPEN[lang]) == decision.undecided
        assert sign != TO_DO[lang] or decision.next_steps
        assert sign != ALL_CLEAR[lang] or not (decision.next_steps or decision.open)
