"""The first page: what arrived today and how it was answered, what waits, and whether the content is in use."""

from __future__ import annotations

import time
from dataclasses import dataclass

from aiohttp import web

from bot.console.site import Route, Site, Tab, Visit
from bot.knowledge.lint import unset

VERDICTS = ("answer", "check", "clarify", "unknown")
MOST_UNKNOWNS = 8
WIDTH, HEIGHT = 600, 80  # of the drawn line


@dataclass(frozen=True)
class Line:
    """The last hour's messages a minute as an SVG path, with its highest value."""

    path: str
    most: int
    total: int

    @classmethod
    def of(cls, minutes: tuple[int, ...]) -> Line:
        most = max(minutes, default=0)
        step = WIDTH / max(1, len(minutes) - 1)
        points = [
            f"{i * step:.1f} {HEIGHT - 4 - one / max(1, most) * (HEIGHT - 8):.1f}" for i, one in enumerate(minutes)
        ]
        return cls("M" + " L".join(points), most, sum(minutes))


class Today:
    def __init__(self, site: Site) -> None:
        self.site = site
        site.add([Route("GET", "", "consultant", self.show)], [Tab("today", "", "consultant")])

    async def show(self, visit: Visit) -> web.StreamResponse:
        site, now = self.site, time.time()
        activity = await site.store.activity(midnight(now), now)
        topics = site.ready.knowledge.library.topics
        asked = sorted(activity.unknowns.items(), key=lambda one: -one[1])[:MOST_UNKNOWNS]
        unknowns = [(topics[name].title[visit.lang] if name in topics else name, count) for name, count in asked]
        others = sum(count for verdict, count in activity.verdicts.items() if verdict not in VERDICTS)
        return site.page(
            visit,
            "today_live.html" if visit.is_fragment else "today.html",
            "today",
            verdicts=[(name, activity.verdicts.get(name, 0)) for name in VERDICTS],
            total=sum(activity.verdicts.values()),
            others=others,
            line=Line.of(activity.minutes),
            tickets=activity.tickets,
            unknowns=unknowns,
            queues=await site.store.queues(),
            empty=[one.words(visit.lang) for one in unset(site.ready.knowledge.library)]
            if visit.staff.may("editor")
            else [],
            rejected=site.content.rejected if site.content else None,
            version=site.ready.knowledge.version,
            now=time.strftime("%H:%M:%S", time.localtime(now)),
        )


def midnight(now: float) -> float:
    """Return the begin of the day of a time, both in Unix seconds."""
    day = time.localtime(now)
    return time.mktime((day.tm_year, day.tm_mon, day.tm_mday, 0, 0, 0, 0, 0, -1))
