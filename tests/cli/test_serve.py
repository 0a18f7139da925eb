"""`merchant-bot serve` with nothing configured: a web chat on this machine, in a real process."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.app import last_good_folder
from bot.knowledge.last_good import LastGood
from bot.settings import Settings
from tests.console import SMALL_TALK
from tests.opened import with_encoder
from tests.started import MANY
from tests.visitors import Visitor

Run = Callable[..., subprocess.CompletedProcess[str]]
PATIENCE = 60.0  # seconds
# Channels, a database and file formats that are off, or belong to other commands.
NOT_USED = {
    *("aiogram", "telegram", "httpx", "asyncpg", "PIL", "zxingcpp", "segno", "openpyxl", "python_calamine"),
    *("prompt_toolkit", "sqlite_utils"),
}
TELLING_ITS_MODULES = """
import atexit, sys
atexit.register(lambda: print(*sys.modules, file=sys.stderr))
from bot.commands.line import main
main()
"""
PARKING = """title: {en: Parking, zh: 停车}
instead: {en: Parking costs 3 coins., zh: 停车费3币。}
phrasings: {en: [parking fee, cost of parking], zh: [停车费, 停车多少钱]}
"""


@contextmanager
def serving(
    home: Path, cache: Path, *options: str, program: tuple[str, ...] = ("-m", "bot"), **settings: str
) -> Iterator[subprocess.Popen[str]]:
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "MERCHANT_BOT_CACHE": str(cache),
        **MANY,
        "PYTHONPATH": os.pathsep.join(sys.path),
        "PORT": "0",
        "DATABASE_URL": f"sqlite:///{home / 'a.db'}",
        **settings,
    }
    process = subprocess.Popen(
        [sys.executable, *program, "serve", *options],
        cwd=home,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def address(process: subprocess.Popen[str]) -> str:
    """The address that it prints."""
    assert process.stdout
    line = process.stdout.readline()
    found = re.search(r"http://127\.0\.0\.1:\d+/", line)
    assert found, line
    return found[0]


def read(url: str) -> str:
    with urllib.request.urlopen(url, timeout=PATIENCE) as response:
        return str(response.read().decode())


def wait_until_ready(url: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            read(f"{url}readyz")
            return
        except urllib.error.HTTPError as error:
            error.close()
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def test_it_prints_the_address_of_a_chat_and_ends_when_told(cache: Path, tmp_path: Path) -> None:
    with serving(tmp_path, cache, program=("-c", TELLING_ITS_MODULES)) as process:
        url = address(process)
        assert "<html" in read(url)  # the chat, or that it is starting
        wait_until_ready(url)
        assert "chat.js" in read(url)
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, said
        assert "Traceback" not in said
        imported = set(said.splitlines()[-1].split())
        assert "aiohttp" in imported
        assert not NOT_USED & imported


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_at_once_while_it_starts(tmp_path: Path, number: signal.Signals) -> None:
    # With an empty cache it trains, which takes long.
    with serving(tmp_path, tmp_path / "empty") as process:
        address(process)
        begun = time.monotonic()
        process.send_signal(number)
        process.wait(PATIENCE)
        assert time.monotonic() - begun < 5


def test_a_port_that_is_taken_is_told(run: Run) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = run("serve", PORT=str(port))
    assert done.returncode == 1
    assert f"PORT={port + 1}" in done.stderr
    assert "Traceback" not in done.stderr


def test_mistakes_in_the_content_are_told(run: Run, tmp_path: Path) -> None:
    (tmp_path / "ours").mkdir()
    (tmp_path / "ours" / "phrases.yaml").write_text("no_such_sentence: {en: x, zh: x}\n", encoding="utf-8")
    done = run("serve", "--knowledge", "ours", PORT="0")
    assert done.returncode == 1
    assert "no_such_sentence" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_start_on_content_with_mistakes_answers_with_what_worked_last(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch, cache: Path
) -> None:
    cache = with_encoder(cache, tmp_path / "cache")  # a few versions are kept: those that other tests share stay
    monkeypatch.setenv("MERCHANT_BOT_CACHE", str(cache))
    own = tmp_path / "own"
    (own / "topics").mkdir(parents=True)
    topic = own / "topics" / "parking-fee.yaml"
    topic.write_text(PARKING, encoding="utf-8")
    (own / "smalltalk.yaml").write_text(SMALL_TALK, encoding="utf-8")
    database = f"sqlite:///{tmp_path / 'a.db'}"
    LastGood(last_good_folder(Settings(database_url=database)), [own], only=True).load()
    topic.write_text(PARKING.replace("title", "titel"), encoding="utf-8")
    token = "a-token-of-the-operator"
    with serving(tmp_path, cache, "--only-knowledge", str(own), METRICS_TOKEN=token) as process:
        url = address(process)
        wait_until_ready(url)
        assert read(f"{url}readyz") == "ready\n"
        inside = urllib.request.Request(f"{url}readyz", headers={"Authorization": f"Bearer {token}"})
        with urllib.request.urlopen(inside, timeout=PATIENCE) as response:
            told = response.read().decode()
        assert told.startswith("ready")
        assert "parking-fee.yaml:1" in told
        status = json.loads(run("status", "--json", DATABASE_URL=database).stdout)
        assert "parking-fee.yaml:1" in status["rejected"]["mistakes"][0]
        linted = run(
            "knowledge", "lint", "--only-knowledge", str(own), DATABASE_URL=database, MERCHANT_BOT_CACHE=str(cache)
        )
        assert "answers from the last valid content" in linted.stderr
        assert linted.returncode == 1


async def test_imported_content_is_served_alone(tmp_path: Path, run: Run, cache: Path) -> None:
    (tmp_path / "faq.csv").write_bytes("问题;答案\n仓库几点关门;晚上八点。\n保证金多少;一百元。\n".encode("gbk"))
    assert run("knowledge", "import", "csv", "faq.csv", "--to", "faq", "--alone").returncode == 0
    # What ships would have to be learned, which takes far longer than this, and so would its small talk.
    (tmp_path / "faq" / "smalltalk.yaml").write_text(SMALL_TALK, encoding="utf-8")
    with serving(tmp_path, with_encoder(cache, tmp_path / "cache"), KNOWLEDGE="faq", KNOWLEDGE_ONLY="yes") as process:
        url = address(process)
        wait_until_ready(url)
        async with Visitor(url, "zh") as visitor:
            turn = await visitor.say("保证金多少")
            assert "一百元" in json.dumps(turn, ensure_ascii=False)
    nothing = run("ask", "保证金多少", KNOWLEDGE_ONLY="yes")
    assert nothing.returncode == 2
    assert "KNOWLEDGE: it is not set, but KNOWLEDGE_ONLY is: without the content that ships" in nothing.stderr
