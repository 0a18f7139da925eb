"""The web chat on the wire: what its page may rely on, and what is done about everybody else."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import socket
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from pydantic import SecretStr
from yarl import URL

from bot import app
from bot.assistant import Assistant
from bot.channels.web import sockets
from bot.channels.web.site import MOST_SOCKETS
from bot.channels.web.visitor import Visitors, signature
from bot.channels.web.wire import turn_frame
from bot.knowledge.knowledge import Knowledge
from bot.settings import Settings
from bot.store import Posted, Ratings, open_store
from tests.conftest import TODAY
from tests.crash import free_port
from tests.visitors import PATIENCE, SECRET, Visitor, ready, serving, words

CHECK = "Which way do I authenticate?"


@pytest.fixture
def database(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'web.db'}"


@pytest.fixture
async def url(knowledge: Knowledge, database: str) -> AsyncIterator[str]:
    async with serving(knowledge, database) as address:
        yield address


# --- conversations


async def test_a_visitor_asks_in_both_languages_and_reads_where_it_comes_from(url: str) -> None:
    async with Visitor(url) as ann, Visitor(url, "zh") as wei:
        english, chinese = await ann.say("how much is the deposit"), await wei.say("保证金多少钱")
    assert "CNY 10,000 to CNY 50,000" in words(english)
    assert re.search(r'<p class="small">.*29 March 2022', words(english))
    assert english["replies"][0]["lang"] == "en"
    assert "1万元至5万元" in words(chinese)
    assert chinese["replies"][0]["lang"] == "zh"


async def test_a_message_sent_again_is_answered_once(url: str) -> None:
    async with Visitor(url) as ann:
        first = await ann.say("how much is the deposit", "the-same-id")
        await ann.send("how much is the deposit", "the-same-id")
        while len(ann.got) < 2:
            await ann.hear()
        await ann.say("thanks")
    assert [turn["said"]["text"] for turn in ann.turns] == ["how much is the deposit", "thanks"]
    assert ann.turns[0] == first


async def test_whoever_comes_back_gets_what_came_after_his_last_turn(url: str) -> None:
    async with Visitor(url) as ann:
        first = await ann.say("how much is the deposit")
        await ann.send("commission rate", "asked-and-gone")
        while "asked-and-gone" not in ann.got:
            await ann.hear()
        await ann.socket.close()
        ann.turns.clear()
        await ann.connect(after=first["n"])
        await ann.turn_of("asked-and-gone")
        assert [turn["said"]["id"] for turn in ann.turns] == ["asked-and-gone"]
        await ann.socket.close()
        ann.turns.clear()
        await ann.connect()
        assert [turn["said"]["text"] for turn in ann.turns] == ["how much is the deposit", "commission rate"]


async def test_a_check_goes_on_after_a_restart_in_the_middle(knowledge: Knowledge, database: str) -> None:
    async with serving(knowledge, database) as url, Visitor(url) as ann:
        await ann.say("/check")
        begun = await ann.press(CHECK)
        cookies = ann.session.cookie_jar
        assert begun["replies"][-1]["progress"]["done"] == 0
        second = await ann.press("Yes")
        assert second["replies"][-1]["progress"]["done"] == 1
    async with serving(knowledge, database) as url:
        ann = Visitor(url)
        for cookie in cookies:
            ann.session.cookie_jar.update_cookies({cookie.key: cookie.value})
        async with ann:
            assert [turn["n"] for turn in ann.turns][-1] == second["n"]
            result = (await ann.say("1"))["replies"][-1]
            assert result["verdict"] == "eligible"
            async with ann.session.get(f"{url}/r/{result['code']}") as response:
                page = await response.text()
            assert response.status == 200
            assert response.headers["X-Robots-Tag"] == "noindex"
            assert result["code"] in page


async def test_what_a_visitor_says_of_an_answer_is_kept_with_the_question_until_it_is_erased(
    knowledge: Knowledge, database: str
) -> None:
    question, word = "how much is the deposit", "xyzzy plugh quux"
    async with serving(knowledge, database) as url, Visitor(url) as ann:
        reply = (await ann.say(question))["replies"][-1]
        (_, yes), (_, no) = reply["rating"]
        assert yes == no.replace("no.", "yes.")
        await ann.socket.send_json({"type": "press", "id": "rated", "says": no, "label": "👎", "lang": "en"})
        turn = await ann.turn_of("rated")
        assert turn["rated"] == no.removeprefix("helped=")
        assert turn["replies"][0]["buttons"] == reply["buttons"]
        await ann.say(word)
        store = await open_store(database)
        try:
            assert (await store.status()).ratings == Ratings(0, 1, ((question, word),))
            async with ann.session.get(f"{url}/my-data.json") as response:
                events = [one for one in (await response.json())["events"] if one["kind"] == "feedback"]
            assert [(one["data"]["question"], one["data"]["word"]) for one in events] == [
                (question, ""),
                (question, word),
            ]
            await ann.say("/forget")
            await ann.press("Yes, erase everything")
            assert (await store.status()).ratings == Ratings()
        finally:
            await store.close()


async def test_two_pages_of_one_visitor_show_the_same(url: str) -> None:
    async with Visitor(url) as ann:
        second = Visitor(url)
        await second.session.close()
        second.session = ann.session
        await second.connect()
        said = await ann.say("how much is the deposit")
        while not second.turns:
            await second.hear()
        await second.socket.close()
    assert second.turns == [said]


async def test_visitors_are_kept_apart(url: str) -> None:
    questions = {"how much is the deposit": "10,000", "commission rate": "5%", "registration steps": "<ol>"}
    people = [(Visitor(url), list(questions)[number % 3]) for number in range(12)]
    for visitor, _ in people:
        await visitor.__aenter__()
    await asyncio.gather(*(visitor.say(question) for visitor, question in people))
    for visitor, question in people:
        (turn,) = visitor.turns
        assert turn["said"]["text"] == question
        assert questions[question] in words(turn)
        await visitor.__aexit__()


# --- what is written is words


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script> deposit",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "{{ 7*7 }}",
        "\ud83d",
    ],
)
async def test_markup_in_a_message_stays_words(url: str, text: str) -> None:
    async with Visitor(url) as ann:
        turn = await ann.say(text)
    assert turn["said"]["text"] == text
    assert "<script" not in words(turn)
    assert "<img" not in words(turn)
    assert "javascript:" not in words(turn)


# --- cookies, origins, headers


@pytest.mark.parametrize("cookie", ["", "x", "a" * 22, f"{'a' * 22}.{'b' * 24}", "é.ü", "a.b.c", "\u4f60.\u597d"])
async def test_a_forged_cookie_opens_nothing(url: str, cookie: str) -> None:
    async with Visitor(url) as ann:
        await ann.say("how much is the deposit")
        ann.session.cookie_jar.clear()
        headers = {"Cookie": f"merchant_chat={cookie}".encode().decode("latin-1")}
        async with ann.session.ws_connect(f"{url}/socket", headers=headers) as wire:
            await wire.receive()
            assert wire.close_code == sockets.NO_COOKIE
        async with ann.session.get(f"{url}/", headers=headers) as response:
            assert response.status == 200
            fresh = response.cookies["merchant_chat"].value
    assert Visitors(SECRET).read(fresh) is not None


async def test_a_cookie_of_another_secret_opens_nothing(url: str) -> None:
    async with Visitor(url) as ann:
        (cookie,) = list(ann.session.cookie_jar)
        name = Visitors(SECRET).read(cookie.value)
        assert name is not None
    assert Visitors("another secret altogether").read(cookie.value) is None
    assert Visitors(SECRET).read(Visitors("another secret altogether").sign(name)) is None


async def test_the_cookie_is_for_the_server_alone(knowledge: Knowledge, database: str) -> None:
    public: dict[str, Any] = {"public_url": "https://example.com/help", "embed_origins": "https://shop.example"}
    async with serving(knowledge, database, **public) as url, aiohttp.ClientSession() as session:
        async with session.get(f"{url}/help/") as response:
            cookie, policy = response.headers["Set-Cookie"], response.headers["Content-Security-Policy"]
        async with session.get(f"{url}/help/embed") as response:
            embedded, framed = response.headers["Set-Cookie"], response.headers["Content-Security-Policy"]
    assert cookie.startswith("merchant_chat=")
    assert cookie.endswith("; Path=/help/; HttpOnly; Secure; SameSite=Lax")
    assert embedded.startswith("merchant_chat_embedded=")
    assert embedded.endswith("; Path=/help/; HttpOnly; Secure; SameSite=None; Partitioned")
    assert "frame-ancestors 'none'" in policy
    assert "frame-ancestors 'self' https://shop.example" in framed
    assert "unsafe" not in policy + framed


async def test_a_page_of_another_site_gets_no_socket(url: str) -> None:
    async with Visitor(url) as ann:
        for origin in ("https://evil.example", "null", "", "http://[", "http://127.0.0.1", "http://127.0.0.1:x"):
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                await ann.session.ws_connect(f"{url}/socket", headers={"Origin": origin})
            assert refused.value.status == 403


async def test_with_a_public_address_its_pages_and_those_of_sites_that_embed_it_are_ours(
    knowledge: Knowledge, database: str, caplog: pytest.LogCaptureFixture
) -> None:
    settings: dict[str, Any] = {"public_url": "https://example.com/chat", "embed_origins": "https://*.example.org"}
    async with serving(knowledge, database, **settings) as url, aiohttp.ClientSession() as session:
        for origin in ("https://example.com", "https://shop.example.org"):
            async with session.ws_connect(f"{url}/socket", headers={"Origin": origin}) as wire:
                assert (await wire.receive()).type is aiohttp.WSMsgType.CLOSE  # without a cookie, but let in
        for origin in (url, "https://example.org", "http://example.com", "https://example.com.evil.example") * 5:
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                await session.ws_connect(f"{url}/socket", headers={"Origin": origin})
            assert refused.value.status == 403
    lines = [one.getMessage() for one in caplog.records if "pages that are not ours" in one.getMessage()]
    assert [line.rpartition(": ")[2] for line in lines] == ["1", "19"]


async def test_the_page_works_under_a_path_whether_the_proxy_takes_it_away_or_not(
    knowledge: Knowledge, database: str
) -> None:
    async with serving(knowledge, database, public_url="https://example.com/some/help") as url:
        headers = {"Origin": "https://example.com"}
        for address in (f"{url}/some/help", url):
            async with aiohttp.ClientSession(headers=headers, cookie_jar=aiohttp.DummyCookieJar()) as session:
                async with session.get(f"{address}/") as response:
                    page, cookie = await response.text(), response.headers["Set-Cookie"].partition(";")[0]
                for name in re.findall(r'(?:src|href)="([^"]+)"', page):
                    async with session.get(f"{address}/{name}") as response:
                        assert response.status == 200, name
                async with session.ws_connect(f"{address}/socket", headers={"Cookie": cookie}) as wire:
                    await wire.send_json({"type": "hello", "after": None})
                    assert await wire.receive_json() == {"type": "turns", "turns": []}
        async with aiohttp.ClientSession() as session, session.get(f"{url}/some/help", allow_redirects=False) as moved:
            assert moved.headers["Location"] == "/some/help/"


async def test_all_pages_ask_no_other_host(url: str) -> None:
    async with Visitor(url) as ann:
        for path in ("/", "/embed", "/chat.css", "/chat.js", "/widget.js", "/result.js", "/r/AAAAA-AAAAA-AAAAA"):
            async with ann.session.get(url + path) as response:
                text = await response.text()
            found = set(re.findall(r"(?:https?:)?//[a-z0-9.-]+\.[a-z]{2,}", text)) - {"https://chat.example.com"}
            assert found <= {"http://www.w3.org"}, path


async def test_the_contents_own_files_are_served_and_no_others(
    knowledge: Knowledge, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = tmp_path / "files" / "how to" / "steps.png"
    picture.parent.mkdir(parents=True)
    picture.write_bytes(b"a picture")
    (tmp_path / "secret.txt").write_text("nobody's business")
    monkeypatch.setattr(knowledge, "library", replace(knowledge.library, files={"how to/steps.png": str(picture)}))
    kept = json.dumps({"said": {}, "replies": [{"text": "x", "files": [["picture", str(picture)], ["file", "/gone"]]}]})
    assert turn_frame(Posted(1, kept, 0.0), knowledge)["replies"][0]["files"] == [["picture", "how to/steps.png"]]
    async with serving(knowledge, database) as url, aiohttp.ClientSession() as session:
        async with session.get(f"{url}/files/how%20to/steps.png") as response:
            assert (response.status, await response.read()) == (200, b"a picture")
        for name in (
            "secret.txt",
            "how%20to/..%2Fsecret.txt",
            "..%2F..%2F..%2Fetc%2Fpasswd",
            str(picture).replace(" ", "%20"),
        ):
            async with session.get(URL(f"{url}/files/{name}", encoded=True)) as response:
                assert response.status == 404, name
        picture.unlink()
        picture.symlink_to("/etc/passwd")
        async with session.get(f"{url}/files/how%20to/steps.png") as response:
            assert response.status == 404


async def test_an_unknown_and_a_garbled_code_show_no_result(url: str) -> None:
    async with aiohttp.ClientSession() as session:
        for code in ("AAAAA-AAAAA-AAAAA", "x", "%3Cscript%3E"):
            async with session.get(f"{url}/r/{code}", headers={"Accept-Language": "zh-CN"}) as response:
                assert response.status == 404
                assert "没有找到" in await response.text()


# --- those who do not behave


@pytest.mark.parametrize(
    "frame",
    [
        "rubbish",
        "[]",
        '{"type": "say"}',
        '{"type": "say", "id": 7, "text": "x", "lang": "en"}',
        '{"type": "say", "id": "", "text": "x", "lang": "en"}',
        '{"type": "say", "id": "x", "text": ["x"], "lang": "en"}',
        '{"type": "say", "id": "x", "text": "x", "lang": "fr"}',
        json.dumps({"type": "press", "id": "x", "says": "x" * 65, "label": "x", "lang": "en"}),
        '{"type": "hello", "after": 3}',
        '{"type": "delete"}',
        "[" * 30_000,
    ],
)
async def test_garbage_closes_the_socket_and_harms_nobody(url: str, frame: str) -> None:
    async with Visitor(url) as ann, Visitor(url) as vandal:
        await vandal.socket.send_str(frame)
        assert await vandal.closed() == sockets.INVALID_FRAME
        assert "10,000" in words(await ann.say("how much is the deposit"))


@pytest.mark.parametrize("after", [-1, True, "3", 1.5, 1 << 80])
async def test_a_wrong_place_to_go_on_from_closes_the_socket(url: str, after: object) -> None:
    async with Visitor(url) as ann:
        wire = await ann.session.ws_connect(f"{url}/socket")
        await wire.send_json({"type": "hello", "after": after})
        await wire.receive()
        assert wire.close_code == sockets.INVALID_FRAME


async def test_bytes_and_a_megabyte_close_the_socket(url: str) -> None:
    async with Visitor(url) as ann, Visitor(url) as vandal:
        await vandal.socket.send_bytes(b"\0" * 10)
        assert await vandal.closed() == sockets.INVALID_FRAME
        await vandal.connect()
        await vandal.send("x" * (1 << 20))
        assert await vandal.closed() == aiohttp.WSCloseCode.MESSAGE_TOO_BIG
        assert "10,000" in words(await ann.say("how much is the deposit"))


async def test_a_long_message_gets_a_friendly_reply(url: str) -> None:
    async with Visitor(url) as ann:
        assert "read its first 4,000 characters" in words(await ann.say("deposit " * 1000))


async def test_a_visitor_takes_his_data_along_and_has_it_erased(url: str) -> None:
    async with Visitor(url) as ann, Visitor(url) as wei:
        await ann.say("how much is the deposit")
        turn = await ann.say("/mydata")
        assert turn["replies"][0]["files"] == [["data", "my-data.json"]]
        async with ann.session.get(f"{url}/my-data.json") as response:
            assert response.headers["Content-Disposition"] == 'attachment; filename="my-data.json"'
            own = await response.json()
        assert own["conversation"]["topic"] == "deposit-amount"
        assert "10,000" in own["replies"][0]["reply"]["replies"][0]["text"]
        async with wei.session.get(f"{url}/my-data.json") as response:
            assert (await response.json())["replies"] == []
        async with aiohttp.ClientSession() as nobody, nobody.get(f"{url}/my-data.json") as response:
            assert response.status == 404
        await ann.say("/forget")
        goodbye = await ann.press("Yes, erase everything")
        assert goodbye["replies"][0]["clears"] is True
        ann.turns.clear()
        await ann.connect()
        assert ann.turns == [goodbye]


async def test_who_writes_too_fast_is_told_how_long_to_wait(knowledge: Knowledge, database: str) -> None:
    async with serving(knowledge, database, messages_per_minute=3) as url, Visitor(url) as ann, Visitor(url) as wei:
        for _ in range(3):
            await ann.say("thanks")
        id = await ann.send("thanks")
        frame = await ann.hear()
        assert (frame["type"], frame["id"]) == ("refused", id)
        assert 1 <= frame["wait"] <= 20
        assert f"{frame['wait']} seconds" in frame["text"]
        for _ in range(sockets.STRIKES):
            await ann.send("thanks")
        assert await ann.closed() == sockets.FLOOD
        assert len((await wei.say("how much is the deposit"))["replies"]) == 1
        await ann.connect()
        assert len(ann.turns) == 3 + 3  # once as they came, and once more after coming back


async def test_what_is_written_too_fast_waits_if_so_wished(knowledge: Knowledge, database: str) -> None:
    async with serving(knowledge, database, messages_per_minute=2, over_limit="queue") as url, Visitor(url) as ann:
        for _ in range(2):
            await ann.say("thanks")
        id = await ann.send("thanks")
        while ann.turns[-1]["said"]:
            await ann.hear()
        assert id in ann.got
        assert "one message after the other" in words(ann.turns[-1])


async def test_one_address_has_so_many_sockets(
    knowledge: Knowledge, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sockets, "SOCKETS_PER_ADDRESS", 3)
    async with serving(knowledge, database) as url, contextlib.AsyncExitStack() as stack:
        visitors = [await stack.enter_async_context(Visitor(url, address="203.0.113.7")) for _ in range(3)]
        fourth = Visitor(url, address="203.0.113.7")
        await fourth.load()
        fourth.socket = await fourth.session.ws_connect(f"{url}/socket")
        assert await fourth.closed() == sockets.FLOOD
        await fourth.session.close()
        other = await stack.enter_async_context(Visitor(url, address="203.0.113.8"))
        assert "10,000" in words(await other.say("how much is the deposit"))
        await visitors[0].socket.close()
        async with Visitor(url, address="203.0.113.7") as after:
            assert "10,000" in words(await after.say("how much is the deposit"))


async def test_a_full_house_says_so(knowledge: Knowledge, database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.channels.web.site.most_sockets", lambda: 1)
    async with serving(knowledge, database) as url, Visitor(url) as ann:
        late = Visitor(url)
        await late.load()
        late.socket = await late.session.ws_connect(f"{url}/socket")
        assert await late.closed() == aiohttp.WSCloseCode.TRY_AGAIN_LATER
        await late.session.close()
        assert "10,000" in words(await ann.say("how much is the deposit"))
    assert MOST_SOCKETS > 1


async def test_who_says_nothing_is_cut_off(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "HELLO_PATIENCE", 0.2)
    async with Visitor(url) as ann:
        silent = await ann.session.ws_connect(f"{url}/socket")
        await silent.receive()
        assert silent.close_code == sockets.TOO_SLOW


async def test_who_reads_nothing_is_cut_off_and_holds_up_nobody(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "FAREWELL", 0.2)
    monkeypatch.setattr(sockets, "SOCKETS_PER_ADDRESS", 1)
    async with Visitor(url, address="203.0.113.7") as deaf, Visitor(url, address="203.0.113.8") as ann:
        # From here on, so that a busy machine has the usual time for the pings of those who read.
        monkeypatch.setattr(sockets, "HEARTBEAT", 2.0)
        ids = [await deaf.send("benefits overview") for _ in range(100)]
        await deaf.turn_of(ids[-1])
        await deaf.socket.close()
        (cookie,) = list(deaf.session.cookie_jar)
        # All of this is sent again to a page that reads nothing of it.
        await unread(url, cookie.value, "203.0.113.7")
        assert "10,000" in words(await ann.say("how much is the deposit"))
        with pytest.raises(ConnectionResetError, match=str(sockets.FLOOD)):
            await deaf.connect()
        async with asyncio.timeout(PATIENCE):
            while True:
                with contextlib.suppress(ConnectionResetError):
                    await deaf.connect()
                    break
                await asyncio.sleep(0.1)


async def test_who_reads_nothing_does_not_hold_up_the_end(knowledge: Knowledge, database: str) -> None:
    async with serving(knowledge, database) as url, Visitor(url) as deaf:
        ids = [await deaf.send("benefits overview") for _ in range(100)]
        await deaf.turn_of(ids[-1])
        (cookie,) = list(deaf.session.cookie_jar)
        for _ in range(5):
            await unread(url, cookie.value, "203.0.113.7")
        begun = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - begun < 10


async def unread(url: str, cookie: str, address: str) -> None:
    """Open a WebSocket whose frames pile up; it stays open until the server ends it."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    connection.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(connection, ("127.0.0.1", int(url.rpartition(":")[2])))
    request = (
        f"GET /socket HTTP/1.1\r\nHost: {url[7:]}\r\nOrigin: {url}\r\nCookie: merchant_chat={cookie}\r\n"
        f"X-Forwarded-For: {address}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    )
    await loop.sock_sendall(connection, request.encode())
    await loop.sock_recv(connection, 1024)
    hello = b'{"type": "hello", "after": null}'
    # A text frame with a mask that changes nothing.
    await loop.sock_sendall(connection, bytes([0x81, 0x80 | len(hello)]) + b"\0\0\0\0" + hello)
    OPEN.append(connection)


OPEN: list[socket.socket] = []


@pytest.fixture(autouse=True)
def close_sockets() -> Iterator[None]:
    yield
    while OPEN:
        OPEN.pop().close()


# --- starting


async def test_until_the_assistant_is_ready_the_page_says_that_it_is_starting(
    knowledge: Knowledge, database: str
) -> None:
    store, stop, go_on = await open_store(database), asyncio.Event(), asyncio.Event()
    chosen = Settings(host="127.0.0.1", port=free_port())

    async def opening() -> Assistant:
        await go_on.wait()
        return Assistant(knowledge, store, lambda: TODAY)

    task = asyncio.create_task(app.answer(chosen, opening, store, stop))
    url = f"http://127.0.0.1:{chosen.port}"
    async with aiohttp.ClientSession(headers={"Origin": url}) as session:
        async with asyncio.timeout(PATIENCE):
            while True:
                with contextlib.suppress(aiohttp.ClientConnectorError):
                    async with session.get(url) as response:
                        assert "starting" in await response.text()
                        assert response.headers["Retry-After"] == "1"
                        assert "Server" not in response.headers
                        break
                await asyncio.sleep(0.02)
        async with session.get(f"{url}/readyz") as response:
            assert response.status == 503
        async with session.get(f"{url}/r/AAAA-AAAA") as response:
            assert response.headers["X-Robots-Tag"] == "noindex"
        go_on.set()
        await ready(url, task)
        async with session.get(url) as response:
            assert "chat.js" in await response.text()
    stop.set()
    await task
    await store.close()


def test_what_is_wrong_with_the_settings_of_the_web_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    from bot.settings import BadSettings, read_settings

    monkeypatch.setenv("PUBLIC_URL", "example.com")
    monkeypatch.setenv("EMBED_ORIGINS", "https://a.example https://b.example/path; script-src *")
    monkeypatch.setenv("SECRET", "short")
    monkeypatch.setenv("MESSAGES_PER_MINUTE", "-1")
    with pytest.raises(BadSettings) as told:
        read_settings()
    for name in ("PUBLIC_URL", "EMBED_ORIGINS", "SECRET", "MESSAGES_PER_MINUTE"):
        assert f"{name}: " in str(told.value)
    assert "short" not in str(told.value)


async def test_only_who_the_site_has_signed_for_is_named(knowledge: Knowledge, database: str) -> None:
    secret, expires = "a secret of the shop's server", 4_000_000_000
    person = {"id": "42", "name": "zebra \n li", "expires": expires, "signature": signature(secret, "42", expires)}
    wrong: list[dict[str, object]] = [
        {"signature": signature("another secret of a server", "42", expires)},
        {"id": "43"},
        {"id": "\ud800"},
        {"expires": 1, "signature": signature(secret, "42", 1)},
        {"expires": "4000000000"},
        {"name": ["Wei"]},
        {"id": "4" * 65, "signature": signature(secret, "4" * 65, expires)},
    ]
    async with serving(knowledge, database, widget_secret=SecretStr(secret)) as url, Visitor(url) as ann:
        names = []
        for change in [*wrong, {}]:
            await ann.socket.send_json({"type": "identify", "person": person | change, "lang": "en"})
            words = (await ann.hear())["words"]
            assert bool(words) == bool(change)
            await ann.say("which zebra pickles float")  # kept for editors, without the writer's name
            async with ann.session.get(f"{url}/my-data.json") as response:
                names.append("which [name] pickles float" in await response.text())
        assert names == [False] * len(wrong) + [True]
    async with serving(knowledge, f"{database}2") as url, Visitor(url) as ann:
        await ann.socket.send_json({"type": "identify", "person": person, "lang": "zh"})
        assert "未能识别访客" in (await ann.hear())["words"]
