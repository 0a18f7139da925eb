"""`chat --json`: conversations as JSON lines, for scripts."""

from __future__ import annotations

import json
from typing import Any

from tests.cli.conftest import Run

FIELDS = {
    *("conversation", "text", "lang", "verdict", "topic", "topics", "check", "score", "candidates", "reply", "source"),
    *("date", "status", "tentative", "facts", "buttons", "answers", "asked", "pending", "check_verdict"),
}
MEDAL = {"monthly_gmv_usd": 9000, "strengths": ["brand"]}
LINES: list[Any] = [
    {"conversation": "a", "text": "how much is the deposit"},
    {"conversation": "b", "check": "medal", "answers": {"monthly_gmv_usd": 9000}, "ask": "strengths", "lang": "zh"},
    {"conversation": "a", "press": "topic=deposit-refund"},
    {"conversation": "b", "text": "保证金多少"},
    {"conversation": "b", "text": "不知道"},
    {"conversation": "c", "text": "佣金多少", "lang": "en"},
    {"conversation": "d", "check": "medal", "answers": {"monthly_gmv_usd": 9000}, "ask": "strengths"},
    {"conversation": "d", "text": "we have a strong brand"},
    {"conversation": "a", "text": "half a character: \ud83d"},
]
BAD = {
    "rubbish": "not JSON",
    "[1]": "not a JSON object",
    '{"text": "hello"}': '"conversation" is missing',
    '{"conversation": "a"}': "one of text, press and check",
    '{"conversation": "a", "text": "x", "press": "y"}': "one of text, press and check",
    '{"conversation": "a", "text": 5}': '"text" must be a text',
    '{"conversation": "a", "txt": "x"}': 'no key is called "txt"',
    '{"conversation": "a", "text": "x", "lang": "fr"}': "en, zh",
    '{"conversation": "a", "check": "medals"}': 'no check is called "medals"',
    '{"conversation": "a", "check": "medal", "answers": {"gmv": 1}}': 'no question is called "gmv"',
    '{"conversation": "a", "check": "medal", "answers": {}, "ask": "gmv"}': 'no question is called "gmv"',
}


def talked(run: Run, lines: list[str], code: int = 0) -> list[dict[str, Any]]:
    done = run("chat", "--json", "--today", "2026-11-29", stdin="".join(f"{line}\n" for line in lines))
    assert done.returncode == code, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_talks_come_mixed_and_each_goes_on_by_itself(run: Run) -> None:
    lines = [json.dumps(line) for line in LINES]
    made = talked(run, lines)
    assert [set(one) for one in made] == [FIELDS] * len(LINES)
    deposit, begun, pressed, beside, unknown, chinese, _, brand, half = made
    assert (deposit["topic"], deposit["facts"][0]) == ("deposit-amount", "deposit-amount.range")
    assert not any(button["label"] in deposit["reply"] for button in deposit["buttons"])
    assert {"label": "Getting the deposit back", "says": "topic=deposit-refund"} in deposit["buttons"]
    assert pressed["topic"] == "deposit-refund"
    assert (begun["asked"], begun["answers"], begun["lang"]) == ("strengths", {"monthly_gmv_usd": 9000}, "zh")
    assert (beside["topic"], beside["check"], beside["asked"]) == ("deposit-amount", None, "strengths")
    assert beside["answers"] == {"monthly_gmv_usd": 9000}
    assert unknown["answers"]["strengths"] == "unknown"
    assert chinese["lang"] == "zh"  # the text tells it
    assert (brand["answers"], brand["asked"], brand["check_verdict"]) == (MEDAL, None, "ask")
    assert "\ud83d" in half["text"]
    assert talked(run, lines) == made


def test_a_value_that_waits_for_a_yes_is_pending(run: Run) -> None:
    begin = {"conversation": "a", "check": "medal", "answers": {}, "ask": "monthly_gmv_usd"}
    said = ({"conversation": "a", "text": text} for text in ("between 100 and 20000", "yes"))
    _, doubted, taken = talked(run, [json.dumps(line) for line in (begin, *said)])
    assert doubted["pending"] == {"question": "monthly_gmv_usd", "value": 100}
    assert doubted["answers"] == {}
    assert (taken["pending"], taken["answers"]) == (None, {"monthly_gmv_usd": 100})


def test_a_line_that_cannot_be_read_is_told_and_the_rest_goes_on(run: Run) -> None:
    lines = [*BAD, '{"conversation": "a", "text": "how much is the deposit"}']
    *bad, good = talked(run, lines, code=1)
    assert good["topic"] == "deposit-amount"
    for (line, words), made in zip(BAD.items(), bad, strict=True):
        assert words in made["error"], line
