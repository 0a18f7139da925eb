"""Secrets of settings on the command line: in no message, and in no program's arguments."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Run


def test_no_message_shows_a_secret_of_the_settings(run: Run, tmp_path: Path) -> None:
    (tmp_path / "pg_dump").write_text('#!/bin/sh\necho "given: $@, $PGPASSWORD" >&2\nexit 1\n')
    (tmp_path / "pg_dump").chmod(0o755)
    postgres = "postgresql://me:first-word@127.0.0.1:9/db?password=second-word&sslmode=disable"
    cases = [
        (("status",), {"DATABASE_URL": postgres}),
        (("backup", "copy"), {"DATABASE_URL": postgres, "PATH": str(tmp_path)}),
        (("status",), {"DATABASE_URL": "postgresql://me:first-word/second-word@127.0.0.1/db"}),
    ]
    told = [run(*arguments, **env).stderr for arguments, env in cases]
    for shown in told:
        assert "first-word" not in shown
        assert "second-word" not in shown
    assert "this database cannot be used" in told[0]
    assert "--dbname=postgresql://…@127.0.0.1:9/db?sslmode=disable, …" in told[1]
    assert "/ %2F" in told[2]
