"""Files written whole: with their permissions, and as they were where writing fails."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bot import private


def test_a_file_is_written_whole_with_its_folders(tmp_path: Path) -> None:
    path = tmp_path / "topics" / "fees.yaml"
    private.write_whole(path, b"title: Fees\n")
    private.write_whole(path, b"title: Costs\n")
    assert path.read_bytes() == b"title: Costs\n"
    assert os.listdir(path.parent) == ["fees.yaml"]


@pytest.mark.skipif(os.name != "posix", reason="modes mean nothing there")
def test_permissions_stay_and_a_secret_file_is_its_users_alone(tmp_path: Path) -> None:
    open_to_all, secret = tmp_path / "open", tmp_path / "secret"
    open_to_all.write_bytes(b"")
    open_to_all.chmod(0o664)
    private.write_whole(open_to_all, b"new", secret=True)
    private.write_whole(secret, b"new", secret=True)
    assert (private.mode_of(open_to_all) & 0o777, private.mode_of(secret) & 0o777) == (0o664, 0o600)


def test_what_was_there_stays_where_writing_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "fees.yaml"
    path.write_bytes(b"old")

    def full(self: Path, data: bytes) -> int:
        with self.open("wb") as file:
            file.write(data[:1])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space"):
        private.write_whole(path, b"new")
    assert path.read_bytes() == b"old"
