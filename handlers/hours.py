"""/hours: the consultants' hours, and whether they are open."""

from __future__ import annotations

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from bot.content.hours import DAYS, Hours, Span
from bot.knowledge.knowledge import Knowledge
from bot.knowledge.writer import long_date
from bot.model import Reply, Terms, Turn
from handlers.ability import Ability
from handlers.asked import ANSWERED, Asked


def hours(asked: Asked, _: str) -> Turn | None:
    """Show the week's hours; None if the operator has entered none."""
    known = asked.knowledge.library.operator.hours
    if known is None:
        return None
    lines = "\n".join(
        asked.say("hours_line", days=days(asked, first, last), spans=spans(asked, there))
        for first, last, there in known.runs()
    )
    closed = [long_date(day, asked.lang) for day in sorted(known.closed) if day >= asked.today]
    text = asked.say("hours", lines=lines, zone=zone(asked, known), closed=joined(asked, closed), now=now(asked, known))
    return asked.turn(Reply(text), outcome=ANSWERED)


def days(asked: Asked, first: int, last: int) -> str:
    begin, end = (asked.say(f"day_{DAYS[day]}") for day in (first, last))
    return begin if first == last else asked.say("hours_days", first=begin, last=end)


def spans(asked: Asked, there: tuple[Span, ...]) -> str:
    return joined(asked, [f"{clock(begin)}–{clock(end)}" for begin, end in there])


def clock(moment: time) -> str:
    return f"{moment:%H:%M}"


def joined(asked: Asked, parts: list[str]) -> str:
    return (", " if asked.lang == "en" else "、").join(parts)


def zone(asked: Asked, known: Hours) -> str:
    """Return the time zone's name, or its offset from UTC on this day."""
    if known.zone_name:
        return known.zone_name[asked.lang]
    distance = datetime.combine(asked.today, time(12), ZoneInfo(known.zone)).strftime("%z")
    return f"UTC{distance[:3]}:{distance[3:]}"


def now(asked: Asked, known: Hours) -> str:
    """Say whether the desk is open at the message's time, or when it opens; "" if the time is unknown."""
    if not asked.message.at:
        return ""
    moment = datetime.fromtimestamp(asked.message.at, UTC)
    if known.open_at(moment):
        return asked.say("hours_now")
    back = known.next_open(moment)
    return (
        asked.say("hours_next", day=asked.say(f"day_{DAYS[back.weekday()]}"), time=clock(back.time())) if back else ""
    )


def entered(knowledge: Knowledge, terms: Terms) -> bool:
    return knowledge.library.operator.hours is not None


HOURS = Ability("hours", hours, words="hours_words", offered=entered, in_group="said")
