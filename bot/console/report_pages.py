"""The owner's page of reports, with its files, and its switch for the weekly message."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time

from aiohttp import web

from bot.console.lists import XLSX
from bot.console.periods import PERIODS, Period, asked_for
from bot.console.questions import QuestionsPages
from bot.console.report import DAILY, KINDS, Block, Figures, Gap, Report
from bot.console.report_files import as_csv, as_xlsx
from bot.console.site import Route, Site, Tab, Visit, download
from bot.console.weekly import Weekly
from bot.console.words import Words
from bot.knowledge.knowledge import Knowledge
from bot.store.ports import Reports


@dataclass(frozen=True)
class Shown:
    """A report's period, the time that it is compared with, and its tables."""

    period: Period
    compared: Period
    blocks: list[Block]


async def figures(store: Reports, period: Period) -> Figures:
    return Figures.of(
        await store.sums(period.first, period.last, KINDS), await store.turnout(period.first, period.last)
    )


async def report(store: Reports, knowledge: Knowledge, period: Period, now: datetime, say: Words) -> Report:
    """Return a period's report; `now` is in the agency's zone."""
    compared = period.compared(now.date())
    return Report(await figures(store, period), await figures(store, compared), say, knowledge)


class ReportPages:
    def __init__(self, site: Site, questions: QuestionsPages, weekly: Weekly) -> None:
        self.site, self.questions, self.weekly = site, questions, weekly
        site.add(
            [
                Route("GET", "/reports", "owner", self.show),
                Route("GET", "/reports/report.csv", "owner", self.csv),
                Route("GET", "/reports/report.xlsx", "owner", self.xlsx),
                Route("POST", "/reports/weekly", "owner", self.switch),
            ],
            [Tab("reports", "/reports", "owner")],
        )

    def now(self) -> datetime:
        """The time now, in the agency's zone."""
        return datetime.now(self.site.ready.knowledge.library.operator.zone)

    async def made(self, visit: Visit, *, whole: bool = False) -> Shown:
        """Return the report that is asked for; `whole`: once all questions are grouped."""
        now, store, knowledge = self.now(), self.site.store, self.site.ready.knowledge
        query = visit.request.query
        period = asked_for(query.get("by", ""), query.get("day", ""), now.date())
        shown, compared = period.until(now.date()), period.compared(now.date())
        drawn = shown.drawn
        days = await store.sums(drawn[0], drawn[-1], DAILY, by_day=True)
        made = await report(store, knowledge, period, now, visit.say)
        turnout = await store.turnout(drawn[0], drawn[-1]) if period.by == "day" else made.now.turnout
        blocks = made.blocks(shown, days, turnout, await self.gaps(period, whole=whole))
        return Shown(period, compared, blocks)

    async def gaps(self, period: Period, *, whole: bool) -> list[Gap] | None:
        """Return the groups of questions that were asked in vain in a period, None while they are being grouped."""
        groups = await self.questions.groups(whole=whole)
        if groups is None:
            return None
        zone, known = self.now().tzinfo, self.questions.grouping.sorting.known
        first, end = (datetime.combine(day, time(), zone).timestamp() for day in (period.first, period.after.first))

        def count(questions: tuple[int, ...]) -> int:
            return sum(first <= known[one].time < end for one in questions if one in known)

        found = [Gap(one.said[0].words, number) for one in groups if (number := count(one.questions))]
        return sorted(found, key=lambda one: (-one.count, one.words))

    async def show(self, visit: Visit) -> web.StreamResponse:
        shown, today = await self.made(visit), self.now().date()
        return self.site.page(
            visit,
            "reports.html",
            "reports",
            shown=shown,
            kinds=PERIODS,
            today=today,
            title=title(shown.period, visit.say),
            versus=title(shown.compared, visit.say),
            zone=str(self.now().tzinfo),
            weekly=await self.weekly.state(visit.staff, "report"),
        )

    async def csv(self, visit: Visit) -> web.StreamResponse:
        return await self.file(visit, as_csv, "csv", "text/csv")

    async def xlsx(self, visit: Visit) -> web.StreamResponse:
        return await self.file(visit, as_xlsx, "xlsx", XLSX)

    async def file(
        self, visit: Visit, write: Callable[[str, list[Block]], bytes], ending: str, type: str
    ) -> web.StreamResponse:
        shown = await self.made(visit, whole=True)
        name = f"report-{shown.period.by}-{shown.period.first}.{ending}"
        head = visit.say("report_of", period=title(shown.period, visit.say))
        return download(write(head, shown.blocks), type, name)

    async def switch(self, visit: Visit) -> web.StreamResponse:
        await self.weekly.switch(visit.staff, "report", visit.lang if visit.field("on") else None)
        raise self.site.redirect("/reports#weekly")


def title(period: Period, say: Words) -> str:
    """Return the title of a period: "30 November 2026", "23–29 November 2026", "November 2026"."""
    first, last = period.first, period.last
    whole = Period.of(period.by, first) == period
    if period.by == "month" and whole:
        return say("period_month", month=month(first.month, say), year=str(first.year))

    def day(one_day: int, in_month: int, year: int) -> str:
        return say("period_day", day=one_day, month=month(in_month, say), year=str(year))

    begin, end = day(first.day, first.month, first.year), day(last.day, last.month, last.year)
    return begin if first == last else f"{begin} – {end}"


def month(number: int, say: Words) -> str:
    return say(f"month_{number}")
