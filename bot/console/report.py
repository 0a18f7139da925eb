"""The owner's report: what the daily sums say of a period and of the time before, as tables with their charts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from markupsafe import Markup

from bot.console.charts import Series, bars, columns
from bot.console.periods import Period
from bot.console.words import Words
from bot.knowledge import deep_links
from bot.knowledge.knowledge import Knowledge
from bot.store import Sum, Turnout

VERDICTS = ("answer", "likely", "clarify", "unknown", "check", "other")
KINDS = (
    "message",
    "verdict",
    "topic",
    "gap",
    "fetched",
    "check",
    "ticket",
    "ended",
    "first answer",
    "feedback",
    "solved",
)
DAILY = ("message", "verdict")  # shown by day
FAST = ("5 minutes", "hour", "day", "longer")  # how long something took
ENDED = ("closed", "lapsed")
MOST = 25  # rows of a list
DRAWN = 10  # of them in its chart
MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0

Cell = str | int | float


@dataclass(frozen=True)
class Block:
    """A table under its heading, with a chart; `note` says what is not in it. The first cell of a row names it."""

    id: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    chart: Markup | None = None
    note: str = ""


@dataclass(frozen=True)
class Gap:
    """A group of questions without an answer, and how many of them were asked in the period."""

    words: str
    count: int


@dataclass(frozen=True)
class Figures:
    """The sums of some days by kind, name and detail, and who wrote on them."""

    turnout: Turnout
    counts: Mapping[tuple[str, str, str], int] = field(default_factory=dict)
    totals: Mapping[tuple[str, str, str], float] = field(default_factory=dict)

    @classmethod
    def of(cls, sums: Iterable[Sum], turnout: Turnout) -> Figures:
        counts: dict[tuple[str, str, str], int] = defaultdict(int)
        totals: dict[tuple[str, str, str], float] = defaultdict(float)
        for one in sums:
            counts[one.kind, one.name, one.detail] += one.count
            totals[one.kind, one.name, one.detail] += one.total
        return cls(turnout, dict(counts), dict(totals))

    def count(self, kind: str, *names: str) -> int:
        """Return the count of a kind, limited to some names if there are any."""
        return sum(
            count for (one, name, _), count in self.counts.items() if one == kind and (not names or name in names)
        )

    def names(self, kind: str) -> dict[str, int]:
        found: dict[str, int] = defaultdict(int)
        for (one, name, _), count in self.counts.items():
            if one == kind:
                found[name] += count
        return dict(found)

    def pairs(self, kind: str) -> dict[tuple[str, str], int]:
        return {(name, detail): count for (one, name, detail), count in self.counts.items() if one == kind}

    def average(self, kind: str) -> float | None:
        """Return the mean of what was measured, None without any."""
        count = self.count(kind)
        return sum(total for (one, _, _), total in self.totals.items() if one == kind) / count if count else None


class Report:
    """Makes the blocks of a report; `now` and `before` are the figures of the period and of the time before."""

    def __init__(self, now: Figures, before: Figures, say: Words, knowledge: Knowledge) -> None:
        self.now, self.before, self.say, self.knowledge = now, before, say, knowledge
        self.library = knowledge.library

    def blocks(self, period: Period, days: Sequence[Sum], turnout: Turnout, gaps: Sequence[Gap] | None) -> list[Block]:
        made = [
            self.overview(),
            self.by_day(period, days, turnout),
            self.channels(),
            self.topics(),
            self.gaps(),
            self.groups(gaps),
            *self.fetched(),
            *(self.funnel(name) for name in sorted(self.now.names("check"))),
            self.handoffs(),
        ]
        return [one for one in made if one.rows or one.note]

    # --- parts

    def compared(self, id: str, rows: Iterable[tuple[str, int, int]], *, drawn: bool = False, note: str = "") -> Block:
        """Return a block with a number and that of the time before for each row."""
        say, kept = self.say, [row for row in rows if row[1] or row[2]]
        title = say(f"report_{id}")
        chart = bars(id, title, kept[:DRAWN], say("report_now"), say("report_before")) if drawn and kept else None
        heads = (title, say("report_now"), say("report_before"), say("report_change"))
        return Block(id, title, heads, tuple((*row, change(row[1], row[2])) for row in kept), chart, note)

    def ranked(self, id: str, now: Mapping[str, int], before: Mapping[str, int]) -> Block:
        """Return the most frequent of some names, with their titles."""
        names = sorted(now, key=lambda name: (-now[name], name))
        rest = len(names) - MOST
        note = self.say("and_more", count=rest) if rest > 0 else "" if names else self.say("none_yet")
        rows = [(self.title(name), now[name], before.get(name, 0)) for name in names[:MOST]]
        return self.compared(id, rows, drawn=True, note=note)

    def title(self, name: str) -> str:
        lang = self.say.lang
        if name in self.library.topics:
            return self.library.topics[name].title[lang]
        return self.library.checks[name].title[lang] if name in self.library.checks else name

    def overview(self) -> Block:
        say, now, before = self.say, self.now, self.before
        rows = [(say("report_merchants"), now.turnout.people, before.turnout.people)]
        rows.append((say("report_messages"), now.count("message"), before.count("message")))
        rows += [
            (say(f"report_verdict_{one}"), now.count("verdict", one), before.count("verdict", one)) for one in VERDICTS
        ]
        for kind, name, word in (
            ("ticket", "opened", "report_opened"), ("ticket", "lead", "report_leads"),
            ("feedback", "yes", "report_helped_yes"), ("feedback", "no", "report_helped_no"),
        ):  # fmt: skip
            rows.append((say(word), now.count(kind, name), before.count(kind, name)))
        heads = (say("report_overview"), say("report_now"), say("report_before"), say("report_change"))
        return Block("overview", heads[0], heads, tuple((*row, change(row[1], row[2])) for row in rows))

    def by_day(self, period: Period, days: Sequence[Sum], turnout: Turnout) -> Block:
        say, drawn = self.say, [day.isoformat() for day in period.drawn]
        found: dict[tuple[str, str], int] = defaultdict(int)
        messages: dict[str, int] = defaultdict(int)
        for one in days:
            if one.kind == "verdict":
                found[one.day, one.name] += one.count
            elif one.kind == "message":
                messages[one.day] += one.count
        names = tuple(say(f"report_verdict_{one}") for one in VERDICTS)
        series = [
            Series(name, [found[day, verdict] for day in drawn]) for name, verdict in zip(names, VERDICTS, strict=True)
        ]
        title = say("report_by_day")
        chart = columns("by-day", title, [short_day(day) for day in drawn], series)
        rows: list[tuple[Cell, ...]] = []
        for day in drawn:
            told = [found[day, verdict] for verdict in VERDICTS]
            rows.append((day, turnout.days.get(day, 0), messages[day], *told))
        heads = (say("report_day"), say("report_merchants"), say("report_messages"), *names)
        return Block("by-day", title, heads, tuple(rows), chart)

    def channels(self) -> Block:
        now, before = self.now.pairs("message"), self.before.pairs("message")
        names = sorted(now.keys() | before.keys(), key=lambda name: (-now.get(name, 0), name))

        def label(channel: str, lang: str) -> str:
            known = (("channel", channel), ("language", lang or "none"))
            return " · ".join(
                self.say(f"{kind}_{one}") if self.say.has(f"{kind}_{one}") else one for kind, one in known
            )

        rows = [(label(*name), now.get(name, 0), before.get(name, 0)) for name in names]
        return self.compared("channels", rows, drawn=True)

    def topics(self) -> Block:
        return self.ranked("topics", self.now.names("topic"), self.before.names("topic"))

    def gaps(self) -> Block:
        return self.ranked("gaps", self.now.names("gap"), self.before.names("gap"))

    def groups(self, gaps: Sequence[Gap] | None) -> Block:
        say = self.say
        title = say("report_groups")
        note = say("grouping") if gaps is None else say("none_yet") if not gaps else ""
        rows = tuple((one.words, one.count) for one in (gaps or ())[:MOST])
        return Block("groups", title, (title, say("report_now")), rows, note=note)

    def fetched(self) -> list[Block]:
        """Return the fetched keywords and courses, by the poster that had brought the merchant, and the links opened."""
        say, now, before = self.say, self.now.pairs("fetched"), self.before.pairs("fetched")

        def block(id: str, kinds: tuple[str, ...]) -> Block:
            pairs = [pair for pair in now.keys() | before.keys() if pair[0].partition(" ")[0] in kinds]
            pairs.sort(key=lambda pair: (-now.get(pair, 0), pair))
            title = say(f"report_{id}")
            heads = (say("report_now"), say("report_before"), say("report_change"))
            rows: list[tuple[Cell, ...]] = []
            for name, poster in pairs[:MOST]:
                counts = now.get((name, poster), 0), before.get((name, poster), 0)
                kind, _, what = name.partition(" ")
                told = (self.target(what),) if kind == "link" else (self.called(kind, what), self.target(poster))
                rows.append((*told, *counts, change(*counts)))
            named = (title, say("report_poster")) if id == "fetched" else (title,)
            return Block(id, title, (*named, *heads), tuple(rows), note="" if rows else say("none_yet"))

        return [block("fetched", ("keyword", "course")), block("links", ("link",))]

    def called(self, kind: str, name: str) -> str:
        """Return the title of a keyword or a course."""
        if kind == "course":
            found = next((one.title[self.say.lang] for one in self.library.data.courses if one.id == name), name)
            return self.say("report_course", name=found)
        rule = self.library.rules.get(name)
        return " / ".join(one.text for one in rule.keywords[:3]) if rule else name

    def target(self, payload: str) -> str:
        """Return the title of a link's or a QR code's target."""
        if not payload:
            return self.say("report_no_poster")
        found = deep_links.opened(payload, self.knowledge)
        if found is None:
            return payload
        if found.kind in ("keyword", "course"):
            return self.called(found.kind, found.name)
        return self.title(found.name)

    def funnel(self, name: str) -> Block:
        """Return the progress of a check's runs, question by question, with the number of runs abandoned at each."""
        say, lang = self.say, self.say.lang
        now, before = self.steps(self.now, name), self.steps(self.before, name)
        check = self.library.checks.get(name)
        asked = [one.partition(" ")[2] for one in now if one.startswith("asked ")]
        order = [one.id for one in check.questions] if check else []
        rows: list[tuple[Cell, ...]] = []
        steps = [("begun", say("report_begun"))]
        for one in sorted(asked, key=lambda id: (order.index(id) if id in order else len(order), id)):
            steps.append((f"asked {one}", check.question(one).name[lang] if one in order and check else one))
        steps.append(("finished", say("report_finished")))
        for step, label in steps:
            left: Cell = ""
            if step.startswith("asked "):
                left = max(0, now.get(step, 0) - now.get(step.replace("asked", "answered", 1), 0))
            rows.append((label, now.get(step, 0), before.get(step, 0), left))
        drawn = [(str(label), now.get(step, 0), before.get(step, 0)) for step, label in steps]
        for step in sorted(one for one in now if one.startswith("verdict ")):
            verdict = step.partition(" ")[2]
            told = say(f"verdict_of_{verdict}") if say.has(f"verdict_of_{verdict}") else verdict
            rows.append((say("report_verdict", verdict=told), now[step], before.get(step, 0), ""))
        title = say("report_check", name=self.title(name))
        chart = bars(f"check-{name}", title, drawn, say("report_now"), say("report_before"))
        heads = (say("report_step"), say("report_now"), say("report_before"), say("report_left"))
        return Block(f"check-{name}", title, heads, tuple(rows), chart)

    def steps(self, figures: Figures, name: str) -> dict[str, int]:
        return {detail: count for (one, detail), count in figures.pairs("check").items() if one == name}

    def handoffs(self) -> Block:
        say, now, before = self.say, self.now, self.before
        rows: list[tuple[Cell, ...]] = []
        for kind, names, word in (
            ("ticket", ("opened",), "report_opened"),
            ("ended", (), "report_ended"),
            ("solved", ("yes",), "report_solved_yes"),
            ("solved", ("no",), "report_solved_no"),
            ("ticket", ("lead",), "report_leads"),
            ("ticket", ("lead taken back",), "report_leads_back"),
        ):
            counts = now.count(kind, *names), before.count(kind, *names)
            rows.append((say(word), *counts, change(*counts)))
        for kind, word in (("first answer", "report_first"), ("ended", "report_close")):
            rows.append((say(word), span(now.average(kind), say), span(before.average(kind), say), ""))
            for name in FAST:
                counts = now.count(kind, name), before.count(kind, name)
                told = say(f"report_within_{name.replace(' ', '_')}")
                if any(counts):
                    rows.append((f"{say(word)}: {told}", *counts, change(*counts)))
        title = say("report_handoffs")
        heads = (title, say("report_now"), say("report_before"), say("report_change"))
        nothing = not any(cell for row in rows for cell in row[1:3] if isinstance(cell, int))
        return Block("handoffs", title, heads, () if nothing else tuple(rows), note=say("none_yet") if nothing else "")


def change(now: int, before: int) -> str:
    """Return by how much a number changed: "▲ 12 (40%)"."""
    if now == before:
        return "–"
    step = f"{'▲' if now > before else '▼'} {abs(now - before):,}"
    return f"{step} ({abs(now - before) / before:.0%})" if before else step


def span(seconds: float | None, say: Words) -> str:
    """Format a duration."""
    if seconds is None:
        return "–"
    for size, unit in ((DAY, "days"), (HOUR, "hours"), (MINUTE, "minutes")):
        if seconds >= size:
            return say(f"span_{unit}", number=f"{seconds / size:.1f}".removesuffix(".0"))
    return say("span_seconds", number=round(seconds))


def short_day(day: str) -> str:
    one = date.fromisoformat(day)
    return f"{one.month}/{one.day}"
