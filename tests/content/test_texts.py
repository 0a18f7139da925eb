"""What ships is said as a consultant would: the point first, short, and promising nothing that is not known."""

from __future__ import annotations

import re

import pytest

from bot.knowledge.knowledge import Knowledge
from bot.model import LANGUAGES, Language

# An answer holds at most 500 characters (220 in Chinese). Its first fact has to fit by itself, with the mark of an
# announced fact, the date and a note on a reading that money depends on.
LONGEST_BODY = {"en": 500, "zh": 220}
DATE, MARK, DOUBT = {"en": 22, "zh": 14}, {"en": 22, "zh": 9}, {"en": 80, "zh": 40}
LONGEST_GAP = {"en": 260, "zh": 110}  # a reply that something is not known: one or two sentences

GAP = {"en": "Not in our source: ", "zh": "我们的资料"}
PICTURES = re.compile(r"picture|screenshot|图片|截图")
# The article on opening a store has pictures in its third section only: the steps, and the table of store types.
PICTURED = {"registration-steps", "store-types"}


def texts(knowledge: Knowledge, lang: Language) -> list[tuple[str, str]]:
    return [
        (f"{topic}.{part}", words)
        for (topic, spoken), parts in knowledge.texts.items()
        if spoken == lang
        for part, words in parts.items()
    ]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_first_fact_fits_into_an_answer(knowledge: Knowledge, lang: Language) -> None:
    for topic in knowledge.library.topics.values():
        for number, fact in enumerate(topic.facts):
            room = LONGEST_BODY[lang] - (MARK[lang] if fact.standing == "announced" else 0)
            if number == 0:
                money = any(knowledge.library.terms[term].money for term in topic.rests_on)
                room -= DATE[lang] + (DOUBT[lang] if money else 0)
            said = knowledge.texts[topic.id, lang][fact.id].replace("**", "")
            assert len(said) <= room, f"{topic.id}.{fact.id}: {len(said)}"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_is_not_known_is_said_first_and_shortly(knowledge: Knowledge, lang: Language) -> None:
    for topic in knowledge.library.topics.values():
        said = knowledge.texts[topic.id, lang]
        for gap in topic.missing:
            assert said[gap.id].startswith(GAP[lang]), f"{topic.id}.{gap.id}: {said[gap.id]}"
        for words in [said[gap.id] for gap in topic.missing] + ([said["instead"]] if topic.instead else []):
            assert len(words) <= LONGEST_GAP[lang], f"{topic.id}: {words}"


def test_nothing_is_told_of_what_a_page_of_the_backend_shows(knowledge: Knowledge) -> None:
    """The articles do not say which page answers a question, so the advice is to look or to ask."""
    for topic in knowledge.library.topics.values():
        if topic.instead:
            assert not re.search(
                r"(?:backend|pages?|help)\b[^.]*\b(?:shows?|describes?|explains?|can tell)\b", topic.instead.en
            )


@pytest.mark.parametrize("lang", LANGUAGES)
def test_pictures_are_lost_only_where_there_were_some(knowledge: Knowledge, lang: Language) -> None:
    for topic in knowledge.library.topics.values():
        if topic.source != "A2" or topic.id in PICTURED:
            continue
        for part, words in knowledge.texts[topic.id, lang].items():
            assert not PICTURES.search(words), f"{topic.id}.{part}"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_texts_are_free_of_what_nobody_would_write(knowledge: Knowledge, lang: Language) -> None:
    """Merchants are "they"; the titles of the Chinese articles are lost; editors' notes stay with editors."""
    bad = re.compile(r"\b(?:he|him|his|himself)\b|《|\bentered (?:here )?yet\b|没有填|还没有放到|\d %", re.IGNORECASE)
    assert [place for place, words in texts(knowledge, lang) if bad.search(words)] == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_readings_are_named_by_their_meaning(knowledge: Knowledge, lang: Language) -> None:
    """The wording of the machine translation is for editors."""
    gibberish = re.compile(
        r"pit every month|second child|Xiao Er|Through Train|Treasure|Youshang|latent explosion|explosive weighting"
        r"|territorial|butler|nail group|mobile goods|large clothing|brand hot-selling|charged high",
        re.IGNORECASE,
    )
    assert [place for place, words in texts(knowledge, lang) if gibberish.search(words)] == []
    named = [(term.id, term.en) for term in knowledge.library.terms.values() if gibberish.search(term.en)]
    assert named == []


@pytest.mark.parametrize(
    "name",
    [
        "brushing-orders",
        "forged-documents",
        "licence-rental",
        "suing-the-platform",
        "buyer-my-parcel",
        "buyer-wants-refund",
    ],
)
def test_what_nobody_helps_with_is_refused(knowledge: Knowledge, name: str) -> None:
    assert knowledge.topic(name).refuse


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_straw_hat_offered_is_not_promised_by_the_agency(knowledge: Knowledge, lang: Language) -> None:
    ours = knowledge.library.operator.agency[lang]
    for name in ("gift-entry", "course-potential-goods", "contact-consultant", "registration-link"):
        said = " ".join(knowledge.texts[name, lang][fact.id] for fact in knowledge.topic(name).facts)
        assert ("Straw Hat" if lang == "en" else "草帽") in said
        assert ours not in said.replace("我们的资料", "")
