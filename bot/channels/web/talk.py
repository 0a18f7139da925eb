"""The line above a talk with a consultant: who has it, and when they answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from statistics import median
from typing import Any

from bot.content.hours import DAYS
from bot.knowledge.knowledge import Knowledge
from bot.model import LANGUAGES, Language, Ticket
from bot.store import Marks

# Seconds to the first answer → the phrase for them.
USUAL = ((600.0, "minutes"), (3600.0, "hour"), (6 * 3600.0, "hours"), (24 * 3600.0, "day"))


def line(ticket: Ticket, knowledge: Knowledge, waits: Sequence[float], marks: Marks, now: float) -> dict[str, Any]:
    """Return the line of an open ticket as the page's JSON, with how far the visitor's messages came.

    `waits` are the seconds in which consultants first answered lately; `now` is in Unix seconds.
    """
    return {
        "id": ticket.id,
        "name": {lang: ticket.holder_name or knowledge.say("web_talk_nobody", lang) for lang in LANGUAGES},
        "state": {
            lang: knowledge.say("web_talk_writing", lang) if marks.writing else state(knowledge, waits, now, lang)
            for lang in LANGUAGES
        },
        "held": bool(ticket.holder),
        "delivered": marks.delivered,
        "seen": marks.seen,
    }


def state(knowledge: Knowledge, waits: Sequence[float], now: float, lang: Language) -> str:
    """Say how soon consultants usually answer, or outside their hours when the next begin."""
    hours, moment = knowledge.library.operator.hours, datetime.fromtimestamp(now, UTC)
    if hours is not None and not hours.open_at(moment):
        back = hours.next_open(moment)
        if back is None:
            return knowledge.say("web_talk_away", lang)
        day = knowledge.say(f"day_{DAYS[back.weekday()]}", lang)
        return knowledge.say("web_talk_back", lang, day=day, time=f"{back:%H:%M}")
    usual = median(waits) if waits else None
    found = next((name for seconds, name in USUAL if usual is not None and usual <= seconds), "soon")
    return knowledge.say(f"web_talk_{found}", lang)
