"""`merchant-bot check` and `knowledge diagram`: what scripts read, and what a person who errs is told."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., "subprocess.CompletedProcess[str]"]

FINE: dict[str, Any] = {
    "business_type": "company", "company_country": "china", "invitation_category": "no", "trademark_needed": "yes",
    "trademark_status": "registered", "trademark_covers": "yes", "alipay": "enterprise", "email": "new",
    "accounts_already": 0, "deposit_cny": 50000,
}  # fmt: skip


def test_answers_from_a_file_give_the_decision_as_json(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "answers.json"
    file.write_text(json.dumps(FINE))
    done = run("check", "store-entry", "--answers", str(file), "--json")
    report = json.loads(done.stdout)
    assert done.returncode == 0
    assert (report["check"], report["verdict"]) == ("store-entry", "eligible")
    assert {"reasons", "next_steps", "open", "would_change", "asked", "ignored"} <= report.keys()
    assert all(reason.keys() >= {"topic", "text"} for reason in report["reasons"])


def test_missing_answers_are_open_and_cents_count(run: Run) -> None:
    done = run("check", "medal", "--answers", "-", "--json", stdin='{"monthly_gmv_usd": 9999.99}')
    report = json.loads(done.stdout)
    assert report["open"][0]["question"] == "strengths"
    assert report["open"][0]["leads_to"]["none"] == "not_eligible"


def test_without_json_it_is_a_card_in_the_language_asked_for(run: Run) -> None:
    done = run("check", "medal", "--answers", "-", "--lang", "zh", stdin='{"monthly_gmv_usd": 12000}')
    assert done.returncode == 0
    assert "2022年4月26日" in done.stdout
    assert "**" not in done.stdout


@pytest.mark.parametrize(
    ("arguments", "stdin", "named"),
    [
        (("store-entri", "--answers", "-"), "{}", ['no check is called "store-entri"', "store-entry"]),
        (("medal", "--answers", "-"), '{"gmv": 1}', ['"gmv"', "monthly_gmv_usd", "strengths"]),
        (("medal", "--answers", "-"), '{"strengths": ["brands"]}', ['"brands"', "brand"]),
        (("medal", "--answers", "-"), '{"monthly_gmv_usd": -1}', ["monthly_gmv_usd", "-1"]),
        (("medal", "--answers", "-"), "{", ["not JSON"]),
        (("medal", "--answers", "-"), "[1]", ["JSON object"]),
        (("medal", "--answers", "-"), '{"monthly_gmv_usd": 1' + "0" * 400 + "}", ["monthly_gmv_usd"]),
        (("medal", "--answers", "no-such-file"), "", ["no-such-file"]),
        (("--answers", "-"), "{}", ["name the check"]),
        (("medal", "--json"), "", ["--answers"]),
    ],
)
def test_wrong_use_is_named_with_what_is_right(
    run: Run, arguments: tuple[str, ...], stdin: str, named: list[str]
) -> None:
    done = run("check", *arguments, stdin=stdin)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    for words in named:
        assert words in done.stderr


def test_a_batch_goes_on_after_a_bad_line(run: Run) -> None:
    lines = [
        '{"monthly_gmv_usd": 12000}',
        "nonsense",
        '{"strengths": "brand"}',
        '{"monthly_gmv_usd": 0, "strengths": []}',
    ]
    done = run("check", "medal", "--batch", "-", stdin="\n".join(lines) + "\n")
    reports = [json.loads(line) for line in done.stdout.splitlines()]
    assert [report.get("verdict") for report in reports] == ["conditional", None, None, "not_eligible"]
    assert ["error" in report for report in reports] == [False, True, True, False]
    assert done.returncode == 1


def test_without_answers_it_is_a_conversation(run: Run) -> None:
    done = run("check", "medal", "--lang", "zh", stdin="12000\n/quit\n")
    assert done.returncode == 0
    assert done.stdout.index("美元") < done.stdout.index("2022年4月26日")


def test_without_an_id_there_is_a_list_to_choose_from(run: Run) -> None:
    done = run("check", stdin="1\n")
    assert done.returncode == 0
    assert "  8. " in done.stdout


def test_the_diagram_is_mermaid_text(run: Run) -> None:
    done = run("knowledge", "diagram", "store-entry", "--lang", "zh")
    assert done.returncode == 0
    assert done.stdout.startswith("flowchart TD\n")
    assert "企业" in done.stdout


def test_without_graphviz_it_is_said_what_is_missing(run: Run, tmp_path: Path) -> None:
    done = run("knowledge", "diagram", "medal", "--svg", str(tmp_path / "medal.svg"), PATH=str(tmp_path))
    assert done.returncode == 1
    assert "Graphviz" in done.stderr
    assert not (tmp_path / "medal.svg").exists()


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")
def test_with_graphviz_it_is_a_picture(run: Run, tmp_path: Path) -> None:
    done = run("knowledge", "diagram", "store-entry", "--svg", str(tmp_path / "entry.svg"))
    assert done.returncode == 0
    assert b"<svg" in (tmp_path / "entry.svg").read_bytes()


def test_lint_tells_the_number_of_paths(run: Run) -> None:
    done = run("knowledge", "lint")
    assert done.returncode == 0
    assert "store-entry 154" in done.stderr
