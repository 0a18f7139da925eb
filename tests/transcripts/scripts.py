"""The scripts of conversations, and whether a turn is what they expect; `test_transcripts` says how they are written."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from bot.model import Turn

FILES = sorted(Path(__file__).parent.glob("*.yaml"))
TODAY = date(2026, 11, 24)
KEYS = {"verdict", "topic", "check", "contains", "lacks", "buttons", "result", "handoff", "card"}

Script = dict[str, Any]


def script_of(file: Path) -> Script:
    made: Script = yaml.load(file.read_text("utf-8"), Loader=yaml.CSafeLoader)
    return made


def fulfil(step: Script, turn: Turn, text: str, labels: Sequence[str], where: str) -> None:
    """Fail where a turn, its text and the labels of its buttons as they were shown, is not what the step expects."""
    expect = step.get("expect", {})
    assert not expect.keys() - KEYS, f"{where} expects what is not known: {expect.keys() - KEYS}"
    where = f"{where}, {step.get('user', step.get('press'))!r}, was answered:\n{text}"
    if "verdict" in expect:
        assert turn.outcome.kind == expect["verdict"], where
    if "check" in expect:
        assert turn.outcome.check == expect["check"], where
    if "handoff" in expect:
        assert turn.handoff == (expect["handoff"] or None), where
    for words in listed(expect.get("card", [])):
        assert words in turn.card, f"{words!r} is not on the card:\n{turn.card}"
    if "topic" in expect:
        assert (turn.outcome.topics or (None,))[0] == expect["topic"], where
    if "result" in expect:
        assert turn.keep is not None, where
        assert turn.keep.verdict == expect["result"], where
    for words in listed(expect.get("contains", [])):
        assert words in text, f"{words!r} is missing; {where}"
    for words in listed(expect.get("lacks", [])):
        assert words not in text, f"{words!r} should not be there; {where}"
    for words in listed(expect.get("buttons", [])):
        assert words in labels, f"no button {words!r} in {labels}; {where}"


def listed(value: Any) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else [str(value)]
