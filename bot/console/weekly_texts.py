"""The texts of the weekly messages: a summary of the week before, and the outdated facts."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.channels.markup import escape_lines
from bot.console.aging import olds
from bot.console.periods import Period
from bot.console.report import span
from bot.console.report_pages import report, title
from bot.console.site import Site
from bot.console.words import Words
from bot.model import Language

MOST = 3  # topics, gaps and facts named
LONGEST = 120


def address(site: Site, path: str) -> str:
    """Return the line with a page's address, if it can be opened from elsewhere."""
    public = site.settings.public_url
    return f"\n\n{public.rstrip('/')}/console{path}" if public else ""


async def report_text(site: Site, lang: Language, now: datetime) -> str:
    say, store, knowledge = Words(lang), site.store, site.ready.knowledge
    period = Period.of("week", now.date() - timedelta(days=7))
    made = await report(store, knowledge, period, now, say)
    lines = [f"**{say('report_of', period=title(period, say))}**", ""]
    for name, count, _, difference in made.overview().rows:
        lines.append(f"- {name}: {count:,} ({difference})" if difference != "–" else f"- {name}: {count:,}")
    first = made.now.average("first answer")
    if first is not None:
        lines.append(f"- {say('report_first')}: {span(first, say)}")
    for block in (made.topics(), made.gaps()):
        named = "; ".join(f"{escape_lines(str(row[0]))} ({row[1]})" for row in block.rows[:MOST])
        lines += ["", f"{block.title}: {named}"] if named else []
    return "\n".join(lines) + address(site, f"/reports?by=week&day={period.first}")


async def aging_text(site: Site, lang: Language, now: datetime) -> str:
    """Return the list of outdated facts, "" if there are none."""
    say, library = Words(lang), site.ready.knowledge.library
    found = olds(library, now.date(), lang)
    if not found:
        return ""
    lines = [f"**{say('aging_digest', count=len(found), months=library.operator.confirm_months)}**"]
    if announced := sum(one.announced for one in found):
        lines += ["", say("aging_digest_announced", count=announced)]
    week = now.date() - timedelta(days=7)
    told = await site.store.counts_since(week, ("fact",))
    most = sorted((one for one in found if told.get(one.counted)), key=lambda one: -told[one.counted])[:MOST]
    if most:
        lines += ["", say("aging_digest_told")]
        lines += [
            f"- {escape_lines(one.topic.title[lang])}: {escape_lines(' '.join(one.text.split())[:LONGEST])} ({told[one.counted]})"
            for one in most
        ]
    return "\n".join(lines) + address(site, "/aging")
