"""What several tests share: the content that ships, loaded once, and a day on which its age is known."""

from __future__ import annotations

import gc
import os
import re
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import chdir
from datetime import date
from pathlib import Path

import pytest

from bot.assistant import Assistant
from bot.knowledge.ahead import ONE_CORE
from bot.knowledge.knowledge import Knowledge
from bot.settings import Settings
from bot.store import MemoryStore
from tests.opened import shipped_knowledge, shipped_trees
from tests.started import MANY

TODAY = date(2026, 11, 24)
# Beside the settings: what makes programs go through a proxy, speak another language, or fold their lines elsewhere.
SURROUNDINGS = re.compile(
    r"(?i:(?:all|ftp|https?|no|wss?)_proxy)|LANG|LANGUAGE|LC_\w+|COLUMNS|LINES|(?:NO|FORCE|CLI)_?COLOR\w*"
)
FOLDERS = ("browser", "contract", "cli", "wechat", "transcripts", "content", "unit")  # from long tests to short ones
GROWN = 100_000  # kilobytes by which this process has grown when all of its garbage is collected
COLLECTED_AT = [0]  # kilobytes

pytest_plugins = ["tests.databases"]


def clear_surroundings() -> None:
    """Take away what the machine sets for other programs, so that tests and their processes run alike everywhere."""
    for name in [name for name in os.environ if name.lower() in Settings.model_fields or SURROUNDINGS.fullmatch(name)]:
        del os.environ[name]
    os.environ |= {"LANG": "C.UTF-8", "TZ": "UTC"}
    # Compiling all modules anew in each process takes longer than most of what they do.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
    if hasattr(time, "tzset"):  # not on Windows
        time.tzset()


def pytest_configure(config: pytest.Config) -> None:
    clear_surroundings()
    os.environ |= ONE_CORE | MANY  # for the processes of tests, which share the processor already
    os.environ["MERCHANT_BOT_CACHE"] = str(config.rootpath / ".pytest_cache" / "merchant-bot")
    gc.disable()  # what is imported lasts


def pytest_pycollect_makemodule(module_path: Path) -> None:
    """Give hypothesis's examples any time, where a module has some: others may have the processor meanwhile."""
    if "hypothesis" in module_path.read_text("utf-8"):
        from hypothesis import HealthCheck, settings  # deferred: most modules do without

        if settings.get_current_profile_name() != "patient":
            settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
            settings.load_profile("patient")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes or waits long, in each of the processes, which share the tests out in order.

    Who is done with their own takes over some of another's last ones, so that all end at the same time.
    """
    long = [one for one in items if one.get_closest_marker("timeout")]
    rest = [one for one in items if not one.get_closest_marker("timeout")]
    rest.sort(key=lambda one: FOLDERS.index(one.path.parent.name))
    processes = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    shares = [len(rest) * number // processes for number in range(processes + 1)]
    items[:] = [
        one
        for number in range(processes)
        for one in (*long[number::processes], *rest[shares[number] : shares[number + 1]])
    ]


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()
    COLLECTED_AT.append(most_memory())


def pytest_xdist_auto_num_workers() -> int:
    """Two processes for each processor, since many tests wait for a browser, a server or a moment to pass."""
    return 2 * (os.cpu_count() or 1)


@pytest.fixture(scope="session", autouse=True)
def empty_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Run in a folder without a `.env`, which an operator has where they start `serve`."""
    with chdir(tmp_path_factory.mktemp("empty")):
        yield


def most_memory() -> int:
    """The most memory that this process has had, in kilobytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (1024 if sys.platform == "darwin" else 1)


@pytest.fixture(autouse=True)
def collected() -> Iterator[None]:
    """Free what services of earlier tests have left in cycles: each leaves out of collections what it has at its start.

    To go through all objects takes a second or two, so it is done where memory has grown, not after some tests.
    """
    yield
    if most_memory() > COLLECTED_AT[-1] + GROWN:
        gc.unfreeze()
        gc.collect()
        gc.freeze()
        COLLECTED_AT.append(most_memory())


@pytest.fixture(scope="session")
def cache() -> Path:
    """The cache folder that all processes of a test run share."""
    return Path(os.environ["MERCHANT_BOT_CACHE"])


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    """The content that ships."""
    return shipped_knowledge()


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
        shipped_trees()
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
