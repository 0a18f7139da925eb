"""What is erased is gone from every file, and what the files hold is nobody else's to read."""

from __future__ import annotations

import asyncio
import logging
import os
import random
import re
import sqlite3
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bot.channels import terminal
from bot.commands import database_export, status_report
from bot.console.drafting import write_texts
from bot.console.edits import EXAMPLES
from bot.json_text import to_text
from bot.knowledge.knowledge import Knowledge
from bot.model import Address, Conversation, Exchange, Ticket
from bot.service.housekeeping import Housekeeping
from bot.store import Arrival, Delivery, Handled, Outgoing, Question, Store, open_store, utc
from bot.store import sqlite as implementation
from bot.store.backup import back_up
from bot.store.sqlite import SqliteStore, open_sqlite
from bot.store.sqlite_file import COPIES_KEPT
from tests.botapi import BotApi
from tests.kept_databases import Agency, brought_back
from tests.visitors import PATIENCE, Visitor

ANN = Address("telegram", "1", "1")


@pytest.fixture
async def store(database: str) -> AsyncIterator[Store]:
    opened = await open_store(database)
    await opened.claim(tuple)
    yield opened
    await opened.close()


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    """A database that this process serves, alone in its folder."""
    opened = await open_sqlite(tmp_path / "data" / "assistant.db")
    await opened.claim(tuple)
    yield opened
    await opened.close()


def found(folder: Path, *words: str) -> list[tuple[str, str]]:
    """Which of these words stand in which files of a folder."""
    held = {path.name: path.read_bytes() for path in folder.iterdir()}
    return [(name, word) for word in words for name, content in held.items() if re.search(word.encode(), content)]


async def until_gone(folder: Path, *words: str) -> None:
    try:
        async with asyncio.timeout(PATIENCE):
            while found(folder, *words):
                await asyncio.sleep(0.02)
    except TimeoutError:
        pytest.fail(f"left in {folder}: {found(folder, *words)}")


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
async def test_of_a_merchant_who_has_everything_erased_no_file_holds_anything(
    tmp_path: Path, knowledge: Knowledge
) -> None:
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    database = f"sqlite:///{folder / 'assistant.db'}"
    facts = await brought_back("0.1.0", database)
    visitor = facts["cookie"].partition(".")[0]
    of_bob = (str(facts["bob"]), r"\bBob\b", "loan for my shop", "in the morning please", "We call you tomorrow")
    of_ann = (str(facts["ann"]), r"\bAnn\b", "zanzibar")
    assert not [words for words in (*of_bob, *of_ann[:1], visitor) if not found(folder, words)]
    async with BotApi(privacy=False, update_id=facts["update"]) as api:
        agency = Agency(api, facts)
        async with agency.served(knowledge, database) as store:
            assert sorted(path.name for path in folder.glob("*.before-schema-*")) != []
            await agency.until(lambda: agency.told("ann"))
            await agency.write("ann", "talk to a consultant")
            await agency.write("ann", "zanzibar, please")
            await agency.until(lambda: any("zanzibar" in one["text"] for one in api.sent(agency.desk)))
            connection = api.business(agency.people["shop"])
            api.business_message(connection, agency.people["ann"], "how much is the deposit")
            await agency.until(lambda: api.business_room(connection["id"], facts["ann"]).sent)
            assert found(folder, "zanzibar")
            for name in ("bob", "ann", "shop"):
                await agency.write(name, "/forget")
                # Bob is told first that his chat with the consultant has ended.
                await agency.until(lambda name=name: "reply_markup" in agency.told(name)[-1])  # type: ignore[misc]
                before = len(agency.told(name))
                api.press(agency.people[name], agency.told(name)[-1], "forget=yes")
                await agency.until(lambda name=name, before=before: len(agency.told(name)) > before)  # type: ignore[misc]
            async with Visitor(agency.url, "zh", cookie=facts["cookie"]) as page:
                await page.say("/forget")
                await page.press("全部删除")
            await until_gone(folder, *of_bob, *of_ann, str(facts["shop"]), '"Shop"')
            # A page may still read that everything is erased, for a while.
            assert found(folder, visitor)
            await store.tidy(time.time() + 3600)
            await until_gone(folder, visitor)
            assert found(folder, str(facts["wei"]))


async def test_no_copy_of_a_row_is_left_where_sqlite_has_moved_rows_about(
    served: SqliteStore,
) -> None:
    served.writer.execute("PRAGMA synchronous = OFF")
    chance = random.Random(3)
    people = [Address("telegram", f"u{number:03}u", f"u{number:03}u") for number in range(100)]
    for _ in range(30):
        turns = []
        for one in chance.sample(people, len(people)):
            said = Exchange(f"{one.user} " * chance.randrange(1, 20), "")
            out = Outgoing("telegram", one.chat, f"{one.chat} " * chance.randrange(1, 20))
            turns.append(Handled(one, conversation=Conversation("en", recent=(said,)), outgoing=(out,)))
        await asyncio.gather(*map(served.finish, turns))
    gone = people[::3]
    await asyncio.gather(*(served.finish(Handled(one, erase=True)) for one in gone))
    await until_gone(served.path.parent, *(one.user for one in gone))
    assert not [one for one in set(people) - set(gone) if not found(served.path.parent, one.user)]


async def test_the_wal_is_emptied_as_soon_as_nobody_reads_it_also_beside_a_large_file(
    served: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(implementation, "SMALL", 0)
    await served.finish(Handled(ANN, outgoing=(Outgoing("telegram", "1", "zanzibar"),)))
    with closing(sqlite3.connect(served.path)) as reader:
        reader.execute("BEGIN")
        assert reader.execute("SELECT payload FROM outbox").fetchall() == [("zanzibar",)]
        await served.finish(Handled(ANN, erase=True))
        await asyncio.wait_for(served.finish(Handled(ANN, outgoing=(Outgoing("telegram", "2", "next"),))), PATIENCE)
        assert found(served.path.parent, "zanzibar")
    await until_gone(served.path.parent, "zanzibar")


async def test_what_cannot_be_deleted_or_written_anew_is_told_and_keeps_nobody_from_being_erased(
    served: SqliteStore, caplog: pytest.LogCaptureFixture
) -> None:
    # A folder cannot be deleted like a file, not even by root.
    stuck = served.path.with_name("assistant.db.before-schema-3")
    stuck.mkdir()
    await served.finish(Handled(ANN, conversation=Conversation("zh")))
    await served.finish(Handled(ANN, erase=True))
    assert await served.conversation(ANN) == Conversation()
    assert f"{stuck}: this file cannot be deleted" in caplog.text
    async with served.turnstile:
        served.writer.execute("PRAGMA query_only = ON")
        assert served.vacuum()  # it is left for the next time, and not tried again and again
        served.writer.execute("PRAGMA query_only = OFF")
    assert "what was deleted may be left in the file" in caplog.text
    stuck.rmdir()


async def test_what_is_pruned_is_gone_from_the_files_too(served: SqliteStore) -> None:
    await served.finish(Handled(ANN, conversation=Conversation("en", topic="zanzibar")))
    assert found(served.path.parent, "zanzibar")
    await Housekeeping(served, 365, lambda: time.time() + 366 * 86400).round()
    await until_gone(served.path.parent, "zanzibar")


async def test_what_was_left_when_the_process_was_killed_is_gone_after_the_next_start(tmp_path: Path) -> None:
    path = tmp_path / "data" / "assistant.db"
    killed = await open_sqlite(path)
    for chat in range(100):
        await killed.finish(Handled(ANN, outgoing=(Outgoing("telegram", str(chat), "zanzibar " * 50),)))
    killed.writer.execute("PRAGMA secure_delete = OFF")
    killed.writer.execute("DELETE FROM outbox")
    assert found(path.parent, "zanzibar")
    files = {one.name: one.read_bytes() for one in path.parent.iterdir()}
    await killed.close()
    for name, content in files.items():
        (path.parent / name).write_bytes(content)
    store = await open_sqlite(path)
    await store.claim(tuple)
    await until_gone(path.parent, "zanzibar")
    await store.close()


async def test_of_the_answer_to_an_erasure_nothing_stays_once_it_was_made_and_read(store: Store) -> None:
    now = time.time()
    told = tuple(Outgoing("telegram", "1", text, passing=passing) for text, passing in (("at once", 0.0), ("read", 60)))
    await store.finish(Handled(ANN, outgoing=told, erase=True))
    first, second = await store.outbox(["telegram"], (), 10)
    await store.mark(Delivery(first, "waiting", error="502"))
    await store.tidy(now + 3600)
    assert [one.payload for one in await store.outbox(["telegram"], (), 10)] == ["at once", "read"]
    await store.mark(Delivery(first, "sent"))
    await store.mark(Delivery(second, "sent"))
    assert [one.payload for one in await store.history("telegram", "1", None, 10)] == ["read"]
    await store.tidy(now + 30)
    assert len(await store.history("telegram", "1", None, 10)) == 1
    await store.tidy(now + 3600)
    assert await store.history("telegram", "1", None, 10) == []


async def test_what_is_remembered_of_somebody_is_erased_and_pruned_and_the_rest_is_not(store: Store) -> None:
    bob = Address("telegram", "2", "2")
    secret = await store.kept("secret", "s")
    await store.remember("of Ann", "a", ANN)
    await store.remember("of Bob", "b", bob)
    await store.remember("of nobody", "c")
    await store.finish(Handled(ANN, erase=True))
    names = ("of Ann", "of Bob", "of nobody")
    assert [await store.recall(name) for name in names] == [None, "b", "c"]
    for days, left in ((364, "b"), (366, None)):
        await Housekeeping(store, 365, lambda days=days: time.time() + days * 86400).round()  # type: ignore[misc]
        assert [await store.recall(name) for name in names] == [None, left, "c"]
    assert await store.kept("secret", "another") == secret


async def test_what_was_said_in_the_name_of_others_is_handed_over_and_erased_too(store: Store) -> None:
    beside, stranger = Address("telegram", "1@BizConn1", "1"), Address("telegram", "11@BizConn1", "11")
    for one in (ANN, beside, stranger, Address("telegram", "-5", "1")):
        await store.finish(Handled(one, outgoing=(Outgoing("telegram", one.chat, f'"to {one.chat}"'),)))
    assert [one.payload for one in (await store.belongings(ANN)).told] == ['"to 1"', '"to 1@BizConn1"']
    await store.finish(Handled(beside, erase=True))
    left = [one.payload for one in await store.outbox(["telegram"], (), 10)]
    assert left == ['"to 11@BizConn1"', '"to -5"']  # what a group was told is not hers alone


async def test_failed_updates_of_others_that_hold_a_merchant_are_erased_too(store: Store) -> None:
    desk, opens = "-9", Ticket(7, ANN, "en")
    card = Outgoing("telegram", desk, "Ann asks for a loan", ticket=opens.id)
    await store.finish(Handled(ANN, opens=opens, outgoing=(card,)))
    (call,) = await store.outbox(["telegram"], (), 10)
    await store.mark(Delivery(call, "sent", platform_id="42"))
    updates = {
        "a consultant who answers Ann": (desk, {"reply_to_message": {"message_id": 42, "text": card.payload}}),
        "who answers somebody else": (desk, {"reply_to_message": {"message_id": 421, "text": "Bob"}}),
        "Ann in a group": ("-5", {"message_id": 3, "from": {"id": 1, "first_name": "Ann"}}),
        "somebody who answers Ann there": ("-5", {"reply_to_message": {"message_id": 3, "from": {"id": 1, "first_name": "Ann"}}}),
        "somebody else there": ("-5", {"message_id": 42, "from": {"id": 11, "first_name": "Bob"}}),
    }  # fmt: skip
    await store.accept([Arrival(key, "telegram", chat, to_text(one)) for key, (chat, one) in updates.items()])
    while failing := await store.inbox((), 10):
        for entry in failing:
            await store.finish(Handled(Address("telegram", entry.chat, ""), entry, error=entry.payload))
    assert len(await store.failures()) == len(updates)
    await store.finish(Handled(ANN, erase=True))
    left = [to_text(updates[name][1]) for name in ("who answers somebody else", "somebody else there")]
    assert [(one.payload, one.error) for one in await store.failures()] == [(one, one) for one in left]


def test_copies_made_before_a_migration_are_named_and_end_after_a_month(tmp_path: Path) -> None:
    path = tmp_path / "assistant.db"
    asyncio.run(brought_back("0.1.0", f"sqlite:///{path}"))

    async def kept(days: float) -> list[Path]:
        store = await open_sqlite(path)
        await store.tidy(time.time() + days * 86400)
        status = await store.status()
        for copy in status.copies:
            assert str(copy.path) in status_report.text("", status)
            assert copy.until - copy.made == COPIES_KEPT
        assert status_report.report(status)["copies"] == [
            {"file": str(one.path), "made": utc(one.made), "until": utc(one.until)} for one in status.copies
        ]
        await store.close()
        return [one.path for one in status.copies]

    (copy,) = asyncio.run(kept(29))
    assert copy.exists()
    assert asyncio.run(kept(31)) == []
    assert not copy.exists()


# --- who may read them


@pytest.fixture
def careless() -> Iterator[None]:
    """A machine on which everybody may read and write what does not say otherwise."""
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.mark.usefixtures("careless")
async def test_whatever_is_made_is_for_its_user_alone_whatever_the_umask(tmp_path: Path) -> None:
    path = tmp_path / "data" / "deeper" / "assistant.db"
    await (await open_sqlite(path)).close()
    path.write_bytes(b"")
    await brought_back("0.1.0", f"sqlite:///{path}")
    store = await open_sqlite(path)
    await store.claim(tuple)
    await store.finish(Handled(ANN, outgoing=(Outgoing("telegram", "1", "x"),)))
    back_up(f"sqlite:///{path}", tmp_path / "copy")
    for format, target in (("csv", "made/exported"), ("json", "all.json"), ("sqlite", "all.db")):
        with database_export.writing(format, tmp_path / target) as writer:  # type: ignore[arg-type]
            await database_export.export(store, writer)
    terminal.input_history(tmp_path / "state" / "chat-history")
    write_texts(tmp_path / "data", {EXAMPLES: '{"text": "zanzibar"}\n'})
    made = list(tmp_path.rglob("*"))
    assert {EXAMPLES, "assistant.db-wal", "assistant.db-shm", "assistant.db.serving", "events.csv", "chat-history"} <= {
        path.name for path in made
    }
    assert any("before-schema" in path.name for path in made)
    assert [(str(path), oct(path.stat().st_mode)) for path in made if path.stat().st_mode & 0o077] == []
    assert (await store.status()).exposed == ()
    await store.close()


def test_published_files_keep_their_permissions(tmp_path: Path) -> None:
    for mode in (0o600, 0o664):
        (tmp_path / "courses.yaml").touch()
        (tmp_path / "courses.yaml").chmod(mode)
        write_texts(tmp_path, {"courses.yaml": "[]", EXAMPLES: "{}"})
        assert (tmp_path / "courses.yaml").stat().st_mode & 0o777 == mode
    assert (tmp_path / "courses.yaml").read_text() == "[]"
    assert (tmp_path / EXAMPLES).stat().st_mode & 0o777 == 0o600


async def test_what_the_console_keeps_of_a_person_is_erased_on_either_database(store: Store) -> None:
    """Kept questions go with the merchant, sessions with the person who is revoked."""
    asked = Question("en", "zanzibar", "unknown", time.time() + 3600)
    await store.finish(Handled(ANN, question=asked))
    assert [one.words for one in await store.questions(10)] == ["zanzibar"]
    await store.finish(Handled(ANN, erase=True))
    assert await store.questions(10) == []
    await store.invite("Boss", "owner", "digest-of-a-link", time.time() + 60)
    assert await store.sign_in("digest-of-a-link", "digest-of-a-session", time.time() + 60)
    assert await store.sign_in("digest-of-a-link", "digest-of-another", time.time() + 60) is None
    assert await store.revoke("Boss")
    assert await store.signed_in("digest-of-a-session") is None


async def test_files_that_are_open_to_others_are_named_with_what_mends_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "it's ours"
    path = folder / "assistant.db"
    await (await open_sqlite(path)).close()
    assert [one for one in caplog.records if one.levelno >= logging.WARNING] == []
    folder.chmod(0o755)
    path.chmod(0o640)
    store = await open_sqlite(path)
    status = await store.status()
    assert {folder, path} <= set(status.exposed)
    assert status_report.report(status)["open_to_others"] == [str(one) for one in status.exposed]
    (record,) = [one for one in caplog.records if one.levelno == logging.WARNING]
    assert record.getMessage() in status_report.text("", status)
    await asyncio.to_thread(subprocess.run, record.getMessage().rpartition("run: ")[2], shell=True, check=True)
    assert (await store.status()).exposed == ()
    await store.close()
    # Of a folder that is everybody's, nobody is told to close it.
    folder.chmod(0o1777)
    store = await open_sqlite(path)
    said = status_report.text("", await store.status())
    assert "is a shared folder" in said
    assert "chmod" not in said
    await store.close()
