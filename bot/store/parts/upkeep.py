"""Housekeeping, exports and status of a database."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from bot.json_text import from_text
from bot.store.parts.database import Database, Row, Steps
from bot.store.records import INTERRUPTED, PARKED, Queues, Ratings, Status
from bot.store.tables import (
    COUNTED,
    COUNTS,
    STRETCH,
    TABLE_OF,
    Key,
    export_statement,
    is_stretch_recent,
    prune_statements,
    stretch_statement,
)

DAY = 24 * 3600.0

# Finished calls whose time to stay (`passing`, in seconds) is over.
DELETE_EXPIRED_CALLS = "DELETE FROM outbox WHERE passing IS NOT NULL AND finished + passing <= @1"
# Parked calls whose chat made no request for so long that they are out of date.
PARKED_DAYS = 30.0
DROP_PARKED = f"""
UPDATE outbox SET state = 'dropped', finished = @1
WHERE state = 'waiting' AND not_before >= {PARKED:.0f} AND made < @2"""
# The columns of Queues; what is parked waits for nobody here.
COUNT_QUEUES = f"""
SELECT (SELECT count(*) FROM inbox WHERE state = 'new'),
(SELECT arrived FROM inbox WHERE id = (SELECT min(id) FROM inbox WHERE state = 'new')),
(SELECT count(*) FROM inbox WHERE state = 'dead'),
(SELECT count(*) FROM outbox WHERE state = 'waiting' AND not_before < {PARKED:.0f}),
(SELECT made FROM outbox WHERE id = (SELECT min(id) FROM outbox WHERE state = 'waiting' AND not_before < {PARKED:.0f})),
(SELECT count(*) FROM outbox WHERE state = 'dead'),
(SELECT count(*) FROM outbox WHERE state = 'gone')"""
PROBE = "INSERT INTO kept (name, value) VALUES ('probe', @1) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
FEEDBACK = "SELECT data FROM events WHERE time >= @1 AND kind = 'feedback' ORDER BY id DESC LIMIT 10000"
MOST_UNHELPED = 5
COUNT_SET_ASIDE = "SELECT count(*) FROM inbox WHERE state = 'dead' AND error = @1"


class UpkeepPart(Database):
    async def prune(self, table: str, before: float, after: Key | None) -> Key | None:
        chosen = TABLE_OF[table]
        first = chosen.first if after is None else after

        def steps() -> Steps[Key | None]:
            ((last, oldest),) = yield stretch_statement(chosen), (first, STRETCH)
            if last is None or is_stretch_recent(oldest, before, time.time()):
                return None
            for sql, values in prune_statements(chosen, before):
                yield sql, (first, last, *values)
            found: Key = last
            return found

        return await self.transact(steps)

    async def tidy(self, now: float) -> None:
        await self.change(DELETE_EXPIRED_CALLS, now)
        await self.change(DROP_PARKED, now, now - PARKED_DAYS * DAY)

    async def rows(self, table: str, after: Key | None) -> list[Row]:
        chosen = TABLE_OF[table]
        return await self.read(export_statement(chosen), chosen.first if after is None else after, STRETCH)

    async def probe(self) -> None:
        await self.change(PROBE, str(time.time()))

    @property
    def trouble(self) -> str:
        return self.attempts.trouble

    async def queues(self) -> Queues:
        return Queues(*(await self.read(COUNT_QUEUES))[0])

    async def status(self) -> Status:
        now = time.time()
        answers = await self.read(self.answers(), now - DAY, now - 7 * DAY)
        told: dict[str, Any] = await self.facts()
        return Status(
            queues=await self.queues(),
            rows=dict(zip(COUNTED, (await self.read(COUNTS))[0], strict=True)),
            last_day={verdict: today for verdict, _, today in answers if today},
            last_week={verdict: count for verdict, count, _ in answers},
            ratings=ratings_of([from_text(data) for (data,) in await self.read(FEEDBACK, now - 7 * DAY)]),
            interrupted=(await self.read(COUNT_SET_ASIDE, INTERRUPTED))[0][0],
            **told,
        )


def ratings_of(events: Sequence[Mapping[str, Any]]) -> Ratings:
    """Sum up what merchants said of answers, newest first; a word belongs to the "no" of the same question before it."""
    words = {one["question"]: one["word"] for one in reversed(events) if one["word"]}
    rated = [one for one in events if not one["word"]]
    unhelped = dict.fromkeys(one["question"] for one in rated if not one["helped"])
    return Ratings(
        sum(one["helped"] for one in rated),
        sum(not one["helped"] for one in rated),
        tuple((question, words.get(question, "")) for question in list(unhelped)[:MOST_UNHELPED]),
    )
