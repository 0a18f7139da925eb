"""Guided checks: the fact sheet's tables, "I don't know", what would change a verdict, and broken checks."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.checks import (
    Answers,
    BadAnswers,
    Check,
    Logic,
    Unsound,
    as_json,
    decide,
    diagram,
    drop_inapplicable,
    estimate_left,
    logic,
    next_question,
    parse_answers,
    plain_value,
    prove,
    values_for,
)
from bot.content.kinds import Figures
from bot.content.templates import Templates
from bot.knowledge.library import load
from bot.model import LANGUAGES
from tests.check_paths import paths

CONTENT = Path(__file__).resolve().parents[2] / "knowledge"
CHECKS = sorted(path.stem for path in (CONTENT / "checks").glob("*.yaml"))
Raw = dict[str, Any]
Verdicts = set[tuple[str, str]]  # (verdict or "note", topic)


def plain_yaml(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)


@cache
def figures() -> Mapping[str, Mapping[str, int]]:
    return {
        group: {name: int(number) for name, number in entries.items()}
        for group, entries in plain_yaml(CONTENT / "figures.yaml").items()
    }


@cache
def shipped(name: str) -> Logic:
    return logic(Check.model_validate(plain_yaml(CONTENT / "checks" / f"{name}.yaml") | {"id": name}), figures())


@cache
def render() -> Any:
    library, _ = load([])
    return Templates(library.data).render


def verdict(name: str, answers: Raw) -> str:
    one = shipped(name)
    return decide(one, parse_answers(one, answers), with_changes=False).verdict


def found(name: str, answers: Raw) -> Verdicts:
    one = shipped(name)
    decision = decide(one, parse_answers(one, answers), with_changes=False)
    return {(rule.verdict, rule.topic) for rule in (*decision.findings, *decision.notes)}


# --- the fact sheet, written down a second time ---------------------------------------------------------------------

STRENGTH = ("eligible", "conditional", "ask", "not_eligible")
SERVING = {"bank_statement", "tax_return", "export_declaration", "competitor_backend"}
DOCUMENTS: list[list[str]] = [[], ["personal_statement"], ["tax_return"], ["bank_statement", "personal_statement"]]
DOCUMENTS += [["export_declaration"], ["competitor_backend", "tax_return"]]


def store_entry(a: Raw) -> Iterator[tuple[str, str]]:
    match a["business_type"]:
        case "self_employed":
            yield "not_eligible", "entry-self-employed"
        case "none":
            yield "not_eligible", "entry-conditions"
    if a["company_country"] == "other":
        yield "ask", "registration-country"
    if a["invitation_category"] == "not_invited":
        yield "not_eligible", "entry-invitation"
    if a["trademark_needed"] == "yes":
        if a["trademark_status"] == "none" or a["trademark_covers"] == "no":
            yield "not_eligible", "entry-trademark"
        if a["trademark_status"] == "accepted":
            yield "note", "trademark-add"
    if a["alipay"] == "none":
        yield "conditional", "authentication-methods"
    if a["alipay"] == "legal_person":
        yield "note", "authentication-legal-person"
    if a["email"] == "used":
        yield "note", "registration-email"
    if a["accounts_already"] >= 6:
        yield "not_eligible", "authentication-limit"
    if a["deposit_cny"] < 50_000:
        yield "conditional", "deposit-amount"


def medal(a: Raw) -> Iterator[tuple[str, str]]:
    if a["monthly_gmv_usd"] >= 10_000:
        yield "conditional", "medal-gmv"
    elif a["strengths"]:
        yield "ask", "medal-preferred-access"
    else:
        yield "not_eligible", "medal-gmv"


def mall(a: Raw) -> Iterator[tuple[str, str]]:
    unready = a["qualifications"] == "not_ready" if a["store"] == "none" else a["data_optimised"] == "no"
    unproven = not SERVING & set(a["turnover_proof"])
    if unready:
        yield "conditional", "mall-apply"
    if unproven:
        yield "conditional", "turnover-proof"
    if not unready and not unproven:
        yield "ask", "mall-standards"


def commission_refund(a: Raw) -> Iterator[tuple[str, str]]:
    early = a["store_age_days"] <= 180
    if a["tier"] == "none":
        yield "not_eligible", "benefit-commission-refund"
    elif early and a["tier"] != "mall":
        yield "ask", "benefit-commission-refund"
    else:
        yield "conditional", "benefit-commission-refund"


def turnover_proof(a: Raw) -> Iterator[tuple[str, str]]:
    yield ("eligible" if SERVING & set(a["documents"]) else "conditional"), "turnover-proof"
    if "personal_statement" in a["documents"]:
        yield "note", "turnover-proof"


def authentication(a: Raw) -> Iterator[tuple[str, str]]:
    if a["enterprise_alipay"] == "yes":
        yield "eligible", "authentication-enterprise-alipay"
    elif a["legal_person_alipay"] == "yes":
        yield "eligible", "authentication-legal-person"
    else:
        yield "conditional", "authentication-methods"
    if a["accounts_already"] >= 6:
        yield "not_eligible", "authentication-limit"
    yield "note", "authentication-change"


def deposit(a: Raw) -> Iterator[tuple[str, str]]:
    yield "eligible", "deposit-several-categories"


def benefits(a: Raw) -> Iterator[tuple[str, str]]:
    yield "eligible", "benefits-overview"
    yield "eligible", "benefit-commission-refund"


Oracle = Callable[[Raw], Iterator[tuple[str, str]]]
AGES = [0, 179, 180, 181, 5000]
SHEET: dict[str, tuple[Oracle, dict[str, list[Any]]]] = {
    "store-entry": (
        store_entry,
        {
            "business_type": ["company", "self_employed", "none"],
            "company_country": ["china", "other"],
            "invitation_category": ["no", "invited", "not_invited"],
            "trademark_needed": ["yes", "no"],
            "trademark_status": ["registered", "accepted", "authorised", "none"],
            "trademark_covers": ["yes", "no"],
            "alipay": ["enterprise", "legal_person", "none"],
            "email": ["new", "used"],
            "accounts_already": [5, 6],
            "deposit_cny": [9999.99, 10_000, 49_999.99, 50_000],
        },
    ),
    "medal": (
        medal,
        {
            "monthly_gmv_usd": [0, 9999.99, 10_000, 10**9],
            "strengths": [
                [],
                ["store"],
                ["brand", "goods"],
                ["supply_chain"],
                ["store", "brand", "goods", "supply_chain"],
            ],
        },
    ),
    "mall": (
        mall,
        {
            "store": ["none", "open"],
            "qualifications": ["ready", "not_ready"],
            "data_optimised": ["yes", "no"],
            "turnover_proof": DOCUMENTS,
        },
    ),
    "commission-refund": (commission_refund, {"tier": ["mall", "gold", "silver", "none"], "store_age_days": AGES}),
    "turnover-proof": (turnover_proof, {"documents": DOCUMENTS}),
    "authentication": (
        authentication,
        {"enterprise_alipay": ["yes", "no"], "legal_person_alipay": ["yes", "no"], "accounts_already": [0, 5, 6, 7]},
    ),
    "deposit": (deposit, {"category_deposits": [[10_000], [50_000], [10_000, 30_000, 20_000]]}),
    "benefits": (benefits, {"tier": ["mall", "gold", "silver"], "store_age_days": AGES}),
}


def combinations(questions: Mapping[str, Sequence[Any]]) -> Iterator[Raw]:
    for values in itertools.product(*questions.values()):
        yield dict(zip(questions, values, strict=True))


def strongest(findings: Iterator[tuple[str, str]]) -> str:
    return max((name for name, _ in findings if name != "note"), key=STRENGTH.index, default="eligible")


def over_completions(verdicts: set[str]) -> str:
    if len(verdicts) == 1:
        return next(iter(verdicts))
    return "conditional" if verdicts & {"eligible", "conditional"} else "ask"


@pytest.mark.parametrize("name", CHECKS)
def test_agrees_with_the_fact_sheet_for_every_combination_of_answers(name: str) -> None:
    oracle, questions = SHEET[name]
    for answers in combinations(questions):
        expected = set(oracle(answers))
        given = found(name, answers)
        assert verdict(name, answers) == strongest(oracle(answers)), answers
        assert {one for one in given if one[0] != "eligible"} == {one for one in expected if one[0] != "eligible"}, (
            answers
        )
        assert expected <= given, answers


@pytest.mark.parametrize("name", CHECKS)
def test_unknown_answers_stand_for_every_completion(name: str) -> None:
    oracle, questions = SHEET[name]
    open_too = {question: [*values, "unknown"] for question, values in questions.items()}
    states = combinations(open_too) if name != "store-entry" else itertools.islice(combinations(open_too), 0, None, 211)
    table = {str(answers): strongest(oracle(answers)) for answers in combinations(questions)}
    for answers in states:
        if sum(answer == "unknown" for answer in answers.values()) > 4:
            continue
        completions = combinations(
            {q: values if answers[q] == "unknown" else [answers[q]] for q, values in questions.items()}
        )
        expected = over_completions({table[str(one)] for one in completions})
        assert verdict(name, answers) == expected, answers


@pytest.mark.parametrize("name", CHECKS)
def test_missing_answers_count_as_unknown(name: str) -> None:
    _, questions = SHEET[name]
    for question in questions:
        answers = {other: values[0] for other, values in questions.items() if other != question}
        assert verdict(name, answers) == verdict(name, answers | {question: "unknown"})


# --- the shipped checks ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CHECKS)
def test_shipped_check_is_proven_entirely(name: str) -> None:
    report = prove(shipped(name).check, figures())
    assert report.problems == ()
    assert report.paths == sum(1 for _ in paths(shipped(name)))


def raw(answers: Answers) -> dict[str, Any]:
    """Convert answers into the values that `parse_answers` takes."""
    return {name: plain_value(answer) for name, answer in answers.given.items()} | dict.fromkeys(
        answers.unknown, "unknown"
    )


@pytest.mark.parametrize("name", CHECKS)
def test_every_decision_renders_in_both_languages(name: str) -> None:
    one = shipped(name)
    _, questions = SHEET[name]
    states = itertools.islice(combinations({q: [*values, "unknown"] for q, values in questions.items()}), 0, None, 997)
    for answers in [*(raw(answers) for answers, _ in paths(one)), {}, *(states if name == "store-entry" else ())]:
        for lang in LANGUAGES:
            told = as_json(decide(one, parse_answers(one, answers)), lang, render())
            assert told["headline"]
            assert all(reason["text"] for reason in told["reasons"])
            assert "None" not in str([reason["text"] for reason in told["reasons"]])


@pytest.mark.parametrize("name", CHECKS)
def test_every_text_of_a_check_renders(name: str) -> None:
    one = shipped(name)
    for path, text in one.check.texts():
        for lang in LANGUAGES:
            assert render()(text[lang], lang, **values_for(one.check, Answers(), lang), more=6000, less=1, to=10_000), (
                path
            )


def test_start_phrasings_are_many_and_claimed_once() -> None:
    seen: dict[str, str] = {}
    for name in CHECKS:
        for lang in LANGUAGES:
            phrasings = shipped(name).check.start[lang]
            assert len(phrasings) >= 12
            for phrasing in phrasings:
                assert seen.setdefault(phrasing.casefold(), name) == name, phrasing
            assert len(set(phrasings)) == len(phrasings)


# --- asking ---------------------------------------------------------------------------------------------------------


def ask_through(name: str, answers: Raw, *, go_on: bool = False) -> list[str]:
    """The questions in the order in which they are put to a merchant with these answers."""
    one, told, asked = shipped(name), Answers(), []
    while (question := next_question(one, told, go_on=go_on)) is not None:
        asked.append(question.id)
        whole = parse_answers(one, {question.id: answers.get(question.id, "unknown")})
        told = told.with_(question.id, whole.given.get(question.id))
    return asked


def test_stops_at_once_after_not_eligible() -> None:
    assert ask_through("store-entry", {"business_type": "self_employed"}) == ["business_type"]


def test_goes_on_after_not_eligible_if_the_merchant_wants() -> None:
    asked = ask_through("store-entry", {"business_type": "self_employed", "trademark_needed": "no"}, go_on=True)
    assert asked == [
        "business_type", "company_country", "invitation_category", "trademark_needed", "alipay", "email",
        "accounts_already", "deposit_cny",
    ]  # fmt: skip


def test_trademark_questions_are_asked_only_where_one_is_needed() -> None:
    company = {"business_type": "company", "company_country": "china", "invitation_category": "no"}
    assert "trademark_status" not in ask_through("store-entry", company | {"trademark_needed": "no"})
    needed = ask_through("store-entry", company | {"trademark_needed": "yes", "trademark_status": "registered"})
    assert needed[3:6] == ["trademark_needed", "trademark_status", "trademark_covers"]


def test_age_of_the_store_is_not_asked_of_those_without_a_tier() -> None:
    assert ask_through("commission-refund", {"tier": "none"}, go_on=True) == ["tier"]


def test_an_answer_that_shows_only_in_a_text_is_asked_for() -> None:
    assert ask_through("deposit", {}) == ["category_deposits"]


def test_remaining_goes_down_to_nothing() -> None:
    one = shipped("store-entry")
    told, counts = Answers(), []
    while (question := next_question(one, told)) is not None:
        counts.append(estimate_left(one, told))
        told = told.with_(question.id, one.classes[one.index[question.id]].example(0))
    assert counts == sorted(counts, reverse=True)
    assert counts[0] <= 10
    assert estimate_left(one, told) == 0


def test_answers_to_questions_that_do_not_apply_are_ignored_and_named() -> None:
    one = shipped("store-entry")
    decision = decide(
        one, parse_answers(one, {"trademark_needed": "no", "trademark_status": "none", "trademark_covers": "no"})
    )
    assert decision.ignored == ("trademark_status", "trademark_covers")
    assert "trademark_status" not in decision.asked
    assert decision.verdict == "conditional"


def test_a_correction_drops_the_answers_that_no_longer_apply() -> None:
    one = shipped("medal")
    answers = parse_answers(one, {"monthly_gmv_usd": 12_000, "strengths": ["goods"]})
    assert drop_inapplicable(one, answers) == (parse_answers(one, {"monthly_gmv_usd": 12_000}), ("strengths",))


def test_open_questions_say_where_their_values_lead() -> None:
    one = shipped("store-entry")
    answers = {question: values[0] for question, values in SHEET["store-entry"][1].items()} | {"deposit_cny": 50_000}
    open_here = as_json(
        decide(one, parse_answers(one, answers | {"business_type": "unknown", "accounts_already": "unknown"})),
        "en",
        render(),
    )
    assert open_here["verdict"] == "conditional"
    assert open_here["open"] == [
        {
            "question": "business_type",
            "leads_to": {"company": "conditional", "self_employed": "not_eligible", "none": "not_eligible"},
        },
        {"question": "accounts_already", "leads_to": {"below 6": "conditional", "6 or more": "not_eligible"}},
    ]


# --- what would change it -------------------------------------------------------------------------------------------


def test_self_employed_would_need_a_company_licence() -> None:
    told = as_json(answered("store-entry", {"business_type": "self_employed"}), "en", render())
    assert [(one["text"], one["answers"]) for one in told["would_change"]] == [
        ("a company licence", {"business_type": "company"})
    ]


def test_deposit_that_is_too_low_names_how_much_more() -> None:
    fine = {
        "business_type": "company",
        "company_country": "china",
        "invitation_category": "no",
        "trademark_needed": "no",
    }
    fine |= {"alipay": "enterprise", "email": "new"}
    told = as_json(answered("store-entry", fine | {"accounts_already": 0, "deposit_cny": 4000}), "en", render())
    assert [(one["text"], one["verdict"]) for one in told["would_change"]] == [
        ("CNY 46,000 more in deposit", "eligible"),
        ("CNY 6,000 more in deposit", "conditional"),
    ]


def test_where_no_single_change_is_enough_the_way_out_is_told_together() -> None:
    answers = {"business_type": "self_employed", "company_country": "china", "invitation_category": "not_invited"}
    answers |= {"trademark_needed": "no", "alipay": "none", "email": "new"}
    decision = answered("store-entry", answers | {"accounts_already": 0, "deposit_cny": 4000})
    assert {change.verdict for change in decision.would_change} == {"not_eligible"}
    assert decision.together is not None
    assert decision.together.verdict == "eligible"
    moves = {move.question.id: move.to for move in decision.together.moves}
    assert moves == {
        "business_type": "company",
        "invitation_category": "no",
        "alipay": "enterprise",
        "deposit_cny": 50_000,
    }


def test_a_change_that_is_enough_by_itself_needs_no_way_together() -> None:
    decision = answered("store-entry", {"business_type": "self_employed", "trademark_needed": "no"})
    assert decision.together is None


@pytest.mark.parametrize(
    ("name", "answers"),
    [
        ("medal", {"monthly_gmv_usd": 100, "strengths": []}),
        ("mall", {"store": "open", "data_optimised": "no", "turnover_proof": []}),
    ],
)
def test_where_nothing_he_answers_settles_it_the_last_word_is_told_instead(name: str, answers: Raw) -> None:
    decision = answered(name, answers)
    assert decision.would_change == ()
    assert decision.last_word is not None


def test_an_eligible_verdict_needs_no_change() -> None:
    decision = answered("turnover-proof", {"documents": ["tax_return"]})
    assert (decision.verdict, decision.would_change, decision.last_word) == ("eligible", (), None)


def answered(name: str, answers: Raw) -> Any:
    return decide(shipped(name), parse_answers(shipped(name), answers))


# --- generated checks against brute force ---------------------------------------------------------------------------

TEXT = {"en": "x", "zh": "字"}
LETTERS = "abcd"


def small(questions: Sequence[Raw], rules: Sequence[Raw]) -> Check:
    """A check of bare questions and rules, with the words that every check must have."""
    words = dict.fromkeys(("name", "ask", "why", "how_to_find_out"), TEXT)
    return Check.model_validate(
        {
            "id": "small",
            "title": TEXT,
            "intro": TEXT,
            "start": {"en": ["x"], "zh": ["字"]},
            "verdicts": dict.fromkeys((*STRENGTH, "open"), TEXT),
            "questions": [words | question for question in questions],
            "rules": [{"topic": "t", "text": TEXT} | rule for rule in rules],
            "examples": [],
        }
    )


def value(name: str, *, within_reach: bool = False) -> Raw:
    return {"id": name, "label": TEXT} | ({"within_reach": TEXT} if within_reach else {})


@st.composite
def question_data(draw: st.DrawFn, number: int) -> Raw:
    kind = draw(st.sampled_from(["choice", "choice", "yes_no", "choices", "whole_number"]))
    question: Raw = {"id": f"q{number}", "kind": kind}
    if kind in ("choice", "choices"):
        names = LETTERS[: draw(st.integers(2, 3))]
        question["values"] = [value(name, within_reach=draw(st.booleans())) for name in names]
    if kind == "yes_no":
        question["values"] = [value(name, within_reach=draw(st.booleans())) for name in ("yes", "no")]
    if kind == "whole_number":
        question["highest"] = "4"
        question["within_reach"] = {"more": TEXT}
    return question


@st.composite
def condition_data(draw: st.DrawFn, questions: Sequence[Raw], depth: int = 1) -> Raw:
    condition: Raw = {}
    for question in draw(st.lists(st.sampled_from(questions), min_size=1, max_size=2, unique_by=lambda one: one["id"])):
        names = [one["id"] for one in question.get("values", [])]
        some: st.SearchStrategy[list[str]] = st.nothing()
        if names:
            some = st.lists(st.sampled_from(names), min_size=1, max_size=2, unique=True)
        match question["kind"]:
            case "whole_number":
                condition[question["id"]] = {
                    draw(st.sampled_from(["below", "at least", "at most", "above"])): str(draw(st.integers(1, 3)))
                }
            case "choices":
                condition[question["id"]] = draw(
                    st.just("nothing")
                    | some.map(list)
                    | some.map(lambda one: {"all of": one})
                    | some.map(lambda one: {"none of": one})
                )
            case _:
                condition[question["id"]] = draw(st.sampled_from(names) | some.map(lambda one: {"none of": one}))
    if depth and draw(st.booleans()):
        part = condition_data(questions, depth - 1)
        condition[draw(st.sampled_from(["any", "all"]))] = draw(st.lists(part, min_size=1, max_size=2))
    if depth and draw(st.integers(0, 3)) == 0:
        condition["not"] = draw(condition_data(questions, 0))
    return condition


@st.composite
def check_data(draw: st.DrawFn) -> tuple[list[Raw], list[Raw]]:
    questions: list[Raw] = []
    for number in range(draw(st.integers(2, 4))):
        question = draw(question_data(number))
        if questions and draw(st.integers(0, 2)) == 0:
            question["ask_if"] = draw(condition_data(questions, 0))
        questions.append(question)
    rules: list[Raw] = [
        {"id": f"r{n}", "when": draw(condition_data(questions)), "verdict": draw(st.sampled_from([*STRENGTH, "note"]))}
        for n in range(draw(st.integers(1, 5)))
    ]
    for rule in rules:
        rule["light"] = draw(st.booleans())
    return questions, rules


def possible(question: Raw) -> list[Any]:
    names = [one["id"] for one in question.get("values", [])]
    match question["kind"]:
        case "whole_number":
            return list(range(5))
        case "choices":
            return [list(some) for size in range(len(names) + 1) for some in itertools.combinations(names, size)]
        case _:
            return names


class BruteForce:
    """The meaning of a check, spelt out over every combination of answers."""

    def __init__(self, questions: Sequence[Raw], rules: Sequence[Raw]) -> None:
        self.questions = {question["id"]: question for question in questions}
        self.rules = rules
        self.cache: dict[str, frozenset[int]] = {}

    def asked(self, name: str, answers: Raw) -> bool:
        condition = self.questions[name].get("ask_if")
        return condition is None or self.true(condition, answers)

    def true(self, condition: Raw, answers: Raw, wanted: bool = True) -> bool:
        parts = [self.part(key, raw, answers, wanted) for key, raw in condition.items()]
        return all(parts) if wanted else any(parts)

    def part(self, key: str, raw: Any, answers: Raw, wanted: bool) -> bool:
        if key == "not":
            return self.true(raw, answers, not wanted)
        if key in ("all", "any"):
            parts = [self.true(one, answers, wanted) for one in raw]
            return all(parts) if (key == "all") is wanted else any(parts)
        return self.asked(key, answers) and self.meets(raw, answers[key]) is wanted

    def meets(self, raw: Any, answer: Any) -> bool:
        if isinstance(answer, int):
            ((word, limit),) = raw.items()
            number = int(limit)
            return {
                "below": answer < number,
                "at least": answer >= number,
                "at most": answer <= number,
                "above": answer > number,
            }[word]
        chosen = set(answer) if isinstance(answer, list) else {answer}
        if raw == "nothing":
            return not chosen
        if isinstance(raw, dict):
            ((word, names),) = raw.items()
            return {"all of": set(names) <= chosen, "none of": not set(names) & chosen}[word]
        return bool(chosen & ({raw} if isinstance(raw, str) else set(raw)))

    def firing(self, answers: Raw) -> frozenset[int]:
        key = str(answers)
        if key not in self.cache:
            self.cache[key] = frozenset(n for n, rule in enumerate(self.rules) if self.true(rule["when"], answers))
        return self.cache[key]

    def completions(self, answers: Raw) -> list[Raw]:
        return list(
            combinations(
                {name: [answers[name]] if name in answers else possible(one) for name, one in self.questions.items()}
            )
        )

    def final(self, fired: frozenset[int]) -> str:
        return strongest((self.rules[n]["verdict"], "") for n in sorted(fired))

    def outcome(self, answers: Raw) -> tuple[str, frozenset[int]]:
        """The verdict over all completions, and the rules that fire in each."""
        all_fired = [self.firing(one) for one in self.completions(answers)]
        return over_completions({self.final(one) for one in all_fired}), frozenset.intersection(*all_fired)

    def matters(self, name: str, answers: Raw) -> bool:
        outcomes: dict[str, set[frozenset[int]]] = {}
        for one in self.completions(answers):
            rest = str({other: given for other, given in one.items() if other != name})
            outcomes.setdefault(rest, set()).add(self.firing(one))
        return any(len(fired) > 1 for fired in outcomes.values())

    def weight(self, answers: Raw) -> tuple[int, ...]:
        final, certain = self.outcome(answers)
        counts = [0] * 6
        for n in certain:
            if self.rules[n]["verdict"] not in ("note", "eligible"):
                counts[2 * (3 - STRENGTH.index(self.rules[n]["verdict"])) + bool(self.rules[n]["light"])] += 1
        return (STRENGTH.index(final), *counts)


@st.composite
def situation(draw: st.DrawFn) -> tuple[list[Raw], list[Raw], Raw]:
    questions, rules = draw(check_data())
    answers = {}
    for question in questions:
        if draw(st.integers(0, 2)):
            answers[question["id"]] = draw(st.sampled_from(possible(question)))
    return questions, rules, answers


@settings(max_examples=300, deadline=None, derandomize=True)
@given(situation())
def test_generated_checks_decide_as_brute_force_does(case: tuple[list[Raw], list[Raw], Raw]) -> None:
    questions, rules, answers = case
    truth = BruteForce(questions, rules)
    one = logic(small(questions, rules), {})
    decision = decide(one, parse_answers(one, answers), go_on=True)
    final, certain = truth.outcome(answers)
    assert decision.verdict == final
    assert {rule.id for rule in (*decision.findings, *decision.notes)} == {f"r{n}" for n in certain}
    mattering = {name for name in truth.questions if name not in answers and truth.matters(name, answers)}
    assert {one.question.id for one in decision.open} == mattering
    asked = next_question(one, parse_answers(one, answers), go_on=True)
    assert (asked is None) == (not mattering)
    refused = {truth.final(truth.firing(every)) for every in truth.completions(answers)} == {"not_eligible"}
    assert (next_question(one, parse_answers(one, answers)) is None) == (refused or not mattering)
    for still in decision.open:
        for lead in still.leads_to:
            name = still.question.id
            tries: list[Any] = [list(some) if still.question.kind == "choices" else some[0] for some in lead.values]
            if still.question.kind == "whole_number":
                tries = list(range(int(lead.low or 0), int(4 if lead.high is None else lead.high) + 1))
            for answer in tries:
                assert truth.outcome(answers | {name: answer})[0] == lead.verdict


@settings(max_examples=300, deadline=None, derandomize=True)
@given(situation())
def test_changes_are_the_smallest_that_brute_force_finds(case: tuple[list[Raw], list[Raw], Raw]) -> None:
    questions, rules, answers = case
    truth = BruteForce(questions, rules)
    one = logic(small(questions, rules), {})
    base = truth.weight(answers)
    found_here = {
        frozenset((move.question.id, str(plain_value(move.to))) for move in change.moves)
        for change in decide(one, parse_answers(one, answers)).would_change
    }
    for change in found_here:
        assert truth.weight(changed(truth, answers, change)) < base
        for part in itertools.chain.from_iterable(
            itertools.combinations(change, size) for size in range(1, len(change))
        ):
            assert not truth.weight(changed(truth, answers, frozenset(part))) < base
    if truth.outcome(answers)[0] == "eligible":
        assert not found_here
        return
    # Complete: every set that makes it better changes at least the questions of one that was found.
    reachable = {name: list(reach(truth.questions[name], answer)) for name, answer in answers.items()}
    covered = {frozenset(name for name, _ in change) for change in found_here}
    for names in itertools.chain.from_iterable(itertools.combinations(answers, size) for size in (1, 2, 3)):
        for values in itertools.product(*(reachable[name] for name in names)):
            if truth.weight(answers | dict(zip(names, values, strict=True))) < base:
                assert any(part <= set(names) for part in covered), (names, values)


def reach(question: Raw, answer: Any) -> Iterator[Any]:
    names = [one["id"] for one in question.get("values", []) if "within_reach" in one]
    if question["kind"] == "whole_number":
        yield from range(answer + 1, 5)
    elif question["kind"] == "choices":
        addable = [name for name in names if name not in answer]
        yield from (sorted([*answer, *more]) for size in (1, 2, 3) for more in itertools.combinations(addable, size))
    else:
        yield from (name for name in names if name != answer)


def changed(truth: BruteForce, answers: Raw, change: frozenset[tuple[str, str]]) -> Raw:
    texts = {name: {str(value): value for value in possible(truth.questions[name])} for name, _ in change}
    return answers | {name: texts[name][to] for name, to in change}


# --- cases that a generator seldom meets ----------------------------------------------------------------------------

YES_NO = [value("yes", within_reach=True), value("no", within_reach=True)]
A, B, C = ({"id": name, "kind": "yes_no", "values": YES_NO} for name in "abc")


def decided(questions: Sequence[Raw], rules: Sequence[Raw], answers: Raw) -> Any:
    one = logic(small(questions, rules), {})
    return decide(one, parse_answers(one, answers))


def move_sets(decision: Any) -> set[frozenset[tuple[str, Any]]]:
    return {frozenset((move.question.id, move.to) for move in change.moves) for change in decision.would_change}


def test_a_finding_that_every_value_of_an_open_answer_gives_holds() -> None:
    either = {
        "id": "either",
        "when": {"any": [{"a": "yes"}, {"a": "no", "b": "yes"}, {"a": "no", "b": "no"}]},
        "verdict": "ask",
    }
    decision = decided([A, B], [either], {})
    assert [rule.id for rule in decision.findings] == ["either"]
    assert (decision.verdict, decision.undecided, decision.open) == ("ask", False, ())


def test_asking_stops_where_every_open_answer_refuses() -> None:
    rules = [{"id": name, "when": {"a": name}, "verdict": "not_eligible"} for name in ("yes", "no")]
    one = logic(small([A, B], [*rules, {"id": "b", "when": {"b": "yes"}, "verdict": "ask"}]), {})
    assert next_question(one, Answers()) is None
    assert decide(one, Answers()).verdict == "not_eligible"


def test_two_answers_that_help_only_together_are_one_change() -> None:
    rules = [{"id": "r", "when": {"any": [{"a": "no"}, {"b": "no"}]}, "verdict": "not_eligible"}]
    decision = decided([A, B, C], rules, {"a": "no", "b": "no", "c": "no"})
    assert move_sets(decision) == {frozenset({("a", "yes"), ("b", "yes")})}


def test_a_change_that_helps_alone_is_not_told_together_with_another() -> None:
    rules = [
        {"id": "first", "when": {"a": "no"}, "verdict": "not_eligible"},
        {"id": "second", "when": {"any": [{"b": "no"}, {"c": "no"}]}, "verdict": "conditional"},
        {"id": "link", "when": {"a": "yes", "b": "yes"}, "verdict": "note"},
    ]
    decision = decided([A, B, C], rules, {"a": "no", "b": "no", "c": "no"})
    assert move_sets(decision) == {frozenset({("a", "yes")}), frozenset({("b", "yes"), ("c", "yes")})}


def test_a_change_that_brings_a_finding_as_heavy_needs_its_remedy_too() -> None:
    rules = [
        {"id": "first", "when": {"a": "no"}, "verdict": "not_eligible"},
        {"id": "second", "when": {"a": "yes", "b": "no"}, "verdict": "not_eligible"},
    ]
    assert move_sets(decided([A, B], rules, {"a": "no", "b": "no"})) == {frozenset({("a", "yes"), ("b", "yes")})}


def test_choices_that_are_needed_together_are_added_together() -> None:
    papers = {"id": "papers", "kind": "choices", "values": [value(name, within_reach=True) for name in "abc"]}
    rules = [{"id": "r", "when": {"not": {"papers": {"all of": ["a", "b"]}}}, "verdict": "conditional"}]
    decision = decided([papers], rules, {"papers": []})
    assert move_sets(decision) == {frozenset({("papers", frozenset("ab"))})}


def test_of_numbers_that_get_equally_far_only_the_nearest_is_told() -> None:
    amount = AMOUNT | {"within_reach": {"more": TEXT}}
    rules = [
        {"id": "low", "when": {"amount": {"below": "10"}}, "verdict": "conditional"},
        {"id": "high", "when": {"amount": {"at least": "20"}}, "verdict": "note"},
    ]
    (change,) = decided([amount], rules, {"amount": 4}).would_change
    assert [(move.to, move.more, move.less) for move in change.moves] == [(10, 6, None)]


def test_what_is_not_within_reach_is_never_proposed() -> None:
    fixed = {"id": "a", "kind": "yes_no", "values": [value("yes"), value("no")]}
    decision = decided([fixed], [{"id": "r", "when": {"a": "no"}, "verdict": "not_eligible"}], {"a": "no"})
    assert (decision.would_change, decision.last_word) == ((), None)


# --- bad answers ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "answers", "words"),
    [
        (
            "store-entry",
            {"bussiness": "company"},
            'no question is called "bussiness"; there are: business_type, company_country',
        ),
        (
            "store-entry",
            {"business_type": "compny"},
            'business_type: there is no value "compny"; did you mean "company"?',
        ),
        (
            "store-entry",
            {"business_type": 3},
            "business_type: 3 is not one of the values; there are: company, self_employed, none, unknown",
        ),
        ("store-entry", {"deposit_cny": -1}, "deposit_cny: -1 is outside what is possible"),
        ("store-entry", {"deposit_cny": 10**30}, "outside what is possible"),
        ("store-entry", {"deposit_cny": "10000"}, 'give an amount in CNY, written as a number, not the text "10000"'),
        ("store-entry", {"deposit_cny": float("nan")}, "give an amount in CNY"),
        ("store-entry", {"accounts_already": 1.5}, "accounts_already: give a whole number, not 1.5"),
        ("store-entry", {"accounts_already": True}, "give a whole number, not true"),
        ("deposit", {"category_deposits": [9_999.99]}, "from 10,000 to 50,000"),
        ("deposit", {"category_deposits": []}, "write a list of amounts, at least one"),
        ("deposit", {"category_deposits": 10_000}, "write a list of amounts"),
        ("turnover-proof", {"documents": "tax_return"}, "several values may be chosen; write a list of bank_statement"),
        ("turnover-proof", {"documents": ["tax"]}, 'there is no value "tax"'),
        ("turnover-proof", {"documents": [["tax_return"]]}, "documents: a list is not one of the values"),
    ],
)
def test_bad_answers_are_named_with_what_is_allowed(name: str, answers: Raw, words: str) -> None:
    with pytest.raises(BadAnswers) as wrong:
        parse_answers(shipped(name), answers)
    assert words in str(wrong.value)


def test_all_bad_answers_are_told_together() -> None:
    with pytest.raises(BadAnswers) as wrong:
        parse_answers(shipped("store-entry"), {"business_type": "x", "nothing_like_it": 1, "deposit_cny": -5})
    assert [bad.question for bad in wrong.value.bad] == ["business_type", "nothing_like_it", "deposit_cny"]
    assert [bad.said.code for bad in wrong.value.bad] == [
        "answer-no-value",
        "no-question-there-are",
        "answer-outside",
    ]


def test_answers_survive_being_kept_as_json() -> None:
    one = shipped("store-entry")
    answers = parse_answers(one, {"business_type": "company", "deposit_cny": 12_345.67, "email": "unknown"})
    assert parse_answers(one, raw(answers)) == answers
    assert answers.given["deposit_cny"] == Decimal("12345.67")


# --- broken checks --------------------------------------------------------------------------------------------------

LICENCE: Raw = {"id": "licence", "kind": "choice", "values": [value("company"), value("none")]}
AMOUNT: Raw = {"id": "amount", "kind": "amount", "currency": "CNY"}
FITS: Raw = {"id": "fits", "when": {"licence": "company"}, "verdict": "eligible"}
NO_LICENCE: Raw = {"id": "no-licence", "when": {"licence": "none"}, "verdict": "not_eligible"}


def problems_of(
    questions: Sequence[Raw], rules: Sequence[Raw], figures: Figures | None = None, **more: Any
) -> dict[tuple[Any, ...], str]:
    check = small(questions, rules).model_copy(update=more)
    report = prove(check, figures or {})
    return {problem.path: str(problem.said) for problem in report.problems if problem.path}


@pytest.mark.parametrize(
    ("questions", "rules", "path", "words"),
    [
        ([LICENCE], [FITS | {"when": {"license": "company"}}], ("rules", 0, "when", "license"), 'no question is called "license"; did you mean "licence"?'),
        ([LICENCE], [FITS | {"when": {"licence": "compani"}}], ("rules", 0, "when", "licence"), '"licence" has no value "compani"; did you mean "company"?'),
        ([LICENCE], [FITS | {"when": {"licence": {"any of": ["company", "gold"]}}}], ("rules", 0, "when", "licence", "any of", 1), '"licence" has no value "gold"; there are: company, none'),
        ([LICENCE], [FITS | {"when": {"licence": {"one of": ["company"]}}}], ("rules", 0, "when", "licence", "one of"), '"one of" cannot be said of a choice; write: any of, none of'),
        ([LICENCE], [FITS | {"when": {"licence": "unknown"}}], ("rules", 0, "when", "licence"), "works out what open answers can still change"),
        ([LICENCE], [FITS | {"when": "company"}], ("rules", 0, "when"), "a condition names a question and its value"),
        ([LICENCE], [FITS | {"when": {"any": {"licence": "company"}}}], ("rules", 0, "when", "any"), '"any" needs a list of conditions'),
        ([LICENCE, AMOUNT], [FITS, NO_LICENCE | {"when": {"amount": {"under": "5"}}}], ("rules", 1, "when", "amount", "under"), '"under" is no limit; write: below, at least, at most, above, exactly'),
        ([LICENCE, AMOUNT], [FITS, NO_LICENCE | {"when": {"amount": {"below": "ten"}}}], ("rules", 1, "when", "amount", "below"), '"ten" is not a number'),
        ([LICENCE, AMOUNT], [FITS, NO_LICENCE | {"when": {"amount": {"below": "deposit.lowst"}}}], ("rules", 1, "when", "amount", "below"), 'no figure is called "deposit.lowst"; did you mean "deposit.lowest"?'),
        ([LICENCE, AMOUNT], [FITS, NO_LICENCE | {"when": {"amount": {"below": "5", "at least": "9"}}}], ("rules", 1, "when", "amount"), 'no number of "amount" is within these limits'),
        ([LICENCE, AMOUNT], [FITS, NO_LICENCE | {"when": {"amount": ["5"]}}], ("rules", 1, "when", "amount"), '"amount" is a number; write a limit'),
        ([LICENCE | {"kind": "amount"}], [FITS], ("questions", 0, "values"), '"licence" is a number and has no values'),
        ([LICENCE, {"id": "amount", "kind": "amount"}], [FITS], ("questions", 1), 'is an amount and needs a currency: CNY or USD'),
        ([LICENCE, {"id": "colour", "kind": "choice"}], [FITS], ("questions", 1), '"colour" is a choice and needs "values"'),
        ([LICENCE, LICENCE], [FITS], ("questions", 1, "id"), 'the id "licence" stands here a second time'),
        ([LICENCE], [FITS, FITS], ("rules", 1, "id"), 'the id "fits" stands here a second time'),
        ([LICENCE | {"values": [value("unknown"), value("none")]}], [NO_LICENCE], ("questions", 0, "values", 0, "id"), 'a value cannot be called "unknown"'),
        ([LICENCE | {"id": "any"}], [FITS | {"when": None}], ("questions", 0, "id"), 'a question cannot be called "any"'),
        ([LICENCE | {"groups": {"good": ["company", "gold"]}}], [FITS], ("questions", 0, "groups", "good", 1), '"licence" has no value "gold"'),
        ([LICENCE, AMOUNT | {"lowest": "9", "highest": "5"}], [FITS], ("questions", 1, "highest"), '"highest" (5) is below "lowest" (9); exchange them'),
        ([LICENCE, AMOUNT], [FITS], ("questions", 1), '"amount" changes nothing: no rule, no ask_if and no text uses its answer'),
        ([LICENCE, AMOUNT | {"ask_if": {"licence": {"any of": ["none"], "none of": ["none"]}}}], [FITS, NO_LICENCE | {"when": {"amount": {"below": "5"}}}], ("questions", 1, "ask_if"), '"amount" is never asked'),
        ([LICENCE, AMOUNT | {"ask_if": {"licence": "none"}}], [FITS, NO_LICENCE, {"id": "low", "when": {"amount": {"below": "5"}}, "verdict": "ask"}], ("questions", 1, "ask_if"), "is asked only of merchants who are not eligible anyway"),
        ([LICENCE], [FITS, NO_LICENCE, {"id": "late", "when": {"licence": "none"}, "verdict": "ask"}], ("rules", 2), '"late" can never win: wherever it holds, a stronger finding does (no-licence)'),
        ([LICENCE, AMOUNT], [FITS, NO_LICENCE | {"when": {"licence": "none", "all": [{"licence": "company"}]}}], ("rules", 1, "when"), 'no answers fulfil the conditions of "no-licence"'),
        ([LICENCE, AMOUNT | {"lowest": "10"}], [FITS, NO_LICENCE | {"when": {"amount": {"below": "10"}}}], ("rules", 1, "when"), 'no answers fulfil the conditions of "no-licence"'),
        ([LICENCE], [FITS, {"id": "again", "when": {"licence": {"none of": ["none"]}}, "verdict": "conditional", "topic": "other"}], ("rules", 1, "when"), '"again" (conditional) and "fits" (eligible) hold for exactly the same answers'),
        ([LICENCE, AMOUNT], [FITS, NO_LICENCE | {"when": {"amount": {"below": "5"}}}], ("rules", 1), '"no-licence" (not_eligible) and "fits" (eligible) can both hold and speak of the same topic'),
        ([LICENCE], [FITS | {"text": {"en": "{{ answers.licenc }}", "zh": "字"}}], ("rules", 0, "text", "en"), 'no question is called "licenc"; did you mean "licence"?'),
        ([LICENCE], [FITS | {"text": {"en": "{% if %}", "zh": "字"}}], ("rules", 0, "text", "en"), "this is not a template"),
        ([LICENCE | {"ask": {"en": "{{ answers.licence }}", "zh": "字"}}], [FITS], ("questions", 0, "ask", "en"), "a question cannot speak of answers"),
    ],
)  # fmt: skip
def test_a_broken_check_is_told_where_and_what_would_be_right(
    questions: list[Raw], rules: list[Raw], path: tuple[Any, ...], words: str
) -> None:
    found_here = problems_of(questions, rules, {"deposit": {"lowest": 10_000}})
    assert words in found_here.get(path, f"nothing there; but: {found_here}")


def test_a_check_needs_something_to_ask_and_to_find() -> None:
    found_here = problems_of([], [])
    assert found_here["questions",] == 'a check needs at least one entry under "questions"'
    assert found_here["rules",] == 'a check needs at least one entry under "rules"'


def test_a_cycle_in_the_conditions_is_told_as_a_circle() -> None:
    first = {"id": "first", "kind": "yes_no", "ask_if": {"second": "yes"}}
    second = {"id": "second", "kind": "yes_no", "ask_if": {"first": "yes"}}
    message = problems_of([first, second], [{"id": "r", "when": {"first": "yes"}, "verdict": "ask"}])[
        "questions", 0, "ask_if"
    ]
    assert message.startswith(
        "these questions wait for one another, so none is ever asked: first waits for second waits for first"
    )


def test_a_check_with_unreadable_conditions_cannot_be_run() -> None:
    with pytest.raises(Unsound, match='no question is called "license"'):
        logic(small([LICENCE], [FITS | {"when": {"license": "company"}}]), {})


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ('{{ chosen("papers") }}', 'no question is called "papers"; there are: licence'),
        ('{{ choices("licence", "good") }}', '"licence" has no group "good"; did you mean "goods"?'),
    ],
)
def test_a_text_that_lists_labels_of_nothing_is_told(template: str, words: str) -> None:
    grouped = LICENCE | {"groups": {"goods": ["company"]}}
    found_here = problems_of([grouped], [FITS | {"text": {"en": template, "zh": "字"}}])
    assert found_here["rules", 0, "text", "en"] == words


def test_an_example_that_does_not_come_out_is_told_with_the_reason() -> None:
    check = small([LICENCE], [FITS, NO_LICENCE | {"topic": "other"}])
    data = check.model_dump(exclude_none=True) | {"examples": [{"answers": {"licence": "none"}, "verdict": "eligible"}]}
    (problem,) = prove(Check.model_validate(data), {}).problems
    assert problem.path == ("examples", 0, "verdict")
    assert (
        str(problem.said)
        == "these answers lead to not_eligible (no-licence), not to eligible; correct the example or the rules"
    )


def test_a_verdict_that_can_come_needs_its_text() -> None:
    check = small([LICENCE], [FITS, NO_LICENCE])
    data = check.model_dump(exclude_none=True)
    del data["verdicts"]["not_eligible"], data["verdicts"]["open"]
    messages = [str(problem.said) for problem in prove(Check.model_validate(data), {}).problems]
    assert any('answers can lead to "not_eligible", and there is no text for it' in message for message in messages)
    assert any("open questions can leave the verdict undecided" in message for message in messages)


def test_an_unknown_verdict_names_those_there_are() -> None:
    with pytest.raises(
        ValidationError,
        match='no verdict is called "eligable"; there are: eligible, conditional, not_eligible, ask, note',
    ):
        small([LICENCE], [FITS | {"verdict": "eligable"}])


def test_an_unknown_kind_names_those_there_are() -> None:
    with pytest.raises(
        ValidationError, match='no kind of question is called "number"; there are: choice, choices, yes_no'
    ):
        small([AMOUNT | {"kind": "number"}], [FITS])


def test_a_check_of_too_many_combinations_is_told_with_the_questions_that_multiply_them_most() -> None:
    many = [{"id": f"q{n}", "kind": "choice", "values": [value(name) for name in "abcd"]} for n in range(9)]
    wide = {"id": "wide", "kind": "choice", "values": [value(f"v{n}") for n in range(10)]}
    rules: list[Raw] = [{"id": f"r{n}{x}", "when": {f"q{n}": x}, "verdict": "ask"} for n in range(9) for x in "abc"]
    rules += [{"id": f"w{n}", "when": {"wide": f"v{n}"}, "verdict": "ask"} for n in range(9)]
    assert problems_of([*many, wide], rules)["questions",] == (
        "the answers to these questions combine in 2,621,440 ways, and at most 200,000 can be proven; "
        "make a check of its own of those that multiply them most, with their rules: "
        '"wide" (10 kinds of answers), "q0" (4 kinds of answers)'
    )
    assert prove(small(many[:8], rules[:24]), {}).paths == 4**8


def test_a_question_whose_rules_come_out_alike_is_told_as_that() -> None:
    either = FITS | {"when": {"any": [{"amount": {"below": "5"}}, {"amount": {"at least": "5"}}]}}
    message = problems_of([LICENCE, AMOUNT], [either, NO_LICENCE | {"topic": "other"}])["questions", 1]
    assert message == (
        '"amount" changes nothing: the conditions that use its answer come out alike for every answer; '
        "use it or take it away"
    )


# --- the picture ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", CHECKS)
def test_the_diagram_shows_every_question(name: str, lang: Any) -> None:
    one = shipped(name)
    lines = diagram(one, lang).splitlines()
    assert lines[0] == "flowchart TD"
    assert all(any(line.startswith(f"  q{number}[") for line in lines) for number in range(len(one.questions)))


def test_the_diagram_fills_in_figures() -> None:
    assert "the past 90 days" in diagram(shipped("medal"), "en", render())


def test_the_diagram_names_the_limits() -> None:
    assert '"below USD 10,000"' in diagram(shipped("medal"), "en")
    assert '"不到1万美元"' in diagram(shipped("medal"), "zh")
