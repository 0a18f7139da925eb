"""What is promised of every table: it is declared once, and what its declaration says is done everywhere."""

from __future__ import annotations

import json
import re
import sqlite3
import time
from pathlib import Path
from typing import Any, Protocol

import pytest

from bot.model import Address
from bot.store import Belongings, open_store, ports
from bot.store.schema import steps
from bot.store.sqlite import open_sqlite, to_sqlite
from bot.store.tables import (
    IN_PRIVATE_CHATS,
    TABLE_OF,
    TABLES,
    Disclosure,
    Retention,
    Sheet,
    Table,
    as_file,
    belongings,
    disclosures,
    erase_statements,
    export_statement,
    fill_placeholders,
    prune_statements,
)

ANN, BOB = Address("telegram", "1", "1"), Address("telegram", "2", "2")
DIARY = Table(
    "diary",
    whose=IN_PRIVATE_CHATS,
    disclosure=Disclosure("diary", "words", str.upper),
    retention=Retention("made", created="made"),
    sheet=Sheet("id chat words made", ("id",)),
)
PAGES = Table("pages", parent=("diary", "entry"))
THE_MOST = 16  # methods of a port


def undeclared(kind: str, declared: set[str]) -> set[str]:
    made = set(re.findall(r"CREATE TABLE (?:IF NOT EXISTS )?(\w+)", "\n".join(steps(kind))))
    return made - declared


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_every_table_is_declared_with_what_it_keeps_of_a_person(kind: str) -> None:
    missing = undeclared(kind, {table.name for table in TABLES})
    assert not missing, f"declare in bot/store/tables.py what is kept of a person in {', '.join(sorted(missing))}"
    assert undeclared(kind, {table.name for table in TABLES[1:]}) == {TABLES[0].name}


async def test_whatever_holds_an_address_or_a_chat_says_whose_it_is(tmp_path: Path) -> None:
    store = await open_sqlite(tmp_path / "assistant.db")
    rows = await store.read(
        "SELECT DISTINCT made.name FROM sqlite_master AS made, pragma_table_info(made.name) AS one "
        "WHERE made.type = 'table' AND one.name IN ('address', 'chat')"
    )
    silent = {name for (name,) in rows if not TABLE_OF[name].whose}
    assert silent == {"groups"}, "a group is nobody's; for any other, say in bot/store/tables.py whose a row is"
    await store.close()


async def test_every_declared_table_can_be_erased_handed_over_pruned_copied_and_counted(database: str) -> None:
    store = await open_store(database)
    await store.belongings(ANN)
    for table in TABLES:
        if table.counted:
            assert await store.rows(table.name, None) == []
            assert await store.prune(table.name, time.time(), None) is None
    assert set((await store.status()).rows) == {table.name for table in TABLES if table.counted}
    await store.close()


def test_a_table_that_is_declared_is_erased_handed_over_pruned_and_copied() -> None:
    db = sqlite3.connect(":memory:")
    db.execute("CREATE TABLE diary (id INTEGER PRIMARY KEY, channel, chat, words, made)")
    db.execute("CREATE TABLE pages (id INTEGER PRIMARY KEY, entry)")
    tables = (PAGES, DIARY)

    def did(sql: str, values: Any) -> list[Any]:
        return db.execute(to_sqlite(sql), values).fetchall()

    for id, one in enumerate((ANN, BOB, ANN), 1):
        db.execute("INSERT INTO diary VALUES (?, ?, ?, 'hello', ?)", (id, one.channel, one.chat, id * 100.0))
        db.execute("INSERT INTO pages VALUES (?, ?)", (id, id))
    own = belongings([(handed, did(*fill_placeholders(sql, ANN))) for handed, sql in disclosures(tables)])
    assert own == Belongings(others={"diary": ("HELLO", "HELLO")})
    assert json.loads(as_file(own, tables)) == {"diary": ["HELLO", "HELLO"]}
    assert [DIARY.sheet.cells(row) for _, *row in did(export_statement(DIARY), (2, 9)) if DIARY.sheet] == [
        (3, "1", "hello", "1970-01-01T00:05:00.000+00:00")
    ]
    for sql, values in prune_statements(DIARY, 150.0, tables):
        did(sql, (0, 3, *values))
    assert did("SELECT id FROM diary", ()) == did("SELECT entry FROM pages", ()) == [(2,), (3,)]
    for sql in erase_statements(tables):
        did(*fill_placeholders(sql, ANN))
    assert did("SELECT id FROM diary", ()) == [(2,)]


def test_no_port_is_wider_than_its_user() -> None:
    wide = {}
    for name, port in vars(ports).items():
        if isinstance(port, type) and issubclass(port, Protocol) and port not in (Protocol, ports.Store):
            methods = {one for base in port.__mro__ for one in vars(base) if not one.startswith("_")}
            wide[name] = len(methods)
    assert wide
    assert {name: count for name, count in wide.items() if count > THE_MOST} == {}


def test_a_statement_of_both_databases_stands_once() -> None:
    folder = Path(ports.__file__).parent
    both = [set((folder / f"{kind}.py").read_text("utf-8").splitlines()) for kind in ("sqlite", "postgres")]
    statements = [one for one in both[0] & both[1] if re.search(r"\b(SELECT|INSERT|UPDATE|DELETE|WHERE)\b", one)]
    assert statements == []
