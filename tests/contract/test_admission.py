"""ALLOW_GROUPS and ALLOW_BUSINESS: who is not allowed is left alone, and the operator is asked."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from typing import Any

import pytest

from bot.channels import admission
from bot.channels.admission import MOST_ASKING, NOTE, Admission, applicants, decide
from bot.knowledge.knowledge import Knowledge
from bot.settings import BadSettings, read_settings
from bot.store import MemoryStore, open_store
from tests import started
from tests.botapi import BotApi
from tests.contract.test_service import on_telegram
from tests.crash import PATIENCE

ME = "@merchant_test_bot"


async def until_idle(api: BotApi, person: dict[str, Any]) -> None:
    """Wait until everything before has been handled: a private message is answered after it."""
    before = len(api.sent(person["id"]))
    api.message(person, "/help")
    await api.until(lambda: len(api.sent(person["id"])) > before, PATIENCE)


async def test_new_groups_and_accounts_ask_and_are_answered_once_allowed(
    knowledge: Knowledge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admission, "FRESH", 0.0)
    database = f"sqlite:///{tmp_path / 'a.db'}"
    store = await open_store(database)
    environment = {**os.environ, "DATABASE_URL": database}

    def command(*arguments: str) -> str:
        return started.run(arguments, environment, cwd=tmp_path).stdout

    async with BotApi(privacy=False) as api:
        ann, owner = api.user("Ann", language="en"), api.user("Owner", username="shop")
        group = api.group("Sellers", members=[ann], bot=None)
        chat = str(group["id"])
        settings = {"ALLOW_GROUPS": "asked", "ALLOW_BUSINESS": "asked"}
        async with on_telegram(api, knowledge, store, monkeypatch, **settings):
            connection = api.business(owner)
            api.add_bot(group, ann)
            api.message(ann, f"{ME} how much is the deposit", chat=group)
            api.business_message(connection, ann, "how much is the deposit")
            async with asyncio.timeout(PATIENCE):
                while len(asking := applicants(await store.recall(NOTE))) < 2:
                    await asyncio.sleep(0.02)
            await until_idle(api, ann)
            assert not api.sent(group)
            assert not api.business_room(connection["id"], ann["id"]).sent
            assert {(one.id, one.name, one.state) for one in asking.values()} == {
                (str(owner["id"]), "shop", "asks"),
                (chat, "Sellers", "asks"),
            }
            assert f"group {chat} (Sellers) asks to be answered: merchant-bot access allow {chat}" in command("status")
            assert command("access", "allow", chat) == f"{chat}: allowed\n"
            command("access", "refuse", str(owner["id"]))
            listed = map(json.loads, command("access", "list", "--json").splitlines())
            assert {one["id"]: one["state"] for one in listed} == {chat: "allowed", str(owner["id"]): "refused"}
            api.message(ann, f"{ME} how much is the deposit", chat=group)
            api.business_message(connection, ann, "how much is the deposit")
            await api.until(lambda: api.sent(group), PATIENCE)
            moved = api.migrate(group, ann)
            api.message(ann, f"{ME} how much is the deposit", chat=moved)
            await api.until(lambda: api.sent(moved), PATIENCE)
            await until_idle(api, ann)
            assert not api.business_room(connection["id"], ann["id"]).sent
    await store.close()


async def test_a_list_admits_those_in_it_and_nobody_asks() -> None:
    store = MemoryStore()
    listed = Admission("-1001 -1002", "listed", store)
    assert [await listed.admits("group", one) for one in ("-1001", "-1002", "-100", "1001")] == [
        True,
        True,
        False,
        False,
    ]
    assert not await listed.admits("business", "7")
    assert await store.recall(NOTE) is None
    assert await Admission("all", "all", store).admits("business", "7")


async def test_strangers_cannot_fill_the_list_of_those_who_ask() -> None:
    store = MemoryStore()
    asked = Admission("asked", "asked", store)
    for number in range(MOST_ASKING + 20):
        assert not await asked.admits("group", f"-{number}", "x" * 1000)
    known = applicants(await store.recall(NOTE))
    assert len(known) == MOST_ASKING
    assert len(known["-1"].name) == admission.LONGEST_NAME
    await decide(store, "-115", "allowed", "group")
    asked.read = float("-inf")
    assert await asked.admits("group", "-115")


@pytest.mark.parametrize("value", ["some", "all -1001", "-1001 group", "asked asked"])
def test_another_word_is_told(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLOW_GROUPS", value)
    with pytest.raises(BadSettings, match="ALLOW_GROUPS: write all, asked, or the numbers"):
        read_settings()
