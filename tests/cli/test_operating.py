"""The operator's commands, as processes beside one that serves: status, migrate, backup, export, inbox, outbox."""

from __future__ import annotations

import csv
import json
import sqlite3
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
import sqlite_utils

from bot.model import Address, CheckState, Conversation, Group, Result, Subscribing
from bot.store import INTERRUPTED, Arrival, Delivery, Event, Handled, Outgoing, Store, open_store
from bot.store.postgres import PostgresStore
from bot.store.sqlite import SqliteStore
from tests import postgres

Run = Callable[..., subprocess.CompletedProcess[str]]
ANN = Address("telegram", "1", "1")
RESULT = Result("ABC", "medal", "gold", "Gold", "金牌", (("gmv", 8000),), "v1", "2026-11-24", "2999-12-24", str(ANN))


@pytest.fixture
async def served(database: str) -> AsyncIterator[Store]:
    """A database that this process serves: three updates, of which one is answered, one failed and one is new."""
    store = await open_store(database)
    await store.claim(tuple)
    await store.accept([Arrival(f"telegram:7:{number}", "telegram", "1", f'{{"n":{number}}}') for number in (1, 2, 3)])
    first, second, _ = await store.inbox((), 10)
    talk = Conversation("zh", "deposit-amount", check=CheckState("medal", "r1"))
    replies = tuple(Outgoing("telegram", "1", text) for text in ("sent", "waits", "refused"))
    turn = Event("turn", {"verdict": "answer", "lang": "zh", "topics": ["deposit-amount"]})
    await store.finish(Handled(ANN, first, talk, RESULT, replies, (turn,), subscribing=Subscribing("news", True)))
    await store.finish(Handled(ANN, second, error="Traceback …\nValueError: broken\n"))
    await store.finish(Handled(replace(ANN, chat="-5"), group=Group(allowed=("deposit",), attended=2.5)))
    sent, _, refused = await store.outbox(["telegram"], (), 10)
    await store.mark(Delivery(sent, "sent"))
    await store.mark(Delivery(refused, "dead", error="Bad Request"))
    yield store
    await store.close()


def done(finished: subprocess.CompletedProcess[str]) -> str:
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


def refused(finished: subprocess.CompletedProcess[str]) -> str:
    assert finished.returncode == 1, finished.stdout
    assert "Traceback" not in finished.stderr
    return finished.stderr


async def test_status_tells_what_waits_and_what_was_answered(served: Store, database: str, run: Run) -> None:
    told = json.loads(done(run("status", "--json", DATABASE_URL=database)))
    assert told["serving"] == 1
    assert (told["inbox"]["waiting"], told["inbox"]["dead"]) == (1, 1)
    assert told["inbox"]["oldest"] < 60
    assert (told["outbox"]["waiting"], told["outbox"]["dead"], told["outbox"]["gone"]) == (1, 1, 0)
    assert told["answers"] == {"day": {"answer": 1}, "week": {"answer": 1}}
    assert told["rows"] == {
        "inbox": 3,
        "outbox": 3,
        "events": 1,
        "conversations": 1,
        "results": 1,
        "tickets": 0,
        "subscriptions": 1,
        "groups": 1,
        "kept": 0,
        "drafts": 0,
        "questions": 0,
    }
    assert told["bytes"] > 10_000
    await served.remember("telegram-desk:-123", "-100456")
    desk = {"TELEGRAM_TOKEN": "7000000002:" + "A" * 35, "CONSULTANT_CHAT": "-123"}
    said = done(run("status", DATABASE_URL=database, **desk))
    assert "one process serves it" in said
    assert "CONSULTANT_CHAT -123 became -100456; set it" in said
    assert "secret" not in said
    assert "1 given up (merchant-bot outbox list)" in said


def test_settings_come_from_a_file_unless_the_environment_has_them(tmp_path: Path, run: Run) -> None:
    file = tmp_path / "merchant-bot.env"
    file.write_text(f"# of the unit\nDATABASE_URL='sqlite:///{tmp_path}/from-file.db'\nSECRET=a$b-sixteen-characters\n")
    assert "from-file.db" in run("--env-file", str(file), "status").stderr
    other = f"sqlite:///{tmp_path}/from-environment.db"
    assert "from-environment.db" in run("--env-file", str(file), "status", DATABASE_URL=other).stderr
    missing = run("--env-file", "nothing.env", "status")
    assert missing.returncode == 2
    assert missing.stderr == "nothing.env: this file cannot be read: No such file or directory\n"


def test_status_says_that_nobody_serves_and_does_not_make_a_database(tmp_path: Path, run: Run) -> None:
    url = f"sqlite:///{tmp_path / 'assistant.db'}"
    for command in (("status",), ("backup", "copy.db"), ("export", "json", "x.json"), ("inbox", "list")):
        assert "merchant-bot serve" in refused(run(*command, DATABASE_URL=url))
    assert not list(tmp_path.glob("*.db*"))
    assert "made, with schema" in done(run("migrate", DATABASE_URL=url))
    assert "no process serves it" in done(run("status", DATABASE_URL=url))


def test_an_older_database_is_migrated_after_a_copy_and_shown_only_then(tmp_path: Path, run: Run) -> None:
    file = tmp_path / "assistant.db"
    url = f"sqlite:///{file}"
    with closing(sqlite3.connect(file)) as old:
        old.execute("CREATE TABLE conversations (address TEXT PRIMARY KEY, state TEXT NOT NULL) STRICT")
        old.execute("PRAGMA application_id = 0x6D626F74")
        old.execute("PRAGMA user_version = 1")
        old.commit()
    assert "merchant-bot migrate" in refused(run("status", DATABASE_URL=url))
    said = done(run("migrate", DATABASE_URL=url))
    assert "schema 1 is now" in said
    copy = Path(said.strip().rpartition(" ")[2])
    with closing(sqlite3.connect(copy)) as before:
        assert before.execute("PRAGMA user_version").fetchone() == (1,)
    assert "nothing to do" in done(run("migrate", DATABASE_URL=url))


async def test_a_copy_of_a_database_in_use_can_take_its_place(
    served: Store, database: str, tmp_path: Path, run: Run
) -> None:
    if database.startswith("postgres") and not postgres.program("pg_dump"):
        pytest.skip(postgres.HOW)
    copy = tmp_path / "copy"
    assert "bytes" in done(run("backup", str(copy), DATABASE_URL=database))
    assert copy.stat().st_mode & 0o077 == 0
    assert str(copy) in refused(run("backup", str(copy), DATABASE_URL=database))
    done(run("backup", "--replace", str(copy), DATABASE_URL=database))
    assert sorted(path.name for path in tmp_path.glob("copy*")) == ["copy"]
    if database.startswith("postgres"):
        assert copy.read_bytes().startswith(b"PGDMP")
        return
    again = await open_store(f"sqlite:///{copy}")
    await again.claim(tuple)
    assert await again.conversation(ANN) == await served.conversation(ANN)
    assert len(await again.inbox((), 10)) == 1
    await again.close()


def test_a_copy_that_cannot_be_made_is_told_and_leaves_nothing(
    served: Store, database: str, tmp_path: Path, run: Run
) -> None:
    missing = tmp_path / "no-such-folder" / "copy"
    assert "cannot be written" in refused(run("backup", str(missing), DATABASE_URL=database))
    if database.startswith("postgres"):
        (tmp_path / "empty").mkdir()
        told = refused(run("backup", "copy", DATABASE_URL=database, PATH=str(tmp_path / "empty")))
        assert "pg_dump --format=custom" in told
        program = tmp_path / "empty" / "pg_dump"
        program.write_text('#!/bin/sh\necho "$@" >&2\nexit 1\n')
        program.chmod(0o755)
        told = refused(run("backup", "copy", DATABASE_URL=database, PATH=str(tmp_path / "empty")))
        assert "--dbname=postgresql://…@" in told
        assert "secret" not in told
        wrong = refused(run("backup", "copy", DATABASE_URL=database.replace(":secret@", ":wrong@")))
        assert "pg_dump" in wrong
        assert "wrong" not in wrong
        assert not list(tmp_path.glob("copy*"))


def test_what_is_kept_is_exported_in_three_formats(served: Store, database: str, tmp_path: Path, run: Run) -> None:
    said = done(run("export", "csv", "exported", DATABASE_URL=database))
    assert "1 events, 1 conversations, 1 results" in said
    done(run("export", "json", "all.json", DATABASE_URL=database))
    done(run("export", "sqlite", "all.db", DATABASE_URL=database))
    assert sorted(path.name for path in tmp_path.glob("exported/*")) == [
        "conversations.csv",
        "drafts.csv",
        "events.csv",
        "groups.csv",
        "results.csv",
        "subscriptions.csv",
        "tickets.csv",
    ]
    with (tmp_path / "exported" / "events.csv").open(encoding="utf-8-sig", newline="") as file:
        (event,) = csv.DictReader(file)
    assert (event["channel"], event["user"], event["verdict"], event["lang"]) == ("telegram", "1", "answer", "zh")
    assert json.loads(event["data"])["topics"] == ["deposit-amount"]
    everything = json.loads((tmp_path / "all.json").read_text("utf-8"))
    assert everything["conversations"][0]["state"]["topic"] == "deposit-amount"
    (subscription,) = everything["subscriptions"]
    assert (subscription["user"], subscription["subject"], subscription["lang"]) == ("1", "news", "zh")
    (group,) = everything["groups"]
    assert (group["chat"], group["ended"], group["allowed"], group["quiet"]) == ("-5", None, ["deposit"], 10)
    assert everything["results"][0]["zh"] == "金牌"
    assert everything["events"][0]["time"].endswith("+00:00")
    tables = sqlite_utils.Database(tmp_path / "all.db")
    assert {name: tables.table(name).count for name in tables.table_names()} == {
        "events": 1,
        "conversations": 1,
        "results": 1,
        "tickets": 0,
        "drafts": 0,
        "subscriptions": 1,
        "groups": 1,
    }
    assert next(tables.table("results").rows)["answers"] == '[["gmv",8000]]'
    tables.close()


def test_an_export_replaces_nothing_unless_it_is_told_to(
    served: Store, database: str, tmp_path: Path, run: Run
) -> None:
    for format, target, file in (("csv", ".", "events.csv"), ("json", "x", "x"), ("sqlite", "y", "y")):
        (tmp_path / file).write_text("mine")
        (tmp_path / "other").write_text("mine too")
        assert file in refused(run("export", format, target, DATABASE_URL=database))
        assert (tmp_path / file).read_text() == "mine"
        done(run("export", format, target, "--replace", DATABASE_URL=database))
        assert (tmp_path / file).read_bytes() != b"mine"
    assert (tmp_path / "other").read_text() == "mine too"
    assert "cannot be written" in refused(run("export", "json", "no/such/folder", DATABASE_URL=database))


async def test_more_than_one_stretch_is_exported_whole(database: str, tmp_path: Path, run: Run) -> None:
    store = await open_store(database)
    for _ in range(7):
        await store.finish(Handled(ANN, events=(Event("turn", {"text": "\ud83d"}),) * 100))
    await store.close()
    assert "700 events" in done(run("export", "json", "x", DATABASE_URL=database))
    ids = [event["id"] for event in json.loads((tmp_path / "x").read_text("utf-8"))["events"]]
    assert len(set(ids)) == 700
    assert ids == sorted(ids)
    done(run("status", DATABASE_URL=database))


async def test_messages_that_failed_are_listed_shown_handled_again_and_dropped(
    served: Store, database: str, run: Run
) -> None:
    listed = done(run("inbox", "list", DATABASE_URL=database))
    assert "ValueError: broken" in listed
    id = listed.split()[0]
    shown = done(run("inbox", "show", id, DATABASE_URL=database))
    assert '{"n":2}' in shown
    assert "Traceback …" in shown
    assert "999 is not in `merchant-bot inbox list`" in refused(run("inbox", "show", "999", DATABASE_URL=database))
    assert "will be handled again" in done(run("inbox", "retry", id, DATABASE_URL=database))
    again = next(entry for entry in await served.inbox((), 10) if entry.id == int(id))
    assert again.payload == '{"n":2}'
    assert done(run("inbox", "list", DATABASE_URL=database)) == ""
    await served.finish(Handled(ANN, again, error=INTERRUPTED))
    assert INTERRUPTED in done(run("inbox", "list", DATABASE_URL=database))
    assert "1 of them because the process was killed or hung three times" in done(run("status", DATABASE_URL=database))
    assert "1 dropped" in done(run("inbox", "drop", "--all", DATABASE_URL=database))
    assert done(run("inbox", "list", DATABASE_URL=database)) == ""
    assert isinstance(served, SqliteStore | PostgresStore)
    assert [row[0] for row in await served.read("SELECT payload FROM inbox ORDER BY id")] == ["", "", '{"n":3}']
    await served.accept([Arrival("telegram:7:2", "telegram", "1", '{"n":2}')])
    assert len(await served.inbox((), 10)) == 1
    assert run("inbox", "drop", DATABASE_URL=database).returncode == 2


async def test_replies_that_were_given_up_are_listed_and_sent_again(served: Store, database: str, run: Run) -> None:
    listed = done(run("outbox", "list", DATABASE_URL=database))
    assert "Bad Request" in listed
    assert "The others are not in `list`" in refused(
        run("outbox", "retry", listed.split()[0], "999", DATABASE_URL=database)
    )
    assert [one.payload for one in await served.outbox(["telegram"], (), 10)] == ["waits", "refused"]
