"""Conversations, results and groups as JSON. Fields from other versions are ignored."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.json_text import from_text, to_text
from bot.model import (
    Address,
    Answered,
    Button,
    CheckState,
    Consent,
    Conversation,
    Exchange,
    Group,
    Heard,
    Json,
    Language,
    Reason,
    Result,
    Section,
    Sheet,
    Ticket,
)


def to_json(state: Conversation | Result | Group) -> str:
    """Format a conversation, result or group as JSON, without the conversation's ticket and subscriptions."""
    if isinstance(state, Conversation) and (state.ticket or state.subscribed):
        # Both have their own tables: a consultant may close a ticket, and subscriptions outlive a conversation.
        state = state.with_(ticket=None, subscribed=())
    return to_text(state)


def from_json(text: str) -> Conversation:
    """Parse a stored conversation."""
    state = from_text(text)
    state["offered"] = tuple(Button(**known_fields(Button, button)) for button in state.get("offered", ()))
    state["heard"] = tuple(Heard(**known_fields(Heard, one)) for one in state.get("heard", ()))
    state["check"] = check_of(state["check"]) if state.get("check") else None
    state["answers"] = tuple(answered_of(one) for one in state.get("answers", ()))
    state["unhelped"] = answered_of(state["unhelped"]) if state.get("unhelped") else None
    state["consent"] = Consent(**known_fields(Consent, state["consent"])) if state.get("consent") else None
    for name in ("told", "cited", "last", "rest", "shown", "subscribed", "earlier", "facts"):
        state[name] = tuple(state.get(name, ()))
    state["recent"] = tuple(Exchange(**known_fields(Exchange, one)) for one in state.get("recent", ()))
    return Conversation(**known_fields(Conversation, state))


def conversation_of(rows: Sequence[Sequence[Any]]) -> Conversation:
    """Build a conversation with its subscriptions and its open ticket from the rows of SELECT_CONVERSATION."""
    state, _, id, *ticket = rows[0]
    talk = from_json(state) if state is not None else Conversation()
    talk = talk.with_(subscribed=tuple(subject for _, subject, *_ in rows if subject is not None))
    return talk if id is None else talk.with_(ticket=ticket_of((id, *ticket)))


def ticket_of(row: Sequence[Any]) -> Ticket:
    """Build a ticket from a row of the columns TICKET."""
    (
        id,
        address,
        lang,
        state,
        first,
        heard,
        name,
        holder,
        holder_name,
        opened,
        answered,
        reminded,
        card,
        lead,
        solved,
        answers,
        waits,
    ) = row
    spoken: Language = "zh" if lang == "zh" else "en"
    place, times = (id, Address.of(address), spoken, state == "open", first, heard), (opened, answered)
    return Ticket(*place, name, holder, holder_name, *times, reminded, card, bool(lead), solved, answers, waits)


def result_from_json(text: str) -> Result:
    """Parse a stored result."""
    state = from_text(text)
    sheets = {name: sheet_of(state[name]) for name in ("en_sheet", "zh_sheet") if state.get(name)}
    return Result(**{**known_fields(Result, state), "answers": answers_of(state.get("answers", ())), **sheets})


def answered_of(state: dict[str, Any]) -> Answered:
    return Answered(**{**known_fields(Answered, state), "topics": tuple(state.get("topics", ()))})


def sheet_of(state: dict[str, Any]) -> Sheet:
    sections = (known_fields(Section, one) for one in state.get("sections", ()))
    return Sheet(
        **{
            **known_fields(Sheet, state),
            "answers": tuple((name, answer) for name, answer in state.get("answers", ())),
            "reasons": tuple(Reason(**known_fields(Reason, one)) for one in state.get("reasons", ())),
            "sections": tuple(Section(**{**one, "lines": tuple(one["lines"])}) for one in sections),
            "notes": tuple(state.get("notes", ())),
        }
    )


def group_from_json(text: str) -> Group:
    """Parse a stored group."""
    state = known_fields(Group, from_text(text))
    allowed = state.get("allowed")
    return Group(
        **{
            **state,
            "allowed": None if allowed is None else tuple(allowed),
            "said": tuple((name, at) for name, at in state.get("said", ())),
        }
    )


def known_fields(type_: Any, state: dict[str, Any]) -> dict[str, Any]:
    """Keep the fields that a dataclass has."""
    return {name: value for name, value in state.items() if name in type_.__dataclass_fields__}


def check_of(state: dict[str, Any]) -> CheckState:
    answers, chosen = state.get("answers", ()), state.get("chosen")
    return CheckState(
        **{
            **known_fields(CheckState, state),
            "answers": answers_of(answers),
            "chosen": None if chosen is None else tuple(chosen),
            "doubt": json_of(state["doubt"]) if state.get("doubt") is not None else None,
        }
    )


def answers_of(pairs: Any) -> tuple[tuple[str, Json], ...]:
    return tuple((name, json_of(value)) for name, value in pairs)


def json_of(value: Any) -> Json:
    return tuple(value) if isinstance(value, list) else value
