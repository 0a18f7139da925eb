"""`merchant-bot move`, and restoring a backup, each as the runbook says: everything is there afterwards, and goes on."""

from __future__ import annotations

import asyncio
import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import asyncpg
import pytest

from bot.model import Address, KeptFile
from bot.store import Arrival, Handled, Outgoing, Store, StoreError, file_of, open_store
from bot.store.backup import back_up, restore
from bot.store.moving import STAY, move
from bot.store.sqlite_file import files_folder
from bot.store.tables import TABLES
from tests import postgres, started
from tests.kept_databases import brought_back

ANN = Address("telegram", "1", "1")
RUNBOOK = (Path(__file__).parents[2] / "deploy" / "README.md").read_text("utf-8")


async def counts(url: str) -> dict[str, int]:
    db = await asyncpg.connect(url)
    found = {one.name: await db.fetchval(f"SELECT count(*) FROM {one.name}") for one in TABLES if one.name not in STAY}
    await db.close()
    return found


async def test_all_rows_are_moved_and_new_ones_follow(tmp_path: Path, empty_postgres_database: str) -> None:
    path = tmp_path / "a.db"
    facts = await brought_back("0.2.0", f"sqlite:///{path}")
    before = await open_store(f"sqlite:///{path}")
    await before.invite("Boss", "owner", "digest", 4e9)
    await before.remember("odd", "a\x00b")
    assert await before.keep_file(ANN, KeptFile("f" * 8, "a.png", "image/png", 7), b"picture", 1000)
    await before.close()
    with closing(sqlite3.connect(path)) as file:
        names = [one.name for one in TABLES if one.name not in STAY]
        there = {name: file.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in names}
    environment = {**os.environ, "DATABASE_URL": empty_postgres_database}
    done = started.run(["move", str(path)], environment, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert f"{there['inbox']:,} inbox" in done.stdout
    assert await counts(empty_postgres_database) == there
    old, new = await open_store(f"sqlite:///{path}"), await open_store(empty_postgres_database)
    bob = Address("telegram", str(facts["bob"]), str(facts["bob"]))
    assert await new.conversation(bob) == await old.conversation(bob)
    assert await new.recall("odd") == "ab"
    assert await new.file_content("f" * 8) == b"picture"
    await new.claim(tuple)
    known = [one.id for one in await new.inbox((), 10)]
    await new.accept([Arrival("a", "telegram", "1", "{}")])
    await new.finish(Handled(ANN, outgoing=(Outgoing("telegram", "1", "x"),)))
    assert min(one.id for one in await new.inbox((), 10) if one.id not in known) > max(known)
    await old.close()
    await new.close()
    again = started.run(["move", str(path)], environment, cwd=tmp_path)
    assert again.returncode == 1
    assert "already, so nothing is moved" in again.stderr


async def test_a_database_in_use_is_not_moved(tmp_path: Path, postgres_database: str) -> None:
    path = tmp_path / "a.db"
    store = await open_store(f"sqlite:///{path}")
    await store.claim(tuple)
    with pytest.raises(StoreError, match="another `merchant-bot serve` uses this file"):
        await move(path, postgres_database)
    await store.close()
    target = await open_store(postgres_database)
    await target.claim(tuple)
    with pytest.raises(StoreError, match="`merchant-bot serve` uses this database"):
        await move(path, postgres_database)
    await target.close()


def commands(heading: str) -> str:
    """The commands below a heading of the runbook."""
    found = re.search(rf"^### {heading}\n.*?```sh\n(.*?)```", RUNBOOK, re.MULTILINE | re.DOTALL)
    assert found, heading
    return found[1]


@pytest.fixture
async def kept(database: str) -> Store:
    """A database with one update and one reply, which nobody serves any more."""
    store = await open_store(database)
    await store.accept([Arrival("a", "telegram", "1", "{}")])
    await store.finish(Handled(ANN, outgoing=(Outgoing("telegram", "1", "zanzibar"),)))
    await store.close()
    return store


async def test_a_backup_is_restored_by_the_commands_of_the_runbook(kept: Store, database: str, tmp_path: Path) -> None:
    if not (postgres.program("pg_restore") and postgres.program("pg_dump")):
        pytest.skip(postgres.HOW)
    programs = tmp_path / "bin"
    programs.mkdir()
    ours = f"exec {sys.executable} -m bot"
    for name, does in (("systemctl", f'echo "$@" >>{programs}/log'), ("merchant-bot", f'{ours} "$@"')):
        (programs / name).write_text(f"#!/bin/sh\n{does}\n")
        (programs / name).chmod(0o755)
    (tmp_path / "merchant-bot.env").write_text(f"DATABASE_URL={database}\n")
    path = file_of(database)
    if path:
        files_folder(path).mkdir()
        (files_folder(path) / "one").write_bytes(b"picture")
    copy = tmp_path / "backups" / "merchant-bot"
    copy.parent.mkdir()
    back_up(database, copy)
    after = await open_store(database)  # what happened since the backup
    await after.accept([Arrival("b", "telegram", "2", "{}")])
    if path:
        (files_folder(path) / "two").write_bytes(b"later")
        path.with_name(f"{path.name}-wal").write_bytes(b"of the file that is replaced")
    else:
        await after.change("CREATE TABLE of_a_newer_version (x int)")  # type: ignore[attr-defined]
    await after.close()
    script = commands("Restore").replace("/var/backups/merchant-bot", str(copy))
    script = script.replace("/etc/merchant-bot.env", str(tmp_path / "merchant-bot.env"))
    found = str(Path(str(postgres.program("pg_restore"))).parent)
    environment = {
        "PATH": f"{programs}:{os.environ['PATH']}:{found}",
        "HOME": str(tmp_path),
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    await asyncio.to_thread(subprocess.run, ["sh", "-eu", "-c", script], env=environment, cwd=tmp_path, check=True)
    assert (programs / "log").read_text().split() == ["stop", "merchant-bot", "start", "merchant-bot"]
    if path:
        (one,) = files_folder(path).iterdir()
        assert one.read_bytes() == b"picture"
        modes = [oct(file.stat().st_mode & 0o777) for file in (one, one.parent, path)]
        assert modes == ["0o600", "0o700", "0o600"]
    restored = await open_store(database)
    await restored.claim(tuple)
    assert [one.payload for one in await restored.outbox(["telegram"], (), 10)] == ["zanzibar"]
    assert [one.chat for one in await restored.inbox((), 10)] == ["1"]
    if not path:
        assert not await restored.read("SELECT 1 FROM pg_tables WHERE tablename = 'of_a_newer_version'")  # type: ignore[attr-defined]
    await restored.close()


async def test_nothing_is_restored_over_a_database_in_use_or_from_another_file(
    kept: Store, database: str, tmp_path: Path
) -> None:
    if not (postgres.program("pg_restore") and postgres.program("pg_dump")):
        pytest.skip(postgres.HOW)
    copy, other = tmp_path / "copy", tmp_path / "notes"
    back_up(database, copy)
    other.write_text("these are notes, and no backup")
    found = str(Path(str(postgres.program("pg_restore"))).parent)
    environment = {**os.environ, "PATH": f"{os.environ['PATH']}:{found}", "DATABASE_URL": database}

    def refused(*arguments: str) -> str:
        done = started.run(["restore", *arguments], environment, cwd=tmp_path)
        assert done.returncode == 1
        assert "Traceback" not in done.stderr
        return done.stderr

    assert "--replace replaces it, and what is newer is lost" in refused(str(copy))
    assert "there is no such file" in refused("--replace", str(tmp_path / "missing"))
    refused("--replace", str(other))
    store = await open_store(database)
    await store.claim(tuple)
    assert "`merchant-bot serve` uses this" in refused("--replace", str(copy))
    assert [one.payload for one in await store.outbox(["telegram"], (), 10)] == ["zanzibar"]
    await store.close()


def test_the_backup_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    newer = tmp_path / "newer.db"
    with closing(sqlite3.connect(newer)) as file:
        file.execute("CREATE TABLE conversations (address TEXT PRIMARY KEY)")
        file.execute("PRAGMA application_id = 0x6D626F74")
        file.execute("PRAGMA user_version = 9999")
    with pytest.raises(StoreError, match="made by a newer merchant-bot"):
        restore(f"sqlite:///{tmp_path / 'a.db'}", newer)
    assert not (tmp_path / "a.db").exists()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give files to others")
@pytest.mark.parametrize("files", [False, True])
def test_what_root_restores_belongs_to_the_owner_of_the_folder(tmp_path: Path, files: bool) -> None:
    copy, path = tmp_path / "copy", tmp_path / "data" / "a.db"
    asyncio.run(brought_back("0.2.0", f"sqlite:///{copy}"))
    if files:
        files_folder(copy).mkdir()
        (files_folder(copy) / "one").touch()
    path.parent.mkdir()
    os.chown(path.parent, 10001, 10001)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "of-root").touch()
    path.with_name("a.db.link").symlink_to(elsewhere)
    restore(f"sqlite:///{path}", copy)
    assert elsewhere.stat().st_uid == (elsewhere / "of-root").stat().st_uid == 0
    path.with_name("a.db.link").unlink()
    assert len(list(path.parent.rglob("*"))) == (4 if files else 2)
    assert {(one.stat().st_uid, one.stat().st_gid) for one in path.parent.rglob("*")} == {(10001, 10001)}
