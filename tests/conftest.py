"""What several tests share: the content that ships, loaded once, and a day on which its age is known."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from bot.assistant import Assistant
from bot.knowledge.knowledge import Knowledge
from bot.store import MemoryStore

TODAY = date(2026, 11, 24)

pytest_plugins = ["tests.databases"]


def pytest_configure(config: pytest.Config) -> None:
    """Train the matcher once, before the test processes start, and keep it for the next run."""
    os.environ["MERCHANT_BOT_CACHE"] = str(config.rootpath / ".pytest_cache" / "merchant-bot")
    if not hasattr(config, "workerinput"):
        Knowledge.open()


@pytest.fixture(scope="session")
def cache() -> Path:
    """The cache folder that all processes of a test run share."""
    return Path(os.environ["MERCHANT_BOT_CACHE"])


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    return Knowledge.open()


@pytest.fixture
def assistant(knowledge: Knowledge) -> Assistant:
    """An assistant with the content that ships, on a fixed day."""
    return Assistant(knowledge, MemoryStore(), lambda: TODAY)


@pytest.fixture
def with_content(tmp_path: Path) -> Callable[[dict[str, str]], Knowledge]:
    """Make knowledge with files of an agency laid over the content that ships."""

    def make(files: dict[str, str], *, only: bool = False) -> Knowledge:
        for name, text in files.items():
            path = tmp_path / "ours" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return Knowledge.open([tmp_path / "ours"], only=only, cache=False)

    return make


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Where NO_SKIPS is set, a skipped test says what its machine lacks."""
    if os.environ.get("NO_SKIPS") and terminalreporter.stats.get("skipped"):
        terminalreporter.write_line("NO_SKIPS is set, and tests were skipped: see above what is missing.", red=True)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("NO_SKIPS") and reporter and reporter.stats.get("skipped") and session.exitstatus == 0:
        session.exitstatus = 1
