"""Mistakes in the settings: each is told by its own name and place, also where two settings belong together."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bot.settings import DEPENDENCIES, BadSettings, Dependency, Settings, read_settings

TOKEN = "7000000002:" + "A" * 35
VALUES = {
    "TELEGRAM_TOKEN": TOKEN,
    "TELEGRAM_WEBHOOK_URL": "https://bot.example.com/hook",
    "TELEGRAM_WEBHOOK_SECRET": "a-word",
    "CONSULTANT_CHAT": "-1001",
    "KNOWLEDGE_ONLY": "yes",
    "KNOWLEDGE": "ours",
    "WECHAT_TOKEN": "aWordOfOurs",
    "WECHAT_APP_ID": "wx0123456789abcdef",
    "WECHAT_SECRET": "0123456789abcdef" * 2,
}
MISSING = {
    "CONSULTANT_CHAT": ("TELEGRAM_TOKEN",),
    "TELEGRAM_WEBHOOK_URL": ("TELEGRAM_TOKEN", "TELEGRAM_WEBHOOK_SECRET"),
    "KNOWLEDGE_ONLY": ("KNOWLEDGE",),
    "WECHAT_TOKEN": ("WECHAT_APP_ID", "WECHAT_SECRET"),
}


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.lower() in Settings.model_fields]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def mistakes() -> list[str]:
    with pytest.raises(BadSettings) as told:
        read_settings()
    return str(told.value).splitlines()


def test_every_pair_is_tried() -> None:
    assert {(one.setting.upper(), one.needs.upper()) for one in DEPENDENCIES} == {
        (having, needs) for having, several in MISSING.items() for needs in several
    }


@pytest.mark.parametrize("need", DEPENDENCIES, ids=lambda one: f"{one.setting} needs {one.needs}")
def test_of_two_settings_the_missing_one_is_named_and_the_one_that_needs_it(
    need: Dependency, monkeypatch: pytest.MonkeyPatch
) -> None:
    having, needs = need.setting.upper(), need.needs.upper()
    for name in {having, *MISSING[having]} - {needs}:
        monkeypatch.setenv(name, VALUES[name])
    (line,) = mistakes()
    assert line.startswith(f"{needs}: it is not set, but {having} is: ")
    assert f"right would be, for example, {needs}=" in line
    monkeypatch.setenv(needs, VALUES[needs])
    assert read_settings()


def test_a_setting_that_says_no_needs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KNOWLEDGE_ONLY", "no")
    assert not read_settings().knowledge_only
    monkeypatch.setenv("KNOWLEDGE_ONLY", "1")
    monkeypatch.setenv("KNOWLEDGE", ":")
    assert mistakes()[0].startswith("KNOWLEDGE: ")


def test_settings_that_belong_together_are_told_beside_all_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONSULTANT_CHAT", "-1001")
    monkeypatch.setenv("PORT", "many")
    monkeypatch.setenv("SECRET", "short")
    assert [line.partition(":")[0] for line in mistakes()] == ["PORT", "SECRET", "TELEGRAM_TOKEN"]


def test_a_mistake_in_the_file_is_told_with_its_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / ".env"
    file.write_text("# ours\nconsultant_chat=-1001\n\nPORT='many\n'\nHOST=127.0.0.1\nKEEP_DAYS=-1\n", "utf-8")
    port, days, token = mistakes()
    assert port.startswith(".env:4: PORT: ")
    assert days.startswith(".env:7: KEEP_DAYS: ")
    assert token.startswith("TELEGRAM_TOKEN: it is not set, but .env:2: CONSULTANT_CHAT is: ")
    monkeypatch.setenv("PORT", "none")  # the environment goes before the file
    assert mistakes()[0].startswith("PORT: ")


def test_each_part_of_an_official_account_is_checked_and_a_mistake_shows_no_secret(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("WECHAT_APP_ID", "gh_0123456789ab")
    monkeypatch.setenv("WECHAT_TOKEN", "two words")
    monkeypatch.setenv("WECHAT_SECRET", "0123456789")
    monkeypatch.setenv("WECHAT_AES_KEY", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEF")  # one character is missing
    found = mistakes()
    assert [line.partition(":")[0] for line in found] == [
        "WECHAT_APP_ID", "WECHAT_TOKEN", "WECHAT_SECRET", "WECHAT_AES_KEY",
    ]  # fmt: skip
    assert "begins with gh_" in found[0]
    assert "43 letters and digits" in found[3]
    assert not any(secret in line for line in found for secret in ("two words", "0123456789;", "6789ABCDEF;"))
