"""The summary of a talk that is over, for consultants: who, how long, what was asked and what was answered."""

from __future__ import annotations

from collections.abc import Sequence

from bot.channels.markup import escape_lines, plain
from bot.desk.cards import Cards
from bot.model import Ticket
from bot.store import TalkEntry

MINUTE = 60.0
MOST = 6  # last questions told
LONGEST = 160  # characters of each message
EDITED = "edited"  # ends the kind of a corrected message


def exchanges(talk: Sequence[TalkEntry]) -> list[tuple[str, list[str]]]:
    """Return the merchant's questions, each with the answers that followed; "" before the first question."""
    told: list[tuple[str, list[str]]] = []
    for one in talk:
        if one.kind.endswith(EDITED):
            continue
        if one.who == "merchant":
            told.append((one.text, []))
        elif one.who == "consultant":
            told = told or [("", [])]
            told[-1][1].append(plain(one.text))
    return told


def summary(cards: Cards, ticket: Ticket, talk: Sequence[TalkEntry], now: float) -> str:
    """Return the summary in Markdown, in the consultants' language."""
    told = exchanges(talk)
    first = None if ticket.answered is None else round((ticket.answered - ticket.opened) / MINUTE)
    head = cards.say(
        "desk_summary",
        ticket,
        name=escape_lines(ticket.name),
        holder=escape_lines(ticket.holder_name),
        minutes=round((now - ticket.opened) / MINUTE),
        first=first,
        asked=sum(bool(question) for question, _ in told),
        answered=sum(len(answers) for _, answers in told),
    )
    lines = [f"- {shortened(question or '…')} → {shortened('; '.join(answers) or '—')}" for question, answers in told]
    return "\n\n".join(filter(None, (head, "\n".join(lines[-MOST:]))))


def shortened(text: str) -> str:
    line = " ".join(text.split())
    return escape_lines(line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…")
