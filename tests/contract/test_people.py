"""Merchants in the console: found, handed over, erased, and who may be written to; on a real server and both databases."""

from __future__ import annotations

import csv
import io
import json
import time
from urllib.parse import quote

import pytest
import python_calamine as calamine

from bot.knowledge.knowledge import Knowledge
from bot.model import Address, Consent, Conversation, Ticket
from bot.store import Handled, Store, TalkEntry, open_store
from tests.console import BAKERY, signed_in
from tests.visitors import Visitor, serving

ANN = Address("telegram", "7700177", "7700177")  # no visitor's random id holds it
TRICK = '=HYPERLINK("https://evil.example")'


@pytest.fixture(scope="module")
def loaves() -> Knowledge:
    return Knowledge.open([BAKERY], only=True, cache=False)


async def with_talk(store: Store, address: Address = ANN, id: int = 501, name: str = "Ann O'Neil_1%") -> None:
    opened = Ticket(id, address, "zh", name=name, lead=True)
    await store.finish(Handled(address, opens=opened, said=(TalkEntry(id, "note", "pays late"),)))
    agreed = Conversation(lang="zh", consent=Consent(TRICK, int(time.time()), "abc"))
    await store.finish(Handled(address, conversation=agreed))


async def test_a_merchant_is_found_shown_and_handed_over_as_with_my_data(loaves: Knowledge, database: str) -> None:
    async with serving(loaves, database) as url, Visitor(url) as bob:
        store = await open_store(database, existing=True)
        await with_talk(store)
        await bob.say("are there nuts in your loaves")
        (visitor,) = [one.address.user for one in await store.find_people("web:", 9)]
        async with signed_in(url, database, "consultant") as mei:
            for sought in ("o'neil", "_1%", "501", "#501", "7700177"):
                _, page = await mei.get(f"/console/people?q={quote(sought)}")
                assert "who=telegram%3A7700177%3A7700177" in page, sought
                assert page.count("<li><p>") == 1, sought
            assert "Nobody was found" in (await mei.get("/console/people?q=%25%25"))[1]
            _, page = await mei.get(f"/console/people?q={visitor}")
            assert f"who=web%3A{visitor}%3A{visitor}" in page
            _, page = await mei.get(f"/console/people/one?who=web:{visitor}:{visitor}")
            assert "Events (1)" in page
            assert "Erase" not in page
            async with mei.session.get(f"{url}/console/people/file?who=web:{visitor}:{visitor}") as file:
                assert "attachment" in file.headers["Content-Disposition"]
                handed = json.loads(await file.text())
            async with bob.session.get(f"{url}/my-data.json") as own:
                assert handed == json.loads(await own.text())
            _, page = await mei.get("/console/people/one?who=telegram:7700177:7700177")
            assert "pays late" in page
            for nonsense in ("", "x", "web:a:b", "web::", "telegram:-1:7700177"):
                assert (await mei.get(f"/console/people/one?who={nonsense}"))[0] == 404
        assert [(one.did, one.place) for one in await store.changes(1)] == [("handed over", "web")]
        await store.close()


async def test_only_the_owner_erases_a_merchant_and_reads_who_may_be_written_to(
    loaves: Knowledge, database: str
) -> None:
    bob = Address("web", "bob", "bob")
    async with serving(loaves, database) as url:
        store = await open_store(database, existing=True)
        await with_talk(store)
        await with_talk(store, bob, 502, TRICK)
        await store.finish(Handled(bob, conversation=Conversation(lang="en")))  # took it back
        async with signed_in(url, database, "editor") as mei:
            for path in ("/people/leads", "/people/leads.csv", "/people/leads.xlsx", "/people/erase?who=web:bob:bob"):
                assert (await mei.get(f"/console{path}"))[0] == 403
            assert (await mei.post("/console/people/erase", who="web:bob:bob"))[0] == 403
        assert (await store.belongings(bob)).tickets
        async with signed_in(url, database, "owner", "zh") as owner:
            _, page = await owner.get("/console/people/leads")
            assert "已撤回" in page
            assert "还没有人联系" in page
            async with owner.session.get(f"{url}/console/people/leads.csv") as answer:
                rows = list(csv.reader(io.StringIO((await answer.read()).decode("utf-8-sig"))))
            assert len(rows) == 3
            assert not [one for row in rows for one in row if one.startswith("=")]
            async with owner.session.get(f"{url}/console/people/leads.xlsx") as answer:
                book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(await answer.read()))
            table = book.get_sheet_by_index(0).to_python()
            assert sorted(row[1] for row in table[1:]) == sorted([TRICK, "Ann O'Neil_1%"])
            _, page = await owner.get("/console/people/erase?who=telegram:7700177:7700177")
            assert "Ann O&#39;Neil_1%" in page
            assert (await store.belongings(ANN)).tickets
            _, page = await owner.post("/console/people/erase", who="telegram:7700177:7700177")
            assert "全部数据已删除" in page
        own = await store.belongings(ANN)
        assert (own.tickets, own.conversation, own.of("talk")) == ((), None, ())
        assert (await store.belongings(bob)).tickets
        assert all("7700177" not in f"{one.place}{one.before}{one.after}" for one in await store.changes(20))
        await store.close()
