"""The command line as scripts use it: real processes, their output and their exit codes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.knowledge.knowledge import Knowledge

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(cache: Path, tmp_path: Path, knowledge: Knowledge) -> Run:
    """Run `merchant-bot` in an empty folder, with nothing set but what the test sets.

    `knowledge` compiles the content beforehand, which takes longer than a command may.
    """

    def start(*arguments: str, stdin: str = "", **env: str) -> subprocess.CompletedProcess[str]:
        kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
        home = {"HOME": str(tmp_path), "MERCHANT_BOT_CACHE": str(cache), "PYTHONPATH": os.pathsep.join(sys.path)}
        return subprocess.run(
            [sys.executable, "-m", "bot", *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=60,
            cwd=tmp_path,
            env={**kept, **home, **env},
        )

    return start
