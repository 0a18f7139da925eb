"""Calls that are kept for the response to a request, in both databases: each is had by one, and none is lost."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.model import Address
from bot.service.sender import Sender
from bot.settings import Settings
from bot.store import IN_RESPONSE, Arrival, Delivery, Handled, Outgoing, Store, Taken, open_store
from bot.store.ports import Choose
from tests.contract.lines import Folder, Lines

ANN = Address("lines", "Ann", "Ann")
ASKED, OTHER = (Arrival(key, "lines", "Ann", "{}") for key in ("1", "2"))
LONG = 60.0


@pytest.fixture
async def store(database: str) -> AsyncIterator[Store]:
    opened = await open_store(database)
    await opened.claim(tuple)
    yield opened
    await opened.close()


async def answered(store: Store, *texts: str, kept: float = LONG) -> None:
    """An update with the key "1", answered by calls that are kept for its request, and by one at the desk."""
    await store.accept([ASKED])
    (entry,) = await store.inbox((), 10)
    outgoing = [Outgoing("lines", "Ann", text, kept=kept) for text in texts]
    await store.finish(Handled(ANN, entry, outgoing=(*outgoing, Outgoing("desk", "-1", "to the desk"))))


async def in_the_outbox(store: Store) -> list[str]:
    return [one.payload for one in await store.outbox(["lines", "desk"], (), 10)]


def said(taken: Taken | None) -> list[str]:
    return [one.payload for one in taken.calls] if taken else []


def first(most: int) -> Choose:
    return lambda calls: min(most, len(calls))


async def test_what_is_kept_is_taken_by_its_request_and_by_nobody_else(store: Store) -> None:
    await answered(store, "one", "two")
    assert await in_the_outbox(store) == ["to the desk"]
    assert await store.take(OTHER, first(1), LONG) is None
    (call,) = (await store.take(ASKED, first(1), LONG) or Taken()).calls
    assert call.payload == "one"
    assert not await store.begin(call)
    await store.mark(Delivery(call, "sent", platform_id=IN_RESPONSE))
    assert said(await store.take(ASKED, first(1), LONG)) == ["one"]  # the request repeated
    assert await in_the_outbox(store) == ["to the desk"]
    await store.release(ASKED)
    assert await in_the_outbox(store) == ["two", "to the desk"]
    assert said(await store.take(ASKED, first(2), LONG)) == ["one"]


async def test_an_update_that_is_not_handled_has_no_answer_yet(store: Store) -> None:
    await store.accept([ASKED])
    assert await store.take(ASKED, first(1), LONG) is None
    (entry,) = await store.inbox((), 10)
    await store.finish(Handled(ANN, entry))
    assert await store.take(ASKED, first(1), LONG) == Taken()


async def test_whoever_comes_first_has_it(store: Store) -> None:
    await answered(store, "one", "two", kept=1e-9)
    due = {one.payload: one for one in await store.outbox(["lines"], (), 10)}
    assert all(one.is_kept for one in due.values())
    assert await store.begin(due["one"])
    assert said(await store.take(ASKED, first(2), LONG)) == ["two"]
    assert not await store.begin(due["two"])
    assert await in_the_outbox(store) == ["one", "to the desk"]


async def test_what_was_taken_and_did_not_go_out_is_sent_after_a_while(store: Store) -> None:
    await answered(store, "one")
    assert said(await store.take(ASKED, first(1), 1e-9)) == ["one"]
    (call,) = await store.outbox(["lines"], (), 10)
    assert await store.begin(call)
    assert await store.take(ASKED, first(1), LONG) == Taken()


async def test_a_clock_that_is_set_back_keeps_nothing_back(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    await answered(store, "one")
    hour_ago = time.time() - 3600
    monkeypatch.setattr(time, "time", lambda: hour_ago)
    (call,) = await store.outbox(["lines"], (), 10)
    assert await store.begin(call)


async def test_the_sender_leaves_alone_what_a_response_took_meanwhile(store: Store, tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    sender = Sender(store, {"lines": Lines(store, Settings(_env_file=None), folder)})  # type: ignore[call-arg]
    await answered(store, '{"text":"one"}', kept=1e-9)
    await sender.fetch()
    (call,) = (await store.take(ASKED, first(1), LONG) or Taken()).calls
    sending = asyncio.create_task(sender.run())
    async with asyncio.timeout(10):
        await sender.lanes.idle.wait()
        sending.cancel()
        await sender.finish(10)
    assert folder.said("Ann") == []
    assert await store.waiting_count("lines", "Ann") == 1
    await store.mark(Delivery(call, "sent", platform_id=IN_RESPONSE))
    assert await store.waiting_count("lines", "Ann") == 0


async def test_a_request_whose_platform_repeats_it_has_its_answer_for_good_when_it_takes_it(store: Store) -> None:
    await answered(store, "one", "two")
    assert said(await store.take(ASKED, first(1), None)) == ["one"]
    assert said(await store.take(ASKED, first(2), None)) == ["one"]
    assert await store.waiting_count("lines", "Ann") == 1  # the process may be killed now
    await store.release(ASKED)
    assert await in_the_outbox(store) == ["two", "to the desk"]


async def test_what_a_response_did_not_bring_is_had_by_the_next_request_or_sent(store: Store) -> None:
    await answered(store, "one")
    for lease in (LONG, 1e-9):
        taken = await store.take(ASKED, first(1), None)
        assert said(taken) == ["one"]
        assert await in_the_outbox(store) == ["to the desk"]
        await store.give_back(taken.calls if taken else (), lease)
    (call,) = await store.outbox(["lines"], (), 10)
    assert await store.begin(call)
    assert said(await store.take(ASKED, first(1), None)) == []


async def parked(store: Store, arrival: Arrival, *texts: str, kept: float) -> None:
    await store.accept([arrival])
    (entry,) = await store.inbox((), 10)
    outgoing = tuple(Outgoing("lines", "Ann", text, kept=kept, parked=True) for text in texts)
    await store.finish(Handled(ANN, entry, outgoing=outgoing))


async def test_what_is_parked_waits_for_the_next_request_and_stands_first_there(store: Store) -> None:
    await parked(store, ASKED, "one", kept=1e-9)  # its own request is over
    assert await in_the_outbox(store) == []
    assert await store.is_parked("lines", "Ann")
    assert not await store.is_parked("lines", "Wei")
    await parked(store, OTHER, "two", "three", kept=LONG)
    for most in (2, 9):
        taken = await store.take(OTHER, first(most), None)
        assert (said(taken), taken and taken.more) == (["one", "two"], True)
    await store.release(OTHER)
    third = Arrival("3", "lines", "Ann", "{}")
    await parked(store, third, kept=LONG)
    rest = await store.take(third, first(9), LONG)
    assert (said(rest), rest and rest.more) == (["three"], False)
    assert said(await store.take(OTHER, first(9), None)) == ["one", "two"]
    assert not await store.is_parked("lines", "Ann")
    assert await in_the_outbox(store) == []


async def test_the_rest_of_an_answer_does_not_come_before_the_answer_to_another_question(store: Store) -> None:
    requests = [Arrival(str(number), "lines", "Ann", "{}") for number in range(1, 6)]
    for request, words in zip(requests, ("one", "two", "", "", ""), strict=True):
        await parked(store, request, *(f"{words} {part}" for part in range(2) if words), kept=LONG)
        told = await store.take(request, first(1), None)
        await store.release(request)
        request_told = said(told)
        if words:
            assert (request_told, told and told.more) == ([f"{words} 0"], True)
        elif request is requests[2]:
            assert (request_told, told and told.more) == (["two 1"], True)
        elif request is requests[3]:
            assert (request_told, told and told.more) == (["one 1"], False)
        else:
            assert request_told == []


async def test_what_is_parked_for_a_month_is_dropped_and_until_then_no_queue_waits_for_it(store: Store) -> None:
    await parked(store, ASKED, "one", kept=1e-9)
    assert (await store.queues()).outbox == 0
    await store.tidy(time.time() + 29 * 86400)
    assert await store.is_parked("lines", "Ann")
    await store.tidy(time.time() + 31 * 86400)
    assert not await store.is_parked("lines", "Ann")


async def test_a_request_leaves_to_another_what_answers_that_one(store: Store) -> None:
    await parked(store, ASKED, "one", kept=LONG)
    await parked(store, OTHER, "two", kept=LONG)
    assert said(await store.take(OTHER, first(9), None)) == ["two"]
    assert said(await store.take(ASKED, first(9), None)) == ["one"]


async def test_of_many_requests_at_once_one_has_what_is_parked(store: Store) -> None:
    await parked(store, ASKED, "one", kept=1e-9)
    later = [Arrival(f"later-{number}", "lines", "Ann", "{}") for number in range(8)]
    for arrival in later:
        await parked(store, arrival, kept=LONG)
    taken = await asyncio.gather(*(store.take(one, first(9), None) for one in (*later, *later)))
    assert sorted(map(said, taken)) == [[]] * 14 + [["one"]] * 2  # the one that has it has it again


async def test_a_call_that_can_only_be_sent_in_a_response_is_parked(store: Store) -> None:
    await answered(store, "one", kept=1e-9)
    (call,) = await store.outbox(["lines"], (), 10)
    await store.begin(call)
    await store.mark(Delivery(replace(call, attempts=1), "waiting", time.time()))
    await store.park(call)
    assert await in_the_outbox(store) == ["to the desk"]
    await store.accept([OTHER])
    (entry,) = await store.inbox((), 10)
    await store.finish(Handled(ANN, entry))
    assert said(await store.take(OTHER, first(9), None)) == ["one"]
