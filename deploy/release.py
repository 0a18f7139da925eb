"""Builds a release: cuts the CHANGELOG, builds wheel and sdist, tries the wheel in a clean environment, and lists what is in it.

`make release` runs it. The version stands in pyproject.toml alone.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import tomllib
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 1200.0  # seconds for a first start, which learns the content, on a busy machine too
UNRELEASED = "## Unreleased"


class NotReleased(Exception):
    """The release cannot be made; the message says why."""


def main() -> None:
    version = project_version(ROOT)
    changelog = ROOT / "CHANGELOG.md"
    try:
        cut = cut_changelog(changelog.read_text("utf-8"), version, f"{datetime.now(UTC):%Y-%m-%d}")
        shutil.rmtree(ROOT / "dist", ignore_errors=True)
        wheel, sdist = build(ROOT, ROOT / "dist")
        with tempfile.TemporaryDirectory(prefix="merchant-bot-release-") as name:
            python = clean_environment(Path(name), wheel)
            serve_once(python, Path(name))
            bill = bill_of_materials(python, Path(name) / "tools", ROOT / "dist" / f"{wheel.stem}.cdx.json")
        changelog.write_text(cut, "utf-8")
    except (NotReleased, subprocess.CalledProcessError) as error:
        sys.exit(f"{error}")
    for path in (wheel, sdist, bill):
        print(f"{path.relative_to(ROOT)}: {path.stat().st_size:,} bytes")
    print(f"Commit CHANGELOG.md, then: git tag v{version}")


def project_version(root: Path) -> str:
    """Return the version, from the only place where it stands."""
    return str(tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]["version"])


def cut_changelog(text: str, version: str, day: str) -> str:
    """Return the CHANGELOG with what is unreleased under the version. Raises NotReleased."""
    if re.search(rf"^## {re.escape(version)}\b", text, re.MULTILINE):
        if UNRELEASED in text:
            raise NotReleased(f"CHANGELOG.md has {version} already: raise `version` in pyproject.toml")
        return text
    if UNRELEASED not in text:
        raise NotReleased(f"CHANGELOG.md: write what is new under {UNRELEASED!r}")
    return text.replace(UNRELEASED, f"## {version} ({day})", 1)


def build(root: Path, to: Path) -> tuple[Path, Path]:
    """Build the wheel and the sdist, without a network: the backend is installed beside the assistant."""
    to = to.resolve()
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--directory", str(to)], cwd=root, check=True, stdout=sys.stderr
    )
    (wheel,), (sdist,) = to.glob("*.whl"), to.glob("*.tar.gz")
    return wheel, sdist


def clean_environment(folder: Path, wheel: Path) -> str:
    """Install the wheel with the locked packages where nothing else is. Returns its interpreter."""
    python = make_environment(folder / "venv", ROOT / "requirements.lock")
    subprocess.run([*pip(python), "--no-deps", str(wheel)], check=True)
    return python


def make_environment(folder: Path, lock: Path) -> str:
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    python = str(folder / "bin" / "python")
    subprocess.run([*pip(python), "--no-deps", "--require-hashes", "-r", str(lock)], check=True)
    return python


def pip(python: str) -> Sequence[str]:
    return (python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")


def serve_once(python: str, folder: Path, more: Mapping[str, str] = {}) -> None:
    """Start `serve` as `make run` does, wait until it answers, and stop it. Raises NotReleased."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "PORT": "0", **more}
    process = subprocess.Popen(
        [python, "-m", "bot", "serve"], cwd=folder, env=environment, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout
        line = process.stdout.readline()
        found = re.search(r"http://\S+", line)
        if found is None:
            raise NotReleased(f"the installed wheel does not serve: {line or 'it has ended'}")
        wait_until_ready(found[0])
        process.send_signal(signal.SIGTERM)
        if process.wait(PATIENCE):
            raise NotReleased(f"the installed wheel ends with exit code {process.returncode}")
    finally:
        process.kill()
        process.communicate()


def wait_until_ready(url: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            with urllib.request.urlopen(f"{url.rstrip('/')}/readyz") as response:
                response.read()
            return
        except urllib.error.HTTPError as error:
            error.close()
            if time.monotonic() > deadline:
                raise NotReleased("the installed wheel does not answer in time") from error
            time.sleep(0.2)


def bill_of_materials(python: str, tools: Path, to: Path) -> Path:
    """List the packages of an environment in CycloneDX's format, with a tool that is installed for that alone."""
    listing = make_environment(tools, ROOT / "requirements-release.lock")
    subprocess.run(
        [listing, "-m", "cyclonedx_py", "environment", "--of", "JSON", "-o", str(to), python],
        check=True,
    )
    return to


if __name__ == "__main__":
    main()
