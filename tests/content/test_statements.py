"""Each statement of the articles is told by a fact, in both languages, and no fact says more than they do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.knowledge.knowledge import Knowledge
from bot.model import LANGUAGES

TABLE: dict[str, list[dict[str, Any]]] = yaml.load(
    (Path(__file__).parent / "statements.yaml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader
)
STATEMENTS = TABLE["statements"]
KEYS = {"source", "at", "says"}


def name(row: dict[str, Any]) -> str:
    return f"{row['source']}: {row['says']}"


def test_every_statement_is_told_or_excused() -> None:
    for row in STATEMENTS:
        assert row.keys() >= KEYS, row
        assert bool(row.get("told")) != bool(row.get("none")), f"{name(row)}: say who tells it, or why nobody does"


@pytest.mark.parametrize("row", [row for row in STATEMENTS if row.get("told")], ids=name)
def test_a_statement_is_told_in_both_languages(knowledge: Knowledge, row: dict[str, Any]) -> None:
    for place in row["told"]:
        topic, _, part = place.partition(".")
        assert topic in knowledge.library.topics, place
        assert row["source"] in knowledge.library.sources
        for lang in LANGUAGES:
            texts = knowledge.texts[topic, lang]
            assert part in texts, f"there is no {place}"
            said = texts[part].replace("**", "").lower()
            assert [word for word in row[lang] if word.lower() not in said] == [], f"{place}: {said}"


@pytest.mark.parametrize("row", [row for row in STATEMENTS if row.get("reads")], ids=name)
def test_a_doubtful_reading_is_named_where_an_answer_rests_on_it(knowledge: Knowledge, row: dict[str, Any]) -> None:
    terms = knowledge.library.terms
    assert set(row["reads"]) <= terms.keys()
    for place in row["told"]:
        topic = knowledge.topic(place.partition(".")[0])
        assert {term for term in row["reads"] if terms[term].doubtful} <= set(topic.rests_on), place


def test_no_fact_says_more_than_the_articles(knowledge: Knowledge) -> None:
    told = {place for row in STATEMENTS for place in row.get("told", ())}
    own = {row["fact"] for row in TABLE["ours"] if row["because"]}
    facts = {f"{topic.id}.{fact.id}" for topic in knowledge.library.topics.values() for fact in topic.facts}
    assert facts - told - own == set()
    assert own - facts == set()


def test_a_fact_cites_the_article_that_states_it(knowledge: Knowledge) -> None:
    """A fact that several articles state cites one of them."""
    stated: dict[str, set[str]] = {}
    for row in STATEMENTS:
        for place in row.get("told", ()):
            stated.setdefault(place, set()).add(row["source"])
    for topic in knowledge.library.topics.values():
        for fact in topic.facts:
            place = f"{topic.id}.{fact.id}"
            assert place not in stated or (fact.source or topic.source) in stated[place], place
