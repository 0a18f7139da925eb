"""`ask --explain`: what an editor sees of how a message was understood."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bot.commands.explanation import DECIDED
from handlers import HANDLERS
from tests.cli.conftest import Run

SHIPPED = Path(__file__).parents[2]


def test_every_handler_is_told_in_words() -> None:
    assert [handler.__name__ for handler in HANDLERS if handler.__name__ not in DECIDED] == []


def explained(run: Run, text: str) -> dict[str, Any]:
    report: dict[str, Any] = json.loads(run("ask", "--json", "--explain", text).stdout)
    explain: dict[str, Any] = report["explain"]
    return explain


def line_of(place: dict[str, Any]) -> str:
    return (SHIPPED / str(place["file"])).read_text(encoding="utf-8").splitlines()[int(place["line"]) - 1]


def test_nearest_phrasings_are_named_with_their_lines(run: Run) -> None:
    (look,) = explained(run, "how much is the depsoit then")["looks"]
    assert look["corrected"] == [{"written": "depsoit", "read": "deposit"}]
    nearest = look["words"][0]
    assert nearest["id"] == "deposit-amount"
    assert nearest["text"] in line_of(nearest)
    assert [one["cosine"] for one in look["words"]] == sorted((one["cosine"] for one in look["words"]), reverse=True)
    assert look["second"] == look["candidates"][1]
    assert 0 < look["thresholds"]["clarify"] < look["thresholds"]["answer"] < 1
    assert look["decided"]


def test_a_guard_that_held_back_is_named_with_its_words(run: Run) -> None:
    (look,) = explained(run, "how much of a deposit does Shopee take from me")["looks"]
    held = next(one for one in look["refused"] if one["id"] == "deposit-amount")
    assert held["guard"] == "marketplace"
    assert held["said"] == [{"side": "another", "words": "shopee"}]
    assert held["speaks_of"] == ["ours"]
    assert line_of(held) == "- id: marketplace"
    assert "deposit-amount" not in [one["id"] for one in look["candidates"]]


def test_what_stands_in_the_content_to_the_letter_was_not_ranked(run: Run) -> None:
    (look,) = explained(run, "HOW MUCH IS THE DEPOSIT?")["looks"]
    assert look["written"]["text"] == "how much is the deposit"
    assert look["written"]["text"] in line_of(look["written"])
    assert (look["thresholds"], look["words"]) == (None, [])


def test_a_reply_keyword_is_named_with_its_rule(run: Run) -> None:
    explain = explained(run, "Potential Goods")
    assert explain["handler"] == "keyword"
    assert line_of(explain["rule"]) == f"- id: {explain['rule']['id']}"
    assert explain["looks"] == []


def test_the_sentence_that_decided_is_marked(run: Run) -> None:
    story = "We are a company from Ningbo. We sell lamps. How much is the deposit that I must pay?"
    looks = explained(run, story)["looks"]
    assert [look["text"] for look in looks][:2] == [story, "We are a company from Ningbo."]
    assert [look["text"] for look in looks if look["decided"]] == ["How much is the deposit that I must pay?"]


@pytest.mark.parametrize("text", ["", "👍", "12345", "/help", "/nonsense", "x" * 5000, "\u202e", "[bold]x[/bold] [/]"])
def test_anything_can_be_explained(run: Run, text: str) -> None:
    done = run("ask", "--explain", text)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_person_reads_places_thresholds_and_guards(run: Run) -> None:
    text = run("ask", "--explain", "how much of a deposit does Shopee take from me").stdout
    assert "knowledge/topics/fees/deposit-amount.yaml:" in text
    assert "An answer needs 0." in text
    assert 'the question says "shopee" (another), the topic speaks of ours' in text


def test_each_line_of_a_batch_is_explained(run: Run) -> None:
    done = run("ask", "--explain", "--batch", "-", stdin="佣金多少\n\n")
    assert [json.loads(line)["explain"]["handler"] for line in done.stdout.splitlines()] == ["answer", "unreadable"]
