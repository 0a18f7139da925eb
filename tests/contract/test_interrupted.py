"""Messages whose handling ends with the process: they are found out and set aside, and nobody else loses anything."""

from __future__ import annotations

import asyncio
import os
import signal
from multiprocessing import get_context

import pytest

from bot.assistant import Assistant
from bot.knowledge.knowledge import Knowledge
from bot.model import Address, Message
from bot.service import Service
from bot.service.dispatcher import INTERRUPTIONS
from bot.store import INTERRUPTED, Handled, Store, open_store, part_of
from bot.store.postgres import PostgresStore
from bot.store.sqlite import SqliteStore
from tests.contract.test_service import PATIENCE, Platform, arrive, running

CHATS = 20  # more than are handled at once
NOBODY = Address("platform", "", "")


class Deadly(Platform):
    """A channel in which one message kills the process while others are handled."""

    async def complete(self, message: Message) -> Message:
        if message.text == "kill":
            await asyncio.sleep(0.02)
            os.kill(os.getpid(), signal.SIGKILL)
        return message


async def until_handled(store: Store) -> None:
    async with asyncio.timeout(PATIENCE):
        while (await store.queues()).inbox:
            await asyncio.sleep(0.01)


async def serve(database: str, knowledge: Knowledge) -> None:
    """Answer what twenty people wrote, and one whose message kills, until that is done."""
    store = await open_store(database)
    async with running(store, Assistant(knowledge, store), Deadly()):
        await arrive(store, *(f"{chat}:/help" for chat in range(CHATS // 2)), "bad:kill", "bad:/help")
        await arrive(store, *(f"{chat}:/help" for chat in range(CHATS // 2, CHATS)))
        await until_handled(store)
    await store.close()


def process(database: str, knowledge: Knowledge) -> None:
    asyncio.run(serve(database, knowledge))


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_message_that_kills_the_process_is_set_aside_after_three_times(database: str, knowledge: Knowledge) -> None:
    ends = []
    for _ in range(INTERRUPTIONS + 1):
        one = get_context("fork").Process(target=process, args=(database, knowledge))
        one.start()
        one.join(PATIENCE)
        ends.append(one.exitcode)
    assert ends == [-signal.SIGKILL] * INTERRUPTIONS + [0]

    async def look() -> None:
        store = await open_store(database)
        (failure,) = await store.failures()
        assert (failure.payload, failure.error) == ("bad:kill", INTERRUPTED)
        status = await store.status()
        assert (status.interrupted, status.queues.inbox_dead) == (1, 1)
        for chat in range(CHATS):
            assert [one.payload for one in await store.history("platform", str(chat), None, 9)] == [f"{chat}:/help"]
        # Whoever wrote it is told so, and what they wrote next is answered.
        assert len(await store.history("platform", "bad", None, 9)) == 2
        await store.close()

    asyncio.run(look())


async def killed(store: Store) -> None:
    """Leave a store as a process leaves it that is killed."""
    assert isinstance(store, SqliteStore | PostgresStore)
    store.group.task.cancel()
    if isinstance(store, SqliteStore):
        assert store.guard
        if store.wiping is not None:
            store.wiping.cancel()
        for threads in (
            store.writing,
            store.reading,
        ):  # a connection that is closed under a thread ends the tests' own process
            threads.shutdown()
        for connection in (store.guard, store.writer, store.reader, store.looker):
            connection.close()
    else:
        store.writer.terminate()
        store.reader.terminate()


async def claimed(database: str) -> Store:
    """The store of a process that takes over what others have left."""
    store = await open_store(database)
    async with asyncio.timeout(PATIENCE):
        while len(await store.claim(tuple)) < 64:
            await asyncio.sleep(0.01)
    return store


async def attempts(store: Store) -> dict[str, int]:
    return {entry.payload: entry.attempts for entry in await store.inbox((), 100)}


async def test_of_each_chat_the_first_message_is_what_a_process_may_have_been_killed_in(database: str) -> None:
    first = await claimed(database)
    await arrive(first, "a:1", "b:1", "a:2", "b:2", "a:3")
    (done, *_) = await first.inbox((), 10)
    await first.finish(Handled(NOBODY, done))
    await killed(first)
    second = await claimed(database)
    assert await attempts(second) == {"b:1": 1, "a:2": 1, "b:2": 0, "a:3": 0}
    await second.close()
    third = await claimed(database)
    assert await attempts(third) == {"b:1": 1, "a:2": 1, "b:2": 0, "a:3": 0}
    await third.close()


async def test_what_is_given_back_in_order_was_not_interrupted(postgres_database: str) -> None:
    first = await claimed(postgres_database)
    await arrive(first, *(f"{chat}:1" for chat in range(64)))
    second = await open_store(postgres_database)
    await second.claim(tuple)
    await first.claim(tuple)
    theirs = await second.claim(tuple)
    assert len(theirs) == 32
    assert set((await attempts(second)).values()) == {0}
    await killed(first)
    async with asyncio.timeout(PATIENCE):
        while len(await second.claim(tuple)) < 64:
            await asyncio.sleep(0.01)
    for payload, count in (await attempts(second)).items():
        assert count == (part_of("platform", payload.partition(":")[0]) not in theirs)
    await second.close()


class Hanging(Platform):
    """A channel in which the handling of one message does not end."""

    def __init__(self) -> None:
        super().__init__()
        self.hangs = asyncio.Event()

    async def complete(self, message: Message) -> Message:
        if message.text == "hang":
            self.hangs.set()
            await asyncio.Event().wait()
        return message


@pytest.mark.parametrize("interrupted", [False, True])
async def test_an_end_in_good_order_is_no_interruption(database: str, assistant: Assistant, interrupted: bool) -> None:
    store = await claimed(database)
    await arrive(store, "a:hang", "a:/help")
    await (killed if interrupted else close)(store)
    for _ in range(INTERRUPTIONS):
        store = await open_store(database)
        platform = Hanging()
        service = Service(store, Assistant(assistant.knowledge, store), {platform.name: platform})
        task = asyncio.create_task(service.run([], asyncio.Event()))
        async with asyncio.timeout(PATIENCE):
            await platform.hangs.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await store.close()
    store = await claimed(database)
    assert await attempts(store) == {"a:hang": int(interrupted), "a:/help": 0}
    async with running(store, assistant, answering := Platform()):
        assert await answering.until_sent(2) == ["a:hang", "a:/help"]
    assert await store.failures() == []
    await store.close()


async def test_what_hangs_alone_holds_the_others_up_for_a_while_only(
    database: str, assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.service.dispatcher.LONGEST_ALONE", 0.1)
    store = await claimed(database)
    await arrive(store, "a:hang", "b:/help", "c:/help")
    await killed(store)
    store = await open_store(database)
    platform = Hanging()
    service = Service(store, Assistant(assistant.knowledge, store), {platform.name: platform})
    task = asyncio.create_task(service.run([], asyncio.Event()))
    assert sorted(await platform.until_sent(2)) == ["b:/help", "c:/help"]
    assert platform.hangs.is_set()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await store.close()


async def close(store: Store) -> None:
    await store.close()


async def test_what_is_handled_again_by_hand_is_handled_alone(database: str) -> None:
    store = await claimed(database)
    await arrive(store, "a:1", "b:1")
    first, second = await store.inbox((), 10)
    await store.set_attempts(first, INTERRUPTIONS)
    for entry in (first, second):
        await store.finish(Handled(NOBODY, entry, error=INTERRUPTED))
    await store.retry_failures(None)
    assert await attempts(store) == {"a:1": 1, "b:1": 0}
    await store.close()
