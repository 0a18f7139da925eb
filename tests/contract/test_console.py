"""The console's ground on a real server and both databases: who is let in, and what every page sends."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.assistant import Assistant
from bot.console import access, site
from bot.console.console import Console
from bot.console.words import FILLED, all_words
from bot.knowledge.knowledge import Knowledge
from bot.model import LANGUAGES, Address, Message, Terms
from bot.settings import Settings
from bot.store import open_store
from bot.store.sqlite import open_sqlite
from tests.console import Browser, link, signed_in
from tests.visitors import Visitor, serving

NOT_KNOWN = "Do you ship fresh fish to Mars for Anna Petrowa, anna@example.com, 13812345678?"


@pytest.fixture
async def url(knowledge: Knowledge, database: str) -> AsyncIterator[str]:
    async with serving(knowledge, database) as address:
        yield address


async def test_a_link_lets_one_person_in_once(url: str, database: str) -> None:
    path = await link(database)
    async with Browser(url) as mei, Browser(url) as thief:
        assert (await mei.get())[0] == 401
        for _ in range(2):  # a program that shows what a link leads to uses nothing up
            status, page = await mei.get(path)
            assert status == 200
            assert "<form" in page
        await mei.sign_in(path)
        status, page = await mei.get()
        assert status == 200
        assert "Mei · editor" in page
        assert (await thief.post(path))[0] == 403
        assert (await thief.get())[0] == 401
        (cookie,) = [one for one in mei.session.cookie_jar if one.key == site.COOKIE]
        assert cookie["httponly"]
        assert cookie["samesite"] == "Strict"
        assert cookie["path"] == "/console"
        assert int(cookie["max-age"]) == 30 * 24 * 3600


async def test_only_the_newest_link_of_a_person_works_and_only_for_ten_minutes(url: str, database: str) -> None:
    first, second = await link(database), await link(database)
    store = await open_store(database, existing=True)
    expired = access.new_secret()
    await store.invite("Wei", "editor", access.digest(expired), time.time() - 1)
    await store.close()
    async with Browser(url) as mei:
        assert (await mei.post(first))[0] == 403
        assert (await mei.post(f"/console/in/{expired}"))[0] == 403
        assert (await mei.post("/console/in/guessed"))[0] == 403
        await mei.sign_in(second)


async def test_who_is_revoked_sees_nothing_from_then_on(url: str, database: str) -> None:
    async with signed_in(url, database, "editor") as mei:
        waiting = await link(database, "a editor")
        store = await open_store(database, existing=True)
        assert [(one.name, one.role, one.sessions) for one in await store.staff()] == [("a editor", "editor", 1)]
        assert await store.revoke("a editor")
        assert not await store.revoke("a editor")
        assert await store.staff() == []
        await store.close()
        assert (await mei.get())[0] == 401
        assert (await mei.post(waiting))[0] == 403


async def test_the_first_person_is_let_in_by_the_link_that_serve_prints(tmp_path: Path) -> None:
    store = await open_store(f"sqlite:///{tmp_path / 'first.db'}")
    defaults: dict[str, Any] = {"_env_file": None}
    console = Console(Settings(**defaults), store)
    link_ = ""
    for _ in range(2):  # until it was used, each start prints another one
        line = await console.first_link("http://localhost:8080")
        found = re.fullmatch(
            r"The console is at http://localhost:8080/console/in/(\S+) \(once, within ten minutes\)\.", line
        )
        assert found
        link_ = found[1]
    assert await access.sign_in(store, link_)
    assert [(one.name, one.role) for one in await store.staff()] == [("owner", "owner")]
    assert await console.first_link("http://localhost:8080") == ""
    await store.close()


async def test_signing_out_ends_the_session_also_for_who_kept_the_cookie(url: str, database: str) -> None:
    async with signed_in(url, database) as mei, Browser(url) as thief:
        thief.session.cookie_jar.update_cookies({one.key: one.value for one in mei.session.cookie_jar})
        await mei.post("/console/out")
        assert (await mei.get())[0] == (await thief.get())[0] == 401


async def test_a_form_without_the_token_of_its_session_changes_nothing(url: str, database: str) -> None:
    async with signed_in(url, database) as mei, signed_in(url, database, "owner") as owner:
        for token in ("", "0" * 64, owner.token, "\udcff"):
            assert (await mei.post("/console/out", token=token.encode("utf-8", "replace").decode()))[0] == 403
        assert (await mei.get())[0] == 200


async def test_every_page_forbids_foreign_scripts_styles_and_frames(url: str, database: str) -> None:
    async with signed_in(url, database) as mei:
        for path in ("/console", "/console/in/x", "/console?lang=zh"):
            async with mei.session.get(f"{url}{path}") as response:
                policy, text = response.headers["Content-Security-Policy"], await response.text()
            assert "default-src 'none'" in policy
            assert "frame-ancestors 'none'" in policy
            assert "unsafe" not in policy
            assert response.headers["Cache-Control"] == "no-store"
            assert response.headers["Referrer-Policy"] == "no-referrer"
            assert re.findall(r'<script(?![^>]* src="/console/static/)', text) == []
            assert re.findall(r"""\sstyle=|\son\w+=|https?://(?!www\.w3\.org)""", text) == []
        async with mei.session.get(f"{url}/console/static/htmx.js") as response:
            assert response.status == 200
            assert response.content_type == "text/javascript"
        assert (await mei.get("/console/static/nothing.js"))[0] == 404


async def test_the_console_works_under_the_path_of_the_public_address(knowledge: Knowledge, database: str) -> None:
    async with serving(knowledge, database, public_url="https://example.com/chat") as url:
        path = await link(database)
        async with Browser(url) as mei:
            for prefix in ("/chat", ""):  # a proxy may strip the path
                status, page = await mei.get(f"{prefix}{path}")
                assert status == 200
                assert f'action="/chat{path}"' in page
            async with mei.session.post(f"{url}/chat{path}", allow_redirects=False) as response:
                assert response.headers["Location"] == "/chat/console"
                cookie = response.cookies[site.COOKIE]
            assert cookie["path"] == "/chat/console"
            assert cookie["secure"]
            async with mei.session.get(
                f"{url}/chat/console", headers={"Cookie": f"{site.COOKIE}={cookie.value}"}
            ) as page_:
                text = await page_.text()
            assert page_.status == 200
            assert 'src="/chat/console/static/htmx.js' in text
            assert 'hx-get="/chat/console"' in text


async def test_today_shows_what_arrived_and_how_it_was_answered(url: str, database: str) -> None:
    async with Visitor(url) as ann, signed_in(url, database, "consultant", "zh") as lan:
        await ann.say("how much is the deposit")
        await ann.say(NOT_KNOWN)
        await ann.say("how do I change my password")
        _, page = await lan.get()
        counts = dict(re.findall(r"<dt>([^<]+)</dt><dd>(\d+)</dd>", page))
        assert counts["直接回答"] == "1"
        assert counts["不知道"] == "2"
        assert "最近一小时共3条消息" in page
        _, part = await lan.get("/console", **{"HX-Request": "true"})
        assert "<html" not in part
        assert "最近一小时共3条消息" in part


async def test_what_was_not_known_is_kept_masked_handed_over_and_erased(url: str, database: str) -> None:
    async with Visitor(url) as ann:
        await ann.say("how much is the deposit")
        await ann.say(NOT_KNOWN)
        async with ann.session.get(f"{url}/my-data.json") as response:
            own = json.loads(await response.text())
        (kept,) = own["questions"]
        assert kept["words"].startswith("Do you ship fresh fish to ")
        for personal in ("Anna", "Petrowa", "example", "138"):
            assert personal not in kept["words"]
        privacy = await ann.say("/privacy")
        assert "30 days" in str(privacy)
        await ann.say("/forget")
        await ann.say("yes")
        async with ann.session.get(f"{url}/my-data.json") as response:
            assert json.loads(await response.text())["questions"] == []


async def test_questions_are_not_kept_where_the_operator_does_not_want_it(knowledge: Knowledge, tmp_path: Path) -> None:
    store = await open_sqlite(tmp_path / "kept.db")
    for days, kept in ((0.0, 0), (30.0, 1)):
        assistant = Assistant(knowledge, store, terms=Terms(keep_questions_days=days))
        turn = await assistant.receive(Message(Address("web", "a", "a"), NOT_KNOWN))
        assert len(await store.read("SELECT id FROM questions")) == kept
        privacy = await assistant.receive(Message(Address("web", "b", "b"), "/privacy"))
        assert ("masked" in privacy.replies[0].text) == bool(kept)
        assert turn.outcome.kind == "unknown"
    await store.close()


def test_all_words_are_there_in_both_languages_with_the_same_fields() -> None:
    for name, words in all_words().items():
        assert set(words) == set(LANGUAGES), name
        fields = [{one["name"] for one in FILLED.finditer(words[lang])} for lang in LANGUAGES]
        assert fields[0] == fields[1], name
        assert all("$" not in FILLED.sub("", words[lang]) for lang in LANGUAGES), name


def test_the_script_of_others_is_unchanged() -> None:
    vendor = Path(site.HERE) / "static" / "vendor"
    listed = re.findall(r"\| `([\w.]+)` \|.*`(sha384-[^`]+)`", (vendor / "README.md").read_text("utf-8"))
    assert listed
    for name, said in listed:
        made = base64.b64encode(hashlib.sha384((vendor / name).read_bytes()).digest()).decode()
        assert said == f"sha384-{made}"
        assert (vendor / "htmx.LICENSE").read_text("utf-8").startswith("Zero-Clause BSD")
