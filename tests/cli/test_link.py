"""`merchant-bot link`: the address and its QR code."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

from tests.botapi import BotApi
from tests.wechat_platform import Account, WeChatPlatform

Run = Callable[..., subprocess.CompletedProcess[str]]


def test_a_link_is_printed_and_drawn(run: Run, tmp_path: Path) -> None:
    done = run("link", "潜力商品", "--bot", "@our_agency_bot")
    address, *drawn = done.stdout.splitlines()
    assert address == "https://t.me/our_agency_bot?start=k-potential-goods"
    assert len(drawn) > 15
    assert {character for line in drawn for character in line} <= set(" ▀▄█")
    files = run("link", "deposit-amount", "--bot", "our_agency_bot", "--svg", "code.svg", "--png", "code.png")
    assert files.stdout == "https://t.me/our_agency_bot?start=t-deposit-amount\n"
    assert ElementTree.parse(tmp_path / "code.svg").getroot().tag.endswith("svg")
    assert (tmp_path / "code.png").read_bytes().startswith(b"\x89PNG")


async def test_the_bot_is_asked_for_by_its_token(run: Run) -> None:
    import asyncio

    async with BotApi() as api:
        env = {"TELEGRAM_TOKEN": api.token, "TELEGRAM_API_URL": api.url}
        done = await asyncio.to_thread(run, "link", "medal", "--svg", "-", **env)
        wrong = await asyncio.to_thread(run, "link", "medal", **{**env, "TELEGRAM_TOKEN": "7000000002:" + "A" * 35})
    assert ElementTree.fromstring(done.stdout).tag.endswith("svg")
    assert wrong.returncode == 1
    assert "TELEGRAM_TOKEN" in wrong.stderr
    assert "AAAA" not in wrong.stderr


def test_what_is_wrong_is_said_with_what_would_be_right(run: Run) -> None:
    unknown = run("link", "deposit-amuont", "--bot", "our_agency_bot")
    assert unknown.returncode == 2
    assert 'did you mean "deposit-amount"' in unknown.stderr
    nobody = run("link", "deposit-amount")
    assert nobody.returncode == 1
    assert "TELEGRAM_TOKEN" in nobody.stderr
    assert "--bot" in nobody.stderr
    bad = run("link", "deposit-amount", "--bot", "our agency")
    assert bad.returncode == 2
    folder = run("link", "deposit-amount", "--bot", "our_agency_bot", "--png", "nowhere/code.png")
    assert folder.returncode == 2
    assert "nowhere/code.png" in folder.stderr


async def test_a_code_of_an_official_account_is_asked_for_with_its_scene(run: Run, tmp_path: Path) -> None:
    import asyncio

    async with WeChatPlatform() as platform:
        account = platform.account
        env = {
            "WECHAT_APP_ID": account.app_id,
            "WECHAT_SECRET": account.secret,
            "WECHAT_API_URL": platform.url,
            "DATABASE_URL": f"sqlite:///{tmp_path / 'none.db'}",
        }
        asked = ("link", "潜力商品", "--wechat", account.app_id)
        brief = await asyncio.to_thread(run, *asked, "--days", "7", "--png", "code.png", **env)
        lasting = await asyncio.to_thread(run, *asked, "--permanent", "--svg", "-", **env)
        other = await asyncio.to_thread(run, "link", "medal", "--wechat", "wxffffffffffffffff", **env)
        both = await asyncio.to_thread(run, *asked, "--bot", "our_agency_bot", **env)
        platform.account = Account(verified=False)
        refused = await asyncio.to_thread(run, *asked, **env)
    assert brief.stdout.startswith("http://weixin.qq.com/q/")
    assert (tmp_path / "code.png").read_bytes().startswith(b"\x89PNG")
    assert ElementTree.fromstring(lasting.stdout).tag.endswith("svg")
    made = list(platform.scenes.values())
    assert [one["scene"] for one in made] == ["k-potential-goods"] * 2
    assert [one.get("expire_seconds") for one in made] == [7 * 86400, None]
    assert (other.returncode, "WECHAT_APP_ID" in other.stderr) == (2, True)
    assert (both.returncode, "--bot" in both.stderr) == (2, True)
    assert (refused.returncode, "verified" in refused.stderr) == (1, True)
    assert not (tmp_path / "none.db").exists()
