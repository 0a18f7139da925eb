"""No answer is longer than a merchant reads on a phone: bodies, footers and dates, in every form in which they are told."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.channels.markup import plain
from bot.content.kinds import Missing
from bot.knowledge.knowledge import Knowledge
from bot.knowledge.writer import LONGEST_BODY, LONGEST_DATE, LONGEST_FOOTER, Manner, Written
from bot.language.dating import undated
from bot.model import LANGUAGES, Language
from tests.conftest import TODAY

LANGS = pytest.mark.parametrize("lang", LANGUAGES)


def told(
    knowledge: Knowledge, name: str, lang: Language, detail: Missing | None = None
) -> Iterator[tuple[str, Written]]:
    """A topic in the forms in which merchants read it: first, and when its articles were cited, each with what is left."""
    every = frozenset(knowledge.library.sources)
    for form, cited in (("first", frozenset[str]()), ("later", every)):
        manner = Manner(cited=cited)
        made = knowledge.tell(name, lang, TODAY, detail, manner)
        yield form, made
        while made.rest:
            made = knowledge.tell(name, lang, TODAY, manner=Manner(cited=every, facts=made.rest))
            yield "more", made


def answers(knowledge: Knowledge, lang: Language) -> Iterator[tuple[str, str, Written]]:
    """All that can be said of all topics, each with its name and form."""
    for name, topic in knowledge.library.topics.items():
        for detail in (None, *topic.missing):
            for form, made in told(knowledge, name, lang, detail):
                yield f"{name}/{detail.id}" if detail else name, form, made


def footer_of(made: Written) -> str:
    last = made.text.rsplit("\n\n", 1)[-1]
    return last.strip("*") if made.source and last.startswith("*") and not last.startswith("**") else ""


@LANGS
def test_no_body_is_too_long(knowledge: Knowledge, lang: Language) -> None:
    over = {
        (name, form): length
        for name, form, made in answers(knowledge, lang)
        if (length := len(plain(made.text)) - len(footer_of(made))) > LONGEST_BODY[lang] + 2
    }
    assert over == {}


@LANGS
def test_no_footer_is_too_long(knowledge: Knowledge, lang: Language) -> None:
    over = {
        (name, form): footer
        for name, form, made in answers(knowledge, lang)
        if len(footer := footer_of(made)) > (LONGEST_FOOTER if form == "first" else LONGEST_DATE)[lang]
    }
    assert over == {}


@LANGS
def test_every_answer_with_a_source_has_a_footer_with_its_date(knowledge: Knowledge, lang: Language) -> None:
    year = {source.date.year for source in knowledge.library.sources.values()}
    bare = [
        (name, form)
        for name, form, made in answers(knowledge, lang)
        if made.source and not any(str(one) in footer_of(made) for one in year)
    ]
    assert bare == []


@LANGS
def test_an_answer_and_its_rest_tell_every_fact_once(knowledge: Knowledge, lang: Language) -> None:
    for name, topic in knowledge.library.topics.items():
        forms = [form for form, _ in told(knowledge, name, lang)]
        later = [made.text for _, made in told(knowledge, name, lang)][forms.index("later") :]
        for fact in topic.facts:
            words = undated(knowledge.texts[name, lang][fact.id], lang)
            assert "\n\n".join(later).count(words) == 1, (name, fact.id)


@LANGS
def test_what_denies_a_detail_does_not_say_that_it_is_stated(knowledge: Knowledge, lang: Language) -> None:
    stated, denied = knowledge.say("status_stated", lang), {"en": "not in our source", "zh": "我们的资料里没有"}[lang]
    contradicting = [
        name
        for name, topic in knowledge.library.topics.items()
        for detail in topic.missing
        for _, made in told(knowledge, name, lang, detail)
        if denied in made.text and stated in footer_of(made)
    ]
    assert contradicting == []


@LANGS
def test_old_facts_have_their_date_in_the_first_sentence(knowledge: Knowledge, lang: Language) -> None:
    """The point may come before it ("No. As of March 2022, …"); what is missing has none, nor is one said twice."""
    for name, topic in knowledge.library.topics.items():
        made = knowledge.tell(name, lang, TODAY)
        if made.source and topic.facts[0].standing != "missing":
            day = knowledge.library.sources[topic.facts[0].source or topic.source or ""].date
            month = f"{day:%B} {day.year}" if lang == "en" else f"{day.year}年{day.month}月"
            stops = ".!?" if lang == "en" else "。！？"
            begins = plain(made.text).split("\n", 1)[0]
            sentences = [one for one in begins.translate({ord(stop): "." for stop in stops}).split(".") if one.strip()]
            assert month in ".".join(sentences[:2]), (name, begins)
            later = knowledge.tell(name, lang, TODAY, manner=Manner(cited=frozenset(knowledge.library.sources)))
            assert knowledge.say("as_of", lang, month=month) not in later.text


@LANGS
def test_the_gibberish_of_the_translation_is_never_told(knowledge: Knowledge, lang: Language) -> None:
    for name, topic in knowledge.library.topics.items():
        for term in (knowledge.library.terms[one] for one in topic.rests_on):
            if term.doubtful and term.says.lower() not in f"{term.en} {term.note}".lower():
                for _, made in told(knowledge, name, lang):
                    assert f"“{term.says}”" not in made.about + footer_of(made), (name, term.id)
