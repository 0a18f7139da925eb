"""What an editor is told of phrasings that nobody would find: shown on a small knowledge base, and on the command line."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from bot.importing import import_plan, row_reader
from bot.knowledge.advice import advice
from bot.knowledge.knowledge import Knowledge
from bot.search import matching
from tests.cli.conftest import Run

DEPOSIT = [
    "how much is the deposit",
    "what deposit do I pay",
    "deposit amount",
    "size of the deposit",
    "the deposit fee",
]
LICENCE = [
    "which licence do I need",
    "licence of a company",
    "is a licence needed",
    "business licence",
    "licence papers",
]
STRAY = "how much deposit do I pay as a deposit"


@pytest.fixture
def told(tmp_path: Path) -> Callable[..., list[str]]:
    """The notes on topics made of these English phrasings."""

    def notes(**topics: list[str]) -> list[str]:
        rows = [f"{topic},en,{text}" for topic, texts in topics.items() for text in texts]
        (tmp_path / "q.csv").write_text("topic,lang,phrasing\n" + "\n".join(rows), encoding="utf-8")
        read, _ = row_reader.read(tmp_path / "q.csv", "csv")
        import_plan.plan(read, tmp_path / "own", "q", date(2026, 1, 1)).write()
        return list(map(str, advice(Knowledge.open([tmp_path / "own"], only=True, cache=False))))

    return notes


def test_a_phrasing_that_pulls_against_its_topic_is_named_with_its_line(told: Callable[..., list[str]]) -> None:
    notes = told(deposit=DEPOSIT, licence=[*LICENCE, STRAY])
    assert f'own/topics/imported/licence.yaml:17: note: "{STRAY}" pulls towards deposit:' in "\n".join(notes)


def test_topics_that_say_the_same_are_named(told: Callable[..., list[str]]) -> None:
    notes = told(deposit=DEPOSIT, bond=[f"{text} please" for text in DEPOSIT], licence=LICENCE)
    assert any("bond and deposit can hardly be told apart" in note for note in notes)


def test_topics_apart_bring_no_advice(told: Callable[..., list[str]]) -> None:
    assert told(deposit=DEPOSIT, licence=LICENCE) == []


def test_a_check_with_few_phrasings_is_named(with_content: Callable[..., Knowledge]) -> None:
    talk = "- id: hum\n  phrasings: {en: [hum hum hum], zh: [哼哼哼]}\n  reply: {en: Hum., zh: 哼。}\n"
    notes = list(map(str, advice(with_content({"smalltalk.yaml": talk}, only=True))))
    assert "small talk hum has only 1 English phrasings" in "\n".join(notes)


def test_lint_shows_the_first_and_counts_the_rest(run: Run) -> None:
    done = run("knowledge", "lint")
    assert done.returncode == 0
    assert "pulls towards" in done.stdout
    assert done.stdout.splitlines()[-1].endswith("--all shows them")
    every = run("knowledge", "lint", "--all")
    assert len(every.stdout.splitlines()) == int(every.stderr.split(" mistakes, ")[1].split(" notes")[0])


def test_lint_says_what_is_missing_without_the_semantic_view(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from click.testing import CliRunner

    from bot.commands import line

    (tmp_path / "q.csv").write_text("topic,lang,phrasing\nfee,en,what is the fee\n", encoding="utf-8")
    (tmp_path / "cache").mkdir()
    monkeypatch.setenv("MERCHANT_BOT_CACHE", str(tmp_path / "cache"))
    run = CliRunner().invoke
    assert run(line.cli, ["knowledge", "import", "csv", f"{tmp_path}/q.csv", "--to", f"{tmp_path}/own"]).exit_code == 0
    lint = ["knowledge", "lint", "--only-knowledge", f"{tmp_path}/own"]
    assert ("understood less well" in run(line.cli, lint).output) != matching.semantic_available()
    monkeypatch.setattr(matching.meaning, "PACKAGE", "no_such_package")
    done = run(line.cli, lint)
    assert done.exit_code == 0
    assert 'pip install "merchant-assistant[semantic]"' in done.output
