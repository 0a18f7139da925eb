"""The daily sums: counted with the events, in the agency's days, each once, and without anything of anybody."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.console.report import KINDS
from bot.json_text import to_text
from bot.model import Address
from bot.service.housekeeping import Housekeeping
from bot.store import Arrival, Event, Handled, Store, Sum, open_store
from bot.store.parts.counting import SOON, counts_of
from bot.store.parts.database import Database, Many, Steps
from bot.store.tables import person_of
from tests.kept_databases import brought_back

ANN, WEI = Address("telegram", "1", "1"), Address("web", "w", "w")
EVER = date(2000, 1, 1), date(2100, 1, 1)
TURN: dict[str, Any] = {"verdict": "answer", "topics": ["bread"], "lang": "en"}


@pytest.fixture
async def store(database: str) -> AsyncIterator[Store]:
    opened = await open_store(database)
    await opened.claim(tuple)
    yield opened
    await opened.close()


def counts(sums: list[Sum]) -> Counter[tuple[str, str, str]]:
    found: Counter[tuple[str, str, str]] = Counter()
    for one in sums:
        found[one.kind, one.name, one.detail] += one.count
    return found


async def old_events(store: Store, rows: list[tuple[float, str, str, dict[str, Any]]]) -> None:
    """Store events as a version without sums did, with their times."""

    def steps() -> Steps[None]:
        insert = "INSERT INTO events (time, kind, address, data) VALUES (@1, @2, @3, @4)"
        yield Many(insert, [(*row, to_text(data)) for *row, data in rows])
        yield (
            "INSERT INTO kept (name, value) SELECT 'uncounted-events', '0 ' || id FROM events ORDER BY id DESC LIMIT 1",
            (),
        )

    assert isinstance(store, Database)
    await store.transact(steps)
    while await store.count_old():
        pass


async def test_a_turn_counts_once_with_everything_it_is(store: Store) -> None:
    await store.accept([Arrival("a:1", "telegram", "1", "{}")])
    (entry,) = await store.inbox((), 9)
    data = TURN | {"facts": ["bread.when"], "fetched": ["keyword spring"], "poster": "k-spring", "likely": True}
    made = Handled(ANN, entry, events=(Event("turn", data), Event("ticket", {"what": "opened"})))
    assert await store.finish(made)
    assert not await store.finish(made)  # the entry was finished: nothing is stored, nothing counted
    again = [Handled(WEI, events=(Event("turn", TURN | {"lang": "zh"}),)) for _ in range(20)]
    await asyncio.gather(*map(store.finish, again))
    found = counts(await store.sums(*EVER, (*KINDS, "fact"), by_day=True))
    assert found["message", "telegram", "en"] == 1
    assert found["message", "web", "zh"] == 20
    assert (found["verdict", "likely", ""], found["verdict", "answer", ""], found["topic", "bread", ""]) == (1, 20, 21)
    assert (found["fact", "bread.when", ""], found["fetched", "keyword spring", "k-spring"]) == (1, 1)
    assert found["ticket", "opened", ""] == 1
    assert (await store.turnout(*EVER)).people == 2
    assert await store.counts_since(date.today() - timedelta(days=1), ("topic",)) == {"bread": 21}
    assert await store.counts_since(date.today() + timedelta(days=2), ("topic",)) == {}
    past, future = date.today() - timedelta(days=1), date.today() + timedelta(days=2)
    assert await store.told_since({"bread.when": past, "bread.nuts": past}) == {"bread.when": 1}
    assert await store.told_since({"bread.when": future}) == {}
    (whole,) = await store.sums(*EVER, ("topic",))
    assert (whole.day, whole.count) == ("", 21)


def test_what_takes_time_is_added_up_and_words_after_a_rating_are_no_rating() -> None:
    ended = list(counts_of("ticket", str(ANN), {"what": "closed", "seconds": 7200, "first_answer_seconds": 40}))
    assert ended == [
        ("ticket", "closed", "", 0.0),
        ("ended", "day", "", 7200.0),
        ("first answer", SOON[0][0], "", 40.0),
    ]
    assert list(counts_of("feedback", str(ANN), {"helped": False, "word": "too short"})) == []
    assert list(counts_of("solved", str(ANN), {"solved": True, "word": ""})) == [("solved", "yes", "", 0.0)]
    greeting = [name for kind, name, *_ in counts_of("turn", str(ANN), {"verdict": "answer"}) if kind == "verdict"]
    assert greeting == ["other"]


async def test_days_are_the_agencys_also_where_clocks_change(store: Store) -> None:
    store.zone = lambda: ZoneInfo("Europe/Paris")
    hours = [datetime(2026, 3, 28, 22, tzinfo=UTC) + timedelta(hours=number) for number in range(26)]  # 29 March has 23
    autumn = [datetime(2026, 10, 24, 21, tzinfo=UTC) + timedelta(hours=number) for number in range(27)]  # 25 October 25
    await old_events(store, [(one.timestamp(), "turn", str(ANN), TURN) for one in (*hours, *autumn)])
    days = Counter(
        {one.day: one.count for one in await store.sums(*EVER, (*KINDS, "fact"), by_day=True) if one.kind == "message"}
    )
    assert days == {
        "2026-03-28": 1, "2026-03-29": 23, "2026-03-30": 2, "2026-10-24": 1, "2026-10-25": 25, "2026-10-26": 1,
    }  # fmt: skip
    turnout = await store.turnout(date(2026, 3, 1), date(2026, 3, 31))
    assert (turnout.people, len(turnout.days)) == (1, 3)


async def test_events_of_an_earlier_version_are_counted_once_by_whichever_process(empty_database: str) -> None:
    await brought_back("0.2.0", empty_database)
    store, other = await open_store(empty_database), await open_store(empty_database)
    try:
        assert isinstance(store, Database)
        ((before,),) = await store.read("SELECT count(*) FROM events WHERE kind = 'turn'")
        await store.finish(Handled(ANN, events=(Event("turn", TURN),)))
        for one in (store, other):
            await Housekeeping(one, 0).round()
        assert counts(await store.sums(*EVER, (*KINDS, "fact"), by_day=True)).total() > before
        assert (
            sum(one.count for one in await store.sums(*EVER, (*KINDS, "fact"), by_day=True) if one.kind == "message")
            == before + 1
        )
    finally:
        await other.close()
        await store.close()


async def test_sums_hold_nobody_and_who_wrote_is_a_hash_that_is_erased_and_pruned(store: Store) -> None:
    group = Address("telegram", "-100", ANN.user)
    events = (Event("turn", TURN),)
    for one in (ANN, group, WEI):
        await store.finish(Handled(one, events=events))
    assert person_of(ANN) == person_of(group)
    assert (await store.turnout(*EVER)).people == 2
    assert isinstance(store, Database)
    assert str(ANN) not in str(
        [*(await store.read("SELECT * FROM sums")), *(await store.read("SELECT * FROM writers"))]
    )
    assert len((await store.belongings(ANN)).of("days")) == 1
    await store.finish(Handled(ANN, erase=True))
    assert (await store.turnout(*EVER)).people == 1
    assert (
        sum(one.count for one in await store.sums(*EVER, (*KINDS, "fact"), by_day=True) if one.kind == "message") == 3
    )
    assert await store.prune("writers", time.time() + 3 * 86400, None) is not None
    assert (await store.turnout(*EVER)).people == 0
