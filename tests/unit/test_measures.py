"""What `evaluate` counts: one turn for each thing that can become of a question."""

from __future__ import annotations

from typing import Any

import pytest

from bot.commands.json_reports import judge, measures
from bot.model import Button, Conversation, Outcome, Turn

ANSWERED = Turn((), Outcome("answer", ("a",)))
ASKED_BACK = Turn((), Outcome("clarify"), Conversation(offered=(Button("B", "topic=b"), Button("A", "topic=a"))))
CHECK = Turn((), Outcome("check", check="c"))
UNKNOWN = Turn((), Outcome("unknown"))
SMALL_TALK = Turn((), Outcome("answer"))


def measured(turn: Turn, *topics: str) -> dict[str, Any]:
    return measures([{**judge({"text": "?", "topics": list(topics)}, turn), "ms": 1.0}])


@pytest.mark.parametrize(
    ("turn", "accuracy", "outright", "precision", "in3"),
    [
        (ANSWERED, 100, 100, 100, 100),
        (ASKED_BACK, 0, 0, None, 100),
        (CHECK, 0, 0, None, 0),
        (UNKNOWN, 0, 0, None, 0),
        (SMALL_TALK, 0, 0, None, 0),
    ],
)
def test_a_question_in_scope(turn: Turn, accuracy: float, outright: float, precision: float | None, in3: float) -> None:
    found = measured(turn, "a")
    assert (found["accuracy"], found["outright"], found["precision"], found["in3"]) == (
        accuracy,
        outright,
        precision,
        in3,
    )
    assert found["oos_recall"] is None


def test_the_first_choice_is_the_top_topic() -> None:
    assert measured(ASKED_BACK, "b")["accuracy"] == 100


@pytest.mark.parametrize(
    ("turn", "recall", "kept"),
    [(ANSWERED, 0, 0), (ASKED_BACK, 0, 100), (CHECK, 0, 100), (UNKNOWN, 100, 100), (SMALL_TALK, 100, 100)],
)
def test_a_question_out_of_scope(turn: Turn, recall: float, kept: float) -> None:
    found = measured(turn)
    assert (found["oos_recall"], found["oos_kept"]) == (recall, kept)
    assert (found["accuracy"], found["precision"]) == (None, None)
