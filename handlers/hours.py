"""/hours: the consultants' hours, and whether they are open."""

from __future__ import annotations

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from bot.content.hours import DAYS, Hours, Span
from bot.knowledge.knowledge import Knowledge
from bot.knowledge.writer import long_date
from bot.model import COMMA, Reply, Terms, Turn
from handlers.ability import Ability
from handlers.request import ANSWERED, Request


def hours(request: Request, _: str) -> Turn | None:
    """Show the week's hours; None if the operator has entered none."""
    known = request.knowledge.library.operator.hours
    if known is None:
        return None
    lines = "\n".join(
        request.say("hours_line", days=days(request, first, last), spans=spans(request, there))
        for first, last, there in known.runs()
    )
    closed = [long_date(day, request.lang) for day in sorted(known.closed) if day >= request.today]
    text = request.say(
        "hours",
        lines=lines,
        zone=zone(request, known),
        closed=COMMA[request.lang].join(closed),
        now=now(request, known),
    )
    return request.turn(Reply(text), outcome=ANSWERED)


def days(request: Request, first: int, last: int) -> str:
    begin, end = (request.say(f"day_{DAYS[day]}") for day in (first, last))
    return begin if first == last else request.say("hours_days", first=begin, last=end)


def spans(request: Request, there: tuple[Span, ...]) -> str:
    return COMMA[request.lang].join(f"{begin:%H:%M}–{end:%H:%M}" for begin, end in there)


def zone(request: Request, known: Hours) -> str:
    """Return the time zone's name, or its offset from UTC on this day."""
    if known.zone_name:
        return known.zone_name[request.lang]
    distance = datetime.combine(request.today, time(12), ZoneInfo(known.zone)).strftime("%z")
    return f"UTC{distance[:3]}:{distance[3:]}"


def now(request: Request, known: Hours) -> str:
    """Say whether the desk is open at the message's time, or when it opens; "" if the time is unknown."""
    if not request.message.at:
        return ""
    moment = datetime.fromtimestamp(request.message.at, UTC)
    if known.open_at(moment):
        return request.say("hours_now")
    back = known.next_open(moment)
    if back is None:
        return ""
    return request.say("hours_next", day=request.say(f"day_{DAYS[back.weekday()]}"), time=f"{back:%H:%M}")


def has_hours(knowledge: Knowledge, terms: Terms) -> bool:
    return knowledge.library.operator.hours is not None


HOURS = Ability("hours", hours, words="hours_words", offered=has_hours, in_group="said")
