"""Conditions of a check as rows of a form, "question, relation, value", and back; other conditions are texts."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import yaml

from bot.checks.check import NOTHING, NUMBERS, Question
from bot.checks.condition import JOINING, LIMITS
from bot.content.tree import Loader, Plain
from bot.language.normalize import loose_key
from bot.model import LANGUAGES, Language

IS = "is"
CHOOSING = ("any of", "none of", "all of")
RELATIONS = (IS, *CHOOSING[1:], NOTHING, *LIMITS)
BETWEEN = re.compile(r"\s*[,，、]\s*")


@dataclass(frozen=True)
class Row:
    """One test: all of a condition's rows have to hold. `words`: the values as merchants read them."""

    question: str = ""
    relation: str = IS
    value: str = ""
    words: str = ""


def rows_of(raw: Plain, questions: Mapping[str, Question], lang: Language) -> list[Row] | None:
    """Return a condition's rows, or None if rows cannot say it."""
    if raw is None:
        return []
    if not isinstance(raw, dict) or set(raw) & set(JOINING):
        return None
    found: list[Row] = []
    for name, test in raw.items():
        one = questions.get(name)
        tests = test.items() if isinstance(test, dict) else [(IS, test)]
        for relation, value in tests:
            relation = IS if relation == "any of" else relation
            if isinstance(value, dict) or relation not in RELATIONS:
                return None
            if relation == IS and value == NOTHING:
                found.append(Row(name, NOTHING))
                continue
            values = [str(each) for each in value] if isinstance(value, list) else [str(value or "")]
            found.append(Row(name, relation, ", ".join(values), words(one, values, lang)))
    return found


def words(question: Question | None, values: Sequence[str], lang: Language) -> str:
    """Return the labels of values, "" where they say nothing more."""
    labels = {one.id: one.label[lang] for one in question.options} if question else {}
    told = [labels[one] for one in values if one in labels]
    return " / ".join(told)


def condition_of(rows: Sequence[Row], questions: Mapping[str, Question]) -> Plain:
    """Return the condition that rows say, None without any. Of two rows of one question both hold."""
    made: dict[str, dict[str, Plain]] = {}
    for row in rows:
        if not row.question:
            continue
        one = questions.get(row.question)
        tests = made.setdefault(row.question, {})
        if row.relation == NOTHING:
            tests[IS] = NOTHING
        elif row.relation in LIMITS or (one is not None and one.kind in NUMBERS):
            tests["exactly" if row.relation == IS else row.relation] = row.value
        else:
            tests[row.relation] = values_of(row.value, one)
    return {name: plain(tests) for name, tests in made.items()} or None


def plain(tests: Mapping[str, Plain]) -> Plain:
    """Return a question's tests in their shortest form, as files have them."""
    if set(tests) == {IS}:
        value = tests[IS]
        return value[0] if isinstance(value, list) and len(value) == 1 else value
    if set(tests) == {"exactly"}:
        return tests["exactly"]
    return {"any of" if relation == IS else relation: value for relation, value in tests.items()}


def values_of(text: str, question: Question | None) -> list[Plain]:
    """Return the ids of values given by their ids or labels."""
    labels = {
        loose_key(one.label[lang]): one.id for one in (question.options if question else ()) for lang in LANGUAGES
    }
    ids = {one.id for one in question.options} if question else set()
    if question and loose_key(text) in labels:
        return [labels[loose_key(text)]]
    named = [one for one in BETWEEN.split(text.strip()) if one]
    return [one if one in ids else labels.get(loose_key(one), one) for one in named]


def as_text(raw: Plain) -> str:
    """Return a condition as a file has it, for those that rows cannot say."""
    return str(yaml.safe_dump(raw, allow_unicode=True, sort_keys=False, default_flow_style=None, width=100)).strip()


def of_text(text: str) -> Plain:
    """Read `as_text`. Raises ValueError."""
    try:
        found: Plain = yaml.load(text, Loader=Loader) if text.strip() else None
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error
    if found is not None and not isinstance(found, dict):
        raise ValueError(text[:100])
    return found


def same(one: Plain, other: Plain) -> bool:
    """Compare conditions by what they say: "any of: [a]", [a] and a are the same, as are a limit 3 and "3"."""
    return normal(one) == normal(other)


def normal(raw: Plain) -> object:
    if isinstance(raw, dict):
        return {key: normal(each) for key, each in raw.items()} if set(raw) != {"any of"} else normal(raw["any of"])
    if isinstance(raw, list):
        return normal(raw[0]) if len(raw) == 1 and not isinstance(raw[0], dict) else [normal(each) for each in raw]
    return raw
