"""The explanation of an answer for editors (`ask --explain`), as JSON and as text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from bot.assistant import Assistant
from bot.commands.json_reports import ALONE
from bot.knowledge.looks import Held, Known, Look, Near, Place, looks, place
from bot.model import Conversation, Message, Outcome
from bot.search.found import Label
from handlers import first_turn, request_of
from handlers.answer import answer
from handlers.keyword import keyword

DECIDED = {
    "handoff": "It goes to a consultant, or ends the talk with one.",
    "erasure_answer": "It answers whether all that is kept is to be erased.",
    "courtesy": "It is small talk in numbers or repeated syllables.",
    "courtesy_of_signs": "It is small talk in emoji.",
    "offer_answer": "It answers whether a consultant is wanted.",
    "unreadable": "There is nothing to read in this message: no words.",
    "result_code": "It is the code of a check's result.",
    "command": "It is a command.",
    "by_words": "It is one of the sentences that ask for what a command does, for the rest of an answer or its source.",
    "check": "A check that is in progress took it.",
    "choice": "It chooses what was offered before.",
    "keyword": "A reply keyword answers it; nothing was ranked.",
    "check_request": "It asks for a check of the merchant's own case.",
    "answer": "The phrasings decided.",
}
SURELY = "Hardly a word of it is known English: only a topic that is surely meant is answered."
MOST = 5  # candidates in the text
PIPED_WIDTH = 200  # characters


@dataclass(frozen=True)
class Explanation:
    """The handler that answered a message, and the matcher's explanations if the phrasings decided."""

    handler: str
    outcome: Outcome
    foreign: bool  # hardly a word is known English
    rule: str | None  # the reply keyword's
    rule_place: Place | None
    looks: tuple[Look, ...]


def explain(assistant: Assistant, text: str) -> Explanation:
    """Explain the answer to a message in a new conversation."""
    knowledge = assistant.knowledge
    asked = request_of(Message(ALONE, text), Conversation(), knowledge, assistant.today())
    handler, turn = first_turn(asked)
    rule = knowledge.rule(asked.text) if handler is keyword else None
    ranked = handler is answer and any(character.isalpha() for character in asked.text)
    return Explanation(
        handler.__name__,
        turn.outcome,
        ranked and knowledge.foreign(asked.text),
        rule.id if rule else None,
        place(knowledge.library.places[f"keywords/{rule.id}"]) if rule else None,
        looks(knowledge, asked.text) if ranked else (),
    )


def as_json(why: Explanation) -> dict[str, Any]:
    """Return the `explain` object of `ask --json`."""
    return {
        "handler": why.handler,
        "rule": {"id": why.rule, **place_json(why.rule_place)} if why.rule else None,
        "foreign": why.foreign,
        "looks": [look_json(look) for look in why.looks],
    }


def look_json(look: Look) -> dict[str, Any]:
    one = look.explanation
    ranked = look.reading.ranked
    return {
        "text": look.reading.text,
        "decided": look.decided,
        "verdict": look.reading.verdict,
        "written": known_json(look.written) if look.written else None,
        "meant": label_json(look.meant) if look.meant else None,
        "candidates": [{**label_json(label), "score": score} for label, score in ranked],
        "second": {**label_json(ranked[1][0]), "score": ranked[1][1]} if len(ranked) > 1 else None,
        "refused": [held_json(held) for held in look.held],
        "read_as": one.text if one else None,
        "matcher": look.lang,
        "corrected": [{"written": written, "read": read} for written, read in one.corrected] if one else [],
        "thresholds": {"answer": one.thresholds.answer, "clarify": one.thresholds.clarify} if one else None,
        "among_three": one.among_three if one else None,
        "words": [near_json(near) for near in look.words],
        "meaning": [near_json(near) for near in look.meaning],
        "evidence": [{"name": part.name, "value": part.value, "adds": part.adds} for part in one.evidence]
        if one
        else [],
    }


def label_json(label: Label) -> dict[str, Any]:
    return {"kind": label.kind, "id": label.name, "missing": label.detail}


def place_json(where: Place | None) -> dict[str, Any]:
    return {"file": where.file if where else None, "line": where.line if where else None}


def known_json(known: Known) -> dict[str, Any]:
    return {**label_json(known.label), "lang": known.lang, "text": known.text, **place_json(known.place)}


def near_json(near: Near) -> dict[str, Any]:
    return {**known_json(near.known), "cosine": near.cosine}


def held_json(held: Held) -> dict[str, Any]:
    return {
        **label_json(held.label),
        "score": held.score,
        "guard": held.refusal.guard,
        "said": [{"side": side, "words": words} for side, words in held.refusal.said],
        "speaks_of": list(held.refusal.speaks_of),
        **place_json(held.place),
    }


def show(why: Explanation) -> None:
    """Print the explanation; lines in a pipe are long, to keep places unbroken."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=PIPED_WIDTH)
    console.print(verdict_line(why))
    if why.rule:
        console.print(Text(f"  The rule {why.rule}, {why.rule_place}"))
    if why.foreign:
        console.print(SURELY)
    for look in why.looks:
        console.print()
        if look.decided or len(why.looks) == 1:
            console.print(Group(*details(look)))
        else:
            console.print(Text.assemble(("Also read: ", "dim"), look.reading.text, f"\n  {summary(look)}"))


def verdict_line(why: Explanation) -> Text:
    outcome = why.outcome
    about = ", ".join(outcome.topics) or (f"check {outcome.check}" if outcome.check else "")
    line = Text.assemble((outcome.kind, "bold"), f": {about}" if about else "", f"  (score {outcome.score:.2f})")
    return line.append(f"\n{DECIDED[why.handler]}")


def summary(look: Look) -> str:
    ranked = look.reading.ranked
    best = f", {ranked[0][0]} {ranked[0][1]:.2f}" if ranked else ""
    return f"{look.reading.verdict}{best}"


def details(look: Look) -> Iterator[RenderableType]:
    yield Text.assemble(("Read: ", "dim"), (look.reading.text, "bold"))
    if look.written:
        yield Text(f"  It stands in the content to the letter: {look.written.label}, {look.written.place}")
        return
    why = look.explanation
    if why is None:
        return
    for written, read in why.corrected:
        yield Text(f"  Spelling: {written} was also read as {read}")
    bar = why.thresholds
    yield Text(
        f"  {summary(look)}. An answer needs {bar.answer:.2f}. "
        f"That the right one is among the first three: {why.among_three:.2f}; to offer them needs {bar.clarify:.2f}."
    )
    if look.meant and look.meant.detail:
        yield Text(f"  It asks for a missing detail: {look.meant.detail}")
    for held in look.held:
        yield Text(f"  Held back: {held_columns(held)}", style="yellow")
    yield heading("What it may be about, best first")
    yield borderless_table(
        ("score", "what"), [(f"{score:.2f}", str(label)) for label, score in look.reading.ranked[:MOST]]
    )
    for view, nears in (("by words and letters", look.words), ("by meaning", look.meaning)):
        if nears:
            yield heading(f"Nearest phrasings {view}")
            yield borderless_table(("cosine", "of", "phrasing", "where"), [near_row(near) for near in nears])
    yield heading("What the score is made of")
    rows = [(f"{part.value:.2f}", f"{part.adds:+.2f}", part.name) for part in why.evidence]
    yield borderless_table(("value", "adds", "evidence"), rows)


def held_columns(held: Held) -> str:
    said = " and ".join(f'"{words}" ({side})' for side, words in held.refusal.said)
    return (
        f"{held.label} ({held.score:.2f}), by the guard {held.refusal.guard}, {held.place}: "
        f"the question says {said}, the topic speaks of {' and '.join(held.refusal.speaks_of)}"
    )


def near_row(near: Near) -> tuple[str, str, str, str]:
    return f"{near.cosine:.2f}", str(near.known.label), near.known.text, str(near.known.place or "")


def heading(text: str) -> Text:
    return Text(f"  {text}:", style="cyan")


def borderless_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> RenderableType:
    """Make a borderless table; long cells are folded, so that places can be copied."""
    table = Table(box=None, pad_edge=False, show_header=False)
    for column in columns:
        table.add_column(
            column, overflow="fold", justify="right" if column in ("score", "cosine", "value", "adds") else "left"
        )
    for row in rows:
        table.add_row(*map(Text, row))
    return Padding(table, (0, 0, 0, 4), expand=False)
