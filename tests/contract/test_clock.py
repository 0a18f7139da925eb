"""The clock is set back an hour, a day forward, and back again, over both databases: nothing is lost, doubled or held up."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import pytest

from bot.assistant import Assistant
from bot.channels.channel import RetryLater
from bot.knowledge.knowledge import Knowledge
from bot.model import Address
from bot.service.housekeeping import DAY, DOUBT, Housekeeping
from bot.store import Arrival, Delivery, Event, Handled, Outgoing, Store, open_store
from bot.store.tables import STRETCH
from tests.botapi import BotApi
from tests.contract.test_service import PATIENCE, Platform, api, arrive, on_telegram, running, store, told

__all__ = ["api", "store"]

HOUR = 3600.0
ANN = Address("platform", "a", "a")
MESSAGES = ("how much is the deposit", "commission rate", "/help", "registration steps", "thanks")

Set = Callable[[float], None]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Set:
    """Set the wall clock of this process to so many seconds from the real time."""
    real = time.time

    def set_by(seconds: float) -> None:
        monkeypatch.setattr("time.time", lambda: real() + seconds)

    return set_by


async def test_a_service_under_load_goes_on_whatever_the_clock_says(
    api: BotApi, knowledge: Knowledge, database: str, monkeypatch: pytest.MonkeyPatch, clock: Set
) -> None:
    store = await open_store(database)
    people = [api.user(f"P{number}") for number in range(10)]
    async with on_telegram(api, knowledge, store, monkeypatch):
        for kind, seed in (("429", 3), ("502", 4), ("drop_before", 5)):
            api.fault(kind, probability=0.1, seed=seed)  # type: ignore[arg-type]
        for number, (text, seconds) in enumerate(zip(MESSAGES, (0, -HOUR, 400 * DAY, -HOUR, 0), strict=True), 1):
            clock(seconds)
            for person in people:
                api.message(person, text)
            # Half of the answers are still on their way when the clock is set.
            await until_told(api, people, 10 * number - 5)
        await api.until(lambda: all(len(told(api, one)) >= len(MESSAGES) for one in people), PATIENCE)
        assert await store.letters() == []
        assert await store.failures() == []
    await store.close()
    (texts,) = {tuple(told(api, one)) for one in people}
    assert len(texts) == len(set(texts)) == len(MESSAGES)
    assert texts[2].startswith("Ask in your own")
    assert not [call for call in api.calls if call.early]


async def until_told(api: BotApi, people: list[dict[str, int]], count: int) -> None:
    await api.until(lambda: sum(len(told(api, one)) for one in people) >= count, PATIENCE)


async def test_what_was_to_wait_a_moment_waits_no_longer_after_a_restart_with_the_clock_set_back(
    database: str, assistant: Assistant, clock: Set
) -> None:
    platform = Platform()
    platform.fails["a:1"] = [RetryLater("502", 2.0)] * 2
    first = await open_store(database)
    async with running(first, assistant, platform):
        await arrive(first, "a:1")
        async with asyncio.timeout(PATIENCE):
            while len(platform.fails["a:1"]) == 2 or not (await first.outbox(["platform"], (), 1))[0].attempts:
                await asyncio.sleep(0.01)
    await first.close()
    platform.fails.clear()
    clock(-HOUR)
    second = await open_store(database)
    begun = asyncio.get_running_loop().time()
    async with running(second, assistant, platform):
        assert await platform.until_sent(1) == ["a:1"]
    assert platform.sent[0][1] - begun < 5
    await second.close()


async def test_a_call_is_given_up_after_a_day_of_attempts_and_not_after_a_day_by_the_clock(
    store: Store, assistant: Assistant, clock: Set
) -> None:
    platform = Platform()
    platform.fails["a:1"] = [RetryLater("502")]
    platform.fails["b:1"] = [RetryLater("502", 0.0)] * 22
    platform.open.clear()
    async with running(store, assistant, platform):
        await arrive(store, "a:1", "b:1")
        async with asyncio.timeout(PATIENCE):
            while platform.under_way < 2:
                await asyncio.sleep(0.01)
        clock(25 * HOUR)
        platform.open.set()
        assert await platform.until_sent(1) == ["a:1"]
        async with asyncio.timeout(PATIENCE):
            while not (letters := await store.letters()):
                await asyncio.sleep(0.01)
    assert [(one.payload, one.error) for one in letters] == [("b:1", "given up after a day: 502")]


async def answered(store: Store, *numbers: int) -> None:
    """Updates that arrive now, are answered, and whose answers are sent."""
    await store.accept([Arrival(f"platform:{number}", "platform", "a", "{}") for number in numbers])
    while entries := await store.inbox((), 100):
        for entry in entries:
            reply = Outgoing("platform", "a", f"reply {entry.id}")
            await store.finish(Handled(ANN, entry, outgoing=(reply,), events=(Event("turn", {}),)))
    for waiting in await store.outbox(["platform"], (), 10_000):
        await store.mark(Delivery(waiting, "sent"))


async def history(store: Store) -> int:
    return len(await store.history("platform", "a", None, 10_000))


async def test_nothing_young_is_deleted_because_the_clock_was_set_forward(store: Store) -> None:
    await store.claim(tuple)
    await answered(store, 1)
    hours, wrong = 0.0, 0.0
    keeping = Housekeeping(store, 365, lambda: time.time() + hours * HOUR + wrong, lambda: hours * HOUR)
    await keeping.round()
    hours, wrong = 1.0, 400 * DAY
    await keeping.round()
    assert await history(store) == 1
    hours, wrong = 2.0, 0.0
    await keeping.round()
    assert await history(store) == 1
    # A clock that stays as it was set is believed after a day.
    hours, wrong = 3.0, 400 * DAY
    await keeping.round()
    hours += DOUBT / HOUR
    await keeping.round()
    assert await history(store) == 0


async def test_what_was_written_by_a_wrong_clock_does_not_keep_the_rest(store: Store, clock: Set) -> None:
    await store.claim(tuple)
    clock(4000 * DAY)
    await answered(store, *range(STRETCH))
    clock(0)
    await answered(store, *range(STRETCH, 2 * STRETCH))
    await Housekeeping(store, 1, lambda: time.time() + 2 * DAY).round()
    assert await history(store) == STRETCH
