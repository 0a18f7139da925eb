"""The command line as scripts use it: real processes, their output and their exit codes."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.knowledge.knowledge import Knowledge
from tests import started
from tests.opened import shipped_trees

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session", autouse=True)
def parsed_once() -> None:
    """Many commands run in this process, and read the content that ships, each anew."""
    shipped_trees()


@pytest.fixture
def run(cache: Path, tmp_path: Path, knowledge: Knowledge) -> Run:
    """Run `merchant-bot` in an empty folder, with nothing set but what the test sets.

    `knowledge` compiles the content beforehand, which takes longer than a command may.
    """

    def start(*arguments: str, stdin: str = "", **env: str) -> subprocess.CompletedProcess[str]:
        home = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "MERCHANT_BOT_CACHE": str(cache)}
        return started.run(arguments, {**home, **env}, cwd=tmp_path, stdin=stdin)

    return start
