"""What every store promises, over SQLite and over a real PostgreSQL."""

from __future__ import annotations

import asyncio
import itertools
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest

from bot.model import Address, Button, CheckState, Conversation, Group, Result, Subscribing, Ticket
from bot.store import (
    Arrival,
    Delivery,
    Event,
    Handled,
    Outgoing,
    Received,
    Store,
    StoreError,
    TicketMessage,
    Waiting,
    from_json,
    open_store,
    part_of,
    to_json,
)
from bot.store.postgres import PostgresStore
from bot.store.schema import steps
from bot.store.sqlite import SqliteStore
from tests import postgres

ANN = Address("telegram", "1", "1")
CHECK = CheckState("medal", "r1", (("gmv", 8000), ("strengths", ("goods",))), "strengths", ("goods",), doubt=1.5)
TALK = Conversation("zh", "deposit", (Button("保证金", "topic=deposit"),), CHECK)
RESULT = Result("ABC", "medal", "gold", "Gold", "金牌", (("gmv", 8000),), "v1", "2026-11-24", "2026-12-24", str(ANN))
SURROGATE = "half of a pair: \ud83d, and a NUL: \0"


@pytest.fixture
async def store(database: str) -> AsyncIterator[Store]:
    opened = await open_store(database)
    await opened.claim(tuple)
    yield opened
    await opened.close()


def arrival(number: int, chat: str = "1") -> Arrival:
    return Arrival(f"telegram:7:{number}", "telegram", chat, f'{{"number":{number}}}')


async def received(store: Store, *numbers: int, chat: str = "1") -> list[Received]:
    """Store updates, and return what is new in the inbox."""
    await store.accept([arrival(number, chat) for number in numbers])
    return await store.inbox((), 100)


async def waiting(store: Store) -> list[Waiting]:
    return await store.outbox(["telegram"], (), 100)


async def posted(store: Store, *payloads: str, chat: str = "1", priority: int = 0) -> list[Waiting]:
    """Put calls into the outbox, and return all that wait there."""
    outgoing = tuple(Outgoing("telegram", chat, payload, priority) for payload in payloads)
    await store.finish(Handled(replace(ANN, chat=chat), outgoing=outgoing))
    return await waiting(store)


def test_a_conversation_survives_as_it_was() -> None:
    assert from_json(to_json(TALK)) == TALK


async def test_a_conversation_knows_what_its_merchant_has_subscribed_to(store: Store) -> None:
    for subject in ("news", "courses"):
        await store.finish(Handled(ANN, conversation=TALK, subscribing=Subscribing(subject, True)))
    known = await store.conversation(ANN)
    assert known.subscribed == ("courses", "news")
    await store.finish(Handled(ANN, conversation=known, subscribing=Subscribing("news", False)))
    assert (await store.conversation(ANN)).subscribed == ("courses",)
    assert (await store.conversation(replace(ANN, chat="2"))).subscribed == ()
    await store.finish(Handled(ANN, conversation=known, subscribing=Subscribing("", False)))
    assert await store.conversation(ANN) == TALK


async def test_what_arrives_is_new_in_its_order_until_it_is_handled(store: Store) -> None:
    first, second, third = await received(store, 3, 1, 2)
    assert [one.payload for one in (first, second, third)] == ['{"number":3}', '{"number":1}', '{"number":2}']
    await store.finish(Handled(ANN, second))
    assert await store.inbox((), 100) == [first, third]
    assert await store.inbox([first.id], 100) == [third]
    assert await store.inbox((), 1) == [first]


async def test_an_update_delivered_again_is_recognised_even_when_it_was_handled(store: Store) -> None:
    (entry,) = await received(store, 1)
    assert await received(store, 1) == [entry]
    await store.finish(Handled(ANN, entry))
    assert await received(store, 1, 1) == []


async def test_a_turn_is_stored_whole_and_once(store: Store) -> None:
    (entry,) = await received(store, 1)
    turn = Handled(
        ANN,
        entry,
        TALK,
        RESULT,
        (Outgoing("telegram", "1", "a"), Outgoing("telegram", "1", "b")),
        (Event("turn", {"verdict": "answer"}),),
    )
    assert await store.finish(turn)
    assert not await store.finish(replace(turn, conversation=Conversation("en")))
    assert await store.conversation(ANN) == TALK
    assert await store.result("ABC") == RESULT
    assert await store.result("ABD") is None
    assert [one.payload for one in await waiting(store)] == ["a", "b"]


async def test_the_same_turn_from_two_at_once_counts_once(store: Store) -> None:
    (entry,) = await received(store, 1)
    turn = Handled(ANN, entry, outgoing=(Outgoing("telegram", "1", "a"),))
    assert sorted(await asyncio.gather(store.finish(turn), store.finish(turn))) == [False, True]
    assert len(await waiting(store)) == 1


async def test_a_turn_that_cannot_be_stored_harms_no_other(store: Store) -> None:
    first, second = await received(store, 1, 2)
    bad = Handled(ANN, first, outgoing=(Outgoing("telegram", "1", "x"), Outgoing("telegram", "1", "y", 1 << 80)))
    good = Handled(ANN, second, outgoing=(Outgoing("telegram", "1", "z"),))
    results = await asyncio.gather(store.finish(bad), store.finish(good), return_exceptions=True)
    assert isinstance(results[0], StoreError)
    assert results[1] is True
    assert [one.payload for one in await waiting(store)] == ["z"]
    assert await store.inbox((), 100) == [first]


async def test_many_turns_at_once_share_transactions_and_keep_their_order(store: Store) -> None:
    entries = await received(store, *range(100))
    turns = [Handled(ANN, one, outgoing=(Outgoing("telegram", "1", str(n)),)) for n, one in enumerate(entries)]
    assert all(await asyncio.gather(*map(store.finish, turns)))
    assert [one.payload for one in await waiting(store)] == [str(number) for number in range(100)]


async def test_words_that_are_no_text_are_kept(store: Store) -> None:
    talk = Conversation("en", offered=(Button(SURROGATE, "x"),))
    await store.finish(Handled(ANN, conversation=talk, events=(Event("turn", {"text": SURROGATE}),)))
    assert await store.conversation(ANN) == talk


async def test_what_was_sent_waits_no_more(store: Store) -> None:
    first, second = await posted(store, "a", "b")
    await store.mark(Delivery(first, "sent", platform_id="100"))
    assert await waiting(store) == [second]
    assert await store.outbox(["telegram"], [second.id], 100) == []
    assert await store.outbox(["web"], (), 100) == []


async def test_an_attempt_that_failed_is_counted_and_waits(store: Store) -> None:
    (entry,) = await posted(store, "a")
    await store.mark(Delivery(entry, "waiting", not_before=123.5, error="502"))
    (again,) = await waiting(store)
    assert (again.attempts, again.not_before, again.made) == (1, 123.5, entry.made)


async def test_a_chat_that_is_gone_takes_what_waits_for_it_along(store: Store) -> None:
    entry, *_ = await posted(store, "a", "b")
    await posted(store, "c", chat="2")
    await store.mark(Delivery(entry, "gone", error="blocked"))
    assert [one.payload for one in await waiting(store)] == ["c"]
    assert [(one.state, one.error) for one in await store.letters()] == [("gone", "blocked")] * 2


async def test_what_was_given_up_is_sent_again_or_dropped_as_the_operator_says(store: Store) -> None:
    for entry in await posted(store, "a", "b", "c"):
        await store.mark(Delivery(entry, "dead", error="Bad Request"))
    a, b, c = await store.letters()
    assert (a.payload, a.state, a.attempts, a.error) == ("a", "dead", 1, "Bad Request")
    assert await store.retry([b.id, 999]) == 1
    assert [(one.payload, one.attempts) for one in await waiting(store)] == [("b", 0)]
    assert await store.drop([a.id]) == 1
    assert await store.letters() == [c]
    assert await store.retry(None) == 1
    assert await store.letters() == []


async def test_what_was_posted_to_a_chat_can_be_read_again(store: Store) -> None:
    one, two, three = await posted(store, "one", "two", "three")
    await posted(store, "elsewhere", chat="2")
    await store.mark(Delivery(one, "sent"))
    everything = await store.history("telegram", "1", None, 10)
    assert [(post.id, post.payload) for post in everything] == [(one.id, "one"), (two.id, "two"), (three.id, "three")]
    assert await store.history("telegram", "1", one.id, 1) == everything[1:2]
    assert await store.history("telegram", "1", None, 2) == everything[1:]
    assert await store.history("telegram", "1", three.id, 10) == []
    assert await store.newest("telegram", ["1", "3"]) == {"1": three.id}


async def test_what_is_dropped_is_not_read_again(store: Store) -> None:
    (one,) = await posted(store, "one")
    await store.mark(Delivery(one, "dead", error="refused"))
    await store.drop(None)
    assert await store.history("telegram", "1", None, 10) == []


async def test_all_that_is_kept_of_a_merchant_is_handed_over_and_erased_and_nobody_elses(store: Store) -> None:
    await store.accept([arrival(1), arrival(2), arrival(3, "2")])
    mine, failed, other = await store.inbox((), 100)
    in_group = replace(ANN, chat="-5")
    bob = Address("telegram", "2", "2")
    happened = (Event("turn", {"verdict": "answer"}),)
    await store.finish(Handled(ANN, mine, TALK, RESULT, (Outgoing("telegram", "1", '"a"'),), happened))
    await store.finish(Handled(ANN, failed, error="a traceback with his words"))
    await store.finish(Handled(in_group, conversation=TALK, events=happened))
    theirs = replace(RESULT, code="XYZ", address=str(bob))
    await store.finish(Handled(bob, other, TALK, theirs, (Outgoing("telegram", "2", '"b"'),), happened))

    own = await store.belongings(ANN)
    assert (own.conversation, own.results, [one.payload for one in own.told]) == (TALK, (RESULT,), ['"a"'])
    assert [(one.kind, one.data) for one in own.events] == [("turn", {"verdict": "answer"})] * 2

    await store.accept([arrival(4)])
    (later,) = await store.inbox((), 100)
    await store.finish(Handled(ANN, outgoing=(Outgoing("telegram", "1", '"goodbye"'),), erase=True))
    left = await store.belongings(ANN)
    assert (left.conversation, left.results, left.events) == (None, (), ())
    assert [one.payload for one in await store.history("telegram", "1", None, 10)] == ['"goodbye"']
    assert await store.conversation(in_group) == Conversation()
    assert await store.result("ABC") is None
    # What he wrote afterwards is still to be answered, and what was answered is not answered again.
    assert await received(store, 1, 2, 4) == [later]
    assert await store.result("XYZ") == theirs
    assert await store.conversation(bob) == TALK
    assert len((await store.belongings(bob)).events) == 1


async def test_a_ticket_is_open_beside_its_conversation_until_it_is_closed(store: Store) -> None:
    ticket = Ticket(7, ANN, "zh")
    out = (Outgoing("telegram", "-9", "card", ticket=7), Outgoing("telegram", "1", "told"))
    await store.finish(Handled(ANN, conversation=TALK, opens=ticket, outgoing=out))
    assert await store.conversation(ANN) == TALK.with_(ticket=ticket)
    assert (await store.conversation(replace(ANN, user="2"))).ticket is None
    # One at a time.
    await store.finish(Handled(ANN, opens=replace(ticket, id=8)))
    assert await store.ticket(8) is None
    await store.finish(Handled(ANN, closes=7))
    assert (await store.conversation(ANN)).ticket is None
    assert await store.ticket(7) == replace(ticket, open=False)
    await store.finish(Handled(ANN, opens=replace(ticket, id=9)))
    assert await store.conversation(ANN) == TALK.with_(ticket=replace(ticket, id=9))


async def test_the_messages_of_a_ticket_are_known_by_their_places(store: Store) -> None:
    ticket = Ticket(7, ANN, "zh")
    out = (Outgoing("telegram", "-9", "card", ticket=7), Outgoing("telegram", "-9", "more", ticket=7))
    await store.finish(Handled(ANN, opens=ticket, outgoing=out))
    card, more = await waiting(store)
    assert (card.ticket, more.ticket) == (7, 7)
    await store.mark(Delivery(card, "sent", platform_id="100"))
    await store.mark(Delivery(more, "sent", platform_id="101"))
    await store.finish(Handled(ANN, belongs=TicketMessage(7, "telegram", "-9", "105")))
    for message in ("100", "101", "105"):
        assert await store.ticket_at("telegram", "-9", message) == replace(ticket, first="100")
    assert await store.ticket_at("telegram", "-9", "102") is None
    assert await store.ticket_at("telegram", "-8", "100") is None


async def test_whoever_is_erased_leaves_no_ticket(store: Store) -> None:
    ticket = Ticket(7, ANN, "zh")
    await store.finish(Handled(ANN, opens=ticket, outgoing=(Outgoing("telegram", "-9", "card", ticket=7),)))
    (card,) = await waiting(store)
    await store.mark(Delivery(card, "sent", platform_id="100"))
    assert (await store.belongings(ANN)).tickets == (replace(ticket, first="100"),)
    await store.finish(Handled(ANN, erase=True))
    assert await store.ticket(7) is None
    assert await store.ticket_at("telegram", "-9", "100") is None
    assert await store.history("telegram", "-9", None, 10) == []


async def test_an_erased_dead_letter_keeps_no_words(database: str) -> None:
    store = await open_store(database)
    await store.claim(tuple)
    (entry,) = await received(store, 1)
    await store.finish(Handled(ANN, entry, error="a traceback with his words"))
    await store.finish(Handled(ANN, erase=True))
    columns = "SELECT key, chat, payload, coalesce(error, '') FROM inbox"
    assert [tuple(row) for row in await store.read(columns)] == [("telegram:7:1", "", "", "")]  # type: ignore[attr-defined]
    await store.close()


async def test_what_is_remembered_last_under_a_name_is_recalled(store: Store) -> None:
    assert await store.recall("file") is None
    await store.remember("file", "a")
    await store.remember("file", "b")
    await store.remember("other", "c")
    assert (await store.recall("file"), await store.recall("other")) == ("b", "c")


async def test_the_first_value_under_a_name_is_kept(store: Store) -> None:
    both = await asyncio.gather(store.kept("key", "a"), store.kept("key", "b"))
    assert both[0] == both[1]
    assert await store.kept("key", "c") == both[0]
    assert await store.kept("other", "c") == "c"


async def test_what_is_set_for_a_group_is_kept_and_moves_along_with_it(store: Store) -> None:
    told = Group(allowed=("deposit",), lang="zh", said=(("deposit", 1.5),), attended=2.5)
    at, to = Address("telegram", "-1", "7"), "-1001"
    assert await store.group_of("telegram", "-1") is None
    await store.finish(Handled(at, group=told))
    assert await store.group_of("telegram", "-1") == told
    for _ in range(2):  # both chats tell of it
        await store.finish(Handled(at, moved_to=to))
        assert await store.group_of("telegram", to) == told
        assert await store.group_of("telegram", "-1") is None


async def test_what_waits_for_a_chat_that_has_become_another_waits_for_that(store: Store) -> None:
    first, _ = await posted(store, "one", "two")
    await posted(store, "other", chat="2")
    await store.mark(Delivery(first, "waiting", moved_to="-1001"))
    assert await store.waiting_count("telegram", "1") == 0
    assert await store.waiting_count("telegram", "-1001") == 2
    assert [(one.chat, one.payload, one.attempts) for one in await store.outbox(["telegram"], (), 9)] == [
        ("-1001", "one", 0),
        ("-1001", "two", 0),
        ("2", "other", 0),
    ]


async def test_tickets_begin_anew_in_a_chat_that_has_become_another(store: Store) -> None:
    new, other = await received(store, 1, 2, chat="7")
    await store.finish(Handled(ANN, new, opens=Ticket(new.id, ANN, "en"), outgoing=to_desk(new.id, "-5")))
    wei = Address("web", "w", "w")
    await store.finish(Handled(wei, other, opens=Ticket(other.id, wei, "zh"), outgoing=to_desk(other.id, "-6")))
    await sent(store, "-5", "9")
    await sent(store, "-6", "9")
    assert [one.id for one in await store.tickets_left("telegram", "-5", "-1005")] == [new.id]
    for _ in range(2):
        await store.finish(Handled(Address("telegram", "-5", ""), moved_to="-1005", notes=(("desk", "-1005"),)))
        assert await store.recall("desk") == "-1005"
        assert await store.tickets_left("telegram", "-5", "-1005") == []
        # What the merchant is sent does not begin it, and messages may have the same ids in both chats.
        await store.finish(Handled(ANN, outgoing=(*to_desk(new.id, "1"), *to_desk(new.id, "-1005"))))
        await sent(store, "1", "8")
        await sent(store, "-1005", "9")
        ticket = await store.ticket(new.id)
        assert ticket is not None
        assert ticket.first == "9"
        assert await store.ticket_at("telegram", "-1005", "9") == ticket
        assert await store.ticket_at("telegram", "-5", "9") == ticket
    unmoved = await store.ticket(other.id)
    assert unmoved is not None
    assert unmoved.first == "9"


def to_desk(ticket: int, chat: str) -> tuple[Outgoing, ...]:
    return (Outgoing("telegram", chat, "words", ticket=ticket),)


async def sent(store: Store, chat: str, message: str) -> None:
    """Mark what waits for a chat as sent."""
    for one in await store.outbox(["telegram"], (), 99):
        if one.chat == chat:
            await store.mark(Delivery(one, "sent", platform_id=message))


async def test_what_is_urgent_waits_in_front(store: Store) -> None:
    await posted(store, "broadcast", priority=1)
    assert [one.payload for one in await posted(store, "answer")] == ["answer", "broadcast"]


async def test_whoever_waits_is_woken_by_what_arrives_and_what_is_posted(store: Store) -> None:
    store.arrived.clear()
    store.posted.clear()
    await received(store, 1)
    assert store.arrived.is_set()
    assert not store.posted.is_set()
    await posted(store, "a")
    assert store.posted.is_set()


async def test_everything_is_there_after_a_restart(database: str) -> None:
    first = await open_store(database)
    await first.claim(tuple)
    entry, _ = await received(first, 1, 2)
    await first.finish(Handled(ANN, entry, TALK, outgoing=(Outgoing("telegram", "1", "a"),)))
    await first.close()
    second = await open_store(database)
    await second.claim(tuple)
    assert [one.payload for one in await second.inbox((), 10)] == ['{"number":2}']
    assert [one.payload for one in await waiting(second)] == ["a"]
    assert await second.conversation(ANN) == TALK
    await second.close()


# --- SQLite ---


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "assistant.db"


def sql(file: Path, *statements: str) -> None:
    with closing(sqlite3.connect(file)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


async def opened(file: Path) -> Store:
    return await open_store(f"sqlite:///{file}")


async def test_a_file_of_another_program_is_refused_and_left_alone(file: Path) -> None:
    sql(file, "CREATE TABLE invoices (id)")
    before = file.read_bytes()
    with pytest.raises(StoreError, match="another program: it holds invoices"):
        await opened(file)
    assert file.read_bytes() == before


async def test_a_file_that_is_no_database_is_refused(file: Path) -> None:
    content = b"no database at all" * 100
    file.write_bytes(content)
    with pytest.raises(StoreError, match="cannot be used"):
        await opened(file)
    assert file.read_bytes() == content


async def test_a_folder_that_cannot_be_written_to_is_told(tmp_path: Path) -> None:
    (tmp_path / "a-file").touch()
    with pytest.raises(StoreError, match="folder that can be written to"):
        await opened(tmp_path / "a-file" / "assistant.db")
    with pytest.raises(StoreError, match="cannot be used"):
        await opened(tmp_path)


async def test_a_newer_schema_is_refused(file: Path) -> None:
    await (await opened(file)).close()
    sql(file, "PRAGMA user_version = 99")
    with pytest.raises(StoreError, match="made by a newer merchant-bot"):
        await opened(file)


async def test_an_older_file_is_brought_up_to_date_after_a_copy(file: Path) -> None:
    sql(
        file,
        "CREATE TABLE conversations (address TEXT PRIMARY KEY, state TEXT NOT NULL) STRICT",
        f"INSERT INTO conversations VALUES ('{ANN}', '{to_json(TALK)}')",
    )
    store = await opened(file)
    assert await store.conversation(ANN) == TALK
    await store.close()
    (copy,) = file.parent.glob("*.before-schema-*")
    assert sqlite3.connect(copy).execute("SELECT count(*) FROM conversations").fetchone() == (1,)
    assert sqlite3.connect(copy).execute("PRAGMA user_version").fetchone() == (0,)


async def test_a_migration_that_fails_changes_nothing(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    await (await opened(file)).close()
    done = steps("sqlite")
    monkeypatch.setattr(
        "bot.store.sqlite_file.steps", lambda _: [*done, "CREATE TABLE news (x); CREATE TABLE news (y)"]
    )
    with pytest.raises(StoreError, match="already exists"):
        await opened(file)
    monkeypatch.undo()
    await (await opened(file)).close()


async def test_one_file_serves_one_process(file: Path) -> None:
    first, second = await opened(file), await opened(file)
    await first.claim(tuple)
    with pytest.raises(StoreError, match="another `merchant-bot serve`"):
        await second.claim(tuple)
    assert await first.lease("polling")
    assert not await second.lease("polling")
    await first.close()
    assert await second.claim(tuple)
    await second.close()


async def test_looking_for_what_is_new_takes_no_longer_when_much_has_been_done(file: Path) -> None:
    store = await opened(file)
    assert isinstance(store, SqliteStore)
    steps: list[None] = []
    store.looker.set_progress_handler(lambda: steps.append(None), 1)
    taken = []
    for count in (1, 3000):
        await store.accept([arrival(count + number) for number in range(count)])
        reply = Outgoing("telegram", "1", "{}")
        for done in await asyncio.gather(
            *(store.finish(Handled(ANN, entry, outgoing=(reply,))) for entry in await store.inbox((), count))
        ):
            assert done
        await asyncio.gather(
            *(store.mark(Delivery(one, "sent")) for one in await store.outbox(["telegram"], (), count))
        )
        steps.clear()
        assert not await store.inbox((), 10)
        assert not await waiting(store)
        taken.append(len(steps))
    assert taken[1] < 2 * taken[0]
    await store.close()


async def test_a_full_disk_delays_and_loses_nothing(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    store = await opened(file)
    assert isinstance(store, SqliteStore)
    (pages,) = store.writer.execute("PRAGMA page_count").fetchone()
    store.writer.execute(f"PRAGMA max_page_count = {pages}")
    big = replace(arrival(1), payload="x" * 100_000)
    task = asyncio.create_task(store.accept([big]))
    while store.attempts.failures < 2:
        await asyncio.sleep(0.01)
    assert not task.done()
    await store.queues()  # reads go on, which ends nothing
    assert store.trouble.endswith("database or disk is full")
    store.writer.execute("PRAGMA max_page_count = 1000000")
    await task
    assert not store.trouble
    assert len([line for line in caplog.messages if "The database" in line]) == 2
    assert len(await store.inbox((), 10)) == 1
    await store.close()


async def test_while_another_program_writes_a_write_waits_and_nobody_else_does(file: Path) -> None:
    store = await opened(file)
    assert isinstance(store, SqliteStore)
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        task = asyncio.create_task(store.accept([arrival(1)]))
        async with asyncio.timeout(3):  # a loop that waits does so for five
            for _ in range(20):
                assert await store.conversation(ANN) == Conversation()
                await asyncio.sleep(0)
        assert not task.done()
        other.execute("ROLLBACK")
    await task
    assert not store.attempts.failures
    assert await store.inbox((), 10)
    await store.close()


async def test_writes_are_durable_and_readers_do_not_wait_for_writers(file: Path) -> None:
    store = await opened(file)
    assert isinstance(store, SqliteStore)
    assert store.writer.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert store.writer.execute("PRAGMA synchronous").fetchone() == (2,)
    await store.close()


# --- PostgreSQL ---


async def settled(*stores: Store, times: int = 4) -> list[frozenset[int]]:
    for _ in range(times):
        for store in stores:
            await store.claim(tuple)
    return [store.parts for store in stores]


async def test_processes_share_the_chats_and_take_over_from_each_other(postgres_database: str) -> None:
    stores = [await open_store(postgres_database) for _ in range(3)]
    everything = frozenset(range(64))
    assert await settled(stores[0]) == [everything]
    parts = await settled(*stores)
    assert sorted(map(len, parts)) == [20, 22, 22]
    assert frozenset().union(*parts) == everything
    await stores[2].close()
    assert sorted(map(len, await settled(*stores[:2]))) == [32, 32]
    await stores[1].close()
    assert await settled(stores[0]) == [everything]
    await stores[0].close()


async def test_a_part_with_work_under_way_is_not_given_back(postgres_database: str) -> None:
    first, second = await open_store(postgres_database), await open_store(postgres_database)
    await first.claim(tuple)
    await second.claim(tuple)
    await first.claim(lambda: range(40))
    assert first.parts >= frozenset(range(40))
    assert first.parts == frozenset(range(40))
    await second.claim(tuple)
    assert not first.parts & second.parts
    await first.close()
    await second.close()


async def test_each_process_sees_its_own_chats_alone(postgres_database: str) -> None:
    first, second = await open_store(postgres_database), await open_store(postgres_database)
    mine, others = await settled(first, second)
    chats = [str(number) for number in range(200)]
    second.arrived.clear()
    await first.accept([arrival(number, chat) for number, chat in enumerate(chats)])
    await second.arrived.wait()
    for store, parts in ((first, mine), (second, others)):
        seen = {one.chat for one in await store.inbox((), 1000)}
        assert seen == {chat for chat in chats if part_of("telegram", chat) in parts}
        assert seen
    await first.close()
    await second.close()


async def test_a_process_is_woken_for_its_own_chats_alone(postgres_database: str) -> None:
    stores = [await open_store(postgres_database) for _ in range(3)]
    of = {}
    for store, parts in zip(stores, await settled(*stores), strict=True):
        of[store] = next(str(number) for number in itertools.count() if part_of("telegram", str(number)) in parts)
        store.arrived.clear()
        store.posted.clear()
    first, second, third = stores
    await first.accept([arrival(1, of[second])])
    await posted(first, "{}", chat=of[third])  # notices come in the order in which they are given
    async with asyncio.timeout(5):
        await second.arrived.wait()
        await third.posted.wait()
    assert not third.arrived.is_set()
    assert not second.posted.is_set()
    for store in stores:
        await store.close()


async def test_one_process_holds_a_lease_until_it_ends(postgres_database: str) -> None:
    first, second = await open_store(postgres_database), await open_store(postgres_database)
    assert await first.lease("polling")
    assert await first.lease("polling")
    assert not await second.lease("polling")
    assert await second.lease("something else")
    await first.close()
    for _ in itertools.count():
        if await second.lease("polling"):
            break
    await second.close()


async def test_a_cancelled_caller_leaves_no_transaction_open(postgres_database: str) -> None:
    """asyncpg leaves a transaction open whose begin is cancelled; what follows would be rolled back with it."""
    store = await open_store(postgres_database)
    await store.claim(tuple)
    entries = await received(store, *range(12))
    for steps_taken, entry in enumerate(entries):
        begun = asyncio.create_task(store.set_attempts(entry, 1))
        for _ in range(steps_taken):
            await asyncio.sleep(0)
        begun.cancel()
        await store.set_attempts(entry, 2)
    await store.close()
    again = await open_store(postgres_database)
    await again.claim(tuple)
    assert [entry.attempts for entry in await again.inbox((), 100)] == [2] * 12
    await again.close()


async def test_a_lost_connection_costs_the_parts_at_once_and_no_write(postgres_database: str) -> None:
    store = await open_store(postgres_database)
    await store.claim(tuple)
    assert await store.lease("polling")
    admin = await asyncpg.connect(postgres_database)
    (entry,) = await received(store, 1)
    await admin.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE pid <> pg_backend_pid() AND datname = current_database()"
    )
    assert isinstance(store, PostgresStore)
    while not store.writer.is_closed():
        await asyncio.sleep(0.01)
    assert store.parts == frozenset()
    await store.finish(Handled(ANN, entry, outgoing=(Outgoing("telegram", "1", "a"),)))
    assert store.parts == frozenset()
    assert await waiting(store) == []
    await store.claim(tuple)
    assert len(await waiting(store)) == 1
    assert await store.lease("polling")
    await admin.close()
    await store.close()


async def test_a_database_that_is_away_for_a_while_loses_nothing() -> None:
    if not (postgres.program("initdb") and postgres.program("pg_ctl")):
        pytest.skip(postgres.HOW)
    with postgres.cluster() as server:
        store = await open_store(server.url)
        await store.claim(tuple)
        entries = await received(store, *range(20))
        await asyncio.to_thread(server.stop)
        turns = [Handled(ANN, one, outgoing=(Outgoing("telegram", "1", one.payload),)) for one in entries]
        tasks = [asyncio.create_task(store.finish(turn)) for turn in turns]
        await asyncio.sleep(0.5)
        assert not any(task.done() for task in tasks)
        await asyncio.to_thread(server.start)
        assert all(await asyncio.gather(*tasks))
        await store.claim(tuple)
        assert [one.payload for one in await waiting(store)] == [one.payload for one in entries]
        await store.close()


async def test_a_postgresql_database_of_another_program_is_refused(empty_postgres_database: str) -> None:
    admin = await asyncpg.connect(empty_postgres_database)
    await admin.execute("CREATE TABLE invoices (id INTEGER)")
    with pytest.raises(StoreError, match="another program: it holds invoices"):
        await open_store(empty_postgres_database)
    assert await admin.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 1
    await admin.close()


async def test_a_newer_postgresql_schema_is_refused(postgres_database: str) -> None:
    await (await open_store(postgres_database)).close()
    admin = await asyncpg.connect(postgres_database)
    await admin.execute("INSERT INTO merchant_bot_schema VALUES (99)")
    await admin.close()
    with pytest.raises(StoreError, match="made by a newer merchant-bot"):
        await open_store(postgres_database)


async def test_processes_that_start_together_make_the_schema_once(empty_postgres_database: str) -> None:
    stores = await asyncio.gather(*(open_store(empty_postgres_database) for _ in range(4)))
    for store in stores:
        await store.close()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda url: url.replace(":secret@", ":wrong@"), "user or the password"),
        (lambda url: url + "_that_is_not_there", "make it first"),
        (lambda url: "postgresql://merchant:secret@127.0.0.1:9/postgres", "cannot be used"),
    ],
)
async def test_what_is_wrong_with_an_address_is_told_without_the_password(
    postgres_database: str, change: Callable[[str], str], words: str
) -> None:
    with pytest.raises(StoreError, match=words) as caught:
        await open_store(change(postgres_database))
    assert "secret" not in str(caught.value)
    assert "wrong@" not in str(caught.value)
