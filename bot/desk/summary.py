"""The summary of a talk that is over, for consultants: who, how long, what was asked and what was answered."""

from __future__ import annotations

from collections.abc import Sequence

from bot.channels.channel import Desk
from bot.channels.markup import escape_lines
from bot.desk.cards import Cards
from bot.model import Ticket
from bot.store.records import Shown

MINUTE = 60.0
MOST = 6  # last questions told
LONGEST = 160  # characters of each message


def exchanges(desk: Desk, calls: Sequence[Shown]) -> list[tuple[str, list[str]]]:
    """Return what the merchant wrote, each with the answers that followed; "" before the first question."""
    told: list[tuple[str, list[str]]] = []
    for call in calls:
        words = desk.said(call.payload) if call.channel == desk.channel else None
        if call.channel == desk.channel and call.chat in desk.chats:
            if words is not None:
                told.append((words, []))
        elif words is not None:
            told = told or [("", [])]
            told[-1][1].append(words)
    return told


def summary(cards: Cards, ticket: Ticket, calls: Sequence[Shown], now: float) -> str:
    """Return the summary in Markdown, in the consultants' language."""
    told = exchanges(cards.desk, calls)
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
