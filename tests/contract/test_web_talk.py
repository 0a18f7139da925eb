"""A visitor's talk with a consultant: the line above it, files both ways, and files that nobody should get."""

from __future__ import annotations

import asyncio
import io
import zipfile
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from PIL import Image

from bot.channels.file_types import LARGEST, shown_name, type_of
from bot.channels.web.talk import line
from bot.content.hours import Hours
from bot.knowledge.knowledge import Knowledge
from bot.model import Address, KeptFile, Ticket
from bot.store import Handled, Marks, open_store
from bot.store.backup import back_up
from tests.botapi import BotApi
from tests.contract.test_desk import Forum, bakery
from tests.visitors import PATIENCE, Visitor, words

__all__ = ["bakery"]  # a fixture
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def picture(kind: str = "PNG") -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (64, 48), "#c62828").save(made, kind)
    return made.getvalue()


PNG, JPEG, PDF = picture(), picture("JPEG"), b"%PDF-1.4\n" + bytes(2000)
HTML = b"<!doctype html><script>alert(1)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


class Talking(Forum):
    """The office, whose visitors write on the web."""

    async def begun(self, visitor: Visitor) -> None:
        """A visitor begins a talk with a consultant."""
        await visitor.say("/consultant may I pay by card")
        await self.until(lambda: self.api.room(self.group).topics and self.in_topic())

    async def talk(self, visitor: Visitor, holds: Callable[[dict[str, Any] | None], object]) -> dict[str, Any] | None:
        """The line above the talk, once this holds of it."""
        while not holds(visitor.talk):
            await visitor.hear()
        return visitor.talk

    async def post(self, visitor: Visitor, name: str, content: Any, **headers: str) -> tuple[int, dict[str, Any]]:
        """Upload a file; returns the status, and the file or the words that refuse it."""
        where = f"{self.url}/sent"
        async with visitor.session.post(
            where, params={"name": name, "lang": visitor.lang}, data=content, headers=headers
        ) as answer:
            return answer.status, await answer.json()

    async def send(self, visitor: Visitor, name: str, content: bytes) -> dict[str, Any]:
        """Send a file as a message; returns its turn."""
        status, file = await self.post(visitor, name, io.BytesIO(content))
        assert status == 201, file
        await visitor.socket.send_json({"type": "file", "id": f"the {name}", "file": file["id"], "lang": visitor.lang})
        return await visitor.turn_of(f"the {name}")

    async def stored(self) -> int:
        """The number of files in the database, and in its folder."""
        count = (await self.store.status()).rows["files"]
        folder = self.folder
        assert folder is None or count == (len(list(folder.iterdir())) if folder.is_dir() else 0)
        return count

    @property
    def folder(self) -> Path | None:
        path = self.database.removeprefix("sqlite:///")
        return Path(f"{path}.files") if path != self.database else None


@pytest.fixture
async def office(database: str, bakery: Knowledge) -> AsyncIterator[Talking]:
    async with BotApi() as api:
        made = Talking(api, database, bakery)
        made.more = {"files_mb": 12}
        async with made.open():
            yield made


async def test_a_line_above_the_talk_says_who_has_it_and_ends_with_it(office: Talking) -> None:
    async with Visitor(office.url) as visitor:
        await visitor.say("thanks")
        assert visitor.talk is None
        await office.begun(visitor)
        talk = await office.talk(visitor, lambda talk: talk and talk["delivered"])
        assert talk
        assert (talk["delivered"], talk["seen"]) == (visitor.turns[-1]["n"], 0)
        assert (talk["name"]["en"], talk["held"]) == ("Our consultants", False)
        assert talk["state"] == {"en": "Answers here as soon as possible", "zh": "会尽快在这里回复您"}
        said = office.says(office.anna, "Yes, you may")
        talk = await office.talk(visitor, lambda talk: talk and talk["held"] and "few minutes" in talk["state"]["en"])
        assert talk
        assert talk["name"] == {"en": "Anna", "zh": "Anna"}
        assert talk["seen"] == talk["delivered"]
        question, answer = visitor.turns[-2:]
        for turn in (question, answer, answer):  # told again, as by a second page
            await visitor.socket.send_json({"type": "saw", "turn": turn["n"]})
        await office.until(lambda: office.api.called("setMessageReaction"))
        (reaction,) = office.api.called("setMessageReaction")
        assert reaction.params["message_id"] == said["message_id"]
        assert reaction.params["reaction"] == [{"type": "emoji", "emoji": "👀"}]
        for _ in range(3):
            await visitor.socket.send_json({"type": "typing"})
        await office.until(lambda: office.api.called("sendChatAction"))
        typing = office.api.called("sendChatAction")[0]
        assert (typing.params["message_thread_id"], typing.params["action"]) == (office.topic, "typing")
        late = await visitor.say("and by cheque")
        talk = await office.talk(visitor, lambda talk: talk and talk["delivered"] == late["n"])
        assert talk
        assert talk["seen"] < talk["delivered"]
        async with Visitor(office.url) as other:
            await other.say("thanks")
            assert other.talk is None
        await visitor.socket.send_json({"type": "press", "id": "over", "says": "end", "label": "End", "lang": "en"})
        await visitor.turn_of("over")
        assert await office.talk(visitor, lambda talk: talk is None) is None


def test_outside_the_hours_the_line_says_when_the_next_begins(
    bakery: Knowledge, monkeypatch: pytest.MonkeyPatch
) -> None:
    hours = Hours.model_validate({"zone": "Asia/Shanghai", "mon-fri": ["09:00-18:00"]})
    operator = bakery.library.operator.model_copy(update={"hours": hours})
    monkeypatch.setattr(type(bakery.library), "operator", operator)
    ticket = Ticket(1, Address("web", "a", "a"), "en")
    sunday, monday = (datetime(2026, 3, day, 4, tzinfo=UTC).timestamp() for day in (1, 2))

    def state(now: float, *waits: float, writing: bool = False) -> list[str]:
        return list(line(ticket, bakery, waits, Marks(0, 0, writing), now)["state"].values())

    assert state(sunday) == ["Back on Monday at 09:00", "周一09:00上班"]
    assert state(monday, 30.0, 3000.0, 3000.0) == ["Usually answers within an hour", "通常一小时内回复"]
    assert state(monday, writing=True) == ["Writing an answer …", "正在写回复…"]
    assert state(monday, 90_000.0)[0] == state(monday)[0] == "Answers here as soon as possible"


async def test_files_go_both_ways_and_to_these_two_alone(office: Talking) -> None:
    async with Visitor(office.url) as visitor, Visitor(office.url) as other:
        await office.begun(visitor)
        turn = await office.send(visitor, "../../shop.png", PNG)
        assert turn["said"]["file"] | {"id": ""} == {
            "id": "",
            "name": "shop.png",
            "type": "image/png",
            "size": len(PNG),
        }
        await office.send(visitor, "evil.html", PDF)
        await office.until(lambda: len(office.in_topic()) >= 3)
        photo, document = office.in_topic()[-2:]
        assert photo["caption"] == document["caption"] != ""
        assert office.api.file_contents[office.api.file_ids[photo["photo"][-1]["file_id"]]["path"]] == PNG
        assert document["document"]["file_name"] == "evil.html.pdf"

        office.api.document(
            office.anna, "form.pdf", PDF, chat=office.group, thread=office.topic, caption="please **sign**"
        )
        await until_told(visitor, "please")
        reply = visitor.turns[-1]["replies"][0]
        assert reply["file"] | {"id": ""} == {"id": "", "name": "form.pdf", "type": "application/pdf", "size": len(PDF)}
        made = office.api.new_file("photo", JPEG) | {"width": 64, "height": 48}
        office.api.file_ids[made["file_id"]]["object"] = [made]
        office.api.message(office.anna, chat=office.group, thread=office.topic, photo=[made])
        while visitor.turns[-1]["replies"][0].get("file", {}).get("type") != "image/jpeg":
            await visitor.hear()

        for id, content, way in (
            (turn["said"]["file"]["id"], PNG, "inline"),
            (reply["file"]["id"], PDF, "attachment"),
            (visitor.turns[-1]["replies"][0]["file"]["id"], JPEG, "inline"),
        ):
            async with visitor.session.get(f"{office.url}/sent/{id}") as answer:
                assert await answer.read() == content
                assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
                assert answer.headers["X-Content-Type-Options"] == "nosniff"
                assert answer.headers["Content-Disposition"].startswith(f"{way}; ")
                assert answer.headers["Cache-Control"] == "no-store"
            async with other.session.get(f"{office.url}/sent/{id}") as answer:
                assert answer.status == 404
            async with aiohttp.ClientSession() as nobody, nobody.get(f"{office.url}/sent/{id}") as answer:
                assert answer.status == 404
        # Nobody sends another visitor's file on.
        await other.socket.send_json({"type": "file", "id": "theirs", "file": turn["said"]["file"]["id"], "lang": "en"})
        assert (await other.hear())["type"] == "refused"

        assert await office.stored() == 4
        async with visitor.session.get(f"{office.url}/my-data.json") as answer:
            assert [one["name"] for one in (await answer.json())["files"]] == [
                "shop.png",
                "evil.html.pdf",
                "form.pdf",
                "photo.jpg",
            ]
        await visitor.say("/forget")
        await visitor.press("Yes, erase everything")
        async with visitor.session.get(f"{office.url}/sent/{turn['said']['file']['id']}") as answer:
            assert answer.status == 404
        assert await office.stored() == 0


async def until_told(visitor: Visitor, text: str) -> None:
    while not (visitor.turns[-1]["replies"] and text in words(visitor.turns[-1])):
        await visitor.hear()


async def test_what_is_too_large_of_a_wrong_kind_or_too_much_is_refused_in_words_and_not_stored(
    office: Talking,
) -> None:
    async with Visitor(office.url, "zh") as early:
        status, told = await office.post(early, "shop.png", PNG)
        assert (status, told["words"]) == (409, "和顾问对话时才能发送文件。")
    async with Visitor(office.url) as visitor:
        await office.begun(visitor)
        for name, content in (
            ("shop.png", HTML),
            ("logo.svg", SVG),
            ("logo.png", SVG),
            ("a.zip", packed()),
            ("note.txt", b"words"),
            ("no.pdf", b""),
        ):
            status, told = await office.post(visitor, name, content)
            assert status == 415
            assert told["words"] == f"{name} cannot be sent. Pictures, PDF, Office files, sound and video can."
        status, told = await office.post(visitor, "film.mp4", io.BytesIO(bytes(11 << 20)))
        assert (status, told["words"]) == (413, "film.mp4 is too large: at most 10 MB can be sent.")

        async def endless() -> AsyncIterator[bytes]:
            for _ in range(LARGEST // (1 << 20) + 1):
                yield b"%PDF" + bytes(1 << 20)

        assert (await office.post(visitor, "endless.pdf", endless()))[0] == 413
        async with visitor.session.post(
            f"{office.url}/sent", data=PNG, headers={"Origin": "https://evil.example"}
        ) as answer:
            assert answer.status == 403
        assert await announced(office, visitor, 2 << 30) == 413
        assert await office.stored() == 0

        # From a consultant: to them, in words, and the visitor is told that there was something.
        for name, content, told_words in (
            ("page.html", HTML, "only pictures, PDF, Office files"),
            ("long.pdf", PDF + bytes(11 << 20), "larger than 10 MB"),
        ):
            office.api.document(office.anna, name, content, chat=office.group, thread=office.topic)
            await office.shows(told_words)
            await until_told(visitor, name)
            assert "file" not in visitor.turns[-1]["replies"][0]
        assert await office.stored() == 0

        await office.send(visitor, "first.pdf", PDF + bytes(9 << 20))
        status, told = await office.post(visitor, "second.pdf", io.BytesIO(PDF + bytes(9 << 20)))
        assert (status, "no room for files" in told["words"]) == (507, True)
        office.api.document(office.anna, "third.pdf", PDF + bytes(9 << 20), chat=office.group, thread=office.topic)
        await office.shows("FILES_MB")
        assert await office.stored() == 1


def packed() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("a.txt", "words")
    return made.getvalue()


async def announced(office: Talking, visitor: Visitor, size: int) -> int:
    """The status of an upload that says that it will be so large, before anything of it is sent."""
    cookie = "; ".join(f"{one.key}={one.value}" for one in visitor.session.cookie_jar)
    reader, writer = await asyncio.open_connection("127.0.0.1", office.port)
    head = f"POST /sent?name=film.mp4 HTTP/1.1\r\nHost: 127.0.0.1:{office.port}\r\nOrigin: {office.url}\r\nCookie: {cookie}\r\n"
    writer.write(f"{head}Content-Length: {size}\r\n\r\n".encode())
    async with asyncio.timeout(PATIENCE):
        first = await reader.readline()
    writer.close()
    return int(first.split()[1])


async def test_files_whose_rows_are_gone_are_deleted_at_the_start(tmp_path: Path) -> None:
    url, ann = f"sqlite:///{tmp_path / 'data' / 'a.db'}", Address("web", "a", "a")
    store = await open_store(url)
    await store.claim(tuple)
    file = KeptFile("one", "one.png", "image/png", len(PNG))
    assert await store.keep_file(ann, file, PNG, LARGEST)
    assert await store.keep_file(ann, file, b"again", LARGEST)  # handled again: it stays
    assert await store.file_content("one") == PNG
    folder = tmp_path / "data" / "a.db.files"
    assert (folder.stat().st_mode & 0o777, (folder / "one").stat().st_mode & 0o777) == (0o700, 0o600)
    back_up(url, tmp_path / "copy.db")
    assert (tmp_path / "copy.db.files" / "one").read_bytes() == PNG
    (folder / "left").write_bytes(b"a process was killed before its row was stored")
    await store.close()
    store = await open_store(url)
    await store.claim(tuple)
    assert [path.name for path in folder.iterdir()] == ["one"]
    await store.finish(Handled(ann, erase=True))
    assert list(folder.iterdir()) == []
    assert await store.file_content("one") is None
    await store.close()


@pytest.mark.parametrize(
    ("name", "type", "shown"),
    [
        ("shop.png", "image/png", "shop.png"),
        ("C:\\work\\shop.PNG", "image/png", "shop.PNG"),
        ("x.html", "image/png", "x.html.png"),
        ("../..", "image/png", "file.png"),
        ("营业执照.jpeg", "image/jpeg", "营业执照.jpeg"),
        ("a\u202egnp.exe", "application/pdf", "agnp.exe.pdf"),
        ("n" * 300 + ".pdf", "application/pdf", "n" * 76 + ".pdf"),
    ],
)
def test_a_name_shows_what_the_file_is(name: str, type: str, shown: str) -> None:
    assert shown_name(name, type) == shown


def test_the_kind_is_told_by_the_content() -> None:
    assert [type_of(one) for one in (PNG, JPEG, PDF, HTML, SVG, packed(), b"", b"MZ" + bytes(100))] == [
        "image/png", "image/jpeg", "application/pdf", None, None, None, None, None,
    ]  # fmt: skip
