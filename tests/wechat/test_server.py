"""What strangers and a broken line can send to the official account's address: refused clearly, and nothing is lost."""

from __future__ import annotations

import asyncio
import io
import json
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.knowledge.knowledge import Knowledge
from bot.store import open_store
from tests import started
from tests.contract.channels import serving_wechat
from tests.wechat_platform import Account, WeChatPlatform, cdata, sign

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


class Stranger:
    """Somebody who sends requests of their own to the account's address."""

    def __init__(self, platform: WeChatPlatform) -> None:
        self.platform, self.url = platform, platform.servers[0]

    async def post(self, query: dict[str, str], body: bytes) -> tuple[int, str]:
        async with self.platform.session.post(self.url, params=query, data=io.BytesIO(body)) as response:
            return response.status, await response.text()

    async def get(self, query: dict[str, str]) -> tuple[int, str]:
        async with self.platform.session.get(self.url, params=query) as response:
            return response.status, await response.text()

    def signed(self, at: float | None = None, token: str | None = None) -> dict[str, str]:
        stamp = str(int(time.time() if at is None else at))
        given = sign(token or self.platform.account.token, stamp, "nonce")
        return {"signature": given, "timestamp": stamp, "nonce": "nonce"}

    def body(self, **fields: str) -> bytes:
        made = self.platform.message("oAnn", {"MsgType": "text", "Content": "谢谢", **fields})
        return f"<xml>{''.join(f'<{name}>{cdata(value)}</{name}>' for name, value in made.items())}</xml>".encode()


@pytest.fixture
def database(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'wechat.db'}"


@pytest.fixture
async def plain(knowledge: Knowledge, database: str) -> AsyncIterator[Stranger]:
    async with WeChatPlatform() as platform, serving_wechat(platform, knowledge, database):
        yield Stranger(platform)


@pytest.fixture
async def safe(knowledge: Knowledge, database: str) -> AsyncIterator[Stranger]:
    async with WeChatPlatform(Account(mode="safe")) as platform, serving_wechat(platform, knowledge, database):
        yield Stranger(platform)


async def test_the_address_is_confirmed_to_the_platform_alone(plain: Stranger) -> None:
    assert await plain.get({**plain.signed(), "echostr": "12345"}) == (200, "12345")
    status, told = await plain.get({**plain.signed(token="anotherWord"), "echostr": "12345"})
    assert (status, "12345" in told, "WECHAT_TOKEN" in told) == (403, False, True)
    assert (await plain.get({"echostr": "12345"}))[0] == 403
    assert (await plain.get({**plain.signed(time.time() - 301), "echostr": "12345"}))[0] == 403


@pytest.mark.parametrize("off", [-301, 301])
async def test_a_request_of_another_time_is_refused_and_one_of_the_last_minutes_is_not(
    off: int, plain: Stranger
) -> None:
    status, told = await plain.post(plain.signed(time.time() + off), plain.body())
    assert (status, "five minutes" in told) == (403, True)
    assert (await plain.post(plain.signed(time.time() + off * 0.9), plain.body()))[0] == 200


async def test_whatever_is_no_message_is_refused_in_words_and_leaves_nothing(plain: Stranger, database: str) -> None:
    query = plain.signed()
    lol = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    bomb = f'<!DOCTYPE xml [<!ENTITY l0 "lol">{lol}]><xml><Content>&l11;</Content></xml>'
    cases: list[tuple[dict[str, str], bytes, int, str]] = [
        ({**query, "signature": "0" * 40}, plain.body(), 403, "signature"),
        ({**query, "signature": "é"}, plain.body(), 403, "signature"),
        ({**query, "nonce": "other"}, plain.body(), 403, "signature"),
        (plain.signed(token="x"), plain.body(), 403, "signature"),
        ({**query, "timestamp": "٣"}, plain.body(), 403, "signature"),
        (query, bomb.encode(), 400, "DTD"),
        (query, plain.body() + b"<", 400, "not XML"),
        (query, b"", 400, "not XML"),
        (query, b'{"text": 1}', 400, "not XML"),
        (query, plain.body(Content="x" * (1 << 20)), 413, "bytes"),
        (query, plain.body(FromUserName=""), 400, "FromUserName"),
        (query, plain.body(MsgId="-1"), 400, "MsgId"),
        (query, b"<xml><ToUserName>gh</ToUserName><Encrypt>abc</Encrypt></xml>", 403, "WECHAT_AES_KEY"),
    ]
    begun = time.perf_counter()
    for asked, body, expected, words in cases:
        status, told = await plain.post(asked, body)
        assert (status, words in told) == (expected, True), (expected, words, told)
        assert len(told) < 200
    assert time.perf_counter() - begun < 3
    store = await open_store(database, existing=True)
    assert (await store.status()).rows["inbox"] == 0
    await store.close()
    assert (await plain.post(query, plain.body()))[0] == 200


async def test_in_the_safe_mode_nothing_is_taken_that_is_not_sealed_for_this_account(safe: Stranger) -> None:
    platform = safe.platform
    made = platform.message("oAnn", {"MsgType": "text", "Content": "谢谢"})
    query, body = platform.request(made, int(time.time()))
    other = WeChatPlatform(replace(platform.account, app_id="wxffffffffffffffff"))
    stolen = WeChatPlatform(replace(platform.account, aes_key=platform.account.aes_key[::-1]))
    cases = [
        (safe.signed(), safe.body(), "plain"),
        ({**query, "msg_signature": "0" * 40}, body, "signature"),
        (query, body.replace(b"</Encrypt>", b"AAAA</Encrypt>"), "signature"),
        (*other.request(made, int(time.time())), "another account"),
        (*stolen.request(made, int(time.time())), "WECHAT_AES_KEY"),
    ]
    for asked, sent, words in cases:
        status, told = await safe.post(asked, sent)
        assert (status, words in told) == (403, True), (words, told)
    status, answer = await safe.post(query, body)
    assert status == 200
    assert "Encrypt" in answer
    assert "不客气" in platform.read_reply(answer.encode())["Content"]


async def test_a_sender_who_stops_halfway_is_let_go(plain: Stranger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.channels.wechat.server.BODY_PATIENCE", 0.2)

    async def halfway() -> AsyncIterator[bytes]:
        yield b"<xml>"
        await asyncio.sleep(20)

    async with asyncio.timeout(5):
        async with plain.platform.session.post(plain.url, params=plain.signed(), data=halfway()) as response:
            assert response.status == 408


async def test_a_failing_interface_is_told_and_answers_go_out(
    knowledge: Knowledge, database: str, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    async with WeChatPlatform() as platform:
        async with serving_wechat(platform, knowledge, database, wechat_api_url="http://127.0.0.1:9") as served:
            async with platform.session.get(f"{served.url}/readyz") as response:
                assert response.status == 200
            shown = await platform.say("oAnn", "谢谢")
            assert shown
            assert shown.by == "reply"
            async with asyncio.timeout(10):
                while not (told := await served.store.recall(f"wechat-trouble:{platform.account.app_id}")):
                    await asyncio.sleep(0.02)
            assert "cannot be reached at http://127.0.0.1:9" in told
            env = {"WECHAT_APP_ID": platform.account.app_id, "WECHAT_TOKEN": "word", "WECHAT_SECRET": "f" * 32}
            env |= {"DATABASE_URL": database, "HOME": str(tmp_path)}
            status = await asyncio.to_thread(started.run, ["status"], env, cwd=tmp_path)
            assert f"warning   {told}" in status.stdout
            status = await asyncio.to_thread(started.run, ["status", "--json"], env, cwd=tmp_path)
            assert json.loads(status.stdout)["troubles"] == [told]
        assert any("cannot be reached" in line.getMessage() for line in caplog.records)
        async with serving_wechat(platform, knowledge, database) as served:
            async with asyncio.timeout(10):
                while await served.store.recall(f"wechat-trouble:{platform.account.app_id}"):
                    await asyncio.sleep(0.02)
