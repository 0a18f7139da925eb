"""Business accounts: merchants who write to a connected account are answered in its name, unless its owner does."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.assistant import Assistant
from bot.knowledge.knowledge import Knowledge
from bot.store.sqlite import open_sqlite
from tests.botapi import BotApi
from tests.conftest import TODAY
from tests.contract.frameworks import PATIENCE, WAYS, Way

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
Json = dict[str, Any]
QUESTION, ANSWER = "how much is the deposit", "CNY 10,000 to CNY 50,000"


class Account:
    """A connected account, and what its chats hold of the assistant's."""

    def __init__(self, api: BotApi, **options: Any) -> None:
        self.api = api
        self.owner, self.ann = api.user("Owner"), api.user("Ann", language="en")
        self.connection = api.business(self.owner, **options)

    def sent(self) -> list[Json]:
        room = self.api.business_room(self.connection["id"], self.ann["id"])
        return [room.messages[one] for one in room.sent]

    def writes(self, text: str, **options: Any) -> Json:
        return self.api.business_message(self.connection, self.ann, text, **options)["business_message"]  # type: ignore[no-any-return]

    async def answered(self, count: int) -> Json:
        await self.api.until(lambda: len(self.sent()) >= count, PATIENCE)
        return self.sent()[-1]

    async def settled(self) -> None:
        """Everything written so far has been handled: another chat's answer came after it, and this chat is idle."""
        before = len(self.api.sent(self.owner["id"]))
        self.api.message(self.owner, "thanks")
        await self.api.until(lambda: len(self.api.sent(self.owner["id"])) > before, PATIENCE)


@asynccontextmanager
async def running(way: Way, knowledge: Knowledge, file: Path) -> AsyncIterator[BotApi]:
    store = await open_sqlite(file)
    clock = itertools.count(1_700_000_000, 10)
    async with BotApi(clock=lambda: next(clock)) as api, way(api, Assistant(knowledge, store, lambda: TODAY)):
        yield api
        assert [call for call in api.calls if call.error and call.method != "getUpdates"] == []
    await store.close()


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
async def test_merchants_are_answered_in_the_accounts_name(way: Way, knowledge: Knowledge, tmp_path: Path) -> None:
    async with running(way, knowledge, tmp_path / "a.db") as api:
        account = Account(api)
        question = account.writes(QUESTION)
        assert ANSWER in (await account.answered(1))["text"]
        account.writes("/topics")
        topics = await account.answered(2)
        said = topics["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
        shown = {**topics, "business_connection_id": account.connection["id"]}
        query = {
            "id": api._query_id(),
            "from": account.ann,
            "chat_instance": "1",
            "message": shown,
            "data": said,
        }
        api.callback_queries.add(query["id"])
        api.push({"callback_query": query})
        await account.answered(3)
        edited = {**question, "text": "commission rate", "edit_date": api.now()}
        api.push({"edited_business_message": edited})
        assert "5% to 8%" in (await account.answered(4))["text"]
        assert api.sent(account.ann["id"]) == []  # the bot's own chat with her is another
        calls = [call for call in api.calls if "chat_id" in call.params]
        assert calls
        assert all(call.params.get("business_connection_id") == account.connection["id"] for call in calls)


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
async def test_nothing_is_said_without_the_right_to_reply(way: Way, knowledge: Knowledge, tmp_path: Path) -> None:
    async with running(way, knowledge, tmp_path / "a.db") as api:
        account = Account(api, rights=["can_read_messages"])
        account.writes(QUESTION)
        await account.settled()
        assert account.sent() == []
        api.business(account.owner, id=account.connection["id"])
        await account.settled()
        account.writes(QUESTION)
        await account.answered(1)
        api.business(account.owner, id=account.connection["id"], enabled=False)
        await account.settled()
        account.writes("commission rate")
        await account.settled()
        assert len(account.sent()) == 1


async def test_the_owner_takes_over_for_an_hour(knowledge: Knowledge, tmp_path: Path) -> None:
    async with running(WAYS["served by aiogram"], knowledge, tmp_path / "a.db") as api:
        account = Account(api)
        account.writes(QUESTION)
        await account.answered(1)
        account.writes("I can offer you more", by_owner=True)
        account.writes("commission rate", date=api.now() + 3000)
        await account.settled()
        assert len(account.sent()) == 1
        account.writes("commission rate", date=api.now() + 3700)
        await account.answered(2)
        account.writes("We are away", by_owner=True, is_from_offline=True)  # its automatic greeting takes nothing over
        account.writes(QUESTION, date=api.now() + 3800)
        await account.answered(3)


async def test_a_connection_that_was_missed_is_asked_for(knowledge: Knowledge, tmp_path: Path) -> None:
    async with BotApi() as api:
        account = Account(api)
        api.pending.clear()
        store = await open_sqlite(tmp_path / "a.db")
        async with WAYS["served by aiogram"](api, Assistant(knowledge, store, lambda: TODAY)):
            account.writes(QUESTION)
            assert ANSWER in (await account.answered(1))["text"]
            account.writes("thanks")
            await account.answered(2)
        assert len(api.called("getBusinessConnection")) == 1
        await store.close()
