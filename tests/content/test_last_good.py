"""Content that worked stays in use where later content has mistakes, and after a restart as well."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bot.content.folder import Unreadable
from bot.knowledge.knowledge import BadContent
from bot.knowledge.last_good import About, LastGood

TOPIC = """title: {{en: Parking, zh: 停车}}
instead: {{en: Parking costs {fee} coins., zh: 停车费{fee}币。}}
phrasings: {{en: [parking fee, cost of parking], zh: [停车费, 停车多少钱]}}
"""


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A few versions are kept: these here would push out those that other tests share."""
    monkeypatch.setenv("MERCHANT_BOT_CACHE", str(tmp_path / "cache"))


def write(folder: Path, text: str) -> None:
    (folder / "topics").mkdir(parents=True, exist_ok=True)
    (folder / "topics" / "parking-fee.yaml").write_text(text, encoding="utf-8")


def fee(content: LastGood) -> str:
    instead = content.open().topic("parking-fee").instead
    assert instead
    return instead.en


def test_what_worked_last_is_in_use_until_the_mistakes_are_mended(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    own, place = tmp_path / "own", tmp_path / ".kept"
    (own / "files").mkdir(parents=True)
    (own / "files" / "lot.png").write_bytes(b"picture")
    write(own, TOPIC.format(fee=3))
    assert "3 coins" in fee(LastGood(place, [own], only=True))
    write(own, TOPIC.format(fee=4))
    assert "4 coins" in fee(LastGood(place, [own], only=True))
    write(own, TOPIC.format(fee=5).replace("title", "titel"))
    started = LastGood(place, [own], only=True)
    assert "4 coins" in fee(started)
    assert "parking-fee.yaml:1" in caplog.text
    assert started.rejected
    assert "parking-fee.yaml:1" in started.rejected.text()
    told = About.read(place).rejected
    assert told == started.rejected
    # The files to send are those of the copy: the folder may be gone altogether.
    shutil.rmtree(own)
    gone = LastGood(place, [own], only=True)
    assert Path(gone.open().library.files["lot.png"]).read_bytes() == b"picture"
    assert gone.rejected
    assert "no such folder" in gone.rejected.text()
    write(own, TOPIC.format(fee=6))
    mended = LastGood(place, [own], only=True)
    assert "6 coins" in fee(mended)
    assert mended.rejected is None
    assert About.read(place).rejected is None
    assert len([one for one in place.iterdir() if one.is_dir()]) == 1


def test_content_that_never_worked_fails_with_its_mistakes(tmp_path: Path) -> None:
    own, other, place = tmp_path / "own", tmp_path / "other", tmp_path / ".kept"
    write(own, TOPIC.format(fee=3).replace("title", "titel"))
    with pytest.raises(BadContent, match="titel"):
        LastGood(place, [own], only=True).open()
    write(own, TOPIC.format(fee=3))
    LastGood(place, [own], only=True).open()
    with pytest.raises(Unreadable, match="no such folder"):  # mistyped: what worked was another folder
        LastGood(place, [other], only=True).open()
    (place / "about.json").write_text("[", encoding="utf-8")
    write(own, "titel: x")
    with pytest.raises(BadContent):
        LastGood(place, [own], only=True).open()
