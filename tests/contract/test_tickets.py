"""Tickets in the console, on a real server and both databases: beside the consultants' forum, and as the only desk."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.knowledge.knowledge import Knowledge
from bot.model import Address, Ticket
from bot.store import Expected, Handled, TalkEntry, open_store
from tests.botapi import BotApi
from tests.console import Browser, link, signed_in
from tests.contract.test_desk import Forum, bakery, make_office
from tests.visitors import PATIENCE, Visitor, serving, words

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
__all__ = ["bakery"]
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c626001000000ffff03000006000557bfabd400"
    "00000049454e44ae426082"
)


@pytest.fixture
async def office(database: str, bakery: Knowledge) -> AsyncIterator[Forum]:
    async with BotApi() as api:
        made = make_office(api, database, bakery)
        async with made.open():
            yield made


async def number(store: Any) -> int:
    """The id of the one open ticket."""
    (ticket,) = await store.open_tickets(2)
    found: int = ticket.id
    return found


async def field(browser: Browser, path: str, name: str) -> str:
    _, page = await browser.get(path)
    found = re.search(rf'id="composer".*?name="{name}" value="([^"]*)"', page, re.DOTALL)
    assert found, page
    return found[1]


async def shows(browser: Browser, path: str, text: str) -> str:
    async with asyncio.timeout(PATIENCE):
        while text not in (page := (await browser.get(path))[1]):
            await asyncio.sleep(0.05)
    return page


async def test_the_forum_and_the_page_show_the_same_talk(office: Forum, database: str) -> None:
    await office.opened()
    office.api.message(office.ann, "is there rye in your sourdough bread")
    await office.shows("rye")
    path = f"/console/tickets/{await number(office.store)}"
    async with signed_in(office.url, database, "consultant") as mei:
        _, listed = await mei.get("/console/tickets")
        assert "Ann (@ann_sells)" in listed
        assert "is there rye in your sourdough bread" in listed
        assert "waiting 0 min · nobody has it" in listed
        page = await shows(mei, path, "is there rye")
        assert "may I pay by card" in page
        # What is written on the page is read in the topic, with the name of who wrote it.
        status, _ = await mei.post(f"{path}/reply", seen="0", text="Yes,\nsome.", **{"as": "answer"})
        assert status == 200
        await office.hears("Consultant: Yes,\nsome.")
        assert (await office.shows("a consultant: Yes,"))["message_thread_id"] == office.topic
        await office.until(lambda: office.title().endswith("with a consultant"))
        await mei.post(f"{path}/reply", text="buys <b>often</b>", **{"as": "note"})
        await office.shows("Note by a consultant: buys <b>often</b>")
        # And what is written in the topic is read on the page: to others, who are asked to take over first.
        office.says(office.anna, "//is new here")
        office.says(office.anna, "From me, too")
        page = await shows(mei, path, "is new here")
        assert "buys &lt;b&gt;often&lt;/b&gt;" in page
        assert "From me, too" not in page
        await mei.post(f"{path}/act", do="pass", to=str(office.anna["id"]))
        await office.until(lambda: office.title().endswith("with Anna"))
        office.says(office.anna, "Now from **me**")
        await office.hears("Consultant: Now from **me**")
        page = await shows(mei, path, "Now from **me**")
        assert "Anna, consultant" in page
        assert "passed it on to" in page
        # Files go both ways.
        office.api.photo(office.ann, "my bread")
        page = await shows(mei, path, "my bread")
        (file,) = re.findall(r'href="(/console/tickets/\d+/files/\d+)"', page)
        async with mei.session.get(f"{office.url}{file}") as response:
            assert response.status == 200
            assert (await response.read()).startswith(b"\xff\xd8")
            assert "sandbox" in response.headers["Content-Security-Policy"]
        before = len(office.told())
        form = aiohttp.FormData({"token": mei.token, "seen": "2", "take": str(office.anna["id"]), "as": "answer"})
        form.add_field("file", PNG, filename="price.png", content_type="image/png")
        async with mei.session.post(f"{office.url}{path}/reply", data=form) as response:
            assert response.status == 200, await response.text()
        await office.until(lambda: len(office.told()) > before and any("photo" in one for one in office.told()))
        await office.until(
            lambda: any("photo" in one and "a consultant" in one.get("caption", "") for one in office.in_topic())
        )
        await mei.post(f"{path}/act", do="close")
        await office.until(lambda: office.title().endswith("closed"))
        await office.until(lambda: "Was it solved?" in office.told()[-1]["text"])
        page = await shows(mei, path, "Closed by")
        assert 'value="answer"' not in page
        await mei.post(f"{path}/act", do="block")
        await office.write("/consultant once more")
        assert await office.store.open_tickets(2) == []
        await mei.post(f"{path}/act", do="unblock")
        await office.opened()
        assert len(await office.store.open_tickets(2)) == 1


async def test_two_people_do_not_answer_unaware(office: Forum, database: str) -> None:
    await office.opened()
    path = f"/console/tickets/{await number(office.store)}"
    async with signed_in(office.url, database, "consultant") as mei, Browser(office.url, "zh") as lin:
        await lin.sign_in(await link(database, "Lin", "consultant"))
        seen = await field(lin, path, "seen")
        await mei.post(f"{path}/reply", seen=seen, text="Mine came first", **{"as": "answer"})
        await office.hears("Consultant: Mine came first")
        # Held by another: said before it is sent, and the text stays.
        status, page = await lin.post(f"{path}/reply", seen=seen, text="我写的 <回复>", **{"as": "answer"})
        assert status == 409
        assert "没有发送：这位商家由a consultant跟进" in page
        assert "我写的 &lt;回复&gt;</textarea>" in page
        holder = await field_of(page, "take")
        # Answered since the page was opened: said, too, also to who takes over.
        status, page = await lin.post(f"{path}/reply", seen=seen, take=holder, text="我写的 <回复>", **{"as": "answer"})
        assert status == 409
        assert "没有发送：刚刚已有人回复" in page
        assert "我写的 &lt;回复&gt;</textarea>" in page
        assert not [one for one in office.told() if "我写的" in one["text"]]
        status, _ = await lin.post(f"{path}/reply", seen="1", take=holder, text="我写的", **{"as": "answer"})
        assert status == 200
        await office.hears("Consultant: 我写的")
        await office.shows("Lin has taken this over from a consultant")
        status, page = await mei.post(f"{path}/act", do="claim")
        assert status == 409
        assert "Lin has this merchant already." in page
        # In the topic, a third consultant is told the same.
        office.says(office.anna, "And mine?")
        await office.shows("Lin")
        # Closed while one types.
        office.api.message(office.ann, "/end")
        await office.until(lambda: office.title().endswith("closed"))
        status, page = await mei.post(f"{path}/reply", seen="2", take="", text="too late?", **{"as": "answer"})
        assert status == 409
        assert "closed meanwhile" in page
        assert "too late?</textarea>" in page


async def field_of(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, page
    return found[1]


async def test_a_draft_is_sent_in_one_press_changed_or_called_wrong_and_never_twice(
    office: Forum, database: str
) -> None:
    await office.opened()
    path = f"/console/tickets/{await number(office.store)}"
    for text in ("are there nuts in your loaves", "how long does a sourdough loaf keep", "do your loaves contain nuts"):
        office.api.message(office.ann, text)
        await office.shows(text)
    async with signed_in(office.url, database, "consultant") as mei:
        _, page = await mei.get(path)
        drafts = re.findall(r'name="draft" value="(\d+)"', page.partition('id="composer"')[0])
        assert len(drafts) == 3
        before = len(office.told())
        status, _ = await mei.post(f"{path}/act", do="draft", draft=drafts[0], seen="0")
        assert status == 200
        await office.hears_more(before)
        assert office.told()[-1]["text"].startswith("Consultant: ")
        status, page = await mei.post(f"{path}/act", do="draft", draft=drafts[0], seen="1")
        assert status == 409
        assert "has dealt with this draft already" in page
        status, page = await mei.get(f"{path}?edit={drafts[1]}")
        assert await field_of(page.partition('id="composer"')[2], "draft") == drafts[1]
        await mei.post(f"{path}/reply", seen="1", draft=drafts[1], text="Three days.", **{"as": "answer"})
        await office.hears("Consultant: Three days.")
        await mei.post(f"{path}/act", do="wrong", draft=drafts[2])
        states = [(one.state, one.consultant) for one in await office.store.drafts_of(await number(office.store))]
        assert states == [("sent", "a consultant"), ("changed", "a consultant"), ("wrong", "a consultant")]
        # The forum shows what became of each, and no button is left there.
        for shown in ("✓ sent by a consultant", "✓ changed and sent by a consultant", "✗ called wrong by a consultant"):
            await office.shows(shown)
        await office.until(lambda: not any("draft." in str(one.get("reply_markup")) for one in office.in_topic()))
        # Who answered themselves is not warned of it, but of sending the same twice.
        before = len(office.told())
        status, _ = await mei.post(f"{path}/reply", seen="1", text="One more.", **{"as": "answer"})
        assert status == 200
        status, page = await mei.post(f"{path}/reply", seen="1", text="One more.", **{"as": "answer"})
        assert status == 409
        assert "you have just sent the same words" in page
        await office.hears("Consultant: One more.")
        assert len(office.told()) == before + 1
        (reasons,) = {one.reason for one in await office.store.questions(9)}
        assert reasons == "corrected"
        # Replies by name, and topics' answers, in the merchant's language.
        status, text = await mei.get(f"{path}/canned?name=welcome")
        assert "Ann" in text
        assert (await mei.get(f"{path}/canned?name=nothing-of-the-kind"))[1] == ""


async def test_the_socket_is_for_signed_in_consultants_of_this_origin_and_tells_what_happens(
    office: Forum, database: str
) -> None:
    await office.opened()
    ticket = await number(office.store)
    path = f"{office.url}/console/tickets/{ticket}/live"
    here = {"Origin": office.url}

    async def refused(browser: Browser, **headers: str) -> int:
        with pytest.raises(aiohttp.WSServerHandshakeError) as error:
            await browser.session.ws_connect(path, headers=headers)
        return error.value.status

    async with signed_in(office.url, database, "consultant") as mei, Browser(office.url) as thief:
        assert await refused(thief, **here) == 401
        assert await refused(mei) == 403
        assert await refused(mei, Origin="https://evil.example") == 403
        async with (
            mei.session.ws_connect(path, headers=here) as socket,
            mei.session.ws_connect(f"{office.url}/console/tickets/live", headers=here) as listed,
            signed_in(office.url, database, "editor") as wei,
            wei.session.ws_connect(path, headers=here) as other,
        ):
            first, first_listed = (
                await socket.receive_json(timeout=PATIENCE),
                await listed.receive_json(timeout=PATIENCE),
            )
            office.api.message(office.ann, "hello?")
            assert (await socket.receive_json(timeout=PATIENCE))["state"] != first["state"]
            assert (await listed.receive_json(timeout=PATIENCE))["state"] != first_listed["state"]
            await other.send_str("writing")
            async with asyncio.timeout(PATIENCE):
                while "writes" not in (told := await socket.receive_json()):
                    pass
            assert told["writes"] == "a editor is writing an answer …"
            await office.store.revoke("a consultant")
            async with asyncio.timeout(PATIENCE):
                while (await socket.receive()).type is aiohttp.WSMsgType.TEXT:
                    pass
            assert socket.close_code == 4401


async def test_the_console_alone_is_the_desk_while_a_consultant_is_signed_in(
    bakery: Knowledge, database: str, tmp_path: Path
) -> None:
    async with serving(bakery, database) as url, Visitor(url) as ann:
        await ann.say("talk to a consultant")
        assert ann.talk is None
        async with signed_in(url, database, "owner"), signed_in(url, database, "consultant") as mei:
            async with asyncio.timeout(PATIENCE):
                while ann.talk is None:  # until the service has seen that a consultant is signed in
                    await ann.say("talk to a consultant")
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(ann.hear(), 1)
            page = await shows(mei, "/console/tickets", "waiting 0 min")
            (path,) = re.findall(r'href="(/console/tickets/\d+)"', page)
            await ann.send("are there nuts in your loaves")
            await shows(mei, path, "are there nuts in your loaves")
            async with ann.session.post(f"{url}/sent?name=shelf.png", data=PNG) as response:
                assert response.status == 201
                id = (await response.json())["id"]
            await ann.socket.send_json({"type": "file", "id": "f1", "file": id, "lang": "en"})
            page = await shows(mei, path, "<img")
            (file,) = set(re.findall(r'src="(/console/tickets/\d+/files/\d+)"', page))
            async with mei.session.get(f"{url}{file}") as picture:
                assert await picture.read() == PNG
            form = aiohttp.FormData({"token": mei.token, "seen": "0", "text": "Look **here**", "as": "answer"})
            form.add_field("file", PNG, filename="x.png", content_type="image/png")
            async with mei.session.post(f"{url}{path}/reply", data=form) as answer:
                assert answer.status == 200, await answer.text()
            async with asyncio.timeout(PATIENCE):
                while not (said := [turn for turn in ann.turns if turn.get("desk") and "Look" in words(turn)]):
                    await ann.hear()
            assert "<strong>here</strong>" in words(said[-1])
            assert said[-1]["replies"][-1]["file"]["name"] == "x.png"
            # Nobody else's page serves the file, and no other ticket's.
            async with Visitor(url) as bob, bob.session.get(f"{url}{file}") as stranger:
                assert stranger.status == 401
            async with asyncio.timeout(PATIENCE):
                while not (ann.talk and ann.talk["seen"] and ann.talk["delivered"]):
                    await ann.hear()
            await mei.post(f"{path}/act", do="close")
            await shows(mei, "/console/tickets?show=closed", path)
        store = await open_store(database, existing=True)
        await store.revoke("a consultant")
        await store.close()
        async with asyncio.timeout(PATIENCE):
            while await of_the_desk(ann):
                await ann.say("/end")


async def of_the_desk(visitor: Visitor) -> bool:
    """Whether who asks for a consultant is connected with one."""
    return "goes to the" in words(await visitor.say("talk to a consultant"))


async def test_of_two_turns_that_expect_the_same_ticket_one_is_stored(database: str) -> None:
    store = await open_store(database)
    await store.claim(tuple)
    ann = Address("web", "ann", "ann")
    await store.finish(
        Handled(ann, opens=Ticket(7, ann, "en", name="Ann"), said=(TalkEntry(7, "state", kind="opened"),))
    )
    turns = [
        Handled(ann, said=(TalkEntry(7, "consultant", text),), answers=7, expects=Expected(7, "", 0))
        for text in ("a", "b")
    ]
    assert sorted(await asyncio.gather(*map(store.finish, turns))) == [False, True]
    assert not await store.finish(Handled(ann, said=(TalkEntry(7, "consultant", "c"),), expects=Expected(7, "", 0)))
    assert await store.finish(Handled(ann, closes=7, expects=Expected(7, "", 1)))
    assert not await store.finish(Handled(ann, said=(TalkEntry(7, "consultant", "d"),), expects=Expected(7, "", 1)))
    assert len(await store.talk(7)) == 2
    own = await store.belongings(ann)
    assert [row[3] for row in own.of("talk")] == ["", (await store.talk(7))[1].text]
    await store.finish(Handled(ann, erase=True))
    assert await store.talk(7) == []
    await store.close()


async def test_who_waits_longest_comes_first(database: str) -> None:
    store = await open_store(database)
    await store.claim(tuple)
    for id in range(1, 5):
        address = Address("web", str(id), str(id))
        await store.finish(Handled(address, opens=Ticket(id, address, "zh", name=f"M{id}", lead=id == 4)))
    await store.finish(Handled(Address("web", "1", "1"), answers=1, said=(TalkEntry(1, "consultant", "yes"),)))
    assert [one.id for one in await store.ticket_list("open", "", 9)] == [2, 3, 4, 1]
    await store.finish(Handled(Address("web", "1", "1"), said=(TalkEntry(1, "merchant", "and?"),)))
    assert [one.id for one in await store.ticket_list("open", "", 9)] == [2, 3, 1, 4]
    assert await store.last_said([1, 2]) == {1: "and?"}
    assert await store.ticket_counts("x") == (4, 0, 0)
    await store.close()
