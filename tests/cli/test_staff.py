"""`merchant-bot staff`: who may use the console."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.store import open_store
from tests.started import run


@pytest.fixture
async def environment(tmp_path: Path) -> dict[str, str]:
    url = f"sqlite:///{tmp_path / 'assistant.db'}"
    await (await open_store(url)).close()
    return {"DATABASE_URL": url, "PATH": "", "LANG": "C.UTF-8", "PUBLIC_URL": "https://example.com/chat"}


async def test_people_are_invited_listed_and_revoked(environment: dict[str, str], tmp_path: Path) -> None:
    def staff(*arguments: str) -> tuple[int, str, str]:
        done = run(["staff", *arguments], environment, cwd=tmp_path)
        return done.returncode, done.stdout, done.stderr

    code, _, told = staff("invite", "Mei")
    assert (code, told) == (1, "Mei is new: say what they may do, for example --role editor\n")
    code, out, told = staff("invite", " Mei  Chen ", "--role", "editor")
    assert code == 0
    assert out.startswith("https://example.com/chat/console/in/")
    assert told == "For Mei Chen, editor: once, within ten minutes.\n"
    assert staff("invite", "Mei Chen")[1] != out
    code, out, _ = staff("list", "--json")
    (mei,) = map(json.loads, out.splitlines())
    assert (mei["name"], mei["role"], mei["sessions"]) == ("Mei Chen", "editor", 0)
    assert staff("revoke", "Mei Chen")[0] == 0
    assert staff("revoke", "Mei Chen")[0] == 1
    assert staff("invite", "a\nb\x07", "--role", "owner")[0] == 1
    store = await open_store(environment["DATABASE_URL"], existing=True)
    assert [one.did for one in await store.changes(9)] == ["revoked", "invited", "invited"]
    await store.close()
