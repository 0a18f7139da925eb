"""Tests run alike on a machine where the operator has set their own bot, language, time zone and proxy."""

from __future__ import annotations

import time
from pathlib import Path
from urllib.request import getproxies

import pytest

from bot.content.said import language_of_system
from bot.settings import Settings
from tests.conftest import clear_surroundings

OPERATORS = {
    "PORT": "8391",
    "knowledge": "/srv/ours",
    "TELEGRAM_TOKEN": "123456789:AAExampleTokenFromBotFather-xyz12345",
    "LANG": "zh_CN.UTF-8",
    "LC_ALL": "zh_CN.UTF-8",
    "TZ": "Asia/Shanghai",
    "HTTP_PROXY": "http://127.0.0.1:9",
    "https_proxy": "http://127.0.0.1:9",
}


def test_nothing_of_the_machine_reaches_a_test(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in OPERATORS.items():
        monkeypatch.setenv(name, value)
    assert Settings().port == 8391
    assert language_of_system() == "zh"
    clear_surroundings()
    found = Settings()
    assert (found.port, found.knowledge, found.telegram_token) == (None, "", None)
    assert language_of_system() == "en"
    assert time.localtime(0).tm_hour == 0
    assert getproxies() == {}
    assert not Path(".env").exists()
