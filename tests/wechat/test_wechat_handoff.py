"""Merchants on an official account and consultants on Telegram, or on the platform's own desk."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bot.assistant import Assistant
from bot.json_text import to_text
from bot.knowledge.knowledge import Knowledge
from bot.model import Terms
from tests.botapi import BotApi
from tests.contract.channels import WeChat, serving_wechat
from tests.wechat_platform import Account, WeChatPlatform

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def with_desk(knowledge: Knowledge, store: Any, today: Any) -> Assistant:
    return Assistant(knowledge, store, today, terms=Terms(consultant=True))


class Agency:
    """A consultant's group on Telegram, and a merchant on the official account."""

    def __init__(self, api: BotApi, platform: WeChatPlatform, served: WeChat, group: Any, anna: Any) -> None:
        self.api, self.platform, self.served, self.group, self.anna = api, platform, served, group, anna

    def at_desk(self) -> list[str]:
        return [one["text"] for one in self.api.sent(self.group["id"])]

    async def ask(self) -> Any:
        """The merchant asks for a consultant. Returns the card at the desk."""
        shown = await self.platform.say("oAnn", "转人工")
        assert shown
        assert "转给顾问" in shown.text or "通知顾问" in shown.text
        await self.api.until(lambda: bool(self.at_desk()))
        return self.api.sent(self.group["id"])[-1]

    def answer(self, card: Any, text: str) -> None:
        self.api.message(self.anna, text, chat=self.group, reply_to=card)


@contextlib.asynccontextmanager
async def agency(knowledge: Knowledge, folder: Path, account: Account) -> AsyncIterator[Agency]:
    async with BotApi() as api, WeChatPlatform(account) as platform:
        anna = api.user("Anna")
        group = api.group("Consultants", members=[anna])
        settings = {
            "telegram_token": SecretStr(api.token),
            "telegram_api_url": api.url,
            "consultant_chat": str(group["id"]),
            "sends_per_second": 0,
            "sends_per_chat_per_second": 0,
            "sends_per_group_per_minute": 0,
        }
        database = f"sqlite:///{folder / 'wechat.db'}"
        async with serving_wechat(platform, knowledge, database, with_desk, **settings) as served:
            yield Agency(api, platform, served, group, anna)


async def test_a_consultant_answers_by_customer_service_until_the_count_is_used_up(
    knowledge: Knowledge, tmp_path: Path
) -> None:
    async with agency(knowledge, tmp_path, Account()) as office:
        card = await office.ask()
        assert "Wechat" in card["text"]
        for number in range(6):
            office.answer(card, f"answer {number}")
        await office.platform.until(lambda: len(office.platform.called("message/custom/send")) == 5)
        await office.api.until(lambda: any("5条" in text for text in office.at_desk()))
        assert "answer 5" not in "".join(office.platform.seen("oAnn"))
        shown = await office.platform.say("oAnn", "好的")
        assert shown
        assert "answer 5" in shown.text  # what waited stands in the answer to the next message
        await office.api.until(lambda: any("好的" in text for text in office.at_desk()))
        whole = "".join(office.platform.seen("oAnn"))
        assert [whole.count(f"answer {number}") for number in range(6)] == [1] * 6
        # 48 hours later
        over = to_text({"left": 5, "until": 0.0})
        await office.served.store.remember("wechat-budget:message:oAnn", over)
        await office.served.store.remember("wechat-budget:event:oAnn", over)
        office.answer(card, "too late")
        await office.api.until(lambda: any("48小时" in text for text in office.at_desk()))
        assert {one.code for one in office.platform.called("message/custom/send")} == {0}


async def test_without_customer_service_a_consultants_answer_waits_for_the_merchant(
    knowledge: Knowledge, tmp_path: Path
) -> None:
    async with agency(knowledge, tmp_path, Account(verified=False)) as office:
        card = await office.ask()
        office.answer(card, "an answer")
        async with asyncio.timeout(10):
            while not await office.served.store.is_parked("wechat", "oAnn"):
                await asyncio.sleep(0.01)
        shown = await office.platform.say("oAnn", "谢谢")
        assert shown
        assert "an answer" in shown.text
        assert office.platform.called("message/custom/send") == []


async def test_the_platforms_own_desk_takes_over_where_the_account_uses_it(
    knowledge: Knowledge, tmp_path: Path
) -> None:
    database = f"sqlite:///{tmp_path / 'wechat.db'}"
    async with WeChatPlatform() as platform, serving_wechat(platform, knowledge, database, wechat_desk=True):
        for words in ("转人工", "/consultant"):
            shown = await platform.say("oAnn", words)
            assert shown
            assert shown.by == "transfer"
        asked = await platform.say("oAnn", "保证金多少钱")
        assert asked
        assert asked.by == "reply"
