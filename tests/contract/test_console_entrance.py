"""`/console` in private on Telegram: who gets a link, what it opens, and what others read."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.knowledge.knowledge import Knowledge
from tests.botapi import BotApi, member
from tests.console import Browser
from tests.contract.test_handoff import Office
from tests.visitors import Visitor

LINK = re.compile(r"(/console/in/[\w-]+)")


@pytest.fixture
async def office(database: str, knowledge: Knowledge) -> AsyncIterator[Office]:
    async with BotApi() as api:
        made = Office(api, database, knowledge)
        async with made.open():
            yield made


async def asks(office: Office, who: dict[str, Any], text: str = "/console") -> str:
    before = len(office.api.sent(who["id"]))
    office.api.message(who, text)
    await office.until(lambda: len(office.api.sent(who["id"])) > before)
    return str(office.api.sent(who["id"])[-1]["text"])


async def test_a_member_of_the_group_gets_a_link_and_others_read_why_not(office: Office) -> None:
    told = await asks(office, office.anna)
    (link,) = LINK.findall(told)
    assert told.count(f"{office.url}/console/in/") == 1
    async with Browser(office.url) as anna:
        await anna.sign_in(link)
        _, page = await anna.get()
        assert f"Anna (telegram {office.anna['id']}) · consultant" in page
    assert "members of the consultants" in await asks(office, office.ann)
    rows = await office.store.rows("outbox", None)
    assert not LINK.search(str(rows))  # a database that is copied holds no link
    assert link.rpartition("/")[2] not in str(await office.store.letters())


async def test_a_name_taken_from_somebody_else_gives_nothing_of_theirs(office: Office) -> None:
    await office.store.invite("Mei", "owner", "digest", 9e9)
    thief = office.api.user("Mei")
    office.api.room(office.group).members[thief["id"]] = member(thief, "member")
    (link,) = LINK.findall(await asks(office, thief))
    async with Browser(office.url) as browser:
        await browser.sign_in(link)
        assert (await browser.get("/console/questions"))[0] == 403
    (one,) = [one for one in await office.store.staff() if one.role == "consultant"]
    await office.store.invite(one.name, "editor", "other", 9e9)
    (link,) = LINK.findall(await asks(office, thief | {"first_name": "Wei"}))  # known by their id, with the role given
    async with Browser(office.url) as browser:
        await browser.sign_in(link)
        assert (await browser.get("/console/questions"))[0] == 200
    assert await office.store.revoke(one.name)
    assert "was ended" in await asks(office, thief)


async def test_who_is_no_member_surely_gets_no_link(office: Office) -> None:
    left = office.api.user("Lan")
    office.api.room(office.group).members[left["id"]] = member(left, "left")
    assert not LINK.search(await asks(office, left))
    del office.api.rooms[office.group["id"]]  # Telegram does not tell any more
    assert not LINK.search(await asks(office, office.api.user("Bo"), "/Console@the_bot"))
    async with Visitor(office.url) as visitor:
        assert not LINK.search(str(await visitor.say("/console")))
