"""Statements of a check's buttons: complete with question and run, so that a late press is understood."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from bot.checks import Answer, Question
from bot.checks.check import NUMBERS, UNKNOWN
from bot.model import CheckState, Message

LONGEST = 64  # bytes of a statement, Telegram's limit for `callback_data`
TAG_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"
TAG_LENGTH = 4

Order = Literal["ask", "done", "back", "why", "where", "review", "show", "go_on", "again", "anew", "stop"]
ORDERS: tuple[Order, ...] = ("ask", "done", "back", "why", "where", "review", "show", "go_on", "again", "anew", "stop")

PATTERN = re.compile(
    r"([a-z0-9_-]+)(?:\.([a-z0-9_-]+)=([^#]*)|:(" + "|".join(ORDERS) + r")(?:=([a-z0-9_-]+))?)#([0-9a-z]+)"
)


@dataclass(frozen=True)
class Statement:
    """One press: an answer (`value` to `question`), or an order, possibly about a question."""

    check: str
    run: str
    question: str | None = None
    value: str | None = None
    order: Order | None = None

    def __str__(self) -> str:
        if self.order is None:
            return f"{self.check}.{self.question}={self.value}#{self.run}"
        about = f"={self.question}" if self.question else ""
        return f"{self.check}:{self.order}{about}#{self.run}"


def parse(says: str) -> Statement | None:
    """Parse the statement of a check's button; None for other buttons."""
    match = PATTERN.fullmatch(says)
    if match is None:
        return None
    check, question, value, order, about, run = match.groups()
    return Statement(check, run, question or about, value, order)  # type: ignore[arg-type]


def tag(message: Message, check: str, before: CheckState | None) -> str:
    """Return the tag of a new run: the same for the same message, different for the run after it."""
    told = f"{message.address}\0{message.id}\0{message.text}\0{check}\0{before.run if before else ''}"
    digest = hashlib.sha256(told.encode("utf-8", "surrogatepass")).digest()
    return "".join(TAG_LETTERS[byte % 32] for byte in digest[:TAG_LENGTH])


def value_text(answer: Answer | None) -> str:
    """Format an answer as a statement's value."""
    if answer is None:
        return UNKNOWN
    if isinstance(answer, tuple):
        return ",".join(f"{one:f}" for one in answer)
    if isinstance(answer, frozenset):
        return ",".join(sorted(answer))
    return f"{answer:f}" if isinstance(answer, Decimal) else answer


def read(question: Question, value: str) -> object:
    """Parse a statement's value into the argument of `parse_answer`."""
    try:
        if question.kind == "amounts":
            return [Decimal(one) for one in value.split(",")]
        if question.kind in NUMBERS:
            return Decimal(value)
    except ArithmeticError:
        return value
    if question.kind == "choices":
        return [one for one in value.split(",") if one]
    return value
