"""Knowledge bases as nobody would write them, through the command line: they work, or say clearly why not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run

GLOSS = "topic,lang,phrasing\n"


@pytest.fixture
def ask(run: Run, tmp_path: Path) -> Any:
    """Import a table and ask it something. Returns the report of each question."""

    def reports(table: str, *questions: str) -> list[dict[str, Any]]:
        (tmp_path / "q.csv").write_text(GLOSS + table, encoding="utf-8")
        own = {"MERCHANT_BOT_CACHE": str(tmp_path / "cache")}
        made = run("knowledge", "import", "csv", "q.csv", "--to", "own", "--replace")
        assert made.returncode == 0, made.stderr
        lint = run("knowledge", "lint", "--only-knowledge", "own", **own)
        assert lint.returncode == 0, lint.stdout
        asked = "\n".join(questions)
        done = run("ask", "--explain", "--batch", "-", "--only-knowledge", "own", stdin=asked, **own)
        assert (done.returncode, done.stderr) == (0, "")
        return [json.loads(line) for line in done.stdout.splitlines()]

    return reports


def found(reports: list[dict[str, Any]]) -> list[tuple[str, str | None]]:
    return [(report["verdict"], report["topic"]) for report in reports]


def test_one_phrasing(ask: Any) -> None:
    reports = ask("fee,en,what is the fee\n", "what is the fee", "要交费吗", "xyzzy plugh")
    assert found(reports) == [("answer", "fee"), ("unknown", None), ("unknown", None)]


def test_one_topic_works_and_lint_says_what_it_lacks(ask: Any, run: Run, tmp_path: Path) -> None:
    said = ["what is the fee", "how much is the fee", "do I pay a fee", "fee to enter", "size of the entry fee"]
    asked = ["how much is the entry fee", "tell me a joke", "who is the president of France", "how much do you weigh"]
    report, *others = ask("".join(f"fee,en,{text}\n" for text in said), *asked)
    assert (report["verdict"], report["topic"]) == ("answer", "fee")
    assert "answer" not in {other["verdict"] for other in others}
    lint = run("knowledge", "lint", "--only-knowledge", "own", MERCHANT_BOT_CACHE=str(tmp_path / "cache"))
    assert "this is the only one with English phrasings" in lint.stdout


def test_the_same_phrasing_twice_in_a_topic(ask: Any) -> None:
    reports = ask("fee,en,what is the fee\nfee,en,What is the FEE?\ntax,en,which tax is due\n", "what is the fee")
    assert found(reports) == [("answer", "fee")]


def test_the_same_phrasing_in_two_topics_stays_with_the_first(ask: Any) -> None:
    reports = ask("fee,en,what is due\ntax,en,what is due\ntax,en,which tax\n", "what is due", "which tax")
    assert found(reports) == [("answer", "fee"), ("answer", "tax")]


def test_written_by_hand_it_is_a_mistake_with_both_places(run: Run, tmp_path: Path) -> None:
    topics = tmp_path / "own" / "topics" / "a"
    topics.mkdir(parents=True)
    for name in ("fee", "tax"):
        text = f"title: {{en: {name}, zh: {name}}}\ninstead: {{en: No., zh: 不。}}\nphrasings: {{en: [what is due], zh: []}}\n"
        (topics / f"{name}.yaml").write_text(text, encoding="utf-8")
    done = run("ask", "what is due", "--only-knowledge", "own", MERCHANT_BOT_CACHE=str(tmp_path / "cache"))
    assert done.returncode == 1
    assert 'own/topics/a/tax.yaml:3: "what is due" is also claimed by own/topics/a/fee.yaml:3' in done.stderr


@pytest.mark.parametrize(
    ("lang", "said", "other"),
    [
        ("en", ["what is the fee", "which tax is due"], "要交多少费用"),
        ("zh", ["要交多少费用", "税率是多少"], "what is the fee"),
    ],
)
def test_a_language_without_phrasings(ask: Any, lang: str, said: list[str], other: str) -> None:
    reports = ask(f"fee,{lang},{said[0]}\ntax,{lang},{said[1]}\n", *said, other)
    assert found(reports) == [("answer", "fee"), ("answer", "tax"), ("unknown", None)]


def test_an_empty_folder_knows_nothing_and_says_so(run: Run, tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    done = run(
        "ask", "--json", "what is the fee", "--only-knowledge", "own", MERCHANT_BOT_CACHE=str(tmp_path / "cache")
    )
    assert json.loads(done.stdout)["verdict"] == "unknown"


@pytest.mark.parametrize("text", ["xqzt vrblk ghlmp", "囍麤龘", "qwzx", "👍 qqq", "ﬁﬀﬃ"])
def test_a_question_of_unknown_words_only_is_never_answered(run: Run, text: str) -> None:
    report = json.loads(run("ask", "--json", "--explain", text).stdout)
    assert report["verdict"] in ("unknown", "clarify")
    assert report["topic"] is None
