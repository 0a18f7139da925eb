"""An agency's folder over the content that ships: its words win, it takes away, and nobody is sent to a file that ships."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from bot.assistant import Assistant
from bot.channels.terminal import HERE
from bot.checks.removal import Removed
from bot.checks.removal import remove as without_gone
from bot.commands import content_reports, decisions
from bot.commands.line import cli
from bot.content.tree import Mistake, Node, Tree
from bot.knowledge import lint
from bot.knowledge.accepting import with_examples
from bot.knowledge.advice import advice
from bot.knowledge.knowledge import Knowledge
from bot.knowledge.library import Library, Trees, load, made_of, read_trees, shipped
from bot.knowledge.mending import HIDDEN, REMOVED, hide, mended
from bot.knowledge.overlay import Laying
from bot.model import Message, Reply
from bot.store import MemoryStore
from tests.content.test_check_mistakes import CHECK
from tests.content.test_mistakes import GOOD_TOPIC, PARKING, topic

WithContent = Callable[[dict[str, str]], Knowledge]

PLACES = "parking lot here, where to leave my car"
HIDE = "hide: yes\n"
DEPOSIT, REFUND = "topics/fees/deposit-amount.yaml", "topics/fees/deposit-refund.yaml"
MEDAL = "checks/medal.yaml"


def put(folder: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def looked_at(*folders: Path) -> tuple[Library, list[Mistake]]:
    library, found = load(folders)
    return library, sorted({*found, *lint.check(library)})


def told(folder: Path, files: Mapping[str, str]) -> tuple[Library, list[str], list[str]]:
    """What lint finds in an agency's folder: the library, mistakes and notes. None may be told of a file that ships."""
    library, found = looked_at(put(folder / "ours", files))
    wrong = [str(one) for one in found if not one.warning]
    assert not [one for one in wrong if not one.startswith("ours/")]
    notes = [
        str(one) for one in found if one.warning and one.file.startswith("ours/") and "phrasings: the" not in str(one)
    ]
    return library, wrong, [one for one in notes if "not set yet" not in one]


# --- the agency's words win


def test_phrasings_move_to_the_agencys_topic(tmp_path: Path) -> None:
    """Exactly the same or only folded so, of topics, missing details, checks and small talk."""
    asked = "How much is the DEPOSIT?, check if my store would get a medal, deposit for the phone category, hello"
    library, wrong, notes = told(tmp_path, {PARKING: topic(PLACES, asked)})
    assert wrong == []
    where = f"ours/{PARKING}:8: note: "
    assert (
        f'{where}"How much is the DEPOSIT?": this phrasing was of the topic "deposit-amount"; it now leads to yours'
        in notes
    )
    assert any('was of the check "medal"' in note for note in notes)
    assert any('was of the part "' in note and 'of the topic "deposit-amount"' in note for note in notes)
    assert any('was of the small talk "greeting"' in note for note in notes)
    assert len(notes) == 4
    assert "how much is the deposit" not in library.topics["deposit-amount"].phrasings.en
    assert "How much is the DEPOSIT?" in library.topics["parking"].phrasings.en


def test_the_agencys_own_may_not_share_words(tmp_path: Path) -> None:
    check = CHECK.replace("start:\n", "names: {en: [parking, deposit], zh: [停车]}\nstart:\n", 1)
    files = {
        PARKING: GOOD_TOPIC,
        "topics/places/garage.yaml": GOOD_TOPIC,
        "checks/a.yaml": check,
        "checks/b.yaml": check,
    }
    _, wrong, notes = told(tmp_path, files)
    assert [one for one in wrong if '"parking lot here" is also claimed by ours/' in one]
    assert [one for one in wrong if 'ours/checks/b.yaml:4: the check "a" is called "deposit" already' in one]
    assert [one for one in notes if '"deposit": this was a name of the check "deposit"; it now leads to yours' in one]


def test_reply_keywords_and_names_of_checks_move_too(tmp_path: Path) -> None:
    rule = "- id: money\n  keywords: [{equal: DEPOSIT}, {equal: 保证金}, {equal: Refund check}]\n  replies: [{text: {en: a, zh: b}}]\n"
    library, wrong, notes = told(
        tmp_path, {"keywords.yaml": rule, PARKING: topic(PLACES, "entry conditions, rebate check")}
    )
    assert wrong == []
    assert (
        'ours/keywords.yaml:2: note: "DEPOSIT": this reply keyword was of the rule "deposit"; it now leads to yours'
        in notes
    )
    assert 'ours/keywords.yaml:2: note: the reply keyword "deposit" that ships has no words left, and is gone' in notes
    assert "deposit" not in library.rules
    assert [one.equal for one in library.rules["refund-check"].keywords] == ["佣金返还自查", "返佣自查"]
    # A keyword would be found before the phrasing.
    assert "Entry conditions" not in [one.equal for one in library.rules["conditions"].keywords]


def test_a_keyword_that_leads_to_the_same_topic_stays(tmp_path: Path) -> None:
    library, wrong, notes = told(tmp_path, {DEPOSIT: "phrasings: {en: [deposit]}\n"})
    assert (wrong, notes) == ([], [])
    assert "deposit" in library.rules


def test_a_folder_called_like_that_of_the_content_is_told_from_it(tmp_path: Path) -> None:
    library, found = looked_at(put(tmp_path / "knowledge", {PARKING: topic(PLACES, "how much is the deposit")}))
    assert not [one for one in found if not one.warning]
    assert "how much is the deposit" in library.topics["parking"].phrasings.en


# --- taking away


def test_a_phrasing_is_taken_away(tmp_path: Path) -> None:
    files = {
        DEPOSIT: "phrasings: {en: [what do you keep], remove: [How much is the deposit, 保证金多少]}\n",
        MEDAL: "start: {remove: [check if my store would get a medal]}\n",
    }
    library, wrong, notes = told(tmp_path, files)
    assert (wrong, notes) == ([], [])
    asked = library.topics["deposit-amount"].phrasings
    assert "what do you keep" in asked.en
    assert not {"how much is the deposit", "保证金多少"} & {*asked.en, *asked.zh}
    assert "check if my store would get a medal" not in library.checks["medal"].start.en


def test_what_is_not_there_cannot_be_taken_away(tmp_path: Path) -> None:
    files = {
        DEPOSIT: "phrasings:\n  remove: [how much is the depositt]\nfacts:\n  - {id: rnage, remove: yes}\n",
        "topics/fees/deposit-amuont.yaml": HIDE,
        MEDAL: "rules:\n  - {id: floor-mett, remove: yes}\nexamples:\n  - {answers: {a: b}, remove: yes}\n",
    }
    _, wrong, _ = told(tmp_path, files)
    for where, words in (
        (f"ours/{DEPOSIT}:2", 'cannot be removed; did you mean "how much is the deposit"?'),
        (f"ours/{DEPOSIT}:4", 'there is no "rnage" here to remove; did you mean "range"?'),
        (
            "ours/topics/fees/deposit-amuont.yaml:1",
            'there is no "deposit-amuont" to hide; did you mean "deposit-amount"?',
        ),
        (f"ours/{MEDAL}:2", 'did you mean "floor-met"?'),
        (f"ours/{MEDAL}:4", "no example has these answers"),
    ):
        assert [one for one in wrong if one.startswith(where) and words in one], where
    assert len(wrong) == 5


# --- hiding


@pytest.fixture(scope="module")
def base() -> Trees:
    return read_trees([])[0]


def without(base: Trees, *names: str) -> tuple[Trees, list[Mistake]]:
    """The content that ships, as it is where an agency hides these topics."""
    trees, mistakes = dict(base.trees), list[Mistake]()
    for name in names:
        by = Node({"hide": Node("yes", f"ours/{name}.yaml", 1)}, f"ours/{name}.yaml", 1)
        trees[f"{REMOVED}{name}"] = by
        hide(trees, name, by)
    mended(trees, base.base, mistakes)
    return replace(base, trees=trees), mistakes


@pytest.mark.parametrize("part", range(3))
def test_every_topic_can_be_hidden(base: Trees, part: int) -> None:
    """Each is hidden once, with a third of the others; every file is looked at then."""
    names = [name for name in base.trees if name.startswith("topics/")][part::3]
    read, mistakes = without(base, *names)
    library, more = made_of(read)
    wrong = [one for one in [*mistakes, *more, *lint.check(library)] if not one.warning]
    assert wrong == []
    assert sorted(library.hidden) == sorted(name.removeprefix("topics/") for name in names)
    assert not {f"topics/{name}" for name in library.topics} & {*names}


def test_what_refers_to_a_hidden_topic_is_mended(tmp_path: Path) -> None:
    files = {DEPOSIT: HIDE, "topics/people/contact-consultant.yaml": "remove: yes\n"}
    library, wrong, notes = told(tmp_path, files)
    assert wrong == []
    assert f'ours/{DEPOSIT}:1: note: the reply keyword "deposit" brought only what is hidden, and is gone too' in notes
    assert "deposit" not in library.rules
    assert "deposit-amount" not in library.operator.most_asked
    assert not [name for name, one in library.topics.items() if "deposit-amount" in one.related]
    assert not [name for name, one in library.checks.items() if "deposit-amount" in one.related]


def test_the_agencys_own_reference_to_a_hidden_topic_is_a_mistake(tmp_path: Path) -> None:
    rule = "- {id: back, keywords: [{equal: my money back}], replies: [{topic: deposit-refund}]}\n"
    files = {
        REFUND: HIDE,
        PARKING: topic("facts:", "related: [deposit-refund]\nfacts:"),
        "keywords.yaml": rule,
        "operator.yaml": "most_asked: [entry-fee, deposit-refund]\n",
    }
    _, wrong, _ = told(tmp_path, files)
    words = f'the topic "deposit-refund" is hidden by ours/{REFUND}:1; name another, or do not hide it'
    assert wrong == [f"ours/keywords.yaml:1: {words}", f"ours/operator.yaml:1: {words}", f"ours/{PARKING}:3: {words}"]


def test_a_hidden_check_and_a_hidden_course_leave_nothing_behind(tmp_path: Path) -> None:
    files = {"checks/mall.yaml": HIDE, "courses.yaml": "- {id: potential-goods, hide: yes}\n"}
    library, wrong, notes = told(tmp_path, files)
    assert wrong == []
    assert not [one for one in library.topics.values() if one.check == "mall"]
    assert "mall-check" not in library.rules
    assert "course-potential-goods" in library.hidden
    assert [one.topic for one in library.rules["materials"].replies] == ["gift-entry"]
    assert any('"potential-goods" no longer tells of the course "potential-goods"' in note for note in notes)


def test_questions_to_a_hidden_topic_are_not_known(
    knowledge: Knowledge, with_content: WithContent, tmp_path: Path
) -> None:
    """Not even the nearest other topic answers them; a check keeps its reasons, without a topic to open."""
    near = (pair.labels for one in knowledge.matchers.values() for pair in one.cross_validation.confusions)
    alike = [labels for labels in near if labels[0].startswith("topic:") and labels[0] != "topic:deposit-amount"]
    hidden = {"deposit-refund", "medal-gmv", *(labels[0].removeprefix("topic:") for labels in alike[:3])}
    knowledge = with_content({f"topics/any/{name}.yaml": HIDE for name in hidden})
    assert not [note for note in advice(knowledge) if hidden.intersection(re.findall(r"[\w-]+", note.message))]
    assistant = Assistant(knowledge, MemoryStore(), lambda: date(2026, 11, 24))

    def said(text: str) -> Reply:
        return assistant.receive_now(Message(HERE, text)).replies[-1]

    for text in ("how do I get my deposit back", "when is the deposit refunded to us", "保证金怎么退", "金牌要多少GMV"):
        turn = assistant.receive_now(Message(HERE, text))
        assert (turn.outcome.kind, turn.outcome.topics) == ("unknown", ()), text
    labels = {button.says for button in said("how much is the deposit").buttons}
    assert "topic=entry-fee" in labels
    assert "topic=deposit-refund" not in labels
    made = decisions.decision(knowledge, "medal", {"monthly_gmv_usd": 12000})
    reason = decisions.report(knowledge, made, "en")["reasons"][0]
    assert (reason["topic"], reason["text"][:10]) == (None, "USD 10,000")
    card = decisions.card(knowledge, made, "en")
    assert "As of April 2022: " in card  # what it rests on is still known
    assert "26 April 2022" in card
    # A copy of what worked lays the same folders over one another by themselves.
    copied, mistakes = load([shipped(), tmp_path / "ours"], only=True)
    assert copied.hidden == knowledge.library.hidden
    assert not [one for one in mistakes if not one.warning]


# --- changing a check


def test_one_rule_is_changed_and_its_condition_replaced(tmp_path: Path) -> None:
    """Half of the old condition and half of the new would be one that nobody has written."""
    rule = "rules:\n  - id: floor-met\n    when: {monthly_gmv_usd: {above: 5000}}\n"
    library, wrong, _ = told(tmp_path, {MEDAL: rule})
    assert wrong == []
    changed = next(one for one in library.checks["medal"].rules if one.id == "floor-met")
    assert changed.when == {"monthly_gmv_usd": {"above": "5000"}}
    assert changed.verdict == "conditional"


LESS = "questions:\n  - id: strengths\n    values:\n      - {id: goods, remove: yes}\n"
FIGURE = "medal: {gmv_floor: {value: 5000, source: backend, date: 2026-11-01}}\n"
VERDICT = "verdicts: {eligible: {en: a, zh: b}}\n"
CHANGES = {
    "a rule and a figure": {MEDAL: "rules:\n  - {id: below-floor, verdict: ask}\n", "figures.yaml": FIGURE},
    "a rule and a value less": {MEDAL: f"{LESS}rules:\n  - {{id: preferred-access, remove: yes}}\n{VERDICT}"},
    "a question less": {MEDAL: f"questions:\n  - {{id: strengths, remove: yes}}\n{VERDICT}"},
}


@pytest.mark.parametrize("files", CHANGES.values(), ids=CHANGES)
def test_examples_that_would_change_are_notes_until_they_are_accepted(tmp_path: Path, files: dict[str, str]) -> None:
    _, wrong, notes = told(tmp_path, files)
    assert wrong == []
    would = [note for note in notes if '"medal" would change: {monthly_gmv_usd: ' in note]
    assert would
    assert all(note.endswith("merchant-bot knowledge accept medal --knowledge ours") for note in would)
    accepted = content_reports.accept([tmp_path / "ours"], "medal")
    assert len(accepted) == len(would)
    _, wrong, notes = told(tmp_path, {})
    assert wrong == []
    assert not [note for note in notes if "would change" in note]
    assert (tmp_path / "ours" / MEDAL).read_text("utf-8").startswith(files[MEDAL])


def test_old_and_new_verdict_are_told_and_accepted_by_one_command(tmp_path: Path) -> None:
    _, _, notes = told(tmp_path, {"figures.yaml": FIGURE})
    words = '"medal" would change: {monthly_gmv_usd: 9999.99, strengths: [goods]}: ask → conditional (floor-met)'
    how = "if that is right: merchant-bot knowledge accept medal --knowledge ours"
    assert notes == [f"ours/figures.yaml:1: note: {words}; {how}"]
    run = CliRunner()
    done = run.invoke(cli, ["knowledge", "accept", "--knowledge", str(tmp_path / "ours")])
    assert (done.exit_code, done.output) == (0, f"{tmp_path / 'ours' / MEDAL}: {words}\n")
    written = (tmp_path / "ours" / MEDAL).read_text("utf-8")
    assert (
        "  - {answers: {monthly_gmv_usd: 9999.99, strengths: [goods]}, verdict: conditional}  # accepted on " in written
    )
    assert written.endswith("; as it ships: ask\n")
    done = run.invoke(cli, ["knowledge", "accept", "medl", "--knowledge", str(tmp_path / "ours")])
    assert (done.exit_code, done.output) == (2, 'no check is called "medl"; did you mean "medal"?\n')
    done = run.invoke(cli, ["knowledge", "accept", "medal"])
    assert (done.exit_code, done.output.partition(":")[0]) == (
        2,
        "name your own folder over the shipped content",
    )


EXAMPLE = "{answers: {a: 1}, verdict: ask}"
OWN = "{answers: {b: 2}, verdict: ask}"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", f"examples:\n  - {EXAMPLE}  # new\n"),
        ("# nothing yet\n", f"# nothing yet\nexamples:\n  - {EXAMPLE}  # new\n"),
        ("# ours\nintro: {en: a}  # short", f"# ours\nintro: {{en: a}}  # short\n\nexamples:\n  - {EXAMPLE}  # new\n"),
        (
            f"examples:\n  # it matters\n  - {OWN}\nintro: {{en: a}}\n",
            f"examples:\n  # it matters\n  - {EXAMPLE}  # new\n  - {OWN}\nintro: {{en: a}}\n",
        ),
        (f"examples:\n- {OWN}\n", f"examples:\n- {EXAMPLE}  # new\n- {OWN}\n"),
        (f"examples: [{OWN}]\n", f"examples: [{EXAMPLE}, {OWN}]\n"),
        ("examples: []\n", f"examples: [{EXAMPLE}]\n"),
        ("examples: later\n", None),
        ("- examples\n", None),
        ("a: [\n", None),
    ],
)
def test_what_the_editor_wrote_stays(before: str, after: str | None) -> None:
    assert with_examples(before, [(EXAMPLE, "  # new")]) == after


def test_own_examples_that_do_not_hold_are_mistakes(tmp_path: Path) -> None:
    _, wrong, notes = told(tmp_path, {MEDAL: "examples:\n  - {answers: {monthly_gmv_usd: 12000}, verdict: ask}\n"})
    assert len(wrong) == 1
    assert wrong[0].startswith(f"ours/{MEDAL}:2: these answers lead to conditional (floor-met), not to ask")
    assert notes == []


def test_what_a_change_breaks_elsewhere_is_told_where_it_was_changed(tmp_path: Path) -> None:
    """As a note, where it only has no effect any more."""
    values = "questions:\n  - {id: business_type, values: [{id: company, remove: yes}]}\n"
    files = {
        MEDAL: "rules:\n  - {id: preferred-access, remove: yes}\n",
        "sources.yaml": "- {id: A1, remove: yes}\n",
        "checks/store-entry.yaml": values,
    }
    _, wrong, notes = told(tmp_path, files)
    idle = "ours/checks/store-entry.yaml:2: note: because of this, knowledge/checks/store-entry.yaml:"
    assert [one for one in notes if one.startswith(idle) and '"no-alipay" can never win' in one]
    assert not [one for one in wrong if "store-entry" in one]
    assert [one for one in wrong if one.startswith(f"ours/{MEDAL}:2: because of this, knowledge/{MEDAL}:")]
    assert [one for one in wrong if one.startswith("ours/sources.yaml:1: because of this, knowledge/topics/")]


BASE = """\
questions:
  - {id: kind, kind: choice, values: [{id: a}, {id: b}, {id: c}], groups: {some: [a, b]}}
  - {id: papers, kind: choices, values: [{id: x}, {id: y}]}
  - {id: waits, kind: yes_no, ask_if: {kind: b}}
rules:
"""


@pytest.mark.parametrize(
    ("condition", "left"),
    [
        ("{kind: [a, b]}", {"kind": ["a"]}),
        ("{kind: b}", None),
        ("{kind: b, papers: x}", None),
        ("{kind: {none of: [b, c]}}", {"kind": {"none of": ["c"]}}),
        ("{kind: {none of: [b]}}", {"kind": {"any of": ["a", "c"]}}),  # it still has to be asked
        ("{any: [{kind: b}, {papers: x}]}", {"any": [{"papers": "x"}]}),
        ("{any: [{kind: b}, {waits: yes}]}", None),
        ("{all: [{kind: [b, c]}, {papers: x}]}", {"all": [{"kind": ["c"]}, {"papers": "x"}]}),
        ("{not: {kind: b}, papers: x}", {"papers": "x"}),
        ("{waits: no}", None),  # nobody is asked any more
        ("{not: {waits: no}}", None),
        ("{papers: nothing}", {"papers": "nothing"}),
    ],
)
def test_conditions_that_name_what_is_gone_are_mended(condition: str, left: object) -> None:
    """The value b is gone, and with it the question that is asked of nobody else."""
    tree = Tree(f"{BASE}  - {{id: rule, when: {condition}}}\n", "base/checks/c.yaml", []).root()
    over = "questions:\n  - {id: kind, values: [{id: b, remove: yes}]}\n"
    laying = Laying([])
    laid = laying.laid(tree, Tree(over, "ours/checks/c.yaml", []).root(), ("checks/c",))
    notes = list[Mistake]()
    check: Any = without_gone(laid, Removed.of("checks/c", laying.taken), "base/", notes).plain()
    assert [one["id"] for one in check["questions"]] == ["kind", "papers"]
    assert check["questions"][0]["groups"] == {"some": ["a"]}
    assert [one["when"] for one in check["rules"]] == ([left] if left is not None else [])
    assert [f"{note.file}:{note.line}" for note in notes] == ["ours/checks/c.yaml:2"] * (2 - len(check["rules"]))


def test_hidden_is_not_what_another_folder_writes_anew(tmp_path: Path) -> None:
    put(tmp_path / "first", {REFUND: HIDE})
    put(tmp_path / "second", {REFUND: GOOD_TOPIC})
    library, found = looked_at(tmp_path / "first", tmp_path / "second")
    assert not [one for one in found if not one.warning]
    assert "deposit-refund" in library.topics
    assert not [name for name in library.places if name.startswith((HIDDEN, REMOVED))]
