"""The command line as scripts use it: real processes, their output and their exit codes."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.commands.root import show_progress

Run = Callable[..., subprocess.CompletedProcess[str]]
ROOT = Path(__file__).parents[2]


def test_one_question_is_answered(run: Run) -> None:
    done = run("ask", "how much is the deposit")
    assert done.returncode == 0
    assert "CNY 10,000 to CNY 50,000" in done.stdout
    assert "29 March 2022" in done.stdout
    assert "Traceback" not in done.stderr


def test_json_has_the_fields_of_the_contract(run: Run) -> None:
    report = json.loads(run("ask", "--json", "个体户能入驻吗").stdout)
    assert list(report) == [
        "text",
        "lang",
        "verdict",
        "topic",
        "topics",
        "check",
        "score",
        "candidates",
        "reply",
        "source",
        "date",
        "status",
        "tentative",
        "facts",
    ]
    assert (report["lang"], report["verdict"], report["topic"]) == ("zh", "answer", "entry-self-employed")
    assert (report["source"], report["date"], report["status"]) == ("A2", "2022-03-29", "stated")
    assert "entry-self-employed" not in [one["topic"] for one in report["candidates"]]  # the others only


def test_a_batch_gives_a_line_for_each_line(run: Run) -> None:
    lines = ["how much is the deposit", "", "佣金多少", "\u202e", "{{ 7*7 }}", "x" * 100_000]
    done = run("ask", "--batch", "-", stdin="\n".join(lines) + "\n")
    reports = [json.loads(line) for line in done.stdout.splitlines()]
    assert [report["text"] for report in reports] == lines
    assert [report["topic"] for report in reports] == ["deposit-amount", None, "commission-rate", None, None, None]
    assert done.returncode == 0
    assert run("ask", "--batch", "-", stdin="\n".join(lines) + "\n").stdout == done.stdout


def test_chat_works_through_a_pipe(run: Run) -> None:
    done = run("chat", stdin="potential goods\n/topics\n1\nand what does that cost?\n/quit\nnever read\n")
    assert done.returncode == 0
    assert "\x1b" not in done.stdout
    assert "never" not in done.stdout
    assert "1. " in done.stdout


def test_evaluate_warns_of_topics_that_do_not_exist(run: Run, tmp_path: Path) -> None:
    (tmp_path / "q.jsonl").write_text(
        '{"text": "how much is the deposit", "topics": ["deposit-amonut"]}', encoding="utf-8"
    )
    done = run("evaluate", "q.jsonl")
    assert 'q.jsonl: no topic is called "deposit-amonut"' in done.stderr
    assert 'did you mean "deposit-amount"?' in done.stderr


def test_evaluate_reports_every_measure(run: Run, tmp_path: Path) -> None:
    questions = [
        {"text": "how much is the deposit", "topics": ["deposit-amount"], "lang": "en", "kind": "plain"},
        {"text": "佣金多少", "topics": ["commission-rate"], "lang": "zh", "kind": "plain"},
        {"text": "佣金多少", "topics": ["deposit-amount"], "lang": "zh", "kind": "trap"},
        {"text": "write me a poem about the sea", "topics": [], "lang": "en", "kind": "outside"},
    ]
    (tmp_path / "q.jsonl").write_text("\n".join(json.dumps(question) for question in questions), encoding="utf-8")
    report = json.loads(run("evaluate", "q.jsonl", "--json").stdout)
    assert {
        "n",
        "accuracy",
        "outright",
        "precision",
        "right",
        "wrong",
        "clarified",
        "in3",
        "oos_recall",
        "oos_kept",
        "auroc",
        "ms",
        "by_lang",
        "by_kind",
        "misses",
    } <= set(report)
    assert (report["n"], report["right"], report["wrong"], report["oos_kept"]) == (4, 66.67, 25.0, 100.0)
    assert report["by_kind"]["trap"]["right"] == 0
    assert [miss["text"] for miss in report["misses"]] == ["佣金多少"]
    assert {"accuracy", "oos_recall", "outright", "precision", "in3", "auroc", "ms"} <= set(report["by_lang"]["en"])
    assert report["by_lang"]["en"]["ms"] > 0
    columns = run("evaluate", "q.jsonl").stdout.splitlines()[0].split()
    explained = run("evaluate", "--help").stdout
    assert "oos_kept" in columns
    assert [name for name in columns if f"  {name} " not in explained] == []


def test_lint_is_clean_and_says_what_it_read(run: Run) -> None:
    done = run("knowledge", "lint")
    assert done.returncode == 0
    assert "0 mistakes" in done.stderr


def test_lint_names_file_and_line_and_fails(run: Run, tmp_path: Path) -> None:
    (tmp_path / "ours").mkdir()
    (tmp_path / "ours" / "operator.yaml").write_text("agency: {en: We, fr: Nous}\n", encoding="utf-8")
    done = run("knowledge", "lint", "--knowledge", "ours")
    assert done.returncode == 1
    assert 'ours/operator.yaml:1: no key is called "fr" here; there are: en, zh' in done.stdout
    asked = run("ask", "hello", "--knowledge", "ours")
    assert asked.returncode == 1
    assert "ours/operator.yaml:1" in asked.stderr


def test_list_shows_what_is_old_or_unconfirmed(run: Run) -> None:
    everything = json.loads(run("knowledge", "list", "--json").stdout)
    assert {"id", "title", "status", "date"} <= set(everything[0])
    old = json.loads(run("knowledge", "list", "--older-than", "180d", "--json").stdout)
    assert "deposit-amount/range" in [row["id"] for row in old]
    assert json.loads(run("knowledge", "list", "--older-than", "99999d", "--json").stdout) == []
    unconfirmed = json.loads(run("knowledge", "list", "--unconfirmed", "--json").stdout)
    assert "glossary/menu-paths" in [row["id"] for row in unconfirmed]
    assert "deposit-amount/range" in [row["id"] for row in unconfirmed]


def test_show_prints_both_languages(run: Run) -> None:
    done = run("knowledge", "show", "benefit-loan")
    assert "MYbank" in done.stdout
    assert "网商" in done.stdout
    wrong = run("knowledge", "show", "benefit-laon")
    assert wrong.returncode == 2
    assert 'did you mean "benefit-loan"?' in wrong.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["ask"], 2, "give one question"),
        (["ask", "a", "--knowledge", "nowhere"], 2, "nowhere: there is no such folder"),
        (["ask", "a", "--knowledge", ".", "--only-knowledge", "."], 2, "not both"),
        (["ask", "--batch", "nowhere.txt"], 2, "nowhere.txt: this file cannot be read"),
        (["evaluate", "nowhere.jsonl"], 2, "nowhere.jsonl: this file cannot be read"),
        (["knowledge", "list", "--older-than", "soon"], 2, "180d"),
        (["serve", "--no-such-option"], 2, "No such option"),
        (["frobnicate"], 2, "No such command"),
    ],
)
def test_wrong_use_is_told_in_a_line(run: Run, arguments: list[str], code: int, words: str) -> None:
    done = run(*arguments)
    assert done.returncode == code
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_wrong_settings_are_told_all_at_once_and_without_their_values(run: Run) -> None:
    done = run("ask", "hello", TELEGRAM_TOKEN="my-secret", DATABASE_URL="mysql://x", TELEGRAM_API_URL="ftp://x")
    assert done.returncode == 2
    for name in ("TELEGRAM_TOKEN", "DATABASE_URL", "TELEGRAM_API_URL"):
        assert f"{name}: " in done.stderr
    assert "my-secret" not in done.stderr
    assert "for example" in done.stderr


def test_settings_are_read_from_a_dotenv_file(run: Run, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("KNOWLEDGE=nowhere\n", encoding="utf-8")
    assert "nowhere: there is no such folder" in run("ask", "hello").stderr


def test_each_command_is_in_the_module_that_is_imported_for_it() -> None:
    code = (
        "import sys, click; from bot.commands.line import cli; from bot.commands.root import MODULES\n"
        "assert not [name for name in sys.modules if name.startswith('bot.commands.') and name.endswith(('_command', '_commands'))]\n"
        "for name in MODULES: assert cli.get_command(click.Context(cli), name).name == name\n"
        "print(*sorted({*MODULES.values()}), *sorted(cli.commands.keys() - MODULES.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    modules = sorted(path.stem for path in (ROOT / "bot" / "commands").glob("*_command*.py"))
    assert done.stdout.split() == [*modules, "completion"], done.stderr


def test_commands_that_do_not_serve_do_not_import_a_platform(run: Run, cache: Path) -> None:
    code = (
        "import sys; sys.argv=['merchant-bot','ask','hello'];"
        "from bot.commands.line import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print(sorted({'aiogram','telegram','aiohttp','pypinyin'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={**os.environ, "MERCHANT_BOT_CACHE": str(cache)},
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_what_takes_long_is_shown_before_it_begins(capsys: pytest.CaptureFixture[str]) -> None:
    show_progress()
    shown = logging.getLogger("bot.progress")
    shown.info("learning the content, about 5 s")
    shown.removeHandler(shown.handlers[-1])
    assert capsys.readouterr().err == "learning the content, about 5 s\n"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_printed_for_each_shell(run: Run, shell: str) -> None:
    done = run("completion", shell)
    assert done.returncode == 0
    assert "_MERCHANT_BOT_COMPLETE" in done.stdout
