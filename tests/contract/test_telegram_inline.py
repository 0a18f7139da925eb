"""Inline mode: consultants look answers up in the middle of any chat."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from bot.assistant import Assistant
from bot.knowledge.knowledge import Knowledge
from bot.store.sqlite import open_sqlite
from handlers.inline import offers
from tests.botapi import BotApi
from tests.conftest import TODAY
from tests.contract.frameworks import PATIENCE, WAYS, Way

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


async def looked_up(api: BotApi, person: dict[str, Any], query: str) -> dict[str, Any]:
    """What an inline query is answered, as the API understood it."""
    before = len(api.called("answerInlineQuery"))
    api.inline_query(person, query)
    await api.until(lambda: len(api.called("answerInlineQuery")) > before, PATIENCE)
    call = api.called("answerInlineQuery")[-1]
    assert call.error is None
    return call.params


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
async def test_answers_are_offered_and_sent_with_their_source(way: Way, knowledge: Knowledge, tmp_path: Path) -> None:
    store = await open_sqlite(tmp_path / "assistant.db")
    assistant = Assistant(knowledge, store, lambda: TODAY)
    async with BotApi() as api, way(api, assistant):
        anna, wei = api.user("Anna", language="en"), api.user("Wei", language="zh-hans")
        made = await looked_up(api, anna, "how much is the deposit")
        first = made["results"][0]
        assert first["title"] == "How much the deposit is"
        assert "29 March 2022" in first["description"]
        assert "CNY 10,000 to CNY 50,000" in first["input_message_content"]["message_text"]
        assert "Source:" in first["input_message_content"]["message_text"]
        assert made["cache_time"] >= 300
        assert not made.get("is_personal")
        chinese = await looked_up(api, anna, "保证金多少钱")
        assert chinese["results"][0]["input_message_content"]["message_text"].count("来源：") == 1
        for person, han in ((anna, False), (wei, True)):
            asked_most = await looked_up(api, person, "")
            assert asked_most["is_personal"]
            assert len(asked_most["results"]) == 6
            assert all(bool(re.search("[\u4e00-\u9fff]", one["title"])) == han for one in asked_most["results"])
        assert (await looked_up(api, anna, "amazon deposit"))["results"] == []
        assert (await looked_up(api, anna, "deposit " * 1250))["results"]
        api.message(anna, "thanks")
        await api.until(lambda: api.sent(anna["id"]), PATIENCE)
    await store.close()


@pytest.mark.parametrize("query", ["deposit", "medal", "佣金", "commission", "store", "depo"])
def test_at_most_ten_are_offered_and_only_what_is_answered(query: str, knowledge: Knowledge) -> None:
    made = offers(query, "en", knowledge, TODAY)
    assert 0 < len(made) <= 10
    assert len({one.topic for one in made}) == len(made)
    assert all(knowledge.topic(one.topic).known for one in made)


@pytest.mark.parametrize("query", ["what is the weather", "amazon deposit", "hello", "!!!", "\U0001f600", "asdkjh qwe"])
def test_what_would_not_be_answered_is_not_offered(query: str, knowledge: Knowledge) -> None:
    assert offers(query, "en", knowledge, TODAY) == ()
