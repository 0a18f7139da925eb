"""A release: the CHANGELOG is cut once, and what is built holds all that an installation needs."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from deploy.release import ROOT, NotReleased, build, cut_changelog, project_version

CHANGELOG = "# Changelog\n\n## Unreleased\n\n### Added\n\n- Cakes.\n\n## 1.0.0 (2020-02-02)\n\n- Bread.\n"


def test_what_is_unreleased_is_cut_under_the_version_once() -> None:
    cut = cut_changelog(CHANGELOG, "1.1.0", "2020-03-03")
    assert cut == CHANGELOG.replace("Unreleased", "1.1.0 (2020-03-03)")
    assert cut_changelog(cut, "1.1.0", "2020-04-04") == cut  # a release that is repeated
    with pytest.raises(NotReleased, match=r"has 1\.0\.0 already: raise `version`"):
        cut_changelog(CHANGELOG, "1.0.0", "2020-03-03")
    with pytest.raises(NotReleased, match="write what is new"):
        cut_changelog(cut, "1.2.0", "2020-03-03")


def test_wheel_and_sdist_hold_what_an_installation_needs(tmp_path: Path) -> None:
    version = project_version(ROOT)
    wheel, sdist = build(ROOT, tmp_path / "dist")
    assert version in wheel.name
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {
        "Makefile",
        "requirements.lock",
        "requirements-test.lock",
        "deploy/merchant-bot.service",
        "pyproject.toml",
    } <= names
    with zipfile.ZipFile(wheel) as packed:
        assert {"bot/shipped/operator.yaml", "bot/console/strangers.jsonl"} <= set(packed.namelist())
        packed.extractall(tmp_path / "site")
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONPATH": str(tmp_path / "site")}
    command = [sys.executable, "-m", "bot", "--version"]
    told = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True).stdout
    assert told.strip().endswith(version)
