"""Databases of earlier versions: opened by this one, everything in them goes on where it stood."""

from __future__ import annotations

import pytest

from bot import app
from bot.channels import broadcasting
from bot.knowledge.knowledge import Knowledge
from bot.model import Address
from bot.store import open_store
from tests.botapi import BotApi
from tests.kept_databases import NEWS, Agency, brought_back, versions
from tests.visitors import Visitor

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def private(user: int) -> Address:
    return Address("telegram", str(user), str(user))


@pytest.mark.parametrize("version", versions())
async def test_a_database_of_an_earlier_version_goes_on_where_it_stood(
    version: str, empty_database: str, knowledge: Knowledge
) -> None:
    facts = await brought_back(version, empty_database)
    ann, wei, bob, desk = facts["ann"], facts["wei"], facts["bob"], str(facts["desk"])
    store = await open_store(empty_database)
    await store.claim(tuple)
    assert [one.address for one in await store.subscribers("news")] == [private(ann), private(wei)]
    assert (await broadcasting.plan(store, NEWS, "news", None, app.news())).before.sent == 2
    group = await store.group_of("telegram", str(facts["sellers"]))
    assert group is not None
    assert group.cooldown == 5
    ticket = await store.ticket_at("telegram", desk, str(facts["card"]))
    assert ticket is not None
    assert (ticket.address, ticket.open) == (private(bob), True)
    assert (await store.conversation(private(bob))).ticket == ticket
    assert len(await store.inbox((), 10)) == 1
    waiting = len(await store.outbox(["telegram"], (), 10))
    await store.close()
    async with BotApi(privacy=False, update_id=facts["update"]) as api:
        agency = Agency(api, facts)
        async with agency.served(knowledge, empty_database) as store:
            # What waited is sent, and answered.
            await agency.until(lambda: len(agency.told("ann")) == waiting and agency.told("wei"))
            assert "5% to 8%" in agency.told("ann")[0]["text"].replace(" %", "%")  # 0.1.0 spelt it "5 %"
            # The check goes on.
            await agency.write("ann", "goods")
            run = (await store.conversation(private(ann))).check
            assert run is not None
            assert dict(run.answers)["monthly_gmv_usd"] == 7000
            assert run.chosen == ("goods",) or dict(run.answers)["strengths"] == ("goods",)
            # The result opens by its code.
            api.message(agency.people["wei"], facts["code"])
            await agency.until(lambda: any(facts["code"] in one["text"] for one in agency.told("wei")))
            # The consultant's answer arrives.
            card = {"message_id": facts["card"], "from": api.bot, "chat": agency.desk, "date": 0, "text": "#12 Bob"}
            api.message(agency.people["anna"], "Today?", chat=agency.desk, reply_to=card)
            await agency.until(lambda: any("Today?" in one["text"] for one in agency.told("bob")))
            # The browser comes back with its cookie, and its check goes on too.
            async with Visitor(agency.url, "zh", cookie=facts["cookie"]) as visitor:
                assert "公司" in str(visitor.turns)
                await visitor.say("中国")
            name = facts["cookie"].partition(".")[0]
            run = (await store.conversation(Address("web", name, name))).check
            assert run is not None
            assert run.answers[:2] == (("business_type", "company"), ("company_country", "china"))
