"""Names of settings that were misspelt are told; those of other programs are not."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.commands import line
from bot.settings import misspelt_names

FOREIGN = [
    *("HOSTNAME", "HOSTTYPE", "REPORT", "SECRET_KEY", "DATABASE_URL_TEST", "TELEGRAM_API_ID", "TELEGRAM_API_HASH"),
    *("PUBLIC_KEY", "LOG_DIR", "POSTGRES_PASSWORD", "LANG", "PATH", "PGHOST", "KEEPALIVE", "X" * 5000),
]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("TELEGRAM_TOKN", "TELEGRAM_TOKEN"),
        ("TELEGRAMM_TOKEN", "TELEGRAM_TOKEN"),
        ("TELEGRAM_BOT_TOKEN", "TELEGRAM_TOKEN"),
        ("DATABSE_URL", "DATABASE_URL"),
        ("KNOWLEGDE", "KNOWLEDGE"),
        ("KEEP_DAY", "KEEP_DAYS"),
        ("PROT", "PORT"),
    ],
)
def test_a_misspelt_name_is_told(name: str, meant: str) -> None:
    assert [str(one) for one in misspelt_names([name], [])] == [
        f"{name}: no setting has this name; did you mean {meant}?"
    ]


def test_a_name_that_is_hardly_meant_for_us_is_not_told() -> None:
    assert len(misspelt_names([], ["TELEGRAM_TOKN", "KEEP_DAY"])) == 2
    assert misspelt_names([], [*FOREIGN, "PORTS", "PROT", "TELEGRAM_BOT_TOKEN", "MY_DATABASE_URL"]) == []
    assert misspelt_names(FOREIGN, []) == []
    assert misspelt_names(["TELEGRAM_TOKEN"], ["DATABASE_URL"]) == []


def test_the_command_line_tells_it_and_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("# ours\nexport TELEGRAM_TOKN=1\nKEEP_DAYS=30\nPOSTGRES_PASSWORD=x\n")
    (tmp_path / "ours").mkdir()
    (tmp_path / "ours" / "sources.yaml").write_text("- {id: A}\n")
    done = CliRunner().invoke(line.cli, ["knowledge", "lint", "--only-knowledge", "ours"], env={"LC_ALL": "C"})
    assert done.stderr.startswith("TELEGRAM_TOKN: no setting has this name; did you mean TELEGRAM_TOKEN?\n")
    assert "POSTGRES" not in done.stderr
    assert "ours/sources.yaml:1: " in done.stdout
