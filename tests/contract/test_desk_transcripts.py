"""Scripts of what happens at the desk: merchants and consultants side by side, each step with what both sides see of it."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.knowledge.knowledge import Knowledge
from tests.botapi import BotApi
from tests.contract.test_desk import BAKERY, REPLIES, Forum
from tests.contract.test_handoff import Sent

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

FILES = sorted((Path(__file__).parents[1] / "transcripts" / "desk").glob("*.yaml"))
MONDAY = datetime(2026, 11, 30, 8, tzinfo=UTC).timestamp()  # when the bakery is shut
KEYS = {"ann", "anna", "bo", "note", "reply", "press", "title", "merchant", "desk", "alert"}


@pytest.fixture(scope="module")
def bakery(tmp_path_factory: pytest.TempPathFactory) -> Knowledge:
    folder = tmp_path_factory.mktemp("knowledge") / "bakery"
    shutil.copytree(BAKERY, folder)
    (folder / "replies.yaml").write_text(REPLIES, "utf-8")
    return Knowledge.open([folder], only=True, cache=False)


def said(office: Forum, words: str) -> Sent | None:
    return next((one for one in reversed(office.at_desk()) if words in one.get("text", "")), None)


async def take(office: Forum, step: dict[str, Any]) -> None:
    """Take a script's step, and wait for what it expects."""
    assert not step.keys() - KEYS, step
    people = {"ann": office.ann, "anna": office.anna, "bo": office.bo}
    told = len(office.told())
    for name, person in people.items():
        if name in step and name == "ann":
            office.api.message(person, step[name])
        elif name in step:
            office.says(person, step[name])
    if "note" in step:
        office.says(office.anna, step["note"], reply_to=office.in_topic()[0])
    if "reply" in step:
        office.says(office.anna, step["reply"], reply_to=office.in_topic()[-1])
    for name, button in step.get("press", {}).items():
        seen = office.told() if name == "ann" else office.at_desk()
        shown = [row for one in seen for row in one.get("reply_markup", {}).get("inline_keyboard", ())]
        assert any(one["text"] == button for row in shown for one in row), f"no button {button!r}: {shown}"
        message = next(one for one in reversed(seen) if button in str(one.get("reply_markup")))
        office.api.press(people[name], message, button)
    if "merchant" in step:
        await office.until(lambda: any(step["merchant"] in one.get("text", "") for one in office.told()[told:]))
    if "desk" in step:
        await office.until(lambda: said(office, step["desk"]))
    if "alert" in step:
        await office.alert(step["alert"])
    if "title" in step:
        room = office.api.room(office.group)
        await office.until(lambda: room.pinned and office.title() == step["title"])


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
async def test_the_desk_goes_as_its_script_says(file: Path, tmp_path: Path, bakery: Knowledge) -> None:
    async with BotApi(clock=lambda: MONDAY) as api:
        office = Forum(api, f"sqlite:///{tmp_path}/assistant.db", bakery)
        office.ann["language_code"] = "zh-hans" if file.stem.endswith("zh") else "en"
        async with office.open():
            steps = yaml.safe_load(file.read_text("utf-8"))
            for step in steps:
                try:
                    await take(office, step)
                except TimeoutError:
                    seen = [[one.get("text") for one in side[-3:]] for side in (office.told(), office.at_desk())]
                    raise AssertionError(f"{step}: the merchant and the desk were told {seen}") from None
            # The merchant was told what the script says, and nothing else.
            assert len(office.told()) == sum("merchant" in step for step in steps)
