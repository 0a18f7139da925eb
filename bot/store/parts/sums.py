"""The daily sums of events, for the reports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from bot.json_text import from_text
from bot.store.parts.counting import counted
from bot.store.parts.database import Database, Many, Steps
from bot.store.records import Sum, Turnout

UNCOUNTED = "uncounted-events"  # the note of the events from before sums were kept
STRETCH = 500  # old events counted in one transaction

ADD_SUM = """
INSERT INTO sums (day, kind, name, detail, shard, count, total) VALUES (@1, @2, @3, @4, @5, @6, @7)
ON CONFLICT (kind, day, name, detail, shard) DO UPDATE SET count = sums.count + excluded.count, total = sums.total + excluded.total"""
ADD_WRITER = "INSERT INTO writers (day, person) VALUES (@1, @2) ON CONFLICT (day, person) DO NOTHING"
SUMS = """
SELECT '', kind, name, detail, CAST(sum(count) AS BIGINT), sum(total) FROM sums
WHERE kind IN @3:text[] AND day BETWEEN @1 AND @2 GROUP BY kind, name, detail"""
SUMS_BY_DAY = """
SELECT day, kind, name, detail, CAST(sum(count) AS BIGINT), sum(total) FROM sums
WHERE kind IN @3:text[] AND day BETWEEN @1 AND @2 GROUP BY day, kind, name, detail"""
SUMS_SINCE = """
SELECT name, CAST(sum(count) AS BIGINT) FROM sums WHERE day >= @1 AND kind IN @2:text[] GROUP BY name"""
TOLD_SINCE = """
SELECT name, CAST(sum(count) AS BIGINT) FROM sums WHERE day >= @1 AND kind = 'fact' AND name IN @2:text[] GROUP BY name"""
WRITERS = "SELECT count(*) FROM (SELECT DISTINCT person FROM writers WHERE day BETWEEN @1 AND @2) AS people"
WRITERS_BY_DAY = "SELECT day, count(*) FROM writers WHERE day BETWEEN @1 AND @2 GROUP BY day"
UNCOUNTED_NOW = "SELECT value FROM kept WHERE name = @1"
MOVE_ON = "UPDATE kept SET value = @2 WHERE name = @1 AND value = @3 RETURNING name"
ALL_COUNTED = "DELETE FROM kept WHERE name = @1"
OLD_EVENTS = "SELECT id, time, kind, address, data FROM events WHERE id > @1 AND id <= @2 ORDER BY id LIMIT @3"


class SumsPart(Database):
    async def sums(self, first: date, last: date, kinds: Iterable[str], *, by_day: bool = False) -> list[Sum]:
        sql = SUMS_BY_DAY if by_day else SUMS
        return [Sum(*row) for row in await self.read(sql, first.isoformat(), last.isoformat(), list(kinds))]

    async def counts_since(self, first: date, kinds: Iterable[str]) -> dict[str, int]:
        return dict(map(tuple, await self.read(SUMS_SINCE, first.isoformat(), list(kinds))))

    async def told_since(self, facts: Mapping[str, date]) -> dict[str, int]:
        found: dict[str, int] = {}
        for day in sorted(set(facts.values())):
            names = [name for name, since in facts.items() if since == day]
            found |= dict(map(tuple, await self.read(TOLD_SINCE, day.isoformat(), names)))
        return found

    async def turnout(self, first: date, last: date) -> Turnout:
        days = first.isoformat(), last.isoformat()
        ((people,),) = await self.read(WRITERS, *days)
        return Turnout(people, dict(map(tuple, await self.read(WRITERS_BY_DAY, *days))))

    async def count_old(self) -> bool:
        """Count some events from before sums were kept. Returns false once there are none."""

        def steps() -> Steps[bool]:
            for (value,) in (yield UNCOUNTED_NOW, (UNCOUNTED,)):
                done, last = map(int, value.split())
                rows = yield OLD_EVENTS, (done, last, STRETCH)
                if not rows:
                    yield ALL_COUNTED, (UNCOUNTED,)
                    return False
                if not (yield MOVE_ON, (UNCOUNTED, f"{rows[-1][0]} {last}", value)):
                    return True  # another process has counted them
                found = ((self.day_of(time), kind, address, from_text(data)) for _, time, kind, address, data in rows)
                sums, writers = counted(found, self.shard)
                yield Many(ADD_SUM, sums)
                yield Many(ADD_WRITER, writers)
                return True
            return False

        return await self.transact(steps)
