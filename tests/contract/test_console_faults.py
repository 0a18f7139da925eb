"""Answers called unhelpful by merchants and corrected by consultants are on the editors' list, masked, and erased."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.knowledge.knowledge import Knowledge
from bot.model import Address
from bot.store import Handled
from tests.botapi import BotApi
from tests.console import signed_in, until
from tests.contract.test_desk import BAKERY, Forum
from tests.visitors import Visitor


@pytest.fixture(scope="module")
def breads() -> Knowledge:
    return Knowledge.open([BAKERY], only=True)


@pytest.fixture
async def office(database: str, breads: Knowledge) -> AsyncIterator[Forum]:
    async with BotApi() as api:
        made = Forum(api, database, breads)
        async with made.open():
            yield made


async def kept(office: Forum) -> list[tuple[str, str, str]]:
    return [(one.reason, one.topic, one.words) for one in reversed(await office.store.questions(9))]


async def test_what_consultants_correct_is_on_the_list_until_the_merchant_is_erased(
    office: Forum, database: str
) -> None:
    await office.opened()
    office.api.message(office.ann, "when is the sourdough ready, my name is Ann Petrowa")
    said = await office.shows("when is the sourdough ready")
    office.api.press(office.anna, said, "Wrong")
    await office.shows("✗ called wrong by Anna")
    office.api.message(office.ann, "do you have nut allergy information, call 13812345678")
    asked = await office.shows("do you have nut allergy")
    office.api.press(office.anna, asked, "Edit and send")
    await office.alert("as a reply to this message")
    office.says(office.anna, "All with nuts", reply_to=asked)
    await office.hears("Consultant: All with nuts")
    (first, second) = await kept(office)
    assert first[:2] == ("corrected", "sourdough")
    assert second[:2] == ("corrected", "allergens")
    for personal in ("Petrowa", "138"):
        assert personal not in f"{first}{second}"
    async with signed_in(office.url, database) as mei:
        page = await until(mei, "/console/questions", "group-")
        assert "was changed or called wrong by a consultant: 1 ×" in page
        ann = str(office.ann["id"])
        await office.store.finish(Handled(Address("telegram", ann, ann), erase=True))
        await until(mei, "/console/questions", "Nothing to look at")
    assert await kept(office) == []


async def test_what_merchants_call_unhelpful_is_on_the_list_once(office: Forum, database: str) -> None:
    async with Visitor(office.url) as ann:
        told = str(await ann.say("when is the sourdough ready"))
        tag = told.split("helped=no.")[1].split("'")[0]
        for number in range(2):
            pressed = {
                "type": "press",
                "id": f"press{number:019}",
                "says": f"helped=no.{tag}",
                "label": "No",
                "lang": "en",
            }
            await ann.socket.send_json(pressed)
            await ann.turn_of(pressed["id"])
        await ann.say("how long it keeps")
    assert [one for one in await kept(office) if one[0] == "unhelpful"] == [
        ("unhelpful", "sourdough", "when is the sourdough ready")
    ]
    async with signed_in(office.url, database, lang="zh") as mei:
        assert "商家说没有帮助：1次" in await until(mei, "/console/questions", "group-")
