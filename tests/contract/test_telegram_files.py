"""Pictures and documents on Telegram: uploaded once, then sent by the id that Telegram gave them."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from bot.assistant import Assistant
from bot.knowledge.knowledge import Knowledge
from bot.store.sqlite import SqliteStore, open_sqlite
from tests.botapi import BotApi
from tests.conftest import TODAY
from tests.contract.frameworks import PATIENCE, WAYS, Way

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

PICTURE = b"\xff\xd8" + bytes(400)
RULES = """
- id: poster
  keywords: [{equal: Poster}]
  replies: [{picture: poster.jpg}]
- id: form
  keywords: [{equal: Form}]
  replies: [{file: form.pdf}]
"""


@pytest.fixture
def with_files(with_content: Callable[..., Knowledge], tmp_path: Path) -> Knowledge:
    ours = tmp_path / "ours" / "files"
    ours.mkdir(parents=True)
    (ours / "poster.jpg").write_bytes(PICTURE)
    (ours / "form.pdf").write_bytes(b"%PDF-1.4" + bytes(2 << 20))
    return with_content({"keywords.yaml": RULES}, only=True)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    opened = await open_sqlite(tmp_path / "assistant.db")
    yield opened
    await opened.close()


def sent(api: BotApi) -> list[object]:
    """What was given as the file of each send that took effect."""
    calls = [call for call in api.calls if call.method in ("sendPhoto", "sendDocument") and call.done]
    return [call.params.get("photo", call.params.get("document")) for call in calls]


def ids(api: BotApi) -> list[str]:
    """The ids among them."""
    return [one for one in sent(api) if isinstance(one, str) and not one.startswith("attach://")]


def uploads(api: BotApi) -> int:
    return len(sent(api)) - len(ids(api))


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
async def test_a_file_is_uploaded_once(way: Way, with_files: Knowledge, store: SqliteStore) -> None:
    assistant = Assistant(with_files, store, lambda: TODAY)
    async with BotApi() as api:
        ann, wei = api.user("Ann"), api.user("Wei")
        for person in (ann, wei):
            async with way(api, assistant):
                for text in ("Poster", "Form", "Poster"):
                    count = len(sent(api))
                    api.message(person, text)
                    await api.until(lambda count=count: len(sent(api)) > count, PATIENCE)  # type: ignore[misc]
        assert uploads(api) == 2
        assert len(set(ids(api))) == 2
        assert [call.params["action"] for call in api.called("sendChatAction")] == ["upload_document"]


async def test_an_id_that_telegram_does_not_take_any_more_is_replaced(
    with_files: Knowledge, store: SqliteStore
) -> None:
    assistant = Assistant(with_files, store, lambda: TODAY)
    async with BotApi() as api, WAYS["served by aiogram"](api, assistant):
        ann = api.user("Ann")
        for number, forgotten in enumerate((False, True, False), 1):
            if forgotten:
                api.file_ids.clear()
            api.message(ann, "Poster")
            await api.until(lambda number=number: len(sent(api)) == number, PATIENCE)  # type: ignore[misc]
        assert uploads(api) == 2
        assert sent(api)[-1] in ids(api)


async def test_what_is_put_in_the_place_of_a_file_is_not_sent(
    with_files: Knowledge, store: SqliteStore, tmp_path: Path
) -> None:
    assistant = Assistant(with_files, store, lambda: TODAY)
    folder = tmp_path / "ours" / "files"
    for name in ("poster.jpg", "form.pdf"):
        (folder / name).unlink()
    (folder / "poster.jpg").symlink_to("/etc/passwd")
    os.mkfifo(folder / "form.pdf")
    async with BotApi() as api, WAYS["served by aiogram"](api, assistant):
        ann = api.user("Ann")
        for text in ("Poster", "Form", "thanks"):
            api.message(ann, text)
        await api.until(lambda: api.called("sendMessage"), PATIENCE)
        assert not sent(api)
        assert {one.error.rpartition(": ")[2] for one in await store.letters()} == {
            "it is a link",
            "it is not a regular file",
        }
