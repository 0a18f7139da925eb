"""JSON reports: the answers of `ask --json` and the measures of `evaluate`."""

from __future__ import annotations

import json
import re
import time
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from bot.assistant import Assistant, Context
from bot.channels.text import as_text
from bot.content.kinds import suggest
from bot.knowledge.knowledge import Knowledge
from bot.model import Address, Message, Turn

SURROGATE = re.compile(r"[\ud800-\udfff]")
ALONE = Address("ask", "ask", "me")


def line(report: dict[str, Any]) -> str:
    """Format a report as a line of JSON; lone surrogates, which cannot be encoded, are escaped."""
    made = json.dumps(report, ensure_ascii=False)
    return made if made.isascii() or not SURROGATE.search(made) else json.dumps(report)


def turn_of(assistant: Assistant, text: str) -> Turn:
    """Answer a message in a new conversation."""
    return assistant.turn(Message(ALONE, text), Context())


def ask(assistant: Assistant, text: str) -> dict[str, Any]:
    """Answer a message, and return the report."""
    turn = turn_of(assistant, text)
    return {"text": text, **outcome_and_reply(turn, "\n\n".join(as_text(reply) for reply in turn.replies))}


def outcome_and_reply(turn: Turn, reply: str) -> dict[str, Any]:
    """Return the outcome and the reply of a turn."""
    outcome = turn.outcome
    return {
        "lang": turn.conversation.lang,
        "verdict": outcome.kind,
        "topic": outcome.topics[0] if outcome.topics else None,
        "topics": list(outcome.topics),
        "check": outcome.check,
        "score": round(outcome.score, 4),
        "candidates": [{"topic": one.topic, "score": round(one.score, 4)} for one in outcome.candidates],
        "reply": reply,
        "source": outcome.source,
        "date": outcome.date,
        "status": outcome.status,
        "tentative": outcome.tentative,
        "facts": list(outcome.facts),
    }


def offered_topics(turn: Turn) -> list[str]:
    """Return the topics offered by a question back."""
    if turn.outcome.kind != "clarify":
        return []
    return [
        button.says.removeprefix("topic=") for button in turn.conversation.offered if button.says.startswith("topic=")
    ]


def judge(question: dict[str, Any], turn: Turn) -> dict[str, Any]:
    """Return a question with its outcome and the criteria that it meets."""
    topics, outcome = question["topics"], turn.outcome
    told = outcome.kind == "answer" and bool(outcome.topics)
    choices = offered_topics(turn)
    top = next(iter(outcome.topics if told else choices), None)
    best = outcome.candidates[0] if outcome.candidates else None
    hit = told and any(topic in topics for topic in outcome.topics)
    return {
        "text": question["text"],
        "lang": question.get("lang"),
        "kind": question.get("kind"),
        "wanted": topics,
        "verdict": outcome.kind,
        "got": list(outcome.topics),
        "check": outcome.check,
        "offered": choices,
        "score": best.score if best else 0.0,
        "accurate": top in topics,
        "right": bool(topics) and hit,
        "wrong": told and not hit,
        "clarified": bool(topics) and outcome.kind == "clarify",
        "in3": bool(topics) and (hit or any(topic in topics for topic in choices)),
        "ranked3": bool(topics) and any(one.topic in topics for one in outcome.candidates[:3]),
        "kept": not topics and not told,
        "recalled": not topics and not told and outcome.kind in ("answer", "unknown"),
        "told": told,
    }


def unknown_topics(questions: Sequence[dict[str, Any]], knowledge: Knowledge) -> list[str]:
    """Return a warning for each unknown topic in the questions, since no answer can match it."""
    wanted = Counter(str(topic) for question in questions for topic in question["topics"])
    known = knowledge.library.topics
    return [
        f'no topic is called "{name}", so no answer is correct for {count} of the questions; {suggest(name, known)}'
        for name, count in sorted(wanted.items())
        if name not in known
    ]


def evaluate(assistant: Assistant, questions: Sequence[dict[str, Any]], step: Callable[[int], None]) -> dict[str, Any]:
    """Return the measures over all questions, by language and by kind, in percent, and the missed questions."""
    turn_of(assistant, questions[0]["text"])  # exclude lazy loading from the timing
    rows = []
    for question in questions:
        started = time.perf_counter()
        turn = turn_of(assistant, question["text"])
        rows.append({**judge(question, turn), "ms": (time.perf_counter() - started) * 1000})
        step(1)
    keep = ("text", "lang", "kind", "wanted", "verdict", "got", "check", "offered", "score")
    return {
        **measures(rows),
        "by_lang": group_measures(rows, "lang"),
        "by_kind": group_measures(rows, "kind"),
        "misses": [{name: row[name] for name in keep} for row in rows if not (row["right"] or row["kept"])],
    }


def group_measures(rows: Sequence[dict[str, Any]], key: str) -> dict[str, Any]:
    names = sorted({str(row[key]) for row in rows if row[key]})
    return {name: measures([row for row in rows if row[key] == name]) for name in names}


def measures(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the measures of `merchant-bot evaluate --help`: shares in percent, and the mean time in milliseconds."""
    inside = [row for row in rows if row["wanted"]]
    outside = [row for row in rows if not row["wanted"]]
    told = [row for row in inside if row["told"]]
    return {
        "n": len(rows),
        "in_scope": len(inside),
        "accuracy": share(inside, "accurate"),
        "outright": share(inside, "told"),
        "precision": share(told, "right"),
        "right": share(inside, "right"),
        "wrong": share(rows, "wrong"),
        "clarified": share(inside, "clarified"),
        "in3": share(inside, "in3"),
        "ranked3": share(inside, "ranked3"),
        "oos_recall": share(outside, "recalled"),
        "oos_kept": share(outside, "kept"),
        "auroc": auroc([row["score"] for row in inside], [row["score"] for row in outside]),
        "ms": round(sum(row["ms"] for row in rows) / len(rows), 3),
    }


def share(rows: Sequence[dict[str, Any]], key: str) -> float | None:
    return round(100 * sum(bool(row[key]) for row in rows) / len(rows), 2) if rows else None


def auroc(inside: Sequence[float], outside: Sequence[float]) -> float | None:
    """Return the area under the ROC curve in percent, by the Mann-Whitney U statistic; None without both classes."""
    if not inside or not outside:
        return None
    ordered = sorted(outside)
    wins = sum((bisect_left(ordered, score) + bisect_right(ordered, score)) / 2 for score in inside)
    return round(100 * wins / (len(inside) * len(outside)), 2)


COLUMNS = (
    "n",
    "accuracy",
    "outright",
    "precision",
    "right",
    "in3",
    "clarified",
    "wrong",
    "oos_recall",
    "oos_kept",
    "auroc",
    "ms",
)


def summary(report: dict[str, Any]) -> str:
    """Format a report as a table."""
    rows = [("all", report), *report["by_lang"].items(), *report["by_kind"].items()]
    out = [f"{'':14}" + "".join(f"{name:>11}" for name in COLUMNS)]
    for name, row in rows:
        cells = "".join(f"{'' if row[column] is None else row[column]:>11}" for column in COLUMNS)
        out.append(f"{name:14}{cells}")
    return "\n".join([*out, "Shares in percent; `merchant-bot evaluate --help` explains the columns."])
