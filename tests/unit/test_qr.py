"""The QR code of the consultant's contact, on channels that cannot show its picture."""

from __future__ import annotations

from pathlib import Path

import segno

from bot.assistant import Assistant
from bot.channels.text import as_text, calls
from bot.content.qr import text_of
from bot.json_text import from_text
from bot.knowledge import lint
from bot.knowledge.knowledge import Knowledge
from bot.knowledge.library import load
from bot.model import Address, Message
from bot.store import MemoryStore

LINK = "https://u.wechat.com/kP-Anna_1234?s=2"
OPERATOR = """
agency: {en: Blue Gate, zh: 蓝门}
consultant: {en: "WeChat: blue-anna", zh: "微信：blue-anna", qr: anna.png}
"""


def ours(folder: Path, picture: bytes | None = None) -> Path:
    (folder / "files").mkdir()
    (folder / "operator.yaml").write_text(OPERATOR, encoding="utf-8")
    if picture is None:
        segno.make(LINK).save(str(folder / "files" / "anna.png"), scale=5)
    else:
        (folder / "files" / "anna.png").write_bytes(picture)
    return folder


def test_where_no_picture_is_shown_its_link_is_read(tmp_path: Path) -> None:
    assistant = Assistant(Knowledge.open([ours(tmp_path)], cache=False), MemoryStore())
    (reply,) = assistant.receive_now(Message(Address("test", "1", "1"), "how do I contact a consultant")).replies
    assert [one.kind for one in reply.attachments] == ["picture"]
    assert LINK in as_text(reply)
    assert any(LINK in from_text(call)["text"] for call in calls(reply, None, "https://example.com"))
    assert "anna.png" not in as_text(reply)


def test_a_picture_without_a_code_is_shown_by_its_name_and_noted(tmp_path: Path) -> None:
    folder = ours(tmp_path, b"no picture at all")
    assert text_of(str(folder / "files" / "anna.png")) is None
    library, mistakes = load([folder])
    assert not [one for one in [*mistakes, *lint.check(library)] if not one.warning]
    (note,) = [one for one in lint.check(library) if one.code == "no-qr-code"]
    assert (note.file.rpartition("/")[2], note.line) == ("operator.yaml", 3)
