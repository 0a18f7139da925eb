"""What ships keeps its promises: every topic of the fact sheet, in both languages, as people ask for it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import numpy as np
import pytest

from bot.knowledge.knowledge import Knowledge
from bot.knowledge.learned import shipped_texts
from bot.knowledge.library import load
from bot.knowledge.writer import Manner, months_between
from bot.model import LANGUAGES, Language
from bot.search.matching import meaning
from bot.search.matching.lookup import hashed
from tests.conftest import TODAY

# Topic → article, and the weakest status of what it tells (fact sheet).
ANNOUNCED = {
    "mall-overview",
    "mall-apply",
    "medal-overview",
    "medal-gmv",
    "medal-schedule",
    "benefits-overview",
    "benefit-commission-refund",
    "benefit-search-a",
    "benefit-search-b",
    "benefit-identity-mark",
}
LOST = {"mall-standards", "benefit-ad-rebate"}
TOPICS: dict[str, str] = {
    **dict.fromkeys(
        [
            "entry-conditions",
            "entry-self-employed",
            "entry-trademark",
            "entry-invitation",
            "entry-preparation",
            "entry-materials",
            "entry-fee",
            "deposit-amount",
            "deposit-refund",
            "deposit-several-categories",
            "commission-rate",
            "registration-steps",
            "registration-link",
            "registration-country",
            "registration-email",
            "registration-currency",
            "authentication-methods",
            "authentication-enterprise-alipay",
            "authentication-legal-person",
            "authentication-limit",
            "authentication-change",
            "category-application",
            "business-scope",
            "trademark-add",
            "store-types",
            "store-type-change",
            "gift-entry",
            "agency-credentials",
        ],
        "A2",
    ),
    **dict.fromkeys(
        [
            "annual-summit",
            "mall-overview",
            "mall-apply",
            "mall-standards",
            "turnover-proof",
            "medal-overview",
            "medal-gmv",
            "medal-preferred-access",
            "medal-schedule",
            "benefits-overview",
            "benefit-commission-refund",
            "benefit-search-a",
            "benefit-search-b",
            "benefit-search-c",
            "benefit-superdeals",
            "benefit-showcase",
            "benefit-identity-mark",
            "benefit-ad-rebate",
            "benefit-loan",
            "benefit-consultant",
            "dingtalk-binding",
            "benefit-mall-support",
            "benefit-buyer-sessions",
        ],
        "A3",
    ),
    **dict.fromkeys(
        ["potential-goods", "potential-goods-eu-vat", "potential-goods-results", "course-potential-goods"], "A1"
    ),
}
PUBLISHED = {"A1": "2022-02-17", "A2": "2022-03-29", "A3": "2022-04-26"}


@pytest.mark.parametrize("name", [*TOPICS, "contact-consultant"])
def test_every_topic_has_its_source_and_is_asked_for_in_twelve_ways(knowledge: Knowledge, name: str) -> None:
    topic = knowledge.topic(name)
    assert topic.known
    assert topic.source == TOPICS.get(name, topic.source)
    assert len(set(topic.phrasings.en)) >= 12
    assert len(set(topic.phrasings.zh)) >= 12


@pytest.mark.parametrize("name", TOPICS)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_answer_names_source_date_status_and_age(knowledge: Knowledge, name: str, lang: Language) -> None:
    made = knowledge.tell(name, lang, TODAY)
    assert (made.source, made.date) == (TOPICS[name], PUBLISHED[TOPICS[name]])
    assert made.status == ("announced" if name in ANNOUNCED else "missing" if name in LOST else "stated")
    footer = made.text.rsplit("\n\n", 1)[-1]
    year, month, day = PUBLISHED[TOPICS[name]].split("-")
    assert (f"{int(day)} " if lang == "en" else f"{year}年{int(month)}月{int(day)}日") in footer
    if made.status != "missing":  # what was only looked through confirms nothing
        assert knowledge.say("not_confirmed_since", lang) in made.about
    if name in ANNOUNCED:
        whole = knowledge.tell(name, lang, TODAY, manner=Manner(whole=True))
        assert knowledge.say("announced_mark", lang) in whole.text
        assert knowledge.say("about_announced", lang) in made.about


@pytest.mark.parametrize("name", sorted(LOST))
def test_what_is_lost_is_said_to_be_and_a_consultant_offered(knowledge: Knowledge, name: str) -> None:
    assert "No consultant is connected here" in knowledge.tell(name, "en", TODAY).text
    there = knowledge.tell(name, "en", TODAY, manner=Manner(connected=True))
    assert knowledge.offer_consultant("en", connected=True) in there.text


def test_there_are_forty_known_unknowns_in_both_languages(knowledge: Knowledge) -> None:
    outside = [topic for topic in knowledge.library.topics.values() if not topic.known]
    assert len(outside) >= 40
    assert all(len(topic.phrasings[lang]) >= 12 for topic in outside for lang in LANGUAGES)


def test_no_figure_is_written_into_a_topic_by_hand(knowledge: Knowledge) -> None:
    """A fact about money changes in one place only."""
    by_hand = re.compile(r"\d+[,.]\d{3}|[1-9]\d?\s*(?:%|万|percent)|(?:CNY|USD|US\$)\s*\d")
    found = [
        (name, words)
        for name, topic in knowledge.library.topics.items()
        for lang in LANGUAGES
        for words in [fact[lang] for fact in topic.facts] + [detail[lang] for detail in topic.missing]
        if by_hand.search(re.sub(r"{%.*?%}", "", words))
    ]
    assert found == []


def test_a_figure_changes_everywhere_at_once(with_content: Callable[..., Knowledge]) -> None:
    changed = with_content({"figures.yaml": "commission: {highest: {value: 9, source: backend, date: 2026-11-03}}\n"})
    for name in ("commission-rate", "entry-fee"):
        for lang in LANGUAGES:
            assert re.search(r"9 ?%", changed.tell(name, lang, TODAY).text)


def test_a_confirmed_fact_loses_the_sentence_about_its_age(with_content: Callable[..., Knowledge]) -> None:
    over = (
        "facts:\n  - id: range\n    confirmed: {date: 2026-11-01, source: backend}\n"
        "  - id: frozen\n    confirmed: {date: 2026-11-01, source: backend}\n"
    )
    changed = with_content({"topics/fees/deposit-amount.yaml": over})
    text = changed.tell("deposit-amount", "en", TODAY).text
    assert "1 November 2026" in text
    assert changed.say("not_confirmed_since", "en") not in text
    assert "March 2022, the deposit" not in text
    much_later = changed.tell("deposit-amount", "en", date(2028, 1, 1))
    assert "As of November 2026" in much_later.text
    assert changed.say("rest_not_confirmed", "en") in much_later.about


def test_a_confirmed_announcement_is_no_longer_only_announced(with_content: Callable[..., Knowledge]) -> None:
    library, _ = load([])
    facts = "".join(
        f"  - id: {fact.id}\n    confirmed: {{date: 2026-11-01, source: backend}}\n"
        for fact in library.topics["mall-apply"].facts
    )
    made = with_content({"topics/medals/mall-apply.yaml": f"facts:\n{facts}"}).tell("mall-apply", "en", TODAY)
    assert made.status == "stated"
    assert "last word" not in made.about
    assert "announced" not in made.text.rsplit("\n\n", 1)[-1]


@pytest.mark.parametrize(
    ("then", "now", "months"),
    [((2022, 3, 29), (2023, 3, 28), 11), ((2022, 3, 29), (2023, 3, 29), 12), ((2022, 12, 1), (2023, 1, 1), 1)],
)
def test_age_is_counted_in_whole_months(then: tuple[int, int, int], now: tuple[int, int, int], months: int) -> None:
    assert months_between(date(*then), date(*now)) == months


def test_doubtful_readings_are_told(knowledge: Knowledge) -> None:
    assert "95" in knowledge.tell("benefit-loan", "en", TODAY).text
    assert "not confirmed" in knowledge.tell("benefit-loan", "en", TODAY).text
    assert "我们对译文的理解" in knowledge.tell("benefit-loan", "zh", TODAY).text
    for name in ("benefit-loan", "benefit-showcase", "medal-preferred-access"):
        terms = [knowledge.library.terms[term] for term in knowledge.topic(name).rests_on]
        doubtful = [term for term in terms if term.doubtful]
        made = knowledge.tell(name, "en", TODAY)
        assert doubtful
        for term in doubtful:
            assert made.about.count(term.note.en if term.note else term.en) == 1
            assert made.text.count(term.note.en if term.note else term.en) <= 1
    assert "reading" not in knowledge.tell("deposit-refund", "en", TODAY).about


def test_nearly_all_phrasings_have_their_embedding_in_the_package(knowledge: Knowledge) -> None:
    with np.load(meaning.SHIPPED) as file:
        shipped = meaning.Codes.of(file["digests"], file["codes"])
    texts = set(shipped_texts(knowledge.library))
    known = np.isin(hashed(texts), shipped.hashes).sum()
    # Each missing one costs a first start about a millisecond.
    assert known >= 0.97 * len(texts), f"{len(texts) - known:,} of {len(texts):,} are missing: run `make embeddings`"
