"""Housekeeping over both databases: what is old and finished goes, what is not stays."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.assistant import Assistant
from bot.model import Address, Conversation, Group, Result, Ticket
from bot.service import Service
from bot.service.housekeeping import DAY, Housekeeping
from bot.store import Arrival, Delivery, Event, Handled, Outgoing, Sent, Store, TicketMessage, open_store
from bot.store.tables import STRETCH

ANN = Address("telegram", "1", "1")
RESULT = Result("ABC", "medal", "gold", "Gold", "金牌", (), "v1", "2026-11-24", "2999-12-24", str(ANN))


@pytest.fixture
async def store(database: str) -> AsyncIterator[Store]:
    opened = await open_store(database)
    await opened.claim(tuple)
    yield opened
    await opened.close()


async def round_after(store: Store, days: float, keep_days: float = 365) -> None:
    """A round of housekeeping, as it will be so many days from now."""
    await Housekeeping(store, keep_days, lambda: time.time() + days * DAY).round()


async def arrive(store: Store, *numbers: int) -> None:
    await store.accept([Arrival(f"telegram:7:{number}", "telegram", "1", "{}") for number in numbers])


async def answered(store: Store, *, send: bool = True) -> None:
    """Answer all that is new in the inbox, and mark the answers sent."""
    while entries := await store.inbox((), 100):
        for entry in entries:
            reply = Outgoing("telegram", "1", f"reply {entry.id}")
            await store.finish(Handled(ANN, entry, Conversation("zh"), None, (reply,), (Event("turn", {}),)))
    if send:
        for waiting in await store.outbox(["telegram"], (), 10_000):
            await store.mark(Delivery(waiting, "sent"))


async def history(store: Store) -> int:
    return len(await store.history("telegram", "1", None, 10_000))


async def known_again(store: Store, *numbers: int) -> bool:
    """Whether updates that are delivered again are recognised."""
    await arrive(store, *numbers)
    return await store.inbox((), 100) == []


async def test_what_is_kept_long_enough_goes_and_what_is_younger_stays(store: Store) -> None:
    await arrive(store, 1)
    await answered(store)
    await round_after(store, 364)
    assert await history(store) == 1
    assert await known_again(store, 1)
    assert await store.conversation(ANN) == Conversation("zh")
    await round_after(store, 366)
    assert await history(store) == 0
    assert await store.conversation(ANN) == Conversation()
    assert not await known_again(store, 1)


async def test_what_is_not_finished_stays_however_old(store: Store) -> None:
    await arrive(store, 1)
    await answered(store, send=False)
    await arrive(store, 2)
    await round_after(store, 4000)
    assert len(await store.outbox(["telegram"], (), 10)) == 1
    assert len(await store.inbox((), 10)) == 1


async def test_dead_letters_go_too_since_they_hold_words(store: Store) -> None:
    await arrive(store, 1)
    (entry,) = await store.inbox((), 1)
    await store.finish(Handled(ANN, entry, outgoing=(Outgoing("telegram", "1", "sorry"),), error="Traceback"))
    (call,) = await store.outbox(["telegram"], (), 1)
    await store.mark(Delivery(call, "dead", error="refused"))
    await round_after(store, 366)
    assert await store.letters() == []
    assert not await known_again(store, 1)


async def test_updates_are_recognised_for_some_days_even_where_nothing_else_is_kept(store: Store) -> None:
    await arrive(store, 1)
    await answered(store)
    await round_after(store, 2, keep_days=1)
    assert await history(store) == 0
    assert await known_again(store, 1)


async def test_many_go_in_small_steps(store: Store) -> None:
    count = 2 * STRETCH + 1
    await arrive(store, *range(count))
    await answered(store)
    assert await history(store) == count
    old = time.time() + DAY
    first = await store.prune("outbox", old, None)
    assert await history(store) == count - STRETCH
    assert await store.prune("outbox", old, first) is not None
    await round_after(store, 366)
    assert await history(store) == 0


async def test_who_was_given_a_broadcast_is_known_as_long_as_its_call(store: Store) -> None:
    news, old = (Outgoing("telegram", chat, "news") for chat in ("1", "2"))
    await store.broadcast("spring", [old])
    for waiting in await store.outbox(["telegram"], (), 10):
        await store.mark(Delivery(waiting, "sent"))
    assert await store.broadcast("spring", [news, old]) == 1
    await round_after(store, 364)
    assert await store.broadcast("spring", [news, old]) == 0
    await round_after(store, 366)
    assert await store.broadcast_sent("spring") == Sent(waiting=1)
    assert await store.broadcast("spring", [news]) == 0


async def test_a_ticket_goes_with_its_messages_when_nothing_was_said_for_long(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoken, silent = Ticket(1, ANN, "en"), Ticket(2, replace(ANN, user="2"), "en")
    with monkeypatch.context() as earlier:
        now = time.time()
        earlier.setattr("time.time", lambda: now - 400 * DAY)
        for one in (spoken, silent):
            message = TicketMessage(one.id, "telegram", "-9", f"m{one.id}")
            await store.finish(Handled(one.address, opens=one, belongs=message))
    await store.finish(Handled(ANN, outgoing=(Outgoing("telegram", "1", "an answer", ticket=spoken.id),)))
    await round_after(store, 364)
    assert await store.ticket(silent.id) is None
    assert await store.ticket_at("telegram", "-9", "m1") is not None
    await store.finish(Handled(ANN, closes=spoken.id))
    await round_after(store, 366)
    # Not only the tickets are gone: the places are free for the messages of others.
    third = Ticket(3, ANN, "en")
    for place in ("m1", "m2"):
        assert await store.ticket_at("telegram", "-9", place) is None
        await store.finish(Handled(ANN, opens=third, belongs=TicketMessage(3, "telegram", "-9", place)))
        assert await store.ticket_at("telegram", "-9", place) is not None


async def test_how_a_group_is_set_is_kept_until_long_after_the_assistant_was_taken_out(store: Store) -> None:
    for chat, here in (("-1", True), ("-2", False), ("-3", False)):
        await store.finish(Handled(replace(ANN, chat=chat), group=Group(here=here, quiet=7)))
    await store.finish(Handled(replace(ANN, chat="-3"), group=Group(quiet=7)))  # added again
    await round_after(store, 364)
    assert await store.group_of("telegram", "-2") == Group(here=False, quiet=7)
    await round_after(store, 366)
    assert await store.group_of("telegram", "-2") is None
    assert await store.group_of("telegram", "-1") == await store.group_of("telegram", "-3") == Group(quiet=7)


async def test_a_result_goes_some_days_after_its_last(store: Store) -> None:
    yesterday, long_ago = (
        replace(RESULT, code=code, until=time.strftime("%Y-%m-%d", time.localtime(time.time() - days * DAY)))
        for code, days in (("YES", 1), ("AGO", 10))
    )
    for result in (RESULT, yesterday, long_ago):
        await store.finish(Handled(ANN, result=result))
    await round_after(store, 0, keep_days=0)
    assert [await store.result(code) is not None for code in ("ABC", "YES", "AGO")] == [True, True, False]


async def test_everything_is_kept_where_keep_days_is_0(store: Store) -> None:
    await arrive(store, 1)
    await answered(store)
    await round_after(store, 4000, keep_days=0)
    assert await history(store) == 1
    assert await store.conversation(ANN) == Conversation("zh")


async def test_a_conversation_that_goes_on_is_young_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as earlier:
        now = time.time()
        earlier.setattr("time.time", lambda: now - 400 * DAY)
        await store.finish(Handled(ANN, conversation=Conversation("en")))
        await store.finish(Handled(replace(ANN, chat="2"), conversation=Conversation("en")))
    await store.finish(Handled(ANN, conversation=Conversation("zh")))
    await round_after(store, 0)
    assert await store.conversation(ANN) == Conversation("zh")
    assert await store.conversation(replace(ANN, chat="2")) == Conversation()


async def test_whoever_serves_does_it(store: Store, assistant: Assistant) -> None:
    await store.finish(Handled(ANN, result=replace(RESULT, until="2001-01-01")))
    stop = asyncio.Event()
    serving = asyncio.create_task(Service(store, assistant, {}).run([], stop))
    async with asyncio.timeout(20):
        while await store.result("ABC"):
            await asyncio.sleep(0.01)
    stop.set()
    await serving


async def test_what_is_kept_for_a_short_time_does_not_wait_for_an_hourly_round(
    store: Store, assistant: Assistant
) -> None:
    stop = asyncio.Event()
    serving = asyncio.create_task(Service(store, assistant, {}, keep_days=1 / DAY).run([], stop))
    async with asyncio.timeout(20):
        for number in range(2):  # the second comes after the first round
            await store.finish(Handled(ANN, outgoing=(Outgoing("telegram", "1", f"reply {number}"),)))
            await answered(store)
            assert await history(store) == 1
            while await history(store):
                await asyncio.sleep(0.01)
    stop.set()
    await serving
