"""Broadcasts from the console, on a real server and both databases: tried, sent, stopped in the middle and gone on with."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from bot.knowledge.knowledge import Knowledge
from bot.model import Address, Conversation, Language, Subscribing
from bot.store import Handled, Store, open_store
from tests.botapi import BotApi
from tests.console import BAKERY, Browser, signed_in
from tests.visitors import PATIENCE, Visitor, serving, words

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
MANY = 150


@pytest.fixture(scope="module")
def loaves() -> Knowledge:
    return Knowledge.open([BAKERY], only=True, cache=False)


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with BotApi() as made:
        yield made


async def subscribe(store: Store, *users: str, channel: str = "telegram", lang: Language = "en") -> None:
    for user in users:
        address = Address(channel, user, user)
        wish = Subscribing("news", True)
        await store.finish(Handled(address, conversation=Conversation(lang=lang), subscribing=wish))


async def written(browser: Browser, en: str = "**Spring** is here", zh: str = "**春天**来了") -> str:
    """Write a draft; returns its path."""
    await browser.get("/console/broadcasts/new")
    status, page = await browser.post("/console/broadcasts/new", en=en, zh=zh, subject="", lang="")
    assert status == 200, page
    found = re.search(r'action="(/console/broadcasts/\d+)/do"', page)
    assert found
    return found[1]


async def test_a_broadcast_is_stopped_in_the_middle_and_gone_on_with_and_nobody_gets_it_twice(
    loaves: Knowledge, database: str, api: BotApi
) -> None:
    token = SecretStr(api.token)
    people = [api.user(f"U{number}") for number in range(MANY)]
    for one in people:
        api.message(one, "hello", deliver=False)  # a bot cannot write to who has never written to it
    async with serving(
        loaves, database, telegram_token=token, telegram_api_url=api.url, sends_per_second=40, sends_per_chat_per_second=0,
        public_url="http://127.0.0.1",
    ) as url:  # fmt: skip
        store = await open_store(database, existing=True)
        await subscribe(store, *(str(one["id"]) for one in people))

        def told() -> Counter[int]:
            return Counter({one["id"]: len(api.sent(one["id"])) for one in people if api.sent(one["id"])})

        async with signed_in(url, database, "owner") as owner:
            path = await written(owner)
            _, page = await owner.get(path)
            assert f"{MANY} receivers now" in page
            await owner.post(f"{path}/do", do="send")
            await api.until(lambda: len(told()) >= 10, PATIENCE)
            await owner.post(f"{path}/do", do="stop")
            number = int(path.rpartition("/")[2])
            begun = await store.bulletin(number)
            assert begun
            assert begun.state == "stopped"
            async with asyncio.timeout(PATIENCE):
                while (await store.broadcast_sent(begun.name)).waiting:
                    await asyncio.sleep(0.05)
            halfway = await store.broadcast_sent(begun.name)
            assert 10 <= halfway.sent < MANY, halfway
            assert len(told()) == halfway.sent
            _, page = await owner.get(path)
            assert f"<dt>Not begun</dt><dd>{MANY - halfway.sent}</dd>" in page
            status, page = await owner.post(f"{path}/do", do="stop")
            assert status == 409
            assert "Nothing was changed" in page
            await owner.post(f"{path}/do", do="go")
            await api.until(lambda: len(told()) == MANY, 2 * PATIENCE)
            assert set(told().values()) == {1}
            async with asyncio.timeout(PATIENCE):
                while "Given to everybody" not in (await owner.get(path))[1]:
                    await asyncio.sleep(0.05)
            # The same text once more is refused, as is a change of what was begun.
            again = await written(owner)
            status, page = await owner.post(f"{again}/do", do="send")
            assert status == 409
            assert f"broadcast #{number} has the same text" in page
            status, page = await owner.post(path, en="other", zh="别的", subject="", lang="")
            assert status == 409
            await owner.post(f"{again}/do", do="drop")
            assert (await owner.get(again))[0] == 404
            assert [one.did for one in await store.changes(3)] == [
                "broadcast: go", "broadcast: stop", "broadcast: send",
            ]  # fmt: skip
        await store.close()


async def test_a_broadcast_is_tried_on_oneself_and_mistakes_stay_where_they_were_typed(
    loaves: Knowledge, database: str
) -> None:
    async with serving(loaves, database) as url, Visitor(url) as me:
        store = await open_store(database, existing=True)
        await me.say("hello")
        (mine,) = [one.address.user for one in await store.find_people("web:", 9)]
        async with signed_in(url, database, "owner") as owner:
            for fields, said in (
                ({"en": "", "zh": "春天"}, "The text in English is missing"),
                ({"en": "Spring <b>", "zh": "spring"}, "no Chinese"),
                ({"en": "Spring <b>", "zh": "春" * 5000}, "too long for one message (Telegram)"),
            ):
                await owner.get("/console/broadcasts/new")
                status, page = await owner.post("/console/broadcasts/new", subject="", lang="", **fields)
                assert status == 409, said
                assert said in page
                assert fields["zh"] in page
            path = await written(owner, "**Spring** <b>", "**春天**")
            _, page = await owner.get(path)
            assert "<strong>Spring</strong> &lt;b&gt;" in page
            status, page = await owner.post(f"{path}/do", do="send")
            assert status == 409
            assert "nobody subscribes" in page
            status, page = await owner.post(f"{path}/do", do="try", to="nobody of this name")
            assert status == 409
            assert "0 accounts match" in page
            status, page = await owner.post(f"{path}/do", do="try", to=mine)
            assert status == 200
            async with asyncio.timeout(PATIENCE):
                while len([turn for turn in me.turns if not turn["said"]]) < 2:
                    await me.hear()
            assert ["Spring" in words(turn) for turn in me.turns[-2:]] == [True, False]
            assert mine in (await owner.get(path))[1]
        async with signed_in(url, database, "editor") as wei:
            for page_ in ("/console/broadcasts", "/console/broadcasts/new", path):
                assert (await wei.get(page_))[0] == 403
            assert (await wei.post(f"{path}/do", do="send"))[0] == 403
        bulletin = await store.bulletin(int(path.rpartition("/")[2]))
        assert bulletin
        assert bulletin.state == "draft"
        await store.close()
