"""The interface of the official account: one access token for all, renewed in time, and refusals in plain words."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.channels.channel import CallRefused, RetryLater
from bot.channels.wechat.api import TokenNotes, WeChatApi, WeChatUnreachable, open_api
from bot.channels.wechat.errors import WeChatRefused
from bot.settings import Settings
from bot.store import open_store
from tests.wechat_platform import WeChatPlatform


@pytest.fixture
async def platform() -> AsyncIterator[WeChatPlatform]:
    async with WeChatPlatform() as platform:
        platform.endpoints["GET", "menu/get"] = lambda query, body: {"menu": {"button": [], "of": query.get("of", "")}}
        platform.endpoints["POST", "echo"] = lambda query, body: body
        platform.endpoints["GET", "media/get"] = lambda query, body: b"\xff\xd8 a picture"
        yield platform


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


def api_of(
    platform: WeChatPlatform,
    session: aiohttp.ClientSession,
    notes: TokenNotes | None = None,
    secret: str = "",
    url: str = "",
) -> WeChatApi:
    account = platform.account
    return WeChatApi(
        session, account.app_id, secret or account.secret, url or platform.url, notes, lambda: platform.clock()
    )


async def test_calls_share_a_token_and_send_text_as_it_is(
    platform: WeChatPlatform, session: aiohttp.ClientSession
) -> None:
    api = api_of(platform, session)
    answers = await asyncio.gather(*(api.get("menu/get", of=str(n)) for n in range(5)))
    assert [one["menu"]["of"] for one in answers] == ["0", "1", "2", "3", "4"]
    assert await api.post("/cgi-bin/echo", {"text": "保证金 😀"}) == {"text": "保证金 😀"}
    assert await api.download("a-media-id") == b"\xff\xd8 a picture"
    assert len(platform.called("stable_token")) == 1


async def test_all_processes_use_one_token_and_renew_it_before_its_end(
    platform: WeChatPlatform, session: aiohttp.ClientSession, tmp_path: Path, postgres_database: str
) -> None:
    now = [1_000_000.0]
    platform.clock = lambda: now[0]
    for database in (f"sqlite:///{tmp_path / 'one.db'}", postgres_database):
        platform.calls.clear()
        platform.ends = 0
        stores = [await open_store(database) for _ in range(2 if database == postgres_database else 1)]
        try:
            apis = [api_of(platform, session, store) for store in stores]
            await asyncio.gather(*(api.get("menu/get") for api in apis for _ in range(3)))
            assert len(platform.called("stable_token")) == 1
            now[0] += 7200 - 299
            await asyncio.gather(*(api.get("menu/get") for api in apis for _ in range(3)))
            assert len(platform.called("stable_token")) == 2
        finally:
            for store in stores:
                await store.close()
    assert all(one.code == 0 for one in platform.calls)


@pytest.mark.parametrize("code", [40001, 42001, 40014])
async def test_a_stale_token_is_replaced_once(
    code: int, platform: WeChatPlatform, session: aiohttp.ClientSession
) -> None:
    api = api_of(platform, session)
    await api.get("menu/get")
    platform.replace_token()  # somebody else has
    assert await api.get("menu/get")
    platform.fails = [code]  # the platform says so of its newest one
    assert await api.get("menu/get")
    assert [one.body["force_refresh"] for one in platform.called("stable_token")] == [False, False, False, True]
    platform.fails = [code, 0, 0, code]
    with pytest.raises(WeChatRefused) as told:
        await api.get("menu/get")
    assert told.value.code == code


async def test_refusals_are_told_in_plain_words(platform: WeChatPlatform, session: aiohttp.ClientSession) -> None:
    api = api_of(platform, session)
    await api.get("menu/get")
    told = {}
    for code in (45015, 45047, 48001, 40200, 45009, 45011, 40164, 99999):
        platform.fails = [code]
        with pytest.raises(CallRefused) as refused:
            await api.get("menu/get")
        told[code] = str(refused.value)
    assert "48 hours" in told[45015]
    assert "five messages" in told[45047]
    assert "verified" in told[48001]
    assert "whitelist" in told[40164]
    assert told[99999] == "the platform refuses the call: refused (99999)"
    assert len(set(told.values())) == len(told)
    with pytest.raises(WeChatRefused, match="WECHAT_SECRET") as wrong:
        await api_of(platform, session, secret="f" * 32).get("menu/get")
    assert wrong.value.code == 40125


@pytest.mark.parametrize("fault", ["500", "drop", -1])
async def test_what_may_pass_is_to_be_repeated_and_no_message_holds_the_secret(
    fault: int | str, platform: WeChatPlatform, session: aiohttp.ClientSession
) -> None:
    api = api_of(platform, session)
    platform.fails = [fault, fault]
    with pytest.raises(RetryLater) as told:
        await api.get("menu/get")
    assert platform.account.secret not in str(told.value)
    platform.fails = []
    assert await api.get("menu/get")
    nowhere = api_of(platform, session, url="http://127.0.0.1:9")
    with pytest.raises(WeChatUnreachable, match=r"cannot be reached at http://127\.0\.0\.1:9"):
        await nowhere.get("menu/get")


async def test_a_missing_setting_is_named() -> None:
    chosen: dict[str, Any] = {"_env_file": None, "wechat_app_id": "wx0123456789abcdef"}
    with pytest.raises(ValueError, match="WECHAT_SECRET: it is not set"):
        await open_api(Settings(**chosen)).__aenter__()
