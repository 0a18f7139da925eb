"""`merchant-bot link`: the address and its QR code."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

from tests.botapi import BotApi

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
